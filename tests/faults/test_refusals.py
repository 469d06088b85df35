"""拒否の収集: a try at what a log-in may not do is an event of the chain, once; no value gets into the server's log on the way."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kit
import psutil
import psycopg
import pytest

from etl import kyohi
from etl.edge import db
from etl.platform import postgres, server_log
from etl.site import Site, init
from tests.faults import crash

SAID = "2026-11-28 03:56:33.914 UTC"
LINES = kit.table("""
| 事例                   | 行                                                      | 残るもの                                      |
|------------------------|---------------------------------------------------------|-----------------------------------------------|
| 起動                   | {SAID},00000,,LOG:  database system is ready            | {SAID},00000,,LOG:  database system is ready  |
| 入れない               | {SAID},28P01,kokunen_app,FATAL:  no password            | {SAID},28P01,kokunen_app,FATAL:  no password  |
| 断られた               | {SAID},42501,kokunen_app,ERROR:  permission denied for x | {SAID},42501,kokunen_app,ERROR               |
| 値のある誤り           | {SAID},22P02,kokunen_app,ERROR:  invalid "SECRET"       |                                               |
| 誤りの続き             | \\tSECRET                                               |                                               |
| 続きに行を偽る         | \\t{SAID},42501,kokunen_read,ERROR:  SECRET              |                                               |
| 詳しい説明             | {SAID},23505,kokunen_app,DETAIL:  Key (a)=(SECRET)      |                                               |
| 文                     | {SAID},42501,kokunen_app,STATEMENT:  select 'SECRET'    |                                               |
| 注意                   | {SAID},01000,kokunen_app,WARNING:  SECRET               |                                               |
| 長い行の切れ端         | CRET", and more                                         |                                               |
""")


def test_記録に残る行() -> None:
    lines = [(c["行"] or "").replace("\\t", "\t").format(SAID=SAID).encode() + b"\n" for c in LINES]
    wanted = [kept.format(SAID=SAID).encode() + b"\n" for c in LINES if (kept := c["残るもの"])]
    assert list(server_log.sift(iter(lines))) == wanted
    before = b"postgres: libx.so: not found\n"
    assert list(server_log.sift(iter([before, *lines, b"libx\n"]))) == [before, *wanted]
    assert not any(b"SECRET" in line for line in wanted)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A home with a server of its own."""
    home = tmp_path_factory.mktemp("own") / "home"
    try:
        yield init(home)
    finally:
        postgres.stop(home)


def events(site: Site) -> list[tuple[str, str]]:
    found = kit.query(
        site, "select user_name, counts from audit.event where operation = '拒否' and object = 'データベース' order by event_id"
    )
    return [(login, json.loads(counts)["sqlstate"]) for login, counts in found]


def logged(site: Site) -> bytes:
    return (site.home / "pg" / "server.log").read_bytes()


def provoke(url: str, *statements: str) -> None:
    """Each fails by itself."""
    for statement in statements:
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error):
            connection.execute(statement.encode())


def settled(site: Site, refusals: int) -> None:
    """The lines have come through the pipe."""
    deadline = time.monotonic() + 10
    while logged(site).count(b",42501,") < refusals and time.monotonic() < deadline:
        time.sleep(0.02)
    assert logged(site).count(b",42501,") == refusals


VALUES = (
    "select 'SECRET12345'::int",
    "insert into ledger.quarantine values (1, 1, '{SECRET12345}', '{SECRET12345}')",
    "insert into pension.worklist (kind) values ('SECRET12345')",
    "do $$ begin raise exception E'SECRET12345\n2026-01-01 00:00:00.000 UTC,42501,kokunen_read,ERROR:  x' using detail = 'SECRET12345'; end $$",
    "do $$ begin raise warning 'SECRET12345'; perform 1 / 0; end $$",
    f"select '{'SECRET12345' * 2000}'::date",
)
REFUSED = (
    "select 'SECRET12345' from shokuin.touroku",
    "update ledger.approval set decision = 'approved', checker = 'SECRET12345'",
    "select audit.record(null, 'SECRET12345', '', '', '', null, null, '承認', '', '{}')",
    "select vault.ask(1, null, 'SECRET12345', '', '', '')",
)


