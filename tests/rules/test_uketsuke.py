"""受付: 届書ごとの必要な項目、宛名との点検（突合1）、受付の群、未確認と取下げ、受付処理簿。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl import ichiran
from etl.core.law.todoke import todoke
from etl.core.mapping.layout import codes_on
from etl.run import get
from etl.site import Site

NEXT = DAY + timedelta(days=1)
#: everything that a 届書 can say
FULL: dict[str, Any] = {
    "uketsuke_no": no(1), "atena_no": no(1), "kiso_nenkin_no": kit.kiso(1), "gaitou_on": DAY, "jiyu_code": "03", "shubetsu_code": "1",
    "menjo_code": "20", "menjo_year": 2025, "menjo_from_month": date(2025, 7, 1), "menjo_to_month": date(2026, 6, 1), "gakko_name": "架空大学",
    "setainushi_atena_no": no(1), "nenkin_code": "1150", "shousho_no": "9000001", "seikyusha_name": "架空　花子", "seikyusha_zokugara": "妻",
    "shibou_on": date(2025, 9, 1), "shoshin_on": date(2023, 4, 1), "shindansho_flag": True, "new_name": "架空　次郎", "new_name_kana": "カクウ　ジロウ",
}  # fmt: skip


def accept(site: Site, *rows: dict[str, Any], on: date = DAY, seq: int = 1) -> dict[str, Any]:
    kit.uketsuke(site, list(rows), on=on, seq=seq)
    result = kit.run(site, "uketsuke_daily", on)
    assert result["error"] is None
    return result


def checks(site: Site, of: int | str = 1) -> tuple[list[str], list[str]]:
    """missing and findings of the newest revision of an intake."""
    rows = kit.query(
        site, "select c.missing, c.findings from pension.uketsuke_ima as u join pension.uketsuke_check as c using (uketsuke_id) "
        "where c.superseded_at is null and u.uketsuke_no = :no", no=no(of) if isinstance(of, int) else of,
    )  # fmt: skip
    assert len(rows) == 1
    return rows[0]


def number(group: int, case: int, part: int = 0) -> str:
    """受付番号 and 宛名番号 of the cases that are run together."""
    return no(group * 100_000 + case * 100 + part)


def intake(group: int, case: int, **cells: Any) -> dict[str, Any]:
    """What a case of these tables says, of its own person."""
    of = number(group, case)
    return {**FULL, "uketsuke_no": of, "atena_no": of, "kiso_nenkin_no": kit.kiso(of), **cells}


#: cases of which there is only one, each looked at by its test; 4 says the number of 5, and 4, 5, 6 are insured
ALONE = [
    intake(7, 1, todoke_code="52", shindansho_flag=False), intake(7, 2, todoke_code="05", kiso_nenkin_no=None, kojin_no=kit.kojin_no(7002)),
    intake(7, 3, todoke_code="05", kiso_nenkin_no=None), intake(7, 4, todoke_code="05", kiso_nenkin_no=kit.kiso(number(7, 5))),
    intake(7, 6, todoke_code="41", kiso_nenkin_no=None, kojin_no=kit.kojin_no(7006)), intake(7, 7, todoke_code="01", jiyu_code=None),
    intake(7, 8, todoke_code="41"), intake(7, 9, todoke_code="41"),
]  # fmt: skip
#: second revisions: complete, withdrawn, and of other content
SECOND = [
    intake(7, 7, todoke_code="01", rev=2), intake(7, 8, todoke_code="41", rev=2, jotai_code="3"),
    intake(7, 9, todoke_code="41", rev=2, menjo_code="22"),
]  # fmt: skip


def needs(code: str) -> list[list[str]]:
    return [need.split("|") for need in todoke()[code].needs]


@pytest.fixture(scope="module")
def office(town: Site) -> Site:
    """All cases of the tables below in one go, each about a person of its own."""
    rows: list[dict[str, Any]] = []
    for code in codes_on("todoke", DAY):
        row = {**FULL, "todoke_code": code, "kiso_nenkin_no": kit.kiso(9000 + int(code)), "atena_no": number(1, int(code))}
        rows.append({**row, "uketsuke_no": number(1, int(code))})
        rows += [
            {**row, "uketsuke_no": number(1, int(code), n), **dict.fromkeys(items)} for n, items in enumerate(needs(code), 1)
        ]
    insured, others, people = [], [], []
    for n, case in enumerate(FOUND):
        atena_no = number(2, n)
        rows.append({
            **FULL, "uketsuke_no": atena_no, "atena_no": atena_no, "todoke_code": case["届"], "kiso_nenkin_no": kit.kiso(n), **given(case["受付"], n),
        })  # fmt: skip
        if case["資格"]:
            lost_on = date(2024, 4, 1) if case["資格"] == "喪失" else None
            insured.append({"atena_no": atena_no, "kiso_nenkin_no": kit.kiso(n), "lost_on": lost_on})
        else:  # known by an earlier intake that says nothing
            others.append({"uketsuke_no": number(3, n), "atena_no": atena_no, "todoke_code": "09"})
        if case["宛名"] != "なし":
            people.append({"atena_no": atena_no, **given(case["宛名"], n)})
    rows += [intake(4, n, todoke_code="41", **who) for n, who in enumerate(UNSURE.values())]
    for n, (shubetsu, jiyu, _) in enumerate(SEIKATSU.values()):
        people.append({"atena_no": number(5, n), "jumin_shubetsu_code": shubetsu})
        rows.append(intake(5, n, todoke_code="31", jiyu_code=jiyu, menjo_from_month=None))
    rows += [intake(6, n, todoke_code=case["届"], jotai_code="4") for n, case in enumerate(DECIDED)] + ALONE
    insured += [{"atena_no": number(group, n)} for group, cases in ((5, SEIKATSU), (6, DECIDED)) for n in range(len(cases))]
    insured += [{"atena_no": number(7, n)} for n in (4, 5, 6)]
    people.append({"atena_no": number(7, 4)})
    kit.insured(town, insured, on=DAY - timedelta(days=1))
    accept(town, *others, on=DAY - timedelta(days=1))
    kit.juki(town, people)
    assert kit.run(town, "juki_daily", DAY)["error"] is None
    accept(town, *rows, seq=2)
    return town


@pytest.fixture(scope="module")
def revised(office: Site, unsure: Any) -> Site:
    """And the next day the second revisions: SECOND, and those of UNSURE, now confirmed by another person."""
    accept(office, *SECOND, *(intake(4, n, todoke_code="41", rev=2) for n in range(len(UNSURE))), on=NEXT, seq=3)
    return office


@pytest.mark.parametrize("code", codes_on("todoke", DAY))
def test_届書に必要な項目がそろえば不足はなく_一つ欠けるとその名が出る(office: Site, code: str) -> None:
    assert checks(office, number(1, int(code)))[0] == []
    missing = [checks(office, number(1, int(code), n))[0] for n in range(1, len(needs(code)) + 1)]
    assert {len(m) for m in missing} == {1} and len({m[0] for m in missing}) == len(missing)


def test_診断書がないとされた裁定請求は不足になる(office: Site) -> None:
    assert checks(office, number(7, 1))[0] == ["診断書添付"]


def test_個人番号か基礎年金番号のどちらかがあればよい(office: Site) -> None:
    assert [checks(office, number(7, n))[0] for n in (2, 3)] == [[], ["個人番号又は基礎年金番号"]]


FOUND = kit.table("""
| 事例                                     | 届 | 宛名                 | 資格 | 受付                   | 指摘                   |
|------------------------------------------|----|----------------------|------|------------------------|------------------------|
| すべて同じ                               | 41 |                      | 有   |                        |                        |
| 宛名がない                               | 41 | なし                 | 有   |                        | 宛名なし               |
| 氏名フリガナが違う                       | 41 | name_kana=ｶｸｳ ｼﾞﾛｳ   | 有   |                        | 氏名フリガナ           |
| 生年月日が違う                           | 41 | birth_on=1990-01-02  | 有   |                        | 生年月日               |
| 不詳の生年月日は比べない                 | 41 | birth_fusho_flag=1   | 有   | birth_on=1990-02-02    |                        |
| 性別が違う                               | 41 | sex_code=2           | 有   |                        | 性別                   |
| 個人番号が違う                           | 41 | kojin_no=2           | 有   | kojin_no=1             | 個人番号               |
| 個人番号が書かれていなければ比べない     | 41 | kojin_no=2           | 有   |                        |                        |
| 受理日に転出していた                     | 41 | jumin_jotai_code=2   | 有   |                        | 受理日に住登者でない   |
| 受理日より後に転入した                   | 41 | idou_on=2025-10-01   | 有   |                        | 受理日に住登者でない   |
| 死亡した方の届は住登者でなくてよい       | 06 | jumin_jotai_code=3   | 有   |                        |                        |
| 任意加入は国外からでもよい               | 07 | jumin_jotai_code=2   |      |                        |                        |
| 20歳に達する前の日                       | 01 | birth_on=2005-09-26  |      | birth_on=2005-09-26    | 年齢                   |
| 誕生日の前日に20歳に達する               | 01 | birth_on=2005-09-25  |      | birth_on=2005-09-25    |                        |
| 誕生日の前日に60歳に達する               | 01 | birth_on=1965-09-25  |      | birth_on=1965-09-25    | 年齢                   |
| 老齢の裁定は60歳から                     | 51 |                      |      |                        | 年齢                   |
| 資格のない方の免除                       | 41 |                      |      |                        | 資格なし               |
| 資格のある方の取得届                     | 01 |                      | 有   |                        | 資格あり               |
| 喪失した資格は資格に数えない             | 01 |                      | 喪失 |                        |                        |
| 基礎年金番号が別の番号                   | 05 |                      | 有   | kiso_nenkin_no=9       | 基礎年金番号           |
""")


def given(text: str | None, person: int) -> dict[str, Any]:
    """``name=value`` as a cell."""
    if not text or text == "なし":
        return {}
    name, value = text.split("=")
    if name in ("birth_on", "idou_on"):
        return {name: date.fromisoformat(value)}
    if name == "kojin_no":
        return {name: kit.kojin_no(10 * person + int(value))}
    return {name: kit.kiso(7000) if name == "kiso_nenkin_no" else value == "1" if name.endswith("flag") else value}


@pytest.mark.parametrize("n", range(len(FOUND)), ids=[c["事例"] or "" for c in FOUND])
def test_宛名と資格に照らして点検される(office: Site, n: int) -> None:
    assert checks(office, number(2, n))[1] == [f for f in [FOUND[n]["指摘"]] if f]


def test_別の方の基礎年金番号は指摘される(office: Site) -> None:
    assert checks(office, number(7, 4))[1] == ["基礎年金番号", "基礎年金番号が別の方"]


def test_宛名が後から届くと点検し直し_前の点検も残る(site: Site) -> None:
    accept(site, {**FULL, "todoke_code": "01"})
    assert checks(site)[1] == ["宛名なし"]
    kit.juki(site, [{"atena_no": no(1), "sex_code": "2"}], on=NEXT)
    assert kit.run(site, "juki_daily", NEXT)["error"] is None
    assert checks(site)[1] == ["性別"]
    told = kit.query(site, "select checked_on::text, superseded_at is null from pension.uketsuke_check order by 1")
    assert told == [(DAY.isoformat(), False), (NEXT.isoformat(), True)]


def test_改訂は改めて点検される(revised: Site) -> None:
    assert checks(revised, number(7, 7))[0] == []
    held = "select uketsuke_no from pension.uketsuke_check as c join pension.uketsuke using (uketsuke_id) where c.superseded_at is null"
    assert kit.query(revised, held).count((number(7, 7),)) == 2


GROUPS = kit.table("""
| 事例                                   | 届 | 群            | 受付の中身                                                        |
|----------------------------------------|----|---------------|-------------------------------------------------------------------|
| 付加の申出                             | 21 | fuka          | kanyu_on=2025-09-24                                               |
| 法定免除                               | 31 | menjo         | menjo_code=10 from_month=2025-07-01                               |
| 免除                                   | 41 | menjo         | menjo_code=20 from_month=2025-07-01 to_month=2026-06-01           |
| 学生納付特例                           | 42 | menjo         | menjo_code=20 from_month=2025-07-01 gakko_name=架空大学           |
| 老齢基礎                               | 51 | saitei_rorei  | todoke_code=51 uketsuke_on=2025-09-24 nenkin_code=1150            |
| 障害基礎                               | 52 | saitei_shogai | todoke_code=52 shindansho_flag=true                               |
| 遺族基礎                               | 53 | saitei_izoku  | todoke_code=53 seikyusha_name=架空　花子 shibou_on=2025-09-01     |
| 寡婦                                   | 54 | saitei_izoku  | todoke_code=54                                                    |
| 死亡一時金                             | 55 | saitei_izoku  | todoke_code=55                                                    |
| 未支給                                 | 56 | saitei_izoku  | todoke_code=56                                                    |
| 老齢福祉                               | 57 | saitei_rofuku | todoke_code=57 shousho_no=9000001                                 |
| 額改定                                 | 58 | saitei_shogai | todoke_code=58                                                    |
| 現況届                                 | 60 | saitei_shogai | todoke_code=60                                                    |
| 所得状況届                             | 61 | saitei_shogai | todoke_code=61                                                    |
| 老齢の支給停止の申請                   | 62 | saitei_rorei  | todoke_code=62 nenkin_code=1150                                   |
| 特別一時金                             | 63 | saitei_shogai | todoke_code=63                                                    |
| 産前産後免除                           | 33 | menjo         | menjo_code=50 from_month=2025-07-01 to_month=2026-06-01           |
""")
TABLES = ("fuka", "menjo", "saitei_rorei", "saitei_shogai", "saitei_izoku", "saitei_rofuku")


def groups(site: Site, of: str = no(1)) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in force in each group of an intake, or decided without one, as (kettei_flag, the row as JSON)."""
    sql = "select kettei_flag, to_jsonb(g) from pension.{} g where superseded_at is null and coalesce(uketsuke_no, :of) = :of"
    found = {t: kit.query(site, sql.format(t), of=of) for t in TABLES}
    return {t: rows for t, rows in found.items() if rows}


