"""The register as it changes: a city, and over it the newer rows of the people whose data have changed since.

A row is a dict of the texts of its fields ('' = not set). ``record`` writes it as bytes; ``Register.row`` reads the city's bytes,
so the bulk writer and the events can never disagree about a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from city import rows, tables
from city.city import HEAD, SPOUSE, City
from city.numbers import checked_serials
from city.pension import Pension
from etl.core.dates import EPOCH

Row = dict[str, str]
STEP = 1024  # numbers are issued in strips of this many
SPARE_KOJIN = 6_000_000  # 個人番号 given anew (異動 45, 46) come from indexes from here on


def text_of(record: bytes) -> Row:
    """The stored fields of a data record as text; padding dropped."""
    out = {}
    for f in rows.layout().columns:
        out[f.name] = record[f.slice].decode("cp932").rstrip("\u3000" if f.type == "zenkaku" else " ")
    return out


def record(row: Row) -> bytes:
    """A data record without CRLF: every field padded as its type wants, numbers zero filled."""
    out = bytearray(rows.blank_record()[: rows.layout().data.size])
    for f in rows.layout().columns:
        size, text = f.size or 0, row.get(f.name, "")
        if f.type == "zenkaku":
            out[f.slice] = tables.wide(text, size)
        else:
            raw = text.encode("cp932")
            if len(raw) > size:
                raise ValueError("text longer than its field")
            out[f.slice] = raw.rjust(size, b"0") if f.type == "int" else raw.ljust(size)
    return bytes(out)


class Register:
    """The residents as of now. ``changed`` holds the newest row of each person who differs from the city as built."""

    def __init__(self, city: City, pension: Pension) -> None:
        self.city, self.pension = city, pension
        self.changed: dict[int, Row] = {}
        self.reserved: set[int] = {*pension.late.tolist(), *city.chosen.everybody.tolist()}  # nothing may happen to them
        self.groups: dict[int, list[int]] = {}  # person -> household formed since
        self.planned: list[tuple[int, int]] = []  # 転出予定: person, day
        self.losses: list[tuple[int, Row]] = []  # person, row before the loss (a 28 brings it back)
        self.fixes: list[tuple[int, Row]] = []  # the same for 59
        self.old_names: list[int] = []  # people with a 旧氏
        self.arrivals: list[int] = []  # people who came since, newest last
        self.births: dict[int, int] = {}  # parents of children born since, and the day
        self.open = set(pension.open_persons.tolist())
        self._atena, self._setai = city.atena, city.setai
        self._setai_used, self.count, self.spare = len(city.setai), city.residents, 0

    def row(self, person: int) -> Row:
        """The newest row of a person (a copy)."""
        if person in self.changed:
            return dict(self.changed[person])
        one = np.array([person])
        return text_of(rows.build(self.city, one, rows.last_stage(self.city, one)).tobytes())

    def lives_here(self, person: int) -> bool:
        if person in self.changed:
            return self.changed[person]["jumin_jotai_code"] == "1"
        return bool(self.city.gone_code[person] == 0)

    def untouched(self, person: int) -> bool:
        """True for a resident without an event since the city was made, to whom one may happen."""
        return (
            person < self.city.residents
            and person not in self.changed
            and person not in self.reserved
            and self.lives_here(person)
        )

    def family(self, person: int) -> list[int]:
        """The people of the household who live here, in order of 宛名番号."""
        if person in self.groups:
            return [p for p in self.groups[person] if self.lives_here(p)]
        house = int(self.city.household[person])
        start = int(self.city.h_start[house])
        return [p for p in range(start, start + int(self.city.h_size[house])) if p not in self.groups and self.lives_here(p)]

    def spouse(self, person: int) -> int | None:
        """The other of a couple that was here from the beginning."""
        if person >= self.city.residents or self.city.role[person] not in (HEAD, SPOUSE):
            return None
        wanted = SPOUSE if self.city.role[person] == HEAD else HEAD
        return next((p for p in self.family(person) if p < self.city.residents and self.city.role[p] == wanted), None)

    def group(self, people: Iterable[int]) -> None:
        """These people are one household from now on."""
        together = sorted(people)
        self.groups.update(dict.fromkeys(together, together))

    def atena(self, person: int) -> str:
        """宛名番号; strips are issued as people come."""
        while person >= len(self._atena):
            self._atena = np.concatenate([self._atena, checked_serials(int(self._atena[-1]) // 10 + 1, STEP)])
        return f"{self._atena[person]:015}"

    def newcomer(self) -> int:
        """The index of one more person."""
        self.count += 1
        return self.count - 1

    def new_setai(self) -> str:
        """A 世帯番号 not used before."""
        while self._setai_used >= len(self._setai):
            self._setai = np.concatenate([self._setai, checked_serials(int(self._setai[-1]) // 10 + 1, STEP)])
        self._setai_used += 1
        return f"{self._setai[self._setai_used - 1]:015}"

    def kojin(self, person: int) -> str:
        return f"{int(self.city.kojin(np.array([person]))[0]):012}"

    def new_kojin(self) -> str:
        """A 個人番号 for somebody who asked for another one."""
        self.spare += 1
        return self.kojin(SPARE_KOJIN + self.spare)

    def find(self, atena_no: str, kojin_no: str) -> int | None:
        """The person of a 宛名番号, else of a 個人番号 (newest row), else None."""
        if atena_no:
            self.atena(self.count)
            at = int(np.searchsorted(self._atena, int(atena_no)))
            return at if at < self.count and self._atena[at] == int(atena_no) else None
        for person, row in self.changed.items():
            if row["kojin_no"] == kojin_no:
                return person
        found = np.flatnonzero(self.city.kojin(np.arange(self.city.residents)) == int(kojin_no or -1))
        return int(found[0]) if len(found) and int(found[0]) not in self.changed else None


def day8(day: int) -> str:
    """A day number as YYYYMMDD."""
    return (EPOCH + timedelta(days=day)).strftime("%Y%m%d")


def day_of(text: str) -> int:
    """YYYYMMDD as a day number."""
    return (date.fromisoformat(text) - EPOCH).days
