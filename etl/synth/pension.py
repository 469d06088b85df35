"""What the previous pension system hands over: who has 年金基本 and 資格, exemptions, 付加 and 裁定受付, as columns.

Shares follow domain.md 7.3 (national, FY2021): 第1号 incl. 任意 about 11.4 % of the population, youngest band heaviest; of them
法定免除 9.9 %, 全額 16.8 %, 学特 12 %, 猶予 4.1 %, 一部 2.4 %, 任意 1.3 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.synth import words
from etl.synth.city import HEAD, NOT_SET, City, reach
from etl.synth.numbers import below

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
        return self.person[self.is_open]


def build(city: City, held_share: float = 0.25) -> Pension:
    """Chooses the held persons of a city and gives them their past."""
    rng = np.random.Generator(np.random.PCG64([city.seed, city.residents, 2]))
    opened, voluntary, held = _chosen(rng, city, held_share)
    person = np.flatnonzero(held)
    kiso = FIRST_KISO + np.arange(len(person), dtype=np.int64) * 83 + below(person, 61, 80)
    is_open, is_voluntary = opened[person], voluntary[person]
    cuts, count = _cuts(rng, city, person, is_open, is_voluntary)
    periods = _periods(rng, city, person, is_open, is_voluntary, cuts, count)
    alone = person[
        is_open & (city.role[person] == HEAD) & (city.h_kind[city.household[person]] == 0) & (city.gone_code[person] == 0)
    ]
    alone = np.setdiff1d(alone, city.turning)
    late = alone[2 :: max(1, len(alone) // max(2, city.residents // 10_000))][: max(2, city.residents // 10_000)]
    return Pension(person, kiso, is_open, is_voluntary, _exempt(rng, city, person, is_open & ~is_voluntary), *periods, late)


def _chosen(rng: np.random.Generator, city: City, held_share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Masks over all residents: open 第1号 or 任意, 任意, held at all."""
    everyone = np.arange(city.residents)
    age = city.age(everyone)
    at_60, grown = reach(city.birth, 60), reach(city.birth, 20) < city.day - 40
    able = ~city.fusho & (city.gone_code == 0) & grown
    first_number = able & (at_60 >= city.day)
    weight = np.where(first_number, AGE_WEIGHTS[np.clip((age - 20) // 5, 0, 7)], 0.0)
    target = OPEN_SHARE * 0.987 * city.residents
    opened = rng.random(city.residents) < np.minimum(weight * target / max(weight.sum(), 1.0), 1.0)
    opened[city.turning] = True
    older = able & ~first_number & (age < 69)
    voluntary = older & (rng.random(city.residents) < OPEN_SHARE * 0.013 * city.residents / max(older.sum(), 1))
    if older.any() and not voluntary.any():
        voluntary[np.flatnonzero(older)[0]] = True
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
    rng: np.random.Generator,
    city: City,
    person: np.ndarray,
    is_open: np.ndarray,
    voluntary: np.ndarray,
    cuts: np.ndarray,
    count: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """One row per 資格, in order of person and day."""
    row = np.repeat(np.arange(len(person)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    final = nth == count[row] - 1
    start, end = cuts[row, 2 * nth], cuts[row, 2 * nth + 1]
    at_20, at_60 = reach(city.birth[person], 20)[row], reach(city.birth[person], 60)[row]
    why = np.where(start == at_20, 1, rng.choice([2, 3, 4, 6, 9], len(row), p=[0.05, 0.45, 0.4, 0.08, 0.02]))
    lost = rng.choice([54, 55, 58, 52], len(row), p=[0.6, 0.22, 0.12, 0.06])
    to_60 = final & ~is_open[row] & (at_60 < city.day) & (rng.random(len(row)) < 0.5)
    end, lost = np.where(to_60, at_60, end), np.where(to_60, 53, lost)
    dead = final & ~is_open[row] & (city.gone_code[person][row] == 23)
    end, lost = np.where(dead, city.gone_on[person][row] + 1, end), np.where(dead, 51, lost)
    free = voluntary[row] & final
    late = np.maximum(at_60, city.day - 1500) + 5
    start, why = np.where(free, np.minimum(late, city.day - 6), start), np.where(free, 5, why)
    still = is_open[row] & final
    kind = np.where(free, np.where(rng.random(len(row)) < 0.12, 5, 4), 1)
    changed = np.where(
        (rng.random(len(row)) < 0.06) & (kind == 1),
        start + 1 + ((np.where(still, city.day - 3, end) - start - 1) * 0.6).astype(np.int64),
        NOT_SET,
    )
    return (
        row,
        kind,
        start,
        why,
        np.where(changed > start, changed, NOT_SET),
        np.where(still, NOT_SET, end),
        np.where(still, 0, lost),
    )


def _exempt(rng: np.random.Generator, city: City, person: np.ndarray, first_number: np.ndarray) -> np.ndarray:
    """The exemption in force per held person: students are young, deferment ends at 50, the other kinds are for everybody."""
    age, draw = city.age(person), rng.random(len(person))
    code = np.where(
        draw < 0.11, LEGAL, np.where(draw < 0.31, FULL, np.where(draw < 0.36, DEFER, np.where(draw < 0.386, PART, 0)))
    )
    code = np.where((code == DEFER) & (age >= 50), 0, code)
    code = np.where(code == PART, rng.choice([21, 22, 23], len(person)), code)
    return np.where(first_number, np.where((age < 25) & (draw > 0.45), SCHOOL, code), 0)


def iso(day: int) -> str:
    """A day as YYYY-MM-DD; NOT_SET as nothing."""
    return "" if day == NOT_SET else date.fromordinal(day + 719_163).isoformat()


def kihon_rows(city: City, pension: Pension) -> Iterator[dict[str, str]]:
    """年金基本, by 宛名番号."""
    for n, (person, kiso) in enumerate(zip(pension.person.tolist(), pension.kiso.tolist(), strict=True)):
        tel = f"044-{900 + n % 97}-{(kiso * 7) % 10_000:04}" if n % 3 else ""
        old = f"{4000 + n % 900}-{(kiso * 13) % 100_000:05}" if n % 11 == 0 else ""
        yield {"atena_no": f"{city.atena[person]:015}", "kiso_nenkin_no": f"{kiso}", "tel_no": tel, "kyu_nenkin_no": old}


def shikaku_rows(city: City, pension: Pension) -> Iterator[dict[str, str]]:
    """資格, by 宛名番号 and 取得日."""
    atena, kiso = city.atena[pension.person].tolist(), pension.kiso.tolist()
    columns = (pension.q_row, pension.q_kind, pension.q_from, pension.q_why, pension.q_changed, pension.q_to, pension.q_lost)
    for n, (row, kind, start, why, changed, end, lost) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        yield {
            "atena_no": f"{atena[row]:015}", "kiso_nenkin_no": f"{kiso[row]}", "shubetsu_code": f"{kind}", "acquired_on": iso(start),
            "shutoku_jiyu_code": f"{why:02}", "shubetsu_henkou_on": iso(changed), "lost_on": iso(end),
            "soushitsu_jiyu_code": f"{lost:02}" if lost else "", "soushitsu_riyu": "届出による" if lost and n % 9 == 0 else "",
        }  # fmt: skip


def exemption_year(day: date, code: int) -> int:
    """The year an exemption that holds on this day began in: July to June, students April to March."""
    return day.year - (day.month < (4 if code == SCHOOL else 7))


def menjo_rows(city: City, pension: Pension, today: date) -> list[dict[str, str]]:
    """免除, by 基礎年金番号 and start: 法定 without end, the others for the current and up to two earlier years."""
    rows = []
    for n in np.flatnonzero(pension.exempt > 0).tolist():
        code, kiso = int(pension.exempt[n]), f"{pension.kiso[n]}"
        if code == LEGAL:
            ended = n % 12 == 0
            rows.append({"kiso_nenkin_no": kiso, "menjo_code": "10", "from_month": f"{2016 + n % 9}-{1 + n % 12:02}",
                         "to_month": f"{today.year - 1}-03" if ended else "", "shoumetsu_on": f"{today.year - 1}-03-{1 + n % 28:02}" if ended else ""})  # fmt: skip
            continue
        first = 4 if code == SCHOOL else 7
        newest = exemption_year(today, code)
        for year in range(newest - n % 3, newest + 1):
            sent = date(year, first + 1 + n % 2, 1 + n % 28)
            rows.append({"kiso_nenkin_no": kiso, "menjo_code": f"{code}", "from_month": f"{year}-{first:02}", "to_month": f"{year + 1}-{first - 1:02}",
                         "saitei_kekka_code": "03" if n % 5 == 0 else "02", "soufu_on": min(sent, today).isoformat(),
                         "gakko_name": words.SCHOOLS[n % len(words.SCHOOLS)] if code == SCHOOL else ""})  # fmt: skip
    return rows


def fuka_rows(pension: Pension) -> list[dict[str, str]]:
    """付加: one payer in fifty of those without exemption, some of them ended."""
    rows = []
    newest = np.flatnonzero(np.append(pension.q_row[1:] != pension.q_row[:-1], True))
    for n, q in enumerate(newest[pension.is_open & (pension.exempt == 0)][::50].tolist()):
        start = int(pension.q_from[q]) + 1
        rows.append(
            {
                "kiso_nenkin_no": f"{pension.kiso[pension.q_row[q]]}",
                "kanyu_on": iso(start),
                "dattai_on": iso(start + 3) if n % 6 == 5 else "",
            }
        )
    return rows


def saitei_rows(city: City, pension: Pension, today: date) -> list[dict[str, str]]:
    """裁定受付: old-age claims of every fortieth person over 65, some of whom nothing else is known; a few other claims."""
    kiso = dict(zip(pension.person.tolist(), pension.kiso.tolist(), strict=True))
    everyone = np.arange(city.residents)
    old = everyone[(city.age(everyone) >= 66) & ~city.fusho & (city.gone_code == 0)][::40].tolist()
    rows = [_claim(city, kiso, p, 51, "1150", int(reach(city.birth[p : p + 1], 65)[0]) + 30 + p % 300) for p in old]
    for n, p in enumerate(pension.person[:: max(40, len(pension.person) // 4000)].tolist()):
        todoke, code = ((52, "5350"), (53, "6450"), (55, ""), (56, ""))[n % 4]
        rows.append(_claim(city, kiso, p, todoke, code, city.day - 40 - p % 1800))
    return sorted((r for r in rows if r["uketsuke_on"] < today.isoformat()), key=lambda r: (r["atena_no"], r["todoke_code"]))


def _claim(city: City, kiso: dict[int, int], person: int, todoke: int, code: str, on: int) -> dict[str, str]:
    row = {"atena_no": f"{city.atena[person]:015}", "kiso_nenkin_no": f"{kiso[person]}" if person in kiso else "", "todoke_code": f"{todoke}",
           "nenkin_code": code, "uketsuke_on": iso(on), "kekka_code": ("01", "02", "02", "04")[person % 4]}  # fmt: skip
    if todoke == 52:
        row["shindansho_flag"] = "1"
    if todoke in (53, 55, 56):
        row |= {"seikyusha_name": "請求　花子", "shibou_on": iso(on - 20 - person % 200)}
    return row
