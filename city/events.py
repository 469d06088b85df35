"""The events of a night: the kinds of 異動, how often each happens, and in which night.

Rates are per resident and business day (decisions, Synthetic city: 2022, about 245 business days); every daily kind happens at least once,
every rare kind once in five business days, so that a small city shows them all too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from city import amendments as am
from city import arrivals as ar
from city import departures as de
from city.night import Night
from city.register import Register, Row

Kind = Callable[[Night], None]
DAILY: tuple[tuple[Kind, float], ...] = (
    (ar.arrive, 1.9e-4), (ar.arrive_from_abroad, 2.2e-5), (ar.born, 3.0e-5), (de.move, 1.2e-4), (de.move_to_other_ward, 4.5e-5),
    (de.leave, 0.9e-4), (de.plan_to_leave, 0.9e-4), (de.leave_abroad, 2.2e-5), (de.die, 3.6e-5),
)  # fmt: skip
RARE: tuple[tuple[Kind, ...], ...] = (
    (de.erase, de.head_dies, am.small_fix, am.naturalise, am.separate),
    (de.cancel_loss, am.official_fix, am.slip, am.ask_number, am.add_tsusho),
    (ar.cancel_arrival, am.old_name, am.join, am.relate, am.drop_tsusho),
    (de.cancel_loss, am.cancel_fix, ar.come_back, am.correct_number, am.change_old_name),
    (ar.enter_by_authority, ar.cancel_arrival, am.drop_old_name, am.enter_number, am.lose_nationality, am.new_code),
)
RARE_RATE = 3e-6


def happen(register: Register, number: int, day: date, scale: float = 1.0, before: Kind | None = None) -> list[Row]:
    """The rows of business day ``number`` (the first 全件 is 0), by 宛名番号 and 履歴番号. ``scale`` makes busier nights,
    ``before`` comes first."""
    night = Night(register, number, day)
    if before:
        before(night)
    ar.awaited(night)
    de.meet(night)
    de.confirm_departures(night)
    for kind, rate in DAILY:
        for _ in range(max(1, int(night.rng.poisson(rate * night.people * scale)))):
            kind(night)
    for kind in RARE[(number - 1) % len(RARE)]:
        for _ in range(max(1, int(night.rng.poisson(RARE_RATE * night.people * scale)))):
            kind(night)
    return [row for _, row in sorted(night.rows, key=lambda e: (e[1]["atena_no"], e[1]["rireki_no"]))]
