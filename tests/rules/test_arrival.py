"""受領: 連番どおりの取込、重複受信、訂正、拒否されたファイルの再送、照会回答の計数器。"""

from __future__ import annotations

import gc
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl import approve
from etl.site import Site
from tests.conftest import After

D1, D2, D3, D4 = (date(2025, 9, d) for d in (24, 25, 26, 29))
LEAVES = {"idou_jiyu_code": "21", "idou_on": date(2025, 9, 20), "jumin_jotai_code": "2"}


def outcomes(result: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(f["name"].split("_141305_")[1][:-4], f["outcome"], f["code"]) for f in result["files"]]


def ready(site: Site) -> None:
    """Person 1 insured; 異動 11 of D1 taken in."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}], on=D1, seq=11)
    assert outcomes(kit.run(site, "juki_daily", D1)) == [("20250924_000011_01", "accepted", None)]


def _rows(site: Site) -> list[tuple[Any, ...]]:
    return kit.query(site, "select atena_no, rireki_no, name, superseded_at is null from pension.atena order by atena_id")


def test_番号が飛べば待ち_前が届けば順に取り込む(after: After) -> None:
    site = after(ready)
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 3, **LEAVES}], on=D3, seq=13)
    waits = kit.run(site, "juki_daily", D3)
    assert outcomes(waits) == [("20250926_000013_01", "waiting", "NP-2021")]
    assert (waits["error"], waits["files"][0]["counts"]["data"]) == (None, 1)
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "41"}], on=D2, seq=12)
    later = kit.run(site, "juki_daily", D2)
    assert outcomes(later) == [("20250925_000012_01", "accepted", None), ("20250926_000013_01", "accepted", None)]
    assert later["proposals"] == 1
    assert [r[1] for r in _rows(site)] == [1, 2, 3]
    assert kit.query(site, "select business_on from ledger.file where outcome = 'accepted' and seq = 13") == [(D3,)]
    kit.juki(site, [], on=D4, seq=14)
    assert outcomes(kit.run(site, "juki_daily", D4)) == [("20250929_000014_01", "accepted", None)]


def test_重複受信は何も変えない(after: After) -> None:
    site = after(ready)
    before = _rows(site)
    kit.juki(site, [{"atena_no": no(1)}], on=D1, seq=11)  # its sender sends it once more
    again = kit.run(site, "juki_daily", D1)
    assert outcomes(again) == [("20250924_000011_01", "duplicate", "NP-2023")]
    assert (again["error"], again["files"][0]["counts"]) == (
        None,
        {"data": 1, "new": 0, "updated": 0, "unchanged": 0, "quarantined": 0, "out_of_scope": 0},
    )
    first, link = kit.query(
        site,
        "select min(file_id) filter (where outcome = 'accepted'), max(first_file_id) from ledger.file where dataset = 'juki_idou'",
    )[0]
    assert (link, _rows(site)) == (first, before)


def test_別の名前の同じ内容も重複受信(site: Site) -> None:
    """移行 files have no header: the same bytes under another day's name are a duplicate."""
    rows = [{"atena_no": no(1), "kiso_nenkin_no": kit.kiso(1)}]
    kit.ikou(site, "ikou_nenkin_kihon", rows, on=D1)
    kit.ikou(site, "ikou_nenkin_kihon", rows, on=D2)
    kit.run(site, "ikou_once", D1)
    assert outcomes(kit.run(site, "ikou_once", D2)) == [("20250925", "duplicate", "NP-2023")]


def test_同じ番号と版で内容が違えば拒否(after: After) -> None:
    site = after(ready)
    before = _rows(site)
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}], on=D1, seq=11)
    refused = kit.run(site, "juki_daily", D1)
    assert outcomes(refused) == [("20250924_000011_01", "refused", "NP-2010")]
    assert (refused["error"].exit_status, _rows(site)) == (10, before)


