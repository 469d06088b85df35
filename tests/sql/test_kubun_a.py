"""区分 A（恒久）: 国民年金情報ファイル・保管庫・台帳・記録・職員の登録は、動くもののどの接続にも消せない。プログラムを通さずに、すべての表 × すべての接続で試す。"""

from __future__ import annotations

import ast
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from etl.core.mapping.rights import rights
from etl.platform import logins
from etl.site import Site
from tests.house import modules
from tests.sql.test_rights import DONE, Cell, tried

ROOMS = ("pension", "vault", "ledger", "audit", "shokuin")
LOGINS = (*rights().databases, "kokunen_airflow")
HOW = (
    "delete from {0}",
    "delete from {0} where false",
    "truncate {0}",
    "truncate {0} cascade",
    "drop {1} {0}",
    "drop {1} {0} cascade",
    "alter table {0} rename to gone",
)
REFUSED = "42501"


@pytest.fixture(scope="module")
def tables(town: Site, owner_url_of: Callable[[Site], str]) -> list[tuple[str, str]]:
    """Every table and view of these rooms, from the catalog."""
    with psycopg.connect(owner_url_of(town)) as owner:
        return owner.execute(
            "select format('%%I.%%I', n.nspname, c.relname), case c.relkind when 'v' then 'view' else 'table' end"
            " from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
            " where n.nspname = any(%s) and c.relkind in ('r', 'p', 'v', 'm') order by 1",
            (list(ROOMS),),
        ).fetchall()


def url(site: Site, login: str) -> str:
    """The business database as this log-in; Airflow's has one, too, to another database."""
    if login != "kokunen_airflow":
        return site.url_of(login.removeprefix("kokunen_"))
    parts = urlsplit(site.url)
    word = logins.read(site.home / "keys", login)
    return urlunsplit(parts._replace(netloc=f"{login}:{word}@{parts.netloc.rpartition('@')[2]}"))


@pytest.mark.parametrize("login", LOGINS)
def test_どの表も_どの接続にも消せない(town: Site, tables: list[tuple[str, str]], login: str) -> None:
    wanted = [Cell((name, how), how.format(name, kind), False) for name, kind in tables for how in HOW]
    try:
        ended = tried(url(town, login), wanted)
    except psycopg.OperationalError:
        assert login == "kokunen_airflow"  # it does not even get in
        return
    assert len(ended) == len(tables) * len(HOW) > 500
    assert {about: found for about, found in ended.items() if found[0] == DONE} == {}
    # a view that nothing can be deleted from at all says so before it asks who wants to
    others = {found[0] for (name, _), found in ended.items() if dict(tables)[name] == "table"}
    assert others == {REFUSED}


@pytest.mark.parametrize("login", LOGINS)
def test_部屋ごと消すことも_所有者になることもできない(town: Site, login: str) -> None:
    wanted = [Cell((s,), s, False) for s in (
        *(f"drop schema {room} cascade" for room in ROOMS), "set role kokunen_owner", "set session_replication_role = replica",
        "alter table ledger.hold disable trigger all", "drop owned by kokunen_owner", "reassign owned by kokunen_owner to current_user",
    )]  # fmt: skip
    try:
        ended = tried(url(town, login), wanted)
    except psycopg.OperationalError:
        assert login == "kokunen_airflow"
        return
    assert {found[0] for found in ended.values()} == {REFUSED}


def test_消す関数は二つだけで_どちらも一つのビューに見える者だけを消す(town: Site, owner_url_of: Callable[[Site], str]) -> None:
    """Every function that deletes in these rooms, and who may call it: the source is asked, not the page."""
    with psycopg.connect(owner_url_of(town)) as owner:
        rows = owner.execute(
            "select p.oid::regproc::text, p.prosrc from pg_proc as p where p.pronamespace::regnamespace::text = any(%s)"
            r" and p.prosrc ~* '\m(delete\s+from|truncate|drop)\M'",
            (list(ROOMS),),
        ).fetchall()
    deleting = dict(rows)
    assert set(deleting) == {"pension.kesu", "shokuin.finish"}  # the second: passwords of whoever has left
    callers = {login for login, about in rights().databases.items() if "pension.kesu" in about.functions}
    assert callers == set()
    with psycopg.connect(owner_url_of(town)) as owner:
        using = owner.execute(
            "select p.oid::regproc::text, p.prosrc from pg_proc as p where p.prosrc like '%pension.kesu(%' order by 1"
        ).fetchall()
    assert [name for name, _ in using] == ["ledger.shoukyo_again", "ledger.shoukyo_gone"]
    assert "pension.shoukyo_kouho" in dict(using)["ledger.shoukyo_gone"]
    assert "pension.mikakunin" in dict(using)["ledger.shoukyo_again"]


def test_所有者の鍵を使うのは移行だけ() -> None:
    """Who names the owner's credentials: the migration at ``init``, whoever makes and lists the log-ins, and the backup that puts a server back."""
    named = set()
    for name, path in modules().items():
        if not name.startswith("etl."):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ("kokunen_owner", "owner"):
                named.add(name)
    assert named <= OWNERS, named - OWNERS


OWNERS = {"etl.site", "etl.platform.databases", "etl.platform.postgres"}
