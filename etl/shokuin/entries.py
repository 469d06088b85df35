"""申請の書き方: an entry of the register as it is typed, or as it stands in a CSV file of people; what is wrong with it, by line and item and
never by value. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from etl.core.codec import users
from etl.core.mapping.rights import rights
from etl.core.typed import Cells, Flaw, read_typed

WHO, UNIT, ROLES, OS_USER, NUMBERS = "職員", "部署", "役割", "OS利用者", "個人番号"
FIRST, LAST, ORDER, TOTP, ASKED_BY, REASON = "有効期間の初日", "末日", "契約番号", "TOTP", "申請者", "理由"
HEADS = (WHO, UNIT, ROLES, OS_USER, NUMBERS, FIRST, LAST, ORDER, TOTP, ASKED_BY, REASON)
NEEDED = (WHO, UNIT, ROLES, FIRST, ASKED_BY, REASON)
CONTRACTOR = "作業者"
YES, NO = (
    {"○", "〇", "◯", "要", "有", "可", "はい", "yes", "true", "1"},
    {"", "×", "不要", "無", "不可", "いいえ", "no", "false", "0", "-"},
)
_OS_USER = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True)
class Entry:
    """What is asked for somebody. ``order_no``: the contract of a 作業者; ``totp``: a second factor is demanded."""

    user_name: str
    unit: str
    yakuwari: tuple[str, ...]
    from_on: date
    os_user: str | None = None
    sees_numbers: bool = False
    until_on: date | None = None
    order_no: str | None = None
    totp: bool = False

    @property
    def json(self) -> str:
        """As the functions of the register take it."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Asked:
    """An entry with who asked for it and why. ``line`` of the file; 0 when it was typed. ``flaws``: what is wrong with it; then the items
    that are meant are empty."""

    line: int
    entry: Entry
    asked_by: str
    reason: str
    flaws: tuple[Flaw, ...] = ()


class _Cells(Cells):
    """The cells of an entry."""

    def yes(self, item: str) -> bool:
        found = self.text(item).lower()
        if found not in YES | NO:
            self.wrong(item, "○か空白で書きます")
        return found in YES

    def roles(self) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(filter(None, re.split(r"[・、,/\s]+", self.text(ROLES)))))
        if unknown := set(found) - set(rights().yakuwari):
            self.wrong(ROLES, f"そのような役割はありません（{len(unknown)} 個。{'・'.join(rights().yakuwari)} から選びます）")
        return found

    def os_user(self) -> str | None:
        found = self.text(OS_USER)
        if found and not _OS_USER.fullmatch(found):
            self.wrong(OS_USER, "空白のない英数字・記号で書きます")
        return found or None


def asked(line: int, cells: Mapping[str, str], today: date) -> Asked:
    """What a line asks for, with what is wrong with it."""
    row = _Cells(line, cells, NEEDED)
    roles, first, last = row.roles(), row.day(FIRST), row.day(LAST)
    if first and last and last < first:
        row.wrong(LAST, "初日より前です")
    elif last and last < today:
        row.wrong(LAST, "過ぎています")
    for item in (ORDER, LAST) if CONTRACTOR in roles else ():
        if not cells.get(item, "").strip():
            row.wrong(item, f"{CONTRACTOR}には要ります")
    entry = Entry(
        row.name(WHO), row.text(UNIT), roles, first or today, row.os_user(), row.yes(NUMBERS), last, row.text(ORDER) or None, row.yes(TOTP)
    )  # fmt: skip
    by, reason = row.name(ASKED_BY), row.text(REASON)
    return Asked(line, entry, by, reason, tuple(sorted(row.flaws, key=lambda flaw: HEADS.index(flaw.item))))


def read(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines of a CSV file of people: (line, head -> cell). Refused NP-1057 when it is no such file: its size, characters, quotes or heads."""
    return read_typed(data, HEADS, NEEDED, "NP-1057")


def together(lines: Iterable[Asked]) -> list[Flaw]:
    """What is wrong between lines: somebody, or a user of the operating system, that stands on two."""
    seen: dict[tuple[str, str | None], int] = {}
    flaws = []
    for one in lines:
        for item, key in ((WHO, users.person(one.entry.user_name)), (OS_USER, one.entry.os_user)):
            if key and (before := seen.setdefault((item, key), one.line)) != one.line:
                flaws.append(Flaw(one.line, item, f"行{before} と同じです"))
    return flaws


def same(entry: Entry, held: Entry) -> bool:
    """Whether nothing would change."""
    return replace(entry, yakuwari=tuple(sorted(entry.yakuwari))) == replace(held, yakuwari=tuple(sorted(held.yakuwari)))
