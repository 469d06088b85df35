"""本人確認: 打たれた名前は何も証明しない。ログインの失敗は遅くなり、記録され、知らない名前も知っている名前も同じに答える。"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import kit
import psycopg
import pyotp
import pytest
from kit import code_of
from werkzeug.security import generate_password_hash

from etl import run as runs
from etl.core.errors import Refused
from etl.shokuin import identity, proof, register
from etl.site import Site
from tests.conftest import After

WORD = "abcd-efgh-jkmn"
REASON = "試験"


def password(site: Site) -> None:
    proof.set_password(site, "kanri01", "sousa01", WORD, REASON)


@pytest.fixture
def known(after: After) -> Site:
    """A site where sousa01 has a password."""
    return after(password)


@pytest.fixture
def owner(known: Site) -> Iterator[psycopg.Connection]:
    with psycopg.connect(known.url_of("owner"), autocommit=True) as made:
        yield made


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody has logged in here."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def later(owner: psycopg.Connection, seconds: int) -> None:
    """Time passes for what failed."""
    owner.execute("update shokuin.shippai set at = at - make_interval(secs => %s)", (seconds,))


def events(owner: psycopg.Connection, operation: str) -> list[tuple[str, str]]:
    return owner.execute("select user_name, reason from audit.event where operation = %s order by 1, 2", (operation,)).fetchall()  # type: ignore[return-value]


# 職員・パスワードの組ごとに。綴りの違い（全角、大文字、空白）は同じ人
TRIES = kit.table("""
| 事例                 | 名前       | パスワード      | 結果    |
|----------------------|------------|-----------------|---------|
| 正しい               | sousa01    | abcd-efgh-jkmn  |         |
| 名前の綴りが違う     | ＳＯＵＳＡ０１ | abcd-efgh-jkmn |       |
| パスワードが違う     | sousa01    | abcd-efgh-jkmm  | NP-1084 |
| 大文字と小文字       | sousa01    | ABCD-efgh-jkmn  | NP-1084 |
| 途中まで             | sousa01    | abcd-efgh-jkm   | NP-1084 |
| 空                   | sousa01    |                 | NP-1084 |
| パスワードのない職員 | sousa02    | abcd-efgh-jkmn  | NP-1084 |
| 登録のない名前       | dareka     | abcd-efgh-jkmn  | NP-1084 |
| 共用の名前           | airflow    | abcd-efgh-jkmn  | NP-1084 |
| 名前でない           |            | abcd-efgh-jkmn  | NP-1084 |
""")


@pytest.mark.parametrize("case", TRIES, ids=[str(c["事例"]) for c in TRIES])
def test_ログイン(known: Site, owner: psycopg.Connection, case: dict[str, str | None]) -> None:
    found = code_of(lambda: proof.log_in(known, case["名前"] or "", case["パスワード"] or ""))
    assert found == case["結果"]
    assert bool(events(owner, "ログイン失敗")) == bool(found) and bool(events(owner, "ログイン")) == (not found)
    if case["名前"] in ("dareka", "airflow"):
        assert events(owner, "ログイン失敗") == [("（登録のない名前）", "パスワード")]
        assert not owner.execute("select 1 from shokuin.shippai where person ilike %s", (f"%{case['名前']}%",)).fetchone()


# 失敗のたびに待つ時間が倍になり、5回で15分。ほかの名前は待たない
WAITS = kit.table("""
| 事例           | 失敗 | たった秒 | 待つ秒 |
|----------------|------|----------|--------|
| 失敗なし       | 0    | 0        | 0      |
| 1回            | 1    | 0        | 1      |
| 1回の後1秒     | 1    | 1        | 0      |
| 2回            | 2    | 0        | 2      |
| 3回            | 3    | 0        | 4      |
| 4回            | 4    | 0        | 8      |
| 4回の後7秒     | 4    | 7        | 1      |
| 4回の後8秒     | 4    | 8        | 0      |
| 5回            | 5    | 0        | 900    |
| 9回            | 9    | 0        | 900    |
| 5回の後14分59秒 | 5   | 899      | 1      |
| 5回の後15分    | 5    | 900      | 0      |
""")


@pytest.mark.parametrize("name", ["sousa01", "dareka"])
@pytest.mark.parametrize("case", WAITS, ids=[str(c["事例"]) for c in WAITS])
def test_失敗が続くと待つ(known: Site, owner: psycopg.Connection, case: dict[str, str], name: str) -> None:
    for _ in range(int(case["失敗"])):
        owner.execute("select shokuin.failed(%s, '課', '端末', 'パスワード')", (name,))
    later(owner, int(case["たった秒"]))
    owner.execute("begin")
    found = owner.execute("select shokuin.machi(%s), shokuin.machi('sousa02')", (name,)).fetchone()
    assert found and abs(found[0] - int(case["待つ秒"])) <= 1 and found[1] == 0
    if int(case["待つ秒"]) > 1:
        assert code_of(lambda: proof.log_in(known, name, WORD)) == "NP-1085", "the right password does not help"


def test_ログインできれば_またパスワードが設定し直されれば_失敗は忘れる(known: Site, owner: psycopg.Connection) -> None:
    for renew in (
        lambda: proof.log_in(known, "sousa01", WORD),
        lambda: proof.set_password(known, "kanri01", "sousa01", WORD, REASON),
    ):
        owner.execute("select shokuin.failed('sousa01', '課', '端末', 'パスワード')")
        later(owner, 2)
        renew()
        assert owner.execute("select shokuin.machi('sousa01')").fetchone() == (0,)


def test_同時に試しても一つずつ(known: Site, owner: psycopg.Connection) -> None:
    """Eight at once: the first fails, the others have to wait."""
    said: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: said.append(code_of(lambda: proof.log_in(known, "sousa01", "wrong")))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 8 and said.count("NP-1085") >= 5
    assert len(events(owner, "ログイン失敗")) == said.count("NP-1084")


def test_知らない名前も_知っている名前と同じだけ時間がかかる(known: Site, owner: psycopg.Connection) -> None:
    assert proof.NOBODY.split("$")[0] == generate_password_hash(WORD).split("$")[0], "the same work"
    took: dict[str, list[float]] = {"sousa01": [], "dareka": []}
    for _ in range(5):
        for name, times in took.items():
            began = time.process_time()
            assert code_of(lambda name=name: proof.log_in(known, name, "wrong")) == "NP-1084"  # type: ignore[misc]
            times.append(time.process_time() - began)
            owner.execute("delete from shokuin.shippai")
    assert 0.5 < min(took["sousa01"]) / min(took["dareka"]) < 2


# 二つ目の確認の番号は、その30秒とその前後だけ、一度だけ使える
STEPS = kit.table("""
| 事例             | 前に使った | 番号  | 結果    |
|------------------|------------|-------|---------|
| 今の番号         |            | 0     |         |
| 一つ前           |            | -1    |         |
| 一つ後           |            | 1     |         |
| 二つ前           |            | -2    | NP-1084 |
| 二つ後           |            | 2     | NP-1084 |
| 番号なし         |            |       | NP-1084 |
| 同じ番号を二度   | 0          | 0     | NP-1084 |
| 使った番号の前   | 0          | -1    | NP-1084 |
| 使った番号の後   | 0          | 1     |         |
""")


@pytest.mark.parametrize("case", STEPS, ids=[str(c["事例"]) for c in STEPS])
def test_二つ目の確認(
    known: Site, case: dict[str, str | None], monkeypatch: pytest.MonkeyPatch, owner: psycopg.Connection
) -> None:
    now = runs.now()
    monkeypatch.setattr("etl.run.now", lambda: now)
    totp = pyotp.TOTP(proof.set_totp(known, "kanri01", "sousa01", REASON).secret or "")

    def number(step: str | None) -> str | None:
        return totp.at(runs.now(), counter_offset=int(step)) if step else None

    if case["前に使った"]:
        proof.log_in(known, "sousa01", WORD, number(case["前に使った"]))
    assert code_of(lambda: proof.log_in(known, "sousa01", WORD, number(case["番号"]))) == case["結果"]
    assert code_of(lambda: proof.log_in(known, "sousa01", "wrong", number("0"))) in ("NP-1084", "NP-1085")
    if case["結果"]:
        assert ("sousa01", "二つ目の確認") in events(owner, "ログイン失敗")


def test_番号は要る者だけにたずね_パスワードが違えばたずねない(known: Site) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return ""

    proof.log_in(known, "sousa01", WORD, ask)
    secret = proof.set_totp(known, "kanri01", "sousa01", REASON).secret or ""
    assert asked == [] and code_of(lambda: proof.log_in(known, "sousa01", "wrong", ask)) == "NP-1084" and asked == []
    time.sleep(1.1)
    proof.log_in(known, "sousa01", WORD, lambda: f" {pyotp.TOTP(secret).now()[:3]} {pyotp.TOTP(secret).now()[3:]}")


def test_登録が求める者は_鍵がなければログインできない(known: Site, owner: psycopg.Connection) -> None:
    owner.execute("update shokuin.touroku set totp = true where user_name = 'sousa01'")
    assert code_of(lambda: proof.log_in(known, "sousa01", WORD, "123456")) == "NP-1084"


def test_パスワードを変えても_二つ目の確認は残る(known: Site) -> None:
    proof.set_totp(known, "kanri01", "sousa01", REASON)
    proof.set_password(known, "sousa01", "sousa01", WORD, REASON)
    assert code_of(lambda: proof.log_in(known, "sousa01", WORD)) == "NP-1084"


def test_短いパスワードは断る(known: Site) -> None:
    assert [code_of(lambda n=n: proof.set_password(known, "sousa01", "sousa01", "x" * n, REASON)) for n in (11, 12, 256, 257)] == [
        "NP-1086", None, None, "NP-1086",
    ]  # type: ignore[misc]  # fmt: skip


# 誰のパスワードを誰が変えられるか
SETTERS = kit.table("""
| 事例                 | 誰が     | 誰の     | 結果    |
|----------------------|----------|----------|---------|
| 本人                 | sousa01  | sousa01  |         |
| 管理者               | kanri01  | sousa01  |         |
| ほかの操作者         | sousa02  | sousa01  | NP-1083 |
| 承認者               | shounin01 | sousa01 | NP-1083 |
| 監査者               | kansa01  | sousa01  | NP-1083 |
| 登録のない者         | dareka   | sousa01  | NP-1083 |
| 登録のない者のもの   | kanri01  | dareka   | NP-1089 |
""")


@pytest.mark.parametrize("case", SETTERS, ids=[str(c["事例"]) for c in SETTERS])
def test_パスワードを変えられる者(known: Site, case: dict[str, str]) -> None:
    assert code_of(lambda: proof.set_password(known, case["誰が"], case["誰の"], WORD + "!", REASON)) == case["結果"]


# トークンは、取り消されたその時から使えない
ENDS: dict[str, Callable[[Site, str, psycopg.Connection], object]] = {
    "何もなければ使える": lambda site, token, owner: None,
    "ログアウト": lambda site, token, owner: proof.log_out(site, None),
    "パスワードの変更": lambda site, token, owner: proof.set_password(site, "sousa01", "sousa01", WORD, REASON),
    "二つ目の確認の作り直し": lambda site, token, owner: proof.set_totp(site, "kanri01", "sousa01", REASON),
    "登録の終了": lambda site, token, owner: register.finish(site, "kanri01", "sousa01", REASON),
    "期限の8時間": lambda site, token, owner: owner.execute(
        "update shokuin.kaigi set ends_at = now() where user_name = 'sousa01'"
    ),
    "有効期間の終わり": lambda site, token, owner: owner.execute(
        "update shokuin.touroku set until_on = current_date - 1 where user_name = 'sousa01'"
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_トークン(known: Site, owner: psycopg.Connection, how: str, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = proof.log_in(known, "sousa01", WORD)
    monkeypatch.setenv("KOKUNEN_TOKEN", token)
    assert identity.who(known, None) == identity.who(known, "SOUSA01") == "sousa01"
    ENDS[how](known, token, owner)
    assert code_of(lambda: identity.who(known, None)) == (None if how == "何もなければ使える" else "NP-1081")


# 証明の順: KOKUNEN_TOKEN（それだけ）、登録の OS 利用者、ログインのファイル。--as はどれかを選ぶ
PROOFS = kit.table("""
| 事例                                 | トークン | OS      | ファイル          | --as    | 誰      |
|--------------------------------------|----------|---------|-------------------|---------|---------|
| 何もない                             |          |         |                   |         | NP-1080 |
| 名前だけ                             |          |         |                   | sousa01 | NP-1080 |
| トークン                             | sousa01  |         |                   |         | sousa01 |
| トークンと同じ名前                   | sousa01  |         |                   | Sousa01 | sousa01 |
| トークンと違う名前                   | sousa01  |         |                   | sousa02 | NP-1082 |
| トークンと違う名前でファイルはある   | sousa01  |         | sousa02           | sousa02 | NP-1082 |
| 使えないトークン                     | x        | sousa01 | sousa02           |         | NP-1081 |
| OS 利用者                            |          | sousa01 |                   |         | sousa01 |
| OS 利用者と違う名前                  |          | sousa01 |                   | sousa02 | NP-1082 |
| OS 利用者のほかにログインしている    |          | sousa01 | sousa02           | sousa02 | sousa02 |
| OS 利用者が先                        |          | sousa01 | sousa02           |         | sousa01 |
| ログイン                             |          |         | sousa01           |         | sousa01 |
| 違う名前                             |          |         | sousa01           | sousa02 | NP-1080 |
| 二人がログイン                       |          |         | sousa01 shounin01 |         | NP-1080 |
| 二人がログインし、選ぶ               |          |         | sousa01 shounin01 | sousa01 | sousa01 |
""")


@pytest.mark.parametrize("case", PROOFS, ids=[str(c["事例"]) for c in PROOFS])
def test_誰が打っているか(site: Site, alone: Path, case: dict[str, str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    if case["トークン"]:
        monkeypatch.setenv("KOKUNEN_TOKEN", f"token of {case['トークン']}")
    if case["OS"]:
        with psycopg.connect(site.url_of("owner")) as owner:
            owner.execute("update shokuin.touroku set os_user = 'taro-os' where user_name = %s", (case["OS"],))
        monkeypatch.setattr(identity, "os_user", lambda: "taro-os")
    for name in (case["ファイル"] or "").split():
        proof.keep(name, f"token of {name}")
    try:
        found = identity.who(site, case["--as"])
    except Refused as error:
        found = error.code
    told = kit.query(site, "select reason from audit.event where operation = '拒否'")
    assert told == ([(found,)] if found.startswith("NP-") else [])
    assert found == case["誰"]


def test_ほかの利用者が読めるトークンのファイルは使わない(site: Site, alone: Path) -> None:
    proof.keep("sousa01", "token of sousa01")
    path = identity.token_file("sousa01")
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o077 == 0 and path.is_relative_to(alone)
    assert identity.who(site, "sousa01") == "sousa01"
    path.chmod(0o640)
    assert code_of(lambda: identity.who(site, "sousa01")) == "NP-1080"


def test_ログアウトはその職員だけ_又は全員(site: Site, alone: Path) -> None:
    for name in ("sousa01", "shounin01"):
        proof.keep(name, f"token of {name}")
    assert proof.log_out(site, "sousa01") == 1 and proof.log_out(site, "sousa01") == 0
    assert identity.who(site, None) == "shounin01"
    assert proof.log_out(site, None) == 1 and not list((alone / "kokunen").iterdir())


def test_秘密は表示にも例外にも残らない(known: Site) -> None:
    made = proof.Made("sousa01", WORD, "ABCDEFGH")
    assert WORD not in repr(made) and "ABCDEFGH" not in repr(made)
    with pytest.raises(Refused) as refused:
        proof.log_in(known, "sousa01", WORD + "x")
    assert WORD not in str(refused.value) + repr(refused.value.__context__) + repr(refused.value.__cause__)
