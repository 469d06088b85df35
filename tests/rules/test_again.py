"""赤い実行: 拒否されたファイルがあれば赤く終わり、その工程をもう一度動かすと、置かれているファイルをもう一度確かめる。"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import kit
import psycopg
import pytest
from kit import no

from etl import jobs
from etl.core.errors import KokunenError
from etl.core.mapping import registry
from etl.result import result
from etl.run import get
from etl.site import Site


def _red(site: Site) -> tuple[str, Path, bytes]:
    """A night with a good file and a bad one: (its run, the bad file, what it should have been)."""
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}], seq=1)
    bad = kit.uketsuke(site, [{"uketsuke_no": no(2), "atena_no": no(2)}], seq=2)
    good = bad.read_bytes()
    bad.write_bytes(good[:-4])
    done = kit.run(site, "uketsuke_daily", kit.DAY)
    assert done["error"].code == "NP-2004" and get(site, done["run_id"]).state == "failed"
    return done["run_id"], bad, good


def outcomes(site: Site, run_id: str) -> list[tuple[str, int]]:
    return [(str(f["outcome"]), f["counts"]["new"]) for f in result(site, run_id)["files"]]


def test_直さなければ赤いまま(site: Site) -> None:
    run_id, _, _ = _red(site)
    for _ in range(2):
        with pytest.raises(KokunenError, match="NP-2004"):
            jobs.step(site, run_id, "report")
        assert outcomes(site, run_id) == [("accepted", 1), ("refused", 0)]
    assert get(site, run_id).state == "failed"


def test_正しいファイルに替わっていれば緑になり_前に入ったものはそのまま(site: Site) -> None:
    run_id, bad, good = _red(site)
    bad.write_bytes(good)
    jobs.step(site, run_id, "report")
    assert outcomes(site, run_id) == [("accepted", 1), ("accepted", 1)]
    assert get(site, run_id).state == "done"
    jobs.step(site, run_id, "report")  # a green report only writes its sheet again
    assert outcomes(site, run_id) == [("accepted", 1), ("accepted", 1)]
    assert kit.query(site, "select count(*) from pension.uketsuke where superseded_at is null") == [(2,)]


def test_空の導入の夜はどの業務も何も出さずに終わる(site: Site) -> None:
    """A new installation is switched on (the month: tests of its first version)."""
    for name in (n for n, job in registry.jobs().items() if job.period == "day" and (job.reads or not job.once)):
        done = kit.run(site, name, kit.DAY, user="airflow")
        assert done["error"] is None and done["outputs"] == [] and done["files"] == [], name


SET = kit.table("""
| 役割に付いた設定                            | 番号    |
|---------------------------------------------|---------|
| synchronous_commit = off                    | NP-1024 |
| synchronous_commit = local                  | NP-1049 |
| statement_timeout = 0                       | NP-1049 |
| statement_timeout = '1h'                    | NP-1049 |
| lock_timeout = 0                            | NP-1049 |
| default_transaction_isolation = serializable | NP-1049 |
| search_path = pension                       | NP-1049 |
| log_statement = none                        |         |
| work_mem = '64MB'                           |         |
""")


@pytest.mark.parametrize("case", SET, ids=lambda c: c["役割に付いた設定"])
def test_役割に付いた設定は実行の始めに分かる(case: dict[str, str], site: Site, house: Path) -> None:
    """By the role itself, in its own database; a superuser's setting (log_statement) by the administrator."""
    from etl.platform import postgres

    name = site.url.rsplit("/", 1)[1]
    setting = case["役割に付いた設定"]
    who = postgres.ensure(house).admin_url if setting.startswith("log_") else site.url
    with psycopg.connect(who, autocommit=True) as c:
        c.execute(f"alter role kokunen_app in database {name} set {setting}")
    site.engine.dispose()
    error = code_of(lambda: jobs.start(site, "juki_daily", "2025-09-24", "sousa01", None))
    assert error == case["番号"]


def code_of(act: Callable[[], object]) -> str | None:
    try:
        act()
    except KokunenError as raised:
        return raised.code
    return None


def test_データベースに付いた時間の制限は妨げない(site: Site, house: Path) -> None:
    from etl.platform import postgres

    with psycopg.connect(postgres.ensure(house).admin_url, autocommit=True) as admin:
        admin.execute(f"alter database {site.url.rsplit('/', 1)[1]} set statement_timeout = '1h'")
    site.engine.dispose()
    assert jobs.start(site, "juki_daily", "2025-09-24", "sousa01", None)
