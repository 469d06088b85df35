"""The schema: ten files and what ``earlier/`` made step by step come to the same; the mappings' columns are in it; an applied file stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from catalog import catalog, differences

from etl.core.errors import DefinitionError, KokunenError
from etl.core.mapping import tables
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import Arriving, arriving
from etl.edge.db.migrate import SCHEMA, SQUASHED, migrate
from etl.site import Site

EARLIER, FILES = sorted((SCHEMA / "earlier").glob("*.sql")), sorted(SCHEMA.glob("*.sql"))


def install(url: str, files: list[Path]) -> None:
    """An installation as it was when these were all the migrations there were."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "create table public.migration (name text primary key, sha256 text not null, at timestamptz not null default now())"
        )
        for path in files:
            connection.execute(path.read_bytes())
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            connection.execute("insert into public.migration (name, sha256) values (%s, %s)", (path.name, digest))


@pytest.fixture
def bare_url(bare: Site, owner_url_of: Callable[[Site], str]) -> str:
    return owner_url_of(bare)


@pytest.mark.parametrize("steps", [1, 9, len(EARLIER)], ids=["only the first", "halfway", "all of them"])
def test_an_installation_of_any_age_ends_like_a_new_one(bare_url: str, owner_url: str, steps: int) -> None:
    install(bare_url, EARLIER[:steps])
    done = migrate(bare_url)
    later = [p.name for p in (*EARLIER[steps:], *FILES[SQUASHED:])]
    assert [name for name in done if name.endswith(".sql")] == later
    assert not (wrong := differences(catalog(owner_url), catalog(bare_url))), f"new, then of long ago:\n{wrong}"
    assert migrate(bare_url) == []


def test_a_new_installation_takes_the_ten_and_nothing_earlier(bare_url: str) -> None:
    done = migrate(bare_url)
    assert [name for name in done if name.endswith(".sql")] == [p.name for p in FILES]
    assert migrate(bare_url) == []


def test_earlier_steps_that_stopped_halfway_go_on_where_they_stopped(bare_url: str) -> None:
    """One transaction per file: what failed leaves nothing, what was done before stays."""
    install(bare_url, EARLIER[:3])
    with psycopg.connect(bare_url) as connection:
        connection.execute("create table pension.kouho ()")  # 0005 makes it: the step cannot be taken
    with pytest.raises(KokunenError, match="NP-1022"):
        migrate(bare_url)
    with psycopg.connect(bare_url) as connection:
        assert connection.execute("select max(name) from public.migration").fetchone() == ("0004_pension.sql",)
        connection.execute("drop table pension.kouho")
    assert migrate(bare_url)[0] == "0005_people.sql"


@pytest.mark.parametrize("name", ["0004_pension.sql", "05_atena.sql", "99_gone.sql"])
def test_an_applied_file_whose_text_changed_or_is_unknown_is_refused(bare_url: str, name: str) -> None:
    install(bare_url, EARLIER)
    migrate(bare_url)
    with psycopg.connect(bare_url) as connection:
        connection.execute(
            "insert into public.migration (name, sha256) values (%s, '') on conflict (name) do update set sha256 = ''", (name,)
        )
    with pytest.raises(DefinitionError) as raised:
        migrate(bare_url)
    assert (raised.value.code, raised.value.item) == ("NP-1023", name)


def test_files_are_numbered_without_gap_or_twin() -> None:
    assert [p.name[:3] for p in FILES] == [f"{n:02}_" for n in range(1, len(FILES) + 1)]
    assert len(FILES) >= SQUASHED


def test_lines_of_the_schema_fit() -> None:
    wide = [
        f"{p.name}:{n}" for p in FILES for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1) if len(line) > 130
    ]
    assert not wide


def kept() -> list[tuple[Arriving, str, Field]]:
    return [
        (a, table, f) for a in arriving().values() for table in a.load.into for f in tables.kept(a) if f.name not in a.not_content
    ]


def test_every_column_that_a_mapping_keeps_is_in_its_table_with_type_and_label(owner_url: str) -> None:
    wanted = {
        (table, "kojin_id" if f.name == tables.NUMBER else f.name): ("bigint", f"{f.label}（vault の参照番号）") if f.name == tables.NUMBER
        else (tables.sql_type(f), f.label)
        for _, table, f in kept()
    }  # fmt: skip
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum) from pg_class as c "
            "join pg_attribute as a on a.attrelid = c.oid where c.relnamespace = 'pension'::regnamespace and a.attnum > 0"
        ).fetchall()
    found = {(t, c): (kind.removesuffix(" without time zone"), label) for t, c, kind, label in rows}
    assert len(wanted) > 100
    assert {key: found.get(key) for key in wanted} == wanted


@pytest.mark.parametrize("wrong", ["table", "column"])
def test_a_mapping_that_its_tables_do_not_have_is_named(bare_url: str, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """NP-1101 with the dataset; the staging that was there is still there."""
    migrate(bare_url)
    fuka = arriving()["ikou_fuka"]
    into = {"fukaa" if wrong == "table" else "kouho": fuka.load.into["fuka"]}
    other = {**arriving(), "ikou_fuka": fuka.model_copy(update={"load": fuka.load.model_copy(update={"into": into})})}
    monkeypatch.setattr("etl.edge.db.migrate.arriving", lambda: other)
    with pytest.raises(DefinitionError) as refused:
        migrate(bare_url)
    assert (refused.value.code, refused.value.file) == ("NP-1101", "ikou_fuka.yaml")
    with psycopg.connect(bare_url) as connection:
        assert connection.execute("select count(*) from staging.ikou_fuka_entering").fetchone() == (0,)


def test_the_key_of_a_dataset_whose_rows_are_held_cannot_change(bare_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row of a later file would find its own again (NP-1027); as long as nothing is held, a key may still be thought over."""
    migrate(bare_url)
    fuka = arriving()["ikou_fuka"]
    other = {**arriving(), "ikou_fuka": fuka.model_copy(update={"key": ("kiso_nenkin_no",)})}
    monkeypatch.setattr("etl.edge.db.migrate.arriving", lambda: other)
    assert migrate(bare_url) == ["staging.ikou_fuka"]
    with psycopg.connect(bare_url) as connection:
        connection.execute(
            "insert into pension.fuka (kiso_nenkin_no, kanyu_on, row_key) values ('3100000001', '2020-04-01', '3100000001')"
        )
    monkeypatch.setattr("etl.edge.db.migrate.arriving", arriving)
    with pytest.raises(DefinitionError) as refused:
        migrate(bare_url)
    assert refused.value.code == "NP-1027" and "ikou_fuka.key" in str(refused.value)
