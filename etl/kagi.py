"""鍵の更新: a new key for 個人番号 or for rows, and everything that can be is written anew under it, batch by batch (spec 2, F29).

``kojin-no`` encrypts the vault; ``row`` quarantined records and the secrets of second factors, and the 4情報 in the chain of records, which
nobody can write anew: their key stays. The keys of the HMACs are fixed: another one would match nothing that is held. A key that nothing
needs any more, nor any copy that is still kept, is given up by two people (``retire``): first in the database, then its file.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from etl.audit import acting
from etl.core.errors import Refused, Unavailable
from etl.core.mapping import registry
from etl.core.states import Decision
from etl.edge import db, failpoint
from etl.edge.keys import ARCHIVE, PURPOSES, Cipher
from etl.run import Run, check_keys
from etl.site import Site

KOJIN_NO, ROW = "kojin-no", "row"
FIXED = ("kojin-no-hmac", "row-hash")
CHANGED = (KOJIN_NO, ROW, ARCHIVE)  # purposes whose old keys may come to an end
APPROVAL = "kagi"
MANY, FEW = 20_000, 2_000  # ciphertexts of a batch
WIDTH = 8 + 12 + 12 + 16  # a number of the vault's, a nonce, twelve digits, a tag
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Use:
    """What still needs a key: where, how many, and whether it can be written anew."""

    what: str
    n: int
    rewritten: bool


@dataclass(frozen=True)
class Key:
    """A key: whether it is the one that encrypts; whether it can never be another one (``fixed``), everything of before was written anew under
    it (``rotated``), it was given up (``retired``), its file is ``there``; what needs it."""

    key_id: str
    newest: bool
    fixed: bool
    rotated: bool
    retired: bool
    there: bool
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Rotated:
    """The key that encrypts now; how many ciphertexts were written anew, and how many of before are left (a load that had begun before)."""

    key_id: str
    written: int
    left: int


@dataclass(frozen=True)
class Given:
    """A key that was to be given up: the approval that waits, or whether it is gone now."""

    key_id: str
    approval: int | None
    gone: bool


def purpose_of(key_id: str) -> str:
    return key_id[:-3]


def listed(site: Site) -> list[Key]:
    """Every key that was ever used, or is there, with what needs it."""
    with site.session("keys") as session:
        rows = session.rows("kagi/listed")
    wraps = {"what": ARCHIVE, "rewritten": True, "rotated_at": None, "retired_at": None}
    rows += [{**wraps, "key_id": key_id, "n": n} for key_id, n in _wrapping(site).items()]
    used = dict.fromkeys(row["key_id"] for row in rows)
    rotated, retired = ({row["key_id"] for row in rows if row[when]} for when in ("rotated_at", "retired_at"))
    there = [key_id for purpose in PURPOSES for key_id in site.keys.ids(purpose)]
    return [
        Key(
            key_id, key_id in there and key_id == site.keys.current_id(purpose_of(key_id)), purpose_of(key_id) in FIXED, key_id in rotated,
            key_id in retired, key_id in there, tuple(Use(r["what"], r["n"], r["rewritten"]) for r in rows if r["key_id"] == key_id and r["what"]),
        )
        for key_id in sorted({*used, *there})
    ]  # fmt: skip


def _wrapping(site: Site) -> Counter[str]:
    """Keys of the archive -> how many keys of objects they wrap."""
    found: Counter[str] = Counter()
    for name in site.keys.objects():
        with suppress(Unavailable):  # it goes while we look, or is none of ours: then nothing opens it
            found[site.keys.wrapped_by(name)] += 1
    return found


def rotate(site: Site, run: Run, purpose: str, tell: Tell = lambda done, of: None) -> Rotated:
    """A new key, then everything of before under it. What was cut off goes on with the key that it had made.

    Unavailable NP-1021 when somebody else is at it, NP-1031 when an old key is missing or another one; Refused NP-3211.
    """
    with site.session() as work, db.locked(work, "keys"):
        key_id = site.keys.current_id(purpose) if _cut_off(site, purpose) else site.keys.add(purpose)
        failpoint.reached("key made")
        with work.transaction():
            check_keys(work, site)  # the new one is known from now on
        olds, written = _olds(site, purpose), 0
        with site.session("keys") as session:
            for old in olds:
                for done in _rewrite(session, site, run, old, key_id):
                    written += done
                    tell(written, sum(olds.values()))
            with session.transaction():
                session.run("kagi/finish", new=key_id, reason=run.reason, **acting(run))
    return Rotated(key_id, written, sum(_olds(site, purpose).values()))


def _cut_off(site: Site, purpose: str) -> bool:
    """Whether the newest key was made by a rotation that did not come to its end, or something of before has come since (a load that had begun)."""
    newest = site.keys.current_id(purpose)
    done = newest == f"{purpose}-01" or any(key.key_id == newest and key.rotated for key in listed(site))
    return not done or bool(_olds(site, purpose))


def _olds(site: Site, purpose: str) -> dict[str, int]:
    """Keys of before -> how many ciphertexts that can be written anew are still under them."""
    newest = site.keys.current_id(purpose)
    return {
        key.key_id: n
        for key in listed(site) if purpose_of(key.key_id) == purpose and key.key_id != newest
        if (n := sum(use.n for use in key.uses if use.rewritten))
    }  # fmt: skip


def _rewrite(session: db.Session, site: Site, run: Run, old: str, new: str) -> Iterator[int]:
    """How many, batch by batch; each is one transaction with its record."""
    cipher = site.keys.cipher(purpose_of(new))
    for what, batches in STORES[purpose_of(new)]:
        with session.transaction():
            event = session.value("kagi/ask", what=what, old=old, new=new, reason=run.reason, **acting(run))
        for done in batches(session, site, event, old, cipher):
            yield done
            failpoint.reached("batch written")


def _numbers(session: db.Session, site: Site, event: int, old: str, cipher: Cipher) -> Iterator[int]:
    """The vault: a column of one width in one piece, read and written."""
    after = 0
    while packed := session.packed("kagi/kojin_no", event_id=event, after=after, most=MANY):
        session.commit()
        parts = [packed[at : at + WIDTH] for at in range(0, len(packed), WIDTH)]
        fresh = cipher.encrypt_many(site.keys.decrypt_many(old, [part[8:] for part in parts]))
        failpoint.reached("batch read")
        with session.transaction():
            done: int = session.value(
                "kagi/put_kojin_no",
                event_id=event,
                packed=b"".join(p[:8] + c for p, c in zip(parts, fresh, strict=True)),
                width=WIDTH,
            )
        after = struct.unpack(">q", parts[-1][:8])[0]
        yield done


def _records(session: db.Session, site: Site, event: int, old: str, cipher: Cipher) -> Iterator[int]:
    """Quarantined records; one that went meanwhile is not brought back."""
    while rows := session.rows("kagi/quarantine", event_id=event, most=FEW):
        files, lines = [row["file_id"] for row in rows], [row["line"] for row in rows]
        with session.transaction():
            yield session.value(
                "kagi/put_quarantine", event_id=event, files=files, lines=lines, ciphers=_anew(site, old, cipher, rows)
            )


def _secrets(session: db.Session, site: Site, event: int, old: str, cipher: Cipher) -> Iterator[int]:
    """Secrets of second factors; one that was set anew meanwhile stays."""
    while rows := session.rows("kagi/kakunin", event_id=event, most=FEW):
        people, before = [row["person"] for row in rows], [bytes(row["cipher"]) for row in rows]
        with session.transaction():
            yield session.value(
                "kagi/put_kakunin", event_id=event, people=people, before=before, ciphers=_anew(site, old, cipher, rows)
            )


def _anew(site: Site, old: str, cipher: Cipher, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    return cipher.encrypt_many(site.keys.decrypt_many(old, [bytes(row["cipher"]) for row in rows]))


Batches = Callable[[db.Session, Site, int, str, Cipher], Iterator[int]]
#: purpose -> what is encrypted under its keys, and how it is written anew
STORES: dict[str, tuple[tuple[str, Batches], ...]] = {
    KOJIN_NO: (("vault.kojin_no", _numbers),), ROW: (("ledger.quarantine", _records), ("shokuin.kakunin", _secrets)),
}  # fmt: skip


def retire(site: Site, run: Run, key_id: str, copies: int | None = None) -> Given:
    """A key that nothing needs: put before a second person; once he has agreed, given up and its file destroyed. ``copies``: days that backups
    are kept, in which older ciphertexts may lie.

    Refused NP-3291 (no such key), NP-3293 (still needed, or the newest), NP-3292 (rejected); Unavailable NP-1021, NP-1020 when somebody writes.
    """
    days = registry.hokan().classes["H"].keep.days if copies is None else copies
    found = next((key for key in listed(site) if key.key_id == key_id), None)
    if found is None:
        raise Refused("NP-3291", item=key_id)
    if found.retired:
        return Given(key_id, None, site.keys.drop(key_id) or True)
    with site.session("keys") as session:
        if (
            found.newest
            or purpose_of(key_id) not in CHANGED
            or found.uses
            or not session.value("kagi/free", key_id=key_id, days=days)
        ):
            raise Refused("NP-3293", item=key_id)
        digest = session.value("kagi/hash", key_id=key_id)
        session.commit()
        with site.session() as work:
            asked = work.one("kagi/approval", content_hash=digest)
        if asked is None or asked["decision"] == Decision.REJECTED or (asked["decision"] is None and asked["expired"]):
            return Given(key_id, _ask(site, run, key_id, digest), False)
        if asked["decision"] != Decision.APPROVED:
            raise Refused("NP-3292", item=key_id)
        with session.transaction():
            session.run(
                "kagi/retire", key_id=key_id, approval_id=asked["approval_id"], days=days, reason=run.reason, **acting(run)
            )
    failpoint.reached("key given up")
    site.keys.drop(key_id)
    return Given(key_id, None, True)


def _ask(site: Site, run: Run, key_id: str, digest: str) -> int:
    with site.session() as work, work.transaction():
        approval: int = work.value(
            "ledger/approval_put", kind=APPROVAL, run_id=run.run_id, subject=f"鍵 {key_id} の破棄", content_hash=digest, maker=run.user_name,
            days=registry.approvals()[APPROVAL].term,
        )  # fmt: skip
    return approval
