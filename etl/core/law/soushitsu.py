"""喪失: which losses of one 資格 the register and the calendar ask for. Pure; what is on file already is ``shikaku``'s business.

Sources: 国民年金法第9条 (the day after death and after leaving Japan; on the day itself for 60), 国民年金法附則第5条 (任意加入). Nobody loses what is
lost already: of a 第1号被保険者 whatever happens on the day of reaching 60 or later is the loss of that day (decisions, 喪失の重なり).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from etl.core.dates import reach
from etl.core.law.kijitsu import kijitsu

#: 異動事由 -> (喪失事由, how many days after 異動年月日 by ``kijitsu``; None: on the day itself)
LOSSES: dict[str, tuple[str, str | None]] = {
    "23": ("51", "shibou"),
    "22": ("52", "kokugai_tenshutsu"),
    "21": ("58", None),  # 国内転出: the city's list only
}
LEFT_CITY, LEFT_JAPAN = "21", "22"
CANCEL = "28"  # 異動の取消し(減)
ARRIVALS = ("01", "02", "04", "05", "06")  # a residence begins
SIXTY = "53"  # 60歳到達: 法第9条第3号, that day
FIRST = "1"  # 第1号被保険者
#: 種別 -> the age at which it ends
ENDS = {FIRST: "soushitsu", "4": "nini_kanyu", "5": "tokurei_kanyu"}
#: 任意加入 of whoever was born by then goes on as 特例任意加入, without an application (平成16年法律第104号附則第23条第3項)
MINASHI_BORN = date(1975, 4, 1)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A stored row of 宛名. ``known_at``: when it entered."""

    atena_id: int
    rireki_no: int
    idou_jiyu_code: str
    idou_on: date
    known_at: datetime
    deleted: bool = False

    @property
    def counts(self) -> bool:
        """Whether it may touch a 資格."""
        return not self.deleted and self.idou_jiyu_code in (*LOSSES, CANCEL, *ARRIVALS)

    @property
    def loss(self) -> tuple[date, str]:
        """喪失日 and 喪失事由 of a 21, 22 or 23."""
        jiyu, term = LOSSES[self.idou_jiyu_code]
        return self.idou_on + timedelta(days=kijitsu().days(term, self.idou_on) if term else 0), jiyu


@dataclass
class Shikaku:
    """One 資格 in force, open or closed by an approved proposal with the 喪失事由 ``lost_by``, made for the row ``lost_for``.

    ``begun_on``: since when it has its 種別. ``until_on``: of a closed one, when the next 資格 begins; what happens then is not about this one.
    """

    key: str
    acquired_on: date
    shubetsu_code: str = FIRST
    begun_on: date = date.min
    lost_on: date | None = None
    lost_by: str | None = None
    lost_for: int | None = None
    until_on: date | None = None

    @property
    def action(self) -> str:
        return "loss" if self.lost_on is None else "correct"

    def ends_on(self, birth_on: date | None, today: date) -> date | None:
        """The day on which its 種別 ends by age; None if the birth date is not known or the 種別 began later."""
        if birth_on is None or self.shubetsu_code not in ENDS:
            return None
        day = reach(birth_on, kijitsu().age(ENDS[self.shubetsu_code], today))
        return day if self.acquired_on <= day else None


@dataclass(frozen=True)
class Proposal:
    """A proposal for the second person: 喪失 ``loss``, its correction ``correct``, its withdrawal ``undo``."""

    shikaku_key: str
    action: str
    lost_on: date | None
    soushitsu_jiyu_code: str | None
    atena_id: int | None = None
    approval_id: int | None = None  # set when it is already on file
    decided_at: datetime | None = None  # set when it was rejected

    @property
    def content(self) -> tuple[str, str, date | None, str | None]:
        """What it asks for, whatever made it."""
        return self.shikaku_key, self.action, self.lost_on, self.soushitsu_jiyu_code


@dataclass
class Person:
    """What is known of one 宛名番号: newest birth date (None: not known), rows of the register by 履歴番号, 資格, proposals."""

    atena_no: str
    birth_on: date | None = None
    shikaku: list[Shikaku] = field(default_factory=list)
    pending: list[Proposal] = field(default_factory=list)
    rejected: list[Proposal] = field(default_factory=list)
    rows: dict[int, Row] = field(default_factory=dict)
    told_at: datetime = NEVER

    def take(self, row: Row) -> None:
        """Its newest content is what a 履歴番号 says, also when that touches no 資格."""
        if row.idou_jiyu_code not in ARRIVALS:
            self.told_at = max(self.told_at, row.known_at)
        self.rows.pop(row.rireki_no, None)
        if row.counts:
            self.rows[row.rireki_no] = row


def grounds(s: Shikaku, rows: Iterable[Row]) -> dict[str, Row]:
    """異動事由 -> the row that stands for it: the highest 履歴番号, unless its 喪失日 lies before the 取得日; 28 takes back the last 21, 22 or 23."""
    found: dict[str, Row] = {}
    last: Row | None = None
    for row in sorted(rows, key=lambda r: r.rireki_no):
        if row.idou_jiyu_code == CANCEL:
            if last and _within(s, last):
                found.pop(last.idou_jiyu_code, None)
            continue
        last = row if row.idou_jiyu_code in LOSSES else last
        if row is last and _within(s, row) and row.loss[0] >= s.acquired_on:
            found[row.idou_jiyu_code] = row
    return found


