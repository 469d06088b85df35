"""The counters of the ward offices: new intakes of every 届書種別 and their later revisions, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from city import forms
from city.city import HEAD, SPOUSE
from city.register import Register, Row
from etl.core.mapping.layout import codes

KAWASAKI_KU = "141313"
BRANCHES = ("900001", "900002")  # 大師, 田島: both in 川崎区
USUAL = {"01": 25, "02": 5, "03": 3, "05": 8, "09": 3, "21": 3, "31": 4, "41": 32, "42": 12, "51": 1, "52": 2, "53": 1, "60": 1}
NOT_LIVED = ("23", "33", "34", "35", "36", "61", "62", "63")  # 届書 that nobody here files yet
OUTSIDERS, VOLUNTARY, OLD = ("01",), ("07", "08"), ("51", "54", "57", "59")  # 届書 filed by people without an open 資格
UNSETTLED = ("1", "2")  # 状態 that may still change


class Desk:
    """All counters of the city. ``accept`` gives the rows of one business day's file."""

    def __init__(self, register: Register) -> None:
        self.register, self.serial = register, 0
        self.waiting: list[Row] = []
        city, pension = register.city, register.pension
        everyone = np.arange(city.residents)
        age, able = city.age(everyone), ~city.fusho & (city.gone_code == 0)
        held = np.zeros(city.residents, dtype=bool)
        held[pension.person] = True
        self.kiso = dict(zip(pension.person.tolist(), pension.kiso.tolist(), strict=True))
        self.outsiders = everyone[able & ~held & (age >= 21) & (age < 59)]
        self.old = everyone[able & (age >= 66)]
        self.holders = pension.person[pension.is_open & ~pension.voluntary]
        self.volunteers = pension.person[pension.voluntary]

    def accept(self, number: int, day: date) -> list[Row]:
        """Further revisions of earlier intakes, then new ones, by 受付番号 and 改訂番号."""
        rng = np.random.Generator(np.random.PCG64([self.register.city.seed, self.register.city.residents, 5000 + number]))
        revised = self._revisions(rng)
        count = max(8, self.register.city.residents // 600) if number == 0 else max(5, self.register.city.residents // 4000)
        kinds = [k for k in codes("todoke") if k not in NOT_LIVED] if number == 0 else ["01", "41", "42"]
        weights = np.array(list(USUAL.values())) / sum(USUAL.values())
        kinds += [str(k) for k in rng.choice(list(USUAL), max(2, count - len(kinds)), p=weights)]
        rows = revised + [row for kind in kinds if (row := self._intake(rng, day, kind))]
        return sorted(rows, key=lambda r: (r["uketsuke_no"], int(r["rev"])))

    def _revisions(self, rng: np.random.Generator) -> list[Row]:
        """Three in ten of the waiting intakes go on: 受付 → 審査中 → 進達済, one in twenty is withdrawn."""
        out, waiting = [], []
        for row in self.waiting:
            if rng.random() < 0.3:
                after = "3" if rng.random() < 0.05 else str(2 * int(row["jotai_code"]))
                row = {**row, "rev": str(int(row["rev"]) + 1), "jotai_code": after, "kakunin_user": row["kakunin_user"] or "u299"}
                if row["todoke_code"] == "41" and rng.random() < 0.2:
                    row["menjo_code"] = "20" if row["menjo_code"] != "20" else "22"
                out.append(row)
            if row["jotai_code"] in UNSETTLED:
                waiting.append(row)
        self.waiting = waiting
        return out

    def _intake(self, rng: np.random.Generator, day: date, kind: str) -> Row | None:
        person = self._who(rng, day, kind)
        return None if person is None else self.intake(rng, day, kind, person)

    def _who(self, rng: np.random.Generator, day: date, kind: str) -> int | None:
        pool = (
            self.outsiders
            if kind in OUTSIDERS
            else self.volunteers
            if kind in VOLUNTARY
            else self.old
            if kind in OLD
            else self.holders
        )
        arrived = [
            p
            for p in self.register.arrivals
            if self.register.lives_here(p) and self.register.row(p)["birth_on"] < f"{day.year - 20}"
        ]
        if kind == "01" and arrived and rng.random() < 0.5:
            return arrived[int(rng.integers(len(arrived)))]
        for _ in range(200):
            if (
                len(pool)
                and (p := int(pool[rng.integers(len(pool))])) not in self.register.reserved
                and self.register.lives_here(p)
            ):
                return p
        return None

    def intake(self, rng: np.random.Generator, day: date, kind: str, person: int) -> Row:
        """A new intake of this kind for this person."""
        self.serial += 1
        known = self.register.row(person)
        accepted = day - timedelta(days=int(rng.integers(5)))
        office = BRANCHES[person % 2] if known["ku_code"] == KAWASAKI_KU and rng.random() < 0.5 else known["ku_code"]
        row = {
            "uketsuke_no": f"{day:%Y%m%d}{self.serial:07}",
            "todoke_code": kind,
            "juri_on": accepted.isoformat(),
            "uketsuke_ku_code": office,
            "atena_no": known["atena_no"],
            "kojin_no": known["kojin_no"] if rng.random() < 0.7 else "",
            "kiso_nenkin_no": str(self.kiso.get(person, "")),
            "name_kana": known["name_kana"],
            "birth_on": _iso(known["birth_on"]),
            "sex_code": known["sex_code"],
            "honnin_kakunin_code": "1299"[int(rng.integers(4))],
            "nyuryoku_user": f"u{int(rng.integers(100, 200))}",
            "kakunin_user": f"u{int(rng.integers(200, 299))}" if rng.random() < 0.97 else "",
            "jotai_code": "1244"[int(rng.integers(4))],
            "rev": "1",
        }
        if kind in ("41", "42"):
            row["jotai_code"] = "12"[int(rng.integers(2))]
        row |= forms.details(rng, kind, person, known, accepted)
        if kind == "01" and person >= self.register.city.residents:
            row["jiyu_code"] = "02" if known["jumin_jiyu_code"] == "02" else "06"
        if kind == "41" and (spouse := self._spouse(person)) is not None:
            row["haiguusha_atena_no"] = self.register.atena(spouse)
        if row["jotai_code"] in UNSETTLED:
            self.waiting.append(row)
        return row

    def _spouse(self, person: int) -> int | None:
        city = self.register.city
        if person >= city.residents or city.role[person] not in (HEAD, SPOUSE):
            return None
        wanted = SPOUSE if city.role[person] == HEAD else HEAD
        return next((p for p in self.register.family(person) if p < city.residents and city.role[p] == wanted), None)


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
