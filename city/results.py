"""日本年金機構 of the synthetic city: its decisions on the intakes that were sent on, and those of its own accord (職権).

A list comes every business day after the first. It contains every case that a 突合 must tell apart: agreeing and differing results, 返戻, a
result told twice, a 取消, names in other forms of the same characters, persons without an intake and not held, a second 基礎年金番号.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from city.intakes import Desk
from city.register import Register, Row
from etl.core.codec.chars import unit_to_jis
from etl.core.law.shukutai import shukutai
from etl.core.law.todoke import RESULT
from etl.core.mapping.layout import layouts

Values = dict[str, Any]
#: outcomes of the intakes sent on, in turn; only these are decided the next day
TURNS = ("agree", "agree", "differ", "agree", "return", "by_kiso", "wait", "agree", "two_numbers", "agree", "by_name", "agree")
EXEMPTIONS, REJECTED = ("41", "42"), 0.1
NEW_KISO = 3_199_000_000  # 基礎年金番号 that 日本年金機構 issues by itself
LOOKED_AT = 300  # persons, for one whose name is told in other forms
GETA = "〓"  # for characters that JIS X 0208 does not have


class Bureau:
    """``decide`` gives the results of one business day's list about what was sent on before it."""

    def __init__(self, register: Register, desk: Desk) -> None:
        self.register, self.desk = register, desk
        self.sent: list[Row] = []
        self.seen: set[str] = set()
        self.told: list[Values] = []  # agreed results, to be told again or taken back
        self.turn = self.issued = 0
        city, held = register.city, np.isin(np.arange(register.city.residents), register.pension.person)
        age = city.age(np.arange(city.residents))
        self.renamed = [
            p for p in self.desk.holders[:LOOKED_AT].tolist() if told(name := register.row(p)["name"], "name") != name
        ]
        self.twenty = np.flatnonzero((age == 20) & ~held & (city.gone_code == 0) & ~city.fusho)

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
        return decided + again + taken_back + self._unasked(rng, number, day)

    def _about(self, rng: np.random.Generator, day: date, intake: Row) -> Values | None:
        """The result of one intake; None when it waits for a later list."""
        turn = TURNS[self.turn % len(TURNS)]
        self.turn += 1
        person = self.register.find(intake["atena_no"], "")
        if turn == "wait" or person is None:
            return None
        result = self._of(person, day, intake["todoke_code"]) | _items(intake)
        result["kiso_nenkin_no"] = result["kiso_nenkin_no"] or self._issue()
        if intake["todoke_code"] in EXEMPTIONS:
            result["kekka_code"] = "04" if rng.random() < REJECTED else "02"
        if turn == "differ":
            result["birth_on"] = result["birth_on"].replace(day=result["birth_on"].day % 28 + 1)
        if turn == "two_numbers":
            result["kiso_nenkin_no"] = self._issue()
        if turn in ("by_kiso", "by_name"):
            result |= {"uketsuke_no": None} | ({"kiso_nenkin_no": None} if turn == "by_name" else {})
        if turn == "return":
            result |= {"kekka_code": "05", "henrei_code": "02"}
        if turn == "agree":
            self.told.append(result)
        return result

    def _unasked(self, rng: np.random.Generator, number: int, day: date) -> list[Values]:
        """By 職権 somebody of 20 whom nobody holds yet; 60歳到達; somebody who found work; a loss that nothing explains."""
        out = []
        if len(self.twenty):
            person = int(self.twenty[(number - 1) % len(self.twenty)])
            out.append(self._of(person, day, "01") | {
                "kiso_nenkin_no": self._issue(), "kojin_no": self.register.row(person)["kojin_no"] or None, "gaitou_on": day.replace(day=1),
                "jiyu_code": "01", "shubetsu_code": "1", "shokken_flag": True,
            })  # fmt: skip
        for jiyu, people in (
            ("53", self.register.city.turning),
            ("54", self.desk.holders),
            ("59", self.renamed or self.desk.holders),
        ):
            person = int(people[rng.integers(len(people))])
            if self.register.lives_here(person):
                out.append(self._of(person, day, "02") | {"gaitou_on": day, "jiyu_code": jiyu, "shubetsu_code": "1"})
        return out

    def _issue(self) -> str:
        self.issued += 1
        return str(NEW_KISO + 7 * self.issued)

    def _of(self, person: int, day: date, todoke: str) -> Values:
        """A result about a person, before what was decided."""
        known, kiso = self.register.row(person), self.desk.kiso.get(person)
        fields = layouts()[RESULT].data
        return {
            "shichoson_code5": known["shichoson_code"][:5], "tsuchi_code": "70", "created_on": day, "kiso_nenkin_no": str(kiso) if kiso else None,
            "birth_on": _day(known["birth_on"]), "sex_code": known["sex_code"],
            "name_kana": known["name_kana"][: fields.field("name_kana").size], "name": told(known["name"], "name"),
            "postal_code": known["postal_code"] or None, "address": told(known["address"], "address"),
            "todoke_code": todoke, "kekka_code": "01", "henrei_code": "00", "shori_on": day, "shokken_flag": False,
        }  # fmt: skip


def _items(intake: Row) -> Values:
    """The items of the intake as a result repeats them."""
    text = {"uketsuke_no": intake["uketsuke_no"], "kiso_nenkin_no": intake.get("kiso_nenkin_no") or None}
    text |= {name: intake.get(name) or None for name in ("jiyu_code", "shubetsu_code", "menjo_code", "nenkin_code")}
    months = {"from_month": intake.get("menjo_from_month"), "to_month": intake.get("menjo_to_month")}
    days = {
        "gaitou_on": intake.get("gaitou_on", "").replace("-", ""),
        **{name: f"{m}01" if m else "" for name, m in months.items()},
    }
    return {**text, **{name: _day(day) for name, day in days.items()}}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def told(text: str, item: str) -> str:
    """A text as 日本年金機構 has it: the common form of each character, those outside JIS X 0208 as 〓, cut to its field."""
    size = (layouts()[RESULT].data.field(item).size or 0) // 2
    plain = text.translate(str.maketrans(*shukutai()))
    return "".join(c if unit_to_jis()[ord(c)] else GETA for c in plain)[:size]
