"""登録: 承認された処理結果だけが、届書ごとに資格・付加・免除・裁定受付・年金基本を新しい版で変える。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.errors import Refused
from etl.core.law import touroku
from etl.site import Site
from tests.conftest import After, Once

NEXT = DAY + timedelta(days=1)
ONE = {"uketsuke_no": no(1), "atena_no": no(1), "kiso_nenkin_no": kit.kiso(1)}

EFFECTS = kit.table("""
| 事例                         | 届 | 結果 | 該当       | 事由 | 種別 | 免除 | 始期       | すること                              |
|------------------------------|----|------|------------|------|------|------|------------|---------------------------------------|
| 取得届                       | 01 | 01   | 2025-09-01 | 03   | 1    |      |            | kekka_kihon kekka_shutoku             |
| 任意加入                     | 07 | 01   | 2025-09-01 | 05   | 4    |      |            | kekka_kihon kekka_shutoku             |
| 取得届に該当年月日がない     | 01 | 01   |            | 03   | 1    |      |            | 不足                                  |
| 喪失届                       | 02 | 01   | 2025-09-01 | 54   |      |      |            | kekka_soushitsu                       |
| 任意喪失                     | 08 | 01   | 2025-09-01 | 57   |      |      |            | kekka_soushitsu                       |
| 種別変更                     | 03 | 01   | 2025-09-01 | 03   | 1    |      |            | kekka_shubetsu                        |
| 死亡届                       | 06 | 01   | 2025-09-01 | 51   |      |      |            | kekka_soushitsu                       |
| 氏名変更は何も変えない       | 04 | 01   | 2025-09-01 |      |      |      |            |                                       |
| 通知書再交付は何も変えない   | 09 | 01   |            |      |      |      |            |                                       |
| 付加の申出                   | 21 | 01   | 2025-09-01 |      |      |      |            | kekka_fuka                            |
| 付加の辞退                   | 22 | 01   | 2025-09-01 |      |      |      |            | kekka_fuka_dattai                     |
| 法定免除該当                 | 31 | 01   |            | 71   |      | 10   | 2025-09-01 | kekka_menjo                           |
| 法定免除消滅                 | 32 | 01   | 2025-09-01 | 74   |      |      |            | kekka_menjo_shoumetsu                 |
| 免除の承認                   | 41 | 02   |            |      |      | 20   | 2025-07-01 | kekka_menjo                           |
| 免除の一部承認               | 41 | 03   |            |      |      | 22   | 2025-07-01 | kekka_menjo                           |
| 免除の却下                   | 41 | 04   |            |      |      | 00   |            | kekka_menjo_kyakka                    |
| 学生納付特例                 | 42 | 02   |            |      |      | 40   | 2025-04-01 | kekka_menjo                           |
| 法定免除の始期は該当日から   | 31 | 01   | 2025-09-01 | 71   |      |      |            | kekka_menjo                           |
| 法定免除の始期も該当日もない | 31 | 01   |            | 71   |      |      |            | 不足                                  |
| 免除の取消し                 | 35 | 01   | 2025-09-01 |      |      |      |            | kekka_menjo_torikeshi                 |
| 免除の取消しに該当日がない   | 35 | 01   |            |      |      |      |            | 不足                                  |
| 免除の取消しの却下           | 35 | 04   | 2025-09-01 |      |      |      |            |                                       |
| 法定免除期間の納付申出       | 36 | 01   | 2025-09-01 |      |      |      |            |                                       |
| 農業者年金の付加             | 23 | 01   | 2025-09-01 |      |      |      |            |                                       |
| 産前産後の却下も記録する     | 33 | 04   |            |      |      |      |            | kekka_menjo_kyakka                    |
| 産前産後に終期がない         | 33 | 01   |            |      |      | 50   | 2025-09-01 | 不足                                  |
| 特別一時金                   | 63 | 01   |            |      |      |      |            | kekka_saitei                          |
| 支給停止の申請は何も変えない | 62 | 01   |            |      |      |      |            |                                       |
| 取得届の却下は何も変えない   | 01 | 04   | 2025-09-01 | 03   | 1    |      |            |                                       |
| 裁定                         | 51 | 01   |            |      |      |      |            | kekka_saitei                          |
| 裁定の却下も記録する         | 54 | 04   |            |      |      |      |            | kekka_saitei                          |
| 受給権者届出は何も変えない   | 59 | 01   |            |      |      |      |            |                                       |
| 返戻は何も変えない           | 01 | 05   | 2025-09-01 | 03   | 1    |      |            |                                       |
""")


@pytest.mark.parametrize("case", EFFECTS, ids=lambda c: c["事例"])
def test_届書ごとにすることが決まっている(case: dict[str, str | None]) -> None:
    result = touroku.Result(
        case["届"], case["結果"], kit.day(case["該当"]), case["事由"], case["種別"], case["免除"], kit.day(case["始期"]),
    )  # fmt: skip
    found = touroku.effects(result)
    assert ("不足" if found is None else " ".join(e.name for e in found)) == (case["すること"] or "")


def test_死亡は翌日に資格を失う() -> None:
    found = touroku.effects(touroku.Result("06", "01", date(2025, 9, 30)))
    assert found and found[0].params == {"lost_on": date(2025, 10, 1), "soushitsu_jiyu_code": "51"}


def insure(site: Site) -> None:
    """A person with an open 資格."""
    kit.insured(site, [{"atena_no": no(1), "acquired_on": date(2015, 4, 1)}])


def take_in(site: Site, intake: dict[str, Any], on: date = DAY) -> None:
    kit.uketsuke(site, [{**ONE, "jotai_code": "4", **intake}], on=on, seq=1 + (on - DAY).days)
    kit.run(site, "uketsuke_daily", on)


def settle(site: Site, intake: dict[str, Any], *results: dict[str, Any]) -> None:
    """The person's intake, and results of 日本年金機構; everything is approved by another person."""
    take_in(site, intake)
    deliver(site, *results)


