"""媒体通番: 001 から 999 まで、その後は 001。復元の後も、番号の控えを失っても、同じ番号を二度付けない。"""

from __future__ import annotations

import shutil

import kit
import pytest
from kit import code_of

from etl.door import numbers
from etl.shintatsu import after as answers
from etl.shintatsu import bango, freeze
from etl.shintatsu.reports import Report
from etl.site import Site
from tests import discs, shintatsu
from tests.conftest import After
from tests.shintatsu import DAY, OFFICE, filed

PAIRS = kit.table("""
| 事例                       | 一つ | 他  | 後のもの | 次  |
|----------------------------|------|-----|----------|-----|
| どこにもない               |      |     |          | 1   |
| 一方だけ                   |      | 7   | 7        | 8   |
| 同じ                       | 7    | 7   | 7        | 8   |
| 一つ先                     | 7    | 8   | 8        | 9   |
| 一つ遅れている             | 8    | 7   | 8        | 9   |
| 一巡した後                 | 998  | 2   | 2        | 3   |
| 一巡したことを知らない     | 2    | 998 | 2        | 3   |
| 999 の次                   | 998  | 999 | 999      | 1   |
| 半分までは先               | 1    | 500 | 500      | 501 |
| 半分を超えれば前の巡り     | 1    | 501 | 1        | 2   |
""")


@pytest.mark.parametrize("case", PAIRS, ids=[str(c["事例"]) for c in PAIRS])
def test_後に付けた番号と次の番号(case: dict[str, str | None]) -> None:
    one, other = (None if case[n] is None else int(str(case[n])) for n in ("一つ", "他"))
    last = bango.later(one, other)
    assert last == (None if case["後のもの"] is None else int(str(case["後のもの"])))
    assert bango.following(last) == int(str(case["次"]))


def agreed(site: Site) -> None:
    """A report is fixed and approved; its medium is not made."""
    shintatsu.take_in(site, [filed(1)])
    assert not shintatsu.opened(site)["error"]
    shintatsu.fixed(site)
    assert kit.approve_all(site, "shintatsu")["approved"] == 1


def given(site: Site) -> int:
    with site.session() as session:
        return bango.of(session, site, approved(site))


def approved(site: Site) -> Report:
    (report,) = shintatsu.reports_of(site, OFFICE)
    return report


KNOWN = kit.table("""
| 事例                         | 控え                | 出たファイル                  | 番号 |
|------------------------------|---------------------|-------------------------------|------|
| 初めて                       |                     |                               | 1    |
| 控えの次                     | 3101-900-007        |                               | 8    |
| 控えの順は書いた順           | 3101-900-007 3101-7-008 |                           | 9    |
| 999 の次は 001               | 3101-900-999        |                               | 1    |
| ほかの年金事務所の番号       | 3102-900-007        | 3102_20261101_009             | 1    |
| 控えを失った                 |                     | 3101_20261101_012             | 13   |
| 控えが古い                   | 3101-900-003        | 3101_20261101_012             | 13   |
| ファイルの方が古い           | 3101-900-013        | 3101_20261101_012             | 14   |
| 同じ日に一巡した             |                     | 3101_20261101_998 3101_20261101_999 3101_20261101_001 | 2 |
| 前の巡りのファイルだけがある | 3101-900-002        | 3101_20250401_998             | 3    |
| 新しい日のファイル           |                     | 3101_20250401_998 3101_20261101_004 | 5 |
""")


@pytest.mark.parametrize("case", KNOWN, ids=[str(c["事例"]) for c in KNOWN])
def test_どこにあっても最後の番号の次になる(after: After, case: dict[str, str | None]) -> None:
    site = after(agreed)
    for name in (case["控え"] or "").split():
        numbers.give(site, bango.SHELF, name, "-")
    for name in (case["出たファイル"] or "").split():
        end = site.outbox / "shintatsu" / name.split("_")[1] / f"KNTODOKE_{name}.CSV.end"
        end.parent.mkdir(parents=True, exist_ok=True)
        end.touch()
    assert [given(site), given(site)] == [int(str(case["番号"]))] * 2
    assert [n.rsplit("-", 1)[1] for n in numbers.given(site, bango.SHELF)][-1] == f"{int(str(case['番号'])):03}"


