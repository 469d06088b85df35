"""Encoding: decode's inverse, by columns. A value that cannot be written holds its row back, with the field; none becomes ``?``.

A row is held when a required value is missing (``required``), a value does not fit its field (``length``), a code is not in its
list (``unknown_code``), a day is in no era (``outside_era``), a check digit is wrong (``check_digit``), or a character does not
exist in the target (``not_expressible``). Lines are those of the file that would have been written: header and label line are 1.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec.cells import formatter, refusal
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.kinds import RowError
from etl.core.codec.records import MODULUS, SHIFTS, Decoder
from etl.core.codec.writers import write
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.fields import Field, Record
from etl.core.mapping.layout import Layout

CRLF, NO_END = np.frombuffer(b"\r\n", dtype=np.uint8), np.empty(0, dtype=np.uint8)


def encode_block(record: Record, rows: pa.Table, end: np.ndarray = CRLF) -> tuple[np.ndarray, list[tuple[int, str, str]]]:
    """(rows, record + end) bytes with CRLF or another line end, and (row, field, kind) of everything that could not be written."""
    assert record.size is not None
    missing = [f.name for f in record.stored if f.name not in rows.column_names]
    if missing:
        raise DefinitionError("NP-1131", why=f"missing: {', '.join(missing)}")
    block = np.empty((rows.num_rows, record.size + len(end)), dtype=np.uint8)
    block[:, record.size :] = end
    held: list[tuple[int, str, str]] = []
    for field in record.fields:
        if not field.stored:
            text = SHIFTS.get(field.type) or (field.value or " " * (field.size or 0)).encode("cp932")
            block[:, field.slice] = np.frombuffer(text, dtype=np.uint8)
            continue
        column = rows.column(field.name).combine_chunks()
        cells, bad = write(field, column)
        block[:, field.slice] = cells
        held += [(int(at), field.name, kind) for kind, mask in bad.items() for at in np.flatnonzero(mask)]
    return block, held + _refused(record, block, {at for at, _, _ in held})


def _refused(record: Record, block: np.ndarray, known: set[int]) -> list[tuple[int, str, str]]:
    """The cells that a reader of the file would refuse: everything written is checked as if it came in."""
    return [e for e in Decoder(record).check(block) if e[0] not in known]


def _edge(record: Record, values: dict[str, Any], end: np.ndarray = CRLF) -> bytes:
    """Header or trailer with its line end; constants and fillers need no value. Refused NP-1130."""
    full = {f.name: values.get(f.name) for f in record.stored}
    unknown = set(values) - {f.name for f in record.fields}
    if unknown:
        raise DefinitionError("NP-1131", why=f"unknown: {', '.join(sorted(unknown))}")
    table = pa.Table.from_arrays([from_values(f, [full[f.name]]) for f in record.stored], schema=arrow_schema(record))
    block, held = encode_block(record, table, end)
    if held:
        raise Refused("NP-1130", item=held[0][1], kind=held[0][2])
    return block.tobytes()


def encode_rows(layout: Layout, rows: pa.Table) -> tuple[bytes, list[RowError]]:
    """Data records that could be written, and the held ones by the line they would have had."""
    block, held = encode_block(layout.data, rows)
    errors: dict[int, list[tuple[str, str]]] = {}
    for at, field, kind in held:
        errors.setdefault(at, []).append((field, kind))
    if errors:
        block = np.delete(block, list(errors), axis=0)
    return block.tobytes(), [RowError(at + 2, tuple(f for f, _ in e), tuple(k for _, k in e)) for at, e in sorted(errors.items())]


def encode_fixed(layout: Layout, header: dict[str, Any], rows: pa.Table, trailer: dict[str, Any]) -> bytes:
    """A whole fixed file. Refused NP-1130 with line and item of the first row that cannot be written."""
    data, held = encode_rows(layout, rows)
    if held:
        raise Refused("NP-1130", line=held[0].line, item=held[0].fields[0], kind=held[0].kinds[0])
    return frame(layout, header, data, trailer)


def frame(layout: Layout, header: dict[str, Any], data: bytes, trailer: dict[str, Any]) -> bytes:
    """Data records between their header and trailer. Refused NP-1130 when a value of these cannot be written."""
    assert layout.header and layout.trailer
    return _edge(layout.header, header) + data + _edge(layout.trailer, trailer)


def encode_jps(layout: Layout, preamble: dict[str, Any], groups: list[tuple[dict[str, Any], pa.Table]]) -> bytes:
    """A whole file of the 500-byte family: each group is its header and its rows; the trailer counts them. Refused NP-1130."""
    assert layout.preamble and layout.header and layout.trailer
    out = _edge(layout.preamble, {"file_count": len(groups), **preamble}, NO_END)
    line = 1
    for header, rows in groups:
        block, held = encode_block(layout.data, rows, NO_END)
        if held:
            raise Refused("NP-1130", line=line + 1 + min(held)[0], item=min(held)[1], kind=min(held)[2])
        common = {f.name: header[f.name] for f in layout.trailer.stored if f.name in header}
        trailer = {**{f.name: 0 for f in layout.trailer.stored if f.type == "int"}, **common, "count": rows.num_rows}
        out += _edge(layout.header, header, NO_END) + block.tobytes() + _edge(layout.trailer, trailer, NO_END)
        line += rows.num_rows + 2
    return out


def totals(rows: pa.Table, name: str = "atena_no") -> dict[str, int]:
    """``count`` and ``hash_total`` of a trailer: number of rows, Σ of the number mod 10^18 (not set counts nothing)."""
    numbers: list[Any] = rows.column(name).drop_null().to_pylist()
    return {"count": rows.num_rows, "hash_total": sum(map(int, numbers)) % MODULUS}


_SPECIAL = '[,"\r\n]'


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if re.search(_SPECIAL, cell) else cell


def _csv_column(field: Field, column: pa.ChunkedArray, unset_date: str) -> tuple[pa.Array, list[tuple[int, str, str]]]:
    """A column's cells, and what a reader would refuse. Each different value is written, and looked at, once; digits all together."""
    coded, unset = column.combine_chunks().dictionary_encode(), unset_date if field.type == "date10" else ""
    values = coded.dictionary
    written = values if pa.types.is_string(values.type) else pa.array(map(formatter(field), values.to_pylist()), pa.string())
    cells = pa.concat_arrays([written, pa.array([unset] * bool(coded.null_count), pa.string())])
    places = coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    wrong = {at: kind for at in _doubtful(field, cells) if (kind := refusal(field, cells[at].as_py()))}
    held = [(int(row), field.name, kind) for at, kind in wrong.items() for row in np.flatnonzero(places == at)]
    if pc.any(pc.match_substring_regex(cells, _SPECIAL)).as_py():
        cells = pa.array(map(_quoted, cells.to_pylist()), pa.string())
    return cells.take(pa.array(places)), held


