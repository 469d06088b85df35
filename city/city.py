"""Residents of the invented city: households and people in columns of small integers, a pure function of (seed, residents, day).

Days are integers (days since 1970-01-01). A person's index gives everything else: 宛名番号 rise with it, households are
contiguous, 個人番号 is a permutation of it. A person has up to four rows in the register (``rows.py`` writes them):
1 how he came, 2 a move of the household, 3 a correction of his own, 4 how he went.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from city.numbers import kojin_numbers
from etl.core.dates import EPOCH

HEAD, SPOUSE, CHILD, PARENT, OTHER = range(5)
NOT_SET = -99_999  # a day that is not set (0 is a day: 1970-01-01)


class Chosen(NamedTuple):
    """Indexes of the people whose birthdays are set (``chosen.py``). ``parents``: a row per family, mother and father; ``babies``:
    the child that each family has."""

    turning: np.ndarray
    meeting: np.ndarray
    older: np.ndarray
    parents: np.ndarray
    babies: np.ndarray

    @property
    def insured(self) -> np.ndarray:
        """Those with an open 資格 of 種別 1."""
        out: np.ndarray = np.concatenate([self.turning, self.meeting, self.parents.ravel()])
        return out

    @property
    def everybody(self) -> np.ndarray:
        out: np.ndarray = np.concatenate([self.insured, self.older, self.babies])
        return out


@dataclass(frozen=True)
class City:
    """Columns per household (``h_``) and per person. ``*_on`` are days or NOT_SET."""

    seed: int
    day: int  # the day the city was made for; everything in it happened before
    h_start: np.ndarray
    h_size: np.ndarray
    h_kind: np.ndarray  # index into TYPES
    h_foreign: np.ndarray  # 0, or nationality index + 1
    h_town: np.ndarray
    h_lot: np.ndarray
    h_room: np.ndarray
    h_old_town: np.ndarray  # before the move
    h_old_lot: np.ndarray
    h_old_room: np.ndarray
    h_from_town: np.ndarray  # where they came from
    h_from_lot: np.ndarray
    h_moved_on: np.ndarray
    household: np.ndarray
    role: np.ndarray
    sex: np.ndarray
    birth: np.ndarray
    fusho: np.ndarray  # birth date 不詳
    name: np.ndarray
    came_on: np.ndarray
    came_code: np.ndarray
    fixed_on: np.ndarray  # row 3
    fixed_code: np.ndarray
    gone_on: np.ndarray  # row 4
    gone_code: np.ndarray
    chosen: Chosen  # people whose birthdays are set
    atena: np.ndarray
    setai: np.ndarray  # of the households, then of the same households before a move between wards

    @property
    def residents(self) -> int:
        return len(self.household)

    def moved(self, person: np.ndarray) -> np.ndarray:
        """Whether the person was already there when the household moved (so has a row 2)."""
        there: np.ndarray = self.h_moved_on[self.household[person]] > self.came_on[person]
        return there

    def kojin(self, person: np.ndarray) -> np.ndarray:
        """個人番号 as integers."""
        return kojin_numbers(person, self.seed)

    def age(self, person: np.ndarray) -> np.ndarray:
        """Age in years, near enough to choose people by."""
        years: np.ndarray = (self.day - self.birth[person]) / 365.2425
        return years.astype(np.int32)


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def reach(birth: np.ndarray, age: int) -> np.ndarray:
    """The day before the birthday, by columns: the same rule as ``etl.core.dates.reach``."""
    born = birth.astype("M8[D]")
    month = born.astype("M8[M]")
    birthday: np.ndarray = (month + np.timedelta64(12 * age, "M")).astype("M8[D]") + (born - month.astype("M8[D]"))
    return birthday.astype(np.int64) - 1