def test_止まった後は控えた番号で続き_欠番にならない(after: After) -> None:
    site = after(agreed)
    report = approved(site)
    assert report.decided_at
    numbers.give(site, bango.SHELF, f"{OFFICE}-{report.approval_id}-005", f"{report.decided_at.timestamp():.6f}")
    assert given(site) == 5


def test_前の状態に戻しても_先に出した番号は付けない(after: After) -> None:
    """The database is that of before; numbers/ knows what went since. The same approval goes on with its number, another one has the next."""
    went, restored = after(agreed), after(agreed)
    assert given(went) == 1
    shutil.copytree(went.home / "numbers", restored.home / "numbers", dirs_exist_ok=True)
    freeze.thaw(restored, shintatsu.run_of(restored), OFFICE)
    shintatsu.fixed(restored)
    kit.approve_all(restored, "shintatsu")
    assert given(restored) == 2
    same = after(agreed)
    shutil.copytree(went.home / "numbers", same.home / "numbers", dirs_exist_ok=True)
    assert given(same) == 1


def test_同じ番号の承認が別の承認なら_控えた番号は使わない(after: After) -> None:
    """After a restore the next approval has the number that one had which went."""
    site = after(agreed)
    numbers.give(site, bango.SHELF, f"{OFFICE}-{approved(site).approval_id}-001", "1700000000.000000")
    assert given(site) == 2


def test_取り消した確定の番号は欠番として台帳に残る(after: After) -> None:
    site = after(agreed)
    assert given(site) == 1
    freeze.thaw(site, shintatsu.run_of(site), OFFICE)
    report = shintatsu.made(site)
    assert report.name == f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_002.CSV"
    rows = kit.query(site, "select baitai_no, state, name from ledger.shintatsu_baitai order by 1")
    assert rows == [(1, "none", None), (2, "made", report.name)]


def test_一巡しても_同じ日に二回目でも_それぞれの番号の媒体になる(after: After) -> None:
    """999, given up, then 001 on the same day: each is read as what it is (tests/discs.py)."""
    site = after(agreed)
    numbers.give(site, bango.SHELF, f"{OFFICE}-900-998", "-")
    made = []
    for _ in range(2):
        made.append(shintatsu.made_now(site))
        answers.cancel(site, shintatsu.run_of(site), OFFICE)
        assert not shintatsu.opened(site)["error"]
        shintatsu.fixed(site)
        kit.approve_all(site, "shintatsu")
    assert made == [f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_{no}.CSV" for no in ("999", "001")]
    found = [discs.read(site, one, site.home) for one in discs.media(site)]
    assert [f and (f.number, len(f.records)) for f in found] == [("999", 1), ("001", 1)]


REFUSED = kit.table("""
| 事例                     | 前の番号 | 番号 | 承認   | 答え  |
|--------------------------|----------|------|--------|-------|
| 次の番号                 | 7        | 8    | 承認   |       |
| 同じ番号                 | 7        | 7    | 承認   | KN092 |
| 前の番号                 | 7        | 6    | 承認   | KN092 |
| 999 の次                 | 999      | 1    | 承認   |       |
| 半分を超えて先           | 7        | 600  | 承認   | KN092 |
| 取り消した確定           | 7        | 8    | 取消し | KN091 |
""")


@pytest.mark.parametrize("case", REFUSED, ids=[str(c["事例"]) for c in REFUSED])
def test_データベースも二度付けない(after: After, case: dict[str, str | None]) -> None:
    site = after(agreed)
    first = approved(site)
    numbers.give(site, bango.SHELF, f"{OFFICE}-0-{int(str(case['前の番号'])) - 1:03}", "-")
    assert given(site) == int(str(case["前の番号"]))
    freeze.thaw(site, shintatsu.run_of(site), OFFICE)
    shintatsu.fixed(site)
    kit.approve_all(site, "shintatsu")
    second = approved(site)
    if case["承認"] == "取消し":
        freeze.thaw(site, shintatsu.run_of(site), OFFICE)
    assert first.approval_id != second.approval_id

    def put() -> None:
        with site.session() as session, session.transaction():
            session.run(
                "shintatsu/number_put", approval_id=second.approval_id, shintatsu_id=second.shintatsu_id, jimusho_code=OFFICE,
                baitai_no=int(str(case["番号"])),
            )  # fmt: skip

    assert code_of(put) == {None: None, "KN091": "NP-4222", "KN092": "NP-4223"}[case["答え"]]
