"""台帳の書き方: an entry of a register, and the report that it is gone, as they are typed or stand in a file; what is wrong with them. Pure.

Nothing of an insured person belongs here: no 12 digits, no address (and no name: ``register`` asks the database).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from unicodedata import normalize

from etl.core.dates import era_of
from etl.core.mapping.daichou import Kind, Register, registers
from etl.core.mapping.keep import Period
from etl.core.mapping.layout import codes
from etl.core.typed import Cells, Flaw

KIND, WARD, KEEP, QUANTITY, DUE = "種類", "区", "保存期間", "数量", "期限"
FROM, TO, KEY, HOLDER, ENTERED = "初日", "末日", "鍵", "保管者", "登録日"
CONTRACTOR, SLIP, CONTENT, MEDIUM_NAME, HANDED = "委託先", "送受書", "内容", "媒体名", "引渡日"
METHOD, CERTIFICATE, DONE_ON, DONE_BY, RECEIVED = "方法", "証明書番号", "処理日", "担当者名", "報告日"
REPORT = (METHOD, CERTIFICATE, DONE_ON, DONE_BY, RECEIVED)
#: register -> its items in order (after what it is known by), and those that an entry must have
ITEMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "kami": ((KIND, WARD, FROM, TO, KEEP, QUANTITY), (KIND, WARD, FROM, TO)),
    "baitai": ((KIND, ENTERED, KEY, HOLDER, KEEP, DUE, QUANTITY), (KIND, HOLDER)),
    "fukusei": (
        (KIND, CONTRACTOR, SLIP, CONTENT, MEDIUM_NAME, QUANTITY, HANDED, KEEP, DUE),
        (KIND, CONTRACTOR, SLIP, CONTENT, MEDIUM_NAME, QUANTITY, HANDED),
    ),
}
#: items that may hold the name of somebody who works, and so perhaps of somebody who is insured, too
PEOPLE = (HOLDER, CONTRACTOR, DONE_BY)
MOST = 100_000  # of a quantity
UNITS = {"日": "days", "か月": "months", "ヶ月": "months", "カ月": "months", "月": "months", "年": "years"}
_KEEP = re.compile(rf"([1-9][0-9]*)({'|'.join(UNITS)})間?")
_ADDRESS = re.compile(r"(都|道|府|県).{1,12}(市|区|町|村)|[0-9一二三四五六七八九十]+(丁目|番地|番[0-9一二三四五六七八九十]+号)")


@dataclass(frozen=True)
class Entry:
    """What a register holds of one thing; ``number`` is given by the register. ``mark``: what it is known by; ``due_on``: its last day."""

    register: str
    kind: str
    mark: str
    keep: str
    quantity: int = 1
    number: int | None = None
    ku_code: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    due_on: date | None = None
    key_name: str | None = None
    holder: str | None = None
    soujusho_no: str | None = None
    content: str | None = None
    media_name: str | None = None
    void: bool = False

    @property
    def json(self) -> str:
        """As the functions of the register take it."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Report:
    """What is said of its end: the six items of P75 (content, name of the medium and quantity are the entry's), and a certificate. ``reuse``: it
    was wiped and stays."""

    method: str
    certificate_no: str
    quantity: int
    done_on: date
    done_by: str
    received_on: date
    reuse: bool = False

    @property
    def json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Typed:
    """A line: its entry, and the report of an entry that was gone before; ``flaws``: what is wrong, then neither means anything."""

    line: int
    entry: Entry
    report: Report | None
    flaws: tuple[Flaw, ...]
    texts: Mapping[str, str]  # item -> what may hide a person's name


def heads(register: str) -> tuple[str, ...]:
    """The items of a file of this register, in order."""
    return (registers()[register].mark, *ITEMS[register][0], *REPORT)


def needed(register: str) -> tuple[str, ...]:
    return (registers()[register].mark, *ITEMS[register][1])


class _Cells(Cells):
    """The cells of a register."""

    def text(self, item: str) -> str:
        found = super().text(item)
        if _ADDRESS.search(found):
            self.wrong(item, "住所は書けません")
            return ""
        return found

    def choice(self, item: str, known: Mapping[str, str]) -> str:
        """One of these words, or what it means, however wide and large it is typed."""
        found = self.text(item)
        for word, title in known.items():
            if found.casefold() in (normalize("NFKC", t).casefold() for t in (word, title)):
                return word
        if found:
            self.wrong(item, f"{'、'.join(known)} から選びます")
        return ""

    def ward(self, item: str) -> str | None:
        """受付区, by its code or its name."""
        found, wards = self.text(item), codes("uketsuke_ku")
        code = next((c for c, name in wards.items() if found in (c, name, name.removesuffix("役所"))), None)
        if found and code is None:
            self.wrong(item, f"{'、'.join(wards.values())} から選びます")
        return code

    def count(self, item: str) -> int:
        found = self.text(item).replace(",", "")
        if found and not (found.isascii() and found.isdigit() and 0 < int(found[:9]) <= MOST):
            self.wrong(item, f"1 から {MOST:,} までの数です")
            return 1
        return int(found or 1)

    def period(self, item: str, default: Period) -> tuple[str, Period]:
        """``5 years``, ``5年``, ``permanent``, ``恒久``."""
        found = self.text(item)
        japanese = _KEEP.fullmatch(found.replace(" ", ""))
        said = f"{japanese[1]} {UNITS[japanese[2]]}" if japanese else "permanent" if found in ("恒久", "永年") else found
        try:
            kept = Period.parse(said) if said else default
        except ValueError:
            self.wrong(item, "5年・6か月・30日・恒久 のように書きます")
            kept = default
        return f"{kept.amount} {kept.unit}" if kept.amount else kept.unit, kept

    def due(self, about: Register, kept: Period, last_on: date) -> date | None:
        """The last day of a period; one that no sheet can write is none."""
        try:
            found = about.due(kept, last_on)
            return found if found is None or era_of(found) else None
        except (ValueError, OverflowError):
            self.wrong(KEEP, "期限が和暦で表せません")
            return None


