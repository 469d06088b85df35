"""Children under one year: what their parents with an open 資格 of 種別 1 file, 産前産後免除 (33) and 育児期間免除 (34)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from city.city import CHILD
from city.register import Register, Row
from etl.core.dates import EPOCH
from etl.core.law.kodomo import IKUJI as CARE
from etl.core.law.kodomo import SANZEN_SANGO as BIRTH
from etl.core.law.kodomo import Months, ikuji, sanzen_sango
from etl.core.law.todoke import todoke

KINDS, FEMALE = (BIRTH, CARE), 2
MOTHER, FATHER = 0, 1
#: what the families of ``chosen`` file, by night: 届書, family, parent
FILED: dict[int, tuple[tuple[str, int, int], ...]] = {
    0: ((CARE, 0, MOTHER), (CARE, 0, FATHER), (BIRTH, 1, MOTHER), (CARE, 1, FATHER)),
    2: ((BIRTH, 2, MOTHER), (CARE, 2, FATHER)),
}
#: and the night in which 日本年金機構 decides without a 届: the mother's 育児期間 follows her 産前産後
FOLLOWS: dict[int, tuple[tuple[str, int, int], ...]] = {2: ((CARE, 1, MOTHER),)}


class Families:
    """Parents of the city and their youngest child. ``holders``: people with an open 資格 of 種別 1."""

    def __init__(self, register: Register, holders: np.ndarray) -> None:
        self.register, self.holders = register, set(holders.tolist())
        city = register.city
        babies = np.flatnonzero((city.role == CHILD) & (city.birth > city.day - 365))
        self.children: dict[int, int] = {}
        for baby in babies.tolist():
            head = int(city.h_start[city.household[baby]])
            both = (head, register.spouse(head))
            self.children.update({p: int(city.birth[baby]) for p in both if p is not None and p in self.holders})

    def pool(self, kind: str) -> np.ndarray:
        """The parents whom a 届書 of this kind can be about."""
        born = self.children | {p: on for p, on in self.register.births.items() if p in self.holders}
        return np.array([p for p, on in sorted(born.items()) if self._months(kind, p, on)], dtype=np.int64)

    def details(self, kind: str, person: int) -> Row:
        """該当年月日 (of the birth), 免除種類, and the months of the law."""
        on = self.register.births.get(person, self.children.get(person))
        months = None if on is None else self._months(kind, person, on)
        if on is None or months is None:
            raise ValueError("nobody's parent")
        return {
            "gaitou_on": _day(on).isoformat(),
            "menjo_code": todoke()[kind].menjo or "",
            "menjo_from_month": f"{months.first:%Y%m}",
            "menjo_to_month": f"{months.last:%Y%m}",
        }

    def filed(self, number: int) -> list[tuple[str, int]]:
        """(届書, person) of the families of ``chosen`` for the day of this night."""
        return self._named(FILED.get(number, ()))

    def follows(self, number: int) -> list[tuple[str, int]]:
        """The same of what is decided without a 届."""
        return self._named(FOLLOWS.get(number, ()))

    def _named(self, some: tuple[tuple[str, int, int], ...]) -> list[tuple[str, int]]:
        parents = self.register.city.chosen.parents
        return [(kind, int(parents[family, parent])) for kind, family, parent in some]

    def _months(self, kind: str, person: int, born: int) -> Months | None:
        mother = self.register.city.sex[person] == FEMALE
        if kind == BIRTH:
            return sanzen_sango(_day(born), tatai=False) if mother else None
        return ikuji(_day(born), haha=mother)


def _day(number: int) -> date:
    return EPOCH + timedelta(days=number)
