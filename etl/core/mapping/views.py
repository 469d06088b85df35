"""あて先の見えるもの: for each row of ``transfers.yaml`` a view of schema ``iten`` with the permitted items of its subjects, and nothing else
(P57, P59). It is the row's statement with its parameters taken from settings of the session; the door reads through the row's own log-in.

Records are numbered in the order of the file (``iten_place``); of a recipient that is told what changed they have a key and a hash instead
(``iten_key``, ``iten_hash``), and there is a second view of what it has
(``<view>_jotai``). ``edge.db.migrate`` makes them when their text has changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from etl.core.mapping.layout import leaving
from etl.core.mapping.tables import NUMBER
from etl.core.mapping.transfers import Transfer
from etl.definitions import SQL

#: a parameter of a statement -> its type; in a view it is the setting ``kokunen.<name>``
PARAMS = {
    "day": "date",
    "known_at": "timestamptz",
    "month_first": "date",
    "month_last": "date",
    "shichoson_code": "text",
    "kakutei": "bigint",
}
#: what a record says of its own making: the same record with another of these is no other
OF_THE_ACT = ("koshin_kbn", "operator_id", "operated_on", "operated_time")
_PARAM = re.compile(r"(?<!:):([a-z_]+)")
_GIVEN = ("shoukai_no",)  # numbered when the file is made


def columns(row: Transfer) -> tuple[str, ...]:
    """The items that the view shows: those of the file which are not made with it, 個人番号 as the vault's id."""
    made = ("koshin_kbn",) if row.on_change else _GIVEN
    return tuple("kojin_id" if name == NUMBER else name for name in row.items if name not in made)


def key(row: Transfer) -> str:
    """The key of a record as one text; ``sql/transfer/juminhyo`` writes the same."""
    return _joined(leaving()[row.dataset].key)


def names(row: Transfer, of: str = "") -> dict[str, str]:
    """What a statement on the view needs to be told: its name, its columns (of the alias ``of``), its order."""
    shown = ", ".join(f"{of}{name}" for name in columns(row))
    return {"view": row.view, "columns": shown, "in_order": "iten_key" if row.on_change else "iten_place"}


def statements(row: Transfer) -> Iterator[str]:
    """What makes the views of a row, in order."""
    body = _PARAM.sub(_setting, "\n".join(line for line in _text(row).splitlines() if not line.startswith("--")).strip())
    shown = list(columns(row))
    if row.on_change:
        content = [name for name in shown if name not in OF_THE_ACT]
        shown += [f"{key(row)} as iten_key", f"sha256(convert_to({_joined(content)}, 'UTF8')) as iten_hash"]
    else:
        shown += ["row_number() over () as iten_place"]
    yield f"create view iten.{row.view} with (security_barrier) as\nselect {', '.join(shown)}\nfrom (\n{body}\n) as permitted"
    yield f"comment on view iten.{row.view} is '{row.recipient}'"
    if row.on_change:
        yield (
            f"create view iten.{row.view}_jotai with (security_barrier) as\n"
            "select j.key, j.hash, j.ended_by, d.business_on, d.known_at, e.business_on as ended_on\n"
            "from ledger.iten_jotai as j\njoin ledger.iten_day as d using (output_id)\n"
            f"left join ledger.iten_day as e on e.output_id = j.ended_by\nwhere j.dataset = '{row.dataset}'"
        )
        yield f"comment on view iten.{row.view}_jotai is '{row.recipient}が持つもの'"


def fingerprint(row: Transfer) -> str:
    """SHA-256 of that text, by which the views of an older registry are known."""
    return hashlib.sha256("\0".join(statements(row)).encode()).hexdigest()


def _text(row: Transfer) -> str:
    return (SQL / f"{row.select}.sql").read_text(encoding="utf-8")


def _setting(found: re.Match[str]) -> str:
    return f"cast(current_setting('kokunen.{found[1]}') as {PARAMS[found[1]]})"


def _joined(names: tuple[str, ...] | list[str]) -> str:
    return "concat_ws('|', " + ", ".join(f"coalesce(cast({name} as text), '')" for name in names) + ")"
