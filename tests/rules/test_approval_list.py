"""承認の一覧: 誰の何が、いつから、どう変わるかを日本語で示し、示したことは記録に残る。件数だけなら誰も出ない。"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl import approve, ichiran, jobs
from etl.cli import main
from etl.core.paper.totsugo import subject_in_words
from etl.core.receipts import Reported
from etl.run import get
from etl.site import Site

LEAVES = {"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "21", "idou_on": date(2025, 9, 20), "jumin_jotai_code": "2"}
EVENTS = "select count(*) from audit.event where operation = '一覧出力'"


@pytest.fixture
def leaver(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """One person whose loss waits."""
    kit.insured(site, [{"atena_no": no(1), "kiso_nenkin_no": kit.kiso(1)}])
    kit.juki(site, [{"atena_no": no(1)}, LEAVES], on=DAY)
    kit.run(site, "juki_daily", DAY)
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    monkeypatch.setattr("logging.disable", lambda level: None)
    return site


def test_一覧は誰の何がいつからどう変わるかを示し記録に残る(leaver: Site, capsys: pytest.CaptureFixture[str]) -> None:
    [(before,)] = kit.query(leaver, EVENTS)
    assert main(["approve", "idou", "--list", "--as", "shounin01"]) == 0
    said = capsys.readouterr().out
    for wanted in (
        f"宛名番号 {no(1)}",
        "異動 喪失",
        "取得日 平成27年4月1日",
        "承認後の喪失日 令和7年9月",
        "起案者 sousa01",
        "未決裁 1 件",
    ):
        assert wanted in said
    assert "今の喪失日" not in said, "not lost yet"
    assert kit.query(leaver, EVENTS) == [(before + 1,)]
    assert kit.query(leaver, "select user_name from audit.event where operation = '一覧出力' order by event_id desc limit 1") == [
        ("shounin01",)
    ]


@pytest.mark.parametrize(
    "args", [["idou"], ["idou", "--list", "--json"], ["teisei", "--list"]], ids=["件数", "JSON", "人を示さない種類"]
)
def test_人を示さなければ記録もない(leaver: Site, args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    [(before,)] = kit.query(leaver, EVENTS)
    assert main(["approve", *args, "--as", "shounin01"]) == 0
    said = capsys.readouterr().out
    assert no(1) not in said and "架空" not in said and kit.query(leaver, EVENTS) == [(before,)]


def test_資格異動起案一覧は決裁を待つものだけを載せる(leaver: Site) -> None:
    run = get(leaver, kit.query(leaver, "select run_id::text from ledger.approval where kind = 'idou'")[0][0])

    def rows() -> list[tuple[object, ...]]:
        [made] = ichiran.make(leaver, run, "idou_kian", DAY, DAY)
        return [r for r in openpyxl.load_workbook(made.path).active.iter_rows(values_only=True) if no(1) in map(str, r)]

    [row] = rows()
    assert row[4] == "喪失" and row[-3] == "sousa01"
    assert ichiran.make(leaver, run, "idou_kian", date(2025, 9, 1), date(2025, 9, 1))[0].rows == 0, "not proposed by then"
    kit.approve_all(leaver, "idou")
    assert rows() == []


SUBJECTS = kit.table("""
| 事例         | 記録の文                              | 示す文                                           |
|--------------|---------------------------------------|--------------------------------------------------|
| 一致         | 01 01 matched　X.DTA 行3              | 資格取得届　処理済　一致　X.DTA 行3              |
| 不一致       | 02 04 differs　X.DTA 行12             | 資格喪失届　却下　不一致　X.DTA 行12             |
| 結果なし     | 01  returned　X.DTA 行3               | 資格取得届　返戻　X.DTA 行3                      |
| 知らない語   | 01 01 strange　X.DTA 行3              | 01 01 strange　X.DTA 行3                         |
| ほかの種類   | 喪失（事由 21）                       | 喪失（事由 21）                                  |
""")


@pytest.mark.parametrize("case", SUBJECTS, ids=[c["事例"] for c in SUBJECTS])
def test_突合の結果を日本語で示す(case: dict[str, str]) -> None:
    assert subject_in_words(case["記録の文"]) == case["示す文"]


def test_処理結果表の承認待ちは_作るときに待っているもの(leaver: Site) -> None:
    """Not what the run once proposed: a part of it may be decided or withdrawn."""
    result = kit.run(leaver, "juki_daily", DAY)
    [(run_id,)] = kit.query(leaver, "select run_id::text from ledger.approval")
    assert "承認待ちの起案  1 件" in _sheet(leaver, run_id) and result["run_id"] != run_id
    approve.decide(leaver, "idou", None, "shounin01")
    assert "承認待ちの起案  0 件" in _sheet(leaver, run_id)


def _sheet(site: Site, run_id: str) -> str:
    made = jobs.step(site, run_id, "report")
    assert isinstance(made, Reported)
    return Path(made.text).read_text(encoding="utf-8")
