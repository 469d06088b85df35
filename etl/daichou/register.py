"""台帳の登録: entries, what goes out and comes back, reports that something is gone. Each is one event of the chain, written with it.

Nothing here is gone because somebody said so: a report waits for another person (``kokunen approve haiki``), and until then, also when it
is rejected or runs out, the entry is there and its limit runs on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from unicodedata import normalize

from etl import rights
from etl import run as runs
from etl.audit import acting
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.daichou import registers
from etl.core.states import Daichou
from etl.core.typed import Cells, Flaw, named, read_typed
from etl.daichou import entries
from etl.daichou.entries import Entry, Typed
from etl.edge import db, failpoint, form
from etl.run import Run
from etl.site import Site

APPROVAL = "haiki"
_BETWEEN = re.compile(r"[\s・、。,.:;/()\-_]+")
SHEETS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Row:
    """An entry as it is now. ``limit_on``: its last day, or that of its return while it is out; None when it is gone or has none."""

    entry: Entry
    version: int
    state: Daichou
    out_to: str | None
    out_on: date | None
    out_due_on: date | None
    medium_no: int | None
    in_on: date | None
    wiped_on: date | None
    method: str | None
    certificate_no: str | None
    done_on: date | None
    done_by: str | None
    received_on: date | None
    reported_by: str | None
    confirmed_by: str | None
    limit_on: date | None

    def overdue(self, today: date) -> bool:
        """A period that ends on a day is over on the next."""
        return self.limit_on is not None and self.limit_on < today

    def due(self, today: date) -> bool:
        """Whether its limit is near, or past."""
        return self.limit_on is not None and self.limit_on <= today + timedelta(days=registers()[self.entry.register].ahead)

    def as_json(self, today: date) -> dict[str, Any]:
        found = {f.name: getattr(self, f.name) for f in fields(Row) if f.name != "entry"}
        return {**asdict(self.entry), **found, "overdue": self.overdue(today)}


@dataclass(frozen=True)
class Entered:
    """``numbers`` of the entries, in the order of the lines; ``approvals``: of those that were gone before, which wait for another person."""

    numbers: tuple[int, ...]
    approvals: tuple[int, ...]


class Flawed(Refused):
    """NP-3281 with all that is wrong, in the order of the lines."""

    def __init__(self, flaws: Iterable[Flaw]):
        self.flaws = sorted(flaws, key=lambda flaw: flaw.line)
        super().__init__("NP-3281", why=f"{len(self.flaws)} か所")


def listed(site: Site, by: str, register: str | None = None) -> list[Row]:
    """The registers as they are now, or one of them. Refused NP-1083."""
    with site.session() as session:
        rights.check(session, by, "daichou_list", runs.here())
        return rows_of(session, register)


def of(site: Site, register: str, number: int) -> Row:
    """One entry. Refused NP-3282."""
    with site.session() as session:
        return _one(session, register, number)


def _one(session: db.Session, register: str, number: int) -> Row:
    found = rows_of(session, register, number)
    if not found:
        raise Refused("NP-3282", item=str(number))
    return found[0]


def rows_of(session: db.Session, register: str | None, number: int | None = None) -> list[Row]:
    """Entries as they are now, in the caller's session."""
    own = {f.name for f in fields(Entry)}
    return [
        Row(Entry(**{k: v for k, v in row.items() if k in own}), **{k: v for k, v in row.items() if k not in own})
        for row in session.rows("daichou/listed", register=register, number=number)
    ]


@contextmanager
def _act(site: Site) -> Iterator[db.Session]:
    """One act on a register and its event, whole or not at all."""
    with site.session() as session, session.transaction():
        yield session
        failpoint.reached("register written")


