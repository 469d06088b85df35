"""遅れて届いたファイル: 昨日のファイルが今日届いても、誰も思い出さなくてよい。拒否されたものは、変わるまで後の日には試さない。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import no

from etl import approve
from etl.attest.status import status
from etl.core.receipts import Loaded
from etl.edge import inbox
from etl.ingest import arrive
from etl.run import receipt
from etl.site import Site
from tests.conftest import After

D1, D2, D3, D4 = (date(2025, 9, d) for d in (24, 25, 26, 29))
PLACES = {
    "juki_idou": lambda site, on, n: kit.juki(site, [{"atena_no": no(1), "rireki_no": n, "idou_jiyu_code": "41"}], on=on, seq=n),
    "uketsuke": lambda site, on, n: kit.uketsuke(site, [{"uketsuke_no": no(n), "atena_no": no(1)}], on=on, seq=n),
    "kikou_kekka": lambda site, on, n: kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(n)}], on=on, baitai_no=n),
    "shotoku_kaitou": lambda site, on, n: kit.kaitou(site, [{"shoukai_no": f"2025092400000{n:02}"}], on=on, seq=n),
    "ikou_nenkin_kihon": lambda site, on, n: kit.ikou(site, "ikou_nenkin_kihon", [{"atena_no": no(n), "kiso_nenkin_no": kit.kiso(n)}], on),
    "ikou_shikaku": lambda site, on, n: kit.ikou(
        site, "ikou_shikaku",
        [{"atena_no": no(n), "kiso_nenkin_no": kit.kiso(n), "shubetsu_code": "1", "acquired_on": D1, "shutoku_jiyu_code": "01"}], on,
    ),
    "ikou_menjo": lambda site, on, n: kit.ikou(
        site, "ikou_menjo", [{"kiso_nenkin_no": kit.kiso(n), "menjo_code": "10", "from_month": date(2025, 4, 1)}], on
    ),
    "ikou_fuka": lambda site, on, n: kit.ikou(site, "ikou_fuka", [{"kiso_nenkin_no": kit.kiso(n), "kanyu_on": D1}], on),
    "ikou_saitei": lambda site, on, n: kit.ikou(site, "ikou_saitei", [{"atena_no": no(n), "todoke_code": "51", "uketsuke_on": D1}], on),
}  # fmt: skip
JOBS = {
    "juki_idou": "juki_daily",
    "uketsuke": "uketsuke_daily",
    "kikou_kekka": "kikou_kekka",
    "shotoku_kaitou": "shotoku_kaitou_daily",
}


def _job(dataset: str) -> str:
    return JOBS.get(dataset, "ikou_once")


def told(site: Site, result: dict[str, Any], dataset: str | None = None) -> list[tuple[str, str, str]]:
    """(業務日, outcome, timing) of each file (of a dataset), as the receipt has it; the object of ``--json`` names the late ones."""
    loaded = receipt(site, result["run_id"], Loaded)
    assert loaded
    late = [{"name": f.name, "business_on": str(f.business_on)} for f in loaded.files if f.timing == "late"]
    assert result.get("late", []) == late
    return [(f"{f.business_on:%m-%d}", str(f.outcome), str(f.timing)) for f in loaded.files if dataset in (None, f.dataset)]


def _again(path: Path, data: bytes) -> None:
    """Other bytes under the same name, with an ``.end`` that agrees."""
    name = path.name
    path.write_bytes(data)
    path.with_name(f"{name}.end").write_bytes(kit.end_file(name, data, data.count(b"\r\n") - 1))


@pytest.fixture(scope="module")
def days(town: Site) -> dict[tuple[str, date], dict[str, Any]]:
    """What the runs of D1, D3 and D4 said, job by job: the file of D2 came after that of D3, and that of D4 lay there already."""
    made = {}
    for job in dict.fromkeys(map(_job, PLACES)):
        for day, came in ((D1, (D1,)), (D3, (D3, D2, D4)), (D4, ())):
            for dataset in PLACES:
                for on in came if _job(dataset) == job else ():
                    PLACES[dataset](town, on, (D1, D2, D3, D4).index(on) + 1)
            made[job, day] = kit.run(town, job, day)
    return made


@pytest.mark.parametrize("dataset", PLACES)
def test_昨日のファイルが今日届けば_今日の実行が先に取り込む(
    town: Site, days: dict[tuple[str, date], dict[str, Any]], dataset: str
) -> None:
    first, second, third = (days[_job(dataset), day] for day in (D1, D3, D4))
    assert told(town, first, dataset) == [("09-24", "accepted", "on_time")]
    assert second["error"] is None
    assert told(town, second, dataset) == [("09-25", "accepted", "late"), ("09-26", "accepted", "on_time")]
    assert told(town, third, dataset) == [("09-29", "accepted", "on_time")]
    rows = kit.query(
        town, "select f.business_on, r.business_on from ledger.file as f join ledger.run as r using (run_id) "
        "where f.dataset = :d and f.outcome = 'accepted' order by file_id", d=dataset,
    )  # fmt: skip
    assert rows == [(D1, D1), (D2, D3), (D3, D3), (D4, D4)]


def test_いくつも遅れていれば古い順に(site: Site) -> None:
    for n, on in ((4, D4), (3, D3), (2, D2), (1, D1)):
        PLACES["uketsuke"](site, on, n)
        PLACES["juki_idou"](site, on, n)
    for job in ("uketsuke_daily", "juki_daily"):
        assert [f[0] for f in told(site, kit.run(site, job, D4))] == ["09-24", "09-25", "09-26", "09-29"]


def test_遅れて届いたファイルは自分の業務日で確かめる(site: Site) -> None:
    """Header, and the day from which a 取得候補 counts."""
    kit.juki(site, [{"atena_no": no(1), "idou_jiyu_code": "02", "idou_on": date(2025, 9, 20)}], on=D1, seq=1)
    kit.juki(site, [], on=D3, seq=2)
    kit.run(site, "juki_daily", D3)
    assert kit.query(site, "select business_on, until_on from pension.kouho") == [(D1, date(2026, 3, 24))]
    assert kit.query(site, "select opened_on from pension.worklist") == [(D1,)]


def test_処理結果表と画面は遅れて届いたファイルと言う(site: Site) -> None:
    from etl.result import messages

    PLACES["juki_idou"](site, D1, 1)
    result = kit.run(site, "juki_daily", D2)
    text = next((site.outbox / "shori_kekka").rglob("*.txt")).read_text(encoding="utf-8")
    for part in ("遅れて届いたファイル（業務日 令和7年9月24日）", "この業務日のファイルは届いていません：住民異動連携ファイル"):
        assert part in text and part in "\n".join(messages(site, result["run_id"]))
    assert status(site).runs[0].late == 1
    assert kit.run(site, "juki_daily", D2)["files"] == []
    assert status(site).runs[0].late == 0


def test_その日のファイルがあれば_届いていないとは言わない(site: Site) -> None:
    PLACES["juki_idou"](site, D1, 1)
    kit.run(site, "juki_daily", D1)
    kit.run(site, "juki_daily", D1)  # the same file again: 重複受信, but it is there
    for sheet in (site.outbox / "shori_kekka").rglob("*.txt"):
        assert "届いていません" not in sheet.read_text(encoding="utf-8")


# ---- refused files ------------------------------------------------------------------------------------------------------------------


def refused(site: Site) -> None:
    """受付 of D1, cut short (the good bytes lie beside the inbox): the run of its day refused it, that of the next day is green and does not
    try it."""
    path = PLACES["uketsuke"](site, D1, 1)
    good = path.rename(site.home / "good").read_bytes()
    path.write_bytes(good[:-4])
    assert told(site, kit.run(site, "uketsuke_daily", D1)) == [("09-24", "refused", "on_time")]
    next_day = kit.run(site, "uketsuke_daily", D2)
    assert (next_day["files"], next_day["error"]) == ([], None)


def _cut(site: Site) -> tuple[Path, bytes]:
    """The file that was cut short, and its good bytes."""
    (path,) = site.inbox.glob("uketsuke/*.csv")
    return path, (site.home / "good").read_bytes()


def _rewrite_end(path: Path, good: bytes) -> None:
    path.with_name(f"{path.name}.end").write_bytes(kit.end_file(path.name, good[:-4], 1))


CHANGES: dict[str, tuple[Callable[[Path, bytes], Any], list[tuple[str, str, str]]]] = {
    "そのまま": (lambda path, good: None, []),
    "触っただけ（時刻が変わる）": (lambda path, good: path.touch(), []),
    "同じ内容を置き直す": (lambda path, good: (path.unlink(), path.write_bytes(good[:-4])), []),
    "正しい内容に替わる": (lambda path, good: path.write_bytes(good), [("09-24", "accepted", "late")]),
    "別の誤った内容に替わる": (lambda path, good: path.write_bytes(good[:-6]), [("09-24", "refused", "late")]),
    "同じ長さの別の内容": (lambda path, good: path.write_bytes(b"x" + good[1:-4]), [("09-24", "refused", "late")]),
    ".endだけ正しく替わる": (_rewrite_end, [("09-24", "accepted", "late")]),
    "取り除かれる": (lambda path, good: path.unlink(), []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_拒否されたファイルは変わったときだけ後の日に試す(after: After, change: str) -> None:
    site = after(refused)
    act, wanted = CHANGES[change]
    act(*_cut(site))
    assert told(site, kit.run(site, "uketsuke_daily", D3)) == wanted
    assert kit.run(site, "uketsuke_daily", D4)["files"] == []  # and that is looked at once


def test_拒否されたファイルも自分の業務日の実行はもう一度試す(after: After) -> None:
    site = after(refused)
    assert told(site, kit.run(site, "uketsuke_daily", D1)) == [("09-24", "refused", "on_time")]


def test_拒否されたファイルは_置かれている間は誰かを待つものに残る(after: After) -> None:
    site = after(refused)
    path, good = _cut(site)
    sheet = next(p for p in (site.outbox / "shori_kekka" / "2025-09-25").glob("*.txt"))
    assert f"拒否されたままのファイル 1 件：{path.name}（受信フォルダーに置くのは長くて30日）" in sheet.read_text(
        encoding="utf-8"
    ).replace("\n" + " " * 16, "")
    assert [(f.name, f.outcome, f.code) for f in status(site).files] == [(path.name, "refused", "NP-2004")]
    path.write_bytes(good)
    kit.run(site, "uketsuke_daily", D3)
    assert status(site).files == ()


def test_取込の途中で拒否されたファイルも同じ(site: Site) -> None:
    """It was whole; the rows refused it (NP-2013, NP-2012, NP-1103): its bytes are known from its arrival."""
    path = kit.uketsuke(site, [{"uketsuke_no": no(n), "atena_no": no(1), "todoke_code": "01"} for n in range(1, 31)], on=D1)
    good = path.read_bytes()
    _again(path, good.replace(b",01,", b",ZZ,"))
    assert told(site, kit.run(site, "uketsuke_daily", D1)) == [("09-24", "refused", "on_time")]
    assert kit.run(site, "uketsuke_daily", D2)["files"] == []
    _again(path, good)
    assert told(site, kit.run(site, "uketsuke_daily", D3)) == [("09-24", "accepted", "late")]


def test_前の日の内容のまま送られた名前も_直れば試す(site: Site) -> None:
    """Yesterday's bytes under today's name are a duplicate; what comes in their place is tried."""
    first = PLACES["uketsuke"](site, D1, 1).read_bytes()
    kit.run(site, "uketsuke_daily", D1)
    second = PLACES["uketsuke"](site, D2, 2)
    good = second.read_bytes()
    _again(second, first)
    assert told(site, kit.run(site, "uketsuke_daily", D2)) == [("09-25", "duplicate", "on_time")]
    assert kit.run(site, "uketsuke_daily", D3)["files"] == []
    _again(second, good)
    assert told(site, kit.run(site, "uketsuke_daily", D3)) == [("09-25", "accepted", "late")]


def test_遅れて届いた重複受信は一度だけ言う(site: Site) -> None:
    first = PLACES["uketsuke"](site, D1, 1).read_bytes()
    kit.run(site, "uketsuke_daily", D1)
    second = PLACES["uketsuke"](site, D2, 2)
    _again(second, first)
    assert told(site, kit.run(site, "uketsuke_daily", D3)) == [("09-25", "duplicate", "late")]
    assert kit.run(site, "uketsuke_daily", D4)["files"] == []


def test_読めない昨日のファイルは今日の取込を止めない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said and red; as soon as it can be read it is taken. Today's own file that cannot be read still stops the run."""
    old = PLACES["uketsuke"](site, D1, 1)
    PLACES["uketsuke"](site, D2, 1)
    read = inbox.opened

    def broken(path: Path) -> Any:
        if path == old:
            raise inbox.Unavailable("NP-1026", volume="uketsuke・EACCES")
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "opened", broken)
        result = kit.run(site, "uketsuke_daily", D2)
        assert told(site, result) == [("09-24", "refused", "late"), ("09-25", "accepted", "on_time")]
        assert result["error"].code == "NP-1026"
        assert kit.run(site, "uketsuke_daily", D3)["files"] == []
    old.unlink()
    PLACES["uketsuke"](site, D1, 9)
    assert told(site, kit.run(site, "uketsuke_daily", D3))[0][0] == "09-24"


