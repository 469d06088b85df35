"""City, pension files, register and counters together, played day by day: the same arguments give the same days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

from city import canary, departures, events, pension, people
from city.intakes import Desk
from city.night import Night
from city.register import Register, Row
from city.results import Bureau
from city.told import Values
from etl.core.errors import Refused
from etl.core.law.eigyoubi import business_days

SMALLEST = 300  # residents; below, not every kind of person exists


class Plan(NamedTuple):
    """The arguments of a synthetic city. ``canaries``: how many of each kind (held, out of scope, bad row)."""

    residents: int
    seed: int
    first: date
    bad: int = 0
    canaries: int = 0


class Day(NamedTuple):
    """One business day: rows of uketsuke and juki_idou (none on day 0, whose file is the whole register), results."""

    number: int
    on: date
    intakes: list[Row]
    rows: list[Row]
    results: list[Values]


class World:
    """One city on its way through the business days."""

    def __init__(self, plan: Plan) -> None:
        if plan.residents < SMALLEST:
            raise Refused("NP-9103", residents=plan.residents, smallest=SMALLEST)
        self.plan = plan
        self.city = people.build(plan.seed, plan.residents, plan.first)
        held = pension.build(self.city)
        self.seats = canary.seats(self.city, held, plan.canaries)
        self.pension, changes = canary.disguise(self.city, held, self.seats)
        self.register = Register(self.city, self.pension)
        self.register.reserved.update(self.seats.everybody)
        for person, fields in changes.items():
            self.register.changed[person] = self.register.row(person) | fields
        self.first_rows = {person: self.register.row(person) for person in changes}
        self.desk = Desk(self.register)
        self.bureau = Bureau(self.register, self.desk)

    @property
    def phones(self) -> dict[str, Row]:
        """基礎年金番号 -> telephone number of the canaries, as changes of their 年金基本."""
        return {c.kiso_nenkin_no: {"tel_no": c.tel_no} for c in canary.canaries(len(self.seats.everybody))}

    @property
    def bad(self) -> list[int]:
        """People whose record in the first 全件 file is damaged: the canaries among them first."""
        plain = np.setdiff1d(np.arange(self.plan.residents), [*self.register.reserved, *self.seats.everybody])
        step = max(1, len(plain) // max(1, self.plan.bad))
        return [*self.seats.bad, *plain[step // 2 :: step][: self.plan.bad].tolist()]

    def days(self, last: date) -> Iterator[Day]:
        """Day after day; a result is about intakes of the days before."""
        for number, day in enumerate(business_days(self.plan.first, last)):
            intakes = self.desk.accept(number, day)
            if number == 0:
                intakes += self._canary_intakes(day)
            rows = events.happen(self.register, number, day, before=self._canary_events) if number else []
            results = self.bureau.decide(number, day) if number else []
            self.bureau.receive(intakes)
            yield Day(number, day, intakes, rows, results)

    def _canary_intakes(self, day: date) -> list[Row]:
        """The second held canary asks for an exemption."""
        rng = np.random.Generator(np.random.PCG64([self.plan.seed, 9]))
        return [self.desk.intake(rng, day, "41", person) for person in self.seats.held[1:2]]

    def _canary_events(self, night: Night) -> None:
        """In the first night the first held canary goes abroad, and the first one out of scope moves out of the city."""
        if night.number == 1:
            for code, some in (("22", self.seats.held[:1]), ("21", self.seats.outside[:1])):
                for person in some:
                    departures.gone(night, person, code, night.today - 2, "カナリア諸島")
