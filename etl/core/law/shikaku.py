"""異動 → 資格: proposals that follow from the register and from the calendar. Pure; nothing becomes 資格 without a second person's approval.

What the law asks for is ``soushitsu``'s; here it is compared with what is on file. So the proposals that stand are those of the final state,
in whatever order its rows came: ``decide(person, row, today)`` takes one more row, ``review(person, today)`` looks again without one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.core.dates import reach
from etl.core.law import soushitsu
from etl.core.law.kijitsu import kijitsu
from etl.core.law.soushitsu import LOSSES, Person, Proposal, Row, Shikaku

KOUHO_JIYU = ("01", "02", "04", "05", "06")  # rows that may start an obligation (法第8条)


@dataclass(frozen=True)
class Decision:
    """Proposals to make and pending ones to withdraw."""

    made: tuple[Proposal, ...] = ()
    withdrawn: tuple[Proposal, ...] = ()


def decide(person: Person, row: Row, today: date) -> Decision:
    """The effect of one row, in file order; ``person`` is changed so that the next row sees it."""
    person.take(row)
    return review(person, today)


def review(person: Person, today: date) -> Decision:
    """The effect of a day: 60歳到達, and whatever a corrected birth date or 種別 leaves of the proposals.

    What should not stand is withdrawn, what should and does not is made.
    """
    made: list[Proposal] = []
    withdrawn = _of_others(person)
    for s in person.shikaku:
        lacking = {p.content: p for p in soushitsu.wanted(person, s, today)}
        withdrawn += [p for p in person.pending if p.shikaku_key == s.key and lacking.pop(p.content, None) is None]
        made += lacking.values()
    gone = set(withdrawn)
    person.pending = [p for p in person.pending if p not in gone] + made
    return Decision(tuple(made), tuple(withdrawn))


def _of_others(person: Person) -> list[Proposal]:
    """Pending losses of a 資格 that something else closed meanwhile: only those whose ground is gone."""
    known = {s.key for s in person.shikaku}
    said = {row.loss[1] for row in soushitsu.grounds(Shikaku("", date.min), person.rows.values()).values()}
    losses = {jiyu for jiyu, _ in LOSSES.values()}
    return [p for p in person.pending if p.shikaku_key not in known and p.soushitsu_jiyu_code in losses - said]


def content_hash(atena_no: str, shikaku_key: str, action: str, lost_on: date | None, soushitsu_jiyu_code: str | None) -> str:
    """The hash of what the second person approves; it is compared again before the proposal is applied."""
    content = [atena_no, shikaku_key, action, lost_on.isoformat() if lost_on else None, soushitsu_jiyu_code]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


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
