"""媒体の月末: 二人で数え、台帳と合った月だけを締める。締めていない月は今の状態に出て、次の月の最初の版はひとりでに出ない。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import kit
import psycopg
import pytest
from kit import code_of

from etl import approve
from etl.attest.status import status
from etl.baitai import count
from etl.core.mapping.transfers import row_of
from etl.daichou import entries as e
from etl.daichou import register
from etl.site import Site
from etl.transfer import alone
from tests.conftest import After
from tests.rules.baitai import run_of
from tests.rules.daichou import REPORT, TODAY, enter

# ---- 数える -------------------------------------------------------------------------------------------------------------------

COUNTED = kit.table("""
| 事例                       | 先に     | あった          | 見当たらない | 手元にないはず |
|----------------------------|----------|-----------------|--------------|----------------|
| 台帳のとおり               |          | SN-1 SN-2       |              |                |
| 幅と大きさが違う           |          | ｓｎ-１ sn-2    |              |                |
| 二度数えた                 |          | SN-1 SN-2 SN-1  |              |                |
| 一つ足りない               |          | SN-1            | SN-2         |                |
| 一つもない                 |          |                 | SN-1 SN-2    |                |
| 知らないもの               |          | SN-1 SN-2 SN-9  |              | SN-9           |
| 持出中はなくてよい         | out      | SN-2            |              |                |
| 持出中があった             | out      | SN-1 SN-2       |              | SN-1           |
| 廃棄の確認待ちはない       | asked    | SN-2            |              |                |
| 廃棄の確認待ちがある       | asked    | SN-1 SN-2       |              |                |
| 廃棄済があった             | gone     | SN-1 SN-2       |              | SN-1           |
| 廃棄済はない               | gone     | SN-2            |              |                |
| サーバーのディスクは数えない | disk   | SN-1 SN-2       |              |                |
| サーバーのディスクがあった | disk     | SN-1 SN-2 D-1   |              | D-1            |
| CD-Rも数える               | cd       | SN-1 SN-2       | CD-1         |                |
""")


def media(site: Site) -> None:
    """Two drives."""
    for n in (1, 2):
        enter(site, "baitai", 製造番号=f"SN-{n}")


@pytest.mark.parametrize("case", COUNTED, ids=[str(c["事例"]) for c in COUNTED])
def test_数えたものを台帳と比べる(after: After, case: dict[str, str | None]) -> None:
    site = after(media)

    def gone(*, agreed: bool) -> None:
        cells = {**REPORT, e.METHOD: "Destroy"}
        register.report(site, run_of(site, "daichou"), "baitai", 1, cells, None)
        if agreed:
            approve.decide(site, "haiki", None, "shounin01")

    acts: dict[str, Callable[[], Any]] = {
        "out": lambda: register.move(site, run_of(site, "daichou"), 1, "out", TODAY, "医療保険課", None),
        "asked": lambda: gone(agreed=False), "gone": lambda: gone(agreed=True),
        "disk": lambda: enter(site, "baitai", 製造番号="D-1", 種類="ディスク"), "cd": lambda: enter(site, "baitai", 製造番号="CD-1", 種類="CD-R"),
    }  # fmt: skip
    if case["先に"]:
        acts[case["先に"]]()
    _, found = counted(site, (case["あった"] or "").split())
    assert [mark for _, mark in found.missing] == (case["見当たらない"] or "").split()
    assert list(found.strange) == (case["手元にないはず"] or "").split()
    (item,) = approve.pending(site, "tanaoroshi")
    assert ("差異なし" in item.subject) == (not found.differs)
    assert all(mark in item.subject for _, mark in found.missing) and all(mark in item.subject for mark in found.strange)


def counted(site: Site, serials: list[str], month: str = "2027-12", user: str = "sousa01") -> tuple[int, count.Count]:
    return count.propose(site, run_of(site, "tanaoroshi", user), month, serials)


CLOSED = kit.table("""
| 事例                           | すること                          | 結果    |
|--------------------------------|-----------------------------------|---------|
| 数えていない                   |                                   | NP-4156 |
| 一人だけ                       | all                               | NP-4156 |
| 二人                           | all yes                           |         |
| 否認された                     | all no                            | NP-4156 |
| 期限までに決まらない           | all late                          | NP-4156 |
| 違うと二人で認めた             | some yes                          | NP-4157 |
| 違ったので数え直した           | some yes all                      | NP-4156 |
| 数え直しを二人で認めた         | some yes all yes                  |         |
| 数え直しが否認された           | some yes all no                   | NP-4157 |
| 合った後に違うと分かった       | all yes some yes                  | NP-4157 |
| 違うと分かったが一人だけ       | all yes some                      | NP-4156 |
| 見付かって台帳を直した         | some yes gone all1 yes            |         |
| 二度締める                     | all yes close                     | NP-4158 |
""")


@pytest.mark.parametrize("case", CLOSED, ids=[str(c["事例"]) for c in CLOSED])
def test_締められる月(after: After, owner_url_of: Callable[[Site], str], case: dict[str, str | None]) -> None:
    site = after(media)

    def late() -> None:
        with psycopg.connect(owner_url_of(site)) as owner:
            owner.execute("update ledger.approval set expires_at = now() - interval '1 day'")

    def gone() -> None:
        register.report(site, run_of(site, "daichou"), "baitai", 2, {**REPORT, e.METHOD: "Destroy"}, None)
        approve.decide(site, "haiki", None, "shounin01")

    close = lambda: count.close_month(site, run_of(site, "tsukijime"), "2027-12")  # noqa: E731
    acts: dict[str, Callable[[], Any]] = {
        "all": lambda: counted(site, ["SN-1", "SN-2"]), "some": lambda: counted(site, ["SN-1"]), "all1": lambda: counted(site, ["SN-1"]),
        "yes": lambda: approve.decide(site, "tanaoroshi", None, "shounin01"), "late": late, "gone": gone, "close": close,
        "no": lambda: approve.decide(site, "tanaoroshi", None, "shounin01", "rejected", "数え直す"),
    }  # fmt: skip
    for act in (case["すること"] or "").split():
        acts[act]()
    assert code_of(close) == case["結果"]


def test_数えた本人は確認できず_後の棚卸しが前のものに代わる(after: After) -> None:
    site = after(media)
    counted(site, ["SN-1"])
    counted(site, ["SN-1", "SN-2"])
    (item,) = approve.pending(site, "tanaoroshi")
    assert "差異なし" in item.subject
    assert code_of(lambda: approve.decide(site, "tanaoroshi", None, "sousa01")) == "NP-2030"
    approve.decide(site, "tanaoroshi", None, "shounin01")
    count.close_month(site, run_of(site, "tsukijime"), "2027-12")
    assert code_of(lambda: counted(site, ["SN-1"])) == "NP-4158"
    told = kit.query(site, "select operation from audit.event where object = 'baitai/2027-12' order by event_id")
    assert told == [("棚卸し",), ("棚卸し",), ("月次締め",)]


BEGINS = kit.table("""
| 事例                     | 月      | 今日       | 結果    |
|--------------------------|---------|------------|---------|
| 最後の開庁日の前の日     | 2027-11 | 2027-11-29 | NP-4155 |
| 最後の開庁日             | 2027-11 | 2027-11-30 |         |
| 次の月                   | 2027-11 | 2027-12-20 |         |
| 年末は12月28日が最後     | 2027-12 | 2027-12-27 | NP-4155 |
| 年末の最後の開庁日       | 2027-12 | 2027-12-28 |         |
| 末日が土曜日の月         | 2027-07 | 2027-07-29 | NP-4155 |
| 末日が土曜日の月の金曜日 | 2027-07 | 2027-07-30 |         |
| これからの月             | 2028-01 | 2027-12-31 | NP-4155 |
""")


@pytest.mark.parametrize("case", BEGINS, ids=[str(c["事例"]) for c in BEGINS])
def test_棚卸しは月の最後の開庁日から(after: After, monkeypatch: pytest.MonkeyPatch, case: dict[str, str | None]) -> None:
    site = after(media)
    monkeypatch.setenv("KOKUNEN_TODAY", str(case["今日"]))
    assert code_of(lambda: counted(site, ["SN-1", "SN-2"], str(case["月"]))) == case["結果"]


SERIALS = kit.table("""
| 事例         | 書き方                           | 結果    |
|--------------|----------------------------------|---------|
| 製造番号     | SN-1                             |         |
| 12桁         | 000012345678                     | NP-3281 |
| 住所         | 川崎区架空町1丁目2番3号          | NP-3281 |
| 制御文字     | SN\\t1                           | NP-3281 |
""")


@pytest.mark.parametrize("case", SERIALS, ids=[str(c["事例"]) for c in SERIALS])
def test_数えたものの書き方(after: After, case: dict[str, str | None]) -> None:
    site = after(media)
    typed = str(case["書き方"]).replace("\\t", "\x07")
    assert code_of(lambda: counted(site, [typed])) == case["結果"]


# ---- 締めていない月 -----------------------------------------------------------------------------------------------------------------

OPEN = kit.table("""
| 事例                         | 今日       | 締めた  | 開いている月     |
|------------------------------|------------|---------|------------------|
| 登録した月のうち             | 2027-12-31 |         |                  |
| 次の月                       | 2028-01-01 |         | 2027-12          |
| 締めた                       | 2028-01-01 | 2027-12 |                  |
| 二つ先                       | 2028-02-29 |         | 2027-12 2028-01  |
| 一つ締めた                   | 2028-02-29 | 2027-12 | 2028-01          |
""")


@pytest.mark.parametrize("case", OPEN, ids=[str(c["事例"]) for c in OPEN])
def test_締めていない月は今の状態に出る(after: After, monkeypatch: pytest.MonkeyPatch, case: dict[str, str | None]) -> None:
    site = after(media)
    if case["締めた"]:
        closed(site)
    monkeypatch.setenv("KOKUNEN_TODAY", str(case["今日"]))
    months = (case["開いている月"] or "").split()
    assert count.open_months(site) == months == list(status(site).months_open)
    assert ("媒体を締めていない月", len(months)) in list(status(site).labelled())


def closed(site: Site) -> None:
    counted(site, ["SN-1", "SN-2"])
    approve.decide(site, "tanaoroshi", None, "shounin01")
    count.close_month(site, run_of(site, "tsukijime"), "2027-12")


ALONE = kit.table("""
| 事例                             | 媒体 | 月      | 締めた  | 理由                             |
|----------------------------------|------|---------|---------|----------------------------------|
| 媒体のない台帳                   |      | 2028-01 |         |                                  |
| 登録した月                       | あり | 2027-12 |         |                                  |
| 登録した月の次の月               | あり | 2028-01 |         | 前月の媒体の棚卸しが済んでいない |
| 締めた月の次の月                 | あり | 2028-01 | 2027-12 |                                  |
| 締めた月の二つ先                 | あり | 2028-02 | 2027-12 | 前月の媒体の棚卸しが済んでいない |
""")


@pytest.mark.parametrize("case", ALONE, ids=[str(c["事例"]) for c in ALONE])
def test_前の月の媒体を締めるまで_最初の版はひとりでに出ない(after: After, case: dict[str, str | None]) -> None:
    site = after(media) if case["媒体"] else after(lambda site: None)
    if case["締めた"]:
        closed(site)
    first = date.fromisoformat(f"{case['月']}-01")
    with site.session() as session:
        assert alone._uncounted(session, row_of("kokuho_shikaku_hoken"), first) == ([case["理由"]] if case["理由"] else [])
        assert alone._uncounted(session, row_of("iten_seiho"), first) == []
