"""The parts of a layout: a field, a record whose fields tile it, and the container of a file."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic import Field as Attr

from etl.core.mapping.names import slots

#: type -> bytes it takes in a fixed record (None: free). ``digitsN`` is the CSV spelling of an exact length.
SIZES: dict[str, int | None] = {
    "const": None, "digits": None, "int": None, "yen": None, "year": 4, "month": 6, "month7": 7, "date8": 8, "date10": 10,
    "wareki7": 7, "ts14": 14, "time8": 8, "flag": 1, "code": None, "kojin_no": 12, "zokugara": 8, "text3": 3, "text": None,
    "hankaku": None, "era_day": None, "era_month": None,
    "zenkaku": None, "jis": None, "shift_in": 3, "shift_out": 3, "filler": None,
}  # fmt: skip
FIXED_ONLY = {"const", "zenkaku", "jis", "shift_in", "shift_out", "filler", "digits"}
LARGEST = {"int": 2**31 - 1, "yen": 10**18 - 1}  # type -> the largest number of a CSV file, unless its item says ``most``
NOT_STORED = {"const", "filler", "shift_in", "shift_out"}

LEVEL_2 = r"^[A-Z0-9_]{1,8}\.[A-Z0-9_]{1,3}$"  # a name that every reader of ISO 9660 knows
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Frozen(BaseModel):
    """Base: nothing unknown gets in, nothing changes afterwards. Messages never show a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Field(Frozen):
    """One item of a record. ``at`` is the 1-based byte, ``size`` its bytes (both only in fixed files). ``person``: digits that mean a person, so
    zeros alone are an error. ``most``, of a number in a CSV file: the largest that it may be, if not what an ``integer`` holds (in a fixed
    record its bytes say so). Of a 届書 file: ``split``, digits in cells of so many; ``bytes``, the most that a text may have; ``one_space``: a
    name, with exactly one space (half or full width, as its characters are). ``sums``, of a trailer: it holds the sum of this data item, modulo
    its own width."""

    name: Word
    label: str
    type: str
    at: int | None = Attr(None, ge=1)
    size: int | None = Attr(None, ge=1)
    required: bool = False
    person: bool = False
    codes: str | None = None
    value: str | None = None
    most: int | None = Attr(None, ge=1, le=2**63 - 1)
    split: tuple[int, ...] = ()
    bytes: int | None = Attr(None, ge=1)
    one_space: bool = False
    sums: Word | None = None

    @property
    def digits(self) -> int | None:
        """N of the CSV type ``digitsN``."""
        found = re.fullmatch(r"digits([1-9][0-9]?)", self.type)
        return int(found[1]) if found else None

    @property
    def stored(self) -> bool:
        """Whether the field carries a value (not a constant, filler or shift code)."""
        return self.type not in NOT_STORED

    @property
    def largest(self) -> int | None:
        """The largest number that it can be, None for what is no number."""
        if self.type == "year":
            return 9999
        if self.type not in LARGEST:
            return None
        return self.most or (10**self.size - 1 if self.size else LARGEST[self.type])

    @property
    def slice(self) -> slice:
        """Its bytes within a fixed record, 0-based."""
        assert self.at is not None and self.size is not None
        return slice(self.at - 1, self.at - 1 + self.size)

    @model_validator(mode="after")
    def _whole(self) -> Field:
        if self.type not in SIZES and not self.digits:
            raise ValueError(f"{self.name}: unknown type {self.type}")
        if (self.type == "code") != (self.codes is not None):
            raise ValueError(f"{self.name}: `codes` belongs to type code, and only there")
        if (self.type == "const") != (self.value is not None):
            raise ValueError(f"{self.name}: `value` belongs to type const, and only there")
        if self.person and not (self.digits or self.type == "digits"):
            raise ValueError(f"{self.name}: `person` belongs to digits, and only there")
        if self.split and sum(self.split) != self.digits:
            raise ValueError(f"{self.name}: `split` cuts digitsN whole, and nothing else")
        if (self.bytes or self.one_space) and self.type not in ("text", "hankaku"):
            raise ValueError(f"{self.name}: `bytes` and `one_space` belong to texts")
        if self.required and not self.stored:
            raise ValueError(f"{self.name}: {self.type} carries no value and cannot be required")
        if self.size is not None:
            self._fits(self.size)
        return self

    def _fits(self, size: int) -> None:
        wanted = SIZES.get(self.type)
        if wanted is not None and size != wanted:
            raise ValueError(f"{self.name}: {self.type} takes {wanted} bytes, not {size}")
        if self.type in ("zenkaku", "jis") and size % 2:
            raise ValueError(f"{self.name}: {self.type} takes an even number of bytes")
        if self.type in ("int", "yen") and size > 18:
            raise ValueError(f"{self.name}: more than 18 digits do not fit an integer")
        if self.value is not None and len(self.value.encode("cp932")) != size:
            raise ValueError(f"{self.name}: value is not {size} bytes")


