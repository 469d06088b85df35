"""異動 → 資格: proposals that follow from a row of the register. Pure; nothing becomes 資格 without a second person's approval.

Sources: 国民年金法 第7–9条 (loss: the day after death and after leaving Japan; on the day itself for reaching 60), and the city's
own list (a person who moves to another city stays insured, but leaves our file).

One person is decided at a time, rows in file order: ``decide(person, event)`` returns what to do and changes ``person`` so that
the next row sees it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from etl.core.dates import reach
from etl.core.law.kijitsu import kijitsu

#: 異動事由 -> (喪失事由, how many days after 異動年月日 by ``kijitsu``; None: on the day itself)
LOSSES: dict[str, tuple[str, str | None]] = {
    "23": ("51", "shibou"),
    "22": ("52", "kokugai_tenshutsu"),
    "21": ("58", None),  # 国内転出: the city's list only
}
CANCEL = "28"  # 異動の取消し(減)
SIXTY = "53"  # 60歳到達: 法第9条第3号, that day
KOUHO_JIYU = ("01", "02", "04", "05", "06")  # rows that may start an obligation (法第8条)


@dataclass(frozen=True)
class Event:
    """One stored row of 宛名 that may touch 資格. ``lost_before``: for a 28 row, the 異動事由 of the last 21/22/23 before it.
    ``replaced``: for a row that corrects another (訂正), the 資格 that an approved loss of the other one closed."""

    atena_id: int
    idou_jiyu_code: str
    idou_on: date
    lost_before: str | None = None
    replaced: str | None = None
    deleted: bool = False


@dataclass
class Shikaku:
    """One 資格 in force; ``lost_by`` is the 喪失事由 of an approved proposal that closed it (None: open, or closed otherwise)."""

    key: str
    acquired_on: date
    lost_on: date | None = None
    lost_by: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A proposal for the second person: 喪失 ``loss``, its correction ``correct``, its withdrawal ``undo``."""

    shikaku_key: str
    action: str
    lost_on: date | None
    soushitsu_jiyu_code: str | None
    atena_id: int | None = None
    approval_id: int | None = None  # set when it is already on file and pending


@dataclass
class Person:
    """資格 and pending proposals of one 宛名番号."""

    atena_no: str
    shikaku: list[Shikaku]
    pending: list[Proposal] = field(default_factory=list)


@dataclass(frozen=True)
class Decision:
    """Proposals to make and pending ones to withdraw."""

    made: tuple[Proposal, ...] = ()
    withdrawn: tuple[Proposal, ...] = ()


def decide(person: Person, event: Event) -> Decision:
    """The effect of one row. Rows of other 事由 decide nothing here."""
    if event.idou_jiyu_code in LOSSES and not event.deleted:
        decision = _lose(person, event)
    elif event.replaced:
        decision = _take_back(person, event)
    elif event.idou_jiyu_code == CANCEL and event.lost_before in LOSSES:
        decision = _cancel(person, event)
    else:
        return Decision()
    gone = set(decision.withdrawn)
    person.pending = [p for p in person.pending if p not in gone] + list(decision.made)
    return decision


def _lose(person: Person, event: Event) -> Decision:
    """21, 22, 23: a loss of each open 資格; without one, a correction of the approved loss of the same 事由, or of the loss that a
    28 is about to take back or that the corrected row had caused (then of any 事由: not that one ended the 資格, but this one)."""
    jiyu, term = LOSSES[event.idou_jiyu_code]
    lost_on = event.idou_on + timedelta(days=kijitsu().days(term, event.idou_on) if term else 0)
    made: list[Proposal] = []
    withdrawn: list[Proposal] = []
    opened = [s for s in person.shikaku if s.lost_on is None]
    wrong = {p.shikaku_key for p in person.pending if p.action == "undo"} | {event.replaced}
    for s in opened or [s for s in person.shikaku if s.lost_by == jiyu or s.key in wrong]:
        if lost_on < s.acquired_on:
            continue
        waiting = [p for p in person.pending if p.shikaku_key == s.key and p.action == "undo"]
        waiting += [p for p in person.pending if p.shikaku_key == s.key and p.action != "undo" and p.soushitsu_jiyu_code == jiyu]
        same = [p for p in waiting if p.lost_on == lost_on]
        withdrawn += [p for p in waiting if p.lost_on != lost_on]
        if not same and (s.lost_on, s.lost_by) != (lost_on, jiyu):
            made.append(Proposal(s.key, "loss" if s.lost_on is None else "correct", lost_on, jiyu, event.atena_id))
    return Decision(tuple(made), tuple(withdrawn))


def _cancel(person: Person, event: Event) -> Decision:
    """28: withdraws what is pending of the cancelled 事由; an approved loss is taken back by an ``undo`` proposal."""
    jiyu, _ = LOSSES[event.lost_before or ""]
    withdrawn = [p for p in person.pending if p.action != "undo" and p.soushitsu_jiyu_code == jiyu]
    undoing = {p.shikaku_key for p in person.pending if p.action == "undo"}
    corrected = {p.shikaku_key for p in withdrawn if p.action == "correct"}  # also one that took the place of an undo
    made = [
        Proposal(s.key, "undo", None, None, event.atena_id)
        for s in person.shikaku
        if s.lost_on is not None and (s.lost_by == jiyu or s.key in corrected) and s.key not in undoing
    ]
    return Decision(tuple(made), tuple(withdrawn))


def _take_back(person: Person, event: Event) -> Decision:
    """A 訂正 leaves no loss where an approved one came from: its ``undo`` is proposed (F16)."""
    pending = tuple(p for p in person.pending if p.shikaku_key == event.replaced and p.action == "correct")
    undoing = any(p.shikaku_key == event.replaced and p.action == "undo" for p in person.pending)
    made = () if undoing else (Proposal(event.replaced or "", "undo", None, None, event.atena_id),)
    return Decision(made, pending)


def content_hash(atena_no: str, shikaku_key: str, action: str, lost_on: date | None, soushitsu_jiyu_code: str | None) -> str:
    """The hash of what the second person approves; it is compared again before the proposal is applied."""
    content = [atena_no, shikaku_key, action, lost_on.isoformat() if lost_on else None, soushitsu_jiyu_code]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def lost_at_sixty(birth_on: date, acquired_on: date, today: date) -> date | None:
    """The 喪失日 of 60歳到達 when it has come by ``today`` (法第9条第3号: the day before the birthday), else None."""
    day = reach(birth_on, kijitsu().age("soushitsu", today))
    return day if acquired_on <= day <= today else None


def may_start_obligation(
    jiyu: np.ndarray, jotai: np.ndarray, idou_on: np.ndarray, birth_on: np.ndarray, birth_known: np.ndarray, deleted: np.ndarray
) -> np.ndarray:
    """The ``kouho`` rule on columns of n rows (text, text, datetime64[D] ×2, bool ×2) -> mask; 資格 is looked at by the caller.

    異動事由 01 02 04 05 06, 住民状態 1, of insured age (20–59) on 異動年月日; an unknown birth date counts as possibly of that age.
    """
    likely = np.isin(jiyu, KOUHO_JIYU) & (jotai == "1") & ~deleted
    mask = np.zeros(len(jiyu), bool)
    for i in np.flatnonzero(likely):  # few: the rows of one night that begin a residence
        if not birth_known[i]:
            mask[i] = True
            continue
        born, moved = birth_on[i].astype(date), idou_on[i].astype(date)
        mask[i] = reach(born, kijitsu().age("shutoku", moved)) <= moved < reach(born, kijitsu().age("soushitsu", moved))
    return mask
