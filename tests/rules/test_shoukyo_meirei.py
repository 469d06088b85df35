"""消去と保全の命令: 打ったとおりに動き、JSON は一つの物、断るときは番号で言う。"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import kit
import openpyxl
import pytest

from etl import site as sites
from etl.cli import common, main
from etl.site import Site
from tests import kept

TODAY = date(2026, 11, 28)
Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """A command as somebody types it; its status, what it said and complained of."""
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())
    monkeypatch.setattr(common, "ready_site", lambda: site)
    monkeypatch.setattr(sites, "open_site", lambda home=None: site)

    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = main(list(words))
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def said(typed: Type, *words: str) -> Any:
    status, out, err = typed(*words, "--json")
    assert status == 0, err
    assert len(out.strip().splitlines()) == 1
    return json.loads(out)


def test_計画から証明まで(site: Site, typed: Type) -> None:
    key = kept.put(site, TODAY - timedelta(days=1))
    plan = said(typed, "retire", "plan", "--class", "C")
    assert [(c["name"], c["count"], c["readable"]) for c in plan["classes"]] == [("C", 1, False)]
    assert said(typed, "retire", "plan", "--class", "C", "--as-of", "2026-11-27")["classes"][0]["count"] == 0
    made = said(typed, "retire", "request", "--class", "C", "--as", "sousa01", "--reason", "月次の消去")
    assert (made["name"], made["number"], made["items"]) == ("C", 1, 1)
    assert "区分C" in typed("approve", "shoukyo", "--list", "--as", "shounin01")[1]
    assert typed("approve", "shoukyo", "--all", "--as", "sousa01")[0] == 12
    done = said(typed, "approve", "shoukyo", "--all", "--as", "shounin01")
    assert (done["approved"], done["destroyed"][0]["gone"]) == (1, 1) and not kept.there(site, key)
    assert [r["state"] for r in said(typed, "retire", "list")["requests"]] == ["証明済み"]
    _, out, _ = typed("retire", "list")
    assert "第1号　区分C　証明済み　1/1 件" in out
    status, _, err = typed("retire", "request", "--class", "C", "--as", "sousa01")
    assert status == 12 and "NP-3221" in err
    assert "NP-3226" in typed("retire", "plan", "--class", "A")[2]


def test_承認する人が見る一覧に_保管物の名前が載る(site: Site, typed: Type) -> None:
    name = "JUKIIDOU_141305_20261026_000001_01.dat"
    kept.put(site, TODAY - timedelta(days=1), name=name)
    said(typed, "retire", "request", "--class", "C", "--as", "sousa01")
    sheet = openpyxl.load_workbook(next(site.home.rglob("消去対象一覧_第1号.xlsx"))).active
    assert [name] == [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("JUKIIDOU")]


def test_保全して解く(site: Site, typed: Type) -> None:
    kept.put(site, TODAY - timedelta(days=1))
    about = ("--kind", "監査", "--until-review", "2026-12-31", "--reason", "会計検査", "--as", "sousa01")
    assert said(typed, "hold", "set", "--person", kit.no(1), *about) == {"hold_id": 1}
    assert said(typed, "hold", "set", "--period", "令和8年10月", *about) == {"hold_id": 2}
    held = said(typed, "hold", "list")["holds"]
    assert [(h["hold_id"], h["of_person"], h["first_on"], h["last_on"]) for h in held] == [
        (1, True, None, None), (2, False, "2026-10-01", "2026-10-31"),
    ]  # fmt: skip
    assert kit.no(1) not in typed("hold", "list")[1]
    assert "保全 1 件" in typed("retire", "plan")[1]
    assert said(typed, "hold", "release", "--id", "1", "--reason", "検査が終わった", "--as", "sousa01")["hold_id"] == 1
    assert typed("approve", "hozen", "--all", "--as", "shounin01")[0] == 0
    assert [h["hold_id"] for h in said(typed, "hold", "list")["holds"]] == [2]


def test_解除を二度申請しても_承認は一つで済む(site: Site, typed: Type) -> None:
    about = ("--kind", "監査", "--until-review", "2026-12-31", "--reason", "会計検査", "--as", "sousa01")
    for number in range(1, 12):
        assert said(typed, "hold", "set", "--person", kit.no(number), *about) == {"hold_id": number}
    for number in (1, 11, 1):
        said(typed, "hold", "release", "--id", str(number), "--reason", "検査が終わった", "--as", "sousa01")
    assert said(typed, "approve", "hozen", "--all", "--as", "shounin01")["approved"] == 2
    assert [h["hold_id"] for h in said(typed, "hold", "list")["holds"]] == [*range(2, 11)]


@pytest.mark.parametrize("number", ["0", "-1", "1", "9999999999", "99999999999999999999"])
def test_ない保全は解除できない(typed: Type, number: str) -> None:
    status, _, err = typed("hold", "release", "--id", number, "--reason", "x", "--as", "sousa01")
    assert (status, "NP-3230" in err) == (12, True)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("--kind", "監査", "--until-review", "2026-12-31", "--reason", "x"), 12, "NP-3228"),
        (
            ("--object", "1", "--period", "2026-10", "--kind", "監査", "--until-review", "2026-12-31", "--reason", "x"),
            12,
            "NP-3228",
        ),
        (("--person", "12345", "--kind", "監査", "--until-review", "2026-12-31", "--reason", "x"), 12, "NP-3228"),
        (("--period", "2026-10", "--kind", "監査", "--until-review", "2026-12-31"), 12, "NP-1003"),
        (("--period", "2026-10", "--kind", "監査", "--until-review", "2026-11-27", "--reason", "x"), 12, "NP-3229"),
        (("--period", "2026-13", "--kind", "監査", "--until-review", "2026-12-31", "--reason", "x"), 12, "NP-1005"),
        (
            ("--period", "2026-10", "--until", "2026-09", "--kind", "監査", "--until-review", "2026-12-31", "--reason", "x"),
            12,
            "NP-1005",
        ),
        (("--period", "2026-10", "--kind", "その他", "--until-review", "2026-12-31", "--reason", "x"), 2, ""),
    ],
)
def test_保全の書き誤り(typed: Type, words: tuple[str, ...], status: int, code: str) -> None:
    found, _, err = typed("hold", "set", *words, "--as", "sousa01")
    assert (found, code in err) == (status, True), err


def test_役割のない人は申請も保全もできない(site: Site, typed: Type) -> None:
    kept.put(site, TODAY - timedelta(days=1))
    assert "NP-1083" in typed("retire", "request", "--class", "C", "--as", "kansa01")[2]
    words = ("--period", "2026-10", "--kind", "監査", "--until-review", "2026-12-31", "--reason", "x")
    assert "NP-1083" in typed("hold", "set", *words, "--as", "kanri01")[2]
    assert typed("hold", "set", *words, "--as", "kansa01")[0] == 0
