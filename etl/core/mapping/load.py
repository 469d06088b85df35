"""How a dataset is loaded: the ``load:`` block of its mapping. Its tables, items made or dropped on the way, statements after."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Attr
from pydantic import model_validator

from etl.core.mapping.fields import Frozen, Word

Reader = Literal["by_hash", "csv", "medium", "asked"]
Follow = Literal["idou", "kaitou"]
Made = Literal["bytes", "flag"]


class Table(Frozen):
    """A table of ``pension`` that rows enter: its title; ``only``: the codes of ``load.by`` that enter it (none: all that are left)."""

    title: str
    only: tuple[str, ...] = ()


class Load(Frozen):
    """``into``: table -> its title. Several: ``by`` names the item that chooses among them.

    ``reader``: ``by_hash`` (fixed records, compared with what is held before they are decoded), ``csv``, ``medium`` (records of 日本年金機構),
    ``asked`` (answers, only those that were asked for). ``versions``: a file of higher version supersedes rows. ``new_by``: 新規 counts the
    values of this item that no earlier file brought; without it every row that enters is 新規. ``adds``: columns made while loading (``bytes``
    are kept, a ``flag`` only steers). ``drops``: read and checked, never kept. ``then``: what follows the rows, in the same transaction.
    """

    into: dict[Word, Table] = Attr(min_length=1)
    by: Word | None = None
    reader: Reader
    versions: bool = False
    new_by: Word | None = None
    adds: dict[Word, Made] = Attr(default_factory=dict)
    drops: tuple[Word, ...] = ()
    then: Follow | None = None

    @property
    def table(self) -> str:
        """The one table that rows enter (of several the first)."""
        return next(iter(self.into))

    @model_validator(mode="after")
    def _whole(self) -> Load:
        rest = [name for name, table in self.into.items() if not table.only]
        if (len(self.into) > 1) != (self.by is not None) or len(rest) > 1:
            raise ValueError("several tables: `by` names the item that chooses, `only` its codes; one table may take what is left")
        return self
