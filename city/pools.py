"""Who files what: the people of the city whom a 届書種別 can be about."""

from __future__ import annotations

import numpy as np

from city.pension import DEFER, FULL, LEGAL
from city.register import Register

OLD, SIXTIES, VOLUNTEERS, OUTSIDERS = ("51", "54", "57", "59"), ("07",), ("08",), ("01",)
DISABLED, EXEMPT = ("36", "60", "61"), ("35",)


class Pools:
    """``of`` gives the people of a 届書種別; those with an open 資格 of 種別 1 file whatever has no pool of its own."""

    def __init__(self, register: Register) -> None:
        city, pension = register.city, register.pension
        everyone = np.arange(city.residents)
        age, able = city.age(everyone), ~city.fusho & (city.gone_code == 0)
        held, opened = np.isin(everyone, pension.person), np.isin(everyone, pension.open_persons)
        self.holders = pension.person[pension.is_open & ~pension.voluntary]
        self.continued = pension.person[pension.continued]
        self.exempt = dict(zip(pension.person.tolist(), pension.exempt.tolist(), strict=True))
        granted = (pension.exempt >= FULL) & (pension.exempt <= DEFER)
        self._pools = {
            OUTSIDERS: everyone[able & ~held & (age >= 21) & (age < 59)],
            SIXTIES: everyone[able & held & ~opened & (age >= 60) & (age < 65)],
            VOLUNTEERS: pension.person[pension.voluntary],
            OLD: everyone[able & (age >= 66)],
            DISABLED: pension.person[pension.exempt == LEGAL],
            EXEMPT: pension.person[granted],
        }

    def of(self, kind: str) -> np.ndarray:
        return next((people for kinds, people in self._pools.items() if kind in kinds), self.holders)