def _within(s: Shikaku, row: Row) -> bool:
    return s.lost_on is None or s.until_on is None or row.idou_on < s.until_on or row.idou_on <= s.lost_on


def wanted(person: Person, s: Shikaku, today: date) -> list[Proposal]:
    """The proposals that should stand for a 資格: losses of an open one; at most one correction, or the ``undo``, of a closed one."""
    found = grounds(s, person.rows.values())
    asked = due(person, s, found, today)
    if s.lost_on is None:
        return asked
    if any((p.lost_on, p.soushitsu_jiyu_code) == (s.lost_on, s.lost_by) for p in asked):
        return []
    if same := [p for p in asked if p.soushitsu_jiyu_code == s.lost_by]:
        return same
    end = s.ends_on(person.birth_on, today) if s.shubetsu_code == FIRST else None
    own = [row for row in found.values() if row.loss[1] == s.lost_by]
    if asked and not any(end is None or row.idou_on < end for row in own):
        return [min(asked, key=lambda p: p.lost_on or date.max)]
    gone = end is not None and end > today if s.lost_by == SIXTY else not own
    return _undo(person, s) if gone and not asked else []


def due(person: Person, s: Shikaku, found: dict[str, Row], today: date) -> list[Proposal]:
    """The losses that the grounds and the calendar ask for and that nobody has rejected since they were known."""
    end = s.ends_on(person.birth_on, today)
    sixty_on = end if s.shubetsu_code == FIRST else None
    rows = sorted(found.values(), key=lambda r: r.rireki_no)
    if s.shubetsu_code != FIRST:
        rows = [r for r in rows if _ends_nini(person, s, r, end)]
    early = [r for r in rows if sixty_on is None or r.idou_on < sixty_on]
    asked = [p for r in early for p in [Proposal(s.key, s.action, *r.loss, r.atena_id)] if not _silent(person, s, p, [r], today)]
    if asked or sixty_on is None:
        return asked
    return _at_sixty(person, s, sixty_on, [r for r in rows if r not in early], today)


def _at_sixty(person: Person, s: Shikaku, day: date, late: list[Row], today: date) -> list[Proposal]:
    """60歳到達, once it has come, or before it for a row (``atena_id``) of that day or later. One on file for its own sake was made when the day
    had come: it stays, also when an earlier day is run again."""
    p = Proposal(s.key, s.action, day, SIXTY, late[-1].atena_id if late and day > today else None)
    filed = [q for q in person.pending if q.content == p.content and q.atena_id is None]
    came = day <= today or filed or ((s.lost_on, s.lost_by) == (day, SIXTY) and s.lost_for is None)
    return [p] if (came or late) and not _silent(person, s, p, late, today) else []


def _ends_nini(person: Person, s: Shikaku, row: Row, end: date | None) -> bool:
    """任意加入: what began abroad does not end by being abroad; from the day after its age on 日本年金機構 decides, but not about the city's list."""
    if row.idou_jiyu_code == LEFT_JAPAN and not _in_japan(person, max(s.acquired_on, s.begun_on), row):
        return False
    return end is None or row.idou_on <= end or row.idou_jiyu_code == LEFT_CITY


def _in_japan(person: Person, begun_on: date, left: Row) -> bool:
    """Whether the register knew the person here on that day, or later and before ``left``."""
    here, last = True, None
    for row in sorted(person.rows.values(), key=lambda r: r.rireki_no):
        if row.rireki_no >= left.rireki_no or row.idou_on > left.idou_on:
            continue
        if row.idou_jiyu_code in ARRIVALS:
            here = True
        elif row.idou_jiyu_code == CANCEL:
            here = here or last == LEFT_JAPAN
        else:
            last = row.idou_jiyu_code
            here = here and not (last == LEFT_JAPAN and row.idou_on < begun_on)
    return here and left.idou_on >= begun_on


def _silent(person: Person, s: Shikaku, p: Proposal, rows: list[Row], today: date) -> bool:
    """Rejected, and not asked for by a row that came later. A 60歳到達 rejected before its day comes again on the day."""
    if (p.lost_on, p.soushitsu_jiyu_code) == (s.lost_on, s.lost_by):
        return False
    for no in person.rejected:
        if no.content != p.content or no.decided_at is None or any(r.known_at > no.decided_at for r in rows):
            continue
        if p.soushitsu_jiyu_code == SIXTY and p.lost_on and no.decided_at.date() < p.lost_on <= today:
            continue
        return True
    return False


def _undo(person: Person, s: Shikaku) -> list[Proposal]:
    """The withdrawal of an approved loss whose ground is gone, unless it was rejected with all that is known."""
    undo = Proposal(s.key, "undo", None, None)
    refused = [no.decided_at for no in person.rejected if no.content == undo.content and no.decided_at]
    return [] if any(at >= person.told_at for at in refused) else [undo]
