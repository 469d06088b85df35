"""日本年金機構 of the synthetic city: its decisions on the intakes that were sent on before the system began, and those that nobody sent it
(``unasked``); those on what the system reports: ``kikou``.

A list comes every business day after the first. It contains every case that a 突合 must tell apart: agreeing and differing results, 返戻, a
result told twice, a 取消, names in other forms of the same characters, persons without an intake and not held, a second 基礎年金番号.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from city.intakes import Desk
from city.register import Register, Row
from city.told import Values, about, items
from city.unasked import Unasked

#: outcomes of the intakes sent on, in turn; only these are decided the next day
TURNS = ("agree", "agree", "differ", "agree", "return", "by_kiso", "wait", "agree", "two_numbers", "agree", "by_name", "agree")
EXEMPTIONS, REJECTED = ("41", "42"), 0.1
CHILDREN = ("33", "34")  # without a test of income: whoever has the child has the exemption
NEW_KISO = 3_199_000_000  # 基礎年金番号 that 日本年金機構 issues by itself


class Bureau:
    """``decide`` gives the results of one business day's list about what was sent on before it."""

    def __init__(self, register: Register, desk: Desk) -> None:
        self.register, self.desk = register, desk
        self.sent: list[Row] = []
        self.seen: set[str] = set()
        self.told: list[Values] = []  # agreed results, to be told again or taken back
        self.turn = 0
        self.issued: dict[str, int] = {}
        self.unasked = Unasked(register, desk, self._issue)

    def receive(self, intakes: list[Row]) -> None:
        """Intakes that the city has sent on (進達済), each once."""
        new = [r for r in intakes if r["jotai_code"] == "4" and r["kakunin_user"] and r["uketsuke_no"] not in self.seen]
        self.sent += new
        self.seen.update(r["uketsuke_no"] for r in new)

    def decide(self, number: int, day: date) -> list[Values]:
        """The results of a day, in the order of 受付番号, then those without an intake."""
        city = self.register.city
        rng = np.random.Generator(np.random.PCG64([city.seed, city.residents, 9000 + number]))
        again = [{**r, "created_on": day} for r in self.told[:1]]
        taken_back = [{**r, "created_on": day, "kekka_code": "06", "shori_on": day} for r in self.told[1:2]]
        queue, self.sent, self.told = self.sent, [], self.told[2:]
        decided = [r for row in queue if (r := self._about(rng, day, row))]
        return decided + again + taken_back + self.unasked.decide(rng, number, day)

    def _about(self, rng: np.random.Generator, day: date, intake: Row) -> Values | None:
        """The result of one intake; None when it waits for a later list."""
        person = self.register.find(intake["atena_no"], "")
        if person is None:
            return None
        kind = intake["todoke_code"]
        result = about(self.register, self.desk.kiso, person, day, kind) | items(intake)
        result |= {"uketsuke_no": intake["uketsuke_no"], "kiso_nenkin_no": intake["kiso_nenkin_no"] or self._issue(person)}
        if kind in CHILDREN:
            return result
        if kind in EXEMPTIONS:
            result["kekka_code"] = "04" if rng.random() < REJECTED else "02"
        return self._turned(result, person)

    def _turned(self, result: Values, person: int) -> Values | None:
        """The next turn's outcome."""
        turn = TURNS[self.turn % len(TURNS)]
        self.turn += 1
        if turn == "wait":
            return None
        if turn == "differ":
            result["birth_on"] = result["birth_on"].replace(day=result["birth_on"].day % 28 + 1)
        if turn == "two_numbers":
            result["kiso_nenkin_no"] = self._issue(person)
        if turn in ("by_kiso", "by_name"):
            result |= {"uketsuke_no": None} | ({"kiso_nenkin_no": None} if turn == "by_name" else {})
        if turn == "return":
            result |= {"kekka_code": "05", "henrei_code": "02"}
        if turn == "agree":
            self.told.append(result)
        return result

    def _issue(self, person: int) -> str:
        kiso = str(NEW_KISO + 7 * (len(self.issued) + 1))
        self.issued[kiso] = person
        return kiso
