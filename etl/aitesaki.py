"""相手先: where the partners' servers are. One person says it, another agrees; the key that proves us to a partner is for that partner alone
(P57, P86)."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.audit import acting, close, record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.partners import partners
from etl.core.states import Decision, Operation
from etl.edge import sftp
from etl.edge.keys import partner_key
from etl.run import Run
from etl.site import Site

APPROVAL = "aitesaki"
Server = sftp.Server
#: errors of one file: those beside it can go, and come
OF_A_FILE = (
    "NP-3201", "NP-3202", "NP-3203", "NP-4105", "NP-4108", "NP-4109", "NP-4110", "NP-4121", "NP-4122", "NP-4123", "NP-4126", "NP-4161", "NP-4162",
    "NP-4164", "NP-4165", "NP-4172",
)  # fmt: skip
#: and of one partner: the others are reached
OF_A_PARTNER = (*OF_A_FILE, "NP-4101", "NP-4102", "NP-4103", "NP-4104", "NP-4106", "NP-4107")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Place:
    """Where a partner's server is: ``host_key`` as ``ssh-ed25519 AAAA…``; ``folder`` as the server names it."""

    partner: str
    host: str
    port: int
    login: str
    host_key: str
    folder: str


@dataclass(frozen=True)
class Known:
    """A place that two people agreed to."""

    place: Place
    maker: str
    checker: str
    decided_at: datetime

    @property
    def fingerprint(self) -> str:
        """Of the server's key, as people compare it."""
        return sftp.fingerprint(self.place.host_key)


@dataclass(frozen=True)
class Found:
    """What a trial found: how many files lie there."""

    partner: str
    files: int


def propose(site: Site, run: Run, place: Place) -> tuple[int, str]:
    """The approval that waits, and our public key for this partner. What waited for it before is overtaken.

    Refused NP-4111 (no such partner), NP-4112 (an item that cannot be), NP-4106 (the host key is none).
    """
    check(place)
    sftp.pinned(place.partner, place.host_key)
    public = partner_key(key_of(site, place.partner), f"kokunen {place.partner}")
    with site.session() as session, session.transaction():
        for waiting in session.rows("aitesaki/waiting", partner=place.partner):
            close(session, run, waiting["approval_id"], Decision.SUPERSEDED, "後の登録による")
        approval: int = session.value(
            "aitesaki/put", entry=json.dumps(asdict(place), sort_keys=True), subject=subject(place), days=registry.approvals()[APPROVAL].term,
            reason=run.reason, **acting(run),
        )  # fmt: skip
    return approval, public


def check(place: Place) -> None:
    """Refused NP-4111, NP-4112."""
    if place.partner not in partners():
        raise Refused("NP-4111", item=place.partner)
    wrong = {
        "番地": not (_is_address(place.host) or _HOST.fullmatch(place.host)), "ポート": not 1 <= place.port <= 65535,
        "利用者名": not _LOGIN.fullmatch(place.login), "フォルダー": not place.folder or not place.folder.isprintable(),
    }  # fmt: skip
    if bad := [item for item, is_wrong in wrong.items() if is_wrong]:
        raise Refused("NP-4112", item="・".join(bad))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def subject(place: Place) -> str:
    """What is put before the second person, in one line; the key by its fingerprint, which the partner can read out."""
    return (
        f"{partners()[place.partner].title}（{place.partner}）　{place.login}@{place.host}:{place.port}　{place.folder}"
        f"　鍵の指紋 {sftp.fingerprint(place.host_key)}"
    )


def listed(site: Site) -> dict[str, Known]:
    """partner -> what is in force."""
    with site.session() as session:
        rows = session.rows("aitesaki/now")
    return {row["partner"]: _known(row) for row in rows}


def _known(row: dict[str, Any]) -> Known:
    place = Place(**{k: row[k] for k in ("partner", "host", "port", "login", "host_key", "folder")})
    return Known(place, row["maker"], row["checker"], row["decided_at"])


def key_of(site: Site, partner: str) -> Path:
    """Our private key for a partner."""
    return site.home / "keys" / "partners" / partner


@contextmanager
def connected(site: Site, partner: str, seconds: float = sftp.SECONDS) -> Iterator[Server]:
    """The partner's folder, for the block; it waits so many ``seconds`` for an answer. Refused NP-4111, NP-4113 (no place that two
    people agreed to), and as ``sftp.connected``."""
    if partner not in partners():
        raise Refused("NP-4111", item=partner)
    known = listed(site).get(partner)
    if known is None:
        raise Refused("NP-4113", item=partner)
    p = known.place
    account = sftp.Account(p.partner, p.host, p.port, p.login, key_of(site, partner), p.host_key, p.folder)
    with sftp.connected(account, seconds) as server:
        yield server


def try_out(site: Site, run: Run, partner: str) -> Found:
    """Connect, look, write a file, read it, remove it; recorded. Nothing of ours goes there. As ``connected``; Unavailable NP-4108."""
    with connected(site, partner) as server:
        files = len(server.names())
        server.probe()
    with site.session() as session, session.transaction():
        record(session, run, Operation.AITESAKI_KAKUNIN, f"partner/{partner}", {"files": files})
    return Found(partner, files)
