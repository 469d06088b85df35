"""対象者（誰の行を保有してよいか）: 受付・移行・全件・異動・照会回答を一度流し、表の1行を1人として確かめる。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import numpy as np
import pytest
from kit import DAY, day, no

from etl.core.law import shikaku
from etl.site import Site

# 根拠: この人がファイルに来る前に知られていること。区分: 1 全件、2 異動、3 照会回答。既定は 国内転入・住登者・1990年生まれ
PEOPLE = kit.table("""
| 事例                                   | 根拠         | 区分 | 事由 | 異動日     | 生年月日   | 不詳 | 状態 | 削除 | 保有 |
|----------------------------------------|--------------|------|------|------------|------------|------|------|------|------|
| 誰でもない人の全件                     |              | 1    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 年金基本がある人の全件                 | 年金基本     | 1    | 01   | 2020-04-01 | 1940-01-01 | 0    | 1    | 0    | 可   |
| 資格がある人の全件                     | 資格         | 1    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 資格を失った人の全件                   | 資格喪失済   | 1    | 01   | 2020-04-01 | 1940-01-01 | 0    | 1    | 0    | 可   |
| 裁定受付がある人の全件                 | 裁定         | 1    | 01   | 2020-04-01 | 1940-01-01 | 0    | 1    | 0    | 可   |
| 受付がある人の全件                     | 受付         | 1    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 取下げた受付の人の全件                 | 取下げ       | 1    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 未確認の受付の人の全件                 | 未確認       | 1    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 免除申請41の世帯主                     | 41世帯主     | 1    | 01   | 2020-04-01 | 1960-01-01 | 0    | 1    | 0    | 可   |
| 免除申請41の配偶者                     | 41配偶者     | 1    | 01   | 2020-04-01 | 1960-01-01 | 0    | 1    | 0    | 可   |
| 学生納付特例42の世帯主                 | 42世帯主     | 1    | 01   | 2020-04-01 | 1960-01-01 | 0    | 1    | 0    | 可   |
| 初めの改訂だけで名指された世帯主       | 41前の世帯主 | 1    | 01   | 2020-04-01 | 1960-01-01 | 0    | 1    | 0    | 可   |
| 他の届書（資格取得届）の世帯主         | 01世帯主     | 1    | 01   | 2020-04-01 | 1960-01-01 | 0    | 1    | 0    | 否   |
| 他の届書（障害裁定請求）の配偶者       | 52配偶者     | 1    | 01   | 2020-04-01 | 1960-01-01 | 0    | 1    | 0    | 否   |
| 候補の条件を満たす人でも全件では対象外 |              | 1    | 02   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 候補_国内転入                          |              | 2    | 01   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 候補_国外転入                          |              | 2    | 02   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 候補でない_出生                        |              | 2    | 03   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 候補_職権記載（帰化）                  |              | 2    | 04   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 候補_職権記載（国籍喪失）              |              | 2    | 05   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 候補_職権記載                          |              | 2    | 06   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 候補でない_改製                        |              | 2    | 07   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 候補でない_転居                        |              | 2    | 41   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 候補でない_死亡                        |              | 2    | 23   | 2025-09-20 | 1990-01-01 | 0    | 3    | 0    | 否   |
| 候補でない_状態が転出者                |              | 2    | 01   | 2025-09-20 | 1990-01-01 | 0    | 2    | 0    | 否   |
| 候補でない_その他消除者                |              | 2    | 06   | 2025-09-20 | 1990-01-01 | 0    | 9    | 0    | 否   |
| 候補でない_削除フラグ                  |              | 2    | 01   | 2025-09-20 | 1990-01-01 | 0    | 1    | 1    | 否   |
| 20歳到達日（誕生日の前日）に転入       |              | 2    | 01   | 2025-09-19 | 2005-09-20 | 0    | 1    | 0    | 可   |
| 20歳到達日の前日に転入                 |              | 2    | 01   | 2025-09-18 | 2005-09-20 | 0    | 1    | 0    | 否   |
| 60歳到達日の前日に転入                 |              | 2    | 01   | 2025-09-18 | 1965-09-20 | 0    | 1    | 0    | 可   |
| 60歳到達日（誕生日の前日）に転入       |              | 2    | 01   | 2025-09-19 | 1965-09-20 | 0    | 1    | 0    | 否   |
| 2月29日生まれの20歳到達日に転入        |              | 2    | 01   | 2024-02-28 | 2004-02-29 | 0    | 1    | 0    | 可   |
| 2月29日生まれの20歳到達日の前日に転入  |              | 2    | 01   | 2024-02-27 | 2004-02-29 | 0    | 1    | 0    | 否   |
| 生年月日なし                           |              | 2    | 01   | 2025-09-20 |            | 0    | 1    | 0    | 可   |
| 生年月日不詳フラグ（日付は90歳）       |              | 2    | 01   | 2025-09-20 | 1935-01-01 | 1    | 1    | 0    | 可   |
| 資格が続いている人の転入               | 資格         | 2    | 01   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 資格を失った人の転入                   | 資格喪失済   | 2    | 01   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 可   |
| 保有者の削除フラグの行                 | 年金基本     | 2    | 01   | 2025-09-20 | 1940-01-01 | 0    | 1    | 1    | 可   |
| 尋ねた人の回答                         | 尋ねた       | 3    | 01   | 2020-04-01 | 1940-01-01 | 0    | 1    | 0    | 可   |
| 尋ねない人の回答                       |              | 3    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 候補の条件を満たすが尋ねない人の回答   |              | 3    | 02   | 2025-09-20 | 1990-01-01 | 0    | 1    | 0    | 否   |
| 対象者だが尋ねない人の回答             | 後で受付     | 3    | 01   | 2020-04-01 | 1990-01-01 | 0    | 1    | 0    | 否   |
""")
for number, person in enumerate(PEOPLE, 1):
    person["no"] = no(1000 + number)
OTHER = no(900)  # 受付本人（世帯主・配偶者の例の申請者）


def _row(p: dict[str, Any]) -> dict[str, Any]:
    return {
        "atena_no": p["no"], "idou_jiyu_code": p["事由"], "idou_on": day(p["異動日"]), "birth_on": day(p["生年月日"]),
        "birth_fusho_flag": p["不詳"] == "1", "jumin_jotai_code": p["状態"], "sakujo_flag": p["削除"] == "1",
    }  # fmt: skip


def _with(reason: str) -> list[str]:
    return [p["no"] for p in PEOPLE if p["根拠"] == reason]


def _intakes() -> list[dict[str, Any]]:
    own = {"受付": {}, "取下げ": {"jotai_code": "3"}, "未確認": {"kakunin_user": None}, "尋ねた": {}}
    rows = [{"atena_no": n, **cells} for reason, cells in own.items() for n in _with(reason)]
    for reason, cell in (("世帯主", "setainushi_atena_no"), ("配偶者", "haiguusha_atena_no")):
        for todoke in ("41", "42", "01", "52"):
            rows += [{"atena_no": OTHER, "todoke_code": todoke, cell: n} for n in _with(f"{todoke}{reason}")]
    rows = [{"uketsuke_no": no(i), **r} for i, r in enumerate(rows, 1)]
    twice = {"uketsuke_no": no(99), "atena_no": OTHER, "todoke_code": "41"}
    return [*rows, {**twice, "setainushi_atena_no": _with("41前の世帯主")[0]}, {**twice, "rev": 2}]


@pytest.fixture(scope="module")
def files(town: Site) -> dict[str, dict[str, Any]]:
    """Everything in once; 区分 -> the file's result."""
    insured = [{"atena_no": n} for n in _with("資格")] + [
        {"atena_no": n, "lost_on": date(2024, 1, 1), "soushitsu_jiyu_code": "58"} for n in _with("資格喪失済")
    ]
    kit.ikou(town, "ikou_nenkin_kihon", [{"atena_no": n, "kiso_nenkin_no": kit.kiso(n)} for n in _with("年金基本")])
    default = {"shubetsu_code": "1", "acquired_on": date(2015, 4, 1), "shutoku_jiyu_code": "01"}
    kit.ikou(town, "ikou_shikaku", [{**default, "kiso_nenkin_no": kit.kiso(p["atena_no"]), **p} for p in insured])
    kit.ikou(town, "ikou_saitei", [{"atena_no": n, "todoke_code": "51", "uketsuke_on": date(2010, 4, 1)} for n in _with("裁定")])
    kit.run(town, "ikou_once", DAY)
    kit.uketsuke(town, _intakes())
    assert kit.run(town, "uketsuke_daily", DAY)["error"] is None
    kit.run(town, "juki_shoukai_daily", DAY)
    later = [{"uketsuke_no": no(200 + i), "atena_no": n} for i, n in enumerate(_with("後で受付"))]
    kit.uketsuke(town, later, on=date(2025, 9, 25), seq=2)
    kit.run(town, "uketsuke_daily", "2025-09-25")
    for seq, kubun in ((1, "1"), (2, "2"), (3, "3")):
        kit.juki(town, [_row(p) for p in PEOPLE if p["区分"] == kubun], seq=seq, kubun=kubun)
    result = kit.run(town, "juki_daily", DAY)
    assert result["error"] is None
    return dict(zip("123", result["files"], strict=True))


