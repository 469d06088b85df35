"""自前の PostgreSQL: an office's own server (KOKUNEN_DATABASE_URL), of every version found here, by a superuser and by one who may
make databases and roles and nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kit
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kit import DAY, no

from etl.attest.status import status
from etl.core.errors import KokunenError, Refused, Unavailable
from etl.definitions import DEFINITIONS
from etl.edge import atomic
from etl.platform import databases, logins, postgres
from etl.site import Site, init, open_site
from tests import people

#: the bundled one too, as somebody else's; those of this machine sort by ICU's Japanese order, as an office's may
BINARIES = [*postgres.of_the_wheel()[:1], *(b for b in postgres.of_the_machine() if float(b.parent.name) >= databases.OLDEST)]
MANUAL = (DEFINITIONS / "docs" / "手順書.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=BINARIES, ids=lambda folder: folder.parent.name)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the superuser of a server that is not ours."""
    home = tmp_path_factory.mktemp("theirs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PG_BIN", str(request.param))
        if request.param in postgres.of_the_machine():
            patch.setattr(postgres, "locale", lambda major: ["--locale=C", "--locale-provider=icu", "--icu-locale=ja"])
        yield postgres.ensure(home).admin_url
        postgres.stop(home)


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(question.encode())
        return found.fetchall() if found.description else []


@pytest.fixture
def theirs(server: str) -> Iterator[str]:
    """The same with the role ``dba`` of the 手順書, and without anything of ours when the test is over."""
    ask(server, "; ".join(re.findall(r"create role dba .*(?=;)", MANUAL)).replace("…", "dba"))
    yield server
    for name in databases.DATABASES:
        ask(server, f"drop database if exists {name} with (force)")
    for role in (*databases.ROLES, "dba"):
        ask(server, f"drop role if exists {role}")


def as_dba(url: str) -> str:
    return f"postgresql://dba:dba@{urlsplit(url).netloc.rpartition('@')[2]}/postgres"


