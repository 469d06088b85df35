"""候補: what is to be reported to an office: each candidate with its record, what speaks against it, and whether it goes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from etl.core.codec import todokefile
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.kinds import KINDS
from etl.core.codec.todokefile import Changed
from etl.core.errors import catalogue
from etl.core.law import shintatsu
from etl.core.law.shintatsu import NUMBER, Point
from etl.core.law.todoke import REPORT
from etl.core.mapping.layout import leaving
from etl.edge import db
from etl.shintatsu.reports import Report


@dataclass(frozen=True)
class Candidate:
    """``row``: as the database has it; ``record``: as it would be reported, 個人番号 as the vault's id; ``changed``: texts that would be written in
    their 縮退 form. ``line``: the bytes of the record without 個人番号, or None where it cannot be written."""

    row: dict[str, Any]
    record: dict[str, Any]
    points: tuple[Point, ...]
    changed: tuple[Changed, ...]
    line: bytes | None

    @property
    def no(self) -> str:
        return str(self.row["uketsuke_no"])

    @property
    def left_out(self) -> bool:
        return bool(self.row["left_out"])

    @property
    def held(self) -> bool:
        return any(point.holds for point in self.points)

    @property
    def goes(self) -> bool:
        return not (self.left_out or self.held)


def look(session: db.Session, report: Report) -> list[Candidate]:
    """The candidates of the report's office now, in the order of the file."""
    rows = session.rows("shintatsu/candidates", jimusho_code=report.jimusho_code, shintatsu_id=report.shintatsu_id)
    return judged(rows)


def judged(rows: Sequence[dict[str, Any]]) -> list[Candidate]:
    """The same of rows that were read."""
    layout = leaving()[REPORT]
    records = [shintatsu.record(row) for row in rows]
    written = todokefile.encode(layout, as_table(records))
    lines = dict(zip(written.rows, written.body.splitlines(keepends=True), strict=True))
    held: dict[int, list[Point]] = {}
    for wrong in written.held:
        said = f"{layout.labels[wrong.item]}: {catalogue()[KINDS[wrong.kind]]['sentence']}"
        held.setdefault(wrong.row, []).append(Point(wrong.item, said, True))
    changed: dict[int, list[Changed]] = {}
    for one in written.changed:
        changed.setdefault(one.row, []).append(one)
    return [
        Candidate(row, made, (*held.get(at, ()), *shintatsu.points(row, made)), tuple(changed.get(at, ())), lines.get(at))
        for at, (row, made) in enumerate(zip(rows, records, strict=True))
    ]


def as_table(records: Sequence[dict[str, Any]], numbers: Sequence[str | None] | None = None) -> pa.Table:
    """The rows of the file; 個人番号 as given, else none."""
    data = leaving()[REPORT].data
    given = {"kojin_no": list(numbers) if numbers else [None] * len(records)}
    columns = [from_values(f, given.get(f.name) or [r[f.name] for r in records]) for f in data.stored]
    return pa.Table.from_arrays(columns, schema=arrow_schema(data))


def content_hash(going: Iterable[Candidate]) -> str:
    """What another person approves: each record's bytes, whose 個人番号 it will carry, and the revision or the loss that it is made of."""
    return _hash((c.line or b"", c.record[NUMBER], c.row["uketsuke_id"], c.row["idou_approval_id"]) for c in going)


def fixed_hash(rows: Sequence[dict[str, Any]]) -> str:
    """The same of what was fixed, as it is kept now (``shintatsu/fixed``). One that cannot be written has no bytes."""
    written = todokefile.encode(leaving()[REPORT], as_table(rows))
    lines = dict(zip(written.rows, written.body.splitlines(keepends=True), strict=True))
    return _hash((lines.get(at, b""), r[NUMBER], r["uketsuke_id"], r["idou_approval_id"]) for at, r in enumerate(rows))


def _hash(said: Iterable[tuple[bytes, int | None, int | None, int | None]]) -> str:
    told = [(line.decode(todokefile.ENCODING), *of) for line, *of in said]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