def deliver(site: Site, *results: dict[str, Any], on: date = DAY) -> dict[str, Any]:
    kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(1), "uketsuke_no": no(1), "gaitou_on": None, **r} for r in results], on=on)
    assert kit.run(site, "kikou_kekka", on)["error"] is None
    return kit.approve_all(site, "kikou_kekka")


def shikaku(site: Site, kiso: str | None = None) -> list[tuple[Any, ...]]:
    return kit.query(
        site,
        "select shubetsu_code, acquired_on::text, lost_on::text, soushitsu_jiyu_code from pension.shikaku "
        "where superseded_at is null and kiso_nenkin_no is not distinct from coalesce(:kiso, kiso_nenkin_no) order by 2",
        kiso=kiso,
    )


def notes(site: Site, who: str | None = None) -> int:
    sql = "select count(*) from pension.worklist where kind = '処理結果' and atena_no = coalesce(:who, atena_no)"
    return kit.query(site, sql, who=who)[0][0]


ACQUIRED = {"todoke_code": "01", "gaitou_on": date(2025, 9, 1), "jiyu_code": "03", "shubetsu_code": "1"}


def apply(site: Site) -> None:
    take_in(site, ACQUIRED)


def acquire(site: Site) -> None:
    deliver(site, ACQUIRED)


def test_取得_年金基本がなければ作り資格ができる(after: After) -> None:
    site = after(apply, acquire)
    assert shikaku(site) == [("1", "2025-09-01", None, None)]
    assert kit.query(site, "select kiso_nenkin_no, approval_id is not null from pension.nenkin_kihon") == [(kit.kiso(1), True)]


def test_取得_続いている資格があれば確認リストだけ(after: After) -> None:
    site = after(insure)
    settle(site, ACQUIRED, ACQUIRED)
    assert shikaku(site) == [("1", "2015-04-01", None, None)] and notes(site) == 1


def test_喪失_職権で受付がなくても登録し前の版は残る(after: After) -> None:
    site = after(insure)
    lost = {"todoke_code": "02", "gaitou_on": date(2025, 9, 10), "jiyu_code": "54"}
    deliver(site, {**lost, "uketsuke_no": None, "shokken_flag": True})
    assert shikaku(site) == [("1", "2015-04-01", "2025-09-10", "54")]
    assert kit.query(site, "select count(*) from pension.shikaku where superseded_at is not null and lost_on is null") == [(1,)]


def test_喪失_合う資格がなければ確認リストだけ(site: Site) -> None:
    lost = {"todoke_code": "02", "jiyu_code": "54"}
    settle(site, lost, {**lost, "gaitou_on": date(2025, 9, 10)})
    assert shikaku(site) == [] and notes(site) == 1


def test_不一致は機構の値で登録する(after: After) -> None:
    site = after(insure)
    lost = {"todoke_code": "02", "gaitou_on": date(2025, 9, 1), "jiyu_code": "54"}
    settle(site, lost, {**lost, "gaitou_on": date(2025, 9, 2), "jiyu_code": "55"})
    assert shikaku(site) == [("1", "2015-04-01", "2025-09-02", "55")]