@pytest.mark.parametrize("person", PEOPLE, ids=[p["事例"] for p in PEOPLE])
def test_対象者の規則(town: Site, files: dict[str, Any], person: dict[str, Any]) -> None:
    held = kit.query(town, "select sakujo_flag from pension.atena where atena_no = :n", n=person["no"])
    assert held == ([(person["削除"] == "1",)] if person["保有"] == "可" else [])


@pytest.mark.parametrize("kubun", "123")
def test_対象外は数えるだけで保有しない(files: dict[str, Any], kubun: str) -> None:
    here = [p for p in PEOPLE if p["区分"] == kubun]
    counts = files[kubun]["counts"]
    assert (counts["data"], counts["out_of_scope"]) == (len(here), sum(p["保有"] == "否" for p in here))
    assert counts["new"] == sum(p["保有"] == "可" for p in here)


def test_対象外の人はどこにも残らない(town: Site, files: dict[str, Any], owner_url_of: Any) -> None:
    """Every text column of every table: no 宛名番号 of a person who is out of scope (一時表も空)."""
    import psycopg

    strangers = [p["no"] for p in PEOPLE if p["保有"] == "否" and not p["根拠"]]
    with psycopg.connect(owner_url_of(town)) as all_seeing:
        tables = all_seeing.execute(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables where table_type = 'BASE TABLE' "
            "and table_schema in ('pension', 'vault', 'ledger', 'audit', 'staging')"
        ).fetchall()
        for (table,) in tables:
            found = all_seeing.execute(f"select count(*) from {table} as t where t::text ~ any(%s)", (strangers,)).fetchone()  # type: ignore[arg-type]
            assert found == (0,), table


