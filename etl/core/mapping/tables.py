"""SQL from mappings: a column of an inbound dataset is written once, as its field; everything here is text made of it.

Staging is text without constraints. ``staging.<dataset>_rows`` is the one place where text becomes a type and a row gets its key and its
content (what is compared); ``_held`` is the same of the rows in force; ``_entering`` is what ``ingest/enter`` inserts, with the table each row
enters. ``edge.db.migrate`` applies them when their text has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from etl.core.mapping.fields import Field
from etl.core.mapping.layout import Arriving

SQL_TYPES = {
    "int": "integer", "yen": "bigint", "year": "integer", "flag": "boolean", "ts14": "timestamp",
    **dict.fromkeys(("month", "month7", "date8", "date10", "wareki7"), "date"),
}  # fmt: skip
NUMBER = "kojin_no"  # never staged in clear, never in pension: the vault has it
STAGED_NUMBER = ("kojin_hmac", "kojin_cipher")
MOST = 100  # arguments of a function in PostgreSQL
#: columns of every table of pension besides its items: the key, the origin of the row, and when it was known
HISTORY = (
    "row_key text not null", "file_id bigint", "line integer", "file_version smallint not null default 1", "approval_id bigint",
    "recorded_at timestamptz not null default now()", "superseded_at timestamptz", "superseded_by_file bigint",
)  # fmt: skip


def sql_type(field: Field) -> str:
    """The column type of a field's values."""
    return SQL_TYPES.get(field.type, "text")


def kept(layout: Arriving) -> tuple[Field, ...]:
    """The items that go further than staging."""
    return tuple(f for f in layout.columns if f.name not in layout.load.drops)


def stored(layout: Arriving) -> tuple[str, ...]:
    """Columns of pension that a row of the file fills, 個人番号 as the vault's id; made ``bytes`` are kept, flags only steer."""
    own = tuple("kojin_id" if f.name == NUMBER else f.name for f in kept(layout) if f.name not in layout.not_content)
    return own + tuple(name for name, kind in layout.load.adds.items() if kind == "bytes")


def has_number(layout: Arriving) -> bool:
    """Whether its rows bring 個人番号."""
    return any(f.name == NUMBER for f in layout.columns)


def of_persons(layout: Arriving) -> bool:
    """Whether its rows say whose they are (宛名番号)."""
    return any(f.name == "atena_no" for f in layout.columns)