def test_種別変更(after: After) -> None:
    site = after(insure)
    settle(site, {"todoke_code": "03"}, {"todoke_code": "03", "gaitou_on": date(2025, 9, 1), "shubetsu_code": "4"})
    rows = kit.query(site, "select shubetsu_code, shubetsu_henkou_on::text from pension.shikaku where superseded_at is null")
    assert rows == [("4", "2025-09-01")]


def test_免除_一部承認の種類と期間で決定になる(after: After) -> None:
    site = after(insure)
    asked = {"menjo_code": "20", "menjo_from_month": date(2025, 7, 1), "menjo_to_month": date(2026, 6, 1)}
    given = {"kekka_code": "03", "menjo_code": "22", "from_month": date(2025, 8, 1), "to_month": date(2026, 6, 1)}
    settle(site, {"todoke_code": "41", **asked}, {"todoke_code": "41", **given})
    rows = kit.query(
        site, "select menjo_code, from_month::text, saitei_kekka_code, kettei_flag from pension.menjo where superseded_at is null"
    )
    assert rows == [("22", "2025-08-01", "03", True)]


def test_一緒に承認しても_後の登録は先の登録の後の姿を見る(site: Site) -> None:
    """The first result gives the person a 基礎年金番号; the second, without one, is written with it."""
    exempted = {"todoke_code": "31", "kiso_nenkin_no": None}
    kit.uketsuke(site, [{**ONE, **ACQUIRED, "jotai_code": "4"}, {**ONE, **exempted, "uketsuke_no": no(2), "jotai_code": "4"}])
    kit.run(site, "uketsuke_daily", DAY)
    done = deliver(site, ACQUIRED, {**exempted, "uketsuke_no": no(2), "menjo_code": "10", "from_month": date(2025, 9, 1)})
    assert done["approved"] == 2 and notes(site) == 0
    rows = kit.query(site, "select kiso_nenkin_no, menjo_code from pension.menjo where superseded_at is null")
    assert rows == [(kit.kiso(1), "10")]


def test_法定免除の該当と消滅(after: After) -> None:
    site = after(insure)
    settle(site, {"todoke_code": "31"}, {"todoke_code": "31", "menjo_code": "10", "from_month": date(2025, 7, 1)})
    take_in(site, {"uketsuke_no": no(2), "todoke_code": "32"}, on=NEXT)
    deliver(site, {"uketsuke_no": no(2), "todoke_code": "32", "gaitou_on": date(2025, 9, 20)}, on=NEXT)
    rows = kit.query(site, "select menjo_code, shoumetsu_on::text from pension.menjo where superseded_at is null")
    assert rows == [("10", "2025-09-20")]


def test_付加の加入と脱退(after: After) -> None:
    site = after(insure)
    settle(site, {"todoke_code": "21"}, {"todoke_code": "21", "gaitou_on": date(2025, 8, 1)})
    take_in(site, {"uketsuke_no": no(2), "todoke_code": "22"}, on=NEXT)
    deliver(site, {"uketsuke_no": no(2), "todoke_code": "22", "gaitou_on": date(2025, 9, 20)}, on=NEXT)
    assert kit.query(
        site, "select kanyu_on::text, dattai_on::text, kettei_flag from pension.fuka where superseded_at is null"
    ) == [("2025-08-01", "2025-09-20", True)]


def test_裁定結果(site: Site) -> None:
    asked = {"todoke_code": "51", "nenkin_code": "1150"}
    settle(site, asked, {**asked, "kekka_code": "02"})
    rows = kit.query(site, "select kekka_code, kettei_flag from pension.saitei_rorei where superseded_at is null")
    assert rows == [("02", True)]


def test_返戻は受付を開き_再提出の結果で閉じる(after: After) -> None:
    site = after(apply)
    deliver(site, {**ACQUIRED, "kekka_code": "05", "henrei_code": "02"})
    assert shikaku(site) == [] and notes(site) == 0
    assert kit.run(site, "kikou_kekka", NEXT)["outcomes"] == {}
    assert kit.query(site, "select outcome from pension.uketsuke_outcome(:d)", d=NEXT) == [("returned",)]
    take_in(site, {**ACQUIRED, "rev": 2}, on=NEXT)
    assert kit.query(site, "select outcome from pension.uketsuke_outcome(:d)", d=NEXT) == [("waiting",)]
    deliver(site, ACQUIRED, on=NEXT)
    assert kit.query(site, "select outcome from pension.uketsuke_outcome(:d)", d=NEXT) == [("matched",)]
    assert shikaku(site) == [("1", "2025-09-01", None, None)]


