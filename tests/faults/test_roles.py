"""The roles of the databases: what the jobs can do, table by table, what the address of ``kokunen db url`` shows, and who cannot come in at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from etl.cli.main import main
from etl.platform import postgres
from etl.site import Site

KEPT = ("pension", "vault", "audit", "ledger")
#: tables whose rows are superseded, never overwritten
HISTORY = (
    "atena", "uketsuke", "nenkin_kihon", "shikaku", "menjo", "fuka",
    "saitei_rorei", "saitei_shogai", "saitei_izoku", "saitei_rofuku", "shotoku",
)  # fmt: skip
#: the columns of each table that jobs may change; everything else is added once and stays
MAY_UPDATE = {
    "pension.kikou_kekka": {"superseded_at", "superseded_by_file"},
    "pension.totsugo": {"superseded_at"},
    "pension.uketsuke_check": {"superseded_at"},
    **{f"pension.{t}": {"superseded_at", "superseded_by_file"} for t in HISTORY},
    "pension.worklist": {"closed_at", "close_reason"},
    "pension.juki_shoukai": {"answered_by_file", "answered_at"},
    "pension.shotoku_shoukai": {"answered_by_file", "answered_at"},
    "ledger.run": {"finished_at", "state", "error_code"},
    "ledger.receipt": {"content", "recorded_at"},
    "ledger.fence": {"token"},
    "ledger.output": {"released_at"},
    "ledger.printed": {"placed_at"},
    "ledger.paper": {"placed_at", "lost_at"},
    "ledger.medium": {"output_id"},
}


@pytest.fixture(scope="module")
def owner(town: Site, owner_url_of: Callable[[Site], str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url_of(town)) as connection:
        yield connection


@pytest.fixture(scope="module")
def tables(owner: psycopg.Connection) -> list[str]:
    rows = owner.execute(
        "select schemaname || '.' || tablename from pg_tables where schemaname = any(%s) order by 1", (list(KEPT),)
    )
    return [r[0] for r in rows]


def test_どの表も消せず空にもできない(tables: list[str], owner: psycopg.Connection, town: Site) -> None:
    assert len(tables) > 20
    for table in tables:
        for right in ("DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "UPDATE"):
            granted = owner.execute("select has_table_privilege('kokunen_app', %s, %s)", (table, right)).fetchone()
            assert granted == (False,), (table, right)
        for statement in (
            f"delete from {table}",
            f"truncate {table}",
            f"drop table {table}",
            f"alter table {table} disable trigger all",
        ):
            with psycopg.connect(town.url) as jobs, pytest.raises(psycopg.errors.InsufficientPrivilege):
                jobs.execute(statement)  # type: ignore[call-overload]


def test_変えられる列は決めたものだけ(tables: list[str], owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "select n.nspname || '.' || c.relname, a.attname from pg_attribute as a join pg_class as c on c.oid = a.attrelid"
        " join pg_namespace as n on n.oid = c.relnamespace where n.nspname = any(%s) and c.relkind = 'r' and a.attnum > 0"
        " and not a.attisdropped and has_column_privilege('kokunen_app', c.oid, a.attnum, 'UPDATE')",
        (list(KEPT),),
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    assert found == MAY_UPDATE


def test_記録は関数でしか書けず_書き換えられない(town: Site) -> None:
    for statement in (
        "insert into audit.event select * from audit.event limit 1", "update audit.event set reason = ''", "update audit.head set event_id = 0",
        "select audit.append(null, '', '', '', '', null, null, '取込', '', '{}') from audit.head; create trigger t after insert on audit.event"
        " for each row execute function suppress_redundant_updates_trigger()",
    ):  # fmt: skip
        with psycopg.connect(town.url) as jobs, pytest.raises(psycopg.errors.InsufficientPrivilege):
            jobs.execute(statement)


def test_暗号文は記録を残す関数でしか読めない(town: Site) -> None:
    for statement in ("select cipher from vault.kojin_no", "select * from vault.kojin_no", "copy vault.kojin_no to stdout"):
        with psycopg.connect(town.url) as jobs, pytest.raises(psycopg.errors.InsufficientPrivilege):
            jobs.execute(statement)


ASK = "select vault.ask(%s, null, 'kansa01', '課', '端末', '確認')"
READ = "select cipher from vault.read(%s, %s)"


@pytest.fixture(scope="module")
def kojin_id(owner: psycopg.Connection) -> int:
    """A number of nobody."""
    row = owner.execute("insert into vault.kojin_no (hmac, cipher, key_id) values ('x', 'y', 'z') returning kojin_id").fetchone()
    owner.commit()
    assert row
    return int(row[0])


def ask(url: str, kojin_id: int) -> int:
    with psycopg.connect(url) as jobs:
        row = jobs.execute(ASK, (kojin_id,)).fetchone()
    assert row
    return int(row[0])


def test_番号は記録が確定した後に_一度だけ読める(town: Site, kojin_id: int) -> None:
    event_id = ask(town.url, kojin_id)
    with psycopg.connect(town.url) as jobs:
        assert jobs.execute(READ, (event_id, "確認")).fetchone() == (b"y",)
        assert jobs.execute("select user_name, operation, reason from audit.event where event_id = %s", (event_id,)).fetchone() == (
            "kansa01", "個人番号参照", "確認",
        )  # fmt: skip
    with psycopg.connect(town.url) as jobs, pytest.raises(psycopg.DatabaseError) as again:
        jobs.execute(READ, (event_id, "確認"))
    assert again.value.sqlstate == "KN004"


@pytest.mark.parametrize("savepoint", [False, True], ids=["同じトランザクション", "セーブポイントの中"])
def test_取り消せる記録では番号を読めない(town: Site, kojin_id: int, savepoint: bool) -> None:
    with psycopg.connect(town.url) as jobs:
        if savepoint:
            jobs.execute("savepoint s")
        row = jobs.execute(ASK, (kojin_id,)).fetchone()
        if savepoint:
            jobs.execute("release savepoint s")
        with pytest.raises(psycopg.DatabaseError) as refused:
            jobs.execute(READ, (row and row[0], "確認"))
    assert refused.value.sqlstate == "KN004"


def test_ほかの目的や古い記録や番号の記録でないものでは読めない(town: Site, owner: psycopg.Connection, kojin_id: int) -> None:
    other, old = ask(town.url, kojin_id), ask(town.url, kojin_id)
    owner.execute("update vault.reading set asked_at = asked_at - interval '61 minutes' where event_id = %s", (old,))
    owner.commit()
    with psycopg.connect(town.url, autocommit=True) as jobs:
        row = jobs.execute("select audit.append(null, 'x', '', '', '確認', null, null, '取込', '', '{}')").fetchone()
        for event_id, purpose in ((other, "別の目的"), (old, "確認"), (row and row[0], "確認"), (0, "確認"), (None, "確認")):
            with pytest.raises(psycopg.DatabaseError) as refused:
                jobs.execute(READ, (event_id, purpose))
            assert refused.value.sqlstate == "KN004"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            jobs.execute("update vault.reading set read_at = null")


@pytest.fixture(scope="module")
def reader(town: Site, house: Path) -> str:
    """The address of ``kokunen db url --password``, of the town's database."""
    with psycopg.connect(postgres.ensure(house).admin_url, autocommit=True) as admin:
        name = town.url.rsplit("/", 1)[1]
        admin.execute(f"grant connect on database {name} to kokunen_read".encode())
    return postgres.shown_url(house, "kokunen_read", password=True).rsplit("/", 1)[0] + f"/{name}"


