"""所得照会: 誰のどの年度を、どの受付のために尋ねるか。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.site import Site
from tests.conftest import Once
from tests.rules.income import NEXT, THIRD, intake

ASKED = kit.table("""
| 事例                                     | 届 | 受付                                                                       | 尋ねる（関係-人-年度）        | 事由 |
|------------------------------------------|----|----------------------------------------------------------------------------|-------------------------------|------|
| 免除は本人と配偶者と世帯主               | 41 | menjo_from_month=2025-07-01 menjo_to_month=2026-06-01                      | 1-1-2025 2-2-2025 3-3-2025    | 01   |
| 納付猶予に世帯主は要らない               | 41 | menjo_code=30 menjo_from_month=2025-07-01 menjo_to_month=2026-06-01        | 1-1-2025 2-2-2025             | 02   |
| 世帯主である本人は一度だけ               | 41 | menjo_from_month=2025-07-01 setainushi_atena_no=1                          | 1-1-2025 2-2-2025             | 01   |
| 世帯主である配偶者は配偶者として         | 41 | menjo_from_month=2025-07-01 setainushi_atena_no=2                          | 1-1-2025 2-2-2025             | 01   |
| 6月までは前の年度                        | 41 | menjo_from_month=2025-06-01 setainushi_atena_no= haiguusha_atena_no=       | 1-1-2024                      | 01   |
| 年度をまたぐ                             | 41 | menjo_from_month=2024-06-01 menjo_to_month=2025-07-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 納付期限から2年を過ぎた月は尋ねない      | 41 | menjo_from_month=2020-07-01 menjo_to_month=2026-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2023 1-1-2024 1-1-2025 | 01 |
| 申請の年度の6月より後の月は尋ねない      | 41 | menjo_from_month=2025-07-01 menjo_to_month=2030-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025 | 01 |
| 期限2024-07-31から2年の日は2024-06も     | 41 | juri_on=2026-07-31 menjo_from_month=2020-07-01 menjo_to_month=2030-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2023 1-1-2024 1-1-2025 1-1-2026 | 01 |
| その翌日は2024-07から                    | 41 | juri_on=2026-08-01 menjo_from_month=2020-07-01 menjo_to_month=2030-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2024 1-1-2025 1-1-2026 | 01 |
| 6月末日は次の7月からの年度を尋ねない     | 41 | juri_on=2026-06-30 menjo_from_month=2026-06-01 menjo_to_month=2027-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025 | 01 |
| 7月1日は尋ねる                           | 41 | juri_on=2026-07-01 menjo_from_month=2026-06-01 menjo_to_month=2027-06-01 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025 1-1-2026 | 01 |
| 申請できる月がなければ尋ねない           | 41 | juri_on=2026-08-01 menjo_from_month=2023-07-01 menjo_to_month=2024-06-01 setainushi_atena_no= haiguusha_atena_no= | | |
| 年度だけでも申請できる月がなければ同じ   | 41 | juri_on=2026-08-01 menjo_year=2023 setainushi_atena_no= haiguusha_atena_no= | | |
| 大みそかの期限は年始の後_そこから2年の日 | 42 | menjo_code=40 juri_on=2025-01-04 menjo_from_month=2022-11-01 menjo_to_month=2022-11-01 | 1-1-2022 | 03 |
| その翌日                                 | 42 | menjo_code=40 juri_on=2025-01-05 menjo_from_month=2022-11-01 menjo_to_month=2022-11-01 | | |
| 学生は3月末日に4月からの年度を尋ねない   | 42 | menjo_code=40 juri_on=2026-03-31 menjo_from_month=2026-03-01 menjo_to_month=2027-03-01 | 1-1-2025 | 03 |
| 学生は4月1日に4月からの年度も尋ねる      | 42 | menjo_code=40 juri_on=2026-04-01 menjo_from_month=2026-03-01 menjo_to_month=2027-03-01 | 1-1-2025 1-1-2026 | 03 |
| 終期がなければ始期の年度                 | 41 | menjo_from_month=2025-07-01 setainushi_atena_no= haiguusha_atena_no=       | 1-1-2025                      | 01   |
| 始期も終期もなければ免除年度             | 41 | menjo_year=2024 setainushi_atena_no= haiguusha_atena_no=                   | 1-1-2024                      | 01   |
| 学生は本人だけ                           | 42 | menjo_code=40 menjo_from_month=2025-04-01 menjo_to_month=2026-03-01        | 1-1-2025                      | 03   |
| 学生の年度は4月から                      | 42 | menjo_code=40 menjo_from_month=2025-03-01 menjo_to_month=2025-04-01        | 1-1-2024 1-1-2025             | 03   |
| 20歳前障害の裁定請求_8月は前年度と年度   | 52 | nenkin_code=6350 juri_on=2026-08-10 | 1-1-2025 1-1-2026 | 04 |
| 11月はその年度                           | 60 | nenkin_code=6350 juri_on=2026-11-05 | 1-1-2026          | 05 |
| 所得状況届も11月はその年度               | 61 | nenkin_code=6350 juri_on=2026-11-05 | 1-1-2026          | 05 |
| 所得状況届の8月は前年度と年度            | 61 | nenkin_code=2650 juri_on=2026-08-10 | 1-1-2025 1-1-2026 | 05 |
| 拠出の受給者の所得状況届は尋ねない       | 61 | nenkin_code=5350 juri_on=2026-11-05 |                   |    |
| 産前産後・育児の届は尋ねない             | 34 | juri_on=2026-11-05 menjo_code= menjo_from_month=2026-10-01 | | |
| 3月は前の年の年度                        | 52 | nenkin_code=2650 juri_on=2027-03-01 | 1-1-2026          | 04 |
| 6月末日                                  | 52 | nenkin_code=6350 juri_on=2026-06-30 | 1-1-2025          | 04 |
| 7月1日からは次の年度も                   | 52 | nenkin_code=6350 juri_on=2026-07-01 | 1-1-2025 1-1-2026 | 04 |
| 9月末日                                  | 52 | nenkin_code=6350 juri_on=2026-09-30 | 1-1-2025 1-1-2026 | 04 |
| 10月1日からは次の年度だけ                | 52 | nenkin_code=6350 juri_on=2026-10-01 | 1-1-2026          | 04 |
| 大みそか                                 | 52 | nenkin_code=6350 juri_on=2026-12-31 | 1-1-2026          | 04 |
| 元日                                     | 52 | nenkin_code=6350 juri_on=2027-01-01 | 1-1-2026          | 04 |
| 初診日が20歳に達する日の前日             | 52 | juri_on=2026-11-05 birth_on=2000-05-10 shoshin_on=2020-05-08 | 1-1-2026 | 04 |
| 初診日が20歳に達する日（誕生日の前日）   | 52 | juri_on=2026-11-05 birth_on=2000-05-10 shoshin_on=2020-05-09 | | |
| 2月29日生まれは28日に20歳に達する        | 52 | juri_on=2026-11-05 birth_on=2004-02-29 shoshin_on=2024-02-27 | 1-1-2026 | 04 |
| 2月28日の初診は20歳前でない              | 52 | juri_on=2026-11-05 birth_on=2004-02-29 shoshin_on=2024-02-28 | | |
| 5350でも初診日が20歳前なら尋ねる         | 52 | nenkin_code=5350 juri_on=2026-11-05 birth_on=2000-05-10 shoshin_on=2015-01-01 | 1-1-2026 | 04 |
| 6350なら初診日によらない                 | 52 | nenkin_code=6350 juri_on=2026-11-05 birth_on=2000-05-10 shoshin_on=2025-01-01 | 1-1-2026 | 04 |
| 拠出の障害基礎年金は尋ねない             | 52 | nenkin_code=5350 shoshin_on=2020-06-15 | | |
| 拠出の現況届は尋ねない                   | 60 | nenkin_code=5350                       | | |
| 年金コードも初診日もなければ尋ねない     | 52 |                                        | | |
| 障害の額改定は尋ねない                   | 58 | nenkin_code=6350                       | | |
| 取得届は尋ねない                         | 01 |                                                                            |                               |      |
| 法定免除は尋ねない                       | 31 | menjo_from_month=2025-07-01                                                |                               |      |
| 老齢の裁定は尋ねない                     | 51 |                                                                            |                               |      |
| 未確認は尋ねない                         | 41 | menjo_from_month=2025-07-01 kakunin_user=                                  |                               |      |
| 審査中は尋ねる                           | 41 | menjo_from_month=2025-07-01 jotai_code=2 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025                 | 01   |
| 返戻は尋ねる                             | 41 | menjo_from_month=2025-07-01 jotai_code=5 setainushi_atena_no= haiguusha_atena_no= | 1-1-2025                 | 01   |
| 取下げは尋ねない                         | 41 | menjo_from_month=2025-07-01 jotai_code=3                                   |                               |      |
| 進達済は尋ねない                         | 41 | menjo_from_month=2025-07-01 jotai_code=4                                   |                               |      |
| 結果登録済は尋ねない                     | 41 | menjo_from_month=2025-07-01 jotai_code=6                                   |                               |      |
""")


@pytest.fixture(scope="module")
def questions(town: Site) -> list[tuple[Any, ...]]:
    """All cases in one file; what was asked."""
    kit.uketsuke(town, [intake(100 * n, case["届"] or "", case["受付"]) for n, case in enumerate(ASKED, 1)])
    assert kit.run(town, "uketsuke_daily", DAY)["error"] is None
    asked = kit.run(town, "shotoku_shoukai_daily", DAY)
    rows = kit.query(
        town,
        "select uketsuke_no, kankei_code, atena_no, soutou_year, shoukai_jiyu_code, shoukai_no from pension.shotoku_shoukai order by shoukai_no",
    )
    assert asked["error"] is None and asked["requested"] == len(rows)
    return rows


@pytest.mark.parametrize("n", range(1, len(ASKED) + 1), ids=[c["事例"] or "" for c in ASKED])
def test_誰のどの年度を尋ねるか(questions: list[tuple[Any, ...]], n: int) -> None:
    found = [q for q in questions if q[0] == no(100 * n)]
    assert " ".join(f"{q[1]}-{int(q[2]) - 100 * n}-{q[3]}" for q in found) == (ASKED[n - 1]["尋ねる（関係-人-年度）"] or "")
    assert {q[4] for q in found} <= {ASKED[n - 1]["事由"]}


def test_20歳前傷病か分からなければ要確認に載り_分かれば尋ねて外れる(site: Site) -> None:
    reason = f"受付-{no(0)} 20歳前傷病か分からない（年金コード・初診日）"
    for rev, on, code in ((1, DAY, None), (2, NEXT, None), (3, THIRD, "6350")):
        kit.uketsuke(site, [intake(0, "52", rev=rev, nenkin_code=code)], on=on, seq=rev)
        for job in ("uketsuke_daily", "juki_daily", "shotoku_shoukai_daily"):
            assert kit.run(site, job, on)["error"] is None
        asked = kit.query(site, "select soutou_year from pension.shotoku_shoukai order by 1")
        listed = kit.query(site, "select atena_no, row_key, closed_at is null from pension.worklist where kind = '要確認'")
        found = kit.query(
            site, "select findings from pension.uketsuke_check where superseded_at is null order by uketsuke_id desc limit 1"
        )
        assert asked == ([(2024,), (2025,)] if code else [])
        assert listed == [(no(1), reason, code is None)]
        assert ("20歳前傷病か分からない（年金コード・初診日）" in found[0][0]) == (code is None)


def test_20歳前かは宛名の生年月日で見る_不詳なら受付の生年月日(site: Site) -> None:
    born, first_seen = date(2000, 5, 11), date(2020, 5, 9)  # 宛名: 2000-05-10 reaches 20 on the day of 初診
    kit.uketsuke(site, [intake(100 * n, "52", birth_on=born, shoshin_on=first_seen, juri_on=DAY) for n in (1, 2, 3)])
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(
        site,
        [
            {"atena_no": no(101), "birth_on": date(2000, 5, 10)},
            {"atena_no": no(201), "birth_on": date(2000, 5, 10), "birth_fusho_flag": True},
        ],
    )
    kit.run(site, "juki_daily", DAY)
    kit.run(site, "shotoku_shoukai_daily", DAY)
    assert kit.query(site, "select distinct atena_no from pension.shotoku_shoukai order by 1") == [(no(201),), (no(301),)]


MONTHS = [
    ("41", date(2025, 9, 30), date(2023, 8, 1), date(2026, 6, 1), None),
    ("41", date(2025, 9, 30), date(2023, 7, 1), date(2026, 6, 1), "2023年7月"),
    ("41", date(2025, 9, 30), date(2023, 7, 1), date(2027, 6, 1), "2023年7月、2026年7月～2027年6月"),
    ("42", date(2025, 9, 30), date(2023, 8, 1), date(2026, 4, 1), "2026年4月"),
    ("41", date(2025, 9, 30), date(2022, 7, 1), date(2023, 6, 1), "2022年7月～2023年6月"),
    ("31", date(2025, 9, 30), date(2020, 7, 1), date(2023, 6, 1), None),
]


def check_months(site: Site) -> None:
    """An application of each case, in one file."""
    kit.uketsuke(site, [
        intake(10 * at, code, juri_on=juri_on, menjo_from_month=first, menjo_to_month=last)
        for at, (code, juri_on, first, last, _) in enumerate(MONTHS)
    ])  # fmt: skip
    kit.run(site, "uketsuke_daily", DAY)


@pytest.mark.parametrize(("code", "juri_on", "first", "last", "said"), MONTHS)
def test_申請できない月は受付点検で月を言う(
    once: Once, code: str, juri_on: date, first: date, last: date, said: str | None
) -> None:
    [(findings,)] = kit.query(
        once(check_months), "select findings from pension.uketsuke_check where uketsuke_id in "
        "(select uketsuke_id from pension.uketsuke where uketsuke_no = :number)",
        number=no(10 * MONTHS.index((code, juri_on, first, last, said))),
    )  # fmt: skip
    assert [f for f in findings if "申請できない" in f] == ([f"申請できない月を含む（{said}）"] if said else [])


def test_照会番号は業務日と連番で_受付番号と関係と年度の順(questions: list[tuple[Any, ...]]) -> None:
    assert [q[5] for q in questions] == [f"{DAY:%Y%m%d}{n:07}" for n in range(1, len(questions) + 1)]
    assert [q[:2] + q[3:4] for q in questions] == sorted(q[:2] + q[3:4] for q in questions)


def test_改訂は新しい分だけを尋ねる(site: Site) -> None:
    alone = {"setainushi_atena_no": None, "haiguusha_atena_no": None}
    for rev, on, month in ((1, DAY, 7), (2, NEXT, 6)):
        kit.uketsuke(
            site,
            [intake(0, menjo_from_month=date(2025, month, 1), menjo_to_month=date(2026, 6, 1), rev=rev, **alone)],
            on=on,
            seq=rev,
        )
        kit.run(site, "uketsuke_daily", on)
        kit.run(site, "shotoku_shoukai_daily", on)
    assert kit.query(site, "select soutou_year, asked_on::text from pension.shotoku_shoukai order by shoukai_no") == [
        (2025, DAY.isoformat()), (2024, NEXT.isoformat()),
    ]  # fmt: skip
    again = kit.run(site, "shotoku_shoukai_daily", NEXT)
    assert again["requested"] == 1 and len(list((site.outbox / "shotoku_shoukai").rglob("*.dat"))) == 2


def test_初日の受付は統計を持つ_数百件でも照会がすぐ終わる(site: Site) -> None:
    """Without statistics the statement is planned for one intake: 450 took 35 seconds, and the time grows with the square."""
    kit.uketsuke(site, [intake(n * 10, menjo_year=2025) for n in range(300)])
    kit.run(site, "uketsuke_daily", DAY)
    assert kit.query(site, "select reltuples >= 300 from pg_class where oid = 'pension.uketsuke'::regclass") == [(True,)]
    assert kit.run(site, "shotoku_shoukai_daily", DAY)["requested"] == 900