def test_取消は登録したことを新しい版で元に戻す(after: After) -> None:
    site = after(insure)
    lost = {"todoke_code": "02", "gaitou_on": date(2025, 9, 10), "jiyu_code": "54"}
    settle(site, lost, lost)
    assert shikaku(site) == [("1", "2015-04-01", "2025-09-10", "54")]
    deliver(site, {**lost, "kekka_code": "06"}, on=NEXT)
    assert shikaku(site) == [("1", "2015-04-01", None, None)] and notes(site) == 0
    assert kit.query(site, "select count(*) from pension.shikaku") == [(3,)], "nothing is overwritten"


def test_取得の取消で資格はなくなるが行は残る(after: After) -> None:
    site = after(apply, acquire)
    deliver(site, {**ACQUIRED, "kekka_code": "06"}, on=NEXT)
    assert shikaku(site) == []
    assert kit.query(site, "select count(*) from pension.shikaku") == [(1,)]


def test_取得_基礎年金番号がどこにもなければ確認リストだけ(site: Site) -> None:
    settle(site, {**ACQUIRED, "kiso_nenkin_no": None}, {**ACQUIRED, "kiso_nenkin_no": None})
    assert shikaku(site) == [] and notes(site) == 1
    assert kit.query(site, "select count(*) from pension.nenkin_kihon") == [(0,)]


def test_重複と保留は承認に出ない(after: After) -> None:
    site = after(apply)
    deliver(site, ACQUIRED, ACQUIRED)
    assert kit.query(site, "select count(*) from pension.kekka_touroku") == [(1,)]


UNASKED = kit.table("""
| 事例                               | 届 | 結果 | 該当       | 事由 | 種別 | 免除 | 始期       | 資格                              | 免除の記録                |
|------------------------------------|----|------|------------|------|------|------|------------|-----------------------------------|---------------------------|
| 氏名変更は記録だけ                 | 04 | 01   | 2025-09-01 |      |      |      |            | 4 2015-04-01                      |                           |
| 住所変更は記録だけ                 | 05 | 01   | 2025-09-01 |      |      |      |            | 4 2015-04-01                      |                           |
| 死亡は翌日に資格を失う             | 06 | 01   | 2025-09-01 | 51   |      |      |            | 4 2015-04-01 2025-09-02 51        |                           |
| 法定免除の確認                     | 31 | 01   | 2025-09-01 | 71   |      | 10   | 2025-08-01 | 4 2015-04-01                      | 10 2025-08-01 01          |
| 免除の継続の承認                   | 41 | 02   |            |      |      | 20   | 2025-07-01 | 4 2015-04-01                      | 20 2025-07-01 02          |
| 免除の却下は受付がなければ記録だけ | 41 | 04   |            |      |      | 00   |            | 4 2015-04-01                      |                           |
| 学生納付特例の承認                 | 42 | 02   |            |      |      | 40   | 2025-04-01 | 4 2015-04-01                      | 40 2025-04-01 02          |
| 種別4から種別5への変更             | 03 | 01   | 2025-09-01 |      | 5    |      |            | 5 2015-04-01                      |                           |
""")


def deliver_unasked(site: Site) -> None:
    """A person of each case; all results in one list."""
    people = list(enumerate(UNASKED, 1))
    kit.insured(site, [{"atena_no": no(n), "shubetsu_code": "4"} for n, _ in people])
    approved = deliver(site, *({
        "kiso_nenkin_no": kit.kiso(n), "uketsuke_no": None, "todoke_code": c["届"], "kekka_code": c["結果"], "gaitou_on": kit.day(c["該当"]),
        "jiyu_code": c["事由"], "shubetsu_code": c["種別"], "menjo_code": c["免除"], "from_month": kit.day(c["始期"]),
    } for n, c in people))  # fmt: skip
    assert approved["approved"] == len(UNASKED) and notes(site) == 0
    assert len(shikaku(site)) == len(UNASKED)
    exempted = sum(bool(c["免除の記録"]) for c in UNASKED)
    assert kit.query(site, "select count(*) from pension.menjo where superseded_at is null") == [(exempted,)]


@pytest.mark.parametrize("case", UNASKED, ids=lambda c: c["事例"])
def test_理由のある受付のない結果は受付のあるものと同じに登録する(once: Once, case: dict[str, str | None]) -> None:
    site, kiso = once(deliver_unasked), kit.kiso(1 + UNASKED.index(case))
    assert [" ".join(c for c in row if c) for row in shikaku(site, kiso)] == [case["資格"]]
    found = kit.query(
        site, "select menjo_code, from_month::text, saitei_kekka_code from pension.menjo where superseded_at is null "
        "and kiso_nenkin_no = :kiso", kiso=kiso,
    )  # fmt: skip
    assert [" ".join(row) for row in found] == ([case["免除の記録"]] if case["免除の記録"] else [])