def test_計数器より前の番号は拒否(after: After) -> None:
    site = after(ready)
    kit.juki(site, [], on=D2, seq=10)
    refused = kit.run(site, "juki_daily", D2)
    assert outcomes(refused) == [("20250925_000010_01", "refused", "NP-2011")]
    assert "11" in str(refused["error"]) and "10" in str(refused["error"])


def test_全件は計数器を定め_訂正された全件は定め直さない(after: After) -> None:
    site = after(ready)
    kit.juki(site, [{"atena_no": no(1)}], on=D2, seq=50, kubun="1")
    kit.juki(site, [], on=D3, seq=51)
    for day in (D2, D3):
        assert {o for _, o, _ in outcomes(kit.run(site, "juki_daily", day))} == {"accepted"}
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}], on=D2, seq=50, version=2, kubun="1")
    kit.run(site, "juki_daily", D2)
    kit.approve_all(site, "teisei")
    assert outcomes(kit.run(site, "juki_daily", D2)) == [("20250925_000050_02", "accepted", None)]
    kit.juki(site, [], on=D4, seq=52)
    assert outcomes(kit.run(site, "juki_daily", D4)) == [("20250929_000052_01", "accepted", None)]


def corrected(site: Site) -> None:
    """And its correction, which waits for a second person."""
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}], on=D1, seq=11, version=2)
    assert outcomes(kit.run(site, "juki_daily", D1)) == [("20250924_000011_02", "waiting", "NP-2022")]


def test_訂正は別の職員の承認を待つ(after: After) -> None:
    site = after(ready, corrected)
    # asking twice proposes once
    assert outcomes(kit.run(site, "juki_daily", D1)) == [("20250924_000011_02", "waiting", "NP-2022")]
    ((approval_id,),) = kit.query(site, "select approval_id from ledger.approval where kind = 'teisei'")
    assert [i.id for i in approve.pending(site, "teisei")] == [approval_id]
    assert len(_rows(site)) == 1
    approve.decide(site, "teisei", [approval_id], "shounin01")
    done = kit.run(site, "juki_daily", D2)  # a later day's run takes what had waited
    assert outcomes(done) == [("20250924_000011_02", "accepted", None)]
    assert [(r[2], r[3]) for r in _rows(site)] == [("架空　一郎", False), ("架空　二郎", True)]


def test_承認は承認した内容だけに効く(after: After) -> None:
    """Other bytes under the approved name wait for an approval of their own."""
    site = after(ready, corrected)
    kit.approve_all(site, "teisei")
    kit.juki(site, [{"atena_no": no(1), "name": "架空　三郎"}], on=D1, seq=11, version=2)
    assert outcomes(kit.run(site, "juki_daily", D1)) == [("20250924_000011_02", "waiting", "NP-2022")]
    assert len(approve.pending(site, "teisei")) == 1


def test_否認された訂正は拒否され_起案し直さない(after: After) -> None:
    site = after(ready, corrected)
    approve.decide(site, "teisei", None, "shounin01", "rejected", "誤り")
    refused = kit.run(site, "juki_daily", D1)
    assert outcomes(refused) == [("20250924_000011_02", "refused", "NP-2024")]
    assert (refused["error"].exit_status, approve.pending(site, "teisei")) == (12, [])


def test_拒否されたファイルは同じ名前でまた来てよい(after: After) -> None:
    site = after(ready)
    path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "41"}], on=D2, seq=12)
    good = path.read_bytes()
    path.write_bytes(good[:-4])
    assert outcomes(kit.run(site, "juki_daily", D2)) == [("20250925_000012_01", "refused", "NP-2004")]
    path.write_bytes(good)
    assert outcomes(kit.run(site, "juki_daily", D2)) == [("20250925_000012_01", "accepted", None)]


