"""F10, F11: files that end too early, at every place where they can, and files that change while they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.mapping.layout import layouts
from etl.edge import inbox
from etl.site import Site
from tests.faults import crash, damage

WIDTH = damage.record_bytes("juki_idou")
ROWS = [{"atena_no": no(n), "kojin_no": kit.kojin_no(n)} for n in (1, 2, 3)]


def cuts() -> dict[str, int]:
    """Where a file of header, three records and trailer may end: each edge and beside it, inside records, inside two-byte characters."""
    at = layouts()["juki_idou"].data
    found = {"0バイト": 0, "1バイト": 1}
    for n in range(1, 5):
        found |= {f"{n}件目の後の{beside:+}バイト": n * WIDTH + beside for beside in (-2, -1, 0, 1)}
    found |= {f"レコードの{part}": WIDTH + part for part in (100, 411, 800)}
    start = 2 * WIDTH
    for name in ("name", "address"):
        found |= {f"{name}の{n}文字目の中": start + at.field(name).slice.start + 2 * n - 1 for n in (1, 2, 3)}
        found |= {f"{name}の{n}文字目の後": start + at.field(name).slice.start + 2 * n for n in (1, 2)}
    found["トレーラーの中"] = 4 * WIDTH + 30
    found["最後の改行の途中"] = 5 * WIDTH - 1
    return found


CUTS = cuts()
TOLD = {f"{name}・.endは{end}": (place, end == "元のまま") for name, place in CUTS.items() for end in ("元のまま", "切れた長さ")}


@pytest.fixture(scope="module")
def cut(town: Site) -> dict[str, dict[str, Any]]:
    """All of them in one night: one number, a version each, so that every one is in turn."""
    kit.insured(town, [{"atena_no": r["atena_no"]} for r in ROWS])
    results: dict[str, dict[str, Any]] = {}
    for night in (0, 1):
        names: dict[str, str] = {}
        for version, (case, (place, whole_end)) in enumerate(list(TOLD.items())[night * 45 : (night + 1) * 45], 1):
            path = kit.juki(town, ROWS, seq=1, version=version)
            data = path.read_bytes()[:place]
            path.write_bytes(data) if whole_end else damage.replace(path, data, len(ROWS))
            names[path.name] = case
        results |= {names[f["name"]]: f for f in kit.run(town, "juki_daily", DAY)["files"]}
        for path in (town.inbox / "juki_idou").iterdir():
            path.unlink()
    return results


@pytest.mark.parametrize("case", TOLD)
def test_切れたファイルは取り込む前に拒否する(cut: dict[str, dict[str, Any]], case: str) -> None:
    _, whole_end = TOLD[case]
    assert cut[case]["outcome"] == "refused"
    assert cut[case]["code"] in (("NP-2004",) if whole_end else ("NP-1103", "NP-1110", "NP-1112", "NP-1113"))


def test_一件も入らず_完全なファイルは同じ名前で入る(cut: dict[str, dict[str, Any]], town: Site) -> None:
    assert len(TOLD) <= 90 and len(cut) == len(TOLD)
    assert kit.query(town, "select count(*) from pension.atena") == [(0,)]
    assert kit.query(town, "select count(*) from staging.juki_idou") == [(0,)]
    refused = kit.query(town, "select code, facts::text from ledger.file where outcome = 'refused'")
    assert len(refused) == len(TOLD)
    assert all(any(c.isdigit() for c in facts) or code == "NP-1113" for code, facts in refused)
    kit.juki(town, ROWS, seq=1, version=1)
    assert kit.only(kit.run(town, "juki_daily", DAY))["outcome"] == "accepted"
    crash.assert_sound(town)


def test_切れた所得照会回答は一件も入らず_照会は開いたまま(site: Site) -> None:
    """Fewer places, the other dataset whose every record has an owner and a question."""
    applies = [
        {"uketsuke_no": no(n), "atena_no": no(n), "todoke_code": "41", "menjo_code": "20", "menjo_year": 2025} for n in (1, 2, 3)
    ]
    kit.uketsuke(site, applies)
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(site, [{"atena_no": no(n)} for n in (1, 2, 3)])
    kit.run(site, "juki_daily", DAY)
    kit.run(site, "shotoku_shoukai_daily", DAY)
    told = [{"shoukai_no": f"{DAY:%Y%m%d}{n:07}", "atena_no": no(n)} for n in (1, 2, 3)]
    width = damage.record_bytes("shotoku_kaitou")
    places = [
        0,
        1,
        width,
        width + 1,
        2 * width - 1,
        2 * width + 95,
        3 * width,
        4 * width - 2,
        4 * width,
        4 * width + 30,
        5 * width - 1,
    ]
    for version, (place, whole_end) in enumerate(((p, e) for p in places for e in (True, False)), 1):
        path = kit.kaitou(site, told, version=version)
        data = path.read_bytes()[:place]
        path.write_bytes(data) if whole_end else damage.replace(path, data, len(told))
    files = kit.run(site, "shotoku_kaitou_daily", DAY)["files"]
    assert len(files) == 2 * len(places) and {f["outcome"] for f in files} == {"refused"}
    left = ("pension.shotoku", "staging.shotoku_kaitou", "ledger.quarantine", "pension.shotoku_horyuu", "ledger.printed")
    assert [kit.query(site, f"select count(*) from {t}") for t in left] == [[(0,)]] * len(left)
    kit.kaitou(site, told, version=1)
    for path in (site.inbox / "shotoku_kaitou").glob("*"):
        if "_01.dat" not in path.name:
            path.unlink()
    assert kit.run(site, "shotoku_kaitou_daily", DAY)["answers"] == {"stored": 3, "refused": 0, "held": 0}


@pytest.fixture
def waiting(site: Site) -> Path:
    kit.insured(site, [{"atena_no": r["atena_no"]} for r in ROWS])
    return kit.juki(site, ROWS)


def test_育っている間は触らず_endが来てから取り込む(site: Site, waiting: Path) -> None:
    whole, end = waiting.read_bytes(), Path(f"{waiting}.end")
    kept = end.read_bytes()
    end.unlink()
    for size in (0, 500, 3 * WIDTH, len(whole)):
        waiting.write_bytes(whole[:size])
        assert kit.only(kit.run(site, "juki_daily", DAY))["outcome"] == "waiting"
    assert kit.query(site, "select count(*) from staging.juki_idou") == [(0,)]
    end.write_bytes(kept)
    assert kit.only(kit.run(site, "juki_daily", DAY))["outcome"] == "accepted"


@pytest.mark.parametrize("how", ["同じ長さの別の内容", "書き足し"])
def test_読んでいる間に変わったファイルは拒否する(site: Site, waiting: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """What is loaded is what was hashed: between the two nobody may change it."""
    other = kit.juki_bytes([{**r, "name": "架空　次郎"} for r in ROWS])
    changed = other if how == "同じ長さの別の内容" else waiting.read_bytes() + b" "
    crash.at(monkeypatch, "staging emptied", lambda: waiting.write_bytes(changed))
    file = kit.only(kit.run(site, "juki_daily", DAY))
    assert file["outcome"] == "refused", file
    assert kit.query(site, "select count(*) from pension.atena") == [(0,)]


@pytest.mark.parametrize("how", ["別の媒体", "一行だけ別", "切詰め"])
@pytest.mark.parametrize("when", ["読んだ後", "取込の間"])
def test_読んでいる間に変わった媒体は拒否する(site: Site, monkeypatch: pytest.MonkeyPatch, when: str, how: str) -> None:
    """A medium has no ``.end``: what lies there at the end must be what was read and loaded. In a child: reading may end it."""
    rows = [{"kiso_nenkin_no": kit.kiso(n)} for n in range(1, 30)]
    path = kit.kekka(site, rows)
    changed = {
        "別の媒体": kit.kekka_bytes(rows, baitai_no=2), "一行だけ別": kit.kekka_bytes([*rows[:-1], {"kiso_nenkin_no": kit.kiso(77)}]),
        "切詰め": path.read_bytes()[:96],
    }[how]  # fmt: skip
    reading = inbox.whole

    def swapped(*args: Any) -> Any:
        read = reading(*args)
        path.write_bytes(changed)
        return read

    def work() -> None:
        file = kit.only(kit.run(crash.fresh(site), "kikou_kekka", DAY))
        assert file["outcome"] == "refused", file

    if when == "取込の間":
        crash.at(monkeypatch, "staging emptied", lambda: path.write_bytes(changed))
    else:
        monkeypatch.setattr(inbox, "whole", swapped)
    site.engine.dispose()
    assert crash.in_child(work) == (0, "")
    assert kit.query(site, "select count(*) from pension.kikou_kekka") == [(0,)]