def deliver_tokurei(site: Site) -> None:
    """The person 1 has lost 種別4, the person 2 not yet; both become 種別5."""
    kit.insured(site, [{"atena_no": no(n), "shubetsu_code": "4", "lost_on": on} for n, on in ((1, date(2025, 9, 1)), (2, None))])
    entered = {"todoke_code": "07", "gaitou_on": date(2025, 9, 1), "jiyu_code": "05", "shubetsu_code": "5"}
    deliver(site, *({"uketsuke_no": None, "kiso_nenkin_no": kit.kiso(n), **entered} for n in (1, 2)))


@pytest.mark.parametrize(("person", "made", "noted"), [(1, 2, 0), (2, 1, 1)], ids=["喪失の登録の後", "喪失の登録の前"])
def test_種別4を失った人の種別5は新しい資格になり_失う前なら確認リストだけ(
    once: Once, person: int, made: int, noted: int
) -> None:
    site = once(deliver_tokurei)
    has = shikaku(site, kit.kiso(person))
    assert (len(has), notes(site, no(person))) == (made, noted)
    assert has[1:] == [("5", "2025-09-01", None, None)][: made - 1]


def test_法定免除の消滅も受付なしで登録する(site: Site) -> None:
    legal = {"kiso_nenkin_no": kit.kiso(1), "menjo_code": "10", "from_month": date(2024, 4, 1), "saitei_kekka_code": "01"}
    kit.ikou(site, "ikou_menjo", [legal])
    kit.insured(site, [{"atena_no": no(1)}])
    deliver(site, {"uketsuke_no": None, "todoke_code": "32", "gaitou_on": date(2025, 9, 1), "jiyu_code": "74"})
    assert kit.query(site, "select shoumetsu_on::text from pension.menjo where superseded_at is null") == [("2025-09-01",)]


def test_説明のつかない結果と二つ目の結果は起案しない(after: After) -> None:
    site = after(apply)
    deliver(site, ACQUIRED, {**ACQUIRED, "kekka_code": "04"}, ACQUIRED)
    deliver(site, {"uketsuke_no": None, "kiso_nenkin_no": kit.kiso(9), "todoke_code": "21"}, on=NEXT)
    assert kit.query(site, "select count(*) from pension.kekka_touroku") == [(1,)]


def test_起案した職員は承認できない(after: After) -> None:
    site = after(apply)
    kit.kekka(site, [{**ACQUIRED, "kiso_nenkin_no": kit.kiso(1), "uketsuke_no": no(1)}])
    kit.run(site, "kikou_kekka", DAY)
    with pytest.raises(Refused) as refused:
        kit.approve_all(site, "kikou_kekka", "sousa01")
    assert refused.value.code == "NP-2030" and shikaku(site) == []


def test_候補を確認すると次の突合で一致になり登録できる(site: Site) -> None:
    take_in(site, {**ACQUIRED, "kiso_nenkin_no": None})
    kit.kekka(site, [{**ACQUIRED, "kiso_nenkin_no": kit.kiso(1)}])
    assert kit.run(site, "kikou_kekka", DAY)["outcomes"] == {"unexplained": 1, "waiting": 1}
    assert kit.approve_all(site, "kikou_kekka")["approved"] == 1 and shikaku(site) == []
    assert kit.run(site, "kikou_kekka", DAY)["outcomes"] == {"matched": 1}
    kit.approve_all(site, "kikou_kekka")
    assert shikaku(site) == [("1", "2025-09-01", None, None)]


def test_移転済みの月を変える登録は影響する移転を示す(after: After) -> None:
    site = after(insure)
    kit.juki(site, [{"atena_no": no(1)}], kubun="1")
    kit.run(site, "juki_daily", DAY)
    kit.month(site, "2025-08", reason="取り込む前の月")
    kit.month(site)
    lost = {"uketsuke_no": None, "todoke_code": "02", "gaitou_on": date(2025, 9, 10), "jiyu_code": "54", "shokken_flag": True}
    affected = deliver(site, lost)["affected"]
    assert [(a["period"], a["version"]) for a in affected] == [("2025-09", 1), ("2025-09", 1)]
    assert list((site.outbox / "ichiran" / "shounin").glob("影響する移転一覧_*.xlsx"))