def test_受領待ちのファイルは_endが来てから一度だけ(after: After) -> None:
    site = after(ready)
    path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "41"}], on=D2, seq=12)
    end = Path(f"{path}.end")
    text = end.read_text()
    end.unlink()
    assert outcomes(kit.run(site, "juki_daily", D2)) == [("20250925_000012_01", "waiting", "NP-2020")]
    assert kit.run(site, "juki_daily", D3)["files"] == []  # another day's run looks, and says nothing as long as it waits
    end.write_text(text)
    assert outcomes(kit.run(site, "juki_daily", D2)) == [("20250925_000012_01", "accepted", None)]
    assert kit.run(site, "juki_daily", D3)["files"] == []  # nothing is left of its waiting


def test_照会回答は自分の計数器を持つ(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}, {"atena_no": no(2)}])
    kit.run(site, "juki_shoukai_daily", D1)
    kit.juki(site, [], on=D2, seq=11)
    kit.juki(site, [{"atena_no": no(1)}], on=D2, seq=901, kubun="3")
    assert [o for _, o, _ in outcomes(kit.run(site, "juki_daily", D2))] == ["accepted", "accepted"]
    kit.juki(site, [{"atena_no": no(2)}], on=D3, seq=903, kubun="3")
    kit.juki(site, [], on=D3, seq=12)
    found = kit.run(site, "juki_daily", D3)
    assert outcomes(found) == [("20250926_000012_01", "accepted", None), ("20250926_000903_01", "waiting", "NP-2021")]


def test_0件のファイルは成功で0と示す(site: Site) -> None:
    kit.juki(site, [], on=D1, seq=11)
    kit.uketsuke(site, [], on=D1)
    for job in ("juki_daily", "uketsuke_daily"):
        result = kit.run(site, job, D1)
        assert result["error"] is None
        assert kit.only(result)["outcome"] == "accepted"
        assert set(kit.only(result)["counts"].values()) == {0}


def test_何も来ない日も終わる(site: Site) -> None:
    for job in ("ikou_once", "uketsuke_daily", "juki_daily", "juki_shoukai_daily"):
        result = kit.run(site, job, D1)
        assert (result["files"], result["outputs"], result["proposals"], result["error"]) == ([], [], 0, None)


@pytest.fixture(scope="module")
def looked_at(town: Site) -> dict[str | None, tuple[str | None, list[str]]]:
    """For each fault of a file, for a good one and for the files of two other jobs: the code of the run, and what was said of open files."""
    good, found = kit.juki_bytes([{"atena_no": no(1)}], on=D1, seq=11), {}
    faults: dict[str | None, bytes] = {
        "別の日": kit.juki_bytes([{"atena_no": no(1)}], on=D2, seq=11), "よその市": good.replace(b"141305", b"141003"), "壊れたヘッダー": good[40:],
        None: good,
    }  # fmt: skip

    def look(job: str) -> tuple[str | None, list[str]]:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", ResourceWarning)
            code = kit.only(kit.run(town, job, D1))["code"]
            gc.collect()
        return code, [str(w.message) for w in told if "inbox" in str(w.message)]

    for fault, data in faults.items():
        kit.put(town, "juki_idou", "JUKIIDOU_141305_20250924_000011_01.dat", data, 1)
        found[fault] = look("juki_daily")
    kit.kekka(town, [{"kiso_nenkin_no": kit.kiso(1)}], on=D1)
    twice = {"uketsuke_no": no(1), "atena_no": no(1)}
    kit.uketsuke(town, [twice, {**twice, "jotai_code": "2"}], on=D1)  # 矛盾
    return found | {job: look(job) for job in ("kikou_kekka", "uketsuke_daily")}


@pytest.mark.parametrize("fault", [None, "別の日", "よその市", "壊れたヘッダー"])
def test_開いたファイルは_拒否しても閉じる(looked_at: dict[str | None, tuple[str | None, list[str]]], fault: str | None) -> None:
    """A file that stays open keeps its bytes on the disk, and an office runs for years."""
    code, left_open = looked_at[fault]
    assert (code is None) == (fault is None) and left_open == []
    assert looked_at["kikou_kekka"] == looked_at["uketsuke_daily"] == (None, [])
