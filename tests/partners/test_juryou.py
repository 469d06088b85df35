"""受領の知らせと再送: 受領・拒否・期限切れ・二度・別のもの・送っていないもの。ひとりでに送り直すことはなく、再送は二人で決める（F27）。"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import kit
import pytest
from kit import code_of

from etl import approve, cli, ichiran, jobs, soushin
from etl.attest.status import status
from etl.core.codec.juryou import About, judge
from etl.core.states import Juryou
from etl.site import Site
from tests import iten
from tests.partners import library
from tests.partners.library import DAYS, City, expected, take

ABOUT = About("a.csv", "ab" * 32, 3)
GOOD: dict[str, Any] = {
    "file": "a.csv",
    "sha256": "ab" * 32,
    "rows": 3,
    "received_at": "2025-09-26T07:00:00+09:00",
    "result": "accepted",
}
SAID = kit.table("""
| 事例                       | 項目        | 値                          | 結果       |
|----------------------------|-------------|-----------------------------|------------|
| 受領                       | result      | "accepted"                  | accepted   |
| 拒否                       | result      | "refused"                   | refused    |
| 地域のない日時は市の時刻   | received_at | "2025-09-26T07:00:00"       | accepted   |
| 協定世界時                 | received_at | "2025-09-25T22:00:00Z"      | accepted   |
| 大文字のハッシュ           | sha256      | "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB" | accepted |
| 余分な項目は読まない       | note        | "x"                         | accepted   |
| 別のファイル               | file        | "b.csv"                     | foreign    |
| 別の内容                   | sha256      | "00"                        | foreign    |
| 別の件数                   | rows        | 4                           | foreign    |
| 件数が文字                 | rows        | "3"                         | unreadable |
| 件数が真偽                 | rows        | true                        | unreadable |
| ファイルがない             | file        | null                        | unreadable |
| ハッシュがない             | sha256      | null                        | unreadable |
| 暦にない日                 | received_at | "2025-09-31T07:00:00"       | unreadable |
| 日時がない                 | received_at | null                        | unreadable |
| 暦の初めの日時             | received_at | "0001-01-01T00:00:00+09:00" | unreadable |
| 暦の終わりの日時           | received_at | "9999-12-31T23:59:59-09:00" | unreadable |
| 知らない結果               | result      | "ok"                        | unreadable |
| 当方の言葉は相手先の言葉でない | result  | "stray"                     | unreadable |
""")


@pytest.mark.parametrize("case", SAID, ids=[str(c["事例"]) for c in SAID])
def test_知らせの読み方(case: dict[str, str]) -> None:
    told = GOOD | {case["項目"]: json.loads(case["値"])}
    result, at = judge(json.dumps(told).encode(), ABOUT)
    assert result == case["結果"]
    assert at is None or at.isoformat() in ("2025-09-26T07:00:00+09:00", "2025-09-25T22:00:00+00:00")


def test_同じ項目が二つある知らせは読めない() -> None:
    """It says both: which one was meant is not ours to guess."""
    twice = json.dumps(GOOD | {"result": "refused"})[:-1] + ', "result": "accepted"}'
    assert judge(twice.encode(), ABOUT) == (Juryou.UNREADABLE, None)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"null", b"\xff", b"{" * 5000, b"[" * 100000, json.dumps(GOOD).encode("utf-16"), b'"accepted"']
)
def test_知らせでないもの(raw: bytes) -> None:
    assert judge(raw, ABOUT) == (Juryou.UNREADABLE, None)


# ---- 知らせを読む -------------------------------------------------------------------------------------------------------------


def results(city: City) -> list[tuple[str, bool]]:
    return [(str(one.result), one.again) for one in city.deliver().acknowledged]


def test_受領は引渡しになり_平文が消え_同じ知らせは一度だけ(fresh: City) -> None:
    site, name = fresh.site, sorted(expected(fresh.site))[0]
    fresh.deliver()
    fresh.ack(name)
    assert results(fresh) == [("accepted", False)] and results(fresh) == []
    assert not list(site.outbox.rglob(f"{name}*"))
    ((receiver, receipt_no),) = kit.query(site, "select receiver, receipt_no from ledger.hikiwatashi")
    assert "戸籍住民サービス課" in receiver and receipt_no.startswith("受領確認 ")
    fresh.ack(name)  # written anew, the same
    assert results(fresh) == []
    fresh.ack(name, received_at="2025-09-27T07:00:00+09:00")
    assert results(fresh) == [("accepted", True)], "another content is told"
    assert fresh.deliver().sent == ()
    fresh.ack(name, result="refused")
    assert results(fresh) == [("refused", True)]
    assert [one.state for one in status(site).unconfirmed] == ["conflict"]


CASES: list[tuple[str, Callable[[City, str], Any], str]] = [
    ("拒否", lambda city, name: city.ack(name, result="refused"), "refused"),
    ("読めない", lambda city, name: (city.folder / f"{name}.ack").write_bytes(b"{"), "unreadable"),
    ("大きすぎる", lambda city, name: (city.folder / f"{name}.ack").write_bytes(bytes(1 << 17)), "unreadable"),
    ("別のファイルのもの", lambda city, name: city.ack(name, file="JUKISHOK_141305_20250925_000002_01.dat"), "foreign"),
    ("別の内容のもの", lambda city, name: city.ack(name, sha256="0" * 64), "foreign"),
    ("別の件数のもの", lambda city, name: city.ack(name, rows=99), "foreign"),
    (
        "送っていないもの",
        lambda city, _: (city.folder / "JUKISHOK_141305_20250101_000099_01.dat.ack").write_bytes(b"{}"),
        "stray",
    ),
]


@pytest.mark.parametrize(("leave", "result"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_受領でない知らせは一度だけ伝え_引渡しにしない(fresh: City, leave: Callable[[City, str], Any], result: str) -> None:
    fresh.deliver()
    leave(fresh, "JUKISHOK_141305_20250924_000001_01.dat")
    assert results(fresh) == [(result, False)] and results(fresh) == []
    assert kit.query(fresh.site, "select count(*) from ledger.hikiwatashi") == [(0,)]
    made = kit.query(fresh.site, "select object from audit.event where operation = '受領確認' order by event_id desc limit 1")
    assert made[0][0].startswith("JUKISHOK_")


def test_知らせに余計なことが書いてあっても_どこにも残らない(fresh: City) -> None:
    fresh.deliver()
    fresh.ack("JUKISHOK_141305_20250924_000001_01.dat", note="川崎太郎 000090000012")
    (fresh.folder / "JUKISHOK_141305_20250925_000002_01.dat.ack").write_text("川崎太郎 000090000012", encoding="utf-8")
    fresh.deliver()
    kept = kit.query(fresh.site, "select j::text from ledger.juryou as j union all select e::text from audit.event as e")
    assert not [text for (text,) in kept if "川崎太郎" in text or "000090000012" in text]


def test_当方のものでない名前の知らせは数えるだけ(fresh: City) -> None:
    fresh.deliver()
    (fresh.folder / "川崎太郎.ack").write_bytes(b"{}")
    done = fresh.deliver()
    assert done.strangers == 1 and done.acknowledged == ()


def test_期限の翌日から未確認になり_一覧と状態と処理結果表に出て_ひとりでには送らない(
    site: Site, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with library.partner(tmp_path / "there") as server:
        library.register(site, server)
        iten.act(site, "取得 1 2015-04-01")
        assert kit.run(site, "iten_event", DAYS[0])["error"] is None
        (name,) = (p.name for p in server.folder.iterdir() if p.suffix == ".csv")
        (late,) = status(site).unconfirmed  # the day of the tests is two years later
        assert (late.name, late.state, late.due_on) == (name, "waiting", DAYS[1])
        run = library.run_of(site, "ichiran")
        (made,) = ichiran.make(site, run, "mikakunin_soushin", DAYS[0], site.today)
        assert made.rows == 1
        again = kit.run(site, "iten_event", DAYS[1])
        assert again["error"] is None
        assert any("受領が確認できない送信 1 件" in line for line in jobs.results.messages(site, again["run_id"]))
        assert len(library.sent(site)) == 1
        monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
        assert cli.main(["status"]) == 0 and f"未確認  {name}" in capsys.readouterr().out
        assert cli.main(["partner", "waiting"]) == 0 and "未確認" in capsys.readouterr().out
        assert cli.main(["partner", "resend", name, "--as", "sousa01"]) == 12 and "NP-1003" in capsys.readouterr().err
        assert cli.main(["partner", "resend", name, "--as", "sousa01", "--reason", "届いていない"]) == 0
        assert cli.main(["approve", "saisou", "--list", "--as", "shounin01"]) == 0
        assert name in capsys.readouterr().out
        assert cli.main(["approve", "saisou", "--all", "--as", "shounin01"]) == 0
        City(site, server).ack(name)
        assert kit.run(site, "iten_event", DAYS[2])["error"] is None
        assert [(n, a) for n, a, _ in library.sent(site)] == [(name, 1), (name, 2)]


# ---- 再送 ---------------------------------------------------------------------------------------------------------------------


def resend(site: Site, name: str, user: str = "sousa01") -> int:
    return soushin.propose(site, library.run_of(site, "partner_resend", user=user), name)


def test_再送は二人で決め_同じ名前と内容を一度だけ送る(fresh: City) -> None:
    site, name = fresh.site, sorted(expected(fresh.site))[0]
    assert code_of(lambda: resend(site, name)) == "NP-4124"
    fresh.deliver()
    lying = fresh.lying()
    fresh.ack(name, result="refused")
    assert [one.result for one in fresh.deliver().acknowledged] == [Juryou.REFUSED]
    take(fresh, {})
    assert fresh.deliver().sent == (), "never by itself"
    first = resend(site, name)
    second = resend(site, name)
    assert [item.id for item in approve.pending(site, "saisou")] == [second] and first != second
    assert fresh.deliver().sent == ()
    assert code_of(lambda: approve.decide(site, "saisou", None, "sousa01")) in ("NP-2030", "NP-1083")
    approve.decide(site, "saisou", None, "shounin01")
    assert code_of(lambda: resend(site, name)) == "NP-4125"
    assert [(w.name, w.state) for w in soushin.waiting(site)] == [(name, "again"), (name, "refused")]
    (again,) = fresh.deliver(DAYS[2]).sent
    assert (again.name, again.attempt) == (name, 2)
    there = {n: c for n, c in fresh.lying().items() if not n.endswith(".ack")}
    assert there == {n: lying[n] for n in (name, f"{name}.end")}
    assert fresh.deliver().sent == ()
    assert kit.query(site, "select state, attempt from ledger.soushin_ima where name = :name", name=name) == [("waiting", 2)]
    fresh.ack(name)
    assert [(one.result, one.again) for one in fresh.deliver().acknowledged] == [(Juryou.ACCEPTED, False)]
    assert kit.query(site, "select state from ledger.soushin_ima where name = :name", name=name) == [("confirmed",)]


def test_否認された再送は送らない(fresh: City) -> None:
    fresh.deliver()
    name = sorted(expected(fresh.site))[0]
    take(fresh, {})
    resend(fresh.site, name)
    approve.decide(fresh.site, "saisou", None, "shounin01", "rejected", "相手先が受け取っていた")
    assert fresh.deliver().sent == () and fresh.lying() == {}