@pytest.mark.parametrize("case", GROUPS, ids=lambda c: c["事例"])
def test_届書はその受付の群に受付として入る(office: Site, case: dict[str, str]) -> None:
    found = groups(office, number(1, int(case["届"])))
    assert list(found) == [case["群"]]
    [(decided, row)] = found[case["群"]]
    assert decided is False
    for cell in case["受付の中身"].split(" "):
        name, value = cell.split("=")
        assert str(row[name]).lower() == value


@pytest.mark.parametrize("code", ["01", "02", "03", "04", "05", "06", "07", "08", "09", "22", "23", "32", "35", "36", "59"])
def test_ほかの届書はどの群にも入らない(office: Site, code: str) -> None:
    assert groups(office, number(1, int(code))) == {}


#: who keyed it and who confirmed it, where nobody else did
UNSURE = {
    "確認者なし": {"kakunin_user": None}, "同じ職員": {"kakunin_user": "u001"}, "全角でも同じ職員": {"kakunin_user": "Ｕ００１"},
    "空白があっても同じ職員": {"kakunin_user": "u 001"}, "別の空白でも同じ職員": {"kakunin_user": "u\u00a0001"},
    "キリル文字の名前は職員ではない": {"kakunin_user": "\u0443001"}, "ロと口は同じ職員": {"nyuryoku_user": "山口", "kakunin_user": "山ロ"},
}  # fmt: skip