def typed(register: str, line: int, cells: Mapping[str, str], today: date) -> Typed:
    """What a line enters, with what is wrong with it."""
    about, row = registers()[register], _Cells(line, cells, needed(register))
    for item in cells.keys() - set(heads(register)):
        row.wrong(item, f"{about.title}にはない項目です")
    kind = row.choice(KIND, {word: found.title for word, found in about.kinds.items()})
    entry = _entry(register, about, row, about.kinds.get(kind) or next(iter(about.kinds.values())), today)
    report = (
        reported(register, row, replace(entry, kind=kind), today) if any(cells.get(item, "").strip() for item in REPORT) else None
    )
    order = {item: n for n, item in enumerate((*heads(register), *cells))}
    texts = {
        item: text for item in (about.mark, KEY, SLIP, CONTENT, MEDIUM_NAME, CERTIFICATE) if (text := cells.get(item, "").strip())
    }
    return Typed(line, replace(entry, kind=kind), report, tuple(sorted(row.flaws, key=lambda f: order.get(f.item, 0))), texts)


def _entry(register: str, about: Register, row: _Cells, kind: Kind, today: date) -> Entry:
    keep, kept = row.period(KEEP, kind.keep)
    if register == "kami":
        first, last = row.day(FROM), row.day(TO)
        if first and last and last < first:
            row.wrong(TO, "初日より前です")
        return Entry(
            register, "", row.text(about.mark), keep, row.count(QUANTITY), ku_code=row.ward(WARD), from_on=first, to_on=last,
            due_on=row.due(about, kept, last) if last else None,
        )  # fmt: skip
    begun = row.day(ENTERED if register == "baitai" else HANDED) or today
    if begun > today:
        row.wrong(ENTERED if register == "baitai" else HANDED, "今日より後です")
    due = row.day(DUE) or row.due(about, kept, begun)
    if due and due < begun:
        row.wrong(DUE, "初めの日より前です")
    if register == "fukusei" and due is None:
        row.wrong(DUE, "委託先の複製には期限が要ります")
    return Entry(
        register, "", row.text(about.mark), keep, row.count(QUANTITY), from_on=begun, due_on=due, key_name=row.text(KEY) or None,
        holder=row.text(HOLDER if register == "baitai" else CONTRACTOR) or None, soujusho_no=row.text(SLIP) or None,
        content=row.text(CONTENT) or None, media_name=row.text(MEDIUM_NAME) or None,
    )  # fmt: skip


def reported(register: str, row: Cells, entry: Entry, today: date, *, reuse: bool = False) -> Report:
    """What is said of the end of an entry; what is wrong with it is told to ``row``."""
    cells = _Cells(row.line, row.cells, (METHOD, CERTIFICATE, DONE_ON, DONE_BY))
    about = registers()[register]
    ways = about.ways(entry.kind) if entry.kind else tuple(about.methods)
    method = cells.choice(METHOD, {way: about.methods[way] for way in ways})
    done, received = cells.day(DONE_ON), cells.day(RECEIVED)
    for item, day in ((DONE_ON, done), (RECEIVED, received)):
        if day and day > today:
            cells.wrong(item, "今日より後です")
    if done and received and received < done:
        cells.wrong(RECEIVED, "処理日より前です")
    if done and (begun := entry.to_on or entry.from_on) and done < begun:
        cells.wrong(DONE_ON, "台帳の日より前です")
    found = Report(method, cells.text(CERTIFICATE), entry.quantity, done or today, cells.text(DONE_BY), received or today, reuse)
    row.flaws += cells.flaws
    return found


def moved(holder: str | None, on: date, today: date) -> list[Flaw]:
    """What is wrong with a medium's going out or coming back."""
    cells = _Cells(0, {HOLDER: holder or ""}, () if holder is None else (HOLDER,))
    cells.text(HOLDER)
    if on > today:
        cells.wrong("年月日", "今日より後です")
    return cells.flaws


def serials(typed: Sequence[str]) -> tuple[list[tuple[int, str]], list[Flaw]]:
    """(line, serial) of what somebody counted, and what is wrong with it."""
    mark, found, flaws = registers()["baitai"].mark, list[tuple[int, str]](), list[Flaw]()
    for line, serial in enumerate(typed, 1):
        cells = _Cells(line, {mark: serial})
        if text := cells.text(mark):
            found.append((line, text))
        flaws += cells.flaws
    return found, flaws


def subject(entry: Entry, report: Report | None) -> str:
    """What is put before a second person, in one line: what it is, and what is said of it."""
    about = registers()[entry.register]
    what = f"{about.thing} 第{entry.number}号 {about.kinds[entry.kind].title} {about.mark} {entry.mark}"
    more = [w for w in (entry.content, entry.media_name, f"{entry.quantity:,} {about.unit}") if w]
    if report is None:
        return f"{what}（{'、'.join(more)}）の" + ("登録の取消し" if entry.void else f"訂正 期限 {entry.due_on or 'なし'}")
    end = "消去して再使用" if report.reuse else about.methods[report.method]
    return f"{what}（{'、'.join(more)}） {end} {report.done_on} 担当 {report.done_by} 証明書 {report.certificate_no}"
