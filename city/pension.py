"""The data handed over by the previous pension system: 年金基本, 資格, exemptions, 付加 and 裁定受付, as columns.

Shares are the nation's (decisions, Synthetic city): 第1号 incl. 任意 about 11.4 % of the population, youngest band heaviest; of them
法定免除 9.9 %, 全額 16.8 %, 学特 12 %, 猶予 4.1 %, 一部 2.4 %, 任意 1.3 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from city.city import HEAD, NOT_SET, City, reach
from city.numbers import below

OPEN_SHARE = 0.116  # of the residents
FIRST_KISO = 3_100_850_000
PERIODS = 3  # 資格 of one person, at most
SCHOOL, FULL, LEGAL, DEFER, PART = 40, 20, 10, 30, 21
AGE_WEIGHTS = np.array([2.21, 1.0, 0.85, 0.8, 0.9, 0.95, 1.0, 1.25])  # 20–24 … 55–59


@dataclass(frozen=True)
class Pension:
    """Columns per held person (年金基本), then per 資格. Days as in ``city``."""

    person: np.ndarray
    kiso: np.ndarray
    is_open: np.ndarray
    voluntary: np.ndarray
    exempt: np.ndarray  # 0 or an exemption code in force
    q_row: np.ndarray  # 資格: index into person
    q_kind: np.ndarray  # 種別
    q_from: np.ndarray
    q_why: np.ndarray
    q_changed: np.ndarray
    q_to: np.ndarray
    q_lost: np.ndarray
    late: np.ndarray  # persons the first 全件 file does not have: the 住基照会 brings them

    @property
    def open_persons(self) -> np.ndarray:
        persons: np.ndarray = self.person[self.is_open]
        return persons

    @property
    def continued(self) -> np.ndarray:
        """Mask of the persons whose exemption of last year goes on by itself (継続審査): this year's is not decided yet."""
        waiting: np.ndarray = np.isin(self.exempt, (FULL, DEFER)) & (np.arange(len(self.exempt)) % 7 == 3)
        return waiting