def enter(site: Site, run: Run, lines: Sequence[Typed], *, dry: bool = False) -> Entered:
    """All of them, or none. ``dry``: none, but what would be said. Refused NP-3281 with every line and item that is wrong."""
    with _act(site) as session:
        if flaws := [*(flaw for line in lines for flaw in line.flaws), *_twice(session, lines), *_names(session, lines)]:
            raise Flawed(flaws)
        numbers, approvals = [], []
        for line in [] if dry else lines:
            number = session.value("daichou/put", entry=line.entry.json, reason=run.reason, **acting(run))
            numbers.append(number)
            if line.report:
                approvals.append(_report(session, run, replace(line.entry, number=number), line.report))
        return Entered(tuple(numbers), tuple(approvals))


def read(register: str, name: str, data: bytes, today: date) -> list[Typed]:
    """The lines of a file: CSV, or the first sheet of an xlsx. Refused NP-3281 when it is no such file."""
    heads, needed = entries.heads(register), entries.needed(register)
    if name.lower().endswith(SHEETS):
        rows = named(form.read_sheet(data, name), heads, needed, "NP-3281")
    else:
        rows = read_typed(data, heads, needed, "NP-3281")
    return [entries.typed(register, line, cells, today) for line, cells in rows]


def move(
    site: Site, run: Run, number: int, act: str, on: date, holder: str | None, due_on: date | None, medium_no: int | None = None
) -> str:
    """A medium goes ``out`` to somebody until a day (that of its kind, where none is said), or comes back ``in``; who has it now.

    Refused NP-3282, NP-3283 (it is not where it should be), NP-3285, NP-3281 for what was typed.
    """
    with _act(site) as session:
        return move_within(session, site.today, run, number, act, on, holder, due_on, medium_no)


def move_within(
    session: db.Session, today: date, run: Run, number: int, act: str, on: date, holder: str | None, due_on: date | None,
    medium_no: int | None = None,
) -> str:  # fmt: skip
    """The same, in the caller's transaction."""
    if flaws := entries.moved(holder, on, today):
        raise Flawed(flaws)
    if medium_no is not None and not session.value("daichou/medium_known", medium_no=medium_no):
        raise Flawed([Flaw(0, "媒体番号", "媒体台帳にありません")])
    kind = registers()["baitai"].kinds[_one(session, "baitai", number).entry.kind]
    if act == "out" and due_on is None:
        if kind.lend is None:
            raise Flawed([Flaw(0, entries.DUE, "返却の期限が要ります")])
        due_on = on + timedelta(days=kind.lend)
    if act == "out" and due_on and due_on < on:
        raise Flawed([Flaw(0, entries.DUE, "持ち出す日より前です")])
    whose: str = session.value(
        "daichou/move", number=number, act=act, moved_on=on, holder=holder, due_on=due_on if act == "out" else None, medium_no=medium_no,
        reason=run.reason, **acting(run),
    )  # fmt: skip
    return whose


def report(
    site: Site, run: Run, register: str, number: int, cells: Mapping[str, str], quantity: int | None, *, reuse: bool = False
) -> int:
    """That an entry was destroyed, wiped or given back, with its certificate: the approval that waits. The person who did it is named; who
    reports it here is the one who made the run.

    Refused NP-3281, NP-3282, NP-3283 (gone already, or reported), NP-3285, NP-3286 (not all of it).
    """
    with _act(site) as session:
        held = _one(session, register, number)
        entry, row = held.entry, Cells(0, cells)
        said = entries.reported(register, row, entry, site.today, reuse=reuse)
        if quantity is not None:
            said = replace(said, quantity=quantity)
        elif register == "fukusei":
            row.wrong(entries.QUANTITY, "報告書の数量が要ります")
        line = Typed(0, entry, said, tuple(row.flaws), {entries.CERTIFICATE: said.certificate_no})
        if flaws := [*line.flaws, *_names(session, [line])]:
            raise Flawed(flaws)
        if said.quantity != entry.quantity:
            raise Refused("NP-3286", item=str(number))
        if any(day and said.done_on < day for day in (held.out_on, held.in_on)):
            raise Refused("NP-3285", item=str(number))
        return _report(session, run, entry, said)


