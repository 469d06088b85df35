"""受領証: counts balance; what a step left is read back, also what an older program left; a receipt holds no row."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Mapping
from typing import Any

import kit
import pytest

from etl.core.errors import DefinitionError, SourceError
from etl.core.receipts import RECEIPTS, Asked, Built, Counts, FileResult, Landed, Loaded, Output, Plan, Sent, as_json, of_json
from etl.core.states import FileOutcome, PlanState

BALANCES = kit.table("""
| 事例             | data | new | updated | unchanged | quarantined | out_of_scope | 合う |
|------------------|------|-----|---------|-----------|-------------|--------------|------|
| 空のファイル     | 0    | 0   | 0       | 0         | 0           | 0            | はい |
| すべての行き先   | 15   | 1   | 2       | 3         | 4           | 5            | はい |
| 一行足りない     | 15   | 1   | 2       | 3         | 4           | 4            | いいえ |
| 一行多い         | 15   | 1   | 2       | 3         | 4           | 6            | いいえ |
| 拒否されたファイル | 15 | 0   | 0       | 0         | 0           | 0            | いいえ |
""")


@pytest.mark.parametrize("case", BALANCES, ids=[c["事例"] for c in BALANCES])
def test_データ件数は内訳の和(case: dict[str, str]) -> None:
    counts = Counts(**{f.name: int(case[f.name]) for f in dataclasses.fields(Counts)})
    if case["合う"] == "はい":
        assert counts.check("X.dat") is counts
    else:
        with pytest.raises(DefinitionError, match=r"X\.dat") as refused:
            counts.check("X.dat")
        assert refused.value.code == "NP-2014"


def test_前の版が残した受領証が読める() -> None:
    """What it did not say has its default; a sequence stays one."""
    counts = {"data": 3, "new": 2, "updated": 0, "unchanged": 0, "quarantined": 1, "out_of_scope": 0}
    accepted = {
        "dataset": "x",
        "name": "y",
        "outcome": "accepted",
        "code": None,
        "error": None,
        "counts": counts,
        "gaiji": [1, 1],
    }
    accepted |= {
        "last": None,
        "withdrawn": 0,
        "findings": [],
        "refused": {"202509250000001": 1},
        "quarantined": [[2, ["idou_on"], ["not_a_day"]]],
    }
    waiting = {
        "dataset": "x",
        "name": "z",
        "outcome": "waiting",
        "code": "NP-2021",
        "error": {"code": "NP-2021"},
        "counts": {**counts, "data": 0},
    }
    read = of_json(Loaded, {"files": [accepted, waiting], "proposals": 4})
    assert read.proposals == 4
    first, second = read.files
    assert (first.outcome, first.counts, first.gaiji) == (FileOutcome.ACCEPTED, Counts(**counts), (1, 1))
    assert first.quarantined == ((2, ("idou_on",), ("not_a_day",)),)
    assert (second.outcome, second.error, second.findings, second.last) == (FileOutcome.WAITING, {"code": "NP-2021"}, (), None)


OLD: dict[str, dict[str, Any]] = {
    "fetch": {"files": [{"dataset": "x", "name": "y", "bytes": 1, "sha256": "00"}], "errors": []},
    "land": {"files": [{"dataset": "x", "name": "y", "arrived": True}], "misnamed": {"x": 0}},
    "load": {"files": [], "proposals": 0},
    "check": {"checked": 2, "with_findings": 1, "begun": 1, "ended": 0},
    "propose": {"proposals": 3},
    "reconcile": {"stored": 1, "changed": 1, "withdrawn": 0, "proposals": 1, "outcomes": {"matched": 1}, "causes": {"jlis": 1}},
    "lists": {"lists": [{"title": "未進達", "path": "a.xlsx", "rows": 3}]},
    "notify": {"notices": [{"path": "a.txt", "refused": 1, "held": 0}]},
    "print": {"forms": [{"path": "a.pdf", "ku": "141313", "pages": 2}]},
    "ask": {"questions": 2, "reasons": {"01": 2}},
    "place": {"outputs": [{"dataset": "x", "path": "a.dat", "rows": 2, "sha256": "00", "version": 1}]},
    "open": {
        "reports": [
            {"number": 1, "office": "3101", "until": "2026-11-19", "opened_on": "2026-11-16", "count": 3, "held": 1, "left_out": 0, "alerts": 1, "overdue": 0}
        ]
    },
    "make": {"outputs": [{"dataset": "x", "path": "a.CSV", "rows": 2, "sha256": "00", "version": 1}]},
    "changes": {"outputs": [], "told": [{"dataset": "x", "added": 1, "changed": 2, "deleted": 0, "overtaken": False}]},
    "deliver": {
        "sent": [{"dataset": "x", "name": "y", "partner": "z", "attempt": 1, "due_on": "2025-09-26", "found": False}],
        "acknowledged": [{"name": "y", "partner": "z", "result": "accepted", "again": False}],
        "unregistered": {"z": 2},
        "strangers": 0,
        "overdue": 1,
        "errors": [{"code": "NP-4101", "file": None, "line": None, "item": "z", "facts": {"why": "EOF"}}],
    },
    "whole": {"outputs": [], "differences": {"x": 0}},
    "build": {"plans": [{"dataset": "x", "known_at": "2025-10-01T00:00:00+09:00", "rows": 2, "held": 0, "body_sha256": "00",
                         "created_on": "2025-09-30", "state": "candidate", "version": 2}], "proposals": 1},
    "release": {"outputs": []},
    "archive": {"originals": 2, "cleared": 2},
    "backup": {"id": "20261101T233000", "kind": "full", "bytes": 3, "content": 2, "objects": 1},
    "verify": {"id": "20261101T233000", "chain": 1, "tables": 2, "rows": 3, "head": 4},
    "prune": {"backups": 1, "segments": 2, "objects": 0},
    "reapply": {"listed": 2, "again": 1},
    "compare": {"kinds": {"渡している": 1}, "lists": [{"title": "復旧の照合", "path": "a.xlsx", "rows": 1}], "proposals": 1},
    "expire": {"gone": [{"name": "E", "title": "x", "count": 1, "bytes": 2}]},
    "retire": {"requests": [{"name": "C", "number": 1, "items": 2, "bytes": 3, "held": 0}], "lists": [], "proposals": 1},
    "shred": {"done": [{"name": "C", "number": 1, "gone": 2, "bytes": 3, "held": 0, "changed": 0, "needed": 0}]},
    "report": {"sheet": "a.xlsx", "text": "a.txt"},
}  # fmt: skip


@pytest.mark.parametrize("step", RECEIPTS)
def test_どの工程の受領証も読める(step: str) -> None:
    """And says the same again, word by word, in the same order; what came later stands behind it."""
    again = json.loads(json.dumps(as_json(of_json(RECEIPTS[step], OLD[step]))))
    assert _without_defaults(again, OLD[step]) == OLD[step]
    assert list(again)[: len(OLD[step])] == list(OLD[step])


def _without_defaults(found: Any, wanted: Any) -> Any:
    """What ``wanted`` speaks of."""
    if isinstance(wanted, dict):
        return {k: _without_defaults(found[k], v) for k, v in wanted.items()}
    return [_without_defaults(f, w) for f, w in zip(found, wanted, strict=True)] if isinstance(wanted, list) else found


RECEIPT_SAMPLES = [
    Landed(misnamed={"x": 1}),
    Loaded(
        (
            FileResult(
                "x",
                "y",
                FileOutcome.DUPLICATE,
                "NP-2023",
                {"code": "NP-2023"},
                Counts(data=3),
                quarantined=((2, ("a",), ("b",)),),
            ),
        ),
        1,
    ),
    Asked(1, {"01": 1}),
    Sent((Output("x", "a.dat", 2, "00", 1),)),
    Built((Plan("x", "2025-10-01T00:00:00+09:00", 2, 0, "00", "2025-09-30", PlanState.SAME, 1),)),
]


@pytest.mark.parametrize("receipt", RECEIPT_SAMPLES, ids=lambda r: type(r).__name__)
def test_往復して同じ(receipt: Any) -> None:
    assert of_json(type(receipt), json.loads(json.dumps(as_json(receipt)))) == receipt


def test_受領証は変えられない() -> None:
    for shape in RECEIPTS.values():
        assert dataclasses.is_dataclass(shape) and shape.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert isinstance(Landed().misnamed, Mapping)


@pytest.mark.parametrize(
    "wrong", [{"files": [{"dataset": "x", "name": "y", "outcome": "eaten"}]}, {"files": "x"}, {"proposals": "many"}]
)
def test_知らない語の受領証は読まない(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        of_json(Loaded, wrong)


def test_誤りは_別のプロセスからもそのまま届く() -> None:
    """What a worker raises; an exception that cannot be sent leaves its caller waiting."""
    raised = SourceError("NP-1103", file="X.dat", line=3, expected=10, found=9)
    again = pickle.loads(pickle.dumps(raised))  # noqa: S301
    assert (type(again), str(again), again.remedy) == (SourceError, str(raised), raised.remedy)
