"""Looking for canaries: what belongs to reserved people must stand nowhere but where the law allows it.

``assert_clean(needles, texts=…, paths=…, urls=…)`` searches texts, files (also inside xlsx and other zips) and every column of every
table of a database, in the forms in which a value may travel: UTF-8, CP932, UTF-16, JSON escapes, percent-encoding, hex, base64.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from pypdf import PdfReader

from etl.core.dates import wareki


@cache
def forms(needle: str) -> tuple[bytes, ...]:
    """The bytes by which a text is known again."""
    plain = needle.encode()
    found = {plain, json.dumps(needle)[1:-1].encode(), quote(needle).encode(), plain.hex().encode(), needle.encode("utf-16-le")}
    found.add(needle.encode("cp932", errors="ignore"))
    found |= {base64.b64encode(b"\0" * shift + plain)[4 * (shift > 0) : -4] for shift in range(3) if len(plain) > 9}
    return tuple(f for f in found if len(f) >= 4)


def dates(day: date) -> tuple[str, ...]:
    """A birth date as people and machines write it."""
    spoken = (f"{day.year}年{day.month}月{day.day}日", wareki(day), f"datetime.date({day.year}, {day.month}, {day.day})")
    return (day.isoformat(), f"{day:%Y%m%d}", f"{day:%Y/%m/%d}", *spoken)


def found_in(content: bytes, needles: Iterable[str]) -> list[str]:
    return [n for n in needles if any(form in content for form in forms(n))]


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    """(suffix of the place, bytes): as it is, and what is packed in it as far as no password is needed."""
    pieces = [("", content)]
    if content[:4] == b"PK\x03\x04":  # the whole mark: random bytes of a cipher may begin with two of it
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            pieces += [(f"!{i.filename}", archive.read(i)) for i in archive.infolist() if not i.flag_bits & 1]
    elif content[:5] == b"%PDF-":
        pieces += [
            (f"!page {n}", page.extract_text().replace("\n", "").encode())
            for n, page in enumerate(PdfReader(io.BytesIO(content)).pages, 1)
        ]
    elif content[:1] == b"\x78":
        try:
            pieces.append(("!zlib", zlib.decompress(content)))
        except zlib.error:
            return pieces
    return pieces


def in_bytes(place: str, content: bytes, needles: Iterable[str]) -> list[str]:
    return [f"{place}{where}: {n}" for where, piece in _unpacked(content) for n in found_in(piece, needles)]


def in_paths(paths: Iterable[Path], needles: Iterable[str]) -> list[str]:
    """Names and contents of files; folders are walked."""
    wanted = list(needles)
    every = [p for path in paths for p in ([path] if path.is_file() else sorted(path.rglob("*")))]
    told = [f"name of {p}: {n}" for p in every for n in found_in(p.name.encode(), wanted)]
    return told + [t for p in every if p.is_file() for t in in_bytes(str(p), p.read_bytes(), wanted)]


def in_database(url: str, needles: Iterable[str], allowed: Iterable[str] = ()) -> list[str]:
    """Every column of every table, whatever its type. ``allowed``: schemas, tables or columns (``a``, ``a.b``, ``a.b.c``) left out."""
    wanted, skipped, told = list(needles), set(allowed), []
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        listed = connection.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns join information_schema.tables"
            " using (table_schema, table_name) where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table, column, kind in sorted(listed):
            if skipped & {schema, f"{schema}.{table}", f"{schema}.{table}.{column}"}:
                continue
            text = sql.Identifier(column) if kind == "bytea" else sql.SQL("{}::text").format(sql.Identifier(column))
            rows = connection.execute(
                sql.SQL("select distinct {} from {}").format(text, sql.Identifier(schema, table))
            ).fetchall()
            values = [v if isinstance(v, bytes) else str(v).encode() for (v,) in rows if v is not None]
            told += sorted({t for v in values for t in in_bytes(f"{schema}.{table}.{column}", v, wanted)})
    return told


def assert_clean(
    needles: Iterable[str],
    *,
    texts: Mapping[str, str | bytes] | None = None,
    paths: Iterable[Path] = (),
    urls: Iterable[str] = (),
    allowed: Iterable[str] = (),
) -> None:
    """None of the needles is in the texts, files or databases given. Says the places."""
    wanted = list(needles)
    assert wanted, "nothing to look for"
    told = [
        t
        for name, text in (texts or {}).items()
        for t in in_bytes(name, text if isinstance(text, bytes) else text.encode(), wanted)
    ]
    told += in_paths(paths, wanted)
    told += [t for url in urls for t in in_database(url, wanted, allowed)]
    assert not told, "\n".join(told[:50])


def said(error: BaseException) -> dict[str, Any]:
    """All that an exception may be shown as."""
    chain: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None and seen not in chain:
        chain.append(seen)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    shown = {f"{n} str": str(e) for n, e in enumerate(chain)} | {f"{n} repr": repr(e) for n, e in enumerate(chain)}
    shown |= {f"{n} dict": repr(vars(e)) for n, e in enumerate(chain)}
    return {**shown, "traceback": "".join(traceback.format_exception(error))}


class Said:
    """All that was said, by what was done."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.statuses: dict[str, int] = {}

    def add(self, about: str, text: str) -> None:
        self.texts[f"{len(self.texts)} {about}"] = text


class Listening:
    """Collects stdout, stderr (file descriptors) and every log record of every logger."""

    def __init__(self, said: Said):
        self.said = said

    def __enter__(self) -> Callable[[str], None]:
        self.capture = _Capture()
        self.records: list[str] = []
        outer = self

        class Keep(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                outer.records.append(repr((record.name, record.getMessage(), record.exc_info, vars(record))))

        self.handler, self.level = Keep(), logging.root.level
        logging.root.addHandler(self.handler)
        logging.root.setLevel(logging.DEBUG)
        self.disabled = logging.root.manager.disable
        return self.listen

    def listen(self, about: str) -> None:
        logging.disable(logging.NOTSET)
        self.said.add(about, self.capture.read())
        self.said.add(f"log of {about}", "\n".join(self.records))
        self.records.clear()

    def __exit__(self, *_: object) -> None:
        logging.disable(self.disabled)
        logging.root.removeHandler(self.handler)
        logging.root.setLevel(self.level)
        self.capture.stop()


class _Capture:
    """pytest's own capture of descriptors, for a module."""

    def __init__(self) -> None:
        from _pytest.capture import FDCapture

        self.parts = [FDCapture(1), FDCapture(2)]
        for part in self.parts:
            part.start()

    def read(self) -> str:
        return "".join(part.snap() for part in self.parts)

    def stop(self) -> None:
        for part in self.parts:
            part.done()
