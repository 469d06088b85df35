"""Codes by the day of their row: a code list may begin or end on a day, and ``code_days`` of a mapping says which items tell it."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from etl.core.mapping.layout import Layout, dated_codes


def untimely(rows: pa.RecordBatch | pa.Table, layout: Layout, file_day: date) -> list[tuple[int, str, str]]:
    """(index, field, kind) of every code that is valid on none of the days of its row; a row that names none has the day of its file.

    Nothing for a mapping without ``code_days``: its suite asks for the day of the file.
    """
    if not layout.code_days:
        return []
    found: list[tuple[int, str, str]] = []
    for field in layout.columns:
        dated = dated_codes(field.codes) if field.codes else {}
        if not dated:
            continue
        column = rows.column(field.name)
        for at in pc.indices_nonzero(pc.is_in(column, pa.array(dated, pa.string()))).to_pylist():
            code = dated[column[at].as_py()]
            days = [day for name in layout.code_days if (day := rows.column(name)[at].as_py())]
            if not any(map(code.valid_on, days or [file_day])):
                found.append((at, field.name, "unknown_code"))
    return sorted(found)
