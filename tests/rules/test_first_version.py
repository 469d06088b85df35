"""月次の最初の版: 月が終わり、業務日がすべて取り込まれ、その月の起案が決裁済みで、検証に注意がなく、行があるときだけ、ひとりでに出る。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl import approve
from etl.core.law.eigyoubi import business_days
from etl.core.receipts import Reported
from etl.run import receipt
from etl.site import Site
from tests.conftest import After

FIRST, LAST, OVER = date(2025, 9, 24), date(2025, 9, 30), date(2025, 10, 1)
LEAVES = {"rireki_no": 2, "idou_jiyu_code": "21", "jumin_jotai_code": "2"}


def whole(site: Site) -> None:
    """Two persons insured and resident; every business day of the month since the first was taken in."""
    kit.insured(site, [{"atena_no": no(1)}, {"atena_no": no(2)}], on=FIRST)
    kit.juki(site, [{"atena_no": no(1)}, {"atena_no": no(2)}], on=FIRST, kubun="1")
    for seq, on in enumerate(business_days(FIRST + timedelta(1), LAST), 2):
        kit.juki(site, [], on=on, seq=seq)
    assert kit.run(site, "juki_daily", LAST)["error"] is None


def asked(site: Site) -> None:
    """And its month, made before its end, waits for a second person."""
    assert kit.run(site, "kokuho_monthly", "2025-09", business_on=LAST)["proposals"] == 2


def night(site: Site, on: date, *rows: dict[str, Any], seq: int = 6) -> None:
    kit.juki(site, list(rows), on=on, seq=seq)
    assert kit.run(site, "juki_daily", on)["error"] is None


def nothing(_: Site) -> None:
    pass


def loss_in_month(site: Site) -> None:
    night(site, OVER, {"atena_no": no(1), "idou_on": date(2025, 9, 29), **LEAVES})


def loss_on_last_day(site: Site) -> None:
    night(site, OVER, {"atena_no": no(1), "idou_on": LAST, **LEAVES})


def loss_next_month(site: Site) -> None:
    night(site, OVER, {"atena_no": no(1), "idou_on": OVER, **LEAVES})


def loss_decided(site: Site) -> None:
    loss_in_month(site)
    kit.approve_all(site, "idou")


def correction(site: Site) -> None:
    kit.juki(site, [{"atena_no": no(1)}], on=FIRST, seq=1, version=2, kubun="1")
    kit.run(site, "juki_daily", FIRST)


def nobody(site: Site) -> None:
    night(site, OVER, *({"atena_no": no(n), "idou_on": date(2015, 4, 1), **LEAVES} for n in (1, 2)))
    kit.approve_all(site, "idou")


def a_day_ahead(site: Site) -> None:
    night(site, date(2025, 10, 3))


CASES: dict[str, tuple[str, date, Callable[[Site], None], str]] = {
    "すべてそろった月は出る": ("2025-09", OVER, nothing, ""),
    "月の末日の業務日では出ない": ("2025-09", LAST, nothing, "月が終わっていない"),
    "月の末日の前の日では出ない": ("2025-09", date(2025, 9, 29), nothing, "月が終わっていない"),
    "月の中の喪失が未決裁": ("2025-09", OVER, loss_in_month, "未決裁の起案（異動 1 件）"),
    "末日の転出の喪失が未決裁": ("2025-09", OVER, loss_on_last_day, "未決裁の起案（異動 1 件）"),
    "翌月の喪失が未決裁でも出る": ("2025-09", OVER, loss_next_month, ""),
    "喪失が決裁済みなら出る": ("2025-09", OVER, loss_decided, ""),
    "訂正ファイルが未決裁": ("2025-09", OVER, correction, "未決裁の起案（訂正 1 件）"),
    "行がない": ("2025-09", OVER, nobody, "0件"),
    "次の月の途中": ("2025-10", OVER, nothing, "月が終わっていない"),
    "取り込んでいない業務日がある": (
        "2025-10",
        date(2025, 10, 3),
        a_day_ahead,
        "取り込んでいない業務日 2 日（10月1日、10月2日）",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_最初の版がひとりでに出るとき(after: After, case: tuple[str, date, Callable[[Site], None], str]) -> None:
    site = after(whole)
    period, on, prepare, why = case
    prepare(site)
    made = kit.run(site, "kokuho_monthly", period, business_on=on)
    assert made["error"] is None
    if not why:
        assert [o["version"] for o in made["outputs"]] == [1, 1] and made["proposals"] == 0
        return
    assert (made["outputs"], made["proposals"], list(site.outbox.rglob("KOKUHO*.dat"))) == ([], 2, [])
    assert all(why in item.subject and "版01" in item.subject for item in approve.pending(site, "kokuho"))
    sheet = receipt(site, made["run_id"], Reported)
    assert sheet and why in Path(sheet.text).read_text(encoding="utf-8").replace("\n", "").replace(" " * 4, "")


def test_承認されれば出て_もう一度実行しても増えない(after: After) -> None:
    site = after(whole)
    made = kit.month(site, business_on=LAST)
    assert [(o["version"], o["rows"]) for o in made["outputs"]] == [(1, 2), (1, 2)]
    again = kit.run(site, "kokuho_monthly", "2025-09", business_on=OVER)
    assert ([o["version"] for o in again["outputs"]], again["proposals"]) == ([1, 1], 0)


def test_待つ理由がなくなれば次の番号で出て_待っていたものは失効する(after: After) -> None:
    site = after(whole, asked)
    assert kit.run(site, "kokuho_monthly", "2025-09", business_on=LAST)["proposals"] == 2
    assert len(approve.pending(site, "kokuho")) == 2
    gone = kit.run(site, "kokuho_monthly", "2025-09", business_on=OVER)
    assert ([o["version"] for o in gone["outputs"]], gone["proposals"]) == ([2, 2], 0)
    assert {d for (d,) in kit.query(site, "select decision from ledger.approval where kind = 'kokuho'")} == {"superseded"}


def test_否認された月はひとりでには出ない(after: After) -> None:
    site = after(whole, asked)
    approve.decide(site, "kokuho", None, "shounin01", "rejected", "誤り")
    made = kit.run(site, "kokuho_monthly", "2025-09", business_on=OVER)
    assert (made["outputs"], made["proposals"]) == ([], 2)
    assert all("否認された版がある" in item.subject and "版02" in item.subject for item in approve.pending(site, "kokuho"))


def test_保留した資格は処理結果表に件数が出る(after: After) -> None:
    site = after(whole)
    kit.insured(site, [{"atena_no": no(9)}], on=LAST)
    made = kit.run(site, "kokuho_monthly", "2025-09", business_on=LAST)
    sheet = receipt(site, made["run_id"], Reported)
    assert sheet and "保留 1 件" in Path(sheet.text).read_text(encoding="utf-8")
    assert len(list(site.outbox.rglob("KOKUHO*_01_保留一覧.xlsx"))) == 2  # the second person sees what would be left out
