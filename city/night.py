"""One business day's rows of the register while they are being made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from city.register import Register, Row, day8, day_of
from etl.core.dates import EPOCH

TRIES = 4000
UNFILED = ("26", "43", "46", "47", "49")  # by authority: nobody filed anything


class Night:
    """One business day's rows. ``day`` is the 業務日; rows are dated up to nine days before it."""

    def __init__(self, register: Register, number: int, day: date) -> None:
        self.register, self.number, self.day = register, number, day
        self.rng = np.random.Generator(np.random.PCG64([register.city.seed, register.city.residents, 100 + number]))
        self.rows: list[tuple[int, Row]] = []
        self.today = (day - EPOCH).days
        self.people = register.city.residents
        self.pool = register.pension.open_persons

    def pick(self, wanted: Callable[[int], bool] = lambda _: True, held: bool = False) -> int | None:
        """A resident without an event so far; ``held``: with an open 資格. None if nobody is found."""
        for _ in range(TRIES):
            person = int(self.pool[self.rng.integers(len(self.pool))] if held else self.rng.integers(self.people))
            if self.register.untouched(person) and wanted(person):
                return person
        return None

    def household(self, wanted: Callable[[list[int]], bool] = lambda _: True, held: bool = False) -> list[int]:
        """A household of which everybody is untouched; empty if none is found."""
        person = self.pick(lambda p: all(map(self.register.untouched, f := self.register.family(p))) and wanted(f), held)
        return [] if person is None else self.register.family(person)

    def grown(self, person: int) -> bool:
        """Old enough to be 世帯主."""
        return bool(self.register.city.age(np.array([person]))[0] >= 18)

    def a_day(self, back: int = 10) -> int:
        """A day not long before this one."""
        return self.today - int(self.rng.integers(back))

    def write(self, person: int, code: str, on: int, before: Row | None = None, /, **changes: str) -> Row:
        """The person's next row: the row before it (default: the newest) with the event and the changes."""
        row = before or self.register.row(person)
        on = max(on, day_of(row["idou_on"])) if code != "21" and row["idou_on"] else on
        second = 9 * 3600 + int(self.rng.integers(8 * 3600))
        row |= {
            "rireki_no": f"{int(row['rireki_no'] or 0) + 1:05}", "saishin_flag": "1", "idou_jiyu_code": code, "idou_on": day8(on),
            "todokede_on": "" if code in UNFILED else day8(self.today),
            "shori_at": f"{self.day:%Y%m%d}{second // 3600:02}{second // 60 % 60:02}{second % 60:02}", **changes,
        }  # fmt: skip
        for n, (other, earlier) in enumerate(self.rows):
            if other == person:
                self.rows[n] = (other, {**earlier, "saishin_flag": "0"})
        self.rows.append((person, dict(row)))
        self.register.changed[person] = dict(row)
        return row


def first_of(night: Night, code: str) -> bool:
    """Whether no row of this kind has been written yet tonight: the first one falls on somebody with an open 資格."""
    return all(row["idou_jiyu_code"] != code for _, row in night.rows)
