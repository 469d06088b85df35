"""進達の紙: 確認リスト・縮退一覧・保留除外一覧、媒体と一緒に渡す進達帳票・総括表・送付書・ラベル。"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from etl import jobs
from etl.core.errors import Unavailable
from etl.core.paper.shinseisho import PROTECTED
from etl.core.states import Shintatsu
from etl.door.papers import Paper, Shelf
from etl.shintatsu import freeze, kami, review
from etl.site import Site
from tests import shintatsu
from tests.conftest import After
from tests.shintatsu import DAY, OFFICE, filed

HIDDEN = "川崎市川崎区架空町９－９"
PEOPLE: list[dict[str, Any]] = [
    {"atena_no": kit.no(n), "setai_no": kit.no(500 + n), **more}
    for n, more in (
        (1, {}), (2, {"kojin_no": kit.kojin_no(2), "name": "髙﨑　文子"}), (3, {"address": HIDDEN, "shien_sochi_flag": True}), (4, {}), (5, {}), (6, {}),
    )
]  # fmt: skip
INTAKES = [
    filed(1), filed(2, kiso_nenkin_no=None), filed(3, todoke_code="05", jiyu_code=None, shubetsu_code=None), filed(4, jiyu_code=None),
    filed(5, juri_on=date(2026, 10, 20)), filed(6, uketsuke_ku_code="141321"),
]  # fmt: skip
LEFT = INTAKES[4]["uketsuke_no"]


def looked(site: Site) -> None:
    shintatsu.take_in(site, INTAKES, PEOPLE)
    assert not shintatsu.opened(site)["error"]


def gone(site: Site) -> None:
    looked(site)
    review.leave_out(site, shintatsu.run_of(site), OFFICE, [LEFT], "本人に確認中")
    assert shintatsu.made(site).state is Shintatsu.MADE


def shelf(site: Site) -> dict[str, Path]:
    """name -> paper."""
    return {path.name: path for path in (site.outbox / Shelf.SHINTATSU / DAY.isoformat()).iterdir()}


def cells(path: Path) -> dict[str, list[str]]:
    """受付番号 -> the texts of its row; the first column is that number."""
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return {str(row[0]): [str(v or "") for v in row] for row in rows if re.fullmatch("[0-9]{15}", str(row[0]))}


def text(path: Path) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages)


def test_開始すると区ごとの確認リストができる(once: After) -> None:
    papers = shelf(once(looked))
    names = ("進達確認リスト_川崎年金事務所_川崎区役所", "進達確認リスト_川崎年金事務所_幸区役所", "進達縮退一覧_川崎年金事務所")
    assert set(papers) == {f"{name}.{suffix}" for name in names for suffix in ("xlsx", "pdf")}
    found = cells(papers[f"{names[0]}.xlsx"])
    assert list(found) == [*sorted(i["uketsuke_no"] for i in INTAKES[:2] + INTAKES[3:5]), INTAKES[2]["uketsuke_no"]]
    fates = {no: row[11] for no, row in found.items()}
    assert [fates[i["uketsuke_no"]] for i in INTAKES[:5]] == ["報告", "報告", "報告", "保留", "報告"]
    assert "必要な項目がない" in found[INTAKES[3]["uketsuke_no"]][12]
    assert found[LEFT][4] == "令和8年11月3日"  # overdue: a text that is seen, not a day
    assert list(cells(papers[f"{names[1]}.xlsx"])) == [INTAKES[5]["uketsuke_no"]]


def test_一覧は処理結果表に載り記録される(once: After) -> None:
    site = once(looked)
    sheet = next((site.outbox / Shelf.SHORI_KEKKA).rglob("処理結果表_進達_*.txt")).read_text("utf-8")
    assert "進達確認リスト_川崎年金事務所_幸区役所" in sheet
    kept = kit.query(site, "select counts from audit.event where operation = '一覧出力' and object like '%進達縮退一覧%'")
    papers = shelf(site)
    hashes = [hashlib.sha256(papers[f"進達縮退一覧_川崎年金事務所.{s}"].read_bytes()).hexdigest() for s in ("xlsx", "pdf")]
    counts = kept[0][0] if isinstance(kept[0][0], dict) else json.loads(kept[0][0])
    assert len(kept) == 1
    assert (counts["rows"], counts["sha256"]) == (1, hashes)


def test_縮退一覧は登録の文字と報告する文字を並べる(once: After) -> None:
    row = cells(shelf(once(looked))["進達縮退一覧_川崎年金事務所.xlsx"])[INTAKES[1]["uketsuke_no"]]
    assert row[3:7] == ["漢字氏名", "髙﨑　文子", "高崎　文子", "髙（U+9AD9）、﨑（U+FA11）"]


def test_もう一度開始すると前の一覧は残る(after: After) -> None:
    site = after(looked)
    before = {name: path.read_bytes() for name, path in shelf(site).items()}
    kit.uketsuke(site, [{**INTAKES[3], "rev": 2, "jiyu_code": "03"}], DAY, 2)
    assert not kit.run(site, "uketsuke_daily", DAY)["error"]
    assert not shintatsu.opened(site)["error"]
    now = shelf(site)
    assert all(now[name].read_bytes() == content for name, content in before.items())
    row = cells(now["進達確認リスト_川崎年金事務所_川崎区役所_2.xlsx"])[INTAKES[3]["uketsuke_no"]]
    assert (row[5], row[11]) == ("第2版", "報告")
    ((no, *change),) = cells(now["進達変更一覧_川崎年金事務所.xlsx"]).values()
    assert (no, change[3:8]) == (
        INTAKES[3]["uketsuke_no"],
        ["改訂 第1版→第2版", "事由", "―", "03 厚生年金等の喪失", "入力 u001・確認 u002"],
    )


def test_確定すると報告するものとしないものの一覧ができる(once: After) -> None:
    papers = shelf(once(gone))
    going = cells(papers["進達確定一覧_川崎年金事務所.xlsx"])
    assert set(going) == {i["uketsuke_no"] for i in (*INTAKES[:3], INTAKES[5])}
    rest = cells(papers["進達保留・除外一覧_川崎年金事務所.xlsx"])
    assert {no: (row[6], row[8]) for no, row in rest.items()} == {
        INTAKES[3]["uketsuke_no"]: ("保留", "必要な項目がない（事由）"), LEFT: ("除外", "本人に確認中"),
    }  # fmt: skip
    assert [row[4:9] for row in cells(papers["進達変更一覧_川崎年金事務所.xlsx"]).values()] == [
        ["除外", "", "", "", "本人に確認中"]
    ]
    assert list(cells(papers["進達縮退一覧_川崎年金事務所_確定.xlsx"])) == [INTAKES[1]["uketsuke_no"]]


def test_媒体には帳票と総括表と送付書とラベルが付く(once: After) -> None:
    site = once(gone)
    stem = f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_001"
    papers = {name: path for name, path in shelf(site).items() if name.startswith("KNTODOKE")}
    assert set(papers) == {f"{stem}_{title}.pdf" for title in ("進達帳票", "進達総括表", "進達送付書", "媒体ラベル")}
    pages = [page.extract_text() for page in PdfReader(papers[f"{stem}_進達帳票.pdf"]).pages]
    assert ["資格取得届" in page for page in pages] == [True, True, True, False]
    ((sha256,),) = kit.query(site, "select archive_sha256 from ledger.medium")
    summary = text(papers[f"{stem}_進達総括表.pdf"]).replace("\n", "")
    assert sha256 in summary
    assert "川崎年金事務所" in summary
    assert "7-Zip" in text(papers[f"{stem}_進達送付書.pdf"])
    assert "141305" in text(papers[f"{stem}_媒体ラベル.pdf"])
    ((counts,),) = kit.query(site, "select counts from audit.event where operation = '進達'")
    told = (counts if isinstance(counts, dict) else json.loads(counts))["sha256"]
    assert sorted(told) == sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in papers.values())


def test_どの紙にも個人番号も支援措置対象者の住所もない(once: After) -> None:
    site = once(gone)
    for path in shelf(site).values():
        if path.suffix == ".pdf":
            shown = text(path).replace("\n", "")
        else:
            shown = "".join(str(c) for row in load_workbook(path).worksheets[0].iter_rows(values_only=True) for c in row)
        assert kit.kojin_no(2) not in shown, path.name
        assert "９－９" not in shown, path.name
    pages = [p.extract_text() for p in PdfReader(shelf(site)[f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_001_進達帳票.pdf"]).pages]
    assert [PROTECTED in page for page in pages] == [False, False, False, True]


def test_確定の後に支援措置が始まった世帯の住所も帳票に出ない(after: After) -> None:
    site = after(looked)
    run = shintatsu.run_of(site)
    freeze.freeze(site, run, OFFICE)
    with_measure = {**PEOPLE[0], "rireki_no": 2, "idou_jiyu_code": "59", "shien_sochi_flag": True}
    kit.juki(site, [with_measure], DAY, 2)
    assert not kit.run(site, "juki_daily", DAY)["error"]
    kit.approve_all(site, "shintatsu")
    jobs.step(site, run.run_id, "make")
    page = PdfReader(shelf(site)[f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_001_進達帳票.pdf"]).pages[0].extract_text()
    assert PROTECTED in page
    assert "架空町" not in page


def test_紙が書けなければ媒体もできず直れば同じ番号でできる(after: After, monkeypatch: pytest.MonkeyPatch) -> None:
    site = after(looked)
    run = shintatsu.run_of(site)
    report = freeze.freeze(site, run, OFFICE)
    kit.approve_all(site, "shintatsu")
    with monkeypatch.context() as broken:
        broken.setattr(kami, "lay", full)
        with pytest.raises(Unavailable, match="NP-1026"):
            jobs.step(site, run.run_id, "make")
    assert shintatsu.now(site, report).state is Shintatsu.APPROVED
    assert not [name for name in shelf(site) if name.startswith("KNTODOKE")]
    assert not list((site.outbox / "shintatsu").rglob("*.end"))
    jobs.step(site, run.run_id, "make")
    assert shintatsu.now(site, report).state is Shintatsu.MADE
    assert f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_001_進達総括表.pdf" in shelf(site)
    before = {name: path.read_bytes() for name, path in shelf(site).items()}
    jobs.step(site, run.run_id, "make")
    assert {name: path.read_bytes() for name, path in shelf(site).items()} == before


def full(*_: object) -> list[Paper]:
    raise OSError("full")
