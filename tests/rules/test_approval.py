"""承認: 起案者と別の職員が、期限内に、起案時と同じ内容に対して決める。どれが欠けても通らない。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, no

from etl import approve
from etl.core.errors import KokunenError, Refused
from etl.site import Site

LEAVES = {"rireki_no": 2, "idou_jiyu_code": "21", "idou_on": date(2025, 9, 20), "jumin_jotai_code": "2"}
PEOPLE = range(1, 13)


@pytest.fixture(scope="module")
def leavers(town: Site) -> Site:
    """Twelve persons with a pending loss each, made by sousa01; no test decides about the person of another."""
    kit.insured(town, [{"atena_no": no(n)} for n in PEOPLE])
    kit.juki(town, [{"atena_no": no(n), **LEAVES} for n in PEOPLE])
    assert kit.run(town, "juki_daily", DAY)["proposals"] == len(PEOPLE)
    return town


def _id(site: Site, n: int) -> int:
    return kit.query(site, "select approval_id from pension.idou_proposal where atena_no = :n order by 1 desc limit 1", n=no(n))[
        0
    ][0]


def _state(site: Site, n: int) -> tuple[str | None, bool]:
    """(decision, 資格 is open)."""
    decision = kit.query(site, "select decision from ledger.approval where approval_id = :i", i=_id(site, n))[0][0]
    return decision, kit.query(
        site, "select lost_on is null from pension.shikaku where atena_no = :n and superseded_at is null", n=no(n)
    ) == [(True,)]


def _refused(code: str, *args: Any) -> None:
    with pytest.raises(Refused) as raised:
        approve.decide(*args)
    assert (raised.value.code, raised.value.exit_status) == (code, 12)


@pytest.fixture
def tamper(leavers: Site, owner_url_of: Callable[[Site], str]) -> Callable[..., None]:
    """A statement as the owner of the tables: what the jobs' own role cannot do."""

    def change(sql: str, *params: Any) -> None:
        with psycopg.connect(owner_url_of(leavers)) as owner:
            owner.execute(sql, params)  # type: ignore[arg-type]

    return change


SAME = [
    "sousa01",
    "SOUSA01",
    "Sousa01",
    "ｓｏｕｓａ０１",
    "sousa01 ",
    "sousa 01",
    "sousa01\u3000",
    "sousa\u200b01",
    "\u202esousa01",
    "sousa01\u3164",
]


@pytest.mark.parametrize("user", SAME)
def test_起案者はどう書いても自分の起案を承認できない(leavers: Site, user: str) -> None:
    _refused("NP-2030", leavers, "idou", [_id(leavers, 1)], user)
    _refused("NP-2030", leavers, "idou", [_id(leavers, 1)], user, "rejected")
    _refused("NP-2030", leavers, "idou", None, user)
    assert _state(leavers, 1) == (None, True)


@pytest.mark.parametrize("user", ["", " ", "\u200b", "s\u043eusa01", "\u03c4anaka", "tan\u00e4ka"])
def test_だれでもない名前では承認できない(leavers: Site, user: str) -> None:
    _refused("NP-1015", leavers, "idou", [_id(leavers, 1)], user)
    assert _state(leavers, 1) == (None, True)


@pytest.mark.parametrize(("reason", "code"), [("a\x1fb", "NP-1016"), ("一行\n二行", "NP-1016"), ("0000-0000-0060", "NP-1002")])
def test_決裁の理由に書けないもの(leavers: Site, reason: str, code: str) -> None:
    _refused(code, leavers, "idou", [_id(leavers, 1)], "shounin01", "rejected", reason)
    assert _state(leavers, 1) == (None, True)


def test_一夜の提案の一部だけを承認できる(leavers: Site) -> None:
    done = approve.decide(leavers, "idou", [_id(leavers, 2), _id(leavers, 3)], "shounin01")
    assert (done["approved"], done["rejected"], done["superseded"]) == (2, 0, 0)
    assert [_state(leavers, n) for n in (2, 3, 4)] == [("approved", False), ("approved", False), (None, True)]


def test_否認は何も変えない(leavers: Site) -> None:
    assert approve.decide(leavers, "idou", [_id(leavers, 4)], "shounin01", "rejected", "誤り")["rejected"] == 1
    assert _state(leavers, 4) == ("rejected", True)


@pytest.mark.parametrize("reason", [None, "", "　"])
def test_否認には理由が要る(leavers: Site, reason: str | None) -> None:
    _refused("NP-2035", leavers, "idou", [_id(leavers, 6)], "shounin01", "rejected", reason)
    assert _state(leavers, 6) == (None, True)


