"""送信: 何処で切れても、相手先のディスクが一杯でも、再実行すれば相手先に一つずつ、完全な形で、順に届き、台帳と合う（F02・F26）。"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import kit
import pytest
from kit import code_of

from city import sftp_server
from city.sftp_server import Cut
from etl import approve, hokan, jobs
from etl.core.law.eigyoubi import is_business_day
from etl.core.mapping import registry
from etl.door import hantei
from etl.edge import db
from etl.hokan import Handed
from etl.site import Site
from etl.soushin.deliver import _due_on
from tests import iten
from tests.conftest import After
from tests.partners import library
from tests.partners.library import DAYS, JOB, City, Lying, codes, expected, take


def whole(city: City, taken: Lying | None = None) -> None:
    """Each file is with the partner exactly once, under its name and with its ``.end``; nothing half, and the ledger says the same."""
    wanted = expected(city.site)
    assert {**city.lying(), **(taken or {})} == wanted and not set(city.lying()) & set(taken or {})
    assert library.sent(city.site) == [(name, 1, True) for name in sorted(wanted) if not name.endswith(".end")]


# ---- 切れる -------------------------------------------------------------------------------------------------------------------

SIZE = 7 + 2  # of the ``.end`` any byte within it will do
CUTS: list[tuple[str, Cut]] = [
    ("本体の書込みの初め", Cut("open", "1_01.dat.part")),
    ("本体の一バイト目", Cut("write", "1_01.dat.part", 1)),
    ("本体の途中", Cut("write", "2_01.dat.part", 100)),
    ("本体の最後のバイト", Cut("write", "2_01.dat.part", 10**3 - 1)),
    ("本体の書込みの答え", Cut("write", "2_01.dat.part", done=True)),
    ("本体を閉じる", Cut("close", "2_01.dat.part")),
    ("本体の読戻し", Cut("read", "2_01.dat.part")),
    ("本体の読戻しの途中", Cut("read", "2_01.dat.part", 100, done=True)),
    ("本体に名前を付ける前", Cut("rename", "2_01.dat")),
    ("本体に名前を付けた答え", Cut("rename", "2_01.dat", done=True)),
    (".endの書込みの初め", Cut("open", "2_01.dat.end.part", done=True)),
    (".endの一バイト目", Cut("write", "2_01.dat.end.part", 1)),
    (".endの途中", Cut("write", "2_01.dat.end.part", SIZE)),
    (".endの最後のバイト", Cut("write", "2_01.dat.end.part", 10**2)),
    (".endの読戻し", Cut("read", "3_01.dat.end.part")),
    (".endに名前を付ける前", Cut("rename", "3_01.dat.end")),
    (".endに名前を付けた答え", Cut("rename", "3_01.dat.end", done=True)),
    ("一覧", Cut("list")),
    ("大きさを聞く", Cut("stat", "3_01.dat")),
]


@pytest.mark.parametrize("cut", [cut for _, cut in CUTS], ids=[name for name, _ in CUTS])
def test_何処で切れても_再実行で一つずつ完全に届く(fresh: City, cut: Cut) -> None:
    wanted, cut = expected(fresh.site), replace(cut)
    if cut.operation == "write" and cut.at > 1:  # the sizes are the files' own
        size = len(wanted[f"{fresh_name(fresh, cut.name)}"])
        cut.at = {10**3 - 1: size - 1, 10**2: size - 1}.get(cut.at, min(cut.at, size - 1))
    fresh.server.faults.cut = cut
    assert codes(fresh.deliver()) == ["NP-4101"]
    assert fresh.server.faults.cut is None, "it was cut"
    now = fresh.lying()
    assert all(wanted[name] == content for name, content in now.items() if not name.endswith(".part"))
    assert all(name.removesuffix(".end") in now for name in now if name.endswith(".end"))
    assert codes(fresh.deliver()) == []
    whole(fresh)


def fresh_name(city: City, suffix: str) -> str:
    return next(name for name in expected(city.site) if f"{name}.part".endswith(suffix))


@pytest.mark.parametrize("seed", range(10))
def test_任意の操作で何度切れても_受け取る側が先に取っても_二度送らない(fresh: City, seed: int) -> None:
    """A recipient that takes what has its ``.end`` at once: it gets each file once, and in order."""
    dice, taken = random.Random(seed), {}  # noqa: S311
    for _ in range(4):
        fresh.server.faults.cut = Cut("any", skip=dice.randrange(45), done=dice.random() < 0.5)
        assert set(codes(fresh.deliver())) <= {"NP-4101"}
        taken |= take(fresh, taken)
    fresh.server.faults.cut = None
    assert codes(fresh.deliver()) == []
    whole(fresh, taken)
    assert list(taken) == sorted(taken)


def test_終わりの知らせの答えが切れ_受け取る側が先に取っても_二度送らない(fresh: City) -> None:
    """It was noted before its ``.end`` could be seen: what lies there no more was taken."""
    fresh.server.faults.cut = Cut("rename", "2_01.dat.end", done=True)
    assert codes(fresh.deliver()) == ["NP-4101"]
    taken = take(fresh, {})
    assert [name for name in taken if name.endswith("2_01.dat")]
    fresh.server.faults.cut = None
    assert codes(fresh.deliver()) == []
    whole(fresh, taken)


# ---- 相手先の都合 -------------------------------------------------------------------------------------------------------------


def test_相手先のディスクが一杯なら_空いてから続きを送る(fresh: City) -> None:
    fresh.server.faults.room = 100
    assert codes(fresh.deliver()) == ["NP-4104"]
    assert [name for name in fresh.lying() if not name.endswith(".part")] == []
    fresh.server.faults.room = None
    assert codes(fresh.deliver()) == []
    whole(fresh)


def test_答えが遅すぎれば切れたものとし_早くなれば届く(fresh: City) -> None:
    fresh.server.faults.slow = 0.5
    assert codes(fresh.deliver(seconds=0.2)) == ["NP-4101"]
    fresh.server.faults.slow = 0
    assert codes(fresh.deliver()) == []
    whole(fresh)


def test_読み戻すと違えば_その後のものも送らない(fresh: City) -> None:
    fresh.server.faults.bent = "1_01.dat.part"
    assert codes(fresh.deliver()) == ["NP-4108"] and fresh.lying() == {}
    fresh.server.faults.bent = None
    assert codes(fresh.deliver()) == []
    whole(fresh)


def test_拡張のないサーバーにも届く(fresh: City) -> None:
    fresh.server.faults.posix_rename = False
    assert codes(fresh.deliver()) == []
    whole(fresh)


def test_途中で切れ_つなぎ直すと鍵が替わっていれば_何も送らない(fresh: City) -> None:
    fresh.server.faults.cut, pinned = Cut("rename", "2_01.dat"), fresh.server.host_key
    assert codes(fresh.deliver()) == ["NP-4101"]
    before, fresh.server.host_key = fresh.lying(), sftp_server.new_key()
    assert codes(fresh.deliver()) == ["NP-4102"] and fresh.lying() == before
    fresh.server.host_key = pinned
    assert codes(fresh.deliver()) == []
    whole(fresh)


def test_古いファイルが行かなければ_新しいものは待つ(fresh: City) -> None:
    (fresh.folder / sorted(expected(fresh.site))[0]).write_bytes(b"theirs")
    assert codes(fresh.deliver()) == ["NP-4105"]
    assert list(fresh.lying().values()) == [b"theirs"]


def test_もう一度は何も送らず_記録は一つ(fresh: City) -> None:
    first = fresh.deliver()
    assert [one.attempt for one in first.sent] == [1, 1, 1] and [one.found for one in first.sent] == [False] * 3
    again = fresh.deliver()
    assert again.sent == () and codes(again) == []
    names = [name for name in expected(fresh.site) if name.endswith(".dat")]
    done = kit.query(
        fresh.site, "select object, counts::json->>'attempt' from audit.event where operation = '送信' order by event_id desc limit 3",
    )  # fmt: skip
    assert sorted(done) == [(name, "1") for name in sorted(names)]
    assert [n for op, n in fresh.server.done if op == "remove"] == [], "nothing is ever removed there"


def test_承認された離れた業務日の照会は_承認とともに相手先に行く(after: After, fresh: City) -> None:
    """A run that is over: what was approved later goes at once, not with the next night."""
    site = after(library.ask)
    library.register(site, fresh.server)
    City(site, fresh.server).deliver()
    kit.uketsuke(site, [{"uketsuke_no": kit.no(9), "atena_no": kit.no(109)}], on=date(2025, 9, 29), seq=4)
    assert kit.run(site, "uketsuke_daily", date(2025, 9, 29))["error"] is None
    made = kit.run(site, JOB, date(2026, 9, 24), reason="確認")
    assert (made["error"], made["proposals"], len(library.sent(site))) == (None, 1, 3)
    approve.decide(site, "shoukai", None, "shounin01")
    jobs.step(site, made["run_id"], "place")
    assert len(library.sent(site)) == 4 and len(fresh.lying()) == 8


def test_同じものを二つの実行が同時に送ることはない(fresh: City) -> None:
    with fresh.site.session() as session, db.locked(session, "soushin juki_shoukai"):
        assert code_of(fresh.deliver) == "NP-1021" and fresh.lying() == {}


# ---- 送るもの -----------------------------------------------------------------------------------------------------------------


def test_台帳と違うファイルは送らない(after: After, fresh: City) -> None:
    site = after(library.ask)
    path = next(site.outbox.rglob("*1_01.dat"))
    path.write_bytes(path.read_bytes()[::-1])
    city = City(site, fresh.server)
    library.register(site, fresh.server)
    assert codes(city.deliver()) == ["NP-4122"] and city.lying() == {}


def test_送信フォルダーになければ保管から送り_保管にもなければ送らない(after: After, fresh: City) -> None:
    site = after(library.ask)
    city, wanted = City(site, fresh.server), expected(site)
    library.register(site, fresh.server)
    paths = sorted(site.outbox.rglob("JUKI*"))
    for path in paths:
        path.unlink()
    assert codes(city.deliver()) == [] and city.lying() == wanted
    assert kit.query(site, "select count(*) from audit.event where operation = '保管物参照'") == [(3,)]
    assert not [p for p in (site.home / "yomidashi").rglob("*") if p.is_file()]


def test_手で引き渡したものは送らない(after: After, fresh: City) -> None:
    site = after(library.ask)
    library.register(site, fresh.server)
    name = sorted(expected(site))[0]
    hokan.hand_over(site, library.run_of(site), [Handed(name, site.today, "戸籍住民サービス課", "1")])
    City(site, fresh.server).deliver()
    assert name not in City(site, fresh.server).lying() and len(library.sent(site)) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"permission": ("until", DAYS[0])}, "NP-4165"),
        ({"permission": ("since", DAYS[2])}, "NP-4164"),
        ({"recipient": "別の課"}, "NP-4172"),
        ({"channel": ("to", "kiban-zei")}, "NP-4172"),
    ],
    ids=["許可が終わった", "許可はこれから", "あて先が承認なしに変わった", "相手先が承認なしに変わった"],
)
def test_出た後に許されなくなったものは送らず_断ったことを記録する(
    fresh: City, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], code: str
) -> None:
    (row,) = registry.sent_by(JOB)
    changed = {
        name: getattr(row, name).model_copy(update=dict([value])) if isinstance(value, tuple) else value
        for name, value in change.items()
    }
    other = row.model_copy(update=changed)
    monkeypatch.setattr(registry, "sent_by", lambda _: [other])
    monkeypatch.setattr(hantei, "transfers", lambda: {other.id: other})
    library.register(fresh.site, fresh.server, "kiban-zei")
    assert codes(fresh.deliver()) == [code] and fresh.lying() == {}
    told = kit.query(fresh.site, "select answer, code from ledger.iten_hantei order by iten_hantei_id desc limit 1")
    assert told == [("拒否", code)]


def test_バックアップから戻して記録がなくても_二度送らない(fresh: City) -> None:
    """F30: the database forgot that they went; what lies outside of it has not."""
    fresh.deliver()
    taken = take(fresh, {})
    library.again(fresh.site)
    assert codes(fresh.deliver()) == ["NP-4123"] and fresh.lying() == {}
    name = sorted(taken)[0]
    fresh.ack(name)
    done = fresh.deliver()
    assert [(one.name, one.found) for one in done.sent] == [(name, True)] and codes(done) == ["NP-4123"]


# ---- 登録のない相手先、止まった相手先 ------------------------------------------------------------------------------------------


def test_登録のない相手先のものは送信フォルダーに残り_そう伝え_赤くならない(after: After) -> None:
    site = after(library.ask)
    made = kit.run(site, JOB, DAYS[2])
    assert made["error"] is None
    assert any("未送信 3 件" in line for line in jobs.results.messages(site, made["run_id"]))
    sheet = next((site.outbox / "shori_kekka").rglob("処理結果表_住基照会*第2回.txt")).read_text(encoding="utf-8")
    assert "未送信 3 件" in sheet and len(expected(site)) == 6 and library.sent(site) == []


def test_止まった相手先のほかには送り_その後で赤くなり_やり直せば残りを送る(site: Site, tmp_path: Any) -> None:
    """Three partners; the second shows another key. Its file goes when the key is right again, by the red report done once more."""
    names = ("kiban-juminhyo", "kiban-seiho", "kiban-jidou")
    servers = [sftp_server.start(folder) for folder in (tmp_path / name for name in names) if not folder.mkdir()]
    for name, server in zip(names, servers, strict=True):
        library.register(site, server, name)
    right, servers[1].host_key = servers[1].host_key, sftp_server.new_key()
    iten.act(site, "取得 1 2015-04-01")
    made = kit.run(site, "iten_event", DAYS[1])
    assert made["error"].code == "NP-4102"
    assert [len(list(server.folder.iterdir())) for server in servers] == [2, 0, 2]
    (state,) = kit.query(site, "select state, error_code from ledger.run where job = 'iten_event'")
    assert state == ("failed", "NP-4102")
    text_of = next((site.outbox / "shori_kekka").rglob("処理結果表_資格異動*.txt")).read_text(encoding="utf-8")
    assert "NP-4102" in text_of and "相手先への送信 2 件" in text_of
    servers[1].host_key = right
    jobs.step(site, made["run_id"], "report")
    assert [len(list(server.folder.iterdir())) for server in servers] == [2, 2, 2]
    assert kit.query(site, "select distinct due_on, attempt from ledger.soushin") == [(DAYS[2], 1)]
    for server in servers:
        server.stop()


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        (date(2025, 9, 25), 1, date(2025, 9, 26)),
        (date(2025, 9, 26), 1, date(2025, 9, 29)),  # a weekend
        (date(2025, 12, 26), 1, date(2026, 1, 5)),  # the end of the year
        (date(2025, 9, 25), 3, date(2025, 9, 30)),
        (date(2025, 9, 22), 1, date(2025, 9, 24)),  # 秋分の日
        (date(2025, 9, 25), None, None),
    ],
)
def test_受領確認の期限は業務日で数える(day: date, days: int | None, due: date | None) -> None:
    assert _due_on(day, days) == due
    assert due is None or is_business_day(due)


def test_許可が終わった後は_前の業務日の実行でも送らない(fresh: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its run is done again when the permission of its day is over: nothing leaves the day after (P81)."""
    (row,) = registry.sent_by(JOB)
    with fresh.site.session() as session:
        agreed = session.one("door/agreed", row_id=row.id, day=DAYS[1], dataset=row.dataset, period="")
    ended = row.model_copy(update={"permission": row.permission.model_copy(update={"until": DAYS[1]})})
    monkeypatch.setattr(type(ended), "sha256", property(lambda _: agreed and agreed["sha256"]))
    monkeypatch.setattr(registry, "sent_by", lambda _: [ended])
    monkeypatch.setattr(hantei, "transfers", lambda: {ended.id: ended})
    assert codes(fresh.deliver(DAYS[1])) == ["NP-4165"] and fresh.lying() == {}
    monkeypatch.setenv("KOKUNEN_TODAY", DAYS[1].isoformat())
    assert codes(fresh.deliver(DAYS[1])) == [] and len(library.sent(fresh.site)) == len(DAYS)