@pytest.fixture(scope="module")
def unsure(office: Site) -> list[list[str]]:
    """The groups that they are in."""
    return [list(groups(office, number(4, n))) for n in range(len(UNSURE))]


@pytest.mark.parametrize("who", UNSURE)
def test_未確認の受付は群に入らず_確認されると入る(unsure: list[list[str]], revised: Site, who: str) -> None:
    n = list(UNSURE).index(who)
    assert [unsure[n], list(groups(revised, number(4, n)))] == [[], ["menjo"]]


def test_取下げで群から出る(revised: Site) -> None:
    assert groups(revised, number(7, 8)) == {}
    over = "select count(*) from pension.menjo where superseded_at is not null and uketsuke_no = :n"
    assert kit.query(revised, over, n=number(7, 8)) == [(1,)]


def test_改訂の中身に変わり_二度流しても同じ(revised: Site) -> None:
    kit.run(revised, "uketsuke_daily", NEXT)
    [(decided, row)] = groups(revised, number(7, 9))["menjo"]
    assert (decided, row["menjo_code"]) == (False, "22")
    assert kit.query(revised, "select count(*) from pension.menjo where uketsuke_no = :n", n=number(7, 9)) == [(2,)]


def test_同じ種類と始期の決定があれば受付は入らない(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    decided = {"kiso_nenkin_no": kit.kiso(1), "menjo_code": "20", "from_month": date(2025, 7, 1), "saitei_kekka_code": "02"}
    kit.ikou(site, "ikou_menjo", [decided], on=NEXT)
    kit.run(site, "ikou_once", NEXT)
    accept(site, {**FULL, "todoke_code": "41"})
    assert [decided for decided, _ in groups(site)["menjo"]] == [True]


def test_基礎年金番号のない申請は年金基本の番号で入る(office: Site) -> None:
    assert [row["kiso_nenkin_no"] for _, row in groups(office, number(7, 6))["menjo"]] == [kit.kiso(number(7, 6))]


#: 住民種別, 該当事由, whether 法定免除 begins
SEIKATSU = {"外国人の生活扶助": ("2", "71", False), "外国人の障害年金": ("2", "72", True), "日本人の生活扶助": ("1", "71", True)}


@pytest.mark.parametrize(("n", "stands"), [(n, s[2]) for n, s in enumerate(SEIKATSU.values())], ids=SEIKATSU)
def test_外国人の生活扶助はそれだけで法定免除の受付にならない(office: Site, n: int, stands: bool) -> None:
    assert bool(groups(office, number(5, n))) is stands
    assert checks(office, number(5, n))[1] == ([] if stands else ["外国人の生活扶助（法定免除になりません）"])


DECIDED = kit.table("""
| 事例             | 届 | 結果 | 群           |
|------------------|----|------|--------------|
| 免除の承認       | 41 | 02   | menjo        |
| 免除の却下       | 41 | 04   | menjo        |
| 付加             | 21 | 01   | fuka         |
| 老齢の裁定       | 51 | 01   | saitei_rorei |
""")


@pytest.fixture(scope="module")
def registered(revised: Site) -> list[list[dict[str, list[bool]]]]:
    """Whether what stands in the groups of each case is decided: after its result, and after that was cancelled (06)."""
    result = {"menjo_code": "20", "from_month": date(2025, 7, 1), "to_month": date(2026, 6, 1), "nenkin_code": "1150"}
    of = [
        {**result, "uketsuke_no": number(6, n), "kiso_nenkin_no": kit.kiso(number(6, n)), "todoke_code": c["届"]}
        for n, c in enumerate(DECIDED)
    ]
    found: list[list[dict[str, list[bool]]]] = [[] for _ in DECIDED]
    for on, codes in ((DAY, [c["結果"] for c in DECIDED]), (NEXT, ["06" for _ in DECIDED])):
        kit.kekka(revised, [{**row, "kekka_code": code} for row, code in zip(of, codes, strict=True)], on=on)
        assert kit.run(revised, "kikou_kekka", on)["error"] is None
        kit.approve_all(revised, "kikou_kekka")
        assert kit.run(revised, "uketsuke_daily", on + timedelta(days=1))["error"] is None
        for n, told in enumerate(found):
            told.append({t: [d for d, _ in rows] for t, rows in groups(revised, number(6, n)).items()})
    return found


@pytest.mark.parametrize("n", range(len(DECIDED)), ids=[c["事例"] or "" for c in DECIDED])
def test_登録で受付が決定に代わり_取消で受付に戻る(registered: list[list[dict[str, list[bool]]]], n: int) -> None:
    assert registered[n] == [{DECIDED[n]["群"]: [True]}, {DECIDED[n]["群"]: [False]}]


def test_受付処理簿は期間と区ごとに読める(site: Site) -> None:
    result = accept(
        site, {**FULL, "todoke_code": "52", "shindansho_flag": False, "kakunin_user": None},
        {**FULL, "uketsuke_no": no(2), "todoke_code": "41", "uketsuke_ku_code": "141321", "juri_on": date(2025, 9, 1)},
        {**FULL, "uketsuke_no": no(3), "todoke_code": "41", "uketsuke_ku_code": "141321", "juri_on": date(2025, 8, 31)},
    )  # fmt: skip
    run = get(site, result["run_id"])
    [all_wards] = ichiran.make(site, run, "uketsuke_shoribo", date(2025, 9, 1), date(2025, 9, 30))
    sheet = openpyxl.load_workbook(all_wards.path).active
    body = [r for r in sheet.iter_rows(values_only=True) if r[0] in (no(1), no(2), no(3))]
    assert [r[0] for r in body] == [no(2), no(1)]  # by 受理年月日; August is another period
    assert body[1][14:] == ("受付（未確認）", "", "診断書添付", "宛名なし")
    assert all_wards.path.endswith(".xlsx") and all_wards.rows == 2
    [ward] = ichiran.make(site, run, "uketsuke_shoribo", date(2025, 9, 1), date(2025, 9, 30), ichiran.of_ward("141321"))
    assert ward.rows == 1 and ward.path != all_wards.path and "幸区役所" in ward.title
