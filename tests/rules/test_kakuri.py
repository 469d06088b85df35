"""隔離・注意一覧と訂正依頼: 夜の実行で隔離した行も、後から紙で見られる。値は載らない。"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no
from pypdf import PdfReader

from etl.core.codec import csvtext
from etl.core.codec.kinds import RowError
from etl.core.mapping.layout import layouts
from etl.core.paper import kakuri
from etl.core.paper.pages import FileLine, FindingLine, ListLine
from etl.core.paper.tsugi import next_steps
from etl.ingest import staged
from etl.result import messages
from etl.site import Site
from tests.conftest import After

NAME = f"JUKIIDOU_141305_{DAY:%Y%m%d}_000001_01.dat"
BAD = b"20250231"
NEXT_DAY = date(2025, 9, 25)


def insured(site: Site) -> None:
    """All persons of whom these tests tell."""
    kit.insured(site, [{"atena_no": no(n)} for n in range(1, 62)])


def _night(site: Site, bad: int) -> dict[str, Any]:
    """A night with one good row and so many bad ones, of persons insured."""
    data = bytearray(kit.juki_bytes([{"atena_no": no(n)} for n in range(1, bad + 2)], DAY, 1))
    at = layouts()["juki_idou"].data.field("idou_on").slice
    for n in range(2, bad + 2):
        data[822 * n + at.start : 822 * n + at.stop] = BAD
    kit.put(site, "juki_idou", NAME, bytes(data), bad + 1)
    return kit.run(site, "juki_daily", DAY)


def _cells(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def test_隔離した行は一覧と訂正依頼に残り_処理結果表がその名を示す(after: After) -> None:
    site = after(insured)
    found = _night(site, 2)
    assert found["files"][0]["counts"]["quarantined"] == 2
    listed = site.outbox / "shori_kekka" / DAY.isoformat() / f"{NAME}_隔離・注意一覧.xlsx"
    asked = site.outbox / "teisei_irai" / DAY.isoformat() / f"{NAME}_訂正依頼.xlsx"
    rows = [r[:6] for r in _cells(listed) if r[0] == "隔離"]
    assert rows == [("隔離", n, "異動年月日", "idou_on", "NP-1203", "暦にない年月日又は年月です") for n in (3, 4)]
    assert [r for r in _cells(asked) if isinstance(r[0], int)] == [
        (n, "異動年月日", "NP-1203", "暦にない年月日又は年月です") for n in (3, 4)
    ]
    for path in (listed, asked):
        text = "".join(page.extract_text() for page in PdfReader(path.with_suffix(".pdf")).pages) + str(_cells(path))
        assert "異動年月日" in text and NAME in text and BAD.decode() not in text and no(2) not in text and "架空" not in text
    [sheet] = (site.outbox / "shori_kekka" / DAY.isoformat()).glob("処理結果表_住民異動*.txt")
    told = "".join(line.strip() for line in sheet.read_text(encoding="utf-8").splitlines())
    assert f"1. {listed.name} を見る（2 件）2. {asked.name} を提供元へ送る（2 件）" in told
    events = kit.query(site, "select operation from audit.event where object like :o order by event_id", o=f"%/{NAME}_%")
    assert events == [("一覧出力",), ("通知出力",)]


@pytest.mark.parametrize(("bad", "most", "listed"), [(12, 1000, 12), (60, 1000, 60), (60, 60, 60), (60, 45, 45)])
def test_隔離が多くて拒否したファイルも_その行をすべて_上限まで示す(
    after: After, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, bad: int, most: int, listed: int
) -> None:
    site = after(insured)
    monkeypatch.setattr(staged, "LISTED", most)
    found = _night(site, bad)
    assert found["files"][0]["code"] == "NP-2012" and kit.query(site, "select count(*) from ledger.quarantine") == [(0,)]
    rows = _cells(site.outbox / "shori_kekka" / DAY.isoformat() / f"{NAME}_隔離・注意一覧.xlsx")
    assert [r[4] for r in rows if r[0] == "拒否"] == ["NP-2012"]
    assert [r[1] for r in rows if r[0] == "隔離"] == list(range(3, 3 + listed))
    asked = _cells(site.outbox / "teisei_irai" / DAY.isoformat() / f"{NAME}_訂正依頼.xlsx")
    assert any("ファイル全体を取り込めませんでした" in str(c) for r in asked for c in r)
    assert len([r for r in asked if isinstance(r[0], int)]) == listed
    cut = [any("はじめの 45 件" in str(c) for r in sheet for c in r) for sheet in (rows, asked)]
    assert cut == [listed < bad] * 2
    told = [r.getMessage() for r in caplog.records if r.getMessage().startswith(f"juki_idou {NAME} 行")]
    assert len(told) == min(bad, 20), "the screen shows the first ones only"


@pytest.mark.parametrize("bad", [11, 40])
def test_CSVの拒否も同じ_読み終えない大きさでも行を示す(site: Site, monkeypatch: pytest.MonkeyPatch, bad: int) -> None:
    monkeypatch.setattr(csvtext, "_BATCH", 7)
    monkeypatch.setattr(staged, "LISTED", 20)
    path = kit.uketsuke(site, [{"uketsuke_no": no(n), "atena_no": no(n)} for n in range(1, 51)])
    kit.put(site, "uketsuke", path.name, path.read_bytes().replace(DAY.isoformat().encode(), b"2025-02-31", bad), 50)
    found = kit.run(site, "uketsuke_daily", DAY)
    assert found["files"][0]["code"] == "NP-2012"
    listed = _cells(site.outbox / "shori_kekka" / DAY.isoformat() / f"{path.name}_隔離・注意一覧.xlsx")
    assert [r[1] for r in listed if r[0] == "隔離"] == list(range(2, 2 + min(bad, 20)))


def test_隔離も注意もなければ一覧はない_処理結果表はその期間の何回目かを名前に持つ(site: Site) -> None:
    kit.juki(site, [], on=DAY, seq=1)
    kit.run(site, "juki_daily", DAY)
    kit.run(site, "juki_daily", DAY)
    folder = site.outbox / "shori_kekka" / DAY.isoformat()
    title = "住民異動の取込（日次）"
    assert {p.name for p in folder.glob("*.txt")} == {f"処理結果表_{title}_{DAY}_第{n}回.txt" for n in (1, 2)}
    assert not (site.outbox / "teisei_irai").exists()


def test_保留した4情報は提供元に訂正を依頼しない() -> None:
    rows = [RowError(3, ("address",), ("shimei4",)), RowError(4, ("*",), ("contradiction",))]
    assert [r[0] for r in kakuri.asked("shotoku_kaitou", rows)] == [4]
    listed = kakuri.listed("shotoku_kaitou", rows, (), (0, 0), None)
    assert [(r[1], r[2], r[3]) for r in listed] == [(3, "住所", "address"), (4, "行の全体", "")]


NEXT = kit.table("""
| 事例                 | ファイル | 検証 | 一覧           | 承認待ち | 突合        | 次にすること                                                                       |
|----------------------|----------|------|----------------|----------|-------------|------------------------------------------------------------------------------------|
| 何もない             | accepted |      |                |          |             | 特にありません                                                                     |
| 拒否                 | refused  |      |                |          |             | 拒否：X.dat　再作成を依頼                                                          |
| 待機                 | waiting  |      |                |          |             | 待機：X.dat　再作成を依頼                                                          |
| 重複受信             | duplicate |     |                |          |             | 特にありません                                                                     |
| 隔離                 | accepted |      | 隔離・注意一覧 |          |             | L.xlsx を見る（3 件）                                                              |
| 訂正依頼             | accepted |      | 訂正依頼       |          |             | L.xlsx を提供元へ送る（3 件）                                                      |
| ほかの一覧           | accepted |      | 返戻一覧       |          |             | 特にありません                                                                     |
| 注意の検証           | accepted | warn |                |          |             | 「注意」の検証は、検証結果（html）を見て理由を確かめる                             |
| 起案                 | accepted |      |                | idou     |             | 承認待ち（異動）2 件：起案者とは別の職員が決める（kokunen approve idou --list）    |
| 受付不明             | accepted |      |                |          | unexplained | 受付不明一覧を見て、窓口に届出がなかったかを確かめる（5 件）                       |
| 一致だけ             | accepted |      |                |          | matched     | 特にありません                                                                     |
""")


@pytest.mark.parametrize("case", NEXT, ids=[c["事例"] for c in NEXT])
def test_次にすること(case: dict[str, str]) -> None:
    files = [(FileLine("住民異動連携ファイル", "X.dat", case["ファイル"]), "再作成を依頼")]
    findings = [FindingLine("住民異動連携ファイル", "件数", case["検証"], 1, 1)] if case["検証"] else []
    lists = [ListLine(case["一覧"], "L.xlsx", 3)] if case["一覧"] else []
    waiting, outcomes = {k: 2 for k in [case["承認待ち"]] if k}, {o: 5 for o in [case["突合"]] if o}
    assert next_steps(files, findings, lists, waiting, outcomes) == (case["次にすること"],)


def test_工程の記録にも同じことが出る(after: After, caplog: pytest.LogCaptureFixture) -> None:
    _night(after(insured), 1)
    [said] = [r.getMessage() for r in caplog.records if "（隔離）" in r.getMessage()]
    assert said == f"juki_idou {NAME} 行3 異動年月日 idou_on: not_a_day 暦にない年月日又は年月です（隔離）"
    assert BAD.decode() not in caplog.text and no(2) not in caplog.text


def test_矛盾した行も工程の記録に行番号で出る(after: After) -> None:
    site = after(insured)
    kit.juki(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}], on=NEXT_DAY, seq=2)
    said = messages(site, kit.run(site, "juki_daily", NEXT_DAY)["run_id"])
    [line] = [one for one in said if "（隔離）" in one]
    assert line.endswith(" 行2 行の全体: contradiction 同じキーで内容が異なる行です（矛盾）（隔離）")
    assert no(1) not in str(said) and "架空" not in str(said)


def test_隔離した行が多ければ_残りの数と一覧の名を言う(after: After) -> None:
    site = after(insured)
    kit.juki(site, [{"atena_no": no(n)} for n in range(1, 26)])
    again = [{"atena_no": no(n), "name": "架空　二郎"} for n in range(1, 26)]
    kit.juki(site, [*again, *({"atena_no": no(n)} for n in range(26, 3000))], on=NEXT_DAY, seq=2)
    said = messages(site, kit.run(site, "juki_daily", NEXT_DAY)["run_id"])
    assert len([one for one in said if "（隔離）" in one]) == 20
    assert any("ほか 5 行（隔離・注意一覧を見てください）" in one for one in said)


def test_拒否したファイルのはじめの行も日本語で出る(after: After) -> None:
    site = after(insured)
    said = messages(site, _night(site, 12)["run_id"])
    assert any(line.endswith(f"{NAME} 行3 異動年月日 idou_on: not_a_day 暦にない年月日又は年月です") for line in said)
