"""Kinds of row errors: a closed list. A row error says line, fields and kinds, never a value."""

from __future__ import annotations

from typing import NamedTuple

#: kind -> its number in mappings/errors.yaml, where the sentence is (docs/手順書.md shows both)
KINDS: dict[str, str] = {
    "required": "NP-1201",
    "not_number": "NP-1202",
    "not_a_day": "NP-1203",
    "not_a_time": "NP-1204",
    "outside_era": "NP-1205",
    "unknown_code": "NP-1206",
    "check_digit": "NP-1207",
    "bad_char": "NP-1208",
    "control_char": "NP-1209",
    "not_zenkaku": "NP-1210",
    "not_hankaku": "NP-1211",
    "const": "NP-1212",
    "not_blank": "NP-1213",
    "other_city": "NP-1214",
    "columns": "NP-1215",
    "length": "NP-1216",
    "not_expressible": "NP-1217",
    "contradiction": "NP-1218",
    "shimei4": "NP-1219",
    "zeros": "NP-1220",
    "too_large": "NP-1221",
    "spaces": "NP-1222",
    "separator": "NP-1223",
}


class RowError(NamedTuple):
    """One row that cannot be used: its line (header or label line is 1), and each bad field with its kind."""

    line: int
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
