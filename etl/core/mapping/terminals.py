"""端末: where media may be written (``mappings/terminals.yaml``; P70)."""

from __future__ import annotations

from functools import cache

from pydantic import Field as Attr
from pydantic import field_validator

from etl.core.mapping.daichou import registers
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS


class Terminal(Frozen):
    """A terminal at which media may be written. ``writes``: kinds of the register of media."""

    title: str = Attr(min_length=1)
    place: str = Attr(min_length=1)
    writes: tuple[str, ...] = Attr(min_length=1)

    @field_validator("writes")
    @classmethod
    def _known(cls, writes: tuple[str, ...]) -> tuple[str, ...]:
        if strange := set(writes) - set(registers()["baitai"].kinds):
            raise ValueError(f"writes: no such kind of media: {', '.join(sorted(strange))}")
        return writes


@cache
def terminals() -> dict[str, Terminal]:
    """Its name in the records -> terminal. DefinitionError NP-1101."""
    found: dict[str, Terminal] = read_page(MAPPINGS / "terminals.yaml", dict[str, Terminal])
    return found
