"""進達の後: 渡した日から進達済、処理結果で決着、返戻で市に戻り、同じ受付番号で再進達。期限（受理から14日）と次の定例の進達、台帳と一覧。"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import kit
import openpyxl
import pytest

from etl import approve, ichiran
from etl.attest import status as attest
from etl.cli import common
from etl.cli.main import main
from etl.core.law.shintatsu import next_opened, review_ends
from etl.core.mapping.houkoku import houkoku
from etl.run import get
from etl.site import Site
from tests import shintatsu
from tests.conftest import After, Once
from tests.rules import sono_go
from tests.rules.sono_go import SENT
from tests.shintatsu import OFFICE, OTHER, filed

OPENED, RESULTS = date(2027, 11, 9), date(2027, 11, 24)
JURI = date(2027, 11, 2)
LOST = date(2026, 10, 31)
#: 番号 -> what its intake says besides: 1–4 and 9 go with the first report, 5 to the other office, 6 and 7 are not reported (未確認, filed later)
INTAKES: dict[int, dict[str, Any]] = {
    1: {}, 2: {}, 3: {"todoke_code": "02", "jiyu_code": "54"}, 4: {"juri_on": date(2027, 10, 25)}, 5: {"uketsuke_ku_code": "141330"},
    6: {"kakunin_user": None}, 9: {"todoke_code": "41", "menjo_code": "20", "menjo_year": 2026, "setainushi_atena_no": kit.no(9), "jiyu_code": None},
}  # fmt: skip


def _filed(n: int, **more: Any) -> dict[str, Any]:
    return filed(n, **{"juri_on": JURI, "gaitou_on": date(2027, 10, 25), **INTAKES.get(n, {}), **more})


def _of(n: int, **more: Any) -> dict[str, Any]:
    """A result of an intake as it was filed."""
    intake = _filed(n)
    said = {k: intake.get(k) for k in ("uketsuke_no", "kiso_nenkin_no", "gaitou_on", "jiyu_code", "menjo_code")}
    return {**said, "todoke_code": intake.get("todoke_code", "01"), **more}


def _no(n: int) -> str:
    return str(_filed(n)["uketsuke_no"])


def report(site: Site) -> None:
    """Both offices got what was filed by the 10th, and one loss that the city found; of one intake the medium was refused later."""
    kit.insured(site, [{"atena_no": kit.no(8)}], JURI)
    kit.uketsuke(site, [_filed(n) for n in INTAKES], JURI)
    gone = {
        "atena_no": kit.no(8),
        "rireki_no": 2,
        "idou_jiyu_code": "22",
        "idou_on": LOST - timedelta(days=1),
        "jumin_jotai_code": "2",
    }
    kit.juki(site, [{"atena_no": kit.no(n)} for n in (*INTAKES, 8)] + [gone], JURI)
    for job in ("uketsuke_daily", "juki_daily"):
        assert kit.run(site, job, JURI)["error"] is None
    kit.approve_all(site)
    assert not shintatsu.opened(site, OPENED)["error"]
    for office in (OFFICE, OTHER):
        sono_go.handed(site, shintatsu.made(site, office, OPENED), SENT if office == OFFICE else SENT + timedelta(days=1))


def answer(site: Site) -> None:
    """返戻 of 1, a result of 2 and of the loss; nothing of 3, 4 and 5."""
    lost = {"uketsuke_no": own(site), "kiso_nenkin_no": kit.kiso(8), "todoke_code": "02", "jiyu_code": "52", "gaitou_on": LOST}
    sono_go.answered(site, [_of(1, kekka_code="05", henrei_code="02"), _of(2), lost], RESULTS)


def again(site: Site) -> None:
    """The counters mend 1; it goes again."""
    kit.uketsuke(site, [_filed(1, rev=2)], RESULTS + timedelta(days=1), 2)
    assert kit.run(site, "uketsuke_daily", RESULTS + timedelta(days=1))["error"] is None
    sono_go.reported(site, RESULTS + timedelta(days=2), date(2027, 12, 1))


def own(site: Site) -> str:
    """The number under which the loss is reported."""
    ((approval_id,),) = kit.query(site, "select approval_id from pension.idou_proposal")
    return f"9{approval_id:014}"


def outcomes(site: Site, on: date) -> dict[str, tuple[str, date | None]]:
    both = "select uketsuke_no, outcome, shintatsu_on from pension.uketsuke_outcome(:on) union all select uketsuke_no, outcome, shintatsu_on from pension.shokken_outcome(:on)"
    return {no: (outcome, on) for no, outcome, on in kit.query(site, both, on=on)}


def listed(site: Site, name: str, first: date, last: date) -> list[dict[str, Any]]:
    ((run_id,),) = kit.query(site, "select run_id::text from ledger.run order by started_at desc limit 1")
    [made] = ichiran.make(site, get(site, run_id), name, first, last)
    rows = list(openpyxl.load_workbook(made.path).active.iter_rows(values_only=True))
    head = next(i for i, row in enumerate(rows) if row[0] == ichiran.kinds()[name].columns[0].label)
    found = [[v.date() if isinstance(v, datetime) else v for v in row] for row in rows[head + 1 :]]
    return [dict(zip(rows[head], row, strict=True)) for row in found][: made.rows]


def test_渡した日から進達済で_結果を待つ(once: Once) -> None:
    site = once(report)
    before = outcomes(site, SENT - timedelta(days=1))
    assert {before[_no(n)] for n in (1, 2, 3, 4, 5, 9)} == {("not_sent", None)} and own(site) not in before
    found = outcomes(site, SENT)
    assert {found[_no(n)] for n in (1, 2, 3, 4, 9)} == {("waiting", SENT)} and found[_no(5)] == ("not_sent", None)
    assert found[own(site)] == ("waiting", SENT) and _no(6) not in found
    assert outcomes(site, SENT + timedelta(days=1))[_no(5)] == ("waiting", SENT + timedelta(days=1))
    assert {outcomes(site, SENT + timedelta(days=60))[no][0] for no in (_no(3), own(site))} == {"waiting"}
    assert {outcomes(site, SENT + timedelta(days=61))[no][0] for no in (_no(3), own(site))} == {"overdue"}


def test_受付処理簿は進達済と報告日をいう(once: Once) -> None:
    rows = {r["受付番号"]: (r["状態"], r["報告日"]) for r in listed(once(report), "uketsuke_shoribo", date(2027, 10, 25), JURI)}
    assert rows[_no(1)] == ("進達済", SENT) and rows[_no(5)] == ("進達済", SENT + timedelta(days=1))
    assert rows[_no(6)] == ("受付（未確認）", "")
    rows = {r["受付番号"]: r["状態"] for r in listed(once(report, answer), "uketsuke_shoribo", date(2027, 10, 25), JURI)}
    assert (rows[_no(1)], rows[_no(2)]) == ("返戻", "進達済")
    rows = {
        r["受付番号"]: (r["状態"], r["報告日"])
        for r in listed(once(report, answer, again), "uketsuke_shoribo", date(2027, 10, 25), JURI)
    }
    assert rows[_no(1)] == ("進達済", date(2027, 12, 1))


def test_進達した申請は市の処理が終わり_所得も照会しない(once: Once) -> None:
    site = once(report)
    assert kit.query(site, "select uketsuke_no from pension.uketsuke_open") == []
    assert kit.query(site, "select 1 from pension.shotoku_needed") == []
    assert len(kit.query(site, "select 1 from pension.uketsuke_standing")) == len(INTAKES) - 1, (
        "受付 stays until it is registered"
    )


def test_処理結果で決着し_返戻は市に戻り_職権の結果も職権のものになる(once: Once) -> None:
    site = once(report, answer)
    found = outcomes(site, RESULTS)
    assert found[_no(1)] == ("returned", None) and found[_no(2)] == ("matched", SENT) and found[own(site)] == ("matched", SENT)
    assert found[_no(3)] == ("waiting", SENT)
    told = kit.query(site, "select outcome, cause from pension.totsugo where uketsuke_no is null and superseded_at is null")
    assert told == [("expected_without_intake", "shokken")]
    assert kit.query(site, "select uketsuke_no from pension.uketsuke_open") == [(_no(1),)]
    assert outcomes(site, RESULTS - timedelta(days=1))[_no(1)] == ("waiting", SENT), "not known before"


def test_再進達は新しい日から待ち_先の回では返戻(once: Once) -> None:
    site = once(report, answer, again)
    found = outcomes(site, date(2027, 12, 1))
    assert found[_no(1)] == ("waiting", date(2027, 12, 1)) and outcomes(site, date(2027, 11, 30))[_no(1)] == ("not_sent", None)
    kekka = "select outcome from pension.shintatsu_kekka(:on) where uketsuke_no = :no order by handed_on"
    assert kit.query(site, kekka, on=date(2027, 12, 1), no=_no(1)) == [("returned",), ("waiting",)]
    assert kit.query(site, kekka, on=RESULTS, no=_no(1)) == [("returned",)]


def test_返戻のものの期限は戻った日から14日(once: Once) -> None:
    shown = {r["受付番号"]: (r["進達期限"], r["状態"]) for r in listed(once(report, answer), "mishintatsu", RESULTS, RESULTS)}
    assert shown[_no(1)] == (RESULTS + timedelta(days=14), "返戻") and shown[_no(6)] == (JURI + timedelta(days=14), "未確認")
    (row,) = kit.query(
        once(report, answer, again),
        "select due_on, handed_on from pension.shintatsu_kiroku join ledger.shintatsu_ima using (approval_id) where baitai_no = 2",
    )
    assert row == (RESULTS + timedelta(days=14), date(2027, 12, 1)), "in time"


def test_再進達の結果で決着する(after: After) -> None:
    site = after(report, answer, again)
    sono_go.answered(site, [_of(1)], date(2027, 12, 15), 2)
    assert outcomes(site, date(2027, 12, 15))[_no(1)][0] == "matched"
    kekka = "select outcome from pension.shintatsu_kekka(:on) where uketsuke_no = :no order by handed_on"
    assert kit.query(site, kekka, on=date(2027, 12, 15), no=_no(1)) == [("returned",), ("matched",)]
    shown = {r["受付番号"]: r["状態"] for r in listed(site, "uketsuke_shoribo", date(2027, 10, 25), JURI)}
    assert (shown[_no(1)], shown[_no(2)]) == ("進達済", "進達済")
    kit.approve_all(site, "kikou_kekka", "shounin01")
    shown = {r["受付番号"]: r["状態"] for r in listed(site, "uketsuke_shoribo", date(2027, 10, 25), JURI)}
    assert (shown[_no(1)], shown[_no(2)], shown[_no(3)]) == ("結果登録済", "結果登録済", "進達済")
    assert outcomes(site, date(2027, 12, 15))[_no(1)][0] == "matched" and not sono_go.candidates(site)


def test_職権の返戻は返戻の一覧に載り_また候補になる(after: After) -> None:
    site = after(report)
    lost = {"uketsuke_no": own(site), "kiso_nenkin_no": kit.kiso(8), "todoke_code": "02", "jiyu_code": "52", "gaitou_on": LOST}
    sono_go.answered(site, [{**lost, "kekka_code": "05", "henrei_code": "02"}], RESULTS)
    assert outcomes(site, RESULTS)[own(site)] == ("returned", SENT) and sono_go.candidates(site) == {own(site): True}
    (row,) = listed(site, "henrei", RESULTS, RESULTS)
    assert (row["受付番号"], row["受付区"], row["再提出"]) == (own(site), "川崎区役所", "まだ")
    approve.decide(site, "kikou_kekka", None, "shounin01")
    assert sono_go.candidates(site) == {own(site): True}
    sono_go.reported(site, RESULTS + timedelta(days=1), date(2027, 12, 1))
    assert outcomes(site, date(2027, 12, 1))[own(site)] == ("waiting", date(2027, 12, 1)) and not sono_go.candidates(site)
    assert listed(site, "henrei", RESULTS, RESULTS)[0]["再提出"].startswith("再進達")


def test_不受理の媒体は何も報告していない(after: After) -> None:
    site = after(report)
    (refused,) = [r for r in shintatsu.reports_of(site, OFFICE) if r.name]
    sono_go.received(site, refused, SENT, refused=True)
    found = outcomes(site, SENT)
    assert {found[_no(n)] for n in (1, 2, 3, 4, 9)} == {("not_sent", None)} and own(site) not in found
    assert {no for (no,) in kit.query(site, "select uketsuke_no from pension.uketsuke_open")} == {_no(n) for n in (1, 2, 3, 4, 9)}
    (row,) = [
        r for r in listed(site, "shintatsu_daichou", OPENED, OPENED) if r["状態"] == "不受理" and r["届書種別コード"] == "計"
    ]
    assert (row["件数"], row["決着"], row["返戻"], row["結果待ち"], row["決着率（％）"]) == (6, 0, 0, 0, "")


def test_結果未着一覧は職権の報告も載せる(once: Once) -> None:
    rows = {
        r["受付番号"]: (r["区分"], r["経過日数"])
        for r in listed(once(report), "kekka_michaku", date(2028, 1, 15), date(2028, 1, 15))
    }
    assert rows == {_no(n): ("超過", 61) for n in (1, 2, 3, 4, 9)} | {_no(5): ("待ち", 60), own(once(report)): ("超過", 61)}


def test_進達台帳は回ごとに届書種別の件数と日数と決着率(once: Once) -> None:
    site = once(report, answer, again)
    rows = listed(site, "shintatsu_daichou", date(2027, 10, 25), date(2027, 12, 22))
    first = [r for r in rows if r["報告先"].startswith("川崎年金事務所\n媒体通番 001")]
    assert [(r["届書種別コード"], r["件数"], r["決着"], r["返戻"], r["結果待ち"]) for r in first] == [
        ("01", 3, 1, 1, 1), ("02", 2, 1, 0, 1), ("41", 1, 0, 0, 1), ("計", 6, 2, 1, 3),
    ]  # fmt: skip
    assert (first[0]["期限後"], first[2]["期限後"]) == (1, 0), "a loss counts from its approval, by the clock of the database"
    assert first[0]["日数（平均／最長）"] == "15.7／21" and first[-1]["決着率（％）"] == "33.3"
    assert (
        first[0]["状態"] == "報告済（受領 未確認）"
        and first[0]["報告日・受領者・送受書"] == "令和9年11月15日\n川崎年金事務所\n受-1"
    )
    (second,) = [r for r in rows if "媒体通番 002" in r["報告先"] and r["届書種別コード"] == "計"]
    assert (second["件数"], second["期限後"], second["返戻"], second["結果待ち"]) == (1, 0, 0, 1)
    assert listed(site, "shintatsu_daichou", date(2027, 10, 25), date(2027, 11, 21))[-1]["報告先"].startswith("高津年金事務所")


# ---- 期限 ------------------------------------------------------------------------------------------------------------------------

DEADLINES = kit.table("""
| 事例                             | 受理       | 今日       | 一覧               |
|----------------------------------|------------|------------|--------------------|
| 14日目まではまだ超過でない       | 2027-02-01 | 2027-02-15 | あと 0 日          |
| 15日目から超過                   | 2027-02-01 | 2027-02-16 | 1 日超過           |
| 次の定例で間に合わない           | 2027-02-10 | 2027-02-16 | あと 8 日          |
| 次の定例が渡せる日の前日が期限   | 2027-02-17 | 2027-02-17 | あと 14 日         |
| 次の定例が渡せる日が期限         | 2027-02-18 | 2027-02-18 |                    |
""")


def file_four(site: Site) -> None:
    """A file of the 1st, so that each is known on its day."""
    kit.uketsuke(site, [filed(n, juri_on=date(2027, 2, d)) for n, d in enumerate((1, 10, 17, 18), 1)], date(2027, 2, 1))
    assert kit.run(site, "uketsuke_daily", date(2027, 2, 1))["error"] is None


@pytest.mark.parametrize("case", DEADLINES, ids=lambda c: c["事例"])
def test_期限は受理から14日_次の定例が渡せる日まで見る(once: Once, case: dict[str, str]) -> None:
    on = date.fromisoformat(case["今日"])
    site = once(file_four)
    said = {str(r["受理年月日"]): r["残り"] for r in listed(site, "shintatsu_kigen", on, on)}
    assert said.get(case["受理"]) == case["一覧"]


CALENDAR = kit.table("""
| 事例                         | 今日       | 次の開始   | 渡せる日   |
|------------------------------|------------|------------|------------|
| 月の初め                     | 2027-02-01 | 2027-02-15 | 2027-02-18 |
| 開始の日の次は次の回         | 2027-02-15 | 2027-03-01 | 2027-03-04 |
| 土曜日に始まる回             | 2027-04-20 | 2027-05-01 | 2027-05-10 |
| 年を越える                   | 2026-12-20 | 2027-01-01 | 2027-01-06 |
""")


@pytest.mark.parametrize("case", CALENDAR, ids=lambda c: c["事例"])
def test_次の定例の進達(case: dict[str, str]) -> None:
    opened = next_opened(date.fromisoformat(case["今日"]))
    assert (str(opened), str(review_ends(opened))) == (case["次の開始"], case["渡せる日"])


def test_定例の日は職員のページにもある() -> None:
    page = Path("dags/shintatsu.py").read_text(encoding="utf-8")
    assert f"毎月{'と'.join(f'{day}日' for day in houkoku().hiraku)}" in page


# ---- first page, commands --------------------------------------------------------------------------------------------------------


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def run(site: Site, *words: str) -> str:
        monkeypatch.setattr(common, "ready_site", lambda: site)
        assert main([*words]) == 0
        return capsys.readouterr().out

    return run


def test_最初の画面は期限と未確認をいう(after: After, typed: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    site = after(report)
    monkeypatch.setenv("KOKUNEN_TODAY", "2027-11-17")
    found = attest.status(site)
    assert (found.reports_overdue, found.reports_due) == (1, 0), "the one that nobody confirmed"
    assert {r.name.split("_")[1] for r in found.reports_unconfirmed} == {OFFICE, OTHER}
    said = typed(site, "status")
    assert (
        "進達の期限を過ぎたもの: 1" in said
        and "受領が確認できない進達: 2" in said
        and "警告: 進達の期限（受理から14日）を過ぎたものが 1 件" in said
    )
    assert f"受領 未確認  KNTODOKE_{OFFICE}_20271109_001.CSV" in said
    (one,) = [r for r in shintatsu.reports_of(site, OFFICE) if r.name]
    sono_go.received(site, one)
    assert [r.name for r in attest.status(site).reports_unconfirmed] == [f"KNTODOKE_{OTHER}_20271109_001.CSV"]
    monkeypatch.setenv("KOKUNEN_TODAY", "2027-11-16")
    assert (attest.status(site).reports_overdue, attest.status(site).reports_due) == (0, 1)


def test_命令でも期限と台帳が分かり_氏名は出ない(
    after: After, typed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = after(report, answer)
    monkeypatch.setenv("KOKUNEN_TODAY", "2027-12-01")
    said = typed(site, "shintatsu", "due", "--as", "sousa01")
    assert (
        f"{_no(6)}　資格取得届　期限 2027-11-16（15 日超過）　未確認　川崎年金事務所" in said
        and "期限超過 1 件" in said
        and "ｶｸｳ" not in said
    )
    due = json.loads(typed(site, "shintatsu", "due", "--as", "sousa01", "--json"))
    assert due["next_report"] == "2027-12-20" and {r["uketsuke_no"]: r["stage"] for r in due["due"]} == {
        _no(1): "returned",
        _no(6): "unconfirmed",
    }
    said = typed(site, "shintatsu", "results", "--period", "2027-11", "--as", "sousa01")
    assert (
        f"KNTODOKE_{OFFICE}_20271109_001.CSV　計　6 件　期限後" in said
        and "決着 2（決着率 33.3 ％）　返戻 1　結果待ち 3　うち超過 0" in said
    )
    rows = json.loads(typed(site, "shintatsu", "results", "--period", "2027-11", "--as", "sousa01", "--json"))["reports"]
    assert [(r["todoke_code"], r["n"]) for r in rows if r["jimusho_code"] == OTHER] == [("01", 1), ("計", 1)]
    assert "該当なし" in typed(site, "shintatsu", "results", "--period", "2027-10", "--as", "sousa01")
