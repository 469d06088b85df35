"""Canaries: people whose names, numbers and addresses nobody else has, for the tests that look for leaks.

Reserved for them: the surname 金糸雀台, the town 金糸雀町, telephone 044-777-7nnn, 個人番号 from 0000999 on (the city's own
numbers stay below), 基礎年金番号 from 3177735301 on. A test searches logs, databases and files for ``needles``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from city import rows
from city.city import City
from city.numbers import KOJIN_PLACES, kojin_with_digit
from city.pension import Pension
from city.tables import WIDE, half_kana

SURNAME, READING, TOWN = "金糸雀台", "カナリヤダイ", "金糸雀町"
KANJI, SOUNDS = "〇一二三四五六七八九", ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ")
# No round numbers: digits of neighbouring fields must not look like a canary by chance.
KOJIN, KISO, STEP, TEL = KOJIN_PLACES + 4271, 3_177_735_301, 37, "044-777-7"


class Canary(NamedTuple):
    """One reserved person; everything here is invented and used nowhere else."""

    number: int
    name: str
    name_kana: str
    kojin_no: str
    kiso_nenkin_no: str
    address: str
    tel_no: str

    @property
    def needles(self) -> tuple[str, ...]:
        """Texts that may stand nowhere but where the law allows: search for them in UTF-8 and CP932."""
        return (self.name, self.name_kana, self.kojin_no, self.kiso_nenkin_no, self.address, self.tel_no)


class Seats(NamedTuple):
    """The people whose places the canaries take: held, out of scope, and with bad rows (held and not, in turn)."""

    held: list[int]
    outside: list[int]
    bad: list[int]

    @property
    def everybody(self) -> list[int]:
        return [*self.held, *self.outside, *self.bad]


def canaries(count: int) -> list[Canary]:
    """The first ``count`` reserved people (at most 1000)."""
    if not 0 <= count <= 1000:
        raise ValueError("at most 1000 canaries")
    bases = kojin_with_digit(KOJIN + 5 * np.arange(count, dtype=np.int64))
    out = []
    for n, number in enumerate(bases.tolist()):
        digits = [int(d) for d in f"{n:03}"]
        out.append(Canary(
            n, f"{SURNAME}\u3000{''.join(KANJI[d] for d in digits)}号",
            half_kana(f"{READING}_{''.join(SOUNDS[d] for d in digits)}"),
            f"{number:012}", f"{KISO + STEP * n}", f"神奈川県川崎市川崎区{TOWN}{f'{n + 1}－７－７'.translate(WIDE)}", f"{TEL}{n:03}",
        ))  # fmt: skip
    return out


def seats(city: City, pension: Pension, count: int) -> Seats:
    """Places for ``count`` canaries of each kind: people between 30 and 55 who live alone and have one row."""
    everyone = city.h_start[(city.h_kind == 0) & (city.h_foreign == 0)]
    age = city.age(everyone)
    plain = (rows.last_stage(city, everyone) == rows.CAME) & (age >= 30) & (age <= 55) & ~rows.without_number(everyone)
    plain &= ~np.isin(everyone, [*pension.late, *city.chosen.everybody])
    able, opened = everyone[plain], np.isin(everyone[plain], pension.open_persons)
    held = able[opened][: count + (count + 1) // 2].tolist()
    outside = able[~opened & ~np.isin(able, pension.person)][: count + count // 2].tolist()
    if len(held) + len(outside) < 3 * count:
        raise ValueError("the city is too small for so many canaries")
    bad = [p for pair in zip(held[count:], [*outside[count:], None], strict=False) for p in pair if p is not None]
    return Seats(held[:count], outside[:count], bad)


def disguise(city: City, pension: Pension, taken: Seats) -> tuple[Pension, dict[int, dict[str, str]]]:
    """The canaries in their seats: 年金基本 with their numbers, and the changes of their rows in the register."""
    kiso, changes = pension.kiso.copy(), {}
    for person, c in zip(taken.everybody, canaries(len(taken.everybody)), strict=True):
        kiso[pension.person == person] = int(c.kiso_nenkin_no)
        changes[person] = {
            "kojin_no": c.kojin_no, "name": c.name, "name_kana": c.name_kana, "setainushi_name": c.name, "hittousha_name": c.name,
            "ku_code": "141313", "postal_code": "2100000", "address": c.address, "katagaki": "",
        }  # fmt: skip
    return replace(pension, kiso=kiso), changes