def _report(session: db.Session, run: Run, entry: Entry, said: entries.Report) -> int:
    approval: int = session.value(
        "daichou/report", register=entry.register, number=entry.number, report=said.json, subject=entries.subject(entry, said),
        days=registry.approvals()[APPROVAL].term, reason=run.reason, **acting(run),
    )  # fmt: skip
    return approval


def correct(site: Site, run: Run, register: str, number: int, cells: Mapping[str, str], *, void: bool = False) -> int:
    """Other items of an entry (``void``: it was entered by mistake), as soon as another person agrees: the approval that waits.

    Refused NP-3281, NP-3282, NP-3283.
    """
    with _act(site) as session:
        held = _one(session, register, number).entry
        kept = {k: v for k, v in as_typed(held).items() if not (k == entries.DUE and entries.KEEP in cells)}
        line = entries.typed(register, 0, {**kept, **cells}, site.today)
        if flaws := [*line.flaws, *_names(session, [line])]:
            raise Flawed(flaws)
        entry = replace(line.entry, number=number, void=void)
        if entry == held:
            raise Flawed([Flaw(0, registers()[register].mark, "何も変わりません")])
        approval: int = session.value(
            "daichou/revise", entry=entry.json, subject=entries.subject(entry, None), days=registry.approvals()[APPROVAL].term,
            reason=run.reason, **acting(run),
        )  # fmt: skip
    return approval


def as_typed(entry: Entry) -> dict[str, str]:
    """An entry as somebody would type it."""
    e = entries
    said: dict[str, Any] = {
        registers()[entry.register].mark: entry.mark, e.KIND: entry.kind, e.KEEP: entry.keep, e.QUANTITY: entry.quantity,
        e.WARD: entry.ku_code, e.KEY: entry.key_name, e.SLIP: entry.soujusho_no, e.CONTENT: entry.content, e.MEDIUM_NAME: entry.media_name,
        **dict.fromkeys((e.FROM, e.ENTERED, e.HANDED), entry.from_on), e.TO: entry.to_on, e.DUE: entry.due_on,
        **dict.fromkeys((e.HOLDER, e.CONTRACTOR), entry.holder),
    }  # fmt: skip
    known = entries.heads(entry.register)
    return {item: str(value) for item, value in said.items() if item in known and value is not None}


def _twice(session: db.Session, lines: Sequence[Typed]) -> list[Flaw]:
    """Lines about a thing that is in its register, or on another line."""
    seen = {
        _key(row.entry): f"台帳の第{row.entry.number}号"
        for row in rows_of(session, None)
        if row.state not in (Daichou.GONE, Daichou.VOID)
    }
    flaws = []
    for line in lines:
        key, mark = _key(line.entry), registers()[line.entry.register].mark
        if key in seen and line.entry.mark:
            flaws.append(Flaw(line.line, mark, f"{seen[key]} と同じです"))
        seen.setdefault(key, f"行{line.line}")
    return flaws


def _key(entry: Entry) -> tuple[Any, ...]:
    return entry.register, entry.kind, entry.mark, entry.ku_code, entry.from_on, entry.content


def _names(session: db.Session, lines: Sequence[Typed]) -> list[Flaw]:
    return names(session, [(line.line, item, text) for line in lines for item, text in line.texts.items()])


def names(session: db.Session, texts: Sequence[tuple[int, str, str]]) -> list[Flaw]:
    """Of (line, item, text) those with the name or the address of somebody who is held, by itself or among other words."""
    pieces = {text: _pieces(text) for _, _, text in texts}
    asked = sorted({piece for found in pieces.values() for piece in found})
    held = {row["text"] for row in session.rows("daichou/held_names", texts=asked)} if asked else set()
    return [Flaw(line, item, "保有している方の氏名・住所は書けません") for line, item, text in texts if pieces[text] & held]


def _pieces(text: str) -> set[str]:
    """The words of a text, each two that follow each other, and all together, without what is between them."""
    words = [word for word in _BETWEEN.split(normalize("NFKC", text)) if word]
    return {*words, *map("".join, pairwise(words)), "".join(words)}