def test_接続先は閲覧用で_求めなければパスワードを出さない(
    house: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(house))
    shown = {}
    for asked in ((), ("--password",), ("--jobs",), ("--jobs", "--password")):
        assert main(["db", "url", *asked]) == 0
        shown[asked] = psycopg.conninfo.conninfo_to_dict(capsys.readouterr().out.strip())
    assert [(u["user"], "password" in u) for u in shown.values()] == [
        ("kokunen_read", False), ("kokunen_read", True), ("kokunen_app", False), ("kokunen_app", True),
    ]  # fmt: skip
    assert shown["--jobs", "--password"] == psycopg.conninfo.conninfo_to_dict(postgres.urls(house)["app"])


def test_閲覧用の役割は見るだけ(reader: str, tables: list[str]) -> None:
    with psycopg.connect(reader, autocommit=True) as connection:
        for table in tables:
            if not table.startswith("vault."):
                connection.execute(f"select * from {table} limit 1".encode())
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
                assert connection.execute(
                    "select has_any_column_privilege(%s, %s)"
                    if right in ("INSERT", "UPDATE")
                    else "select has_table_privilege(%s, %s)",
                    (table, right),
                ).fetchone() == (False,), (table, right)
        views = connection.execute("select schemaname || '.' || viewname from pg_views where schemaname = 'pension'").fetchall()
        for (view,) in views:
            connection.execute(f"select * from {view} limit 1".encode())
        for statement in (
            "select cipher from vault.kojin_no", "select hmac from vault.kojin_no", "select vault.ask(1, null, '', '', '', '')",
            "select * from vault.read(1, '')", "select ledger.decide(1, 'approved', 'x', null, null, '', '')", "create table pension.x ()",
            "select audit.append(null, '', '', '', '', null, null, '取込', '', '{}')", "select * from staging.juki_idou",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_業務の役割は特別な力を持たない(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "select rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls,"
        " (select count(*) from pg_auth_members where member = r.oid),"
        " (select count(*) from pg_class where relowner = r.oid) from pg_roles as r where rolname in ('kokunen_app', 'kokunen_read', 'kokunen_airflow')"
    ).fetchall()
    assert sorted(rows) == [("kokunen_airflow", False, 0, 0), ("kokunen_app", False, 0, 0), ("kokunen_read", False, 0, 0)]
    create = owner.execute("select nspname from pg_namespace where has_schema_privilege('kokunen_app', oid, 'CREATE')").fetchall()
    assert [n for (n,) in create if not n.startswith("pg_")] == []
    files = owner.execute("select has_function_privilege('kokunen_app', 'pg_read_file(text)', 'EXECUTE')").fetchone()
    assert files == (False,)


def test_二つのデータベースは互いに入れない(house: Path) -> None:
    urls = postgres.urls(house)
    swapped = {
        "airflow into business": urls["airflow"].rsplit("/", 1)[0] + "/kokunen",
        "jobs into airflow": urls["app"].rsplit("/", 1)[0] + "/kokunen_airflow",
        "owner into airflow": urls["owner"].rsplit("/", 1)[0] + "/kokunen_airflow",
        "jobs into postgres": urls["app"].rsplit("/", 1)[0] + "/postgres",
    }
    for about, url in swapped.items():
        try:
            with psycopg.connect(url) as connection:
                seen = connection.execute(
                    "select count(*) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
                )
                assert about == "jobs into postgres" and seen.fetchone() == (0,), about
        except psycopg.OperationalError as error:
            assert "permission denied for database" in str(error), about  # noqa: PT017 - either will do
    for url in (urls["app"], urls["airflow"], urls["owner"]):
        with psycopg.connect(url):
            pass
    user, rest = urls["app"].split("://", 1)[1].split(":", 1)[0], urls["app"].rsplit("@", 1)[1]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://{user}:wrong@{rest}")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://{user}@{rest}", passfile="/dev/null")


def test_サーバーは外から見えない(house: Path) -> None:
    with psycopg.connect(postgres.ensure(house).admin_url) as admin:
        shown = {s: (admin.execute("select current_setting(%s)", (s,)).fetchone() or ("",))[0] for s in (
            "listen_addresses", "unix_socket_directories", "password_encryption", "data_checksums", "fsync", "full_page_writes",
        )}  # fmt: skip
        methods = admin.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
    assert shown == {
        "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "password_encryption": "scram-sha-256", "data_checksums": "on",
        "fsync": "on", "full_page_writes": "on",
    }  # fmt: skip
    assert methods == [("scram-sha-256",)]
    assert all((p.stat().st_mode & 0o077) == 0 for p in (house / "keys").rglob("*"))
    assert ((house / "pg" / "server.log").stat().st_mode & 0o077) == 0