def _doubtful(field: Field, cells: pa.Array) -> list[int]:
    """The places of cells that have to be looked at one by one: all but numbers of the right length that are not zeros alone."""
    if not field.digits:
        return list(range(len(cells)))
    plain = pc.and_(pc.match_substring_regex(cells, rf"\A[0-9]{{{field.digits}}}\z"), pc.match_substring_regex(cells, "[1-9]"))
    return np.flatnonzero(~plain.to_numpy(zero_copy_only=False)).tolist()


def encode_csv(layout: Layout, rows: pa.Table, bom: bool = False) -> bytes:
    """A whole CSV file: label line, records, CRLF, quotes only where needed. Refused NP-1130 as ``encode_fixed``."""
    columns, held = [], []
    for field in layout.columns:
        cells, bad = _csv_column(field, rows.column(field.name), layout.file.unset_date)
        columns.append(cells)
        held += bad
    if held:
        at, item, kind = min(held)
        raise Refused("NP-1130", line=at + 2, item=item, kind=kind)
    labels = ",".join(_quoted(f.label) for f in layout.columns) + "\r\n"
    ended = pc.binary_join_element_wise(columns.pop(), "", "\r\n")
    lines = pc.binary_join_element_wise(*columns, ended, ",") if columns else ended
    return b"\xef\xbb\xbf" * bom + labels.encode("utf-8") + _text_of(lines)


def _text_of(lines: pa.Array) -> bytes:
    """All texts of a column, one behind the other: they lie like that already."""
    _, offsets, content = lines.buffers()
    if not len(lines) or content is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(content)[ends[0] : ends[-1]].tobytes()


def end_file(name: str, data: bytes, count: int, sha256: str | None = None) -> bytes:
    """The ``.end`` beside a file: its name, bytes, SHA-256 (unless it is known by another hash) and number of data records."""
    end = end_of(name, len(data), sha256 or hashlib.sha256(data).hexdigest(), count)
    return json.dumps(end, ensure_ascii=False).encode("utf-8")


def end_of(name: str, size: int, sha256: str, count: int) -> dict[str, Any]:
    """What an ``.end`` says."""
    return {"file": name, "bytes": size, "sha256": sha256, "count": count}
