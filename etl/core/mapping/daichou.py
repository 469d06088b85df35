"""台帳: the registers of what lies outside the program (``mappings/daichou.yaml``): paper, media and disks, copies at contractors."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

from pydantic import Field as Attr
from pydantic import model_validator

from etl.core.mapping.fields import Frozen
from etl.core.mapping.keep import Keep, Period
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS

Name = Literal["kami", "baitai", "fukusei"]


class Kind(Frozen):
    """What an entry may be. ``lend``: days that it may be out; ``methods``: how it may go, where not every way of its register will do;
    ``month_end``: it is counted at the end of each month."""

    title: str
    keep: Keep
    lend: int | None = Attr(None, ge=1)
    methods: tuple[str, ...] = ()
    month_end: bool = False


class Register(Frozen):
    """A register, in the words of its page."""

    title: str
    thing: str
    mark: str
    unit: str
    counted: Literal["nendo", "day"]
    ahead: int = Attr(ge=0)
    kinds: dict[str, Kind] = Attr(min_length=1)
    methods: dict[str, str] = Attr(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> Register:
        if strange := {m for kind in self.kinds.values() for m in kind.methods} - set(self.methods):
            raise ValueError(f"methods: none called {', '.join(sorted(strange))}")
        return self

    def ways(self, kind: str) -> tuple[str, ...]:
        """How an entry of this kind may go."""
        return self.kinds[kind].methods or tuple(self.methods)

    @property
    def month_end(self) -> list[str]:
        """The kinds that are counted at the end of each month."""
        return [name for name, kind in self.kinds.items() if kind.month_end]

    def due(self, keep: Period, last_on: date) -> date | None:
        """The last day of the period of what was done with on ``last_on``: it runs from 1 April after its 年度, or from the next day on. None
        when it has no end."""
        before = date(last_on.year + (last_on.month > 3), 3, 31) if self.counted == "nendo" else last_on
        return None if keep.unit == "permanent" else keep.ends_on(before)


@cache
def registers() -> dict[str, Register]:
    """name -> register. DefinitionError NP-1101."""
    found: dict[str, Register] = read_page(MAPPINGS / "daichou.yaml", dict[Name, Register])
    return found
