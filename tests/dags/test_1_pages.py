"""The DAG files: they parse, each is an operator's page, and all keep to the policies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from etl.core.mapping import registry
from tests.dags.office import DAGS, ROOT

READ = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
facts = {"errors": bag.import_errors, "dags": {}}
for name, dag in bag.dags.items():
    facts["dags"][name] = {
        "title": dag.dag_display_name, "page": dag.doc_md, "catchup": dag.catchup, "params": {k: dag.params.get_param(k).schema for k in dag.params},
        "types": sorted(t.value for t in dag.allowed_run_types), "key": getattr(dag.timetable, "key_format", None),
        "zone": str(getattr(dag.timetable, "timezone", None)), "runs": dag.max_active_runs,
        "tasks": {t.task_id: {
            "title": t.task_display_name, "up": sorted(t.upstream_task_ids), "retries": t.retries,
            "rules": [[str(r.exception), r.action.value] for r in t.retry_policy.rules], "other": t.retry_policy.default.value,
        } for t in dag.tasks},
    }
print("FACTS" + json.dumps(facts))
"""


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
    assert found["title"] == registry.jobs()[dag].title
    assert all(task["title"] != name and not task["title"].isascii() for name, task in found["tasks"].items())
    assert len((ROOT / "dags" / f"{dag}.py").read_text(encoding="utf-8").splitlines()) <= 45


@pytest.mark.parametrize("dag", DAGS)
def test_工程は業務の工程と同じ順(facts: dict, dag: str) -> None:
    tasks, before = facts["dags"][dag]["tasks"], "start"
    for name in registry.jobs()[dag].steps:
        assert before in _all_before(tasks, name), f"{name} must come after {before}"
        before = name
    assert set(tasks) - {"start", "approval", "decide", "require"} == set(registry.jobs()[dag].steps)


def _all_before(tasks: dict, name: str) -> set[str]:
    direct = set(tasks[name]["up"])
    return direct | {x for d in direct for x in _all_before(tasks, d)}


@pytest.mark.parametrize("dag", DAGS)
def test_期間と実行の種類(facts: dict, dag: str) -> None:
    found = facts["dags"][dag]
    assert found["types"] == (["manual"] if registry.jobs()[dag].once else ["backfill", "manual", "scheduled"])
    if not registry.jobs()[dag].once:
        assert (found["key"], found["zone"]) == ("%Y-%m-%d" if registry.jobs()[dag].period == "day" else "%Y-%m", "Asia/Tokyo")
    assert not found["catchup"] and found["runs"] >= 100
    assert found["params"]["reason"]["title"] == "処理事由"


@pytest.mark.parametrize("dag", DAGS)
def test_やり直すのは_Unavailable_だけ(facts: dict, dag: str) -> None:
    for task in facts["dags"][dag]["tasks"].values():
        assert task["retries"] > 0 and task["other"] == "fail"
        assert [(Path(rule[0]).name.endswith("Unavailable") or "Unavailable" in rule[0], rule[1]) for rule in task["rules"]] == [
            (True, "retry")
        ]
