"""The counters of the ward offices: new intakes of every 届書種別 and their later revisions, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from city import forms
from city.families import KINDS, Families
from city.pools import Pools
from city.register import Register, Row
from etl.core.codec.chars import unit_to_jis
from etl.core.mapping.layout import codes_on

KAWASAKI_KU = "141313"
BRANCHES = ("900001", "900002")  # 大師, 田島: both in 川崎区
USUAL = {
    "01": 25, "02": 5, "03": 3, "05": 8, "09": 3, "21": 3, "23": 1, "31": 4, "33": 2, "34": 4, "35": 1, "36": 1, "41": 32, "42": 12,
    "51": 1, "52": 2, "53": 1, "59": 1, "60": 1, "61": 1, "62": 1, "63": 1,
}  # fmt: skip
UNSETTLED = ("1", "2")  # 状態 that may still change
SENT_BEFORE, RETURNED = "4", "5"  # sent on (進達済) before the system began, which reports by itself since; mended after its 返戻
CHECKER, TRIES = "u299", 20


class Desk:
    """All counters of the city. ``accept`` gives the rows of one business day's file."""

    def __init__(self, register: Register) -> None:
        self.register, self.serial = register, 0
        self.waiting: list[Row] = []
        self.newest: dict[str, Row] = {}  # 受付番号 -> its last revision
        self.filed: set[tuple[str, int]] = set()  # 届書, person; also what was decided without one
        self.pools = Pools(register)
        self.families = Families(register, self.pools.holders)
        held = register.pension
        self.kiso = dict(zip(held.person.tolist(), held.kiso.tolist(), strict=True))

    def accept(self, number: int, day: date) -> list[Row]:
        """Further revisions of earlier intakes, then new ones, by 受付番号 and 改訂番号."""
        rng = np.random.Generator(np.random.PCG64([self.register.city.seed, self.register.city.residents, 5000 + number]))
        rows = self._revisions(rng)
        if number == 0:
            rows += [row for kind in codes_on("todoke", day) for row in self._twice(rng, day, kind)]
        count = max(8, self.register.city.residents // 400) if number == 0 else max(5, self.register.city.residents // 4000)
        kinds = ["01", "41", "42"] if number else []
        usual = {kind: weight for kind, weight in USUAL.items() if kind in codes_on("todoke", day)}
        weights = np.array(list(usual.values())) / sum(usual.values())
        kinds += [str(k) for k in rng.choice(list(usual), max(2, count - len(kinds)), p=weights)]
        rows += [self._complete(rng, day, kind, person) for kind, person in self.families.filed(number) if kind in usual]
        rows = [row for row in rows + [self._intake(rng, day, kind) for kind in kinds] if row]
        rows.sort(key=lambda r: (r["uketsuke_no"], int(r["rev"])))
        self.newest.update({r["uketsuke_no"]: r for r in rows})
        return rows

    def may_mend(self, uketsuke_no: str) -> bool:
        """Whether an intake is one of the counters that nothing else will happen to."""
        return uketsuke_no in self.newest and all(r["uketsuke_no"] != uketsuke_no for r in self.waiting)

    def mend(self, uketsuke_no: str) -> Row:
        """The next revision of an intake that 日本年金機構 has returned: what was missing is there."""
        before = self.newest[uketsuke_no]
        return {**before, "rev": str(int(before["rev"]) + 1), "jotai_code": RETURNED, "kakunin_user": CHECKER}

    def _revisions(self, rng: np.random.Generator) -> list[Row]:
        """Three in ten of the waiting intakes are looked at: 受付 → 審査中, one in twenty is withdrawn."""
        out, waiting = [], []
        for row in self.waiting:
            if rng.random() < 0.3:
                after = "3" if rng.random() < 0.05 else "2"
                checker = row["kakunin_user"] or CHECKER
                row = {**row, "rev": str(int(row["rev"]) + 1), "jotai_code": after, "kakunin_user": checker}
                if row["todoke_code"] == "41" and rng.random() < 0.2:
                    row |= {"menjo_code": "20" if row["menjo_code"] != "20" else "22", "keizoku_flag": "0"}
                out.append(row)
            if row["jotai_code"] in UNSETTLED:
                waiting.append(row)
        self.waiting = waiting
        return out

    def _intake(self, rng: np.random.Generator, day: date, kind: str) -> Row | None:
        person = self._who(rng, day, kind)
        return None if person is None else self.intake(rng, day, kind, person)

    def _twice(self, rng: np.random.Generator, day: date, kind: str) -> Iterator[Row]:
        """Of each 届書 of the first day one was sent on before the system began, one is complete for its first report; of a child there is one."""
        for state in (SENT_BEFORE, "2") if kind not in KINDS else ("2",):
            found = (self._who(rng, day, kind) for _ in range(TRIES))
            person = next((p for p in found if p is None or writable(self.register.row(p))), None)
            if person is not None:
                yield self._complete(rng, day, kind, person, state)

    def _complete(self, rng: np.random.Generator, day: date, kind: str, person: int, state: str = "2") -> Row:
        """An intake that was looked at and confirmed at once, and stays as it is."""
        row = self.intake(rng, day, kind, person) | {"kakunin_user": CHECKER, "jotai_code": state}
        self.waiting = [r for r in self.waiting if r["uketsuke_no"] != row["uketsuke_no"]]
        return row

    def _who(self, rng: np.random.Generator, day: date, kind: str) -> int | None:
        arrived = [
            p
            for p in self.register.arrivals
            if self.register.lives_here(p) and self.register.row(p)["birth_on"] < f"{day.year - 20}"
        ]
        if kind == "01" and arrived and rng.random() < 0.5:
            return arrived[int(rng.integers(len(arrived)))]
        return self.one_of(rng, self.pool(kind))

    def pool(self, kind: str) -> np.ndarray:
        """The people whom a 届書 of this kind can be about; a child is told of once."""
        if kind not in KINDS:
            return self.pools.of(kind)
        return np.array([p for p in self.families.pool(kind) if (kind, p) not in self.filed], dtype=np.int64)

    def one_of(self, rng: np.random.Generator, pool: np.ndarray) -> int | None:
        """Somebody of the pool who lives here and to whom anything may happen; None when nobody is found."""
        for _ in range(200 if len(pool) else 0):
            person = int(pool[rng.integers(len(pool))])
            if person not in self.register.reserved and self.register.lives_here(person):
                return person
        return None

    def intake(self, rng: np.random.Generator, day: date, kind: str, person: int) -> Row:
        """A new intake of this kind for this person."""
        self.serial += 1
        self.filed.add((kind, person))
        known = self.register.row(person)
        accepted = next(
            d for n in range(int(rng.integers(5)), -1, -1) if kind in codes_on("todoke", d := day - timedelta(days=n))
        )
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
            "jotai_code": "12"[int(rng.integers(2))],
            "rev": "1",
        }
        row |= self.details(rng, kind, person, accepted)
        if kind == "01" and person >= self.register.city.residents:
            row["jiyu_code"] = "02" if known["jumin_jiyu_code"] == "02" else "06"
        if kind == "41" and (spouse := self.register.spouse(person)) is not None:
            row["haiguusha_atena_no"] = self.register.atena(spouse)
        if row["jotai_code"] in UNSETTLED:
            self.waiting.append(row)
        return row

    def details(self, rng: np.random.Generator, kind: str, person: int, accepted: date) -> Row:
        """The items of this kind of 届書 beyond the person."""
        if kind in KINDS:
            return self.families.details(kind, person)
        return forms.details(rng, kind, person, self.register.row(person), accepted)


def writable(known: Row) -> bool:
    """Whether a file of 届書 has the characters of where somebody lives; else nothing is reported of him until a person writes it on paper."""
    return all(unit_to_jis()[ord(c)] for c in known["address"] + known["katagaki"])


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"