CANDIDATES = {
    p["no"]: p["事例"] for p in PEOPLE if p["区分"] == "2" and p["保有"] == "可" and p["根拠"] != "資格" and p["削除"] == "0"
}


def test_取得候補は条件に合い資格のない人だけ(town: Site, files: dict[str, Any]) -> None:
    listed = {
        n for (n,) in kit.query(town, "select atena_no from pension.worklist where kind = '取得候補' and closed_at is null")
    }
    assert listed == set(CANDIDATES)
    assert files["1"]["counts"]["quarantined"] == 0


# ---- file order ---------------------------------------------------------------------------------------------------------------


def test_候補の行より前の行は対象外_後の行は対象(site: Site) -> None:
    rows = [
        {"atena_no": no(1), "rireki_no": 1, "idou_jiyu_code": "03", "idou_on": date(1990, 1, 1)},
        {"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "02", "idou_on": date(2025, 9, 20)},
        {"atena_no": no(1), "rireki_no": 3, "idou_jiyu_code": "41", "idou_on": date(2025, 9, 22)},
    ]
    kit.juki(site, rows)
    counts = kit.only(kit.run(site, "juki_daily", DAY))["counts"]
    assert (counts["out_of_scope"], counts["new"], counts["updated"]) == (1, 1, 1)
    assert kit.query(site, "select rireki_no from pension.atena order by 1") == [(2,), (3,)]


def test_候補の期限は取り込んだ業務日から6か月(site: Site) -> None:
    """Within six months of the business day a further row comes in; after them it is out of scope; a 受付 makes it permanent."""
    entry = {"idou_jiyu_code": "01", "idou_on": date(2025, 9, 1)}
    kit.juki(site, [{"atena_no": no(n), **entry} for n in (1, 2, 3)])
    kit.run(site, "juki_daily", DAY)
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(3)}])
    kit.run(site, "uketsuke_daily", DAY)
    last, after = date(2026, 3, 24), date(2026, 3, 25)
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "41"}], on=last, seq=2)
    kit.juki(site, [{"atena_no": no(n), "rireki_no": 2, "idou_jiyu_code": "41"} for n in (2, 3)], on=after, seq=3)
    assert kit.only(kit.run(site, "juki_daily", last, reason="半年後"))["counts"]["updated"] == 1
    counts = kit.only(kit.run(site, "juki_daily", after))["counts"]
    assert (counts["out_of_scope"], counts["updated"]) == (1, 1)