def test_決裁は一度だけ(leavers: Site) -> None:
    approve.decide(leavers, "idou", [_id(leavers, 5)], "shounin01")
    _refused("NP-2034", leavers, "idou", [_id(leavers, 5)], "shounin02")
    _refused("NP-2034", leavers, "idou", [999_999], "shounin02")
    _refused("NP-2034", leavers, "teisei", [_id(leavers, 6)], "shounin02")


def test_一つでも通らなければ一つも通らない(leavers: Site) -> None:
    _refused("NP-2034", leavers, "idou", [_id(leavers, 6), 999_999], "shounin01")
    assert _state(leavers, 6) == (None, True)


def test_期限が切れた起案は承認できず否認はできる(leavers: Site, tamper: Callable[..., None]) -> None:
    tamper("update ledger.approval set expires_at = now() - interval '1 second' where approval_id = %s", _id(leavers, 7))
    _refused("NP-2031", leavers, "idou", [_id(leavers, 7)], "shounin01")
    assert _state(leavers, 7) == (None, True)
    assert approve.decide(leavers, "idou", [_id(leavers, 7)], "shounin01", "rejected", "期限切れ")["rejected"] == 1


def test_起案後に内容が変われば承認できない(leavers: Site, tamper: Callable[..., None]) -> None:
    tamper("update pension.idou_proposal set lost_on = lost_on + 1 where approval_id = %s", _id(leavers, 8))
    _refused("NP-2032", leavers, "idou", [_id(leavers, 8)], "shounin01")
    tamper("update pension.idou_proposal set lost_on = lost_on - 1 where approval_id = %s", _id(leavers, 8))
    approve.decide(leavers, "idou", [_id(leavers, 8)], "shounin01")


def test_処理事由に12桁の数字は書けない(leavers: Site) -> None:
    for reason in ("000012345678", "番号 ００００１２３４５６７８ による"):
        _refused("NP-1002", leavers, "idou", [_id(leavers, 9)], "shounin01", "approved", reason)


DECIDE = "select ledger.decide(%s, 'rejected', 'shounin03', '試験', null, '課', '端末', null, null, %s)"
CANNOT = kit.table("""
| 事例                           | 文                                                                              |
|--------------------------------|---------------------------------------------------------------------------------|
| 内容ハッシュを書き換える       | update ledger.approval set content_hash = 'x'                                   |
| 期限を延ばす                   | update ledger.approval set expires_at = now() + interval '1 year'               |
| 起案者を書き換える             | update ledger.approval set maker = 'shounin09'                                  |
| 起案者自身の承認を書き込む     | update ledger.approval set decision = 'approved', checker = maker, decided_at = now() where approval_id = 1 |
| 別の名前で承認を書き込む       | update ledger.approval set decision = 'approved', checker = 'x', decided_at = now() where decision is null |
| 承認済みの起案を書き込む       | insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at, decision, checker, decided_at) select kind, run_id, subject, content_hash, maker, expires_at, 'approved', 'x', now() from ledger.approval limit 1 |
| 起案の日時を書き込む           | insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at, made_at) select kind, run_id, subject, content_hash, maker, expires_at, now() from ledger.approval limit 1 |
| 決裁を取り消す                 | update ledger.approval set decision = null, decided_at = null where decision = 'approved' |
| 提案の内容を書き換える         | update pension.idou_proposal set lost_on = current_date                         |
| 資格を書き換える               | update pension.shikaku set lost_on = current_date                               |
| 起案を消す                     | delete from ledger.approval                                                     |
| 資格を消す                     | delete from pension.shikaku                                                     |
| 宛名を消す                     | truncate pension.atena                                                          |
| 個人番号を消す                 | delete from vault.kojin_no                                                      |
| 個人番号を直接読む             | select cipher from vault.kojin_no                                               |
| 記録を消す                     | delete from audit.event                                                         |
| 記録を書き換える               | update audit.event set user_name = 'x'                                          |
| 記録を直接書き込む             | insert into audit.head (one, event_id, hash) values (true, 0, '')               |
| 表を作り替える                 | alter table pension.atena drop column name                                      |
""")


@pytest.mark.parametrize("case", CANNOT, ids=[c["事例"] for c in CANNOT])
def test_業務の役割にはできない(leavers: Site, case: dict[str, str]) -> None:
    with (
        psycopg.connect(leavers.url) as jobs,
        pytest.raises(
            (
                psycopg.errors.InsufficientPrivilege,
                psycopg.errors.CheckViolation,
                psycopg.errors.RaiseException,
                psycopg.DatabaseError,
            )
        ) as raised,
    ):
        jobs.execute(case["文"])  # type: ignore[call-overload]
    assert raised.value.sqlstate in ("42501", "23514")


