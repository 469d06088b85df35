"""職責の分離: who may do what, over REST, as each of the four users."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.dags.office import DAYS, Office

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
    ("業務を止める", "PATCH", "/dags/juki_shoukai_daily", {"is_paused": False}, (True, True, False, True)),
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
    run = city.runs["juki_daily", DAYS[1]][0]
    assert city.operator.tasks("juki_daily", run)["approval"] == "awaiting_input"
    assert city.clients[user].answer("juki_daily", run, "承認する")[0] == 403
    assert city.operator.tasks("juki_daily", run)["approval"] == "awaiting_input"


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
