"""免除の登録: 産前産後・育児は始期から終期まで、法定免除は該当日の前月から、取消申請は申請の前月から。取消はどれも元に戻す。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import no

from etl.site import Site
from tests.conftest import After, Once

ON = date(2026, 11, 10)
NEXT = ON + timedelta(days=1)
TERM = {"from_month": date(2026, 10, 1), "to_month": date(2027, 1, 1)}
Row = tuple[str, str, str | None, str | None]


def insure(site: Site, people: Sequence[int] = (1,)) -> None:
    kit.insured(site, [{"atena_no": no(person), "acquired_on": date(2015, 4, 1)} for person in people])


@pytest.fixture
def insured(after: After) -> Site:
    return after(insure)


def held(site: Site, *rows: dict[str, Any]) -> None:
    """免除 as the old system had it."""
    kit.ikou(site, "ikou_menjo", [{"kiso_nenkin_no": kit.kiso(1), "saitei_kekka_code": "02", **r} for r in rows], on=ON)
    assert kit.run(site, "ikou_once", ON)["error"] is None


def intake(site: Site, **row: Any) -> None:
    intakes(site, {1: row})


def intakes(site: Site, rows: dict[int, dict[str, Any]]) -> None:
    """What each person hands in; its 受付番号 is the person's own."""
    same = {"jotai_code": "4", "juri_on": ON}
    own = [{"uketsuke_no": no(n), "atena_no": no(n), "kiso_nenkin_no": kit.kiso(n), **same, **row} for n, row in rows.items()]
    kit.uketsuke(site, own, on=ON)
    assert kit.run(site, "uketsuke_daily", ON)["error"] is None


def settle(site: Site, on: date = ON, **result: Any) -> int:
    """A result of 日本年金機構 comes and is approved; how many were."""
    return settled(site, {1: result}, on)


def settled(site: Site, results: dict[int, dict[str, Any]], on: date = ON) -> int:
    """The same for several persons, in one list."""
    same = {"gaitou_on": None, "shori_on": on}
    kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(n), "uketsuke_no": no(n), **same, **row} for n, row in results.items()], on=on)
    assert kit.run(site, "kikou_kekka", on)["error"] is None
    return int(kit.approve_all(site, "kikou_kekka")["approved"])


def menjo(site: Site, person: int | None = None) -> list[Row]:
    """What is decided (for this person): 種類, 始期, 終期, 結果."""
    return kit.query(
        site, "select menjo_code, from_month::text, to_month::text, saitei_kekka_code from pension.menjo "
        "where superseded_at is null and kettei_flag and kiso_nenkin_no is not distinct from coalesce(:kiso, kiso_nenkin_no) "
        "order by menjo_code, from_month",
        kiso=person and kit.kiso(person),
    )  # type: ignore[return-value]  # fmt: skip


def notes(site: Site, person: int | None = None) -> int:
    """How many results (about this person) a person must look at."""
    sql = "select count(*) from pension.worklist where kind = '処理結果' and atena_no = coalesce(:atena_no, atena_no)"
    return kit.query(site, sql, atena_no=person and no(person))[0][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("todoke", "code"), [("33", "50"), ("34", "60")], ids=["産前産後", "育児"])
def test_始期から終期までの免除になり_取消で受付に戻る(insured: Site, todoke: str, code: str) -> None:
    given = {"todoke_code": todoke, "gaitou_on": date(2026, 11, 5)}
    intake(insured, **given, menjo_from_month=TERM["from_month"], menjo_to_month=TERM["to_month"])
    assert kit.query(insured, "select menjo_code, kettei_flag from pension.menjo where superseded_at is null") == [(code, False)]
    assert settle(insured, **given, **TERM, kekka_code="02") == 1
    assert menjo(insured) == [(code, "2026-10-01", "2027-01-01", "02")]
    settle(insured, NEXT, **given, **TERM, kekka_code="06")
    assert menjo(insured) == [] and notes(insured) == 0
    assert kit.query(insured, "select menjo_code, kettei_flag from pension.menjo where superseded_at is null") == [(code, False)]


