"""職員の点検: 部署ごとの一覧を年度に一度見て署名する。一人だけの部署を本人が点検することはできない。まる一年度見ていない登録は期限切れ。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import kit
import psycopg
import pytest
from kit import code_of

from etl.attest.status import status
from etl.core.mapping.rights import rights
from etl.shokuin import register, tenken
from etl.shokuin.tenken import Sheet
from etl.site import Site
from tests import people

HONKA = "国民年金・福祉医療課"


def this_nendo() -> int:
    return people.today().year - (people.today().month < 4)


@pytest.fixture
def owner(owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as made:
        yield made


def enter(owner: psycopg.Connection, name: str, unit: str, role: str = "操作者", **more: Any) -> None:
    """In force since 2020, granted now."""
    row = {
        "user_name": name, "unit": unit, "yakuwari": [role], "sees_numbers": False, "from_on": date(2020, 4, 1), "totp": False,
        "reason": "試験", "asked_by": "kanri01", "granted_by": "kanri02", "granted_at": people.today(), **more,
    }  # fmt: skip
    owner.execute(f"insert into shokuin.touroku ({', '.join(row)}) values ({', '.join(f'%({k})s' for k in row)})", row)


def sheet(site: Site, unit: str) -> Sheet:
    return tenken.sheets(site, "kanri01", unit)[0]


# 川崎区役所には承認者 kawa01 と操作者 kawa02、大師支所には承認者 daishi01 だけがいる
SIGNERS = kit.table("""
| 事例                     | 誰が      | 部署       | 結果    |
|--------------------------|-----------|------------|---------|
| 管理者                   | kanri01   | 川崎区役所 |         |
| 管理者が自分の課を       | kanri01   | 国民年金・福祉医療課 | |
| その部署の承認者         | kawa01    | 川崎区役所 |         |
| その部署の操作者         | kawa02    | 川崎区役所 | NP-1083 |
| ほかの部署の承認者       | shounin01 | 川崎区役所 | NP-1083 |
| 監査者                   | kansa01   | 川崎区役所 | NP-1083 |
| 自分だけの部署           | daishi01  | 大師支所   | NP-1056 |
| 一人だけの部署を管理者が | kanri01   | 大師支所   |         |
| ほかの部署の管理者       | yoso      | 川崎区役所 | NP-1083 |
""")


@pytest.mark.parametrize("case", SIGNERS, ids=[str(c["事例"]) for c in SIGNERS])
def test_署名できる者(site: Site, owner: psycopg.Connection, case: dict[str, str | None]) -> None:
    enter(owner, "kawa01", "川崎区役所", "承認者")
    enter(owner, "kawa02", "川崎区役所")
    enter(owner, "daishi01", "大師支所", "承認者")
    enter(owner, "yoso", "幸区役所", "管理者")
    seen = sheet(site, case["部署"] or "")
    assert code_of(lambda: tenken.sign(site, case["誰が"] or "", seen, "点検")) == case["結果"]
    rows = register.rows_of(site, "kanri01")
    assert {row.reviewed for row in rows if row.unit == case["部署"]} == {case["結果"] is None}
    assert not any(row.reviewed for row in rows if row.unit != case["部署"])


# 見た後に一覧が変われば署名できない
CHANGES = {
    "変わらない": (None, None),
    "加わった": ("insert", "NP-1058"),
    "終わった": ("update shokuin.touroku set ended_by = 'kanri01', ended_at = now() where user_name = 'kawa02'", "NP-1058"),
    "役割が変わった": ("update shokuin.touroku set yakuwari = '{承認者}' where user_name = 'kawa02'", "NP-1058"),
    "個人番号を見られるようになった": ("update shokuin.touroku set sees_numbers = true where user_name = 'kawa02'", "NP-1058"),
    "末日が変わった": ("update shokuin.touroku set until_on = '2999-03-31' where user_name = 'kawa02'", "NP-1058"),
    "ほかの部署が変わった": (f"update shokuin.touroku set totp = true where unit = '{HONKA}'", None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_見た一覧に署名する(site: Site, owner: psycopg.Connection, change: str) -> None:
    sql, code = CHANGES[change]
    for name in ("kawa01", "kawa02"):
        enter(owner, name, "川崎区役所")
    seen = sheet(site, "川崎区役所")
    assert seen == sheet(site, "川崎区役所")
    if sql == "insert":
        enter(owner, "kawa03", "川崎区役所")
    elif sql:
        owner.execute(sql.encode())
    assert code_of(lambda: tenken.sign(site, "kanri01", seen, "点検")) == code


def test_いない部署は点検できない(site: Site) -> None:
    assert code_of(lambda: tenken.sheets(site, "kanri01", "どこかの課")) == "NP-1089"


# 付与も点検のうち。期限切れは、その次の年度をまる一年見ずに過ぎたとき
TERMS = kit.table("""
| 事例                               | 付与した年度 | 点検した年度 | 今年度の点検 | 期限切れ |
|------------------------------------|--------------|--------------|--------------|----------|
| 今年度に付与                       | 0            |              | 未           |          |
| 前年度に付与、まだ点検していない   | -1           |              | 未           |          |
| 前々年度に付与、前年度に点検なし   | -2           |              | 未           | 期限切れ |
| 前々年度に付与、前年度に点検       | -2           | -1           | 未           |          |
| 前々年度に付与、今年度に点検       | -2           | 0            | 済           |          |
| 五年度前に付与、前々年度に点検     | -5           | -2           | 未           | 期限切れ |
| 五年度前に付与、前年度に点検       | -5           | -1           | 未           |          |
""")


@pytest.mark.parametrize("case", TERMS, ids=[str(c["事例"]) for c in TERMS])
@pytest.mark.parametrize("on", [(4, 1), (3, 31)], ids=["年度の初日", "年度の末日"])
def test_点検の期限(site: Site, owner: psycopg.Connection, case: dict[str, str | None], on: tuple[int, int]) -> None:
    year = this_nendo() + int(case["付与した年度"] or 0)
    granted = date(year + (on[0] < 4), *on)
    enter(owner, "kawa01", "川崎区役所", granted_at=f"{granted} 12:00+09")
    if case["点検した年度"]:
        owner.execute(
            "insert into shokuin.tenken (unit, fiscal_year, tourokus, content_hash, signed_by)"
            " select unit, %s, array[touroku_id], 'x', 'kanri01' from shokuin.touroku where user_name = 'kawa01'",
            (this_nendo() + int(case["点検した年度"]),),
        )
    row = next(row for row in register.rows_of(site, "kanri01") if row.user_name == "kawa01")
    assert (row.reviewed, row.overdue) == (case["今年度の点検"] == "済", case["期限切れ"] is not None)
    assert status(site).people_overdue == int(row.overdue) and ("people_overdue" in status(site).as_json()) == row.overdue


# 60日以内に期限が来るもの
EXPIRES = kit.table("""
| 事例         | 末日まで | 期限 | 状態     |
|--------------|----------|------|----------|
| 末日なし     |          |      | in_force |
| 今日         | 0        | ある | in_force |
| 60日先       | 60       | ある | in_force |
| 61日先       | 61       |      | in_force |
| 昨日         | -1       |      | over     |
""")


@pytest.mark.parametrize("case", EXPIRES, ids=[str(c["事例"]) for c in EXPIRES])
def test_期限の近いもの(site: Site, owner: psycopg.Connection, case: dict[str, str | None]) -> None:
    until = people.today() + timedelta(days=int(case["末日まで"])) if case["末日まで"] else None
    enter(owner, "kawa01", "川崎区役所", until_on=until)
    row = next(row for row in register.rows_of(site, "kanri01") if row.user_name == "kawa01")
    assert (row.expires, row.state) == (case["期限"] is not None, case["状態"])


THERE = len(people.ROLES)


@pytest.mark.parametrize(("users", "fits"), [(49, False), (50, True), (99, True), (100, False)])
def test_利用者の数を評価書の50人以上100人未満と比べ_委託先は別に数える(
    site: Site, owner: psycopg.Connection, users: int, fits: bool
) -> None:
    assert (rights().users.at_least, rights().users.below) == (50, 100)
    for n in range(users - THERE):
        enter(owner, f"kawa{n}", "川崎区役所")
    enter(owner, "itaku", "委託先", "作業者", order_no="指示1", until_on=date(2999, 3, 31))
    enter(owner, "mada", "川崎区役所", from_on=people.today() + timedelta(days=1))
    found = tenken.summary(register.rows_of(site, "kanri01"))
    assert (found.users, found.fits, found.contractors) == (users, fits, 1)
    assert found.by_unit == {HONKA: THERE, "川崎区役所": users - THERE}


# 一覧を見られる者
READERS = kit.table("""
| 事例   | 誰        | 結果    |
|--------|-----------|---------|
| 管理者 | kanri01   |         |
| 監査者 | kansa01   |         |
| 承認者 | shounin01 |         |
| 操作者 | sousa03   | NP-1083 |
""")


@pytest.mark.parametrize("case", READERS, ids=[str(c["事例"]) for c in READERS])
def test_一覧を見られる者(site: Site, case: dict[str, str | None]) -> None:
    assert code_of(lambda: register.rows_of(site, case["誰"] or "")) == case["結果"]
