"""The DAG files: they parse, each is an operator's page, and all keep to the policies."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from etl.core.mapping import registry
from etl.jobs import parse_period
from tests.dags.office import DAGS, JOBS, ROOT

READ = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
facts = {"errors": bag.import_errors, "dags": {}}
for name, dag in bag.dags.items():
    facts["dags"][name] = {
        "title": dag.dag_display_name, "page": dag.doc_md, "catchup": dag.catchup, "params": {k: dag.params.get_param(k).schema for k in dag.params},
        "types": sorted(t.value for t in dag.allowed_run_types), "paused": dag.is_paused_upon_creation, "key": getattr(dag.timetable, "key_format", None),
        "period": dag.params["period"] if "period" in dag.params else None, "start": dag.start_date and str(dag.start_date),
        "partitioned": getattr(dag.timetable, "partitioned", None),
        "zone": str(getattr(dag.timetable, "timezone", None)), "runs": dag.max_active_runs,
        "tasks": {t.task_id: {
            "title": t.task_display_name, "up": sorted(t.upstream_task_ids), "start": t.start_date and str(t.start_date), "rule": getattr(t.trigger_rule, "value", t.trigger_rule), "waits": hasattr(t, "response_timeout"), "kinds": getattr(t, "kinds", None), "retries": t.retries,
            "rules": [[str(r.exception), r.action.value] for r in t.retry_policy.rules], "other": t.retry_policy.default.value,
        } for t in dag.tasks},
    }
print("FACTS" + json.dumps(facts))
"""

#: 進達 ends with its sheet like every run; what it opened is waited for, and made when another person has approved it
WAITS = {"shintatsu": ("open", "report", "window", "make")}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What Airflow makes of ``dags/``, read in a process of its own."""
    home = tmp_path_factory.mktemp("parse")
    env = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'dags'}",
    }
    done = subprocess.run([sys.executable, "-c", READ, str(ROOT / "dags")], capture_output=True, text=True, env=env, cwd=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("FACTS")[1])


def test_読込みの誤りがない(facts: dict) -> None:
    assert facts["errors"] == {}
    assert set(facts["dags"]) == set(DAGS)


@pytest.mark.parametrize("dag", DAGS)
def test_操作者の頁である(facts: dict, dag: str) -> None:
    found = facts["dags"][dag]
    for heading in ("## 根拠", "## 時期", "## 再実行", "## 失敗したら"):
        assert heading in found["page"]
    assert found["title"] == (registry.jobs()[dag].title if dag in JOBS else "承認")
    assert all(task["title"] != name and not task["title"].isascii() for name, task in found["tasks"].items())
    assert len((ROOT / "dags" / f"{dag}.py").read_text(encoding="utf-8").splitlines()) <= 45


@pytest.mark.parametrize("dag", JOBS)
def test_工程は業務の工程と同じ順(facts: dict, dag: str) -> None:
    tasks, before = facts["dags"][dag]["tasks"], "start"
    steps = WAITS.get(dag, registry.jobs()[dag].steps)
    for name in steps:
        assert before in _all_before(tasks, name), f"{name} must come after {before}"
        before = name
    assert set(tasks) - {"start", "approval", "end"} == set(steps) == set(registry.jobs()[dag].steps) | set(WAITS.get(dag, ()))


def _all_before(tasks: dict, name: str) -> set[str]:
    direct = set(tasks[name]["up"])
    return direct | {x for d in direct for x in _all_before(tasks, d)}


@pytest.mark.parametrize("dag", JOBS)
def test_承認は待たず_赤い処理結果表を緑に隠さない(facts: dict, dag: str) -> None:
    """A run whose last task were the asking would be green although its report is red."""
    tasks = facts["dags"][dag]["tasks"]
    last = [name for name in tasks if not any(name in t["up"] for t in tasks.values())]
    if "approval" not in tasks:
        assert last == [WAITS.get(dag, ("report",))[-1]]
    else:
        assert last == ["end"] and tasks["end"]["up"] == ["approval", "report"] and tasks["end"]["rule"] == "none_failed"
        assert tasks["approval"]["up"] == ["report"] and tasks["approval"]["rule"] == "all_done"
    assert not [t for t in tasks.values() if t["waits"]]


@pytest.mark.parametrize("dag", [name for name, job in registry.jobs().items() if job.reads and not job.once])
def test_訂正ファイルと入力票の承認も依頼する(facts: dict, dag: str) -> None:
    """Any file that comes again may be a 訂正, and a list on paper is keyed in a form: both wait for a second person."""
    assert "teisei" in facts["dags"][dag]["tasks"]["approval"]["kinds"]


def test_承認の頁は業務の実行からだけ始まる(facts: dict) -> None:
    found = facts["dags"]["shounin"]
    assert found["types"] == ["manual", "operator_triggered"] and found["params"] == {}
    assert [n for n, t in found["tasks"].items() if t["waits"]] == ["approval"]


@pytest.mark.parametrize("dag", JOBS)
def test_期間と実行の種類(facts: dict, dag: str) -> None:
    found = facts["dags"][dag]
    assert found["types"] == (["manual"] if registry.jobs()[dag].once else ["backfill", "manual", "scheduled"])
    if not registry.jobs()[dag].once:
        assert (found["key"], found["zone"]) == ("%Y-%m-%d" if registry.jobs()[dag].period == "day" else "%Y-%m", "Asia/Tokyo")
    assert not found["catchup"] and found["runs"] >= 100
    assert found["params"]["reason"]["title"] == "処理事由"
    assert found["paused"] is (True if registry.jobs()[dag].once else None), "a new installation works; 移行 waits for somebody"


@pytest.mark.parametrize("dag", JOBS)
def test_対象期間は様式の初めの必須項目(facts: dict, dag: str) -> None:
    params = facts["dags"][dag]["params"]
    first, schema = next(iter(params.items()))
    assert (first, schema["title"], schema["type"]) == ("period", "対象期間", "string"), "a type without null is asked for"
    value = facts["dags"][dag]["period"]
    assert re.fullmatch(schema["pattern"], value)
    assert parse_period(registry.jobs()[dag], value)
    for wrong in ("", "2025-9-24", "2025-09-24 ", "20250924", "2025-13", "昨日"):
        assert not re.fullmatch(schema["pattern"], wrong)


@pytest.mark.parametrize("dag", JOBS)
def test_論理日付で工程が消えない(facts: dict, dag: str) -> None:
    """With a start date, a run that names an earlier 論理日付 ends green without a task; and the form asks for a 論理日付 when unpartitioned."""
    found = facts["dags"][dag]
    assert found["start"] is None and found["partitioned"] is True
    assert {t["start"] for t in found["tasks"].values()} == {None}


@pytest.mark.parametrize("dag", DAGS)
def test_やり直すのは_Unavailable_だけ(facts: dict, dag: str) -> None:
    for task in facts["dags"][dag]["tasks"].values():
        assert task["retries"] > 0 and task["other"] == "fail"
        assert [(Path(rule[0]).name.endswith("Unavailable") or "Unavailable" in rule[0], rule[1]) for rule in task["rules"]] == [
            (True, "retry")
        ]
