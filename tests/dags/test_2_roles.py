"""職責の分離: who may do what, over REST: each role of the register, each thing of the pages, each method (``mappings/rights.yaml``)."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from demo import people
from etl.core.mapping import registry
from etl.core.mapping.rights import rights
from etl.platform import airflow, postgres
from etl.shokuin import gamen
from logins import TRIES
from tests.dags.office import DAYS, Office, events

pytestmark = pytest.mark.timeout(900)  # the first of them runs the city
USERS = {"操作者": "sousa01", "承認者": "shounin01", "監査者": "kansa01", "管理者": "kanri01", "作業者": "sagyou01"}
TRIGGER = {"logical_date": None, "partition_key": "試験", "conf": {"reason": "試験"}}
RUN, LOAD = "/dags/juki_daily/dagRuns/nai", "/dags/juki_daily/dagRuns/nai/taskInstances/load"
SEEN = "read DAGs, read DAG Runs, read Task Instances"
WORKED = "edit DAGs, edit DAG Runs, edit Task Instances"
#: method, path, what the pages ask for (a / b: one of them is enough). Nothing of it is there, so that whoever may changes nothing.
REQUESTS = [
    ("GET", "/dags", "read DAGs"),
    ("GET", "/dagTags", "read DAGs"),
    ("PATCH", "/dags/juki_daily?update_mask=nai", "edit DAGs"),
    ("PATCH", "/dags/shounin?update_mask=nai", "edit DAGs / edit DAG:shounin"),
    ("DELETE", "/dags/nai", "delete DAGs"),
    ("GET", "/dags/juki_daily/dagRuns", "read DAGs, read DAG Runs"),
    ("POST", "/dags/juki_daily/dagRuns", "edit DAGs, create DAG Runs"),
    ("PATCH", RUN, "edit DAGs, edit DAG Runs"),
    ("POST", f"{RUN}/clear", "edit DAGs, edit DAG Runs"),
    ("DELETE", RUN, "edit DAGs, delete DAG Runs"),
    ("GET", f"{RUN}/taskInstances", SEEN),
    ("PATCH", LOAD, WORKED),
    ("POST", "/dags/juki_daily/clearTaskInstances", WORKED),
    ("DELETE", LOAD, "delete Task Instances"),
    ("GET", f"{LOAD}/logs/1", "read DAGs, read Task Logs"),
    ("GET", "/dags/~/dagRuns/~/hitlDetails", "read DAGs, read HITL Detail"),
    ("PATCH", "/dags/shounin/dagRuns/nai/taskInstances/approval/-1/hitlDetails", "edit HITL Detail, edit DAGs / edit DAG:shounin"),
    ("GET", "/backfills?dag_id=juki_daily", "read DAGs, read DAG Runs"),
    ("POST", "/backfills/dry_run", "create DAG Runs"),
    ("PUT", "/backfills/999999/cancel", "edit DAGs, edit DAG Runs"),
    ("GET", f"{LOAD}/xcomEntries", "read DAGs, read XComs"),
    ("POST", f"{LOAD}/xcomEntries", "create XComs"),
    ("PATCH", f"{LOAD}/xcomEntries/nai", "edit XComs"),
    ("DELETE", f"{LOAD}/xcomEntries/nai", "delete XComs"),
    ("GET", "/dagSources/juki_daily", "read DAGs, read DAG Code"),
    ("GET", "/dags/juki_daily/dagVersions", "read DAGs, read DAG Versions"),
    ("GET", "/dagWarnings", "read DAGs, read DAG Warnings"),
    ("GET", "/ui/dependencies", "read DAGs, read DAG Dependencies"),
    ("GET", "/importErrors", "read ImportError"),
    ("GET", "/jobs", "read Jobs"),
    ("GET", "/assets", "read Assets, read Asset Aliases"),
    ("POST", "/assets/events", "create Assets"),
    ("DELETE", "/assets/999999/queuedEvents", "delete Assets"),
    ("GET", "/assets/aliases", "read Asset Aliases"),
    ("GET", "/plugins", "read Plugins"),
    ("GET", "/eventLogs", "read Audit Logs"),
    *((m, f"/{what.lower()}{at}", f"{verb} {what}") for what in ("Pools", "Variables", "Connections") for m, at, verb in (
        ("GET", "", "read"), ("POST", "", "create"), ("PATCH", "/nai", "edit"), ("DELETE", "/nai", "delete"))),
    ("GET", "/providers", "read Providers"),
    ("GET", "/config", "read Configurations"),
    *((m, f"/auth/fab/v1/{what.lower()}{at}", f"{verb} {what}") for what in ("Users", "Roles") for m, at, verb in (
        ("GET", "", "read"), ("POST", "", "create"), ("PATCH", "/nai", "edit"), ("DELETE", "/nai", "delete"))),
]  # fmt: skip
#: Airflow's names of what its menu shows -> what is asked for
MENU = {
    "Assets": "Assets", "Audit Log": "Audit Logs", "Connections": "Connections", "Dags": "DAGs", "Docs": "Documentation", "Plugins": "Plugins",
    "Pools": "Pools", "Providers": "Providers", "Required Actions": "HITL Detail", "Variables": "Variables", "XComs": "XComs", "Jobs": "Jobs",
}  # fmt: skip


def may(role: str, asks: str) -> bool:
    """What the one list says."""
    held = {f"{verb} {what}" for verb, what in rights().pages_of(role)}
    return all(any(one in held for one in part.split(" / ")) for part in asks.split(", "))


def ask(office: Office, user: str, method: str, path: str, body: Any = None) -> int:
    client = office.clients[user]
    client.get("/version")
    where = (
        path
        if path.startswith(("/auth", "/ui", "/docs")) or path.endswith(("docs", "redoc", "openapi.json"))
        else f"/api/v2{path}"
    )
    return client._send(method, where, body, {"Authorization": f"Bearer {client.token}"})[0]


def told(office: Office, operation: str, user: str) -> list[tuple[str, str]]:
    """(端末, what) of the events of one user."""
    return [(terminal, what) for who, terminal, what in events(office.site, operation) if who == user]


def awaited(office: Office, operation: str, user: str, number: int) -> list[tuple[str, str]]:
    """The same when there are as many: what the pages refuse is there within seconds."""
    deadline = time.monotonic() + 30
    while len(found := told(office, operation, user)) < number and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


@pytest.fixture(scope="module")
def backfill(office: Office) -> None:
    """One that is over: of none at all Airflow says so before it asks who wants to know."""
    with psycopg.connect(postgres.urls(office.home)["airflow"]) as c:
        c.execute(
            "insert into backfill (id, dag_id, from_date, to_date, dag_run_conf, reprocess_behavior, max_active_runs, created_at, completed_at,"
            " updated_at) values (999999, 'kokuho_monthly', now(), now(), '{}', 'none', 1, now(), now(), now())"
        )


@pytest.mark.usefixtures("backfill")
@pytest.mark.parametrize("role", USERS)
def test_役割と画面と操作のどの組も試す(office: Office, role: str) -> None:
    before, refused = len(told(office, "拒否", USERS[role])), []
    for method, path, asks in REQUESTS:
        status = ask(office, USERS[role], method, path, None if method in ("GET", "DELETE") else {})
        if may(role, asks):
            assert status not in (401, 403) and status < 500, f"{role} {method} {path}: {status}"
        else:
            assert status == 403, f"{role} {method} {path}: {status}"
            refused.append(f"画面 {method}")
    found = awaited(office, "拒否", USERS[role], before + len(refused))[before:]
    assert [what.rpartition(" ")[0] for _, what in found] == refused
    assert not [what for _, what in found if "nai" in what or "juki" in what], "no run, no user, no number"


def test_一覧にある組はどれも試されている() -> None:
    tried = {one for _, _, asks in REQUESTS for part in asks.split(", ") for one in part.split(" / ")}
    listed = {(verb, what) for role in USERS for verb, what in rights().pages_of(role)}
    assert set(USERS) == set(rights().yakuwari)
    assert {f"{v} {w}" for v, w in listed if v != "menu" and w != "Website"} <= tried
    assert {w for v, w in listed if v == "menu"} - {"DAG Runs", "Task Instances"} == set(MENU.values())


@pytest.mark.parametrize("role", USERS)
def test_見出しは見てよいものだけ(office: Office, role: str) -> None:
    client = office.clients[USERS[role]]
    client.get("/version")
    _, answer = client._send("GET", "/ui/auth/menus", None, {"Authorization": f"Bearer {client.token}"})
    shown = {MENU[item] for item in answer["authorized_menu_items"] if item in MENU}
    assert shown == {what for what in MENU.values() if may(role, f"menu {what}")}


def test_いくつもの役割のある職員は_どれもできる(office: Office) -> None:
    from tests.dags.office import join

    word = join(office.site, "ryouhou01", "操作者", "監査者")
    office.clients["ryouhou01"] = type(office.operator)(office.operator.address, "ryouhou01", word)
    for path, asks in (("/backfills/dry_run", "create DAG Runs"), ("/connections", "create Connections")):
        assert (ask(office, "ryouhou01", "POST", path, {}) != 403) == (may("操作者", asks) or may("監査者", asks))


@pytest.mark.parametrize("user", ["sousa01", "kansa01", "kanri01", "sagyou01"])
def test_承認者でなければ承認できない(city: Office, user: str) -> None:
    asked = city.operator.asked("juki_daily", city.runs["juki_daily", DAYS[1]][0])
    assert asked and city.operator.tasks("shounin", asked)["approval"] == "awaiting_input"
    before = len(told(city, "拒否", user))
    assert city.clients[user].answer(asked, "承認する")[0] == 403
    assert len(awaited(city, "拒否", user, before + 1)) == before + 1
    assert city.operator.tasks("shounin", asked)["approval"] == "awaiting_input"


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
    told = "\n".join(airflow.prepare(office.home, gamen.people(office.site)))
    told += (office.home / "airflow" / "supervisor.log").read_text()  # who is there is set back while the pages are up, too
    for word in ("kanri01（役割 承認者、管理者 → 管理者）", "kansa01", "tomodachi", "役割 Public", "役割 Viewer", "役割 監査者"):
        assert word in told, told
    assert airflow.prepare(office.home, gamen.people(office.site)) == [], "nothing is told while all is as written"


def test_続けて間違えると止まり_ほかの利用者は入れる(office: Office) -> None:
    def log_in(user: str, word: str) -> int:
        return office.operator._send("POST", "/auth/token", {"username": user, "password": word}, {})[0]

    before, began = len(told(office, "ログイン失敗", "（登録のない名前）")), time.monotonic()
    assert [log_in("dareka", "chigau") for _ in range(TRIES)] == [401] * TRIES
    assert time.monotonic() - began > 3, "each failure is answered later"
    assert log_in("dareka", "chigau") == 429 and log_in(" DAREKA", "chigau") == 429
    assert log_in("sousa01", people.enter(office.site)["sousa01"]) == 201
    found = awaited(office, "ログイン失敗", "（登録のない名前）", before + TRIES + 2)
    assert len(found) == before + TRIES + 2 and found[-1][0] == "127.0.0.1"


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
    assert set(paused) <= {name for name, job in registry.jobs().items() if job.once}, paused


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
