"""職員: the pages' users are the register's, from the minute on in which it changes; what they try and may not do is in the chain."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from etl import run as runs
from etl.core.errors import Refused
from etl.edge import spool
from etl.platform import airflow, gamen, postgres
from etl.shokuin import gamen as pages
from etl.shokuin import proof, register
from tests.dags.browser import Browser
from tests.dags.office import Office, events, join

MINUTE = 60


def come_true(what: Callable[[], bool], seconds: float = MINUTE) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.5)
    return what()


def token_works(office: Office, user: str) -> bool:
    return office.clients[user].call("GET", "/dags")[0] == 200


def enter(office: Office, user: str, *roles: str) -> tuple[str, Browser]:
    """Somebody new, logged in over REST and in the pages."""
    word = join(office.site, user, *roles)
    office.clients[user] = type(office.operator)(office.operator.address, user, word)
    browser = Browser(office.operator.address)
    assert token_works(office, user) and browser.log_in(user, word)
    return word, browser


def out(office: Office, user: str, word: str, browser: Browser) -> bool:
    return (
        not token_works(office, user)
        and browser.open("/api/v2/dags")[0] in (401, 403)
        and office.operator._send("POST", "/auth/token", {"username": user, "password": word}, {})[0] in (401, 429)
    )


def test_辞めた職員は画面からも一分のうちに出される(office: Office) -> None:
    word, browser = enter(office, "taishoku01", "操作者")
    register.finish(office.site, "kanri01", "taishoku01", "退職")
    with pytest.raises(Refused, match="NP-1083"):  # at once, whatever the pages know
        runs.start(
            office.site, "juki_daily", "2025-09-24", "taishoku01", "試験", business_on=None, as_known_at=None, run_key=None
        )
    assert come_true(lambda: out(office, "taishoku01", word, browser)), "nobody told the pages; they looked by themselves"
    with psycopg.connect(postgres.urls(office.home)["airflow"]) as c:
        assert c.execute("select active, password from ab_user where username = 'taishoku01'").fetchone() == (False, None)
    assert come_true(lambda: "taishoku01" in {user for user, _, _ in events(office.site, "拒否")}), "and each try is told"


def test_末日を過ぎた職員も出される(office: Office) -> None:
    word, browser = enter(office, "matsujitsu01", "承認者")
    with psycopg.connect(postgres.urls(office.home)["owner"]) as owner:
        yesterday = runs.now().date() - timedelta(days=1)
        owner.execute("update shokuin.touroku set until_on = %s where user_name = 'matsujitsu01'", (yesterday,))
    assert come_true(lambda: out(office, "matsujitsu01", word, browser))


def test_新しいパスワードになれば_前のログインは終わる(office: Office) -> None:
    word, browser = enter(office, "wasureta01", "操作者")
    proof.set_password(office.site, "kanri01", "wasureta01", "べつの長いパスワードです", "忘れた")
    pages.sync(office.site)
    assert come_true(lambda: out(office, "wasureta01", word, browser))
    assert Browser(office.operator.address).log_in("wasureta01", "べつの長いパスワードです")


def test_役割が変われば_画面でも変わる(office: Office) -> None:
    enter(office, "ido01", "監査者")
    register.ask(office.site, "kanri02", register.Entry("ido01", "国民年金・福祉医療課", ("操作者",), date(2020, 4, 1)), "異動")
    register.grant(office.site, "kanri01", "ido01", "異動")
    with psycopg.connect(postgres.urls(office.home)["airflow"]) as c:
        roles = "select r.name from ab_role r join ab_user_role u on u.role_id = r.id join ab_user a on a.id = u.user_id where a.username = 'ido01'"
        assert come_true(lambda: c.execute(roles).fetchall() == [("操作者",)])


def test_合わせるのは一秒かからず_まだ何もなければ何もしない(office: Office) -> None:
    began = time.monotonic()
    assert pages.sync(office.site) == []
    assert time.monotonic() - began < 1
    with psycopg.connect(postgres.urls(office.home)["airflow"], autocommit=True) as c:
        c.execute("alter table session rename to session_x")  # as before the first start has made Airflow's tables
        try:
            assert gamen.sync_people(office.home, []) == []
        finally:
            c.execute("alter table session_x rename to session")
    assert token_works(office, "sousa01")


def test_画面で間違えたパスワードは記録に残り_名前でないものは残らない(office: Office) -> None:
    before = len(events(office.site, "ログイン失敗"))
    assert not Browser(office.operator.address).log_in("kansa01", "chigau")
    assert not Browser(office.operator.address).log_in("000012345678", "chigau")
    assert come_true(lambda: len(events(office.site, "ログイン失敗")) >= before + 2)
    assert {user for user, _, _ in events(office.site, "ログイン失敗")[before:]} == {"kansa01", "（登録のない名前）"}
    with psycopg.connect(postgres.urls(office.home)["owner"]) as owner:
        assert not owner.execute("select from shokuin.shippai where person like '%0000%'").fetchall()


def test_画面のログインの鍵は_読まれず_よそへ行かず_触らなければ終わる(office: Office) -> None:
    browser = Browser(office.operator.address)
    assert browser.log_in("kansa01", office.clients["kansa01"].password)
    for name in ("session", "_token"):
        cookie = browser.cookie(name)
        assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") in ("Lax", "lax")
        assert not cookie.secure, "without a certificate it would never be sent"
    settings = airflow.environment(office.home)
    assert (settings["AIRFLOW__FAB__SESSION_LIFETIME_MINUTES"], settings["KOKUNEN_IDLE_MINUTES"]) == ("30", "30")


def test_見る権限のない古い画面も記録に残る(office: Office) -> None:
    browser = Browser(office.operator.address)
    assert browser.log_in("sousa01", office.clients["sousa01"].password)
    before = len(events(office.site, "拒否"))
    assert "kanri01" not in browser.open("/auth/users/list/")[2]
    assert come_true(lambda: ("sousa01", "127.0.0.1", "画面 GET /auth/users/list") in events(office.site, "拒否")[before:])


@pytest.mark.parametrize(
    "path", ["/auth/register/form", "/auth/register/activation/x", "/auth/resetmypassword/form", "/auth/users/add"]
)
def test_自分で登録はできず_画面でパスワードは変えられない(office: Office, path: str) -> None:
    browser = Browser(office.operator.address)
    status, ended, _ = browser.open(path)
    assert status in (403, 404) or ended.startswith("/auth/login"), "nobody is logged in"
    assert browser.log_in("kanri01", office.clients["kanri01"].password)
    status, ended, text = browser.open(path)
    assert status in (403, 404) or path not in ended or "password" not in text


@pytest.mark.parametrize(
    "path", ["/api/v2/dags", "/api/v2/eventLogs", "/ui/dags", "/ui/auth/menus", "/api/v2/config", "/auth/fab/v1/users"]
)
def test_名乗らなければ何も読めない(office: Office, path: str) -> None:
    assert Browser(office.operator.address).open(path)[0] == 401


def test_控えは書き終えるまで消えず_間で止まっても失われない(tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    spool.leave(path, {"n": 1})
    taken, lines = spool.take(path)
    assert lines == [{"n": 1}]
    spool.leave(path, {"n": 2})  # whoever took the first was stopped before it was recorded
    assert spool.take(path)[1] == [{"n": 1}]
    taken.unlink()
    assert spool.take(path)[1] == [{"n": 2}] and taken.stat().st_mode & 0o077 == 0


def test_部品を動かす命令も本人の名前で動く(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow asks the environment who types: whoever proved nothing starts nothing, whatever the environment says."""
    from etl.cli.main import main

    monkeypatch.setenv("KOKUNEN_HOME", str(office.home))
    monkeypatch.setenv("LOGNAME", "sousa01")
    monkeypatch.setenv("XDG_STATE_HOME", "/nonexistent")
    assert main(["airflow", "dags", "list"]) == 12
    asked: list[object] = []
    monkeypatch.setattr("os.execve", lambda *said: asked.extend(said))
    for user, status in (("kansa01", 12), ("sousa01", 0)):
        monkeypatch.setenv("KOKUNEN_TOKEN", proof.log_in(office.site, user, office.clients[user].password)[0])
        assert main(["airflow", "dags", "list"]) == status
    assert asked[0] == sys.executable and asked[1][-2:] == ["dags", "list"]  # type: ignore[index]
    assert asked[2]["LOGNAME"] == "sousa01" and "KOKUNEN_TOKEN" not in asked[2]  # type: ignore[index,operator]
