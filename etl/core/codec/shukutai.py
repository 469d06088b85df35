"""縮退: texts written with other forms of the same characters (髙/高, 﨑/崎), by the open table ``mappings/shukutai.yaml``.

There is one way to compare texts, here as ``reduced`` and in the database as ``pension.shukutai(text)``: without variation selectors, as
NFC, by the table. What is kept and shown is always the text as it came.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from etl.core.errors import DefinitionError
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS

_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class Shukutai(NamedTuple):
    """Two texts of equal length: each character of ``forms`` stands for the character of ``plain`` at its place."""

    forms: str
    plain: str


@cache
def shukutai(path: Path = MAPPINGS / "shukutai.yaml") -> Shukutai:
    """The table. DefinitionError NP-1101 when a line has fewer than two characters or a character stands twice."""
    page = read_yaml(path)
    lines = [line for section in page.values() for line in section]
    everything = "".join(lines)
    if any(len(line) < 2 for line in lines) or len(set(everything)) != len(everything):
        raise DefinitionError(
            "NP-1101", file=path.name, why="a line has two characters or more, and each stands once in the table"
        )
    pairs = [(form, line[0]) for line in lines for form in line[1:]]
    return Shukutai("".join(f for f, _ in pairs), "".join(p for _, p in pairs))


@cache
def table() -> dict[str, str]:
    """plain -> the characters that are written for it, in the order of its line."""
    forms, plain = shukutai()
    found: dict[str, str] = {}
    for form, first in zip(forms, plain, strict=True):
        found[first] = found.get(first, "") + form
    return found


@cache
def _table() -> dict[int, int]:
    return str.maketrans(*shukutai())


def reduced(text: str) -> str:
    """A text as it is compared. Selectors go first: one between a letter and its sound mark would keep NFC from joining them."""
    return unicodedata.normalize("NFC", _SELECTOR.sub("", text)).translate(_table())


def function() -> str:
    """The same for the database, made from the table; PostgreSQL writes it into the statement that calls it."""
    forms, plain = (text.replace("'", "''") for text in shukutai())
    return (
        "create or replace function pension.shukutai(said text) returns text language sql immutable strict parallel safe\n"
        rf"return translate(normalize(regexp_replace(said, '[\uFE00-\uFE0F\U000E0100-\U000E01EF]', '', 'g'), nfc), '{forms}', '{plain}');"
        "\ncomment on function pension.shukutai is '文字の比較に使う形（異体字セレクタを除き、NFC、縮退の表）'"
    )
