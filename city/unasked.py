"""Results that no intake of the city explains at first sight: by 職権, at 60, from an employer, from J-LIS, from another application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from city.city import reach
from city.forms import granted
from city.intakes import Desk
from city.register import Register
from city.told import Values, about, items, told
from etl.core.dates import EPOCH
from etl.core.mapping.layout import codes_on

#: 届書 of which 日本年金機構 also decides without the city, three a day in turn
WITHOUT_INTAKE = ("41", "05", "33", "42", "35", "34", "31", "04", "32")
CONTINUED = "41"  # 継続審査: last year's application holds for this year too
APPROVED = ("41", "42")
EACH_DAY, LOOKED_AT = 3, 300  # persons looked at for one whose name is told in other forms


class Unasked:
    """``decide`` gives one day's. ``issue`` gives a 基礎年金番号 that the city does not know."""

    def __init__(self, register: Register, desk: Desk, issue: Callable[[int], str]) -> None:
        self.register, self.desk, self.issue = register, desk, issue
        city, everyone = register.city, np.arange(register.city.residents)
        self.holders = np.setdiff1d(desk.pools.holders, [*register.reserved])
        self.renamed = [p for p in self.holders[:LOOKED_AT].tolist() if told(n := register.row(p)["name"], "name") != n]
        held = np.isin(everyone, register.pension.person)
        self.twenty = np.flatnonzero((city.age(everyone) == 20) & ~held & (city.gone_code == 0) & ~city.fusho)

    def decide(self, rng: np.random.Generator, number: int, day: date) -> list[Values]:
        """Acquired at 20, lost at 60, lost by work, a loss that nothing explains, then those of ``WITHOUT_INTAKE``."""
        turn = [WITHOUT_INTAKE[((number - 1) * EACH_DAY + n) % len(WITHOUT_INTAKE)] for n in range(EACH_DAY)]
        losses = (
            self._lost_at_60(number, day),
            self._lost(rng, day, "54", self.holders),
            self._lost(rng, day, "59", np.array(self.renamed or self.holders)),
        )
        follows = [
            self._decided(rng, day, kind, person)
            for kind, person in self.desk.families.follows(number)
            if kind in codes_on("todoke", day)
        ]
        found = (self._at_20(number, day), *losses, *follows, *(self._other(rng, day, kind) for kind in turn))
        return [r for r in found if r]

    def _at_20(self, number: int, day: date) -> Values | None:
        """By 職権 somebody of 20 whom nobody holds yet."""
        if not len(self.twenty):
            return None
        person = int(self.twenty[(number - 1) % len(self.twenty)])
        return self._of(person, day, "01") | {
            "kiso_nenkin_no": self.issue(person), "kojin_no": self.register.row(person)["kojin_no"] or None, "gaitou_on": day.replace(day=1),
            "jiyu_code": "01", "shubetsu_code": "1", "shokken_flag": True,
        }  # fmt: skip

    def _lost_at_60(self, number: int, day: date) -> Values:
        """60歳到達, as the city has proposed it."""
        city = self.register.city
        person = int(city.chosen.turning[(number - 1) % len(city.chosen.turning)])
        on = EPOCH + timedelta(days=int(reach(city.birth[[person]], 60)[0]))
        return self._of(person, day, "02") | {"gaitou_on": on, "jiyu_code": "53", "shubetsu_code": "1"}

    def _lost(self, rng: np.random.Generator, day: date, jiyu: str, people: np.ndarray) -> Values | None:
        person = int(people[rng.integers(len(people))])
        if not self.register.lives_here(person):
            return None
        return self._of(person, day, "02") | {"gaitou_on": day, "jiyu_code": jiyu, "shubetsu_code": "1"}

    def _other(self, rng: np.random.Generator, day: date, kind: str) -> Values | None:
        """A result of this kind about somebody who might have filed it and has not."""
        if kind not in codes_on("todoke", day):
            return None
        person = self.desk.one_of(rng, self.desk.pools.continued if kind == CONTINUED else self.desk.pool(kind))
        return None if person is None or (kind, person) in self.desk.filed else self._decided(rng, day, kind, person)

    def _decided(self, rng: np.random.Generator, day: date, kind: str, person: int) -> Values:
        self.desk.filed.add((kind, person))
        exempt = self.desk.pools.exempt
        said = granted(exempt[person], day) if kind == CONTINUED else self.desk.details(rng, kind, person, day)
        return self._of(person, day, kind) | items(said) | {"kekka_code": "02" if kind in APPROVED else "01"}

    def _of(self, person: int, day: date, kind: str) -> Values:
        return about(self.register, self.desk.kiso, person, day, kind)
