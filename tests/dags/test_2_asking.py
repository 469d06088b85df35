"""伺い: the page's list of what waits for a second person is that of our own table, wherever it was proposed or decided."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from etl import approve, jobs
from etl.core.codec.encode import end_file
from etl.core.mapping import registry
from tests.dags.office import DAYS, SAMPLES, Office

pytestmark = pytest.mark.timeout(900)  # the first of them runs the city


def listed(city: Office) -> dict[str, str]:
    """要対応項目: run -> the text under its title."""
    found = city.approver.get("/dags/~/dagRuns/~/hitlDetails?state=awaiting_input&limit=100")["hitl_details"]
    return {f["task_instance"]["dag_run_id"]: f["body"] for f in found}


def soon(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 90
    while not true() and time.monotonic() < deadline:
        time.sleep(0.5)
    return bool(true())


def test_画面の外で決まった分は一覧から消え_残りだけがたずねられる(city: Office) -> None:
    run = city.runs["juki_daily", DAYS[0]][0]
    asked = city.operator.asked("juki_daily", run)
    first, *others = approve.pending(city.site, "idou", city.kokunen_run("juki_daily", run))
    assert asked and others and f"- {first.id}　" in listed(city)[asked]
    approve.decide(city.site, "idou", [first.id], "shounin01")
    assert soon(lambda: asked in (now := listed(city)) and f"- {first.id}　" not in now[asked])
    assert all(f"- {w.id}　" in listed(city)[asked] for w in others)
    assert city.operator.run("shounin", asked)["state"] == "running"


def test_すべて決まれば一覧から消えて_緑で終わる(city: Office) -> None:
    run = city.runs["juki_daily", DAYS[2]][0]
    asked = city.operator.asked("juki_daily", run)
    assert asked in listed(city)
    approve.decide(city.site, "idou", None, "shounin01", run_id=city.kokunen_run("juki_daily", run))
    assert soon(lambda: asked not in listed(city))
    assert asked and city.operator.wait("shounin", asked) == "success"


def test_命令行の起案も一覧に出て_決まれば消える(city: Office) -> None:
    """A 訂正 that a command found waits in the page like one of the night."""
    good = next((SAMPLES / "inbox" / "uketsuke").glob("*_20250930_*.csv"))
    data = b"".join(good.read_bytes().splitlines(keepends=True)[:-1])
    path = city.site.inbox / "uketsuke" / good.name.replace("_01.csv", "_09.csv")
    path.write_bytes(data)
    end = path.with_name(f"{path.name}.end")
    end.write_bytes(end_file(path.name, data, data.count(b"\r\n") - 1))
    try:
        run_id = jobs.start(city.site, "uketsuke_daily", DAYS[-1], "sousa01", "命令行から")
        for step in registry.jobs()["uketsuke_daily"].steps:
            jobs.step(city.site, run_id, step)
    finally:
        path.unlink()
        end.unlink()
    assert soon(lambda: any(path.name in body for body in listed(city).values()))
    (asked,) = (run for run, body in listed(city).items() if path.name in body)
    assert "起案 sousa01" in listed(city)[asked]
    approve.decide(city.site, "teisei", None, "shounin01", "rejected", "誤って作ったもの", run_id)
    assert soon(lambda: asked not in listed(city))
    assert city.operator.wait("shounin", asked) == "failed", "what was rejected is not taken in"