# ---- ages ---------------------------------------------------------------------------------------------------------------------

AGES = kit.table("""
| 事例                           | 生年月日   | 異動日     | 候補 |
|--------------------------------|------------|------------|------|
| 20歳の誕生日の前日             | 2005-04-01 | 2025-03-31 | 可   |
| 20歳の誕生日の前々日           | 2005-04-01 | 2025-03-30 | 否   |
| 60歳の誕生日の前日             | 1965-05-01 | 2025-04-30 | 否   |
| 60歳の誕生日の前々日           | 1965-05-01 | 2025-04-29 | 可   |
| 2月29日生まれ_平年に60歳       | 1964-02-29 | 2024-02-28 | 否   |
| 2月29日生まれ_平年に60歳の前日 | 1964-02-29 | 2024-02-27 | 可   |
| 1月1日生まれは前年に20歳       | 2006-01-01 | 2025-12-31 | 可   |
| 3月1日生まれ_うるう年          | 2004-03-01 | 2024-02-29 | 可   |
""")


@pytest.mark.parametrize("case", AGES, ids=[c["事例"] for c in AGES])
def test_候補の年齢(case: dict[str, Any]) -> None:
    def column(text: str) -> np.ndarray:
        return np.array([text], "datetime64[D]")

    one = np.array(["01"]), np.array(["1"]), column(case["異動日"]), column(case["生年月日"]), np.array([True]), np.array([False])
    assert shikaku.may_start_obligation(*one).tolist() == [case["候補"] == "可"]


def test_行のハッシュは鍵なしには作れない(files: dict[str, Any], town: Site) -> None:
    """A plain hash of a record whose other fields are known would give its 個人番号 away in days."""
    from hashlib import blake2b

    held = next(p for p in PEOPLE if p["保有"] == "可" and p["区分"] == "1")
    record = kit.juki_bytes([_row(held)], kubun="1")[822:1644]
    plain = {
        blake2b(r, digest_size=16).digest()
        for r in (record, record[:-2], record[:33] + b" " + record[34:], record[:33] + b" " + record[34:-2])
    }
    ((kept,),) = kit.query(town, "select row_hash from pension.atena where atena_no = :n", n=held["no"])
    assert len(kept) == 16 and bytes(kept) not in plain


def test_候補の後の行は離れていても対象(site: Site) -> None:
    """The file is read in blocks: what an earlier block brought in is known in the next, and hashes of both are compared again."""
    from etl.core.codec.fixedfile import ROWS_PER_BLOCK

    first = {"atena_no": no(1), "idou_jiyu_code": "01", "idou_on": date(2025, 9, 20)}
    last = {"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "41"}
    strangers = [{"atena_no": no(2), "idou_jiyu_code": "41"}] * ROWS_PER_BLOCK
    kit.juki(site, [last, first, *strangers, last, first])
    counts = kit.only(kit.run(site, "juki_daily", DAY))["counts"]
    assert counts == {
        "data": ROWS_PER_BLOCK + 4,
        "new": 1,
        "updated": 1,
        "unchanged": 1,
        "quarantined": 0,
        "out_of_scope": ROWS_PER_BLOCK + 1,
    }
