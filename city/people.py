"""Drawing a city: households, ages, names, homes, how people came and what happened to them until now."""

from __future__ import annotations

from datetime import date

import numpy as np

from city import tables, words
from city.chosen import choose
from city.city import CHILD, HEAD, NOT_SET, OTHER, PARENT, SPOUSE, City, days
from city.numbers import checked_serials

FIRST_ATENA, FIRST_SETAI = 1_200_360, 5_000_180  # serials; the check digit follows
TYPES = (  # share of households, roles, index of the head's age bands
    (0.450, (HEAD,), 0), (0.195, (HEAD, SPOUSE), 1), (0.055, (HEAD, CHILD), 2), (0.020, (HEAD, PARENT), 3),
    (0.015, (HEAD, OTHER), 0), (0.120, (HEAD, SPOUSE, CHILD), 2), (0.020, (HEAD, CHILD, CHILD), 2),
    (0.010, (HEAD, SPOUSE, PARENT), 3), (0.085, (HEAD, SPOUSE, CHILD, CHILD), 2), (0.010, (HEAD, SPOUSE, CHILD, PARENT), 3),
    (0.015, (HEAD, SPOUSE, CHILD, CHILD, CHILD), 2), (0.005, (HEAD, SPOUSE, CHILD, CHILD, PARENT), 3),
)  # fmt: skip
BANDS = (  # (youngest, oldest, share): singles, couples, with children, with parents
    ((18, 29, 0.33), (30, 44, 0.23), (45, 64, 0.19), (65, 95, 0.25)),
    ((22, 34, 0.16), (35, 49, 0.14), (50, 64, 0.22), (65, 92, 0.48)),
    ((25, 34, 0.20), (35, 44, 0.38), (45, 54, 0.29), (55, 68, 0.13)),
    ((32, 44, 0.30), (45, 64, 0.60), (65, 72, 0.10)),
)


def build(seed: int, residents: int, first: date) -> City:
    """The city as it is on the evening before ``first``. The same arguments give the same city."""
    rng = np.random.Generator(np.random.PCG64([seed, residents]))
    day = days(first)
    kind, size, start, household = _households(rng, residents)
    place = np.arange(residents) - start[household]
    role = _roles()[kind[household], place]
    sex = _sexes(rng, role, kind, household, start)
    birth = day - 3 - (_ages(rng, kind, household, role, place) * 365.2425 + rng.random(residents) * 362).astype(np.int64)
    chosen = choose(birth, role, sex, start, size, first)
    foreign = np.where(rng.random(len(kind)) < 0.032, rng.choice(len(words.FOREIGN), len(kind), p=words.FOREIGN_WEIGHTS) + 1, 0)
    foreign[household[chosen.everybody]] = 0
    surname = _surnames(rng, len(kind))
    living = _homes(rng, len(kind), foreign)
    came_on, came_code, moved_on = _arrivals(rng, birth, household, start, size, foreign, day)
    last = np.maximum(came_on, moved_on[household])
    fixed_on, fixed_code = _corrections(rng, last, day)
    gone_on, gone_code = _departures(rng, np.maximum(last, fixed_on), (kind[household] == 0), chosen.everybody, day)
    return City(
        seed, day, start, size, kind, foreign, **living, h_moved_on=moved_on, household=household, role=role, sex=sex,
        birth=birth, fusho=(rng.random(residents) < 0.02) & (foreign[household] > 0) & (role != HEAD),
        name=_names(rng, sex, foreign[household], surname[household]), came_on=came_on, came_code=came_code, fixed_on=fixed_on,
        fixed_code=fixed_code, gone_on=gone_on, gone_code=gone_code, chosen=chosen,
        atena=checked_serials(FIRST_ATENA, residents), setai=checked_serials(FIRST_SETAI, 2 * len(kind)),
    )  # fmt: skip