def _lines(parts: list[str], indent: str = "    ") -> str:
    return ("," + "\n" + indent).join(parts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _staged_names(field: Field) -> tuple[str, ...]:
    return STAGED_NUMBER if field.name == NUMBER else (field.name,)


def _typed(name: str, kind: str) -> str:
    return name if kind == "text" else f"{name}::{kind}"


def _selected(field: Field) -> Iterator[str]:
    for name in _staged_names(field):
        typed = _typed(name, "bytea" if field.name == NUMBER else sql_type(field))
        yield typed if typed == name else f"{typed} as {name}"


def staging_table(layout: Arriving) -> str:
    """``staging.<dataset>``: line, added columns, items; all text."""
    names = [*layout.load.adds, *(n for f in layout.columns for n in _staged_names(f))]
    return (
        f"create unlogged table staging.{layout.dataset} (\n    "
        + _lines(["line integer", *(f"{n} text" for n in names)])
        + "\n)"
    )


def row_key(layout: Arriving) -> str:
    """The key of a staged row: text as staged, numbers without leading zeros; a part that may be missing counts as ''."""
    parts = []
    for name in layout.key:
        field = layout.data.field(name)
        text = f"{name}::integer::text" if sql_type(field) == "integer" else name
        parts.append(text if field.required else f"coalesce({text}, '')")
    return " || '-' || ".join(parts)


def _content(layout: Arriving, held: bool) -> str:
    """The compared values as one text: of staged rows cast, of held rows (alias t, vault v) as they are."""
    cells = []
    for field in kept(layout):
        if field.name in layout.not_content:
            continue
        if field.name == NUMBER:
            cells.append("v.hmac" if held else "kojin_hmac::bytea")
        else:
            cells.append(f"t.{field.name}" if held else _typed(field.name, sql_type(field)))
    arrays = [
        f"jsonb_build_array(\n        {_lines(cells[i : i + MOST], '        ')}\n    )"
        for i in range(0, max(len(cells), 1), MOST)
    ]
    return f"{arrays[0]}::text" if len(arrays) == 1 else f"({' || '.join(arrays)})::text"


def rows_view(layout: Arriving) -> str:
    """``staging.<dataset>_rows``: typed, with ``row_key`` and ``content`` where the dataset has a key."""
    made = {"bytes": "{0}::bytea as {0}", "flag": "{0} = 't' as {0}"}
    columns = [
        "line",
        *(made[kind].format(name) for name, kind in layout.load.adds.items()),
        *(c for f in kept(layout) for c in _selected(f)),
    ]
    if layout.key:
        columns += [f"{row_key(layout)} as row_key", f"{_content(layout, held=False)} as content"]
    return f"create view staging.{layout.dataset}_rows as\nselect\n    {_lines(columns)}\nfrom staging.{layout.dataset}"


def held_view(layout: Arriving) -> str | None:
    """``staging.<dataset>_held``: key, id, file version and content of the rows in force; None without a key (nothing is held already)."""
    if not layout.key:
        return None
    vault = "\nleft join vault.kojin_no as v on v.kojin_id = t.kojin_id" if "kojin_id" in stored(layout) else ""
    parts = [
        f"select t.row_key, t.{table}_id as row_id, t.file_version, {_content(layout, held=True)} as content\n"
        f"from pension.{table} as t{vault}\nwhere t.superseded_at is null"
        for table in layout.load.into
    ]
    return f"create view staging.{layout.dataset}_held as\n" + "\nunion all\n".join(parts)


def _target(layout: Arriving) -> str:
    """The table that a row enters, as an expression."""
    load = layout.load
    if load.by is None:
        return f"'{load.table}'"
    cases = []
    for name, table in load.into.items():
        codes = ", ".join(map(_quoted, table.only))
        cases.append(f"\n        when s.{load.by} in ({codes}) then '{name}'" if table.only else "")
    rest = next((f"\n        else '{name}'" for name, table in load.into.items() if not table.only), "")
    return f"case{''.join(cases)}{rest}\n    end"


def entering_view(layout: Arriving) -> str:
    """``staging.<dataset>_entering``: the stored columns, the key (none: null), and ``target``."""
    columns = [f"k.{c}" if c == "kojin_id" else f"s.{c}" for c in stored(layout)]
    key = "s.row_key" if layout.key else "cast(null as text) as row_key"
    vault = ""
    if "kojin_id" in stored(layout):
        vault = "\nleft join vault.kojin_no as k on k.atena_no = s.atena_no and k.hmac = s.kojin_hmac" if of_persons(layout) else (
            "\nleft join lateral (\n    select kojin_id from vault.kojin_no where hmac = s.kojin_hmac order by atena_no nulls last, kojin_id limit 1"
            "\n) as k on s.kojin_hmac is not null"
        )  # fmt: skip
    select = _lines(["s.line", *columns, key, f"{_target(layout)} as target"])
    return (
        f"create view staging.{layout.dataset}_entering as\nselect\n    {select}\nfrom staging.{layout.dataset}_rows as s{vault}"
    )


def comments(layout: Arriving) -> Iterator[str]:
    """The Japanese labels, on the tables that the dataset enters."""
    for table, about in layout.load.into.items():
        yield f"comment on table pension.{table} is {_quoted(about.title)}"
        for field in kept(layout):
            if field.name == NUMBER:
                yield f"comment on column pension.{table}.kojin_id is {_quoted(field.label + '（vault の参照番号）')}"
            elif field.name not in layout.not_content:
                yield f"comment on column pension.{table}.{field.name} is {_quoted(field.label)}"


def generated(layout: Arriving) -> list[str]:
    """Every statement of one inbound dataset, in order. Staging holds nothing between loads, so it may be made anew at any time."""
    held = held_view(layout)
    return [
        staging_table(layout),
        rows_view(layout),
        *([held] if held else []),
        entering_view(layout),
        *comments(layout),
    ]


def pension_table(layout: Arriving, table: str) -> str:
    """A first draft of the permanent table of a new dataset. Never applied by itself: what to keep for good is a decision,
    written as a migration with its indexes, and who may use it is a line of ``mappings/rights.yaml``."""

    def column(field: Field) -> str:
        text = "kojin_id bigint" if field.name == NUMBER else f"{field.name} {sql_type(field)}"
        return text + (" not null" if field.required else "")

    own = [column(f) for f in kept(layout) if f.name not in layout.not_content]
    made = [f"{name} bytea not null" for name, kind in layout.load.adds.items() if kind == "bytes"]
    body = _lines([f"{table}_id bigint generated always as identity primary key", *own, *made, *HISTORY])
    return f"create table pension.{table} (\n    {body}\n)"


def fingerprint(layout: Arriving) -> str:
    """SHA-256 of that text, by which a staging of an older mapping is known."""
    return hashlib.sha256("\0".join(generated(layout)).encode()).hexdigest()
