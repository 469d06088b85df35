"""Mutants of inbound files: bytes, fields, lines, edges, sizes, encodings, the ``.end`` and the parts of an xlsx. All from one seed."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from random import Random
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

Change = Callable[[Random, bytes], bytes]
ODD = [
    b"", b"\0", b" ", b"\xff", b"\x1b$B", b"\r\n", b"\n", b'"', b",", b"9" * 40, b"-1", b"2147483648", b"9223372036854775808", b"0", b"\x80",
    b"\xef\xbb\xbf", "\u3000".encode(), b"\xf0\x40", b"\x81", b"NaN", b"1e9", b"'; --", b"\\.", b"\\N",
]  # fmt: skip


def flip(r: Random, data: bytes) -> bytes:
    """A few bytes become others."""
    out = bytearray(data or b"\0")
    for _ in range(r.choice((1, 1, 2, 8))):
        out[r.randrange(len(out))] = r.randrange(256)
    return bytes(out)


def overwrite(r: Random, data: bytes) -> bytes:
    """Something odd over what stands there: the length stays."""
    odd, at = r.choice(ODD), r.randrange(len(data) + 1)
    return data[:at] + odd[: len(data) - at] + data[at + len(odd) :]


def insert(r: Random, data: bytes) -> bytes:
    at = r.randrange(len(data) + 1)
    return data[:at] + r.choice(ODD) + data[at:]


def cut(r: Random, data: bytes) -> bytes:
    """A piece is missing, in the middle or at an end."""
    first, last = sorted(r.randrange(len(data) + 1) for _ in range(2))
    return r.choice((data[:first], data[last:], data[:first] + data[last:]))


def double(r: Random, data: bytes) -> bytes:
    first, last = sorted(r.randrange(len(data) + 1) for _ in range(2))
    return data[:last] + data[first:last] + data[last:]


def lines(r: Random, data: bytes) -> bytes:
    """Lines swapped, doubled, dropped, or with another end."""
    found = data.split(b"\r\n")
    a, b = r.randrange(len(found)), r.randrange(len(found))
    found[a], found[b] = found[b], found[a]
    if r.random() < 0.3:
        del found[a]
    elif r.random() < 0.3:
        found.insert(a, found[b] if b < len(found) else b"")
    return r.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"")).join(found)


def encoding(r: Random, data: bytes) -> bytes:
    text = data.decode(r.choice(("utf-8", "cp932")), "replace")
    return text.encode(r.choice(("utf-16", "utf-8", "cp932", "utf-7", "euc-jp")), "replace")


def record(width: int, begins: int = 0) -> Change:
    """Records of a fixed file: a field's worth of something odd at the same place of a record, whole records moved."""

    def change(r: Random, data: bytes) -> bytes:
        count = max((len(data) - begins) // width, 1)
        at = begins + r.randrange(count) * width + r.randrange(width)
        size = r.choice((1, 2, 4, 8, 15))
        odd = (r.choice(ODD) or b" ") * size
        return data[:at] + odd[: min(size, len(data) - at)] + data[at + size :]

    return change


def cell(r: Random, data: bytes) -> bytes:
    """One cell of a CSV file becomes something odd."""
    found = data.split(b",")
    found[r.randrange(len(found))] = r.choice((*ODD, b"9" * 400, "é".encode(), "\ud800".encode("utf-8", "surrogatepass")))
    return b",".join(found)


ANY: tuple[Change, ...] = (flip, overwrite, insert, cut, double)


def end(r: Random, text: bytes) -> bytes:
    """An ``.end`` that says something else, or is none."""
    said = json.loads(text)
    key = r.choice(list(said))
    other = r.choice((None, -1, 0, 2**31, 2**63, 10**400, "x", "\0", [], {}, True, 1.5, str(said[key])))
    return r.choice((flip(r, text), cut(r, text), json.dumps({**said, key: other}).encode(), b"[" * 4000, b""))


CELLS = [
    b'<c r="XFDZZZ1"><v>1</v></c>', b'<c r="B2" t="s"><v>999999</v></c>', b'<c r="B2"><v>' + b"9" * 5000 + b"</v></c>",
    b'<c r="B2" t="d"><v>x</v></c>', b'<c r="B2" s="99999"><v>1e400</v></c>', b'<c t="b"><v>7</v></c>', b'<c r="A0"/>', b'<c r=""/>',
    b'<c r="B2"><v>-1e308</v></c>', b'<c r="B2" s="-1"><v>NaN</v></c>', b'<c r="B2" t="inlineStr"><is><t>_xD800_</t></is></c>',
]  # fmt: skip
ROWS = [
    b'<row r="abc"/>', b'<row r="2000000000"/>', b'<row r="-1"/>', b'<row r="1.5"/>', b'<row r=""/>', b"<row/>", b'<row r="1048576"/>',
    b"<row><c/></row>",
]  # fmt: skip


def sheet(r: Random, xml: bytes) -> bytes:
    """The XML of a part: cut, odd rows and cells, other attributes, a definition."""
    how = r.randrange(7)
    if how == 0:
        return cut(r, xml)
    if how == 1:
        return flip(r, xml)
    if how == 2:
        return xml.replace(b"</sheetData>", r.choice(ROWS) * r.choice((1, 3)) + b"</sheetData>")
    if how == 3:
        return xml.replace(b"</row>", r.choice(CELLS) + b"</row>", r.choice((1, 2)))
    if how == 4:
        quoted = xml.split(b'"')
        quoted[r.randrange(len(quoted))] = r.choice((b"", b"abc", b"99999999999", b"-1", b"\xff"))
        return b'"'.join(quoted)
    if how == 5:
        return b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 99 + b'">]>' + xml.partition(b"?>")[2]
    return overwrite(r, xml)


def xlsx(r: Random, data: bytes) -> bytes:
    """An xlsx with one of its parts changed, missing, doubled, blown up; or the zip itself damaged."""
    if r.random() < 0.15:
        return r.choice(ANY)(r, data)
    with ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    names = sorted(parts)
    name = r.choice(names + [n for n in names if "worksheets" in n] * 6)
    how = r.random()
    if how < 0.06:
        del parts[name]
    elif how < 0.1:
        parts[name] += b" " * 30_000_000
    else:
        parts[name] = sheet(r, parts[name])
    out = io.BytesIO()
    with ZipFile(out, "w", r.choice((ZIP_DEFLATED, ZIP_STORED))) as book:
        for one, content in parts.items():
            book.writestr(one, content)
    return out.getvalue()


def seeded(seed: int, *place: object) -> Random:
    """The same mutant for the same seed and place, whatever ran before."""
    return Random(zlib.crc32(f"{seed} {place}".encode()))  # noqa: S311 - the same on every machine is what is wanted
