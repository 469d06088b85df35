"""SECURITY.md tells which modules ever see a row in clear: the table is found in the code."""

from __future__ import annotations

import ast
import re

import yaml

from tests.house import ROOT, modules

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
#: verb -> the calls by which it is done
DOES = {
    "reads": {"open_csv", "open_fixed", "opened", "read_again", "read_csv", "read_form", "read_jps", "receive", "whole"},
    "hides": {
        "cipher",
        "digest",
        "digests",
        "encrypt",
        "encrypt_many",
        "matcher",
        "row_hash",
        "secret",
        "without_kojin_no",
        "wrap",
    },
    "opens": {"decrypt", "decrypt_many", "unwrap"},
    "writes": {"encode_csv", "encode_fixed", "encode_jps"},
}
TOOLS = ("etl.core.", "etl.edge.")  # what is called: pure, or one library per file


def calls(name: str) -> set[str]:
    nodes = [n.func for n in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    return {n.attr if isinstance(n, ast.Attribute) else n.id for n in nodes if isinstance(n, ast.Attribute | ast.Name)}


def test_who_sees_a_row_is_told() -> None:
    ours = [n for n in modules() if n.startswith("etl.") and not n.startswith(TOOLS)]
    seen = {n: {verb for verb, names in DOES.items() if calls(n) & names} for n in ours}
    found = {modules()[n].relative_to(ROOT).as_posix(): does for n, does in seen.items() if does}
    told = {
        path: set(does.split(", ")) for path, does in re.findall(r"^\| `(etl/[\w/]+\.py)` \| ([a-z, ]+) \|", TEXT, flags=re.M)
    }
    assert told == found


def test_what_holds_it_is_there() -> None:
    named = set(re.findall(r"`((?:tests|dags|etl|tools|\.github)/[\w/.]+)`", TEXT))
    assert named and not [path for path in named if not (ROOT / path).exists()]


def test_the_workflow_runs_what_every_change_must_pass_on_every_python() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    runs = {name: [step.get("run", "") for step in job["steps"]] for name, job in jobs.items()}
    assert [name for name, steps in runs.items() if "bash .ci/run" in steps] == ["test", "debian"]
    low, high = (tuple(map(int, v.split("."))) for v in re.findall(r"\d+\.\d+", _requires_python()))
    assert jobs["test"]["strategy"]["matrix"]["python"] == [f"3.{minor}" for minor in range(low[1], high[1])]


def _requires_python() -> str:
    return next(s for s in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines() if s.startswith("requires-python"))
