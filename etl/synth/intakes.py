"""What the counters of the ward offices accept: new intakes of every 届書種別 and their further revisions, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from etl.synth import words
from etl.synth.city import HEAD, SPOUSE
from etl.synth.homes import a_name
from etl.synth.migration import exemption_year
from etl.synth.pension import SCHOOL
from etl.synth.register import Register, Row

OFFICES = ("141313", "141321", "141330", "141348", "141356", "141364", "141372")
BRANCHES = ("900001", "900002")  # 大師, 田島: both in 川崎区
ALL = (
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "07",
    "08",
    "09",
    "21",
    "22",
    "31",
    "32",
    "41",
    "42",
    "51",
    "52",
    "53",
    "54",
    "55",
    "56",
    "57",
    "58",
    "59",
    "60",
)
USUAL = {"01": 25, "02": 5, "03": 3, "05": 8, "09": 3, "21": 3, "31": 4, "41": 32, "42": 12, "51": 1, "52": 2, "53": 1, "60": 1}
DATED = ("01", "02", "03", "04", "05", "06", "07", "08", "21", "22", "31", "32")  # 該当年月日 is given
REASONS = {
    "01": ("03", "04"),
    "02": ("54", "55"),
    "03": ("03", "04"),
    "06": ("51",),
    "07": ("05",),
    "08": ("57",),
    "31": ("71", "72", "73"),
    "32": ("74", "75", "76"),
}
PENSIONS = {"51": "1150", "52": "5350", "53": "6450", "54": "5950", "58": "5350", "59": "1150", "60": "5350"}
OUTSIDERS, VOLUNTARY, OLD = ("01",), ("07", "08"), ("51", "54", "57", "59")  # who files; everybody else has an open 資格
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
        kinds = list(ALL) if number == 0 else ["01", "41", "42"]
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
        office = BRANCHES[person % 2] if known["ku_code"] == OFFICES[0] and rng.random() < 0.5 else known["ku_code"]
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
        row |= self._details(rng, kind, person, known, accepted)
        if row["jotai_code"] in UNSETTLED:
            self.waiting.append(row)
        return row

    def _details(self, rng: np.random.Generator, kind: str, person: int, known: Row, accepted: date) -> Row:
        """The items that belong to this 届書種別."""
        out: Row = {}
        before = (accepted - timedelta(days=int(rng.integers(1, 15)))).isoformat()
        if kind in DATED:
            out["gaitou_on"] = before
        if kind in REASONS:
            out["jiyu_code"] = REASONS[kind][int(rng.integers(len(REASONS[kind])))]
        if kind == "01" and person >= self.register.city.residents:
            out["jiyu_code"] = "02" if known["jumin_jiyu_code"] == "02" else "06"
        if kind in ("01", "02", "03"):
            out["shubetsu_code"] = "1"
        if kind in VOLUNTARY:
            out["shubetsu_code"] = "4"
        if kind in ("31", "32"):
            out |= {"menjo_code": "10", "menjo_from_month" if kind == "31" else "menjo_to_month": f"{accepted:%Y%m}"}
        if kind in PENSIONS:
            out["nenkin_code"] = PENSIONS[kind]
        if kind in ("06", "53", "54", "55", "56"):
            family = known["name"].split("\u3000")[0]
            out |= {
                "seikyusha_name": f"{family}\u3000{a_name(rng, 2)[0].split(chr(0x3000))[1]}",
                "seikyusha_zokugara": "妻",
                "shibou_on": before,
            }
        if kind in ("52", "58", "60"):
            out["shindansho_flag"] = "1"
        if kind == "52":
            out["shoshin_on"] = (accepted - timedelta(days=600 + int(rng.integers(1500)))).isoformat()
        if kind in ("57", "59"):
            out["shousho_no"] = f"{9_000_000 + person % 900_000}"
        if kind == "04":
            out |= {"new_name": known["name"], "new_name_kana": known["name_kana"]}
        return out | (self._exemption(rng, kind, person, known, accepted) if kind in ("41", "42") else {})

    def _exemption(self, rng: np.random.Generator, kind: str, person: int, known: Row, accepted: date) -> Row:
        """41 免除・納付猶予, 42 学生納付特例: kind, year, months, household."""
        code = SCHOOL if kind == "42" else int(rng.choice([20, 21, 22, 23, 30], p=[0.6, 0.1, 0.08, 0.07, 0.15]))
        year, first = exemption_year(accepted, code), 4 if kind == "42" else 7
        out = {
            "menjo_code": str(code),
            "menjo_year": str(year),
            "menjo_from_month": f"{year}{first:02}",
            "menjo_to_month": f"{year + 1}{first - 1:02}",
            "setainushi_atena_no": known["setainushi_atena_no"],
        }
        if kind == "42":
            return {**out, "gakko_name": words.SCHOOLS[person % len(words.SCHOOLS)]}
        spouse = self._spouse(person)
        flags = {"keizoku_flag": str(int(rng.integers(2))), "shitsugyo_flag": str(int(rng.random() < 0.1))}
        return {**out, **flags, "haiguusha_atena_no": self.register.atena(spouse) if spouse is not None else ""}

    def _spouse(self, person: int) -> int | None:
        city = self.register.city
        if person >= city.residents or city.role[person] not in (HEAD, SPOUSE):
            return None
        wanted = SPOUSE if city.role[person] == HEAD else HEAD
        return next((p for p in self.register.family(person) if p < city.residents and city.role[p] == wanted), None)


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
