"""Kinds of row errors: a closed list. A row error says line, fields and kinds, never a value."""

from __future__ import annotations

from typing import NamedTuple

#: kind -> (code in mappings/errors.yaml, Japanese label for lists)
KINDS: dict[str, tuple[str, str]] = {
    "required": ("NP-1201", "必須項目が未設定"),
    "not_number": ("NP-1202", "数字でない文字"),
    "not_a_day": ("NP-1203", "暦にない年月日"),
    "not_a_time": ("NP-1204", "時刻でない"),
    "outside_era": ("NP-1205", "元号の期間外"),
    "unknown_code": ("NP-1206", "コード表にないコード"),
    "check_digit": ("NP-1207", "検査数字の不一致"),
    "bad_char": ("NP-1208", "読めない文字"),
    "control_char": ("NP-1209", "制御文字"),
    "not_zenkaku": ("NP-1210", "全角でない文字"),
    "not_hankaku": ("NP-1211", "半角でない文字"),
    "const": ("NP-1212", "固定値と異なる"),
    "not_blank": ("NP-1213", "予備が空白でない"),
    "other_city": ("NP-1214", "他の市区町村"),
    "columns": ("NP-1215", "項目数の不一致"),
    "length": ("NP-1216", "長さの不一致"),
    "not_expressible": ("NP-1217", "表せない文字"),
    "contradiction": ("NP-1218", "矛盾（同じキーで内容が異なる）"),
    "shimei4": ("NP-1219", "宛名と異なる（4情報）"),
}


class RowError(NamedTuple):
    """One row that cannot be used: its line (header or label line is 1), and each bad field with its kind."""

    line: int
    fields: tuple[str, ...]
    kinds: tuple[str, ...]
