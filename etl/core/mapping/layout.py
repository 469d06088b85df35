"""Layouts: one frozen model per ``mappings/<dataset>.yaml``: the shape of a record, why we may hold it, and when it goes.

A layout is refused (``DefinitionError`` NP-1101) when a key is unknown or written twice, a type or code list is unknown, a
field's size does not fit its type, or the fields of a fixed record do not tile it. So nobody later asks whether it is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import yaml
from pydantic import Field as Attr
from pydantic import TypeAdapter, ValidationError, model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import CELLS, IN_ERAS, Field, FileSpec, Frozen, Record, Word
from etl.core.mapping.keep import Keep, Period
from etl.core.mapping.load import LONGEST, OURS, READS, RESERVED, Load
from etl.core.mapping.names import slots
from etl.definitions import MAPPINGS

DAYS = {"date8", "date10", "wareki7", "month", "month7", *IN_ERAS}  # types that are a day, a month being its first


class Stream(Frozen):
    """The counter that a file's ``seq`` belongs to: header field ``by`` -> counter; values in ``resets`` set the counter."""

    by: Word
    names: dict[str, Word]
    resets: tuple[str, ...] = ()


class Limit(Frozen):
    """A file is refused when its quarantined rows exceed both ``rows`` and ``share`` of the data rows."""

    share: float = Attr(0.01, ge=0, le=1)
    rows: int = Attr(10, ge=0)


class Layout(Frozen):
    """A dataset's whole life: container, records, key, and how long each part is kept.

    ``numbers``: our word for a slot of the file name where the sender's differs (作成年月日 -> business_on). ``code_days``: items whose day
    says which codes a row may use, one of them is enough; without them it is the day of the file.
    """

    dataset: Word
    title: str
    direction: Literal["in", "out"]
    source: str
    status: Literal["stand-in", "official"]
    file: FileSpec
    numbers: dict[Word, Literal["business_on", "seq"]] = Attr(default_factory=dict)
    preamble: Record | None = None
    header: Record | None = None
    data: Record
    trailer: Record | None = None
    key: tuple[Word, ...]
    not_content: tuple[Word, ...] = ()
    code_days: tuple[Word, ...] = ()
    keep: dict[Word, Keep]

    @model_validator(mode="before")
    @classmethod
    def _records(cls, page: dict[str, Any]) -> dict[str, Any]:
        """The page lists fields; the model holds records, which know their name and size (a preamble: as long as its fields)."""
        file = page.get("file")
        size = file.get("record") if isinstance(file, dict) else None
        given = {k: page[k] for k in ("preamble", "header", "data", "trailer") if isinstance(page.get(k), list)}
        sizes = {
            k: sum(f.get("size") or 0 for f in v if isinstance(f, dict)) if k == "preamble" else size for k, v in given.items()
        }
        return {**page, **{k: {"name": k, "size": sizes[k], "fields": v} for k, v in given.items()}}

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        names = {f.name for f in self.columns}
        for word in (*self.key, *self.not_content, *(f.sums for f in (self.trailer.fields if self.trailer else ()) if f.sums)):
            if word not in names:
                raise ValueError(f"key, not_content, sums: no stored field {word}")
        if strange := set(self.code_days) - {f.name for f in self.columns if f.type in DAYS}:
            raise ValueError(f"code_days: no day or month {', '.join(sorted(strange))}")
        if (self.header is None) != (self.trailer is None) or (self.header is not None) != (self.file.format not in CELLS):
            raise ValueError("a file of records by bytes has header and trailer, one of cells has neither")
        if self.file.format != "todoke" and any(f.split or f.bytes or f.one_space or f.type in IN_ERAS for f in self.data.fields):
            raise ValueError("split, bytes, one_space and items in eras belong to a 届書 file")
        if (self.preamble is not None) != (self.file.format == "jps500"):
            raise ValueError("a preamble belongs to jps500, and only there")
        return self

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(r for r in (self.preamble, self.header, self.data, self.trailer) if r)

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """The data fields that carry a value, in record order."""
        return self.data.stored

    @cached_property
    def labels(self) -> dict[str, str]:
        """item -> its Japanese label."""
        return {f.name: f.label for f in self.data.fields}


