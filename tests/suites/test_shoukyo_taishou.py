"""消去の一覧の検証: 消してよいもののほかが一行でも混じれば、申請にならない。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest

from etl import retire
from etl.core.shoukyo import Kind, Thing
from etl.edge import suites
from etl.retire import candidates
from etl.retire.candidates import Candidate
from etl.retire.request import selected
from etl.site import Site
from tests import kept

TODAY = date(2026, 11, 28)
DUE = TODAY - timedelta(days=1)

GOOD: dict[str, Any] = {
    "class": "C", "kind": "object", "key": "a" * 32, "due_on": DUE, "kept_from": DUE - timedelta(days=30), "held": False, "asked": False,
    "row": {"object_id": 1},
}  # fmt: skip
PERSON: dict[str, Any] = {**GOOD, "class": "A2", "kind": "kouho", "row": {"atena_no": kit.no(1)}}


def candidate(about: dict[str, Any]) -> Candidate:
    thing = Thing(Kind(about["kind"]), about["key"], "0" * 64, "juki_idou", 10, about["kept_from"], about["due_on"])
    return Candidate(thing, about["held"], about["asked"], about["row"])


def failed(*rows: dict[str, Any]) -> dict[str, int]:
    table = selected(rows[0]["class"] if rows else "C", [candidate(row) for row in rows], TODAY)
    found = suites.validate_frame("shoukyo_taishou", table, day=TODAY)
    return {f.label: f.unexpected for f in found if not f.passed}


@pytest.mark.parametrize(
    "row", [GOOD, PERSON, {**GOOD, "kind": "clear", "row": {}}], ids=["保管物", "取得候補", "受信フォルダー"]
)
def test_期限の翌日のものは合格する(row: dict[str, Any]) -> None:
    assert failed(row, {**row, "key": "b" * 32}) == {}


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({**GOOD, "class": "A"}, "二人で消す区分"),
        ({**GOOD, "class": "E"}, "二人で消す区分"),
        ({**GOOD, "due_on": TODAY}, "保存期間が終わっている"),
        ({**GOOD, "kept_from": TODAY}, "保存の始まりが末日以前"),
        ({**GOOD, "held": True}, "保全されたもの・申請中のものがない"),
        ({**GOOD, "asked": True}, "保全されたもの・申請中のものがない"),
        ({**GOOD, "row": {}}, "台帳にある"),
        ({**PERSON, "class": "C"}, "人の行は区分A2だけ"),
        ({**GOOD, "class": "A2"}, "区分A2は取得候補だけ"),
    ],
    ids=["恒久", "作業域", "期限の日", "期限より後から", "保全", "申請中", "台帳にない", "別の区分の人", "人でないもの"],
)
def test_一行でも違えば合格しない(row: dict[str, Any], label: str) -> None:
    good = {**(PERSON if row["class"] == "A2" else GOOD), "class": row["class"], "key": "b" * 32}
    assert failed(row, good).get(label, 0) >= 1


def test_同じものが二度あるものと_空の一覧は合格しない() -> None:
    assert failed(GOOD, GOOD) == {"同じものは一度だけ": 2}
    assert "0件ではない" in failed()


def test_コードが選び違えても_申請にならない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())
    due = candidates.due
    monkeypatch.setattr(candidates, "due", lambda session, at, name, as_of: due(session, at, name, as_of + timedelta(days=1)))
    key, run = kept.put(site, TODAY), kept.run_of(site, "sousa01")
    assert kit.code_of(lambda: retire.ask(site, run, ("C",))) == "NP-3232"
    assert kept.there(site, key) and kit.query(site, "select count(*) from ledger.retirement") == [(0,)]