class Record(Frozen):
    """The fields of one kind of record. ``size`` is its bytes without CRLF, None in CSV."""

    name: Literal["preamble", "header", "data", "trailer"]
    size: int | None
    fields: tuple[Field, ...]

    @model_validator(mode="after")
    def _tiles(self) -> Record:
        names = [f.name for f in self.fields]
        if doubled := {n for n in names if names.count(n) > 1}:
            raise ValueError(f"{self.name}: name used twice: {', '.join(sorted(doubled))}")
        return self._tiles_fixed() if self.size is not None else self._fits_csv()

    def _tiles_fixed(self) -> Record:
        at = 1
        for f in self.fields:
            if f.at is None or f.size is None:
                raise ValueError(f"{self.name}.{f.name}: at and size are needed in a fixed record")
            if f.digits or f.most is not None:
                raise ValueError(f"{self.name}.{f.name}: {f.type if f.digits else '`most`'} is of a CSV type")
            if f.at != at:
                raise ValueError(f"{self.name}.{f.name}: {'gap' if f.at > at else 'overlap'} before byte {f.at} (expected {at})")
            at += f.size
        if at - 1 != self.size:
            raise ValueError(f"{self.name}: fields end at byte {at - 1}, the record at {self.size}")
        return self

    def _fits_csv(self) -> Record:
        for f in self.fields:
            if f.most is not None and f.type not in LARGEST:
                raise ValueError(f"{self.name}.{f.name}: `most` belongs to int and yen")
            if f.at is not None or f.size is not None or f.type in FIXED_ONLY:
                raise ValueError(f"{self.name}.{f.name}: type {f.type}, at and size must fit a CSV file")
        if len({f.label for f in self.fields}) != len(self.fields):
            raise ValueError(f"{self.name}: label used twice")
        return self

    @property
    def stored(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.stored)

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)


#: container -> (encoding, newline); how each is cut is in ``fixedfile``, ``jpsfile`` and ``csvtext``
CONTAINERS = {
    "fixed": ("cp932", "crlf"), "jps500": ("jis", "none"), "csv": ("utf-8", "crlf"), "todoke": ("shift_jis", "crlf"),
}  # fmt: skip
#: those whose records are cells between commas
CELLS = ("csv", "todoke")
#: types of one item in two cells: the digit of its era, and YYMMDD or YYMM of it
IN_ERAS = ("era_day", "era_month")


class Disc(Frozen):
    """The disc that a file goes onto: an ISO 9660 image of level 2 with ``archive`` and ``readme`` (``lines`` of ASCII) and nothing else. Slots:
    those of the file's name, and ``city``. Its volume is called as ``image`` without its end."""

    image: str = Attr(pattern=r"^[A-Z0-9_]+(\{[a-z0-9_]+(:0[1-9])?\}_?)*\.iso$")
    archive: str = Attr(pattern=LEVEL_2)
    readme: str = Attr(pattern=LEVEL_2)
    lines: tuple[str, ...] = Attr(min_length=1)

    @model_validator(mode="after")
    def _plain(self) -> Disc:
        if not all(line.isascii() and line.isprintable() for line in self.lines) or self.archive == self.readme:
            raise ValueError("two names, and lines of ASCII")
        return self


class FileSpec(Frozen):
    """The container: name template (see ``names``), format, encoding, bytes of a record without CRLF.

    ``form``: name template of the xlsx form by which people key a paper list of the same content. ``most_bytes``: a larger one is refused
    before it is read (the whole register of a city of a million and a half has 1.3 GB). ``lines``, of a 届書 file: what stands before its records,
    with slots as in a name.
    """

    name: str
    form: str | None = None
    format: Literal["fixed", "jps500", "csv", "todoke"]
    encoding: Literal["cp932", "jis", "utf-8", "shift_jis"]
    newline: Literal["crlf", "none"]
    record: int | None = Attr(None, ge=1)
    most_bytes: int = Attr(4 << 30, ge=1)
    bom: Literal["optional", "none"] | None = None
    quote: Literal["rfc4180"] | None = None
    header: Literal["labels"] | None = None
    unset_date: str = ""
    lines: tuple[str, ...] = ()
    disc: Disc | None = None

    @model_validator(mode="after")
    def _whole(self) -> FileSpec:
        by_bytes, as_csv = self.format not in CELLS, bool(self.bom and self.quote and self.header)
        if (self.encoding, self.newline) != CONTAINERS[self.format]:
            raise ValueError(f"{self.format}: encoding and newline are {' and '.join(CONTAINERS[self.format])}")
        if self.disc and {s for text in (self.disc.image, *self.disc.lines) for s in slots(text)} - {*slots(self.name), "city"}:
            raise ValueError("disc: only the slots of the file's name, and city")
        if (self.format == "todoke") != bool(self.lines):
            raise ValueError("lines belong to a 届書 file, and only there")
        if by_bytes != (self.record is not None) or (self.format == "csv") != as_csv:
            raise ValueError("a file of records by bytes has record; a csv file has bom, quote and header")
        return self