BIRTH = {"todoke_code": "33", "gaitou_on": date(2026, 11, 5)}


def apply(site: Site) -> None:
    intake(site, **BIRTH)


def apply_for_term(site: Site) -> None:
    intake(site, **BIRTH, menjo_from_month=TERM["from_month"], menjo_to_month=TERM["to_month"])


def test_機構の月で登録される(after: After) -> None:
    site = after(insure, apply_for_term)
    settle(site, **BIRTH, from_month=date(2026, 8, 1), to_month=date(2027, 1, 1))
    assert menjo(site) == [("50", "2026-08-01", "2027-01-01", "01")]


def test_却下は申請の月に記録される(after: After) -> None:
    site = after(insure, apply_for_term)
    settle(site, **BIRTH, kekka_code="04")
    assert menjo(site) == [("50", "2026-10-01", "2027-01-01", "04")]


def test_返戻は何も登録しない(after: After) -> None:
    site = after(insure, apply)
    settle(site, **BIRTH, **TERM, kekka_code="05", henrei_code="02")
    assert menjo(site) == [] and notes(site) == 0


def test_終期のない産前産後は確認リストだけ(after: After) -> None:
    site = after(insure, apply)
    settle(site, **BIRTH, from_month=TERM["from_month"])
    assert menjo(site) == [] and notes(site) == 1


def test_産前産後は重なる申請免除を変えず_並んで残る(insured: Site) -> None:
    held(insured, {"menjo_code": "20", "from_month": date(2026, 7, 1), "to_month": date(2027, 6, 1)})
    apply(insured)
    settle(insured, **BIRTH, **TERM)
    assert menjo(insured) == [("20", "2026-07-01", "2027-06-01", "02"), ("50", "2026-10-01", "2027-01-01", "01")]


LEGAL = [(date(2026, 11, 1), "2026-10-01"), (date(2026, 10, 31), "2026-09-01"), (date(2026, 1, 1), "2025-12-01")]


def legal(site: Site) -> None:
    """A person for each case."""
    results = {n: {"todoke_code": "31", "gaitou_on": on, "jiyu_code": "71"} for n, (on, _) in enumerate(LEGAL, 1)}
    insure(site, list(results))
    intakes(site, results)
    first = kit.query(site, "select from_month::text from pension.menjo where superseded_at is null order by kiso_nenkin_no")
    assert first == [(first,) for _, first in LEGAL]
    assert settled(site, results) == len(menjo(site)) == len(LEGAL)


@pytest.mark.parametrize(("gaitou_on", "first"), LEGAL)
def test_法定免除の始期がなければ該当日の前月(once: Once, gaitou_on: date, first: str) -> None:
    assert menjo(once(legal), 1 + LEGAL.index((gaitou_on, first))) == [("10", first, None, "01")]


def test_法定免除の始期は機構のものが勝つ(insured: Site) -> None:
    intake(insured, todoke_code="31", gaitou_on=date(2026, 11, 1), jiyu_code="71")
    settle(insured, todoke_code="31", gaitou_on=date(2026, 11, 1), jiyu_code="71", from_month=date(2026, 7, 1))
    assert menjo(insured) == [("10", "2026-07-01", None, "01")]