def _households(rng: np.random.Generator, residents: int) -> tuple[np.ndarray, ...]:
    """Types of household, drawn until everybody has a home; the remaining people live alone."""
    shares = np.array([t[0] for t in TYPES])
    kind = rng.choice(len(TYPES), residents // 2 + 60, p=shares / shares.sum())
    size = np.array([len(t[1]) for t in TYPES])[kind]
    kind = kind[: np.searchsorted(np.cumsum(size), residents, side="right")]
    left = residents - int(np.array([len(t[1]) for t in TYPES])[kind].sum())
    kind = np.concatenate([kind, np.zeros(left, dtype=kind.dtype)]).astype(np.int8)
    size = np.array([len(t[1]) for t in TYPES], dtype=np.int8)[kind]
    start = np.concatenate([[0], np.cumsum(size, dtype=np.int64)[:-1]])
    return kind, size, start, np.repeat(np.arange(len(kind), dtype=np.int32), size)


def _roles() -> np.ndarray:
    out = np.full((len(TYPES), max(len(t[1]) for t in TYPES)), HEAD, dtype=np.int8)
    for row, (_, roles, _) in enumerate(TYPES):
        out[row, : len(roles)] = roles
    return out


def _sexes(rng: np.random.Generator, role: np.ndarray, kind: np.ndarray, household: np.ndarray, start: np.ndarray) -> np.ndarray:
    """1 male, 2 female; a spouse has the other sex of the head."""
    sex = np.where(rng.random(len(role)) < np.array([0.58, 0.5, 0.51, 0.33, 0.5])[role], 1, 2).astype(np.int8)
    return np.where(role == SPOUSE, 3 - sex[start[household]], sex).astype(np.int8)


def _ages(rng: np.random.Generator, kind: np.ndarray, household: np.ndarray, role: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Whole years: heads by the bands of their household, the others by their distance from the head."""
    heads = np.zeros(len(kind), dtype=np.int64)
    for number, bands in enumerate(BANDS):
        own = np.flatnonzero(np.array([t[2] for t in TYPES])[kind] == number)
        band = rng.choice(len(bands), len(own), p=[b[2] for b in bands])
        low, high = np.array([b[0] for b in bands])[band], np.array([b[1] for b in bands])[band]
        heads[own] = low + (rng.random(len(own)) * (high - low + 1)).astype(np.int64)
    head, step = heads[household], rng.random(len(role))
    child = head - 24 - (step * 14).astype(np.int64) - 2 * place
    child = np.where(child < 0, -child % 6, np.where(child > 34, child - 10, child))
    spouse = np.clip(head - 5 + (step * 9).astype(np.int64), 20, 99)
    parent = np.minimum(head + 23 + (step * 11).astype(np.int64), 101)
    other = np.clip(head - 8 + (step * 16).astype(np.int64), 18, 95)
    return np.choose(role, [head, spouse, child, parent, other])


def _surnames(rng: np.random.Generator, count: int) -> np.ndarray:
    """Mostly the hundred frequent names, some composed ones, one in forty with characters that break careless programs."""
    known, sort = tables.names(), rng.random(count)
    frequent = len(tables.pairs(words.SURNAMES))
    pick = rng.random(count)
    common = np.where(sort < 0.6, pick * frequent, frequent + pick * (known.common - frequent))
    return np.where(sort > 0.975, known.common + pick * (known.surnames - known.common), common).astype(np.int32)


def _names(rng: np.random.Generator, sex: np.ndarray, foreign: np.ndarray, surname: np.ndarray) -> np.ndarray:
    known, pick = tables.names(), rng.random(len(sex))
    given = np.where(sex == 1, pick * known.male, known.male + pick * (known.given - known.male)).astype(np.int64)
    name = surname.astype(np.int64) * known.given + given
    for (nation, one_sex), (first, count) in known.foreign.items():
        own = np.flatnonzero((foreign == nation + 1) & (sex == one_sex))
        name[own] = first + (pick[own] * count).astype(np.int64)
    return name.astype(np.int32)


def _homes(rng: np.random.Generator, count: int, foreign: np.ndarray) -> dict[str, np.ndarray]:
    """Where households live, lived before, and came from; wards by their share of the population."""
    where, shares = tables.places(), np.array([w[0] for w in words.WARDS.values()])
    first, number = np.array([s[0] for s in where.by_ward]), np.array([s[1] for s in where.by_ward])

    def town() -> np.ndarray:
        ward = rng.choice(len(shares), count, p=shares / shares.sum())
        place: np.ndarray = first[ward] + rng.random(count) * number[ward]
        return place.astype(np.int16)

    def lot() -> np.ndarray:
        return rng.integers(1, len(tables.lots()), count, dtype=np.int32)

    def room() -> np.ndarray:
        return np.where(rng.random(count) < 0.6, rng.integers(1, len(tables.katagaki()), count, dtype=np.int32), 0).astype(
            np.int32
        )

    abroad = rng.random(count) < np.where(foreign > 0, 0.85, 0.06)
    outside = (where.outside[0] + rng.random(count) * where.outside[1]).astype(np.int16)
    far = (where.abroad[0] + rng.random(count) * where.abroad[1]).astype(np.int16)
    return {
        "h_town": town(), "h_lot": lot(), "h_room": room(), "h_old_town": town(), "h_old_lot": lot(), "h_old_room": room(),
        "h_from_town": np.where(abroad, far, outside).astype(np.int16), "h_from_lot": np.where(abroad, 0, lot()).astype(np.int32),
    }  # fmt: skip


def _arrivals(
    rng: np.random.Generator,
    birth: np.ndarray,
    household: np.ndarray,
    start: np.ndarray,
    size: np.ndarray,
    foreign: np.ndarray,
    day: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """came_on and came_code per person (born here when born after the household came), moved_on per household."""
    head = birth[start]
    grown = np.minimum(np.maximum(head + 18 * 365 + 5, -7000), day - 12)
    arrived = day - 11 - ((day - 11 - grown) * rng.random(len(start)) ** 2).astype(np.int64)
    native = (size == 1) & (foreign == 0) & (rng.random(len(start)) < 0.15)
    arrived = np.where(native, head, arrived)
    moved_on = arrived + 20 + ((day - 6 - arrived - 20) * rng.random(len(start))).astype(np.int64)
    moved_on = np.where((rng.random(len(start)) < 0.55) & (day - arrived > 60), moved_on, NOT_SET)
    came_on = np.maximum(arrived[household], birth)
    abroad = np.where(rng.random(len(start)) < np.where(foreign > 0, 0.85, 0.06), 2, 1)
    code = np.where(birth >= arrived[household], 3, abroad[household])
    return came_on, code.astype(np.int8), moved_on


def _corrections(rng: np.random.Generator, last: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray]:
    """Row 3 of nearly one person in ten: small corrections, new 個人番号 or 住民票コード."""
    room = day - 4 - last
    on = last + 1 + (rng.random(len(last)) * np.maximum(room - 1, 0)).astype(np.int64)
    some = (rng.random(len(last)) < 0.09) & (room > 5)
    return np.where(some, on, NOT_SET), np.where(some, rng.choice([42, 43, 44, 45, 49], len(last)), 0).astype(np.int8)


def _departures(
    rng: np.random.Generator, last: np.ndarray, alone: np.ndarray, stay: np.ndarray, day: int
) -> tuple[np.ndarray, np.ndarray]:
    """Row 4 of a few people who lived alone: already gone, but the register still has them."""
    some = alone & (rng.random(len(last)) < 0.03) & (day - last > 20)
    some[stay] = False
    on = np.maximum(last + 1, day - 5 - (rng.random(len(last)) ** 2 * 1500).astype(np.int64))
    return np.where(some, on, NOT_SET), np.where(some, rng.choice([21, 22, 23], len(last), p=[0.72, 0.1, 0.18]), 0).astype(
        np.int8
    )
