"""How a dataset is loaded: the ``load:`` block of its mapping. Its tables, items made or dropped on the way, statements after."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Attr
from pydantic import model_validator

from etl.core.mapping.fields import Frozen, Word

Reader = Literal["by_hash", "csv", "medium", "asked"]
Follow = Literal["idou", "kaitou"]
Made = Literal["bytes", "flag"]
#: reader -> the container that it reads, and the items that it knows by name
READS: dict[Reader, tuple[str, frozenset[str]]] = {
    "by_hash": ("fixed", frozenset({
        "atena_no", "rireki_no", "kojin_no", "birth_on", "birth_fusho_flag", "idou_jiyu_code", "jumin_jotai_code", "idou_on", "sakujo_flag",
    })),
    "asked": ("fixed", frozenset({"shoukai_no", "atena_no", "soutou_year", "name_kana", "birth_on", "sex_code", "address"})),
    "medium": ("jps500", frozenset({"kojin_no"})),
    "csv": ("csv", frozenset()),
}  # fmt: skip
LONGEST = 63  # bytes of a name in PostgreSQL; a longer one is cut, and two may become one
#: columns that staging and its views have besides the items, and those that every table of ``pension`` has (``tables.HISTORY``)
OURS = frozenset({
    "line", "target", "content", "row_key", "kojin_id", "kojin_hmac", "kojin_cipher", "file_id", "file_version", "approval_id", "recorded_at",
    "superseded_at", "superseded_by_file",
})  # fmt: skip
_WORDS = (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently"
    " constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default"
    " deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect"
    " into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer"
    " overlaps placing primary references returning right select session_user similar some symmetric system_user table tablesample then to"
    " trailing true union unique user using variadic verbose when where window with"
    " cmax cmin ctid tableoid xmax xmin"
)
#: no column bears one of these unquoted: reserved words of SQL as PostgreSQL has them (``pg_get_keywords``: R, T), and its system columns
RESERVED = frozenset(_WORDS.split())


class Table(Frozen):
    """A table of ``pension`` that rows enter: its title; ``only``: the codes of ``load.by`` that enter it (none: all that are left)."""

    title: str
    only: tuple[str, ...] = ()


class Load(Frozen):
    """``into``: table -> its title. Several: ``by`` names the item that chooses among them.

    ``reader``: ``by_hash`` (fixed records, compared with what is held before they are decoded), ``csv``, ``medium`` (records of 日本年金機構),
    ``asked`` (answers, only those that were asked for). ``versions``: a file of higher version supersedes rows, unless ``newer_by``, an item
    of time, says that the row held is the newer one. ``new_by``: 新規 counts the values of this item that no earlier file brought; without it
    every row that enters is 新規. ``adds``: columns made while loading (``bytes`` are kept, a ``flag`` only steers). ``drops``: read and
    checked, never kept. ``then``: what follows the rows, in the same transaction.
    """

    into: dict[Word, Table] = Attr(min_length=1)
    by: Word | None = None
    reader: Reader
    versions: bool = False
    newer_by: Word | None = None
    new_by: Word | None = None
    adds: dict[Word, Made] = Attr(default_factory=dict)
    drops: tuple[Word, ...] = ()
    then: Follow | None = None

    @property
    def table(self) -> str:
        """The one table that rows enter (of several the first)."""
        return next(iter(self.into))

    @property
    def chosen_by_code(self) -> tuple[str, ...]:
        """The codes of ``by`` that lead to a table of their own."""
        return tuple(code for table in self.into.values() for code in table.only)

    @property
    def takes_the_rest(self) -> bool:
        """Whether a table takes the rows that no code leads elsewhere."""
        return any(not table.only for table in self.into.values())

    @model_validator(mode="after")
    def _whole(self) -> Load:
        rest = [name for name, table in self.into.items() if not table.only]
        if (len(self.into) > 1) != (self.by is not None) or len(rest) > 1:
            raise ValueError(
                "several tables: `by` names the item that chooses, `only` its codes; one table may take what is left"
            )
        if len(set(self.chosen_by_code)) < len(self.chosen_by_code):
            raise ValueError("several tables: a code leads to one of them")
        if self.by and (self.versions or self.new_by):
            raise ValueError("several tables: neither `versions` nor `new_by`, which look at one")
        return self
