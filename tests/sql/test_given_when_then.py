"""``given`` rows (and what ``before`` made of them), ``when`` a statement runs with these parameters, ``then`` it returns (or leaves) these rows: one
YAML per statement. That of a view or function (its name begins with its schema) says with ``select`` how it is asked.

Columns that a row must have and a case does not speak of are filled with something of their type. Nothing is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Connection, text

from etl.edge import db
from etl.site import Site

PAGES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(Path(__file__).parent.glob("*.yaml"))}
CASES = [(name, case) for name, page in PAGES.items() for case in page["cases"]]
FILLER = {"text": "''", "integer": "0", "bigint": "0", "smallint": "1", "date": "'2000-01-01'", "boolean": "false", "bytea": "''", "uuid": "gen_random_uuid()", "ARRAY": "'{}'", "jsonb": "'{}'",
          "timestamp without time zone": "'2000-01-01'", "timestamp with time zone": "'2000-01-01'"}  # fmt: skip
REQUIRED = """select column_name, data_type from information_schema.columns
    where table_schema || '.' || table_name = :table and is_nullable = 'NO' and column_default is null and is_identity = 'NO' and is_generated = 'NEVER'"""


@pytest.fixture
def owner(town: Site, owner_url_of: Callable[[Site], str]) -> Iterator[Connection]:
    """A connection of the owner whose work is undone; foreign keys to runs and files are not looked at."""
    engine = db.engine(owner_url_of(town))
    with engine.connect() as connection:
        still(connection)
        yield connection
        connection.rollback()
    engine.dispose()


def still(connection: Connection) -> None:
    """Whose runs they are, whose turn a number is, and when a report was fixed, is not what rows that are given are about."""
    connection.execute(text("set constraints all deferred"))
    connection.execute(
        text(
            "alter table ledger.run disable trigger run_by; alter table ledger.shintatsu_bango disable trigger tsugi;"
            " alter table ledger.hikiwatashi disable trigger shintatsu_media_ok;"
            " alter table pension.shintatsu_kiroku disable trigger kakutei_ni"
        )
    )


def give(owner: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    required = dict(owner.execute(text(REQUIRED), {"table": table}).all())  # type: ignore[arg-type]
    for row in rows:
        columns = {c: FILLER[t] for c, t in required.items()} | {c: f":{c}" for c in row}
        owner.execute(
            text(f"insert into {table} ({', '.join(columns)}) overriding system value values ({', '.join(columns.values())})"),
            row,
        )


@pytest.mark.parametrize(("statement", "case"), CASES, ids=[f"{name}-{case['title']}" for name, case in CASES])
def test_statement(owner: Connection, statement: str, case: dict[str, Any]) -> None:
    session = db.Session(owner)
    for table, rows in case["given"].items():
        give(owner, table, rows)
    for earlier in case.get("before", ()):  # statements that fill temporary tables
        session._execute(earlier.replace(".", "/"), case["when"], case.get("names"))
    if select := PAGES[statement].get("select"):
        found = owner.execute(text(select), case["when"])
    else:
        found = session._execute(statement.replace(".", "/"), case["when"], case.get("names"))
    for table, wanted in (case["then"] if isinstance(case["then"], dict) else {None: case["then"]}).items():
        columns = list(wanted[0]) if wanted else ["*"]
        if table:
            left = owner.execute(text(f"select {', '.join(columns)} from {table} order by 1")).mappings()
        else:
            left = found.mappings()
        assert [{c: _plain(r[c]) for c in columns} if wanted else dict(r) for r in left] == wanted


def _plain(value: Any) -> Any:
    return str(value) if hasattr(value, "isoformat") else value
