"""受信: 相手先の回答を受信フォルダーに受け取る。切れても、合わなくても、半端なものは置かず、相手先のものは消さない（F26）。"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from city import sftp_server
from city.sftp_server import Cut
from etl import soushin
from etl.core.receipts.partners import Fetched
from etl.site import Site
from tests.conftest import new_site
from tests.faults import crash
from tests.partners import library

JOB, DAY = "juki_daily", date(2025, 9, 25)


class Giver:
    """A Site whose partner gives 住基 files."""

    def __init__(self, site: Site, server: sftp_server.Sftp) -> None:
        self.site, self.server = site, server
        self.numbers = itertools.count(1)

    @property
    def inbox(self) -> Path:
        return self.site.inbox / "juki_idou"

    def give(self, seq: int = 1, on: date = DAY) -> str:
        """A file and its ``.end`` lie there. They are written as the tests write into an inbox, then taken there."""
        path = kit.juki(self.site, [{"atena_no": no(next(self.numbers))}], on=on, seq=seq)
        for one in (path, path.with_name(f"{path.name}.end")):
            (self.server.folder / one.name).write_bytes(one.read_bytes())
            one.unlink()
        return path.name

    def fetch(self, seconds: float = 1.0) -> Fetched:
        return soushin.fetch(self.site, library.run_of(self.site, JOB, DAY), seconds)

    def here(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted(self.inbox.iterdir())}

    def there(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted(self.server.folder.iterdir())}


@pytest.fixture(scope="module")
def one(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Giver]:
    home = tmp_path_factory.mktemp("giver")
    crash.know(house)
    with new_site(house, home / "ours") as site, library.partner(home / "files") as server:
        library.register(site, server)
        yield Giver(site, server)


@pytest.fixture
def giver(one: Giver) -> Giver:
    """Nothing lies anywhere; nothing is amiss."""
    one.inbox.mkdir(parents=True, exist_ok=True)
    for path in (*one.server.folder.iterdir(), *one.inbox.iterdir()):
        path.unlink()
    one.server.faults = sftp_server.Faults()
    return one


def codes(done: Fetched) -> list[str]:
    return [error["code"] for error in done.errors]


def test_受け取って取り込み_相手先のものは残り_二度は受け取らない(giver: Giver) -> None:
    name = giver.give()
    there = giver.there()
    made = kit.run(giver.site, JOB, DAY)
    assert made["error"] is None and [f["name"] for f in made["files"]] == [name]
    assert giver.there() == there and giver.here() == {}
    assert giver.fetch().files == () and giver.here() == {}
    assert kit.query(giver.site, "select object from audit.event where operation = '受信'") == [(name,)]
    text = next((giver.site.outbox / "shori_kekka").rglob("処理結果表_住民異動*.txt")).read_text(encoding="utf-8")
    assert "相手先から受け取ったファイル 1 件" in text
    assert [op for op, _ in giver.server.done if op in ("remove", "rename", "write")] == []


CUTS: list[tuple[str, Cut]] = [
    ("一覧", Cut("list")),
    (".endを読む", Cut("read", ".end")),
    ("本体の初め", Cut("open", ".dat")),
    ("本体の一バイト目", Cut("read", ".dat", 1)),
    ("本体の終わり", Cut("read", ".dat", done=True)),
    ("本体の大きさ", Cut("stat", ".dat")),
    ("閉じる", Cut("close", ".dat")),
]


@pytest.mark.parametrize("cut", [cut for _, cut in CUTS], ids=[name for name, _ in CUTS])
def test_何処で切れても_半端なものは置かず_次に受け取る(giver: Giver, cut: Cut) -> None:
    giver.give(seq=50 + len(CUTS))
    giver.server.faults.cut = cut
    done = giver.fetch()
    if codes(done):  # of a file that came whole its closing is nobody's matter
        assert codes(done) == ["NP-4101"] and not {n for n in giver.here() if n.endswith(".end")}
    assert codes(giver.fetch()) == []
    assert giver.here() == giver.there()


def test_遅すぎる相手先は伝え_業務は受信フォルダーにあるもので進み_赤く終わる(
    giver: Giver, monkeypatch: pytest.MonkeyPatch
) -> None:
    giver.server.faults.slow = 0.4
    assert codes(giver.fetch(0.1)) == ["NP-4101"]
    giver.server.faults.slow = 0
    kit.juki(giver.site, [{"atena_no": no(90)}], on=date(2025, 9, 26), seq=2)
    pinned, giver.server.host_key = giver.server.host_key, sftp_server.new_key()
    made = kit.run(giver.site, JOB, date(2025, 9, 26))
    giver.server.host_key = pinned
    assert made["error"].code == "NP-4102" and [f["outcome"] for f in made["files"]] == ["accepted"]


def bent(giver: Giver, name: str) -> None:
    path = giver.server.folder / name
    path.write_bytes(path.read_bytes()[::-1])


def shorter(giver: Giver, name: str) -> None:
    path = giver.server.folder / name
    path.write_bytes(path.read_bytes()[:-5])


def bad_end(giver: Giver, name: str) -> None:
    (giver.server.folder / f"{name}.end").write_bytes(b"{}")


def huge_end(giver: Giver, name: str) -> None:
    (giver.server.folder / f"{name}.end").write_bytes(bytes(1 << 17))


def too_large(giver: Giver, name: str) -> None:
    end = giver.server.folder / f"{name}.end"
    end.write_text(end.read_text().replace('"bytes": ', '"bytes": 9999999999'))


def other_here(giver: Giver, name: str) -> None:
    (giver.inbox / name).write_bytes(b"ours")


AMISS: list[tuple[str, Callable[[Giver, str], None], str]] = [
    ("内容が.endと違う", bent, "NP-4126"),
    ("長さが.endと違う", shorter, "NP-4126"),
    (".endが読めない", bad_end, "NP-2001"),
    (".endが大きすぎる", huge_end, "NP-4109"),
    ("ファイルが大きすぎる", too_large, "NP-1126"),
    ("受信フォルダーに別のものがある", other_here, "NP-4127"),
]


@pytest.mark.parametrize(("make", "code"), [case[1:] for case in AMISS], ids=[case[0] for case in AMISS])
def test_合わないものは受け取らず_ほかは受け取る(giver: Giver, make: Callable[[Giver, str], None], code: str) -> None:
    wrong, right = giver.give(seq=70), giver.give(seq=71)
    make(giver, wrong)
    ours = giver.here()
    done = giver.fetch()
    assert codes(done) == [code] and [f.name for f in done.files] == [right]
    assert {n: c for n, c in giver.here().items() if n.startswith(wrong)} == ours


def test_endのないもの_名前の合わないもの_登録のない相手先からは受け取らない(giver: Giver, site: Site) -> None:
    name = giver.give(seq=80)
    (giver.server.folder / f"{name}.end").unlink()
    for other in ("川崎太郎.dat", "川崎太郎.dat.end", "../x.dat"):
        if "/" not in other:
            (giver.server.folder / other).write_bytes(b"x")
    assert giver.fetch() == Fetched() and giver.here() == {}
    assert soushin.fetch(site, library.run_of(site, JOB, DAY)) == Fetched()


def test_何処で殺されても_もう一度で一度だけ受け取る(giver: Giver) -> None:
    names = []
    for point in itertools.count(1):
        name = giver.give(seq=100 + point)
        giver.site.engine.dispose()
        killed = crash.kill_at(point, fetched, giver.site)
        if killed is None:
            break
        names.append(killed)
        assert f"{name}.end" not in giver.here() or killed == "answer complete"
        fetched(giver.site)
        assert giver.here() == giver.there()
        assert kit.query(giver.site, "select count(*) from audit.event where operation = '受信' and object = :n", n=name) == [
            (1,)
        ]
    assert names[:3] == ["answer placed", "answer recorded", "answer complete"]


def fetched(site: Site) -> Any:
    done = soushin.fetch(site, library.run_of(site, JOB, DAY), 5)
    assert not done.errors
    return done
