"""Inbound files made wrong: single fields, whole records, and the ``.end`` beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from etl.core.codec.encode import end_file
from etl.core.mapping.layout import layouts


def record_bytes(dataset: str) -> int:
    """Bytes of a record with its line end."""
    return layouts()[dataset].data.size + 2


def spoil(path: Path, row: int, field: str, content: bytes, dataset: str = "juki_idou") -> None:
    """Put ``content`` into a field of the N-th data record (1, 2, …) of a fixed file; the ``.end`` agrees."""
    data = bytearray(path.read_bytes())
    where = layouts()[dataset].data.field(field).slice
    start = row * record_bytes(dataset)
    assert len(content) <= where.stop - where.start
    data[start + where.start : start + where.stop] = content.ljust(where.stop - where.start)
    replace(path, bytes(data), data.count(b"\r\n") - 2)


def replace(path: Path, data: bytes, count: int) -> None:
    """Other bytes under the same name, with an ``.end`` that agrees."""
    path.write_bytes(data)
    Path(f"{path}.end").write_bytes(end_file(path.name, data, count))


def repack(path: Path, changes: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """An xlsx with some of its parts changed."""
    with ZipFile(path) as book:
        parts = {info: book.read(info) for info in book.infolist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as out:
        for info, data in parts.items():
            out.writestr(info.filename, changes.get(info.filename, bytes)(data))


def move(path: Path, part: str, place: str) -> None:
    """A sheet of an xlsx under another name; its book and its contents say so."""
    said = {name: _renamed(part, place) for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml")}
    with ZipFile(path) as book:
        parts = {(place if name == part else name): said.get(name, bytes)(book.read(name)) for name in book.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name, data)


def _renamed(part: str, place: str) -> Callable[[bytes], bytes]:
    old, new = (name.removeprefix("xl/").encode() for name in (part, place))
    return lambda data: data.replace(old, new)