def build(city: City, held_share: float = 0.25) -> Pension:
    """Chooses the held persons of a city and gives them their past."""
    rng = np.random.Generator(np.random.PCG64([city.seed, city.residents, 2]))
    opened, voluntary, held = _chosen(rng, city, held_share)
    person = np.flatnonzero(held)
    kiso = FIRST_KISO + np.arange(len(person), dtype=np.int64) * 83 + below(person, 61, 80)
    is_open, is_voluntary = opened[person], voluntary[person]
    cuts, count = _cuts(rng, city, person, is_open, is_voluntary)
    row, kind, start, why, changed, end, lost = _periods(rng, city, person, is_open, is_voluntary, cuts, count)
    alone = person[
        is_open & (city.role[person] == HEAD) & (city.h_kind[city.household[person]] == 0) & (city.gone_code[person] == 0)
    ]
    alone = np.setdiff1d(alone, city.chosen.everybody)
    late = alone[2 :: max(1, len(alone) // max(2, city.residents // 10_000))][: max(2, city.residents // 10_000)]
    exempt = _exempt(rng, city, person, is_open & ~is_voluntary)
    return Pension(person, kiso, is_open, is_voluntary, exempt, row, kind, start, why, changed, end, lost, late)


def _chosen(rng: np.random.Generator, city: City, held_share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Masks over all residents: open 第1号 or 任意, 任意, held at all."""
    everyone = np.arange(city.residents)
    age = city.age(everyone)
    at_60, grown = reach(city.birth, 60), reach(city.birth, 20) < city.day - 40
    able = ~city.fusho & (city.gone_code == 0) & grown
    first_number = able & (at_60 >= city.day)
    weight = np.where(first_number, AGE_WEIGHTS[np.clip((age - 20) // 5, 0, 7)], 0.0)
    weight[city.chosen.insured] = 0
    target = max(OPEN_SHARE * 0.987 * city.residents - len(city.chosen.insured), 0)
    opened = rng.random(city.residents) < np.minimum(weight * target / max(weight.sum(), 1.0), 1.0)
    opened[city.chosen.insured] = True
    older = able & ~first_number & (age < 69)
    older[city.chosen.older] = False
    voluntary = older & (rng.random(city.residents) < OPEN_SHARE * 0.013 * city.residents / max(older.sum(), 1))
    if older.any() and not voluntary.any():
        voluntary[np.flatnonzero(older)[0]] = True
    voluntary[city.chosen.older] = True
    rest = ~city.fusho & grown & ~opened & ~voluntary
    want = max(held_share * city.residents - opened.sum() - voluntary.sum(), 0)
    held = opened | voluntary | (rest & (rng.random(city.residents) < want / max(rest.sum(), 1)))
    return opened | voluntary, voluntary, held


def _cuts(
    rng: np.random.Generator, city: City, person: np.ndarray, is_open: np.ndarray, voluntary: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rising days between 20 and 60 (or now), two per 資格; the first is the day of reaching 20 for six in ten."""
    low = np.maximum(reach(city.birth[person], 20), -3196)  # 1961-04-01, when the insurance began
    high = np.minimum(reach(city.birth[person], 60), city.day - 8)
    count = 1 + (rng.random(len(person)) < 0.42) + (rng.random(len(person)) < 0.18)
    count = np.where(high - low < 60, 1, np.minimum(count, PERIODS))
    share = np.sort(rng.random((len(person), 2 * PERIODS)), axis=1)
    share[:, 0] = np.where(rng.random(len(person)) < 0.6, 0.0, share[:, 0])
    room = np.maximum(high - low - 2 * PERIODS, 0)
    return low[:, None] + (share * room[:, None]).astype(np.int64) + np.arange(2 * PERIODS), count


def _periods(
    rng: np.random.Generator, city: City, person: np.ndarray, is_open: np.ndarray, voluntary: np.ndarray,
    cuts: np.ndarray, count: np.ndarray,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """One row per 資格, in order of person and day: person, 種別, from, why, 種別変更日, to, why lost."""
    row = np.repeat(np.arange(len(person)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    final, free = nth == count[row] - 1, voluntary[row] & (nth == count[row] - 1)
    start, end = cuts[row, 2 * nth], cuts[row, 2 * nth + 1]
    at_20, at_60 = reach(city.birth[person], 20)[row], reach(city.birth[person], 60)[row]
    why = np.where(start == at_20, 1, rng.choice([2, 3, 4, 6, 9], len(row), p=[0.05, 0.45, 0.4, 0.08, 0.02]))
    start, why = np.where(free, np.minimum(np.maximum(at_60, city.day - 1500) + 5, city.day - 6), start), np.where(free, 5, why)
    special = (rng.random(len(row)) < 0.12) & ~np.isin(person[row], city.chosen.older)
    kind = np.where(free, np.where(special, 5, 4), 1)
    end, lost = _ends(rng, city, person[row], final & ~is_open[row], start, end, at_60)
    still = is_open[row] & final
    until = np.where(still, city.day - 3, end)
    middle = start + 1 + ((until - start - 1) * 0.6).astype(np.int64)
    changed = np.where((rng.random(len(row)) < 0.06) & (kind == 1) & (middle > start) & (middle <= until), middle, NOT_SET)
    return row, kind, start, why, changed, np.where(still, NOT_SET, end), np.where(still, 0, lost)


def _ends(
    rng: np.random.Generator, city: City, who: np.ndarray, over: np.ndarray, start: np.ndarray, end: np.ndarray, at_60: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """喪失日 and 喪失事由; ``over``: the last 資格 of a person who has no open one; it may have ended at 60 or by death."""
    lost = rng.choice([54, 55, 58, 52], len(who), p=[0.6, 0.22, 0.12, 0.06])
    to_60 = over & (at_60 < city.day) & (rng.random(len(who)) < 0.5)
    end, lost = np.where(to_60, at_60, end), np.where(to_60, 53, lost)
    dead = over & (city.gone_code[who] == 23) & (city.gone_on[who] > start) & (city.gone_on[who] < at_60)
    return np.where(dead, city.gone_on[who] + 1, end), np.where(dead, 51, lost)


def _exempt(rng: np.random.Generator, city: City, person: np.ndarray, first_number: np.ndarray) -> np.ndarray:
    """The exemption in force per held person: students are young, deferment ends at 50, the other kinds are for everybody."""
    age, draw = city.age(person), rng.random(len(person))
    code = np.where(
        draw < 0.11, LEGAL, np.where(draw < 0.31, FULL, np.where(draw < 0.36, DEFER, np.where(draw < 0.386, PART, 0)))
    )
    code = np.where((code == DEFER) & (age >= 50), 0, code)
    code = np.where(code == PART, rng.choice([21, 22, 23], len(person)), code)
    first_number = first_number & ~np.isin(person, city.chosen.parents)
    return np.where(first_number, np.where((age < 25) & (draw > 0.45), SCHOOL, code), 0)
