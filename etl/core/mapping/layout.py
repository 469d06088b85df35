"""Layouts: one frozen model per ``mappings/<dataset>.yaml``. What a record looks like, why we may hold it, when it goes.

A layout is refused (``DefinitionError`` NP-1101) when a key is unknown or written twice, a type or code list is unknown, a
field's size does not fit its type, or the fields of a fixed record do not tile it. So nobody later asks whether it is right.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import yaml
from pydantic import Field as Attr
from pydantic import TypeAdapter, ValidationError, model_validator

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Field, FileSpec, Frozen, Record, Word
from etl.core.mapping.keep import Keep
from etl.core.mapping.load import Load
from etl.definitions import MAPPINGS


class Stream(Frozen):
    """Which counter a file's ``seq`` belongs to: header field ``by`` -> counter; values in ``resets`` set the counter."""

    by: Word
    names: dict[str, Word]
    resets: tuple[str, ...] = ()


class Limit(Frozen):
    """A file is refused when its quarantined rows exceed both ``rows`` and ``share`` of the data rows."""

    share: float = Attr(0.01, ge=0, le=1)
    rows: int = Attr(10, ge=0)


class Layout(Frozen):
    """A dataset's whole life: container, records, key, what is kept how long.

    ``numbers``: what a slot of the file name is to us where the sender calls it otherwise (作成年月日 -> business_on).
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
    keep: dict[Word, Keep]

    @model_validator(mode="before")
    @classmethod
    def _records(cls, page: dict[str, Any]) -> dict[str, Any]:
        """The page lists fields; the model holds records, which know their name and size (a preamble: as long as its fields)."""
        size = (page.get("file") or {}).get("record")
        given = {k: page[k] for k in ("preamble", "header", "data", "trailer") if isinstance(page.get(k), list)}
        sizes = {k: sum(f.get("size") or 0 for f in v) if k == "preamble" else size for k, v in given.items()}
        return {**page, **{k: {"name": k, "size": sizes[k], "fields": v} for k, v in given.items()}}

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        names = {f.name for f in self.columns}
        for word in (*self.key, *self.not_content, *(f.sums for f in (self.trailer.fields if self.trailer else ()) if f.sums)):
            if word not in names:
                raise ValueError(f"key, not_content, sums: no stored field {word}")
        if (self.header is None) != (self.trailer is None) or (self.header is not None) != (self.file.format != "csv"):
            raise ValueError("a file of records by bytes has header and trailer, a csv file has neither")
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
    """An inbound dataset: who sends it, why we may hold it, which counter it has, how it is loaded."""

    direction: Literal["in"]
    sender: str = Attr(alias="from")
    basis: str
    stream: Stream | None = None
    quarantine_limit: Limit = Limit()
    load: Load

    @model_validator(mode="after")
    def _loads(self) -> Self:
        names = {f.name for f in self.columns}
        for word in (*self.load.drops, *(w for w in (self.load.by, self.load.new_by) if w)):
            if word not in names:
                raise ValueError(f"load: no stored field {word}")
        if lost := set(self.load.drops) & {*self.key, self.load.by, self.load.new_by}:
            raise ValueError(f"load: dropped and needed: {', '.join(sorted(str(w) for w in lost))}")
        return self


class Leaving(Layout):
    """An outbound dataset. To whom it goes and why is in ``transfers.yaml``."""

    direction: Literal["out"]


_BOOL = "tag:yaml.org,2002:bool"


class _Loader(yaml.CSafeLoader):
    """SafeLoader that refuses a key written twice (YAML would keep the last), and to which ``no`` and ``on`` are names, not booleans."""

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
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = getattr(error, "problem", None) or type(error).__name__
        raise DefinitionError("NP-1101", file=path.name, why=why) from None


class Code(Frozen):
    """A code of a list: its Japanese label, the first and the last day on which it may be written (both included; None: no limit)."""

    label: str = Attr(min_length=1)
    since: date | None = Attr(None, alias="from", strict=True)
    until: date | None = Attr(None, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """Most say a label and no more; whoever writes it out says from when, until when or both."""
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
    """code -> what the list says of it. DefinitionError NP-1101."""
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
    return layout


def layouts(folder: Path = MAPPINGS) -> dict[str, Layout]:
    """dataset -> layout of every page in ``mappings/`` that describes a dataset (the other pages are registries)."""
    return _layouts(folder)


@cache  # not on ``layouts``: with and without the default it would keep two
def _layouts(folder: Path) -> dict[str, Layout]:
    pages = {path: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}
    return {path.stem: _layout(path, page, folder / "codes") for path, page in pages.items() if "dataset" in (page or {})}


@cache
def arriving(folder: Path = MAPPINGS) -> dict[str, Arriving]:
    """The inbound ones."""
    return {name: layout for name, layout in layouts(folder).items() if isinstance(layout, Arriving)}


@cache
def leaving(folder: Path = MAPPINGS) -> dict[str, Leaving]:
    """The outbound ones."""
    return {name: layout for name, layout in layouts(folder).items() if isinstance(layout, Leaving)}