class Arriving(Layout):
    """An inbound dataset: its sender, our ground for holding it, its counter, and how it is loaded."""

    direction: Literal["in"]
    sender: str = Attr(alias="from")
    basis: str
    stream: Stream | None = None
    quarantine_limit: Limit = Limit()
    load: Load

    @model_validator(mode="after")
    def _loads(self) -> Self:
        names = {f.name for f in self.columns}
        for word in (*self.load.drops, *(w for w in (self.load.by, self.load.new_by, self.load.newer_by) if w)):
            if word not in names:
                raise ValueError(f"load: no stored field {word}")
        if lost := set(self.load.drops) & {*self.key, self.load.by, self.load.new_by, self.load.newer_by}:
            raise ValueError(f"load: dropped and needed: {', '.join(sorted(str(w) for w in lost))}")
        if {"kojin_no", *self.not_content} & {self.load.by, self.load.new_by} or "kojin_no" in self.key:
            raise ValueError("key, load: neither 個人番号 nor what is not content finds or counts rows")
        return self

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        """Its name tells the day, its reader fits, what is compared has a key, a counter is chosen by the header."""
        container, _ = READS[self.load.reader]
        if "business_on" not in {self.numbers.get(slot, slot) for slot in slots(self.file.name)}:
            raise ValueError("file.name: tells no business_on")
        if self.file.format != container:
            raise ValueError(f"load.reader: {self.load.reader} reads {container}")
        if self.file.format == "fixed" and not self.key:
            raise ValueError("key: records that are compared need one")
        if self.stream and self.stream.by not in {f.name for f in (self.header.stored if self.header else ()) if f.required}:
            raise ValueError(f"stream.by: {self.stream.by} is no required item of the header")
        if self.load.then == "idou" and self.keep.get("kouho", Period(0, "permanent")).unit not in ("months", "years"):
            raise ValueError("keep.kouho: a number of months, for `then: idou`")
        return self

    @model_validator(mode="after")
    def _can_be_columns(self) -> Self:
        """Its names stand in SQL as they are: none is ours, reserved, used twice or too long."""
        names = [*self.load.adds, *(f.name for f in self.columns)]
        if wrong := {n for n in names if n in OURS | RESERVED or names.count(n) > 1}:
            raise ValueError(f"no column can be called {', '.join(sorted(wrong))}")
        if max(map(len, (*names, f"{self.dataset}_entering", *(f"{table}_id" for table in self.load.into)))) > LONGEST:
            raise ValueError(f"a name is longer than {LONGEST} in the database")
        return self


class Leaving(Layout):
    """An outbound dataset. To whom it goes and why is in ``transfers.yaml``."""

    direction: Literal["out"]


_BOOL = "tag:yaml.org,2002:bool"


class _Loader(yaml.CSafeLoader):
    """The SafeLoader of libyaml (all pages in 0.1 s; the one in Python takes 0.6 s, in each process) that refuses a key written twice
    (YAML would keep the last), and to which ``no`` and ``on`` are names, not booleans."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key written twice: {key}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(_BOOL, re.compile("true|false"), list("tf"))


def read_yaml(path: Path) -> Any:
    """The page's content; DefinitionError NP-1101 if it is missing, not YAML or writes a key twice."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader that is stricter
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = getattr(error, "problem", None) or type(error).__name__
        raise DefinitionError("NP-1101", file=path.name, why=why) from None