def test_断られたものは一度だけ記録に入り_値はどこにも残らない(own: Site) -> None:
    provoke(own.url, *VALUES, *REFUSED)
    provoke(own.url_of("read"), "select cipher from vault.kojin_no")
    settled(own, 5)
    assert b"SECRET" not in logged(own)
    assert kyohi.collect(own) == 5 and events(own) == [("kokunen_app", "42501")] * 4 + [("kokunen_read", "42501")]
    assert kyohi.collect(own) == 0 and len(events(own)) == 5
    assert kit.query(
        own,
        "select count(*) from audit.event where concat_ws('', user_name, unit, terminal, reason, object, counts) like '%SECRET%'",
    ) == [(0,)]


def test_違うパスワードも記録に入る(own: Site) -> None:
    before = len(events(own))
    place = own.url.rpartition("@")[2]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://kokunen_decide:wrong@{place}")
    deadline = time.monotonic() + 10
    while b",28P01," not in logged(own) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert kyohi.collect(own) == 1 and events(own)[before:] == [("kokunen_decide", "28P01")]


def test_同時に集めても_途中で止められても_一度だけ(own: Site) -> None:
    before, lines = len(events(own)), logged(own).count(b",42501,")
    provoke(own.url, *REFUSED)
    settled(own, lines + 4)

    def killed() -> None:
        db.Session.value = lambda *args, value=db.Session.value, **more: (
            value(*args, **more),
            "put" in args[1] and os.kill(os.getpid(), signal.SIGKILL),
        )[0]  # type: ignore[method-assign]
        kyohi.collect(own)

    assert crash.in_child(killed)[0] == -signal.SIGKILL and len(events(own)) == before
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: kyohi.collect(own), range(4))) == 4
    assert len(events(own)) == before + 4


def test_半分の行は次に読み_多ければ分けて読む(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    before, line = len(events(own)), f"{SAID},42501,kokunen_app,ERROR\n".encode()
    log = own.home / "pg" / "server.log"
    monkeypatch.setattr(kyohi, "MOST", 2)
    with log.open("ab") as out:
        out.write(line * 3 + line[:20])
        out.flush()
        assert [kyohi.collect(own) for _ in range(3)] == [2, 1, 0]
        out.write(line[20:])
    assert kyohi.collect(own) == 1 and len(events(own)) == before + 4


def test_記録が新しくなれば_初めから読む(own: Site) -> None:
    log = own.home / "pg" / "server.log"
    log.write_bytes(f"{SAID},00000,,LOG:  another\n{SAID},42501,kokunen_app,ERROR\n".encode())
    assert [kyohi.collect(own) for _ in range(2)] == [1, 0]


def test_月が変われば新しい記録になり_前の月の残りも一度だけ読む(
    own: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, line = own.home / "pg" / "server.log", "{} UTC,42501,kokunen_app,ERROR\n"
    log.rename(tmp_path / "aside.log")
    monkeypatch.setattr(kyohi, "MOST", 2)
    try:
        out = server_log.Monthly(log)
        out.write(b"postgres: libx.so: not found\n")
        for day in ("2026-10-30", "2026-10-31"):
            out.write(line.format(f"{day} 03:56:33.914").encode())
        assert kyohi.collect(own) == 2
        out = server_log.Monthly(log)  # the server was started again
        for day in (*["2026-10-31"] * 5, "2026-11-01", "2026-11-02"):
            out.write(line.format(f"{day} 23:59:59.999").encode())
        assert [p.name for p in server_log.earlier(log)] == ["server-2026-10.log"] and log.read_bytes().count(b"\n") == 2
        assert [kyohi.collect(own) for _ in range(3)] == [7, 0, 0]
    finally:
        for path in server_log.earlier(log):
            path.unlink()
        (tmp_path / "aside.log").rename(log)


def test_記録の番人が止められてもサーバーは動き_次の起動でまた立つ(own: Site) -> None:
    (guard,) = guards(own.home)
    os.kill(guard, signal.SIGKILL)
    provoke(own.url, *REFUSED * 50)
    postgres.stop(own.home)
    assert guards(own.home) == []
    postgres.ensure(own.home)
    (guard,) = guards(own.home)
    postgres.stop(own.home)
    deadline = time.monotonic() + 10
    while psutil.pid_exists(guard) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert guards(own.home) == []
    own.engine.dispose()


def guards(home: Path) -> list[int]:
    log = str(home / "pg" / "server.log")
    return [p.pid for p in psutil.process_iter(["cmdline"]) if log in (p.info["cmdline"] or [])]


def test_自前のサーバーや記録を読めない場所では_何もしない(site: Site) -> None:
    assert kyohi.collect(site) == 0
