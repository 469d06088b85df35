"""権限の表 (``mappings/rights.yaml``): every log-in × table × verb, × function, × operation, tried for real as that log-in: done exactly when the
page says so. What the page does not name is nobody's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

import psycopg
import pytest

from etl.core.mapping.rights import rights, verbs
from etl.core.mapping.views import PARAMS
from etl.core.states import Operation
from etl.edge.db import grants
from etl.site import Site

LOGINS = tuple(rights().databases)
OURS = "n.nspname !~ '^(pg_|information_schema$)'"
DONE = "KN999"
#: executes each statement as whoever is connected, undoes it, and tells how it ended: DONE, or SQLSTATE and message
TRY = """do $$
declare
    statement text;
    ended json[] := '{}';
begin
    for statement in select json_array_elements_text(current_setting('try.statements')::json) loop
        begin
            execute statement;
            raise exception using errcode = 'KN999';
        exception when others then
            ended := ended || json_build_array(sqlstate, sqlerrm);
        end;
    end loop;
    perform set_config('try.ended', array_to_json(ended)::text, false);
end $$"""


class Relation(NamedTuple):
    """A table, view or sequence; ``columns`` -> whether a value may be given for it at all."""

    name: str
    kind: str
    columns: dict[str, bool]


class Cell(NamedTuple):
    """What is tried once, how, and whether the page allows it."""

    about: tuple[str, ...]
    statement: str
    allowed: bool


@pytest.fixture(scope="module")
def owner(town: Site, owner_url_of: Callable[[Site], str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url_of(town), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def relations(owner: psycopg.Connection) -> list[Relation]:
    rows = owner.execute(
        "select n.nspname || '.' || c.relname, c.relkind::text, coalesce(json_object_agg(a.attname, a.attgenerated = '')"
        " filter (where a.attnum > 0 and not a.attisdropped), '{}') from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        f" left join pg_attribute as a on a.attrelid = c.oid where {OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') group by 1, 2 order by 1"
    )
    return [Relation(*row) for row in rows]


@pytest.fixture(scope="module")
def functions(owner: psycopg.Connection) -> list[tuple[str, str]]:
    """(name, a call of it with nulls)."""
    rows = owner.execute(
        "select n.nspname || '.' || p.proname, format('select %I.%I(%s)', n.nspname, p.proname, (select string_agg('null::' ||"
        f" t::regtype, ', ') from unnest(p.proargtypes) as t)) from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where {OURS}"
    )
    return [(name, call) for name, call in rows]


def allowed(login: str, table: str, verb: str, column: str | None = None) -> bool:
    """What the page says of one cell."""
    held = [own[verb] for of in rights().and_of(login) if verb in (own := rights().row(table).get(of, {}))]
    return any(columns is None or column in columns for columns in held)


def cells(login: str, relation: Relation, version: int) -> Iterator[Cell]:
    """Each verb of a relation; those that go by columns, once for each."""
    name = relation.name
    if relation.kind == "S":
        for verb, call in (
            ("usage", "select nextval('{}')"),
            ("select", "select last_value from {}"),
            ("update", "select setval('{}', 1)"),
        ):
            yield Cell((name, verb), call.format(name), allowed(login, name, verb))
        return
    for column, given in relation.columns.items():
        insert = f"insert into {name} ({column}) overriding system value select null where false"
        yield Cell((name, "select", column), f"select {column} from {name} limit 0", allowed(login, name, "select", column))
        yield Cell(
            (name, "update", column), f"update {name} set {column} = default where false", allowed(login, name, "update", column)
        )
        if given:
            yield Cell((name, "insert", column), insert, allowed(login, name, "insert", column))
    yield Cell((name, "delete"), f"delete from {name} where false", allowed(login, name, "delete"))
    yield Cell((name, "truncate"), f"truncate {name}", allowed(login, name, "truncate"))
    maintain = version >= grants.MAINTAIN_SINCE and allowed(login, name, "maintain")
    yield Cell((name, "maintain"), f"reindex table {name}", maintain)
    yield Cell((name, "references"), f"create temporary table t (x text references {name})", False)
    yield Cell(
        (name, "trigger"),
        f"create trigger t before insert on {name} execute function suppress_redundant_updates_trigger()",
        False,
    )
    yield Cell((name, "drop"), f"drop {'view' if relation.kind == 'v' else 'table'} {name}", False)


def tried(url: str, wanted: list[Cell]) -> dict[tuple[str, ...], tuple[str, str]]:
    """How each try ended."""
    with psycopg.connect(url) as connection:
        for name, kind in PARAMS.items():  # what the views of recipients ask for
            said = {"text": "x", "bigint": "1"}.get(kind, "2025-09-30")
            connection.execute("select set_config('kokunen.' || %s, %s, false)", (name, said))
        connection.execute("select set_config('try.statements', %s, false)", (json.dumps([cell.statement for cell in wanted]),))
        connection.execute(TRY)
        row = connection.execute("select current_setting('try.ended')::json").fetchone()
    assert row
    return {cell.about: (state, said) for cell, (state, said) in zip(wanted, row[0], strict=True)}


def wrong(url: str, wanted: list[Cell]) -> dict[tuple[str, ...], tuple[str, str]]:
    """The cells that ended otherwise than the page says."""
    ended = tried(url, wanted)
    return {cell.about: ended[cell.about] for cell in wanted if (ended[cell.about][0] == DONE) != cell.allowed}


@pytest.mark.parametrize("login", LOGINS)
def test_どの役割もどの表も_表のとおりにだけ使える(town: Site, relations: list[Relation], login: str) -> None:
    with psycopg.connect(url(town, login)) as connection:
        version = connection.info.server_version
    wanted = [cell for relation in relations for cell in cells(login, relation, version)]
    assert wrong(url(town, login), wanted) == {}
    verbs_of = {r.name: {cell.about[1] for cell in wanted if cell.about[0] == r.name} for r in relations}
    assert all(
        tried >= ({"usage", "select", "update"} if r.kind == "S" else KNOWN)
        for r, tried in zip(relations, verbs_of.values(), strict=True)
    )
    assert len({cell.about for cell in wanted}) == sum(
        3 if r.kind == "S" else 2 * len(r.columns) + sum(r.columns.values()) + 6 for r in relations
    )


#: every verb that PostgreSQL has for a table
KNOWN = {"select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"}


def test_試していない升目はない(
    town: Site, owner: psycopg.Connection, relations: list[Relation], functions: list[tuple[str, str]]
) -> None:
    """Who can log in, which things there are, and which verbs PostgreSQL knows are asked of it, not of the page."""
    roles = owner.execute("select rolname from pg_roles where rolname like 'kokunen%' and rolcanlogin").fetchall()
    assert {name for (name,) in roles} == {*LOGINS, "kokunen_owner", "kokunen_airflow"}
    named = owner.execute(
        "select lower(privilege_type) from pg_class, aclexplode(acldefault('r', relowner)) where oid = 'ledger.run'::regclass"
    ).fetchall()
    assert {verb for (verb,) in named} | {"maintain"} == KNOWN
    counted = owner.execute(
        f"select (select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where {OURS} and c.relkind not in ('i', 'I',"
        f" 't', 'c')), (select count(*) from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where {OURS})"
    ).fetchone()
    assert counted == (len(relations), len(functions)) and len(relations) > 80


@pytest.mark.parametrize("login", LOGINS)
def test_どの役割も_表にある関数だけを呼べる(town: Site, functions: list[tuple[str, str]], login: str) -> None:
    """A call that is let in may end otherwise: its values are nulls."""
    may = {name for of in rights().and_of(login) for name in rights().databases[of].functions}
    wanted = [Cell((name, call), call, name in may) for name, call in functions]
    ended = tried(url(town, login), wanted)
    denied = {about for about, (state, said) in ended.items() if state == "42501" and said.startswith("permission denied for")}
    assert {cell.about[0] for cell in wanted if cell.about not in denied} == may


@pytest.mark.parametrize("login", LOGINS)
def test_どの役割も_自分の操作の記録だけを書ける(town: Site, login: str) -> None:
    wanted = [
        Cell(
            (op.value,),
            f"select audit.record(null, 'x', '', '', '', null, null, '{op.value}', '', '{{}}')",
            (login, op.value) in rights().records(),
        )
        for op in Operation
    ]
    assert wrong(url(town, login), wanted) == {} and len(wanted) == len(Operation)
    assert (
        tried(
            url(town, login), [Cell(("other",), "select audit.append(null, '', '', '', '', null, null, '取込', '', '{}')", False)]
        )["other",][0]
        == "42501"
    )


@pytest.mark.parametrize("login", LOGINS)
def test_どの役割も_何も作れない(town: Site, owner: psycopg.Connection, login: str) -> None:
    schemas = [name for (name,) in owner.execute(f"select nspname from pg_namespace as n where {OURS}")]
    wanted = [Cell((s,), f"create table {s}.x ()", False) for s in schemas] + [
        Cell((s,), s, False) for s in (
            "create schema x", "create role x", "set role kokunen_owner", "set session authorization kokunen_owner", "select pg_read_file('PG_VERSION')",
            "copy (select 1) to program 'true'", "set log_min_messages = panic", "alter role kokunen_app superuser",
        )
    ]  # fmt: skip
    assert wrong(url(town, login), wanted) == {}


def test_書かれていない操作は_関数が書く(owner: psycopg.Connection) -> None:
    """No operation that nobody could write."""
    sources = "\n".join(
        s for (s,) in owner.execute("select prosrc from pg_proc where prosecdef and pronamespace::regnamespace::text !~ '^pg_'")
    )
    nobodys = {op for op in Operation if op.value not in {o for _, o in rights().records()} and f"'{op.value}'" not in sources}
    assert nobodys <= {Operation.SHOKUIN_TENKEN}


def test_表のどの行も_あるものについて言う(relations: list[Relation], functions: list[tuple[str, str]]) -> None:
    names = {r.name for r in relations}
    assert [p for p in rights().tables if not any(fnmatchcase(name, p) for name in names)] == []
    assert {name for login in rights().databases.values() for name in login.functions} <= {name for name, _ in functions}
    columns = {r.name: set(r.columns) for r in relations}
    for table, row in rights().tables.items():
        for said in row.values():
            assert {c for limited in verbs(said).values() for c in limited or ()} <= columns.get(table, set()), table


def url(site: Site, login: str) -> str:
    return site.url_of(login.removeprefix("kokunen_"))


# ---- what was granted or taken by hand ---------------------------------------------------------------------------------------

BY_HAND = """
create table pension.atarashii (a int, b int);
create view pension.atarashii_ima as select * from pension.atarashii;
create sequence pension.atarashii_no;
create function pension.atarashii_f() returns int language sql return 1;
create schema atarashii;
grant select (a), update on pension.atarashii to kokunen_app;
grant select on pension.atarashii_ima, pension.atena to public;
grant usage on sequence pension.atarashii_no to kokunen_read;
grant execute on function pension.atarashii_f to public, kokunen_app;
grant execute on function audit.append to kokunen_app;
grant all on schema atarashii to kokunen_app;
grant create on schema pension to kokunen_app;
grant update, delete on pension.atena to kokunen_app with grant option;
grant insert on ledger.approval to kokunen_app;
grant update (decision) on ledger.approval to kokunen_app;
grant select (cipher) on vault.kojin_no to kokunen_read;
revoke select on ledger.run from kokunen_app;
revoke update (closed_at) on pension.worklist from kokunen_app;
revoke execute on function shokuin.may from kokunen_app;
revoke usage on schema staging from kokunen_app;
insert into audit.kiroku values ('kokunen_app', '承認');
delete from audit.kiroku where operation = '取込'
"""


def test_手で与えたものも取ったものも_initで表のとおりになる(site: Site, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        before = grants.have(connection), connection.execute("select * from audit.kiroku order by 1, 2").fetchall()
        assert grants.bring(connection) == 0
        for statement in BY_HAND.strip().split(";\n"):
            connection.execute(statement.encode())
        connection.commit()
        with psycopg.connect(site.url) as jobs:
            jobs.execute("grant delete on pension.atena to kokunen_read")
        assert grants.have(connection) != before[0] and grants.bring(connection) > 0
        assert (grants.have(connection), connection.execute("select * from audit.kiroku order by 1, 2").fetchall()) == before
        assert grants.bring(connection) == 0


def test_新しい関数は_名前が載るまで誰のものでもない(site: Site, owner_url: str) -> None:
    """Also in the moment between a migration and its rights."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("create function pension.atarashii_f() returns int language sql return 1")
        connection.commit()
        with psycopg.connect(site.url) as jobs, pytest.raises(psycopg.errors.InsufficientPrivilege):
            jobs.execute("select pension.atarashii_f()")
