"""People whose birthdays are set, so that in every city, however small, what the law says of a day happens within its first nights.

They reach 60 (alone, or in the week of a death or a departure), reach 65 in a 任意加入, or have a child; nothing else happens to them.
Nights are counted as in ``world``: 0 is the day of the whole register.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from city.city import CHILD, SPOUSE, Chosen, days
from etl.core.dates import EPOCH, add_years
from etl.core.law.eigyoubi import business_days

TURNING_60 = 7  # people who reach 60 on the first day and on the six days after it
TURNING_65 = (1, 2)  # the nights on whose days a 任意加入被保険者 reaches 65
MEETING_NIGHT = 3  # the night whose file tells what happened to those of MEETINGS
YOUNG = 31  # parents are the couples with one child that come nearest to this age


class Meeting(NamedTuple):
    """60歳到達 and another ground of 喪失 in one week (国民年金法第9条): 異動事由, and on the days of which nights either falls."""

    code: str
    sixty: int
    event: int


MEETINGS = (Meeting("23", 1, 2), Meeting("23", 4, 2), Meeting("22", 3, 3))
#: how many days before the first one the child of each family was born; None: during the nights
CHILDREN = (150, 40, None)
BIRTH_NIGHT = 1


def choose(birth: np.ndarray, role: np.ndarray, sex: np.ndarray, start: np.ndarray, size: np.ndarray, first: date) -> Chosen:
    """Chooses them among those whose age is nearest and sets their birthdays: changes ``birth``."""
    at = nights(days(first))
    alone = start[size == 1]
    at_60 = _nearest(alone, birth, first, 60, len(MEETINGS) + TURNING_60)
    at_65 = _nearest(np.setdiff1d(alone, at_60), birth, first, 65, len(TURNING_65))
    meeting, turning = at_60[: len(MEETINGS)], at_60[len(MEETINGS) :]
    _reach(birth, meeting, 60, [at[m.sixty] for m in MEETINGS])
    _reach(birth, turning, 60, [days(first) + n for n in range(TURNING_60)])
    _reach(birth, at_65, 65, [at[n] for n in TURNING_65])
    parents, babies = _families(birth, role, sex, start[size == 3], first)
    return Chosen(turning, meeting, at_65, parents, babies)


def nights(day: int) -> list[int]:
    """The days of the first nights of a city made for this day (day numbers)."""
    first = EPOCH + timedelta(days=day)
    return [days(on) for on in business_days(first, first + timedelta(days=21))]


def _nearest(people: np.ndarray, birth: np.ndarray, first: date, age: int, count: int) -> np.ndarray:
    far = np.abs(days(first) - birth[people] - age * 365.2425)
    return np.sort(people[np.argsort(far, kind="stable")[:count]])


def _reach(birth: np.ndarray, people: np.ndarray, age: int, on: list[int]) -> None:
    """They reach the age on these days."""
    for person, day in zip(people, on, strict=True):
        birth[person] = days(add_years(EPOCH + timedelta(days=day + 1), -age))


def _families(
    birth: np.ndarray, role: np.ndarray, sex: np.ndarray, houses: np.ndarray, first: date
) -> tuple[np.ndarray, np.ndarray]:
    """Mothers with fathers, and their child; the birthdays of the children born before."""
    couples = houses[(role[houses + 1] == SPOUSE) & (role[houses + 2] == CHILD)]
    far = sum(np.abs(days(first) - birth[couples + n] - YOUNG * 365.2425) for n in (0, 1))
    head = couples[np.argsort(far, kind="stable")[: len(CHILDREN)]]
    mother = np.where(sex[head] == 2, head, head + 1)
    for house, before in zip(head, CHILDREN, strict=True):
        if before is not None:
            birth[house + 2] = days(first) - before
    return np.column_stack([mother, 2 * head + 1 - mother]), head + 2
