"""根拠: the laws, orders and notices that the house may name, and the parts of the 評価書 (``mappings/statutes.yaml``)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import Field as Attr
from pydantic import ValidationError, model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS


class Statute(Frozen):
    """One of them: its name here, what it is called in short, its 法令番号 or who publishes it."""

    name: str = Attr(min_length=1)
    short: tuple[str, ...] = ()
    no: str = Attr(min_length=1)


class Hyoukasho(Frozen):
    """The 評価書 and the headings of its form: ``Ⅱ-3`` or ``別添2`` -> title."""

    name: str
    parts: dict[str, str]

    def has(self, section: str) -> bool:
        """Whether ``Ⅱ-3⑧`` or ``Ⅲ-2 リスク1`` stands in it: the heading is known, what follows it is not looked at."""
        found = re.match(r"[Ⅰ-Ⅵ]-[0-9]|別添[0-9]", section)
        return found is not None and found[0] in self.parts


class Statutes(Frozen):
    """The page. No name or abbreviation stands for two of them."""

    statutes: tuple[Statute, ...]
    hyoukasho: Hyoukasho

    @model_validator(mode="after")
    def _once(self) -> Statutes:
        if doubled := sorted({n for n in self.names if self.names.count(n) > 1}):
            raise ValueError(f"name twice: {', '.join(doubled)}")
        return self

    @property
    def names(self) -> list[str]:
        """Names and abbreviations, the longest first: 国民年金法施行令 is not 国民年金法."""
        return sorted((n for s in self.statutes for n in (s.name, *s.short)), key=len, reverse=True)


@cache
def statutes(path: Path = MAPPINGS / "statutes.yaml") -> Statutes:
    """DefinitionError NP-1101 for a row that is not whole or a name that stands twice."""
    try:
        return Statutes.model_validate(read_yaml(path))
    except ValidationError as error:
        raise DefinitionError("NP-1101", file=path.name, why=error.errors()[0]["msg"]) from None
