"""突合: どの結果がどの受付のものか（4つの段）、何が異なるか（9つの結果）。表の1行が結果1件で、事例ごとに1人。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve
from etl.core.paper.totsugo import OF_INTAKES
from etl.site import Site
from tests.conftest import Once

# 番・基・個・名: 本人の受付番号・基礎年金番号・個人番号・氏名等を書く。届=届書種別 該=該当年月日 事=事由 種=種別 免=免除種類 始・終=月 年=年金コード
# 結=処理結果 返=返戻理由 理=処理年月日 住=別の住所 職=職権区分 状=状態。受付の「未」は確認者なし、「同」は入力者と同じ確認者。結果の欄が「〃」の受付はすぐ上と同じ人
CASES = kit.table("""
| 事例                             | 受付                            | 結果                                       | 突合結果                | 段 | 項目                  |
|----------------------------------|---------------------------------|--------------------------------------------|-------------------------|----|-----------------------|
| 第1段_受付番号                   | 基 個 名 届=01 該=0901 事=03    | 番 基 個 名 届=01 該=0901 事=03            | matched                 | 1  |                       |
| 第1段_片方に無い項目は比べない   | 名 届=01                        | 番 基 個 名 届=01 該=0901 事=03 種=1       | matched                 | 1  |                       |
| 第1段_該当年月日が異なる         | 基 名 届=01 該=0901             | 番 基 名 届=01 該=0902                     | differs                 | 1  | gaitou_on             |
| 第1段_二項目が異なる             | 基 名 届=01 該=0901 事=03 種=1  | 番 基 名 届=01 該=0901 事=04 種=4          | differs                 | 1  | jiyu_code shubetsu_code |
| 第1段_届書種別が異なる           | 基 名 届=02                     | 番 基 名 届=03                             | differs                 | 1  | todoke_code           |
| 第1段_生年月日と性別とカナ       | 基 届=05                        | 番 基 届=05 別人                           | differs                 | 1  | name_kana birth_on sex_code |
| 第1段_個人番号が異なる           | 基 個 名 届=05                  | 番 基 名 届=05 別番号                      | differs                 | 1  | kojin_no              |
| 第1段_免除の種類と始期終期       | 基 名 届=41 免=20 始=2507 終=2606 | 番 基 名 届=41 結=03 免=22 始=2508 終=2605 | differs               | 1  | menjo_code from_month to_month |
| 第1段_免除00は該当なしで比べない | 基 名 届=41 免=20 始=2507       | 番 基 名 届=41 結=04 免=00 始=2507         | matched                 | 1  |                       |
| 第1段_年金コード                 | 基 名 届=53 年=6450             | 番 基 名 届=53 年=5950                     | differs                 | 1  | nenkin_code           |
| 第1段_カナは25バイトまで比べる   | 基 長名 届=05                   | 番 基 長名 届=05                           | matched                 | 1  |                       |
| 第2段_番号と届書と該当年月日     | 基 個 名 届=01 該=0901          | 基 名 届=01 該=0901                        | matched                 | 2  |                       |
| 第2段_該当年月日が無ければ第3段  | 基 個 名 届=09                  | 基 個 名 届=09                             | matched                 | 3  |                       |
| 第3段_個人番号と届書             | 個 名 届=02 該=0901             | 個 名 届=02 該=0905                        | differs                 | 3  | gaitou_on             |
| 第4段_候補だけ                   | 名 届=02                        | 名 届=02                                   | unexplained             | 4  |                       |
| 第4段_職権の候補                 | 名 届=02                        | 名 届=02 職=1                              | expected_without_intake | 4  |                       |
| 第4段_届書が違えば候補もない     | 名 届=02                        | 名 届=03                                   | unexplained             |    |                       |
| 第4段_届書に理由のある候補       | 名 届=41                        | 名 届=41                                   | expected_without_intake | 4  |                       |
| 理由のある届書でも受付で決める   | 基 名 届=05 該=0901             | 基 名 届=05 該=0901                        | matched                 | 2  |                       |
| 職権でも受付があれば受付で決める | 基 名 届=02 該=0901             | 番 基 名 届=02 該=0901 職=1                | matched                 | 1  |                       |
| 返戻                             | 基 名 届=41 始=2507             | 番 基 名 届=41 結=05 返=02                 | returned                | 1  |                       |
| 重複_同じ内容                    | 基 名 届=05 該=0901             | 番 基 名 届=05 該=0901                     | matched                 | 1  |                       |
| 〃                               |                                 | 番 基 名 届=05 該=0901                     | duplicate               | 1  |                       |
| 二つ目で内容が異なる             | 基 名 届=05 該=0901             | 番 基 名 届=05 該=0901                     | matched                 | 1  |                       |
| 〃                               |                                 | 番 基 名 届=05 該=0911                     | differs                 | 1  | gaitou_on             |
| 二つ目は最初の結果と比べる       | 基 名 届=05 該=0901             | 番 基 名 届=05 該=0911                     | differs                 | 1  | gaitou_on             |
| 〃                               |                                 | 番 基 名 届=05 該=0901 事=09 理=0925       | differs                 | 1  | shori_on gaitou_on jiyu_code |
| 〃                               |                                 | 番 基 名 届=05 該=0911 住                  | duplicate               | 1  | gaitou_on             |
| 二つ目は処理結果だけ異なる       | 基 名 届=41 始=2507             | 番 基 名 届=41 結=02 始=2507               | matched                 | 1  |                       |
| 〃                               |                                 | 番 基 名 届=41 結=04 始=2507               | differs                 | 1  | kekka_code            |
| 返戻の後の結果は最初の結果       | 基 名 届=05 該=0901             | 番 基 名 届=05 結=05 返=01                 | returned                | 1  |                       |
| 〃                               |                                 | 番 基 名 届=05 結=01 該=0901               | matched                 | 1  |                       |
| 取消の後の結果は最初の結果       | 基 名 届=05 該=0901             | 番 基 名 届=05 該=0901                     | matched                 | 1  |                       |
| 〃                               |                                 | 番 基 名 届=05 結=06 該=0901               | differs                 | 1  | kekka_code            |
| 〃                               |                                 | 番 基 名 届=05 結=01 該=0902               | differs                 | 1  | gaitou_on             |
| 取下げた受付は加わらない         | 基 名 届=02 該=0901 状=3        | 番 基 名 届=02 該=0901                     | unexplained             |    |                       |
| 未確認の受付は加わらない         | 基 名 届=02 該=0901 未          | 番 基 名 届=02 該=0901                     | unexplained             |    |                       |
| 入力者と同じ確認者は未確認       | 基 名 届=02 該=0901 同          | 番 基 名 届=02 該=0901                     | unexplained             |    |                       |
| 進達前の受付も加わる             | 基 名 届=05 該=0901 状=1        | 番 基 名 届=05 該=0901                     | matched                 | 1  |                       |
""")
NAMES = {
    "届": "todoke_code",
    "事": "jiyu_code",
    "種": "shubetsu_code",
    "免": "menjo_code",
    "年": "nenkin_code",
    "結": "kekka_code",
    "返": "henrei_code",
}


def _month(value: str) -> date:
    return date(2000 + int(value[:2]), int(value[2:]), 1)


#: mark -> the cells it stands for, of this person and with this value
MARKS: dict[str, Callable[[int, str], dict[str, Any]]] = {
    "番": lambda person, _: {"uketsuke_no": no(person)},
    "基": lambda person, _: {"kiso_nenkin_no": kit.kiso(person)},
    "個": lambda person, _: {"kojin_no": kit.kojin_no(person)},
    "別番号": lambda person, _: {"kojin_no": kit.kojin_no(9000 + person)},
    "名": lambda person, _: {
        "name_kana": f"ｶｸｳ {person}",
        "birth_on": date(1970, 1, 1) + timedelta(days=person),
        "sex_code": "1",
    },
    "長名": lambda person, _: {"name_kana": f"ﾅｶﾞｲﾅﾏｴﾅｶﾞｲﾅﾏｴ {person:04} ﾅｶﾞｲﾅﾏｴﾅｶﾞｲ"},
    "別人": lambda _, __: {"name_kana": "ﾍﾞﾂ ｼﾞﾝ", "birth_on": date(1960, 5, 5), "sex_code": "2"},
    "未": lambda _, __: {"kakunin_user": None},
    "同": lambda _, __: {"kakunin_user": "U001"},
    "該": lambda _, value: {"gaitou_on": date(2025, int(value[:2]), int(value[2:]))},
    "理": lambda _, value: {"shori_on": date(2025, int(value[:2]), int(value[2:]))},
    "住": lambda _, __: {"address": "神奈川県川崎市川崎区架空町９－９", "address_kana": "ｶｸｳﾁｮｳ 9-9", "postal_code": "2100009"},
    "職": lambda _, value: {"shokken_flag": value == "1"},
    "状": lambda _, value: {"jotai_code": value},
    "始": lambda _, value: {"from_month": _month(value)},
    "終": lambda _, value: {"to_month": _month(value)},
    **{mark: lambda _, value, name=name: {name: value} for mark, name in NAMES.items()},
}


def cells(text: str | None, person: int) -> dict[str, Any]:
    """The cells that the marks of a case stand for."""
    out: dict[str, Any] = {}
    for token in (text or "").split():
        mark, _, value = token.partition("=")
        out |= MARKS[mark](person, value)
    return out


def _rows() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    intakes: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    person = 0
    for case in CASES:
        if case["事例"] != "〃":
            person += 1
            if case["受付"]:
                own = {f"menjo_{k}" if k in ("from_month", "to_month") else k: v for k, v in cells(case["受付"], person).items()}
                intakes.append({"jotai_code": "4", **own, "uketsuke_no": no(person), "atena_no": no(person)})
        found = {"name_kana": "ｶｸｳ ｲﾁﾛｳ", "gaitou_on": None, **cells(case["結果"], person)}
        results.append({**found, "name_kana": found["name_kana"][:25].rstrip()})
    return intakes, results


@pytest.fixture(scope="module")
def judged(town: Site) -> dict[int, tuple[Any, ...]]:
    """line of the list -> (outcome, pass, items)."""
    intakes, results = _rows()
    kit.uketsuke(town, intakes)
    kit.run(town, "uketsuke_daily", DAY)
    kit.kekka(town, results)
    found = kit.run(town, "kikou_kekka", DAY)
    assert found["error"] is None
    assert sum(n for k, n in found["outcomes"].items() if k not in OF_INTAKES) == len(CASES)
    again = kit.run(town, "kikou_kekka", DAY)
    assert (again["outcomes"], again["proposals"]) == (found["outcomes"], 0)
    rows = kit.query(
        town,
        "select k.line, t.outcome, t.pass, array_to_string(t.items, ' ') from pension.totsugo t join pension.kikou_kekka k using (kikou_kekka_id) where t.superseded_at is null",
    )
    return {line: tuple(rest) for line, *rest in rows}


@pytest.mark.parametrize("at", range(len(CASES)), ids=lambda at: f"{CASES[at]['事例']}-{at}")
def test_突合の結果(judged: dict[int, tuple[Any, ...]], at: int) -> None:
    case = CASES[at]
    assert judged[at + 2] == (case["突合結果"], int(case["段"]) if case["段"] else None, case["項目"] or "")


def test_一つの段に受付が二件あれば一致としない(site: Site) -> None:
    one = {"atena_no": no(1), "kiso_nenkin_no": kit.kiso(1), "kojin_no": kit.kojin_no(1), "todoke_code": "41", "jotai_code": "4"}
    kit.uketsuke(site, [{**one, "uketsuke_no": no(n), "gaitou_on": date(2025, 9, 1)} for n in (1, 2)])
    kit.run(site, "uketsuke_daily", DAY)
    kit.kekka(
        site, [{"kiso_nenkin_no": kit.kiso(1), "kojin_no": kit.kojin_no(1), "todoke_code": "41", "gaitou_on": date(2025, 9, 1)}]
    )
    assert kit.run(site, "kikou_kekka", DAY)["outcomes"] == {"expected_without_intake": 1, "waiting": 2}


def test_後から届いた受付は次の突合で見つかる(site: Site) -> None:
    kit.kekka(site, [{"uketsuke_no": no(1), "kiso_nenkin_no": kit.kiso(1), "todoke_code": "02"}])
    assert kit.run(site, "kikou_kekka", DAY)["outcomes"] == {"unexplained": 1}
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1), "todoke_code": "02"}], on=DAY + timedelta(days=1))
    kit.run(site, "uketsuke_daily", DAY + timedelta(days=1))
    kit.run(site, "kikou_kekka", DAY + timedelta(days=1))
    assert kit.query(site, "select outcome, superseded_at is null from pension.totsugo order by 1") == [
        ("matched", True),
        ("unexplained", False),
    ]


WAITING = kit.table("""
| 事例                             | 状態 | 改訂 | 経過 | 結果     |
|----------------------------------|------|------|------|----------|
| 進達の当日                       | 4    |      | 0    | waiting  |
| 進達から60日目                   | 4    |      | 60   | waiting  |
| 進達から61日目                   | 4    |      | 61   | overdue  |
| 受付のまま                       | 1    |      | 0    | not_sent |
| 受付のまま90日                   | 1    |      | 90   | not_sent |
| 審査中                           | 2    |      | 61   | not_sent |
| 返戻                             | 5    |      | 61   | not_sent |
| 翌日に進達して60日目             | 1    | 4    | 61   | waiting  |
| 翌日に進達して61日目             | 1    | 4    | 62   | overdue  |
| 進達の前の日                     | 1    | 4    | 0    | not_sent |
| 進達の後の改訂では数え直さない   | 4    | 4    | 61   | overdue  |
| 進達の後に市へ戻った             | 4    | 5    | 61   | not_sent |
| 結果登録済も進達を経ている       | 4    | 6    | 61   | overdue  |
| 取下げは加わらない               | 3    |      | 61   |          |
| 進達の後の取下げも加わらない     | 4    | 3    | 61   |          |
""")


@pytest.fixture(scope="module")
def waiting(once: Once) -> dict[int, dict[str, str]]:
    """An intake of each case, and its revision of the next day. Days after the first -> what each intake is then, by 受付番号."""
    site = once(take_in_and_revise)
    found = {}
    for days in sorted({int(case["経過"] or 0) for case in WAITING}):
        on = DAY + timedelta(days=days)
        told = kit.run(site, "kikou_kekka", on)["outcomes"]
        found[days] = dict(kit.query(site, "select uketsuke_no, outcome from pension.uketsuke_outcome(:on)", on=on))
        assert told == Counter(found[days].values())
    return found


def take_in_and_revise(site: Site) -> None:
    for rev, head in enumerate(("状態", "改訂"), 1):
        on = DAY + timedelta(days=rev - 1)
        given = {no(n): case[head] for n, case in enumerate(WAITING, 1) if case[head]}
        same = {"atena_no": no(1), "rev": rev}
        kit.uketsuke(
            site, [{"uketsuke_no": number, "jotai_code": jotai, **same} for number, jotai in given.items()], on=on, seq=rev
        )
        assert kit.run(site, "uketsuke_daily", on)["error"] is None


@pytest.mark.parametrize("case", WAITING, ids=lambda c: c["事例"])
def test_結果のない受付は進達するまで未進達で_進達から60日で超過になる(
    waiting: dict[int, dict[str, str]], case: dict[str, str | None]
) -> None:
    assert waiting[int(case["経過"] or 0)].get(no(1 + WAITING.index(case))) == case["結果"]


def test_未確認の受付は未進達にも数えない(site: Site) -> None:
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1), "kakunin_user": None}])
    kit.run(site, "uketsuke_daily", DAY)
    assert kit.run(site, "kikou_kekka", DAY)["outcomes"] == {}


HELD = kit.table("""
| 事例                             | 年金基本   | 結果の番号 | 保留                     |
|----------------------------------|------------|------------|--------------------------|
| 番号は本人のもの                 | 1:1        | 1          |                          |
| 番号はまだ誰のものでもない       |            | 1          |                          |
| 同じ番号が別の宛名にもある       | 1:1 2:1    | 1          | 二重の基礎年金番号       |
| 番号は別の宛名のもの             | 2:1        | 1          | 二重の基礎年金番号       |
| 本人に別の番号がある             | 1:2        | 1          | 宛名に二つの基礎年金番号 |
| 本人に番号が二つある             | 1:1 1:2    | 1          | 宛名に二つの基礎年金番号 |
""")


def match_doubled(site: Site) -> None:
    """The persons and the 基礎年金番号 10n+1 and 10n+2 are those of a case; its result is about 10n+1."""
    pairs = [(n, *pair.split(":")) for n, case in enumerate(HELD) for pair in (case["年金基本"] or "").split()]
    kit.ikou(
        site,
        "ikou_nenkin_kihon",
        [{"atena_no": no(10 * n + int(a)), "kiso_nenkin_no": kit.kiso(10 * n + int(k))} for n, a, k in pairs],
    )
    kit.run(site, "ikou_once", DAY)
    numbers = {no(10 * n + 1): kit.kiso(10 * n + int(case["結果の番号"] or "")) for n, case in enumerate(HELD)}
    kit.uketsuke(site, [{"uketsuke_no": n, "atena_no": n, "todoke_code": "01", "jotai_code": "4"} for n in numbers])
    kit.run(site, "uketsuke_daily", DAY)
    kit.kekka(site, [{"uketsuke_no": n, "kiso_nenkin_no": kiso, "todoke_code": "01"} for n, kiso in numbers.items()])
    found = kit.run(site, "kikou_kekka", DAY)
    assert found["outcomes"] == {"matched": len(HELD)}
    assert found["proposals"] == sum(not case["保留"] for case in HELD)


@pytest.mark.parametrize("case", HELD, ids=lambda c: c["事例"])
def test_二重の番号は必ず保留する(once: Once, case: dict[str, str | None]) -> None:
    site, n = once(match_doubled), HELD.index(case)
    reason = kit.query(site, "select hold_reason from pension.totsugo where uketsuke_no = :number", number=no(10 * n + 1))
    assert reason == [(case["保留"],)]
    proposed = [a.subject for a in approve.pending(site, "kikou_kekka") if a.subject.endswith(f"行{n + 2}")]
    assert len(proposed) == (0 if case["保留"] else 1)


NAMES_COMPARED = kit.table("""
| 宛名         | 一覧の漢字氏名 | 関係     |
|--------------|----------------|----------|
| 架空　一郎   | 架空　一郎     | 一致     |
| 髙﨑　一郎   | 高崎　一郎     | 縮退一致 |
| 渡邉　一郎   | 渡辺　一郎     | 縮退一致 |
| ＠田　一郎   | 神田　一郎     | 縮退一致 |
| 斎藤　一郎   | 斉藤　一郎     | 相違     |
| 架空　一郎   | 別人　一郎     | 相違     |
""")


def match_names(site: Site) -> None:
    """A person of each case, known by one name and told by another."""
    people = {no(n): case for n, case in enumerate(NAMES_COMPARED, 1)}
    kit.uketsuke(site, [{"uketsuke_no": n, "atena_no": n, "jotai_code": "4"} for n in people])
    kit.run(site, "uketsuke_daily", DAY)
    god = "\ufa19"  # 神 of another form: an editor would write the usual one
    known = {n: str(case["宛名"]).replace("＠", god) for n, case in people.items()}
    kit.juki(site, [{"atena_no": n, "name": name} for n, name in known.items()], kubun="1")
    kit.run(site, "juki_daily", DAY)
    told = [{"uketsuke_no": n, "name": case["一覧の漢字氏名"], "kiso_nenkin_no": kit.kiso(n)} for n, case in people.items()]
    kit.kekka(site, told)
    assert kit.run(site, "kikou_kekka", DAY)["outcomes"] == {"matched": len(people)}


@pytest.mark.parametrize("case", NAMES_COMPARED, ids=lambda c: f"{c['宛名']}-{c['一覧の漢字氏名']}")
def test_字形だけの違いは不一致に数えず示す(once: Once, case: dict[str, str]) -> None:
    site, number = once(match_names), no(1 + NAMES_COMPARED.index(case))
    found = kit.query(site, "select name_relation from pension.totsugo where uketsuke_no = :number", number=number)
    assert found == [(case["関係"],)]
