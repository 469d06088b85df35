"""保管庫: one object: its file ``archive/<object_key>``, its key ``keys/objects/<object_key>``, its row.

Before either file there is a note, ``archive/writing/<object_key>``, and it goes after the row is committed. So what was cut off is found by its note
alone, and an object without a row is never taken for one: after a restore of the database the archive has objects that it does not know yet.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.core.errors import KokunenError, Refused, Unavailable
from etl.core.mapping.keep import Period
from etl.core.states import Operation
from etl.edge import atomic, crypt, db, failpoint, inbox
from etl.edge.crypt import Label, Read
from etl.run import Run
from etl.site import Site


@dataclass(frozen=True)
class Thing:
    """What is to be kept. ``path``: where it lies in clear; ``sha256``: what it must hold; ``kept_from``: from when ``keep`` counts."""

    path: Path
    kind: str
    dataset: str
    period: str
    name: str
    personal: bool
    sha256: str
    kept_from: date
    keep: Period
    file_id: int | None = None
    output_id: int | None = None
    records: int | None = None  # of a file that came: what its ``.end`` said

    @property
    def due_on(self) -> date:
        """The last day on which it must be there; of what leaves nobody knows it before it was handed over."""
        return date.max if self.kind == "D" else self.keep.ends_on(self.kept_from)

    def label(self, site: Site) -> Label:
        """With what its row will say, for a database that has forgotten it (``backup.originals``)."""
        more = {
            "class": self.kind, "period": self.period, "personal": self.personal, "kept_from": self.kept_from.isoformat(),
            "due_on": self.due_on.isoformat(), "origin": self.origin(site), "records": self.records,
        }  # fmt: skip
        return Label(self.dataset, self.name, self.sha256, more)

    def origin(self, site: Site) -> str:
        """Where it lies, from the home on."""
        return self.path.relative_to(site.home).as_posix()


def folder(site: Site) -> Path:
    """Where the objects lie."""
    return site.home / "archive"


def keep(session: db.Session, site: Site, run: Run, things: Sequence[Thing]) -> list[int]:
    """The things as objects of the archive, each written and read again, then all recorded in one transaction; their ids. Their clear files are
    the caller's. SourceError NP-3204 when one holds something else, Unavailable NP-1026, NP-3205: then there is nothing of any."""
    keys = [secrets.token_hex(16) for _ in things]
    with db.locked(session, *(f"object {key}" for key in keys)):
        try:
            found = [_write(site, key, thing) for key, thing in zip(keys, things, strict=True)]
        except KokunenError:
            for key in keys:
                _discard(site, key)
            raise
        failpoint.reached("objects verified")
        with session.transaction():
            ids = [_record(session, site, run, *one) for one in zip(things, keys, found, strict=True)]
        failpoint.reached("objects recorded")
        for key in keys:
            _note(site, key).unlink(missing_ok=True)
    return ids


def _write(site: Site, object_key: str, thing: Thing) -> Read:
    """Note, key and object, then both read again from where they lie."""
    folder(site).mkdir(mode=0o700, exist_ok=True)
    atomic.write(_note(site, object_key), b"", mode=0o600)
    site.keys.wrap(object_key, data_key := crypt.new_key())
    label = thing.label(site)
    with inbox.opened(thing.path) as source:
        crypt.seal(source, folder(site) / object_key, data_key, label)
    try:
        with inbox.opened(folder(site) / object_key) as sealed:
            return crypt.unseal(sealed, site.keys.unwrap(object_key), label)
    except Refused:
        raise Unavailable("NP-3205", file=thing.name) from None


def _record(session: db.Session, site: Site, run: Run, thing: Thing, object_key: str, found: Read) -> int:
    about: dict[str, Any] = {"class": thing.kind, "dataset": thing.dataset, "sha256": thing.sha256}
    object_id: int = session.value(
        "hokan/object_put", object_key=object_key, period=thing.period, name=thing.name, origin=thing.origin(site),
        personal=thing.personal, run_id=run.run_id, file_id=thing.file_id, output_id=thing.output_id, bytes=found.bytes,
        sealed_bytes=found.sealed_bytes, sealed_sha256=found.sealed_sha256, kept_from=thing.kept_from, due_on=thing.due_on,
        **about,
    )  # fmt: skip
    record(session, run, Operation.HOKAN, thing.name, {"object_id": object_id, **about})
    return object_id


def finish(session: db.Session, site: Site) -> None:
    """What was cut off before: what has a row is whole, what has none goes (its clear file is still there). What somebody writes now is left."""
    for note in sorted((folder(site) / "writing").glob("[0-9a-f]*")):
        with suppress(Unavailable), db.locked(session, f"object {note.name}"):
            _end(session, site, note.name)


def _end(session: db.Session, site: Site, object_key: str) -> None:
    known = session.value("hokan/object_known", object_key=object_key)
    session.commit()
    if known:
        _note(site, object_key).unlink(missing_ok=True)
    else:
        _discard(site, object_key)


def _note(site: Site, object_key: str) -> Path:
    return folder(site) / "writing" / object_key


def _discard(site: Site, object_key: str) -> None:
    """Everything of an object that has no row; its note last."""
    whole = (folder(site) / object_key, site.keys.object_file(object_key))
    half = [part for path in whole for part in path.parent.glob(f".{object_key}.*.part")]
    for path in (*whole, *half, _note(site, object_key)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def lost(site: Site, object_key: str | None, name: str) -> Unavailable | None:
    """NP-3202 or NP-3201 when an object that was not destroyed, or its key, is not there: then no clear one may go."""
    if object_key is None:
        return None
    if not (folder(site) / object_key).exists():
        return Unavailable("NP-3202", file=name, item=object_key)
    try:
        site.keys.wrapped_by(object_key)
    except Unavailable as error:
        return error
    return None


def cleared(session: db.Session, object_ids: Sequence[int]) -> None:
    """The clear files are gone, and the ledger says so."""
    with session.transaction():
        session.run("hokan/cleared", object_ids=list(object_ids))


def found_alone(site: Site, object_key: str) -> dict[str, Any] | None:
    """The row of an object that the database does not know, by what the object itself says; it was read whole to be sure. None when it does not open:
    its key is gone, or it is none of ours."""
    label = crypt.label_of(folder(site) / object_key)
    try:
        if label is None:
            return None
        with inbox.opened(folder(site) / object_key) as sealed:
            read = crypt.unseal(sealed, site.keys.unwrap(object_key), label)
    except KokunenError:
        return None
    about = {"object_key": object_key, "dataset": label.dataset, "name": label.name, "sha256": label.sha256}
    return {**label.more, **about, "bytes": read.bytes, "sealed_bytes": read.sealed_bytes, "sealed_sha256": read.sealed_sha256}


def records(site: Site, object_key: str) -> int:
    """How many records an original has, by its own word."""
    label = crypt.label_of(folder(site) / object_key)
    return int((label and label.more.get("records")) or 0)


def open_sealed(site: Site, row: dict[str, Any], target: Path | None = None) -> Read:
    """Read an object whole, into ``target`` if there is one: only a verified whole is there then. Unavailable NP-3201, NP-3202, Refused NP-3203."""
    path = folder(site) / row["object_key"]
    if not path.exists():
        raise Unavailable("NP-3202", file=row["name"], item=row["object_key"])
    key, label = site.keys.unwrap(row["object_key"]), Label(row["dataset"], row["name"], row["sha256"])
    with inbox.opened(path) as sealed:
        return crypt.open_into(sealed, target, key, label) if target else crypt.unseal(sealed, key, label)
