"""The roles of the databases: how a number is read, what the address of ``kokunen db url`` shows, and who cannot come in at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import kit
import psycopg
import pytest

from etl.cli.main import main
from etl.core.mapping.rights import rights
from etl.platform import postgres
from etl.platform.databases import LOGINS
from etl.site import Site

KEPT = ("pension", "vault", "audit", "ledger", "shokuin")


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


def test_どの引き金も止められない(tables: list[str], town: Site) -> None:
    """What else may be done with a table, and with what, is tried in tests/sql/test_rights.py."""
    assert len(tables) > 20
    for table in tables:
        with psycopg.connect(town.url) as jobs, pytest.raises(psycopg.errors.InsufficientPrivilege):
            jobs.execute(f"alter table {table} disable trigger all")  # type: ignore[call-overload]


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
    event_id = ask(town.url_of("numbers"), kojin_id)
    with psycopg.connect(town.url_of("numbers")) as jobs:
        assert jobs.execute(READ, (event_id, "確認")).fetchone() == (b"y",)
    recorded = kit.query(town, "select user_name, operation, reason from audit.event where event_id = :i", i=event_id)
    assert recorded == [("kansa01", "個人番号参照", "確認")]
    with psycopg.connect(town.url_of("numbers")) as jobs, pytest.raises(psycopg.DatabaseError) as again:
        jobs.execute(READ, (event_id, "確認"))
    assert again.value.sqlstate == "KN004"


@pytest.mark.parametrize("savepoint", [False, True], ids=["同じトランザクション", "セーブポイントの中"])
def test_取り消せる記録では番号を読めない(town: Site, kojin_id: int, savepoint: bool) -> None:
    with psycopg.connect(town.url_of("numbers")) as jobs:
        if savepoint:
            jobs.execute("savepoint s")
        row = jobs.execute(ASK, (kojin_id,)).fetchone()
        if savepoint:
            jobs.execute("release savepoint s")
        with pytest.raises(psycopg.DatabaseError) as refused:
            jobs.execute(READ, (row and row[0], "確認"))
    assert refused.value.sqlstate == "KN004"


def test_ほかの目的や古い記録や番号の記録でないものでは読めない(town: Site, owner: psycopg.Connection, kojin_id: int) -> None:
    other, old = ask(town.url_of("numbers"), kojin_id), ask(town.url_of("numbers"), kojin_id)
    owner.execute("update vault.reading set asked_at = asked_at - interval '61 minutes' where event_id = %s", (old,))
    owner.commit()
    with psycopg.connect(town.url_of("numbers"), autocommit=True) as jobs:
        row = owner.execute("select audit.append(null, 'x', '', '', '確認', null, null, '取込', '', '{}')").fetchone()
        owner.commit()
        for event_id, purpose in ((other, "別の目的"), (old, "確認"), (row and row[0], "確認"), (0, "確認"), (None, "確認")):
            with pytest.raises(psycopg.DatabaseError) as refused:
                jobs.execute(READ, (event_id, purpose))
            assert refused.value.sqlstate == "KN004"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            jobs.execute("update vault.reading set read_at = null")


def test_接続先は閲覧用で_求めなければパスワードを出さない(
    house: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOKUNEN_HOME", str(house))
    monkeypatch.setattr("etl.kyohi.collect", lambda _: 0)  # the house is what other tests begin with: no record enters it
    shown = {}
    for asked in ((), ("--password",), ("--jobs",), ("--jobs", "--password")):
        assert main(["db", "url", "--as", "kanri01", *asked]) == 0
        shown[asked] = psycopg.conninfo.conninfo_to_dict(capsys.readouterr().out.strip())
    assert [(u["user"], "password" in u) for u in shown.values()] == [
        ("kokunen_read", False), ("kokunen_read", True), ("kokunen_app", False), ("kokunen_app", True),
    ]  # fmt: skip
    assert shown["--jobs", "--password"] == psycopg.conninfo.conninfo_to_dict(postgres.urls(house)["app"])


def test_どの役割も特別な力を持たず_業務のほかに属さない(owner: psycopg.Connection) -> None:
    """But the log-in of the backup, which may read the cluster as a whole; its password lies apart."""
    rows = owner.execute(
        "select rolname, rolsuper or rolcreaterole or rolcreatedb or rolbypassrls, rolreplication,"
        " (select string_agg(roleid::regrole::text, ' ') from pg_auth_members where member = r.oid),"
        " (select count(*) from pg_class where relowner = r.oid) from pg_roles as r where rolname = any(%s)",
        ([*LOGINS, "kokunen_airflow"],),
    ).fetchall()
    of = {role: login.of for role, login in rights().databases.items()}
    assert sorted(rows) == sorted(
        (role, False, role == "kokunen_backup", of.get(role), 0) for role in (*LOGINS, "kokunen_airflow")
    )


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
