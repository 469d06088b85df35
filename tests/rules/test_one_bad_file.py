"""一つのファイルの誤り: そのファイルだけを名前とコードで断り、ほかは取り込む。受入表には何も残らない。待つファイルは一度だけ書き留める。"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.errors import DefinitionError, Unavailable
from etl.core.mapping.layout import arriving
from etl.edge import failpoint
from etl.ingest import land, load, merge, stage
from etl.run import get
from etl.site import Site
from tests.conftest import After
from tests.faults import crash, damage

GOOD = {"kiso_nenkin_no": kit.kiso(1)}


def _sparse(path: Path) -> None:
    """Five gigabytes of nothing, which take no room on the disk."""
    with path.open("wb") as out:
        out.truncate(5 << 30)


def _unreadable(path: Path) -> None:
    path.unlink()
    path.mkdir()


BAD: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "5GBの媒体": ("NP-1126", _sparse),
    "空の媒体": ("NP-1140", lambda path: path.write_bytes(b"")),
    "ファイルでない": ("NP-2005", _unreadable),
}


@pytest.mark.parametrize("case", BAD)
def test_悪い媒体のほかは取り込み_悪いものは台帳と記録に名前が残る(site: Site, case: str) -> None:
    code, spoil = BAD[case]
    bad = kit.kekka(site, [GOOD], baitai_no=1)
    spoil(bad)
    kit.kekka(site, [GOOD], baitai_no=2)
    result = kit.run(site, "kikou_kekka", DAY)
    assert [(f["code"], f["outcome"]) for f in result["files"]] == [(code, "refused"), (None, "accepted")]
    assert (result["error"].code, result["error"].file) == (code, bad.name)
    assert kit.query(site, "select name from ledger.file where code = :c", c=code) == [(bad.name,)]
    assert kit.query(site, "select object from audit.event where operation = '受入拒否'") == [(bad.name,)]
    assert kit.run(site, "kikou_kekka", DAY + timedelta(days=1))["files"] == []  # and it lies there as it did


RAISED: dict[str, tuple[Exception, str | None]] = {
    "思いもよらない誤り": (KeyError("架空　一郎"), "NP-2027"),
    "記憶が足りない": (MemoryError(), "NP-2027"),
    "データベースの処理の誤り": (DefinitionError("NP-1022", item="-", sqlstate="22003"), "NP-1022"),
    "読めない": (Unavailable("NP-1026", volume="uketsuke・EIO"), "NP-1026"),
    "データベースがない": (Unavailable("NP-1020", item="-", sqlstate="57P01"), None),
}


@pytest.mark.parametrize("where", ["読むとき", "合わせるとき"])
@pytest.mark.parametrize("case", RAISED)
def test_どこで何が起きても一つのファイルのこと(site: Site, monkeypatch: pytest.MonkeyPatch, case: str, where: str) -> None:
    """Only what all files need (the database) ends the run; then nothing is left in staging either."""
    error, code = RAISED[case]
    bad, good = (kit.uketsuke(site, [{"uketsuke_no": no(n), "atena_no": no(n)}], seq=n) for n in (1, 2))
    place, name = (stage.csv, "check_count") if where == "読むとき" else (merge, "_gaiji")
    real = getattr(place, name)

    def raising(*args: Any) -> Any:
        if len(args) == 2 and getattr(args[0], "name", "") == good.name:
            return real(*args)
        if where == "合わせるとき" and kit.query(
            site, "select count(*) from staging.uketsuke where uketsuke_no = :n", n=no(2)
        ) == [(1,)]:
            return real(*args)
        raise error

    monkeypatch.setattr(place, name, raising)
    result = kit.run(site, "uketsuke_daily", DAY)
    assert kit.query(site, "select count(*) from staging.uketsuke") == [(0,)]
    if code is None:
        assert result["error"] is error and result["files"] == []
        return
    files = [(f["name"], f["outcome"], f["code"]) for f in result["files"]]
    assert files == [(bad.name, "refused", code), (good.name, "accepted", None)]
    assert "架空" not in str(kit.query(site, "select facts::text from ledger.file")) + str(result["error"])


def test_止められた実行が残した受入表は_次の実行が空にする(site: Site) -> None:
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1), "name_kana": "ｶｸｳ"}])
    site.engine.dispose()
    status, _ = crash.in_child(lambda: _killed(crash.fresh(site)))
    assert status != 0 and kit.query(site, "select count(*) from staging.uketsuke") == [(1,)]
    kit.run(site, "uketsuke_daily", DAY - timedelta(days=1))  # a day of which there is no file
    assert kit.query(site, "select count(*) from staging.uketsuke") == [(0,)]


def _killed(site: Site) -> None:
    with pytest.MonkeyPatch.context() as patch:
        crash.at(patch, "staged", lambda: os._exit(9))
        kit.run(site, "uketsuke_daily", DAY)


# ---- 数の上限 -----------------------------------------------------------------------------------------------------------------------

REVS = kit.table("""
| 改訂番号            | 結果   |
|---------------------|--------|
| 1                   | 入る   |
| 524287              | 入る   |
| 524288              | 入る   |
| 2147483647          | 入る   |
| 2147483648          | 隔離   |
| 9223372036854775807 | 隔離   |
| 99999999999999999999 | 隔離  |
""")


@pytest.fixture(scope="module")
def revised(town: Site) -> dict[str, str]:
    """One intake per number of a revision, each after its first revision."""
    wanted = [str(case["改訂番号"]) for case in REVS]
    rows = [{"uketsuke_no": no(n), "atena_no": no(n), "rev": 0} for n in range(1, len(wanted) + 1)]
    path = kit.uketsuke(town, rows + [{**row, "rev": 1_000_000_000 + n, "jotai_code": "4"} for n, row in enumerate(rows)])
    data = path.read_bytes()
    for n, rev in enumerate(wanted):
        data = data.replace(f",{1_000_000_000 + n}\r\n".encode(), f",{rev}\r\n".encode())
    damage.replace(path, data, 2 * len(rows))
    assert kit.run(town, "uketsuke_daily", DAY)["error"] is None
    found = dict(kit.query(town, "select uketsuke_no, max(rev)::text from pension.uketsuke group by 1"))
    return {rev: "入る" if found[no(n)] == rev else "隔離" for n, rev in enumerate(wanted, 1)}


@pytest.mark.parametrize("i", range(len(REVS)), ids=[str(c["改訂番号"]) for c in REVS])
def test_改訂番号の上限(revised: dict[str, str], i: int) -> None:
    assert revised[str(REVS[i]["改訂番号"])] == REVS[i]["結果"]


def test_大きな改訂番号でも新しい改訂が勝つ(town: Site, revised: dict[str, str]) -> None:
    """The newest revision says 進達済; the first does not."""
    found = dict(kit.query(town, "select uketsuke_no, outcome from pension.uketsuke_outcome(:d)", d=DAY))
    assert {found[no(n)] for n, case in enumerate(REVS, 1) if case["結果"] == "入る"} == {"waiting"}
    assert {found[no(n)] for n, case in enumerate(REVS, 1) if case["結果"] == "隔離"} == {"not_sent"}
    kinds = kit.query(town, "select distinct fields, kinds from ledger.quarantine order by kinds")
    assert kinds == [(["rev"], ["length"]), (["rev"], ["too_large"])]


HOLDS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def test_どのデータの数も表の列に収まる(town: Site) -> None:
    """What a mapping lets through never meets the end of a column (NP-1022)."""
    kinds = {(t, c): k for t, c, k in kit.query(
        town, "select table_name, column_name, data_type from information_schema.columns where table_schema = 'pension'"
    )}  # fmt: skip
    numbers = [
        (table, f) for layout in arriving().values() for table in layout.load.into for f in layout.columns
        if f.largest and f.name not in layout.load.drops
    ]  # fmt: skip
    assert len(numbers) > 10
    assert not [(table, f.name) for table, f in numbers if HOLDS[kinds[table, f.name]] < (f.largest or 0)]


# ---- 読むものはハッシュしたもの -------------------------------------------------------------------------------------------------------


SAITEI = {"atena_no": no(1), "todoke_code": "51", "uketsuke_on": DAY}
WRITERS: dict[str, Callable[[Site, str], Path]] = {
    "juki_daily": lambda site, name: kit.juki(site, [{"atena_no": no(1), "name": name}]),
    "uketsuke_daily": lambda site, name: kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1), "gakko_name": name}]),
    "ikou_once": lambda site, name: kit.ikou(site, "ikou_saitei", [{**SAITEI, "seikyusha_name": name}]),
}


def insured(site: Site) -> None:
    """A person insured, and an inbox that is empty."""
    kit.insured(site, [{"atena_no": no(1)}])
    assert not list(site.inbox.rglob("*.csv*"))


@pytest.mark.parametrize("job", WRITERS)
@pytest.mark.parametrize("back", [False, True], ids=["替えたまま", "取込の後に戻す"])
def test_時刻を戻した書換えも見つかる(after: After, monkeypatch: pytest.MonkeyPatch, job: str, back: bool) -> None:
    """Other content of the same length, the time of the last change put back; even if the good bytes lie there again at the end."""
    site, write = after(insured), WRITERS[job]
    path = write(site, "架空　次郎")
    other = path.read_bytes()
    good = write(site, "架空　一郎").read_bytes()
    assert len(other) == len(good)

    def put(data: bytes) -> Callable[[], None]:
        def rewrite() -> None:
            about = path.stat()
            path.write_bytes(data)
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))

        return rewrite

    at = {"staging emptied": put(other), "staged": put(good) if back else (lambda: None)}
    monkeypatch.setattr(failpoint, "reached", lambda point: at.get(point, lambda: None)())
    file = kit.only(kit.run(site, job, DAY))
    assert (file["outcome"], file["code"]) == ("refused", "NP-2002")


# ---- なくなったもの、名前の違うもの、待つもの ---------------------------------------------------------------------------------------------


def test_受領の後になくなったファイルは言う(site: Site) -> None:
    from etl import jobs

    path = kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}], seq=1)
    kit.uketsuke(site, [{"uketsuke_no": no(2), "atena_no": no(2)}], seq=2)
    run_id = jobs.start(site, "uketsuke_daily", str(DAY), "sousa01", None)
    assert len(jobs.step(site, run_id, "land").files) == 2
    path.unlink()
    found = {f.name: (f.outcome, f.code) for f in load(site, get(site, run_id)).files}
    assert found[path.name] == ("refused", "NP-2028") and len(found) == 2
    assert kit.query(site, "select name from ledger.file where code = 'NP-2028'") == [(path.name,)]
    assert land(site, get(site, run_id)).files[0].name != path.name


def test_型に合わない名前は処理結果表にも件数だけが載る(site: Site) -> None:
    folder = site.inbox / "juki_idou"
    folder.mkdir()
    (folder / "JUKIIDOU_架空一郎.dat").write_bytes(b"x")
    kit.run(site, "juki_daily", DAY)
    text = next((site.outbox / "shori_kekka").rglob("*.txt")).read_text(encoding="utf-8")
    assert "NP-2025" in text and "1 件" in text and "架空" not in text


def test_待つファイルは台帳にも記録にも一度だけ(site: Site) -> None:
    """The day's own run tells of it each time; that it still waits is nothing new."""
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}], seq=1)
    late = kit.uketsuke(site, [{"uketsuke_no": no(3), "atena_no": no(3)}], seq=3)
    incomplete = kit.uketsuke(site, [{"uketsuke_no": no(4), "atena_no": no(4)}], seq=4)
    incomplete.with_name(f"{incomplete.name}.end").unlink()
    for on in (DAY, DAY, DAY + timedelta(days=1), DAY):
        told = {f["name"]: f["code"] for f in kit.run(site, "uketsuke_daily", on)["files"] if f["outcome"] == "waiting"}
        assert told == ({late.name: "NP-2021", incomplete.name: "NP-2020"} if on == DAY else {})
    waits = "select count(*) from {} where {} = :n"
    for name in (late.name, incomplete.name):
        assert kit.query(site, waits.format("ledger.file", "name"), n=name) == [(1,)]
        assert kit.query(site, waits.format("audit.event", "object"), n=name) == [(1,)]
    incomplete.write_bytes(b"more")  # it grows: that is new
    kit.run(site, "uketsuke_daily", DAY)
    assert kit.query(site, waits.format("ledger.file", "name"), n=incomplete.name) == [(2,)]


def test_千の待つファイルは一晩を取らない(site: Site) -> None:
    from time import perf_counter

    on = date(2025, 9, 22)
    kit.uketsuke(site, [{"uketsuke_no": no(1), "atena_no": no(1)}], on=on, seq=1)
    for seq in range(3, 303):
        kit.uketsuke(site, [{"uketsuke_no": no(seq), "atena_no": no(1)}], on=on, seq=seq)
    kit.run(site, "uketsuke_daily", on)
    began = perf_counter()
    assert kit.run(site, "uketsuke_daily", DAY)["files"] == []
    assert perf_counter() - began < 6, f"{perf_counter() - began:.1f} s for 300"
    assert kit.query(site, "select count(*) from ledger.file") == [(301,)]
