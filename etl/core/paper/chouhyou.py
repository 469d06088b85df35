"""進達帳票: what the page of a 届書 is called and how it calls its items (``mappings/chouhyou.yaml``)."""

from __future__ import annotations

from functools import cache

from pydantic import Field as Attr

from etl.core.errors import DefinitionError
from etl.core.law.todoke import todoke
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS


class Chouhyou(Frozen):
    """The words of one page."""

    title: str
    person: str = "被保険者"
    labels: dict[Word, str] = Attr(default_factory=dict)


@cache
def chouhyou() -> dict[str, Chouhyou]:
    """届書種別 -> its page. DefinitionError NP-1101 when a 届書 has none, or a label is of an item that it does not have."""
    found: dict[str, Chouhyou] = read_page(MAPPINGS / "chouhyou.yaml", dict[str, Chouhyou])
    if strange := set(found) ^ set(todoke()):
        raise DefinitionError("NP-1101", file="chouhyou.yaml", why=f"todoke {'・'.join(sorted(strange))}")
    for code, page in found.items():
        if strange := set(page.labels) - set(todoke()[code].items):
            raise DefinitionError("NP-1101", file="chouhyou.yaml", item=code, why="・".join(sorted(strange)))
    return found
