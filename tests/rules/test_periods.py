"""対象期間: 書き方、今日より後、元号の外、取り込んだ業務日から離れた期間。離れた実行の起案は印が付き、出すものは別の職員の承認を待つ。"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl import approve, jobs
from etl import run as runs
from etl.cli.main import main
from etl.core.errors import Refused
from etl.core.mapping.city import ZONE
from etl.core.period import period
from etl.site import Site

WRITTEN = kit.table("""
| 事例                          | 期間             | 日次       | 月次    |
|-------------------------------|------------------|------------|---------|
| 西暦の日                      | 2025-09-24       | 2025-09-24 | NP-1005 |
| 西暦の月                      | 2025-09          | NP-1005    | 2025-09 |
| 和暦の日                      | 令和7年9月24日   | 2025-09-24 | NP-1005 |
| 和暦の月                      | 令和7年9月       | NP-1005    | 2025-09 |
| 桁をそろえた和暦              | 令和07年09月24日 | 2025-09-24 | NP-1005 |
| 元年                          | 令和元年5月1日   | 2019-05-01 | NP-1005 |
| 元号が変わった月（前の元号）  | 昭和64年1月      | NP-1005    | 1989-01 |
| 元号が変わった月（後の元号）  | 平成元年1月      | NP-1005    | 1989-01 |
| 前の元号の最後の日            | 平成31年4月30日  | 2019-04-30 | NP-1005 |
| 終わった元号の日              | 平成31年5月1日   | NP-1005    | NP-1005 |
| 始まる前の元号の日            | 令和元年4月30日  | NP-1005    | NP-1005 |
| 0年                           | 令和0年5月1日    | NP-1005    | NP-1005 |
| ない日                        | 令和7年2月29日   | NP-1005    | NP-1005 |
| ない月                        | 2025-13          | NP-1005    | NP-1005 |
| 区切りがない                  | 20250924         | NP-1005    | NP-1005 |
| 全角                          | ２０２５-09-24   | NP-1005    | NP-1005 |
| 空                            |                  | NP-1005    | NP-1005 |
| 明治より前の日                | 1868-01-24       | NP-1008    | NP-1005 |
| 明治の最初の日                | 1868-01-25       | 1868-01-25 | NP-1005 |
| 西暦1年                       | 0001-01-01       | NP-1008    | NP-1005 |
| 西暦1年1月                    | 0001-01          | NP-1005    | NP-1008 |
| 令和99年の最後の日            | 2117-12-31       | 2117-12-31 | NP-1005 |
| 令和100年                     | 2118-01-01       | NP-1008    | NP-1005 |
| 西暦9999年                    | 9999-12-31       | NP-1008    | NP-1005 |
| 西暦9999年12月                | 9999-12          | NP-1005    | NP-1008 |
| 西暦0年                       | 0000-01-01       | NP-1005    | NP-1005 |
""")


def read(text: str, span: Any) -> str:
    try:
        return period(text, span).text
    except Refused as refused:
        return refused.code


@pytest.mark.parametrize("case", WRITTEN, ids=[c["事例"] for c in WRITTEN])
def test_期間の書き方(case: dict[str, Any]) -> None:
    assert (read(case["期間"] or "", "day"), read(case["期間"] or "", "month")) == (case["日次"], case["月次"])


#: on 2026-11-27; taken in were 2026-06-01 to 2026-07-01
CLOCK = kit.table("""
| 事例                              | 業務           | 期間       | 業務日     | 事由なし | 事由あり |
|-----------------------------------|----------------|------------|------------|----------|----------|
| 取り込んだ日                      | juki_daily     | 2026-07-01 |            | 可       | 可       |
| 最初の業務日                      | juki_daily     | 2026-06-01 |            | 可       | 可       |
| 最初の業務日の前の日              | juki_daily     | 2026-05-31 |            | NP-1009  | 離れた   |
| 93日後                            | juki_daily     | 2026-10-02 |            | 可       | 可       |
| 94日後                            | juki_daily     | 2026-10-03 |            | NP-1009  | 離れた   |
| 94日後の照会                      | juki_shoukai_daily | 2026-10-03 |        | NP-1009  | 離れた   |
| 移行はいつの日でもよい            | ikou_once      | 2020-01-06 |            | 可       | 可       |
| 今日                              | juki_daily     | 2026-11-27 |            | NP-1009  | 離れた   |
| 明日                              | juki_daily     | 2026-11-28 |            | NP-1007  | NP-1007  |
| 打ち間違えた年                    | juki_daily     | 2052-09-26 |            | NP-1007  | NP-1007  |
| 元号の外                          | juki_daily     | 9999-12-31 |            | NP-1008  | NP-1008  |
| 最初の業務日の月                  | kokuho_monthly | 2026-06    |            | 可       | 可       |
| その前の月                        | kokuho_monthly | 2026-05    |            | NP-1009  | 離れた   |
| 1日が93日以内の月                 | kokuho_monthly | 2026-10    |            | 可       | 可       |
| 1日が94日後以降の月               | kokuho_monthly | 2026-11    |            | NP-1009  | 離れた   |
| 始まっていない月                  | kokuho_monthly | 2026-12    |            | NP-1007  | NP-1007  |
| 打ち間違えた年の月                | kokuho_monthly | 2052-09    |            | NP-1007  | NP-1007  |
| 元号の外の月                      | kokuho_monthly | 9999-12    |            | NP-1008  | NP-1008  |
| 作成年月日が今日                  | kokuho_monthly | 2026-06    | 2026-11-27 | 可       | 可       |
| 作成年月日が明日                  | kokuho_monthly | 2026-06    | 2026-11-28 | NP-1007  | NP-1007  |
| 作成年月日が元号の外              | kokuho_monthly | 2026-06    | 0001-01-01 | NP-1008  | NP-1008  |
""")


@pytest.fixture(scope="module")
def opened(town: Site) -> Site:
    """Two days were taken in."""
    for seq, on in enumerate((date(2026, 6, 1), date(2026, 7, 1)), 1):
        kit.juki(town, [], on=on, seq=seq, kubun="1")
        assert kit.run(town, "juki_daily", on)["error"] is None
    return town


def started(site: Site, case: dict[str, Any], reason: str | None) -> str:
    try:
        run_id = jobs.start(site, case["業務"], case["期間"], "sousa01", reason, business_on=kit.day(case["業務日"]))
    except Refused as refused:
        return refused.code
    return "離れた" if kit.query(site, "select apart from ledger.run where run_id::text = :r", r=run_id) == [(True,)] else "可"


@pytest.mark.parametrize("case", CLOCK, ids=[c["事例"] for c in CLOCK])
def test_今日より後と離れた期間(opened: Site, monkeypatch: pytest.MonkeyPatch, case: dict[str, Any]) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", "2026-11-27")
    assert (started(opened, case, None), started(opened, case, "確認済み")) == (case["事由なし"], case["事由あり"])


def test_何も取り込んでいなければ離れた期間はない(site: Site) -> None:
    assert kit.query(site, "select count(*) from ledger.file") == [(0,)]
    assert started(site, {"業務": "juki_daily", "期間": "1999-04-01", "業務日": None}, None) == "可"


def test_移行の日は業務日に数えない(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    assert kit.query(site, "select count(*) > 0 from ledger.file where outcome = 'accepted'") == [(True,)]
    assert started(site, {"業務": "juki_daily", "期間": "1999-04-01", "業務日": None}, None) == "可"


LISTS = kit.table("""
| 事例                         | 命令                                          | 終了 | 番号    |
|------------------------------|-----------------------------------------------|------|---------|
| 一覧、今日                   | list uketsuke_shoribo --period 2026-11-27     | 0    |         |
| 一覧、今月                   | list uketsuke_shoribo --period 令和8年11月    | 0    |         |
| 一覧、明日                   | list uketsuke_shoribo --period 2026-11-28     | 12   | NP-1007 |
| 一覧、来月                   | list uketsuke_shoribo --period 2026-12        | 12   | NP-1007 |
| これから到達する年齢は見られる | list nenrei_toutatsu --period 2026-12       | 0    |         |
| 一覧、元号の外               | list nenrei_toutatsu --period 9999-12-31      | 12   | NP-1008 |
| 一覧、日でない               | list uketsuke_shoribo --period 昨日           | 12   | NP-1005 |
| 突合結果、明日               | export kikou_kekka_outcomes --period 2026-11-28 | 12 | NP-1007 |
| 印刷、来月                   | print menjo_shinseisho --period 2026-12       | 12   | NP-1007 |
| 印刷、期間なし（今日）       | print menjo_shinseisho                        | 0    |         |
| 実行、明日                   | run juki_daily --period 2026-11-28            | 12   | NP-1007 |
| 実行、元号の外               | run juki_daily --period 0001-01-01            | 12   | NP-1008 |
| 作成年月日、明日             | run kokuho_monthly --period 2026-07 --business-day 令和8年11月28日 | 12 | NP-1007 |
| 作成年月日、元号の外         | run kokuho_monthly --period 2026-07 --business-day 9999-12-31 | 12 | NP-1008 |
| 作成年月日、日でない         | run kokuho_monthly --period 2026-07 --business-day 2026-11 | 2 |      |
| 実行、日でない               | run juki_daily --period 2026-11               | 2    | NP-1005 |
| 基準時刻、来ていない年       | run kokuho_monthly --period 2026-07 --as-known-at 2099-01-01T09:00 | 12 | NP-1050 |
| 基準時刻、元号の外（後）     | run kokuho_monthly --period 2026-07 --as-known-at 9999-12-31T23:59 | 12 | NP-1008 |
| 基準時刻、元号の外（前）     | run kokuho_monthly --period 2026-07 --as-known-at 0001-01-01T00:00 | 12 | NP-1008 |
| 基準時刻、取込の業務         | run juki_daily --period 2026-07-01 --as-known-at 2026-07-01T09:00 | 12 | NP-1051 |
| 基準時刻、照会の業務         | run juki_shoukai_daily --period 2026-07-01 --as-known-at 2026-07-01T09:00 | 12 | NP-1051 |
""")


@pytest.mark.parametrize("case", LISTS, ids=[c["事例"] for c in LISTS])
def test_命令の期間(
    opened: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: dict[str, Any]
) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", "2026-11-27")
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: opened)
    try:
        status = main([*case["命令"].split(), "--as", "sousa01"])
    except SystemExit as left:
        status = int(str(left.code))
    said = capsys.readouterr().err
    assert status == int(case["終了"]) and (case["番号"] or "") in said
    assert not case["番号"] or "--period" in said or "--as-known-at" in said  # what can be typed instead


@pytest.mark.parametrize(("minutes", "code"), [(-1, "可"), (1, "NP-1050")])
def test_基準時刻は今までの時刻だけ(opened: Site, minutes: int, code: str) -> None:
    """Also when it is written without a zone: then it is the time of the city."""
    for zone in (ZONE, UTC):
        moment = datetime.now(zone) + timedelta(minutes=minutes)
        assert moment_started(opened, moment) == code
    assert moment_started(opened, datetime.now(ZONE).replace(tzinfo=None) + timedelta(minutes=minutes)) == code


def moment_started(site: Site, moment: datetime) -> str:
    try:
        run_id = jobs.start(site, "kokuho_monthly", "2026-06", "sousa01", None, moment)
    except Refused as refused:
        return refused.code
    known = runs.get(site, run_id).as_known_at
    assert known and known == (moment if moment.tzinfo else moment.replace(tzinfo=ZONE))
    return "可"


# ---- what a run apart lets leave or proposes -------------------------------------------------------------------------------


LONG_AFTER = kit.DAY + timedelta(days=94)


def asking(site: Site) -> None:
    """Somebody is insured whose 宛名 is not held, and somebody reaches 60."""
    kit.insured(site, [{"atena_no": no(1)}, {"atena_no": no(2)}])
    kit.juki(site, [{"atena_no": no(1), "birth_on": date(1965, 12, 1)}], kubun="1")
    assert kit.run(site, "juki_daily", kit.DAY)["error"] is None


def test_離れた実行の起案には印が付く(site: Site) -> None:
    asking(site)
    made = kit.run(site, "juki_daily", LONG_AFTER, reason="確認済み")
    assert (made["error"], made["proposals"]) == (None, 1)
    (item,) = approve.pending(site, "idou")
    assert item.subject.endswith(f"※業務日が離れた実行（{LONG_AFTER}）")
    near = kit.run(site, "juki_daily", kit.DAY)
    assert near["proposals"] == 0 and kit.query(site, "select count(*) from ledger.approval") == [(1,)]


def left(site: Site, job: str) -> list[Path]:
    return sorted((site.outbox / job.removesuffix("_daily")).rglob("*.end"))


@pytest.fixture
def apart(site: Site) -> tuple[Site, dict[str, Any]]:
    """A question asked by a run long after the last day that was taken in."""
    asking(site)
    return site, kit.run(site, "juki_shoukai_daily", LONG_AFTER, reason="確認済み")


def test_離れた実行の照会は承認されてから出る(
    apart: tuple[Site, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site, made = apart
    assert (made["error"], made["outputs"], made["proposals"], left(site, "juki_shoukai_daily")) == (None, [], 1, [])
    (item,) = approve.pending(site, "shoukai")
    assert "住基照会" in item.subject and "1 件" in item.subject and "業務日が離れた実行" in item.subject
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    assert main(["approve", "shoukai", "--all", "--as", "sousa01"]) == 12
    assert main(["approve", "shoukai", "--all", "--as", "shounin01", "--json"]) == 0
    (output,) = json.loads(capsys.readouterr().out.splitlines()[-1])["outputs"]
    assert (output["dataset"], output["rows"], len(left(site, "juki_shoukai_daily"))) == ("juki_shoukai", 1, 1)
    again = jobs.step(site, made["run_id"], "place")
    assert len(again.outputs) == 1 and len(left(site, "juki_shoukai_daily")) == 1  # type: ignore[union-attr]


def test_離れた実行の照会は否認されれば出ず_その日は尋ねられる(apart: tuple[Site, dict[str, Any]]) -> None:
    site, made = apart
    approve.decide(site, "shoukai", None, "shounin01", "rejected", "誤り")
    assert jobs.step(site, made["run_id"], "place").outputs == ()  # type: ignore[union-attr]
    asked = kit.run(site, "juki_shoukai_daily", kit.DAY)
    assert [o["rows"] for o in asked["outputs"]] == [1]


def test_先に別の実行が尋ねれば_待っていた照会は失効する(apart: tuple[Site, dict[str, Any]]) -> None:
    site, _ = apart
    assert [o["rows"] for o in kit.run(site, "juki_shoukai_daily", kit.DAY)["outputs"]] == [1]
    assert kit.query(site, "select decision from ledger.approval where kind = 'shoukai'") == [("superseded",)]


def test_離れた照会を二度実行しても起案は一つ(apart: tuple[Site, dict[str, Any]]) -> None:
    site, made = apart
    jobs.step(site, made["run_id"], "ask")
    assert len(approve.pending(site, "shoukai")) == 1
    assert kit.run(site, "juki_shoukai_daily", LONG_AFTER, reason="もう一度")["proposals"] == 1
    assert len(approve.pending(site, "shoukai")) == 1


def test_承認の前に照会する相手が変われば出さない(apart: tuple[Site, dict[str, Any]]) -> None:
    site, made = apart
    kit.uketsuke(site, [{"uketsuke_no": no(7), "atena_no": no(70)}])
    kit.run(site, "uketsuke_daily", kit.DAY)
    approve.decide(site, "shoukai", None, "shounin01")
    with pytest.raises(Refused) as refused:
        jobs.step(site, made["run_id"], "place")
    assert (refused.value.code, left(site, "juki_shoukai_daily")) == ("NP-2032", [])
