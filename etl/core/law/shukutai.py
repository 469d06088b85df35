"""縮退: names written with other forms of the same characters (髙/高, 﨑/崎), by the open table ``mappings/shukutai.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from etl.core.errors import DefinitionError
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS


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
