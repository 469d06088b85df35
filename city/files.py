"""Files in the inbox: header, data, trailer and ``.end``, each put in place by rename, the ``.end`` after its file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from city import rows
from city.register import Row, record
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.encode import encode_jps
from etl.core.mapping.fields import Record
from etl.core.mapping.layout import layouts
from etl.core.mapping.names import format_name

CITY = rows.CITY.decode()
MODULUS = 10**18
BLOCK = 16_384  # people per block: about 20 MB of records at a time
Info = dict[str, Any]


def write_fixed(inbox: Path, kind: str, day: date, seq: int, version: int, blocks: Iterable[np.ndarray]) -> Info:
    """A juki_idou file of 全件異動区分 ``kind`` from blocks of records; memory stays at one block."""
    layout = rows.layout()
    header, trailer = layout.header, layout.trailer
    assert header and trailer
    name = format_name(layout.file.name, city=CITY, business_on=day, seq=seq, version=version)
    head = {"shichoson_code": CITY, "zenken_idou_kbn": kind, "business_on": f"{day:%Y%m%d}", "created_at": f"{day:%Y%m%d}210000",
            "seq": f"{seq:06}", "version": f"{version:02}"}  # fmt: skip
    count = total = 0

    def parts() -> Iterator[bytes | memoryview]:
        nonlocal count, total
        yield _edge(header, head)
        for block in blocks:
            count += len(block)
            total += int(block["atena_no"].astype(np.int64).sum())
            yield np.ascontiguousarray(block).data.cast("B") if len(block) else b""
        yield _edge(trailer, {"shichoson_code": CITY, "count": f"{count:09}", "hash_total": f"{total % MODULUS:018}"})

    return _place(inbox / layout.dataset / name, parts(), lambda: count)


def write_rows(inbox: Path, kind: str, day: date, seq: int, version: int, people: list[Row]) -> Info:
    """The same from rows as text."""
    block = np.frombuffer(b"".join(record(r) + b"\r\n" for r in people), dtype=rows.dtype())
    return write_fixed(inbox, kind, day, seq, version, [block])


def write_whole(inbox: Path, dataset: str, name: str, data: bytes, count: int) -> Info:
    """A file that is encoded already."""
    return _place(inbox / dataset / name, [data], lambda: count)


def write_csv(inbox: Path, dataset: str, day: date, people: Iterable[Row], bom: bool = False, **slots: int) -> Info:
    """A CSV file with the labels of its mapping; items a row does not have stay empty."""
    layout = layouts()[dataset]
    name = format_name(layout.file.name, city=CITY, business_on=day, **slots)
    count = 0

    def parts() -> Iterator[bytes]:
        nonlocal count
        yield b"\xef\xbb\xbf" if bom else b""
        yield _csv_lines([[f.label for f in layout.columns]])
        for some in batched(people, BLOCK):
            count += len(some)
            yield _csv_lines([[row.get(f.name, "") for f in layout.columns] for row in some])

    return _place(inbox / dataset / name, parts(), lambda: count)


def add_csv(path: Path, dataset: str, people: list[Row]) -> Info:
    """These rows at the end of a CSV file that lies there, and its ``.end`` anew."""
    before, layout = path.read_bytes(), layouts()[dataset]
    count = before.count(b"\r\n") - 1 + len(people)
    more = _csv_lines([[row.get(f.name, "") for f in layout.columns] for row in people])
    return _place(path, [before, more], lambda: count)


def write_medium(inbox: Path, day: date, results: list[dict[str, Any]], number: int = 1) -> Info:
    """A 処理結果一覧 of the day: one medium, one group, no ``.end``."""
    layout = layouts()["kikou_kekka"]
    name = format_name(layout.file.name, created_on=day, baitai_no=number)
    data = pa.Table.from_arrays(
        [from_values(f, [r.get(f.name) for r in results]) for f in layout.data.stored], schema=arrow_schema(layout.data)
    )
    edge = {"shichoson_code5": CITY[:5], "tsuchi_code": "70", "created_on": day}
    medium = encode_jps(layout, {"teishutsu_moto_id": CITY[:5], "baitai_no": number, "created_on": day}, [(edge, data)])
    path = inbox / layout.dataset / name
    _put(path, medium)
    return {"dataset": layout.dataset, "name": name, "rows": len(results), "bytes": len(medium)}


def _put(path: Path, data: bytes) -> None:
    """Written beside the place, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(data)
    beside.replace(path)


def batched(items: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Lists of at most ``size`` (itertools has it from Python 3.12 on)."""
    source = iter(items)
    while some := list(islice(source, size)):
        yield some


def _csv_lines(cells: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _edge(record_: Record, values: dict[str, str]) -> bytes:
    """Header or trailer with its CRLF."""
    out = bytearray(b" " * (record_.size or 0))
    for f in record_.fields:
        out[f.slice] = (f.value or values.get(f.name, "")).encode().ljust(f.size or 0)
    return bytes(out) + b"\r\n"


def _place(path: Path, parts: Iterable[bytes | memoryview], count: Callable[[], int]) -> Info:
    """Writes beside the place, renames, then the same for the ``.end``; what is there is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size, beside = hashlib.sha256(), 0, path.with_name(f".{path.name}.part")
    with beside.open("wb") as out:
        for part in parts:
            out.write(part)
            digest.update(part)
            size += len(part)
    end = {"file": path.name, "bytes": size, "sha256": digest.hexdigest(), "count": count()}
    beside.replace(path)
    _put(path.with_name(f"{path.name}.end"), json.dumps(end).encode())
    return {"dataset": path.parent.name, "name": path.name, "rows": end["count"], "bytes": size}