# ---- waiting ------------------------------------------------------------------------------------------------------------------------


def corrected(site: Site) -> None:
    """A person insured, and resident by the file of D1; then its correction came."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}], on=D1, seq=1)
    kit.run(site, "juki_daily", D1)
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}], on=D1, seq=1, version=2)


def test_遅れて届いた訂正は承認を待つと言い_承認の後の実行が取り込む(after: After) -> None:
    site = after(corrected)
    waits = kit.run(site, "juki_daily", D2)
    assert [(f["code"], *t) for f, t in zip(waits["files"], told(site, waits), strict=True)] == [
        ("NP-2022", "09-24", "waiting", "late")
    ]
    assert kit.run(site, "juki_daily", D2)["files"] == []  # it waits as before
    kit.approve_all(site, "teisei")
    assert told(site, kit.run(site, "juki_daily", D3)) == [("09-24", "accepted", "waited")]


def test_前の番号が遅れて届けば_待っていたファイルも順に入る(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    for n, on in ((1, D1), (3, D3)):
        PLACES["juki_idou"](site, on, n)
    assert told(site, kit.run(site, "juki_daily", D3)) == [("09-24", "accepted", "late"), ("09-26", "waiting", "on_time")]
    PLACES["juki_idou"](site, D2, 2)
    PLACES["juki_idou"](site, D4, 4)
    assert told(site, kit.run(site, "juki_daily", D4)) == [
        ("09-25", "accepted", "late"), ("09-26", "accepted", "waited"), ("09-29", "accepted", "on_time"),
    ]  # fmt: skip


def test_終わりの印が後から来たファイルは遅れて届いたもの(site: Site) -> None:
    path = PLACES["uketsuke"](site, D1, 1)
    end = path.with_name(f"{path.name}.end")
    text = end.read_bytes()
    end.unlink()
    kit.run(site, "uketsuke_daily", D1)
    assert kit.run(site, "uketsuke_daily", D2)["files"] == []
    end.write_bytes(text)
    assert told(site, kit.run(site, "uketsuke_daily", D2)) == [("09-24", "accepted", "late")]


# ---- for years ----------------------------------------------------------------------------------------------------------------------


def test_古いファイルが三千あっても_開かずに見分ける(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three thousand accepted files lie there: none is opened, the ledger is asked once, and it takes no time to speak of."""
    from time import perf_counter

    run_id = kit.run(site, "uketsuke_daily", D1)["run_id"]
    folder = site.inbox / "uketsuke"
    folder.mkdir(exist_ok=True)
    names = [f"UKETSUKE_141305_20150101_{n:06}_01.csv" for n in range(1, 3001)]
    for name in names:
        (folder / name).touch()
        (folder / f"{name}.end").touch()
    with psycopg.connect(site.url_of("owner")) as owner:
        owner.execute(
            "insert into ledger.file (run_id, dataset, stream, name, business_on, seq, bytes, sha256, end_sha256, outcome) "
            "select %s, 'uketsuke', 'main', name, '2015-01-01', n, 1, n, '', 'accepted' from unnest(%s::text[]) with ordinality as t (name, n)",
            (run_id, names),
        )
    PLACES["uketsuke"](site, D2, 3001)
    monkeypatch.setattr(inbox, "sha256", lambda source: pytest.fail("hashed"))
    with site.session() as session:
        began = perf_counter()
        found = arrive.candidates(session, site, "uketsuke", D3)
        took = perf_counter() - began
    assert [f.business_on for f in found.due] == [D2]
    assert took < 2, f"{took:.2f} s"


def test_否認された訂正は後の日には試さない(after: After) -> None:
    site = after(corrected)
    kit.run(site, "juki_daily", D2)
    approve.decide(site, "teisei", None, "shounin01", "rejected", "誤り")
    assert told(site, kit.run(site, "juki_daily", D3)) == [("09-24", "refused", "waited")]
    assert kit.run(site, "juki_daily", D4)["files"] == []