DECIDES = kit.table("""
| 事例                           | 文                                                                              |
|--------------------------------|---------------------------------------------------------------------------------|
| 起案者が関数で承認する         | select ledger.decide(max(approval_id), 'approved', 'ＳＯＵＳＡ０１ ', null, null, '', '') from ledger.approval where decision is null |
| 名のない職員が関数で承認する   | select ledger.decide(max(approval_id), 'approved', ' ', null, null, '', '') from ledger.approval where decision is null |
| 似た文字の名前で承認する       | select ledger.decide(max(approval_id), 'approved', U&'s\\043eusa01', null, null, '', '') from ledger.approval where decision is null |
| 決まったものを関数で決め直す   | select ledger.decide(max(approval_id), 'rejected', 'x', null, null, '', '') from ledger.approval where decision is not null |
""")


@pytest.mark.parametrize("case", DECIDES, ids=[c["事例"] for c in DECIDES])
def test_業務の役割が関数で決めようとしても_試したことだけが残る(leavers: Site, case: dict[str, str]) -> None:
    held = "select count(*), count(decision), (select count(*) from audit.event where operation = '拒否') from ledger.approval"
    ((before, decided, refused),) = kit.query(leavers, held)
    with psycopg.connect(leavers.url) as jobs:
        assert jobs.execute(case["文"]).fetchone() == (None,)  # type: ignore[call-overload]
    assert kit.query(leavers, held) == [(before, decided, refused + 1)]


@pytest.mark.parametrize("case", DECIDES, ids=[c["事例"] for c in DECIDES])
def test_決裁の役割でも_承認者でなければ決められない(leavers: Site, case: dict[str, str]) -> None:
    with psycopg.connect(leavers.url_of("decide")) as decides, pytest.raises(psycopg.DatabaseError) as raised:
        decides.execute(case["文"])  # type: ignore[call-overload]
    assert raised.value.sqlstate in ("KN001", "KN002", "KN011")


def test_決裁はその記録とともに残る(leavers: Site) -> None:
    """Whoever calls the function of the database, too, leaves an event: who, what was decided, on which content."""
    approval_id = _id(leavers, 10)
    with psycopg.connect(leavers.url_of("decide")) as decider:
        for content in (None, "x"):
            with pytest.raises(psycopg.DatabaseError) as raised, decider.transaction():
                decider.execute(DECIDE, (approval_id, content))
            assert raised.value.sqlstate == "KN005"
        decider.execute(
            "select ledger.decide(approval_id, 'rejected', 'shounin03', '試験', null, '課', '端末', null, null, content_hash)"
            " from ledger.approval where approval_id = %s", (approval_id,),
        )  # fmt: skip
    found = kit.query(
        leavers, "select e.user_name, e.operation, e.reason, e.unit, e.terminal, e.counts::jsonb ->> 'maker', e.counts::jsonb ->> 'content_hash' = a.content_hash "
        "from audit.event as e join ledger.approval as a on e.object = 'approval/' || a.approval_id where a.approval_id = :i", i=approval_id,
    )  # fmt: skip
    assert found == [("shounin03", "否認", "試験", "課", "端末", "sousa01", True)]


def test_工程は起案の全部が決まるまで進めない(leavers: Site) -> None:
    """Marking a task "success" does not help: the next step looks at our own rows."""
    run_id = kit.query(leavers, "select run_id::text from ledger.approval where decision is null limit 1")[0][0]
    with pytest.raises(KokunenError) as raised:
        approve.require(leavers, run_id)
    assert (raised.value.code, raised.value.exit_status) == ("NP-2033", 12)
    approve.decide(leavers, "idou", None, "shounin01")
    assert approve.require(leavers, run_id)["approved"] > 0


def test_期限が切れた起案は次の実行で起案し直す(leavers: Site, tamper: Callable[..., None]) -> None:
    kit.juki(
        leavers,
        [{"atena_no": no(n), **LEAVES, "rireki_no": 3, "idou_on": date(2025, 9, 23)} for n in (2, 3)],
        on=date(2025, 9, 25),
        seq=2,
    )
    assert kit.run(leavers, "juki_daily", "2025-09-25")["proposals"] == 2
    old = _id(leavers, 2)
    tamper("update ledger.approval set expires_at = now() - interval '1 second' where approval_id = %s", old)
    assert kit.run(leavers, "juki_daily", "2025-09-26", user="sousa02")["proposals"] == 1
    assert kit.query(leavers, "select decision from ledger.approval where approval_id = :i", i=old) == [("withdrawn",)]
    _refused("NP-2030", leavers, "idou", [_id(leavers, 2)], "sousa02")
    assert approve.decide(leavers, "idou", [_id(leavers, 2)], "shounin01")["approved"] == 1


def test_実行のない起案は書けない(leavers: Site) -> None:
    put = "insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at) values ('idou', gen_random_uuid(), '', '', 'x', now())"
    with psycopg.connect(leavers.url) as jobs, pytest.raises(psycopg.errors.ForeignKeyViolation):
        jobs.execute(put)
