"""進達の候補: 確認された受付の最新の改訂と、市が職権で報告する喪失だけ。表の1行が1人で、11月15日の進達の前後の出来事を全員一緒に流す。

受付: 状=状態 届=届書種別 事=事由。「未」は確認者なし、「同」は入力者と同じ確認者。進達の「済」は15日に報告したもので、ほかはその後に届く。
結果: 17日の処理結果。返=返戻 同=受付のとおり 違=別の日。改訂: 18日の改訂（2版）。候補: 新、再（返戻の後の再進達）。
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest

from etl import approve
from etl.site import Site
from tests import shintatsu
from tests.conftest import After, Once
from tests.rules import sono_go
from tests.shintatsu import filed

BEFORE, OPENED, RESULTS, REVISED = date(2027, 11, 3), date(2027, 11, 9), date(2027, 11, 17), date(2027, 11, 18)

INTAKES = kit.table("""
| 事例                               | 受付              | 進達 | 結果 | 改訂    | 候補 |
|------------------------------------|-------------------|------|------|---------|------|
| 受付                               | 状=1              |      |      |         | 新   |
| 審査中                             | 状=2              |      |      |         | 新   |
| 取下げ                             | 状=3              |      |      |         |      |
| 進達済と届いたもの（紙の進達）     | 状=4              |      |      |         |      |
| 返戻と届いたもの                   | 状=5              |      |      |         | 新   |
| 結果登録済                         | 状=6              |      |      |         |      |
| 未確認                             | 状=1 未           |      |      |         |      |
| 入力者が自分で確認したもの         | 状=1 同           |      |      |         |      |
| 死亡の喪失届は報告しない           | 状=1 届=02 事=51  |      |      |         |      |
| 60歳の喪失届は報告しない           | 状=1 届=02 事=53  |      |      |         |      |
| ほかの喪失届は報告する             | 状=1 届=02 事=54  |      |      |         | 新   |
| 死亡届は報告する                   | 状=1 届=06        |      |      |         | 新   |
| 最新の改訂だけ                     | 状=1              |      |      | 状=1    | 新   |
| 改訂で取下げ                       | 状=1              |      |      | 状=3    |      |
| 改訂が未確認                       | 状=1              |      |      | 状=1 未 |      |
| 未確認の後に確認                   | 状=1 未           |      |      | 状=1    | 新   |
| 報告の前に結果が来た               | 状=1              |      | 同   |         |      |
| 報告の前に違う結果が来た           | 状=1              |      | 違   |         |      |
| 紙の進達の返戻                     | 状=4              |      | 返   |         |      |
| 紙の進達の返戻の後の改訂           | 状=4              |      | 返   | 状=1    | 新   |
| 報告した                           | 状=1              | 済   |      |         |      |
| 報告の後の改訂は返戻でなければ出ない | 状=1            | 済   |      | 状=1    |      |
| 報告の後の返戻は改訂まで待つ       | 状=1              | 済   | 返   |         |      |
| 返戻の後の改訂                     | 状=1              | 済   | 返   | 状=1    | 再   |
| 返戻の改訂                         | 状=1              | 済   | 返   | 状=5    | 再   |
| 一覧の前に届いた返戻の改訂         | 状=1              | 済   |      | 状=5    | 再   |
| 返戻の後の取下げ                   | 状=1              | 済   | 返   | 状=3    |      |
| 返戻の後の改訂が未確認             | 状=1              | 済   | 返   | 状=1 未 |      |
| 報告の後の結果                     | 状=1              | 済   | 同   |         |      |
| 結果の後の改訂                     | 状=1              | 済   | 同   | 状=1    |      |
""")

# 異動: 22=国外転出 21=国内転出 23=死亡 28=取消し、二つ目は17日の夜。承認: した異動の数。届出: 本人の喪失届
LOSSES = kit.table("""
| 事例                           | 異動              | 承認 | 届出              | 進達 | 結果 | 候補 |
|--------------------------------|-------------------|------|-------------------|------|------|------|
| 国外転出                       | 22 10-30          | 1    |                   |      |      | 新1  |
| 承認を待つもの                 | 22 10-30          | 0    |                   |      |      |      |
| 死亡（51）は報告しない         | 23 10-30          | 1    |                   |      |      |      |
| 国内転出（58）は報告しない     | 21 10-30          | 1    |                   |      |      |      |
| 承認の後の取消し               | 22 10-30、28 11-24 | 2    |                   |      |      |      |
| 取消しが承認を待つ             | 22 10-30、28 11-24 | 1    |                   |      |      | 新1  |
| 承認の後の訂正                 | 22 10-30、22 11-01 | 2    |                   |      |      | 新2  |
| 本人が届け出たもの             | 22 10-30          | 1    | 状=1 届=02 事=52  |      |      |      |
| 本人の届出の取下げ             | 22 10-30          | 1    | 状=3 届=02 事=52  |      |      | 新1  |
| 本人の届出が別の事由           | 22 10-30          | 1    | 状=1 届=02 事=54  |      |      | 新1  |
| 結果で確認された               | 22 10-30          | 1    |                   |      | 同   |      |
| 別の日の結果                   | 22 10-30          | 1    |                   |      | 違   | 新1  |
| 報告した                       | 22 10-30          | 1    |                   | 済   |      |      |
| 報告した後の返戻               | 22 10-30          | 1    |                   | 済   | 返   | 再1  |
| 報告した後の結果               | 22 10-30          | 1    |                   | 済   | 同   |      |
| 報告した後の訂正               | 22 10-30、22 11-01 | 2    |                   | 済   |      | 新2  |
""")
for number, case in enumerate([*INTAKES, *LOSSES], 1):
    case["番号"] = str(number)

MARKS = {"状": "jotai_code", "届": "todoke_code", "事": "jiyu_code"}
STATE = {"22": "2", "21": "2", "23": "3"}


def _intake(case: dict[str, Any], said: str, **more: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for mark in said.split():
        name, _, value = mark.partition("=")
        cells |= {MARKS[name]: value} if value else {"kakunin_user": None if name == "未" else "u001"}
    if cells.get("todoke_code") == "02":
        cells["gaitou_on"] = date(2026, 10, 31)
    elif cells.get("todoke_code") == "06":
        cells["shibou_on"] = date(2026, 10, 30)
    return filed(int(case["番号"]), **cells, **more)


def _moves(case: dict[str, Any], night: int) -> list[dict[str, Any]]:
    """宛名 of the person as it was, and what happened by that night."""
    atena_no = kit.no(case["番号"])
    found = [{"atena_no": atena_no, "kojin_no": kit.kojin_no(int(case["番号"]))}]
    for rireki_no, said in enumerate(case["異動"].split("、")[:night], 2):
        jiyu, day = said.split()
        about = {"idou_jiyu_code": jiyu, "idou_on": date.fromisoformat(f"2026-{day}"), "jumin_jotai_code": STATE.get(jiyu, "1")}
        found.append({**found[0], **about, "rireki_no": rireki_no})
    return found if night == 1 else found[night:]


def _approved(site: Site, night: int) -> None:
    waiting = kit.query(
        site,
        "select atena_no, approval_id from pension.idou_proposal join ledger.approval using (approval_id) where decision is null",
    )
    yes = {kit.no(c["番号"]) for c in LOSSES if int(c["承認"]) >= night}
    approve.decide(site, "idou", [approval_id for atena_no, approval_id in waiting if atena_no in yes], "shounin01")


def _results(site: Site) -> list[dict[str, Any]]:
    made = []
    for case in INTAKES:
        intake = _intake(case, case["受付"])
        made.append((case, {k: intake.get(k) for k in ("uketsuke_no", "kiso_nenkin_no", "jiyu_code", "gaitou_on")} | {
            "todoke_code": intake.get("todoke_code", "01")
        }))  # fmt: skip
    numbers = _numbers(site)
    for case in LOSSES:
        lost = {"kiso_nenkin_no": kit.kiso(case["番号"]), "todoke_code": "02", "jiyu_code": "52", "gaitou_on": date(2026, 10, 31)}
        made.append(
            (case, lost | ({"uketsuke_no": numbers[kit.no(case["番号"])][0]} if case["進達"] and case["結果"] == "返" else {}))
        )
    said = {
        "返": {"kekka_code": "05", "henrei_code": "02"}, "同": {}, "違": {"gaitou_on": date(2026, 11, 9)},
    }  # fmt: skip
    return [row | said[case["結果"]] for case, row in made if case["結果"]]


def _numbers(site: Site) -> dict[str, list[str]]:
    """宛名番号 -> the numbers that its losses are reported under, in the order in which they were approved."""
    found: dict[str, list[str]] = {}
    for atena_no, approval_id in kit.query(site, "select atena_no, approval_id from pension.idou_proposal order by approval_id"):
        found.setdefault(atena_no, []).append(f"9{approval_id:014}")
    return found


def live(site: Site) -> None:
    """What happened to everybody, up to the revisions of the 18th."""
    kit.insured(site, [{"atena_no": kit.no(c["番号"])} for c in LOSSES], BEFORE)
    first, later = ([c for c in INTAKES if bool(c["進達"]) == sent] for sent in (True, False))
    moving = [c for c in LOSSES if c["進達"]]
    resident = [{"atena_no": kit.no(c["番号"])} for c in INTAKES]
    kit.uketsuke(site, [_intake(c, c["受付"]) for c in first], BEFORE)
    kit.juki(site, [*resident, *(r for c in moving for r in _moves(c, 1))], BEFORE)
    for job in ("uketsuke_daily", "juki_daily"):
        assert kit.run(site, job, BEFORE)["error"] is None
    _approved(site, 1)
    sono_go.reported(site, OPENED)
    filed_by = [_intake(c, c["届出"], uketsuke_no=f"2026112{int(c['番号']):08}") for c in LOSSES if c["届出"]]
    kit.uketsuke(site, [*(_intake(c, c["受付"]) for c in later), *filed_by], sono_go.SENT, 2)
    kit.juki(site, [r for c in LOSSES if not c["進達"] for r in _moves(c, 1)], sono_go.SENT, 2)
    for job in ("uketsuke_daily", "juki_daily"):
        assert kit.run(site, job, sono_go.SENT)["error"] is None
    _approved(site, 1)
    kit.juki(site, [r for c in LOSSES for r in _moves(c, 2)], RESULTS, 3)
    assert kit.run(site, "juki_daily", RESULTS)["error"] is None
    _approved(site, 2)
    sono_go.answered(site, _results(site), RESULTS)
    kit.uketsuke(
        site, [_intake(c, f"{c['受付'].replace('未', '')} {c['改訂']}", rev=2) for c in INTAKES if c["改訂"]], REVISED, 3
    )
    assert kit.run(site, "uketsuke_daily", REVISED)["error"] is None


@pytest.mark.parametrize("case", INTAKES, ids=lambda c: c["事例"])
def test_受付(once: Once, case: dict[str, Any]) -> None:
    site = once(live)
    no = filed(int(case["番号"]))["uketsuke_no"]
    assert {None: None, False: "新", True: "再"}[sono_go.candidates(site).get(no)] == case["候補"]
    if case["候補"]:
        wanted = 2 if case["改訂"] else 1
        rev = "select u.rev from pension.shintatsu_kouho as c join pension.uketsuke as u using (uketsuke_id) where c.uketsuke_no = :no"
        assert kit.query(site, rev, no=no) == [(wanted,)]


@pytest.mark.parametrize("case", LOSSES, ids=lambda c: c["事例"])
def test_職権の喪失(once: Once, case: dict[str, Any]) -> None:
    site = once(live)
    found, numbers = sono_go.candidates(site), _numbers(site).get(kit.no(case["番号"]), [])
    said = [f"{'再' if found[no] else '新'}{n}" for n, no in enumerate(numbers, 1) if no in found]
    assert said == ([case["候補"]] if case["候補"] else [])


def test_ほかに候補はない(once: Once) -> None:
    by_themselves = {n for each in _numbers(once(live)).values() for n in each}
    found = set(sono_go.candidates(once(live))) - by_themselves
    filed_by = {f"2026112{int(c['番号']):08}" for c in LOSSES if c["届出"] and "状=3" not in c["届出"]}
    assert found == {filed(int(c["番号"]))["uketsuke_no"] for c in INTAKES if c["候補"]} | filed_by


def test_再進達は同じ受付番号で_返戻がもう一度なければその後の改訂は出ない(after: After) -> None:
    site = after(live)
    case = next(c for c in INTAKES if c["事例"] == "返戻の後の改訂")
    no = filed(int(case["番号"]))["uketsuke_no"]
    sono_go.reported(site, date(2027, 11, 19), date(2027, 11, 22))
    revisions = """select u.rev, k.uketsuke_no from pension.shintatsu_kiroku as k join pension.uketsuke as u using (uketsuke_id)
        where k.uketsuke_no = :no order by 1"""
    assert kit.query(site, revisions, no=no) == [(1, no), (2, no)]
    assert sono_go.candidates(site).keys() == set(), "all that could go is gone"
    kit.uketsuke(site, [_intake(case, "状=1", rev=3)], date(2027, 11, 23), 4)
    assert kit.run(site, "uketsuke_daily", date(2027, 11, 23))["error"] is None
    assert no not in sono_go.candidates(site)
    sono_go.answered(site, [{"uketsuke_no": no, "kekka_code": "05", "henrei_code": "02"}], date(2027, 11, 24), 2)
    assert sono_go.candidates(site)[no]


def test_不受理の媒体のものは_また候補になる(after: After) -> None:
    site = after(live)
    before = sono_go.candidates(site)
    report = sono_go.reported(site, date(2027, 11, 19), date(2027, 11, 22))
    assert not sono_go.candidates(site)
    sono_go.received(site, report, date(2027, 11, 22) + timedelta(days=1), refused=True)
    assert sono_go.candidates(site) == before
    assert {shintatsu.OFFICE} == {
        office for (office,) in kit.query(site, "select distinct jimusho_code from pension.shintatsu_kouho")
    }
