"""How people come: 転入, 国外転入, 職権記載, 出生, and those who come back."""

from __future__ import annotations

import numpy as np

from city import homes
from city.chosen import BIRTH_NIGHT, CHILDREN
from city.night import Night
from city.register import day8


def arrive(night: Night) -> None:
    """国内転入 of one to three people."""
    _arrive(night, "01", foreign=night.rng.random() < 0.1)


def arrive_from_abroad(night: Night) -> None:
    """国外転入等."""
    _arrive(night, "02", foreign=night.rng.random() < 0.7)


def enter_by_authority(night: Night) -> None:
    """職権記載."""
    _arrive(night, "06", foreign=False, most=1)


def _arrive(night: Night, code: str, foreign: bool, most: int = 3) -> None:
    register, on = night.register, night.a_day(9)
    people = [register.newcomer() for _ in range(min(most, 1 + int(night.rng.random() < 0.35) + int(night.rng.random() < 0.15)))]
    first = homes.newcomers(night.rng, register, people, code, day8(on), foreign, night.today)
    for person, row in zip(people, first, strict=True):
        night.write(person, code, on, row)
    register.group(people)
    register.arrivals += people


def born(night: Night) -> None:
    """出生 into a household of a woman between 20 and 42."""
    city, on = night.register.city, night.a_day(14)

    def young(person: int) -> bool:
        return bool(city.sex[person] == 2 and 20 <= city.age(np.array([person]))[0] <= 42 and city.role[person] < 2)

    mother = night.pick(young)
    if mother is not None:
        _born_to(night, mother, on)


def awaited(night: Night) -> None:
    """The child that a family of ``chosen`` awaits is born."""
    if night.number == BIRTH_NIGHT:
        for (mother, _), before in zip(night.register.city.chosen.parents.tolist(), CHILDREN, strict=True):
            if before is None:
                _born_to(night, mother, night.today - 1)


def _born_to(night: Night, mother: int, on: int) -> None:
    child, father = night.register.newcomer(), night.register.spouse(mother)
    night.register.births.update({p: on for p in (mother, father) if p is not None})
    row = homes.child(night.rng, night.register, mother, child, day8(on))
    night.register.group([*night.register.family(mother), child])
    night.write(child, "03", on, row)


def come_back(night: Night) -> None:
    """国内転入 of somebody who had left: the same 宛名番号, the next 履歴番号."""
    gone = np.flatnonzero(night.register.city.gone_code == 21)
    back = [int(p) for p in gone if int(p) not in night.register.changed and int(p) not in night.register.reserved]
    if back:
        person, on = back[int(night.rng.integers(len(back)))], night.a_day()
        night.write(
            person,
            "01",
            on,
            **homes.new_home(night.rng),
            **homes.still_here(),
            jumin_jotai_code="1",
            setai_no=night.register.new_setai(),
            jumin_on=day8(on),
            jumin_jiyu_code="01",
            jusho_on=day8(on),
            tennyu_moto_address=homes.outside(night.rng),
            prev_address="",
        )
        night.register.group([person])


def cancel_arrival(night: Night) -> None:
    """異動の取消し(増) of somebody who came since and lives alone."""
    alone = [p for p in night.register.arrivals if len(night.register.family(p)) == 1 and p not in {q for q, _ in night.rows}]
    if alone:
        night.register.arrivals.remove(alone[-1])
        night.write(alone[-1], "09", night.today, jumin_jotai_code="9", shoujo_on=day8(night.today))