ENDED = kit.table("""
| 事例                               | 種類 | 始期    | 終期    | 裁定結果 | 取消し後の終期 |
|------------------------------------|------|---------|---------|----------|----------------|
| 全額免除                           | 20   | 2026-07 | 2027-06 | 02       | 2026-09        |
| 4分の3免除                         | 21   | 2026-07 | 2027-06 | 02       | 2026-09        |
| 半額免除                           | 22   | 2026-07 | 2027-06 | 03       | 2026-09        |
| 4分の1免除                         | 23   | 2026-07 | 2027-06 | 02       | 2026-09        |
| 納付猶予                           | 30   | 2026-07 | 2027-06 | 02       | 2026-09        |
| 終期のない全額免除                 | 20   | 2026-07 |         | 02       | 2026-09        |
| 申請の前々月に終わった免除         | 20   | 2025-07 | 2026-09 | 02       | 2026-09        |
| 申請の前月に終わった免除           | 20   | 2025-07 | 2026-10 | 02       | 2026-09        |
| 申請の前月に始まった免除           | 20   | 2026-10 | 2027-06 | 02       | 2026-09        |
| 申請の翌月に始まる免除は残らない   | 20   | 2026-12 | 2027-06 | 02       | 2026-11        |
| 法定免除は続く                     | 10   | 2026-07 |         | 01       | なし           |
| 学生納付特例は続く                 | 40   | 2026-04 | 2027-03 | 02       | 2027-03        |
| 産前産後は続く                     | 50   | 2026-10 | 2027-01 | 01       | 2027-01        |
| 育児は続く                         | 60   | 2026-10 | 2027-04 | 01       | 2027-04        |
| 却下された免除は変わらない         | 20   | 2026-07 | 2027-06 | 04       | 2027-06        |
""")


def month(text: str | None) -> date | None:
    return date.fromisoformat(f"{text}-01") if text and text != "なし" else None


def end(site: Site) -> None:
    """A person for each case: 免除 as it was, an application for its end, the result."""
    people = range(1, len(ENDED) + 1)
    insure(site, people)
    held(site, *(
        {"kiso_nenkin_no": kit.kiso(n), "menjo_code": case["種類"], "from_month": month(case["始期"]), "to_month": month(case["終期"]),
         "saitei_kekka_code": case["裁定結果"]}
        for n, case in enumerate(ENDED, 1)
    ))  # fmt: skip
    ended = {n: {"todoke_code": "35", "gaitou_on": ON} for n in people}
    intakes(site, ended)
    assert settled(site, ended) == len(ENDED) == len(menjo(site))


@pytest.mark.parametrize("case", ENDED, ids=lambda c: c["事例"])
def test_取消申請の前月から免除はなくなる(once: Once, case: dict[str, Any]) -> None:
    site, person, after = once(end), 1 + ENDED.index(case), month(case["取消し後の終期"])
    told = (case["種類"], f"{case['始期']}-01", after.isoformat() if after else None, case["裁定結果"])
    assert menjo(site, person) == [told]
    assert notes(site, person) == (after == month(case["終期"]))  # nothing to end: a person looks at it


def test_取消申請の取消ですべての免除が元に戻る(insured: Site) -> None:
    years = [
        {"menjo_code": "20", "from_month": date(2026, 7, 1), "to_month": date(2027, 6, 1)},
        {"menjo_code": "30", "from_month": date(2026, 8, 1), "to_month": date(2027, 6, 1)},
    ]
    held(insured, *years)
    before = menjo(insured)
    intake(insured, todoke_code="35", gaitou_on=ON)
    settle(insured, todoke_code="35", gaitou_on=ON)
    assert [r[2] for r in menjo(insured)] == ["2026-09-01", "2026-09-01"]
    settle(insured, NEXT, todoke_code="35", gaitou_on=ON, kekka_code="06")
    assert menjo(insured) == before and notes(insured) == 0


def test_ほかの人の免除は変わらない(insured: Site) -> None:
    held(
        insured,
        {"menjo_code": "20", "from_month": date(2026, 7, 1)},
        {"kiso_nenkin_no": kit.kiso(2), "menjo_code": "20", "from_month": date(2026, 7, 1)},
    )
    intake(insured, todoke_code="35", gaitou_on=ON)
    settle(insured, todoke_code="35", gaitou_on=ON)
    ended = kit.query(insured, "select to_month::text from pension.menjo where superseded_at is null order by kiso_nenkin_no")
    assert ended == [("2026-09-01",), (None,)]
