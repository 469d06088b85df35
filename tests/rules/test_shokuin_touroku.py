"""職員の登録: 申請した者とは別の、国民年金・福祉医療課の管理者が付与する。終わらせれば、その時点から何もできない。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import kit
import psycopg
import pytest
from kit import code_of

from etl.edge.db.migrate import migrate
from etl.shokuin import entries as e
from etl.shokuin import identity, proof, register
from etl.site import Site
from tests import people

REASON = "試験"


def day(offset: int) -> str:
    return str(people.today() + timedelta(days=offset))


@pytest.fixture
def owner(owner_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url, autocommit=True) as made:
        yield made


def cells(name: str, role: str = "操作者", unit: str = "川崎区役所", **more: str) -> dict[str, str]:
    return {e.WHO: name, e.UNIT: unit, e.ROLES: role, e.FIRST: day(0), e.REASON: REASON, **more}


def flaws(site: Site, asked: dict[str, str]) -> list[e.Flaw]:
    """What is wrong with what sousa01 asks for."""
    try:
        register.ask_typed(site, "sousa01", asked)
    except register.Flawed as error:
        return error.flaws
    return []


def states(site: Site, name: str) -> list[str]:
    return [row.state for row in register.rows_of(site, "kanri01") if row.user_name == name]


# 申請は登録のある職員なら誰でも、付与は申請者でも本人でもない、その課の管理者だけ
GRANTS = kit.table("""
| 事例                     | 申請者   | 職員     | 付与する者 | 結果    |
|--------------------------|----------|----------|------------|---------|
| 操作者が申請し管理者が付与 | sousa01 | shinjin  | kanri01    |         |
| 管理者が申請し別の管理者が付与 | kanri01 | shinjin | kanri02  |         |
| 本人が申請した変更       | sousa01  | sousa01  | kanri01    |         |
| 申請者が付与             | kanri01  | shinjin  | kanri01    | NP-2030 |
| 申請者の綴りを変えて     | kanri01  | shinjin  | ＫＡＮＲＩ０１ | NP-2030 |
| 自分の登録を付与         | kanri02  | kanri01  | kanri01    | NP-1056 |
| 操作者が付与             | kanri01  | shinjin  | sousa01    | NP-1083 |
| 承認者が付与             | kanri01  | shinjin  | shounin01  | NP-1083 |
| 監査者が付与             | kanri01  | shinjin  | kansa01    | NP-1083 |
| 登録のない者が付与       | kanri01  | shinjin  | dareka     | NP-1083 |
| ほかの課の管理者が付与   | kanri01  | shinjin  | yoso       | NP-1083 |
""")


@pytest.mark.parametrize("case", GRANTS, ids=[str(c["事例"]) for c in GRANTS])
def test_付与(site: Site, owner: psycopg.Connection, case: dict[str, str]) -> None:
    owner.execute(
        "insert into shokuin.touroku (user_name, unit, yakuwari, sees_numbers, from_on, totp, reason, asked_by, granted_by, granted_at)"
        " values ('yoso', '川崎区役所', '{管理者}', false, current_date, false, '試験', 'kanri01', 'kanri02', now())"
    )
    register.ask_typed(site, case["申請者"], cells(case["職員"], "監査者"))
    assert "asked" in states(site, case["職員"]), "nothing is in force by being asked for"
    assert code_of(lambda: register.grant(site, case["付与する者"], case["職員"], REASON)) == case["結果"]
    there = owner.execute("select shokuin.may(%s, '監査者')", (case["職員"],)).fetchone()
    assert there == (not case["結果"],)
    tried = owner.execute("select count(*) from audit.event where operation = '拒否'").fetchone()
    assert tried == (1 if case["結果"] else 0,), "each try is recorded"


def test_登録のない職員は申請できない(site: Site) -> None:
    assert code_of(lambda: register.ask_typed(site, "dareka", cells("shinjin"))) == "NP-1083"


def test_付与すると_まだない職員にパスワードを一度だけ作る(site: Site) -> None:
    register.ask_typed(site, "sousa01", cells("shinjin", **{e.TOTP: "○"}))
    row, made = register.grant(site, "kanri01", "shinjin", REASON)
    assert made and made.password and made.secret and made.otpauth and made.otpauth.startswith("otpauth://totp/") and row.totp
    register.ask_typed(site, "sousa01", cells("shinjin", "承認者", **{e.TOTP: "○"}))
    assert register.grant(site, "kanri01", "shinjin", REASON)[1] is None
    assert states(site, "shinjin") == ["ended", "in_force"]


def test_見た申請と違えば付与しない(site: Site) -> None:
    register.ask_typed(site, "sousa01", cells("shinjin"))
    seen = next(row.touroku_id for row in register.rows_of(site, "kanri01") if row.user_name == "shinjin")
    register.ask_typed(site, "sousa01", cells("shinjin", "管理者"))
    assert code_of(lambda: register.grant(site, "kanri01", "shinjin", REASON, seen)) == "NP-1089"
    assert states(site, "shinjin") == ["ended", "asked"]


# 先の日からの登録は、その日まで今の登録を変えない
AHEAD = kit.table("""
| 事例               | 新しい初日 | 今の状態        | 今日の役割 |
|--------------------|------------|-----------------|------------|
| 昨日から           | -1         | ended in_force  | 承認者     |
| 今日から           | 0          | ended in_force  | 承認者     |
| 明日から           | 1          | in_force coming | 操作者・承認者 |
| ひと月先から       | 30         | in_force coming | 操作者・承認者 |
""")


@pytest.mark.parametrize("case", AHEAD, ids=[str(c["事例"]) for c in AHEAD])
def test_初日(site: Site, owner: psycopg.Connection, case: dict[str, str]) -> None:
    register.ask_typed(site, "sousa01", cells("sousa02", "承認者", **{e.FIRST: day(int(case["新しい初日"]))}))
    register.grant(site, "kanri01", "sousa02", REASON)
    assert " ".join(states(site, "sousa02")) == case["今の状態"]
    roles = owner.execute("select yakuwari from shokuin.yuukou where user_name = 'sousa02'").fetchall()
    assert roles == [(case["今日の役割"].split("・"),)]


def test_終わらせると_申請も先の登録も_ログインもなくなる(
    site: Site, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof.set_password(site, "kanri01", "sousa02", "abcd-efgh-jkmn", REASON)
    token, _ = proof.log_in(site, "sousa02", "abcd-efgh-jkmn")
    monkeypatch.setenv("KOKUNEN_TOKEN", token)
    register.ask_typed(site, "sousa01", cells("sousa02", "承認者", **{e.FIRST: day(30)}))
    register.grant(site, "kanri01", "sousa02", REASON)
    register.ask_typed(site, "sousa01", cells("sousa02", "監査者"))
    register.finish(site, "kanri01", "ｓｏｕｓａ０２", "異動")
    assert states(site, "sousa02") == ["ended"] * 3
    assert code_of(lambda: identity.who(site, None)) == "NP-1081"
    assert owner.execute("select count(*) from shokuin.kakunin where person = 'sousa02'").fetchone() == (0,)
    assert code_of(lambda: register.ask_typed(site, "sousa02", cells("shinjin"))) == "NP-1083"


# 終わらせられる者、終わらせられない登録
ENDS = kit.table("""
| 事例                     | 誰が      | 誰を     | 先に終わらせる | 結果    |
|--------------------------|-----------|----------|----------------|---------|
| 管理者が操作者を         | kanri01   | sousa01  |                |         |
| 管理者が自分を           | kanri01   | kanri01  |                |         |
| 最後の管理者が自分を     | kanri01   | kanri01  | kanri02        | NP-1090 |
| 操作者が                 | sousa01   | sousa02  |                | NP-1083 |
| 承認者が                 | shounin01 | sousa02  |                | NP-1083 |
| 登録のない者を           | kanri01   | dareka   |                | NP-1089 |
| 終わった者をもう一度     | kanri01   | sousa01  | sousa01        | NP-1089 |
""")


@pytest.mark.parametrize("case", ENDS, ids=[str(c["事例"]) for c in ENDS])
def test_終了(site: Site, case: dict[str, str | None]) -> None:
    if case["先に終わらせる"]:
        register.finish(site, "kanri01", case["先に終わらせる"], REASON)
    assert code_of(lambda: register.finish(site, case["誰が"] or "", case["誰を"] or "", REASON)) == case["結果"]


# 申請の書き方。誤りは項目で言い、値は言わない
ASKED = kit.table("""
| 事例                 | 項目           | 書き方               | 結果    |
|----------------------|----------------|----------------------|---------|
| 役割が二つ           | 役割           | 操作者・承認者       |         |
| 役割を読点で         | 役割           | 操作者、監査者       |         |
| 役割がない           | 役割           |                      | NP-1057 |
| 知らない役割         | 役割           | 操作者・課長         | NP-1057 |
| 部署がない           | 部署           | 　                   | NP-1057 |
| 共用の名前           | 職員           | ｒｏｏｔ             | NP-1057 |
| 共用の名前（画面）   | 職員           | Airflow              | NP-1057 |
| 名前がない           | 職員           |                      | NP-1057 |
| 似た文字の名前       | 職員           | sоusa01              | NP-1057 |
| 12桁                 | 職員           | 0000-1234-5678       | NP-1057 |
| 和暦                 | 有効期間の初日 | 令和8年4月1日        |         |
| 暦にない日           | 有効期間の初日 | 2026-02-30           | NP-1057 |
| 末日が過ぎている     | 末日           | 2026-01-01           | NP-1057 |
| 末日が初日より前     | 末日           | 2020-01-01           | NP-1057 |
| 共用の OS 利用者     | OS利用者       | postgres             | NP-1057 |
| 空白のある OS 利用者 | OS利用者       | taro yamada          | NP-1057 |
| OS 利用者            | OS利用者       | taro                 |         |
| 個人番号             | 個人番号       | ○                    |         |
| 個人番号の書き方     | 個人番号       | たぶん               | NP-1057 |
| 改行のある理由       | 理由           | 新規\\n承認          | NP-1057 |
""")


@pytest.mark.parametrize("case", ASKED, ids=[str(c["事例"]) for c in ASKED])
def test_申請の書き方(site: Site, case: dict[str, str | None]) -> None:
    written = (case["書き方"] or "").replace("\\n", "\n")
    found = flaws(site, {**cells("shinjin"), case["項目"] or "": written})
    assert {flaw.item for flaw in found} == ({case["項目"]} if case["結果"] else set())
    assert not written.strip() or all(written not in str(flaw) for flaw in found)


# 作業者は、契約・指示の番号と末日のある間だけ
CONTRACTORS = kit.table("""
| 事例                   | 契約番号 | 末日 | 誤り          |
|------------------------|----------|------|---------------|
| 両方ある               | 指示12   | 30   |               |
| 契約番号がない         |          | 30   | 契約番号      |
| 末日がない             | 指示12   |      | 末日          |
| 両方ない               |          |      | 末日 契約番号 |
""")


@pytest.mark.parametrize("case", CONTRACTORS, ids=[str(c["事例"]) for c in CONTRACTORS])
def test_作業者(site: Site, owner: psycopg.Connection, case: dict[str, str | None]) -> None:
    more = {e.ORDER: case["契約番号"] or "", e.LAST: day(int(case["末日"])) if case["末日"] else ""}
    found = flaws(site, cells("itaku01", "作業者", "委託先", **more))
    assert " ".join(flaw.item for flaw in found) == (case["誤り"] or "")
    if found:
        return
    register.grant(site, "kanri01", "itaku01", REASON)
    assert owner.execute("select shokuin.may('itaku01', '作業者')").fetchone() == (True,)
    owner.execute("update shokuin.touroku set from_on = %s, until_on = %s where user_name = 'itaku01'", (day(-3), day(-1)))
    assert owner.execute("select shokuin.may('itaku01')").fetchone() == (False,), "the day after its last day"


def test_一人のOS利用者は一人の職員(site: Site) -> None:
    for name in ("shinjin", "shinjin02"):
        register.ask_typed(site, "sousa01", cells(name, **{e.OS_USER: "taro"}))
    register.grant(site, "kanri01", "shinjin", REASON)
    assert code_of(lambda: register.grant(site, "kanri01", "shinjin02", REASON)) == "NP-1059"
    register.finish(site, "kanri01", "shinjin", "退職")
    register.grant(site, "kanri01", "shinjin02", REASON)


# 最初の管理者は、誰もいないときに一度だけ
FIRSTS = kit.table("""
| 事例           | 名前    | OS利用者 | パスワード      | 結果    |
|----------------|---------|----------|-----------------|---------|
| 渡したもの     | kanri01 | taro     | abcd-efgh-jkmn  |         |
| 作ったもの     | kanri01 |          |                 |         |
| 短い           | kanri01 |          | abcd            | NP-1086 |
| 共用の名前     | admin   |          |                 | NP-1057 |
| 共用の OS 利用者 | kanri01 | root   |                 | NP-1057 |
| 12桁           | 000012345678 |     |                 | NP-1002 |
| 名前でない     | 　      |          |                 | NP-1015 |
""")


@pytest.mark.parametrize("case", FIRSTS, ids=[str(c["事例"]) for c in FIRSTS])
def test_最初の管理者(
    bare: Site, owner_url_of: Callable[[Site], str], case: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOKUNEN_UNIT", "どこかの課")
    migrate(owner_url_of(bare))
    made: list[proof.Made] = []
    name = case["名前"] or "　"
    assert code_of(lambda: made.append(register.first(bare, name, case["パスワード"], case["OS利用者"]))) == case["結果"]
    if case["結果"]:
        register.first(bare, "kanri02")  # nothing was left behind
        return
    assert (made[0].password is None) == bool(case["パスワード"])
    proof.log_in(bare, "kanri01", made[0].password or case["パスワード"] or "")
    assert code_of(lambda: register.first(bare, "kanri02")) == "NP-1087"
    register.ask_typed(bare, "kanri01", cells("shinjin"))
    assert code_of(lambda: register.grant(bare, "kanri01", "shinjin", REASON)) == "NP-2030", (
        "one alone grants nothing that he asked for"
    )