def read_page(path: Path, shape: Any) -> Any:
    """The page as ``shape`` (a model, or a list or dict of them). DefinitionError NP-1101 names the first place that is wrong, never its value."""
    try:
        return TypeAdapter(shape).validate_python(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise DefinitionError("NP-1101", file=path.name, item=place or None, why=first["msg"]) from None


class Code(Frozen):
    """A code of a list: its Japanese label, the first and the last day on which it may be written (both included; None: no limit)."""

    label: str = Attr(min_length=1)
    since: date | None = Attr(None, alias="from", strict=True)
    until: date | None = Attr(None, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """Most codes are a bare label; the long form gives a first day, a last day or both."""
        if isinstance(value, dict) and len(value) < 2:
            raise ValueError("a label, or {label, from, until} with one of the two days")
        return {"label": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise ValueError("until comes before from")
        return self

    def valid_on(self, day: date) -> bool:
        return (self.since or date.min) <= day <= (self.until or date.max)


_CODES = TypeAdapter(dict[Annotated[str, Attr(strict=True)], Code])


@cache
def _code_list(name: str, folder: Path) -> dict[str, Code]:
    """code -> its entry in the list. DefinitionError NP-1101."""
    path = folder / f"{name}.yaml"
    try:
        page = _CODES.validate_python(read_yaml(path))
    except ValidationError as error:
        raise DefinitionError("NP-1101", file=path.name, why=error.errors()[0]["msg"]) from None
    if len({len(k) for k in page}) != 1 or not all(k.isascii() for k in page):
        raise DefinitionError("NP-1101", file=path.name, why="codes are ASCII and equally long")
    return page


@cache
def codes(name: str, folder: Path = MAPPINGS / "codes") -> dict[str, str]:
    """A code list: code -> Japanese label, of all that were ever valid. All codes of a list have the same length."""
    return {code: about.label for code, about in _code_list(name, folder).items()}


@cache
def dated_codes(name: str, folder: Path = MAPPINGS / "codes") -> dict[str, Code]:
    """Those of the list that begin or end."""
    return {code: about for code, about in _code_list(name, folder).items() if about.since or about.until}


def codes_on(name: str, day: date, folder: Path = MAPPINGS / "codes") -> dict[str, str]:
    """Those of the list that may be written on a day."""
    return {code: about.label for code, about in _code_list(name, folder).items() if about.valid_on(day)}


def load_layout(path: Path, codes_dir: Path | None = None) -> Layout:
    """The layout of one mapping, checked against the code lists beside it. DefinitionError NP-1101."""
    return _layout(path, read_yaml(path), codes_dir or path.parent / "codes")


def _layout(path: Path, page: Any, codes_dir: Path) -> Layout:
    if not isinstance(page, dict):
        raise DefinitionError("NP-1101", file=path.name, why="not a mapping")
    try:
        layout = (Leaving if page.get("direction") == "out" else Arriving).model_validate(page)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise DefinitionError("NP-1101", file=path.name, item=place or None, why=first["msg"]) from None
    if layout.dataset != path.stem:
        raise DefinitionError("NP-1101", file=path.name, item="dataset", why="differs from the file name")
    for field in (f for r in layout.records for f in r.fields if f.codes):
        length = len(next(iter(codes(field.codes or "", codes_dir))))
        if field.size not in (None, length):
            raise DefinitionError("NP-1101", file=path.name, item=field.name, why=f"codes of {field.codes} are {length} bytes")
    if isinstance(layout, Arriving):
        _check_tables(path, layout, codes_dir or path.parent / "codes")
    return layout


def _check_tables(path: Path, layout: Arriving, codes_dir: Path) -> None:
    """Every row finds its table and every header its counter. DefinitionError NP-1101 that names the codes which do not."""
    load, stream = layout.load, layout.stream
    if load.by:
        by = layout.data.field(load.by)
        _check_codes(path, "load.into", by, load.chosen_by_code, codes_dir, whole=not load.takes_the_rest)
        if not (load.takes_the_rest or by.required):
            raise DefinitionError("NP-1101", file=path.name, item="load.into", why=f"rows without {by.name} enter no table")
    if stream and layout.header:
        _check_codes(path, "stream.names", layout.header.field(stream.by), stream.names, codes_dir, whole=True)


def _check_codes(path: Path, item: str, field: Field, said: Iterable[str], folder: Path, *, whole: bool) -> None:
    """``said`` are codes of the field's list; ``whole``: all of it."""
    known = set(codes(field.codes, folder)) if field.codes else set()
    if wrong := set(said) ^ known if whole else set(said) - known:
        raise DefinitionError("NP-1101", file=path.name, item=item, why=f"codes of {field.name}: {', '.join(sorted(wrong))}")


def layouts(folder: Path = MAPPINGS) -> dict[str, Layout]:
    """dataset -> layout of every page in ``mappings/`` that describes a dataset (the other pages are registries)."""
    return _layouts(folder)


@cache  # not on ``layouts``: with and without the default it would keep two
def _layouts(folder: Path) -> dict[str, Layout]:
    pages = {path: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}
    return {path.stem: _layout(path, page, folder / "codes") for path, page in pages.items() if "dataset" in (page or {})}


@cache
def arriving(folder: Path = MAPPINGS) -> dict[str, Arriving]:
    """The inbound ones: each has what its reader needs, and tables of its own. DefinitionError NP-1101."""
    found = {name: layout for name, layout in layouts(folder).items() if isinstance(layout, Arriving)}
    whose: dict[str, str] = {}
    for name, layout in found.items():
        if missing := READS[layout.load.reader][1] - {f.name for f in layout.columns}:
            why = f"{layout.load.reader} needs {', '.join(sorted(missing))}"
            raise DefinitionError("NP-1101", file=f"{name}.yaml", item="load.reader", why=why)
        if shared := [table for table in layout.load.into if whose.setdefault(table, name) != name]:
            raise DefinitionError(
                "NP-1101", file=f"{name}.yaml", item="load.into", why=f"{shared[0]} belongs to {whose[shared[0]]}"
            )
    return found


@cache
def leaving(folder: Path = MAPPINGS) -> dict[str, Leaving]:
    """The outbound ones."""
    return {name: layout for name, layout in layouts(folder).items() if isinstance(layout, Leaving)}
