"""Acceptance: one page per dataset in ``expectations/``, read into checks. Only ``edge.suites`` knows the tool that runs them.

An entry has a name, a Japanese label, a severity (``fail`` stops before anything changes, ``warn`` is shown), perhaps a condition
``when``, and one verb. The verbs ``required: all`` and ``codes: all`` take the columns from the mapping, so that a rule of shape
keeps its one home. A page that names an unknown column, verb or code list is refused (``DefinitionError`` NP-3001).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field as Attr
from pydantic import StringConstraints, ValidationError, model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import Layout, codes, codes_on, layouts, read_yaml
from etl.definitions import EXPECTATIONS

TableName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]+$")]
Severity = Literal["fail", "warn"]
Batch = Literal["rows", "metrics"]
#: counts of a file that a suite may speak of; the last three are made of the others by ``measures``
MEASURES = (
    "data_count", "last_data_count", "quarantined_count", "out_of_scope_count", "unchanged_count", "staged_count",
    "percent_of_last", "unaccounted_count", "room_count",
)  # fmt: skip


class Known(Frozen):
    """The value of ``column`` stands in ``of`` of a table of ours (rows in force), or of the staged rows themselves."""

    column: Word
    table: TableName
    of: Word
    or_here: Word | None = None


class Between(Frozen):
    """A count lies between two numbers, both included."""

    measure: Word
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _a_limit(self) -> Between:
        if self.min is None and self.max is None:
            raise ValueError("between: min, max or both")
        return self


class Among(Frozen):
    """The code is one of these (fewer than its list has)."""

    column: Word
    codes: tuple[Code, ...]


class Entry(Frozen):
    """One entry of a page: exactly one verb."""

    name: Word
    label: str
    severity: Severity
    when: dict[Word, Literal["present", "absent"] | tuple[Code, ...]] | None = None
    required: Literal["all"] | tuple[Word, ...] | None = None
    empty: tuple[Word, ...] | None = None
    codes: Literal["all"] | None = None
    among: Among | None = None
    unique: Annotated[tuple[Word, ...], Attr(min_length=1)] | None = None
    in_order: tuple[Word, Word] | None = None
    same: tuple[Word, Word] | None = None
    differ: tuple[Word, Word] | None = None
    known: Known | None = None
    between: Between | None = None

    @property
    def verb(self) -> str:
        return next(v for v in VERBS if getattr(self, v) is not None)

    @model_validator(mode="after")
    def _one_verb(self) -> Entry:
        given = [v for v in VERBS if getattr(self, v) is not None]
        if len(given) != 1:
            raise ValueError(f"{self.name}: one verb of {', '.join(VERBS)}")
        if self.when and given[0] not in CONDITIONAL:
            raise ValueError(f"{self.name}: {given[0]} takes no `when`")
        return self


VERBS = tuple(Entry.model_fields)[4:]
CONDITIONAL = ("required", "empty", "unique", "in_order", "same", "differ")


class Page(Frozen):
    """A dataset's page. The mapping's ``direction`` decides where it is run: inbound on staging, outbound on rows in memory. Rows that the house
    selects and no mapping describes are in memory too; their page names the ``columns`` itself."""

    dataset: Word
    columns: dict[Word, str] = Attr(default_factory=dict)
    expectations: Annotated[tuple[Entry, ...], Attr(min_length=1)]

    @model_validator(mode="after")
    def _names_once(self) -> Page:
        names = [e.name for e in self.expectations]
        if len(set(names)) != len(names):
            raise ValueError("name used twice")
        return self


@dataclass(frozen=True)
class Rows:
    """What a page may speak of: ``labels`` of all columns, those of them that are ``required`` and that have ``codes`` (the list's name), those
    that are ``present`` in the rows; ``in_memory``, or staged in the database; ``by_row``: the day of a row says which codes it may use."""

    labels: Mapping[str, str]
    required: tuple[str, ...]
    codes: Mapping[str, str]
    present: tuple[str, ...]
    in_memory: bool
    by_row: bool

    @classmethod
    def of(cls, layout: Layout) -> Rows:
        """The columns of a mapping. Staged rows hold no 個人番号, rows to be written may."""
        fields, out = layout.columns, layout.direction == "out"
        return cls(
            {f.name: f.label for f in fields}, tuple(f.name for f in fields if f.required), {f.name: f.codes for f in fields if f.codes},
            tuple(f.name for f in fields if out or f.type != "kojin_no"), out, bool(layout.code_days),
        )  # fmt: skip

    @classmethod
    def own(cls, columns: Mapping[str, str]) -> Rows:
        """The columns that a page names itself."""
        return cls(columns, (), {}, tuple(columns), True, False)


@dataclass(frozen=True)
class Check:
    """One thing to look at: ``columns`` (or one measure) under a verb, with its ``values`` (codes; those of the list ``listed`` come
    with the day: ``on_day``) or ``limits`` (numbers)."""

    name: str
    label: str
    severity: Severity
    on: Batch
    verb: str
    columns: tuple[str, ...]
    when: tuple[tuple[str, str | tuple[str, ...]], ...] = ()
    values: tuple[str, ...] = ()
    listed: str | None = None
    limits: tuple[float | None, float | None] = (None, None)
    known: Known | None = None

    @property
    def verdict(self) -> str | None:
        """The column that answers for each row, where no single column does: 1 as expected, 0 not, null where not applicable."""
        own = self.verb in ("in_order", "same", "differ", "empty") or (self.verb == "required" and self.when)
        return "is_" + self.name.replace(".", "_") if own else None


@cache
def suite(dataset: str, folder: Path = EXPECTATIONS) -> tuple[Check, ...]:
    """The checks of ``expectations/<dataset>.yaml`` in the order of the page. DefinitionError NP-3001."""
    path = folder / f"{dataset}.yaml"
    try:
        page = Page.model_validate(read_yaml(path))
        if page.dataset != dataset or (dataset in layouts()) == bool(page.columns):
            raise ValueError("no mapping of this name, or one and columns of its own")
        rows = Rows.own(page.columns) if page.columns else Rows.of(layouts()[dataset])
        return tuple(check for entry in page.expectations for check in _checks(entry, rows))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise DefinitionError("NP-3001", file=path.name, item=place or None, why=first["msg"]) from None
    except ValueError as error:
        raise DefinitionError("NP-3001", file=path.name, why=str(error)) from None


def on_day(checks: tuple[Check, ...], day: date) -> tuple[Check, ...]:
    """The same, where a code list is asked with the codes that may be written on the day."""
    return tuple(replace(c, values=tuple(codes_on(c.listed, day))) if c.listed else c for c in checks)


def _checks(entry: Entry, rows: Rows) -> Iterator[Check]:
    """One check per column for the verbs that look at one column, one check for the others."""
    when = tuple(sorted((entry.when or {}).items()))
    wanted = _columns(entry, rows)
    allowed = MEASURES if entry.between else rows.present
    if rows.in_memory and (entry.known or (entry.unique and entry.when)):
        raise ValueError(f"{entry.name}: only for rows that are staged in the database")
    if strange := [c for c in (*wanted, *(c for c, _ in when)) if c not in allowed]:
        raise ValueError(f"{entry.name}: no such column: {', '.join(strange)}")
    if entry.verb in ("required", "empty", "codes"):
        for column in wanted:
            yield _check(
                entry,
                (column,),
                when,
                _label(entry, rows.labels[column], len(wanted)),
                rows.codes.get(column),
                column,
                rows.by_row,
            )
    else:
        yield _check(entry, wanted, when, entry.label)


def _columns(entry: Entry, rows: Rows) -> tuple[str, ...]:
    if entry.required == "all":
        return rows.required
    if entry.codes:
        return tuple(rows.codes)
    if entry.known:
        return (entry.known.column,)
    if entry.among:
        return (entry.among.column,)
    return (entry.between.measure,) if entry.between else getattr(entry, entry.verb)


def _label(entry: Entry, column: str, of: int) -> str:
    return entry.label if of == 1 else f"{entry.label}：{column}"


def _check(
    entry: Entry, columns: tuple[str, ...], when: Any, label: str, code_list: str | None = None, column: str = "", by_row: bool = False
) -> Check:  # fmt: skip
    values = entry.among.codes if entry.among else ()
    listed = code_list if entry.codes else None
    if listed and by_row:  # no code of a wrong day is staged
        values, listed = tuple(codes(listed)), None
    limits = (entry.between.min, entry.between.max) if entry.between else (None, None)
    name = f"{entry.name}.{column}" if column else entry.name
    on: Batch = "metrics" if entry.between else "rows"
    return Check(name, label, entry.severity, on, entry.verb, columns, when, values, listed, limits, entry.known)


def measures(counts: Mapping[str, int | None]) -> dict[str, float | None]:
    """The counts of one file and what follows from them: 前回比 (%), rows not accounted for, rows that could still have entered.

    ``percent_of_last`` is not set when there was no last file or it was empty; a count not given is taken as 0.
    """
    known: dict[str, float | None] = {name: counts.get(name) for name in MEASURES[:7]}
    data, last = known["data_count"] or 0, known["last_data_count"]
    known["percent_of_last"] = round(100 * data / last, 1) if last else None
    parts = [known[n] or 0 for n in ("staged_count", "quarantined_count", "out_of_scope_count", "unchanged_count")]
    known["unaccounted_count"] = data - sum(parts)
    known["room_count"] = data - parts[0]
    return known
