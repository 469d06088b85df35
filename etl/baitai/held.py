"""媒体の今: each medium of the register with what is on it, and the archives that are on none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from unicodedata import normalize

from etl import rights
from etl import run as runs
from etl.core.errors import Refused
from etl.core.mapping.daichou import registers
from etl.core.states import Daichou
from etl.daichou import register
from etl.daichou.register import Row
from etl.edge import db
from etl.site import Site

REGISTER = "baitai"
LOST = (Daichou.GONE, Daichou.VOID)


@dataclass(frozen=True)
class Archive:
    """An archive on a medium. ``verified``: it was read back from there; ``given``: the medium went out with it; the rest of its file's 引渡し."""

    event_id: int
    number: int
    medium_no: int
    written_on: date
    verified: bool
    recipient: str
    archive_name: str
    archive_sha256: str
    key_name: str
    handed_on: date | None
    receiver: str | None
    receipt_no: str | None
    given: bool
    name: str


@dataclass(frozen=True)
class Waiting:
    """An archive that has left the house's work and is on no medium yet. ``kind``: of the medium that it goes onto."""

    medium_no: int
    kind: str
    recipient: str
    archive_name: str
    dataset: str
    period: str
    name: str


@dataclass(frozen=True)
class Held:
    """A medium and what is on it now."""

    row: Row
    on: tuple[Archive, ...]

    def as_json(self, today: date) -> dict[str, Any]:
        on = [{k: v for k, v in asdict(one).items() if k not in ("event_id", "number")} for one in self.on]
        return self.row.as_json(today) | {"on": on}


def listed(site: Site, by: str, *, gone: bool = False) -> tuple[list[Held], list[Waiting]]:
    """Media, overdue first, then by serial (``gone``: also those that are no more); archives that wait for one. Refused NP-1083."""
    with site.session() as session:
        rights.check(session, by, "daichou_list", runs.here())
        on = on_media(session)
        rows = [row for row in register.rows_of(session, REGISTER) if gone or row.state not in LOST]
        waiting = [Waiting(**row) for row in session.rows("baitai/waiting")]
    held = [Held(row, tuple(one for one in on if one.number == row.entry.number)) for row in rows]
    return sorted(held, key=lambda one: (not one.row.overdue(site.today), one.row.entry.mark)), waiting


def on_media(session: db.Session, number: int | None = None) -> list[Archive]:
    return [Archive(**row) for row in session.rows("baitai/on", number=number)]


def same(serial: str) -> str:
    """A serial as it is compared, however wide and large it is typed."""
    return " ".join(normalize("NFKC", serial).split()).casefold()


def of_serial(rows: Sequence[Row], serial: str) -> Row | None:
    """The entry of this serial: one that is there goes before one that is no more."""
    found = [row for row in rows if same(row.entry.mark) == same(serial)]
    return min(found, key=lambda row: (row.state in LOST, -(row.entry.number or 0)), default=None)


def one(session: db.Session, serial: str) -> Row:
    """Refused NP-4143."""
    found = of_serial(register.rows_of(session, REGISTER), serial)
    if found is None:
        raise Refused("NP-4143")
    return found


def title(kind: str) -> str:
    """What a kind of medium is called on the 送受書."""
    return registers()[REGISTER].kinds[kind].title
