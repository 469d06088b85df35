"""職責の分離: who may do what, over REST, as each of the four users."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from etl.platform import airflow, postgres
from logins import TRIES
from tests.dags.office import DAYS, Office

pytestmark = pytest.mark.timeout(900)  # the first of them runs the city
USERS = ("sousa01", "shounin01", "kansa01", "kanri01")
NIGHT = "/dags/juki_daily/dagRuns/{run}/taskInstances/{task}"
TRIGGER = {"logical_date": None, "partition_key": "試験", "conf": {"reason": "試験"}}
#: a run that ends at its first step (NP-1005)
#: what is tried (method, path, body) and whether 操作者, 承認者, 監査者, 管理者 may. Tried in this order; nothing of it changes the night.
MATRIX: list[tuple[str, str, str, Any, tuple[bool, bool, bool, bool]]] = [
    ("業務を見る", "GET", "/dags", None, (True, True, True, True)),
    ("実行を見る", "GET", "/dags/juki_daily/dagRuns", None, (True, True, True, True)),
    ("記録を見る", "GET", NIGHT.format(run="{run}", task="load") + "/logs/1", None, (True, True, True, True)),
    ("承認待ちを見る", "GET", "/dags/~/dagRuns/~/hitlDetails", None, (True, True, True, True)),
    ("操作の記録を見る", "GET", "/eventLogs", None, (True, False, True, True)),
    ("実行する", "POST", "/dags/ikou_once/dagRuns", TRIGGER, (True, False, False, True)),
    ("バックフィルする", "POST", "/backfills/dry_run",
     {"dag_id": "kokuho_monthly", "from_date": "2020-01-01T00:00:00Z", "to_date": "2020-01-02T00:00:00Z", "dag_run_conf": {"reason": "x"}},
     (True, False, False, True)),
    ("工程をやり直す", "POST", "/dags/juki_daily/clearTaskInstances", {"dry_run": True, "dag_run_id": "{run}", "task_ids": ["report"]},
     (True, False, False, True)),
    ("工程の状態を書き換える", "PATCH", NIGHT.format(run="{run}", task="report"), {"new_state": "success"}, (True, False, False, True)),
    ("業務を止める", "PATCH", "/dags/juki_shoukai_daily", {"is_paused": False}, (True, False, False, True)),
    ("変数を見る", "GET", "/variables", None, (False, False, False, True)),
    ("接続を見る", "GET", "/connections", None, (False, False, False, True)),
    ("プールを作る", "POST", "/pools", {"name": "試験", "slots": 1, "include_deferred": False}, (False, False, False, True)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "method", "path", "body", "may"), MATRIX, ids=[m[0] for m in MATRIX])
def test_できることとできないこと(city: Office, what: str, method: str, path: str, body: Any, may: tuple[bool, ...]) -> None:
    run = city.runs["juki_daily", DAYS[-1]][0]
    body = {k: run if v == "{run}" else v for k, v in body.items()} if body else None
    for user, allowed in zip(USERS, may, strict=True):
        status, answer = city.clients[user].call(method, path.replace("{run}", quote(run)), body)
        assert (status < 300 or status == 409) if allowed else (status == 403), f"{what} {user}: {status} {answer}"


@pytest.mark.parametrize("user", ["sousa01", "kansa01", "kanri01"])
def test_承認者でなければ承認できない(city: Office, user: str) -> None:
    asked = city.operator.asked("juki_daily", city.runs["juki_daily", DAYS[1]][0])
    assert asked and city.operator.tasks("shounin", asked)["approval"] == "awaiting_input"
    assert city.clients[user].answer(asked, "承認する")[0] == 403
    assert city.operator.tasks("shounin", asked)["approval"] == "awaiting_input"


def ask(office: Office, user: str, method: str, path: str, body: Any = None) -> int:
    client = office.clients[user]
    client.get("/version")
    return client._send(method, path, body, {"Authorization": f"Bearer {client.token}"})[0]


def test_管理者も利用者と役割を変えられない(office: Office) -> None:
    """They are what is written; whoever could change them could make itself an approver."""
    made = {
        "username": "x",
        "email": "x@kokunen.invalid",
        "first_name": "x",
        "last_name": "x",
        "password": "x",
        "roles": [{"name": "承認者"}],
    }
    assert ask(office, "kanri01", "GET", "/auth/fab/v1/users") == 200
    assert ask(office, "kanri01", "POST", "/auth/fab/v1/users", made) == 403
    assert ask(office, "kanri01", "PATCH", "/auth/fab/v1/users/kanri01", made | {"username": "kanri01"}) == 403
    assert (
        ask(
            office,
            "kanri01",
            "PATCH",
            "/auth/fab/v1/roles/操作者".replace("操作者", quote("操作者")),
            {"name": "操作者", "actions": []},
        )
        == 403
    )
    assert ask(office, "kanri01", "DELETE", "/auth/fab/v1/users/shounin01") == 403


def test_書かれていない利用者と役割は始めるたびに戻し_言う(office: Office) -> None:
    """Somebody with the metadata database made itself an approver, a friend a user, and everybody a reader of connections."""
    assert airflow.prepare(office.home) == [], "nothing is told while all is as written"
    with psycopg.connect(postgres.urls(office.home)["airflow"], autocommit=True) as c:
        c.execute(
            "insert into ab_user_role (id, user_id, role_id) select nextval('ab_user_role_id_seq'), u.id, r.id from ab_user u, ab_role r "
            "where u.username = 'kanri01' and r.name = '承認者'"
        )
        c.execute("update ab_user set active = false where username = 'kansa01'")
        c.execute(
            "insert into ab_user (id, first_name, last_name, username, email, active) "
            "values (nextval('ab_user_id_seq'), 'x', 'x', 'tomodachi', 'x@x', true)"
        )
        c.execute(
            "insert into ab_permission_view_role (id, permission_view_id, role_id) select nextval('ab_permission_view_role_id_seq'), pv.id, r.id "
            "from ab_permission_view pv join ab_permission p on p.id = pv.permission_id join ab_view_menu v on v.id = pv.view_menu_id, ab_role r "
            "where p.name = 'can_read' and v.name = 'Connections' and r.name in ('Public', 'Viewer', '監査者')"
        )
    told = "\n".join(airflow.prepare(office.home))
    for word in ("kanri01（役割 承認者、管理者 → 管理者）", "kansa01", "tomodachi", "役割 Public", "役割 Viewer", "役割 監査者"):
        assert word in told, told
    assert airflow.prepare(office.home) == []


def test_続けて間違えると止まり_ほかの利用者は入れる(office: Office) -> None:
    def log_in(user: str, word: str) -> int:
        return office.operator._send("POST", "/auth/token", {"username": user, "password": word}, {})[0]

    began = time.monotonic()
    assert [log_in("dareka", "chigau") for _ in range(TRIES)] == [401] * TRIES
    assert time.monotonic() - began > 3, "each failure is answered later"
    assert log_in("dareka", "chigau") == 429 and log_in(" DAREKA", "chigau") == 429
    assert log_in("sousa01", airflow.passwords(office.home)["sousa01"]) == 201


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/auth/docs", "/auth/openapi.json", "/execution/docs", "/execution/openapi.json"]
)
def test_接続の説明は誰にも見せない(office: Office, path: str) -> None:
    assert ask(office, "kanri01", "GET", path) == 404


@pytest.mark.parametrize("path", ["/", "/auth/login/", "/api/v2/version", "/docs"])
def test_どの答えも枠と出所を限る(office: Office, path: str) -> None:
    request = urllib.request.Request(office.operator.address + path)  # noqa: S310
    try:
        headers = urllib.request.urlopen(request, timeout=30).headers  # noqa: S310
    except urllib.error.HTTPError as error:
        headers = error.headers
    assert (
        "default-src 'self'" in headers["Content-Security-Policy"]
        and "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    )
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("SAMEORIGIN", "nosniff")
    assert "unsafe-eval'" not in headers["Content-Security-Policy"].replace("wasm-unsafe-eval'", "")


def test_初めから動く業務と_止めてある移行(office: Office) -> None:
    paused = airflow.paused(office.home)
    assert set(paused) <= {"ikou_once"}, paused


def test_名乗らなければ何もできない(office: Office) -> None:
    stranger = type(office.operator)(office.operator.address, "sousa01", "chigau")
    assert stranger._send("GET", "/api/v2/dags", None, {})[0] == 401
    assert stranger._send("POST", "/auth/token", {"username": "sousa01", "password": "chigau"}, {})[0] == 401


@pytest.mark.parametrize("body", [
    {**TRIGGER, "conf": {"reason": "個人番号 000012345678 について"}},
    {**TRIGGER, "conf": {"reason": "個人番号 ００００１２３４５６７８"}},
    {**TRIGGER, "note": "000012345678"},
    {**TRIGGER, "note": "0000 1234-5678"},
    {**TRIGGER, "note": "\u0660" * 12},
    {**TRIGGER, "dag_run_id": "000012345678"},
    {**TRIGGER, "conf": {"0000-1234-5678": None}},
])  # fmt: skip
def test_12桁の数字は_Airflow_に入らない(office: Office, body: dict) -> None:
    status, answer = office.operator.call("POST", "/dags/juki_shoukai_daily/dagRuns", body)
    assert status == 400 and "NP-1002" in answer["detail"]


@pytest.mark.parametrize("said", ["一行目\n二行目", "a\x1fb", "a\u200bb"])
def test_改行や見えない文字は処理事由として_Airflow_に入らない(office: Office, said: str) -> None:
    status, answer = office.operator.call("POST", "/dags/juki_shoukai_daily/dagRuns", {**TRIGGER, "conf": {"reason": said}})
    assert status == 400 and "NP-1016" in answer["detail"]