@pytest.fixture(params=["superuser", "dba"])
def url(request: pytest.FixtureRequest, theirs: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of the administrator whom the office gives us."""
    given = theirs if request.param == "superuser" else as_dba(theirs)
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", given)
    return given


def night(site: Site, day: int) -> None:
    on = DAY.replace(day=DAY.day + day)
    kit.juki(site, [{"atena_no": no(1 + day), "kojin_no": None}], on=on, seq=1 + day)
    done = kit.run(site, "juki_daily", on)
    assert done["error"] is None and [f["outcome"] for f in done["files"]] == ["accepted"]


def test_用意と業務と状態(url: str, theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = init(tmp_path)
    people.register(postgres.urls(tmp_path)["owner"])
    night(site, 0)
    night(init(tmp_path), 1)
    found = status(site)
    assert ([run.state for run in found.runs], found.postgres.source) == (["done"] * 2, "own")
    assert f"{found.postgres.version} " in ask(theirs, "select version() || ' '")[0][0].replace("(", " ").replace(",", " ")

    monkeypatch.delenv("KOKUNEN_DATABASE_URL")  # the administrator is needed once
    night(init(tmp_path), 2)
    assert not (tmp_path / "pg" / "data").exists() and urlsplit(url).password not in (tmp_path / "pg" / "external").read_text()
    postgres.stop(tmp_path)
    assert len(status(open_site(tmp_path)).runs) == 3


def test_役割が増えたら_管理者の接続先がもう一度要る(
    url: str, theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation of before has fewer: nothing is changed before the new ones are there."""
    site = init(tmp_path)
    site.engine.dispose()
    ours = f"{theirs.rpartition('/')[0]}/kokunen"
    before = ask(ours, "select count(*) from public.migration")
    for statement in (
        "drop owned by kokunen_decide, kokunen_numbers", "revoke all on database kokunen from kokunen_decide, kokunen_numbers",
    ):  # fmt: skip
        ask(ours, statement)
    ask(theirs, "drop role kokunen_decide, kokunen_numbers")
    monkeypatch.delenv("KOKUNEN_DATABASE_URL")
    with pytest.raises(Unavailable) as refused:
        init(tmp_path)
    assert (refused.value.code, refused.value.item) == ("NP-1091", "kokunen_decide、kokunen_numbers")
    assert ask(ours, "select count(*) from public.migration") == before
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", url)
    init(tmp_path)
    monkeypatch.delenv("KOKUNEN_DATABASE_URL")
    with init(tmp_path).session("numbers") as session:
        assert session.driver.info.user == "kokunen_numbers"


def test_役割は互いに入れず_管理者も残らない(url: str, theirs: str, tmp_path: Path) -> None:
    init(tmp_path)
    may = "select array_agg(has_database_privilege(r, d, 'connect') order by r, d) from unnest(%s::text[]) as r, unnest(%s::text[]) as d"
    with psycopg.connect(theirs) as admin:
        roles, names = list(databases.ROLES), list(databases.DATABASES)
        (may_enter,) = admin.execute(may, (roles, names)).fetchone() or ([],)
        assert may_enter == [
            (role == "kokunen_airflow") == (name == "kokunen_airflow") for role in sorted(roles) for name in sorted(names)
        ]
    held = ask(theirs, "select rolname, pg_has_role('dba', oid, 'usage') from pg_roles where rolname like 'kokunen%' order by 1")
    assert held == [(role, False) for role in sorted(databases.ROLES)]


def test_並び順はサーバーによらない(url: str, theirs: str, tmp_path: Path) -> None:
    words = "select string_agg(w, '' order by w) from unnest(array['a', 'B', 'ｱ', 'あ', 'ア', '亜', '一']) as w"
    init(tmp_path)
    assert ask(postgres.urls(tmp_path)["app"], words) == [("Baあア一亜ｱ",)]
    theirs_is_icu = ask(theirs, "select datlocprovider::text from pg_database where datname = 'postgres'") == [("i",)]
    assert (ask(theirs, words) != [("Baあア一亜ｱ",)]) == theirs_is_icu


SETTINGS = dict(re.findall(r"^  (log_\w+) = (.+)$", MANUAL, re.M))
AS_MOST_SERVERS = {
    "log_error_verbosity": "default", "log_min_duration_statement": "1min", "log_min_error_statement": "error",
    "log_min_messages": "warning", "log_parameter_max_length_on_error": "-1", "log_statement": "ddl",
}  # fmt: skip


def test_値が残る設定を一つずつ言う(theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The 手順書's settings are silent, each other one is told; by the role of the jobs, so a role's own settings count."""
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", theirs)
    site = init(tmp_path)
    for name, silent in SETTINGS.items():
        ask(theirs, f"alter role kokunen_app set {name} = '{silent}'")
    site.engine.dispose()
    assert SETTINGS.keys() == AS_MOST_SERVERS.keys() and "記録に値" not in (status(site).postgres.warning or "")
    for name, other in AS_MOST_SERVERS.items():
        for value in (other, SETTINGS[name]):
            ask(theirs, f"alter role kokunen_app set {name} = '{value}'")
            site.engine.dispose()
            assert (f"（{name}）" in (status(site).postgres.warning or "")) == (value == other), name


REFUSED = kit.table("""
| 事例                     | 管理者   | 先に済んでいること                                                           | 番号    |
|--------------------------|----------|------------------------------------------------------------------------------|---------|
| データベースを作れない   | dba      | alter role dba nocreatedb                                                    | NP-1043 |
| 役割を作れない           | dba      | alter role dba nocreaterole                                                  | NP-1043 |
| 変えられない役割がある   | dba      | create role kokunen_owner superuser                                          | NP-1043 |
| 文字コードが違う         | postgres | {EUC_JP}                                                                     | NP-1028 |
| 記録が失われうる         | postgres | create role kokunen_app; alter role kokunen_app set synchronous_commit = off | NP-1024 |
| 記録が失われうる（全体） | postgres | alter system set fsync = off; select pg_reload_conf()                        | NP-1024 |
""")
EUC_JP = "create database kokunen template template0 encoding 'EUC_JP' locale_provider libc locale 'C'"


@pytest.mark.parametrize("case", REFUSED, ids=lambda c: c["事例"])
def test_足りないものは番号で言う(case: dict[str, str], theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for statement in case["先に済んでいること"].format(EUC_JP=EUC_JP).split("; "):
        ask(theirs, statement)
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", theirs if case["管理者"] == "postgres" else as_dba(theirs))
    with pytest.raises(KokunenError) as raised:
        init(tmp_path)
    ask(theirs, "alter system reset all")
    ask(theirs, "select pg_reload_conf()")
    assert raised.value.code == case["番号"] and "dba:dba" not in str(raised.value)


def test_古い版と答えないサーバー(theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", theirs)
    monkeypatch.setattr(databases, "OLDEST", 99)
    with pytest.raises(Unavailable, match="NP-1044"):
        init(tmp_path)
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", f"postgresql://dba:dba@127.0.0.1:{postgres.free_port()}/postgres")
    with pytest.raises(Unavailable, match="NP-1020"):
        init(tmp_path)


def certificate(folder: Path, name: str) -> tuple[bytes, Path]:
    """A key, and a certificate for ``name`` that it signs itself, as a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    path = folder / f"{name}.pem"
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), path


def test_TLSはすべての役割で確かめられる(theirs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if ask(theirs, "select setting from pg_config where name = 'CONFIGURE' and setting ~ 'openssl'") == []:
        monkeypatch.setenv("KOKUNEN_DATABASE_URL", f"{theirs}?sslmode=require")  # built without TLS: never in clear instead
        with pytest.raises(Unavailable, match="NP-1020"):
            init(tmp_path)
        return
    data = Path(str(ask(theirs, "show data_directory")[0][0]))
    key, pem = certificate(tmp_path, "localhost")
    for name, content in (("server.key", key), ("server.crt", pem.read_bytes())):
        (data / name).write_bytes(content)
        (data / name).chmod(0o600)
        os.chown(data / name, data.stat().st_uid, data.stat().st_gid)
    ask(theirs, "alter system set ssl = on")
    ask(theirs, "select pg_reload_conf()")
    secure = f"{theirs.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert="
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", f"{secure}{pem}")
    site = init(tmp_path)
    with site.session() as session:
        assert session.driver.pgconn.ssl_in_use
    for url in postgres.urls(tmp_path).values():
        with psycopg.connect(url) as connection:
            assert connection.pgconn.ssl_in_use
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", f"{secure}{certificate(tmp_path, 'other.example')[1]}")
    with pytest.raises(Unavailable, match="NP-1020"):
        init(tmp_path)


def test_同梱のサーバーにデータがあれば移らない(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", "postgresql://dba:dba@db.example/postgres")
    with pytest.raises(Refused, match="NP-1045"):
        postgres.ensure(tmp_path)
    assert not (tmp_path / "pg" / "external").exists()


GIVEN = kit.table("""
| 事例           | 渡した URL                                                               | 業務の接続先                                              |
|----------------|--------------------------------------------------------------------------|-----------------------------------------------------------|
| ふつう         | postgresql://dba:p@db:5433/postgres                                      | db:5433/kokunen                                           |
| 番号を略す     | postgres://dba:p@db/postgres                                             | db:5432/kokunen                                           |
| TLS            | postgresql://dba:p@db/postgres?sslmode=verify-full&sslrootcert=/c.pem    | db:5432/kokunen?sslmode=verify-full&sslrootcert=/c.pem    |
| IPv6           | postgresql://dba:p@[::1]:5433/postgres                                   | [::1]:5433/kokunen                                        |
| 同じ機械の中   | postgresql://dba:p@/postgres?host=/run/postgresql                        | :5432/kokunen?host=/run/postgresql                        |
| URL でない     | host=db dbname=postgres                                                  | NP-1001                                                   |
| 番号が数でない | postgresql://dba:p@db:port/postgres                                      | NP-1001                                                   |
| 他の製品       | mysql://dba:p@db/postgres                                                | NP-1001                                                   |
""")


@pytest.mark.parametrize("case", GIVEN, ids=lambda c: c["事例"])
def test_接続先の書き方(case: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS and the like are those of the URL, for every role; the administrator's name and password are written nowhere."""
    (tmp_path / "keys").mkdir()
    for role in databases.ROLES:
        atomic.write(logins.place(tmp_path / "keys", role), b"x")
    monkeypatch.setenv("KOKUNEN_DATABASE_URL", case["渡した URL"])
    if case["業務の接続先"].startswith("NP"):
        with pytest.raises(Refused, match=case["業務の接続先"]):
            postgres.ensure(tmp_path)
        return
    postgres.ensure(tmp_path)
    found = postgres.urls(tmp_path)["app"]
    assert found == f"postgresql://kokunen_app:x@{case['業務の接続先']}"
    assert psycopg.conninfo.conninfo_to_dict(found)["user"] == "kokunen_app"
    assert "dba" not in (tmp_path / "pg" / "external").read_text()
