"""画面の様式: a run as the page starts it, with 対象期間 and 処理事由 and nothing else."""

from __future__ import annotations

import pytest

from etl.run import get
from tests.dags.office import DAYS, Office

pytestmark = pytest.mark.timeout(900)  # the first of them runs the city


def form(city: Office, dag: str, conf: dict, logical: str | None = None) -> tuple[int, dict]:
    """What the page's form sends: the parameters as ``conf``, no key; a 論理日付 only where it asks for one."""
    body = {
        "conf": conf, "dag_run_id": None, "data_interval_end": None, "data_interval_start": None, "logical_date": logical,
        "note": None, "partition_key": None,
    }  # fmt: skip
    return city.operator.call("POST", f"/dags/{dag}/dagRuns", body)


def test_移行は画面の様式で始まる(city: Office) -> None:
    details = city.operator.get("/dags/ikou_once/details")
    assert details["timetable_partitioned"] and next(iter(details["params"])) == "period"
    status, run = form(city, "ikou_once", {"period": DAYS[0], "reason": "画面から"})
    assert status < 300 and city.operator.wait("ikou_once", run["dag_run_id"]) == "success"
    assert get(city.site, city.kokunen_run("ikou_once", run["dag_run_id"])).period == DAYS[0]


def test_論理日付を書いても工程のない緑の実行はできない(city: Office) -> None:
    status, run = form(city, "ikou_once", {"period": DAYS[0], "reason": "過去の論理日付"}, "2020-01-01T00:00:00Z")
    assert status < 300 and city.operator.wait("ikou_once", run["dag_run_id"]) == "success"
    assert set(city.operator.tasks("ikou_once", run["dag_run_id"]).values()) == {"success"}


def test_対象期間がなければ赤く_形が違えば始まらない(city: Office) -> None:
    assert form(city, "uketsuke_daily", {"period": "2025/09/24", "reason": "試験"})[0] == 400
    _, run = form(city, "uketsuke_daily", {"reason": "試験"})
    assert city.operator.wait("uketsuke_daily", run["dag_run_id"]) == "failed"
    assert "[NP-1005]" in city.log("uketsuke_daily", run["dag_run_id"], "start")


def test_承認を手で始めることはできない(city: Office) -> None:
    _, run = form(city, "shounin", {"run_id": "x", "kinds": ["idou"], "title": "うその題"})
    assert city.operator.wait("shounin", run["dag_run_id"]) == "failed"
    assert "[NP-1006]" in city.log("shounin", run["dag_run_id"], "approval")
