"""住基照会への回答: the same city answers, with the newest row of who was asked, under its own counter."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from city import answer, synth
from etl.core.mapping.layout import layouts
from tests.city.reading import FIRST, LAST, Made, read_end, rows_of

ASKED, ANSWERED = date(2026, 10, 5), date(2026, 10, 6)


def question(home: Path, on: date, people: list[tuple[str, str]]) -> None:
    """A juki_shoukai file as our own system writes it, made by hand: (宛名番号, 個人番号) per row."""
    layout = layouts()["juki_shoukai"]
    head = f"1141305JUKISHOK2{on:%Y%m%d}{on:%Y%m%d}21000000000101".ljust(80)
    data = [f"2{on:%Y%m%d}{n:07}{atena:15}{kojin:12}01".ljust(80) for n, (atena, kojin) in enumerate(people, 1)]
    text = "\r\n".join([head, *data, f"3141305{len(people):09}{0:018}".ljust(80), ""])
    folder = home / "outbox" / "juki_shoukai" / on.isoformat()
    folder.mkdir(parents=True)
    assert layout.data.size == 80
    (folder / f"JUKISHOK_141305_{on:%Y%m%d}_000001_01.dat").write_bytes(text.encode("cp932"))


def test_聞いた人の最新の行だけが返る(tmp_path: Path) -> None:
    synth(tmp_path, 1000, 7, FIRST, LAST)
    made = Made(tmp_path, {})
    register = {r["atena_no"] for r in made.rows("juki_idou")}
    late = next(r["atena_no"] for r in made.rows("ikou_nenkin_kihon") if r["atena_no"] not in register)
    other = next(r for r in made.rows("juki_idou", "1") if r["saishin_flag"] == "1" and r["kojin_no"])
    question(tmp_path, ASKED, [(late, ""), ("", other["kojin_no"]), ("000000099999999", "")])
    path = answer(tmp_path, ASKED, ANSWERED)
    assert path and path.name == "JUKIIDOU_141305_20261006_000001_01.dat" and read_end(path)["count"] == 2
    got = {r["atena_no"]: r for r in rows_of(path, "juki_idou", "3")}
    assert set(got) == {late, other["atena_no"]} and got[other["atena_no"]] == other
    before = path.read_bytes()
    assert answer(tmp_path, ASKED, ANSWERED) == path and path.read_bytes() == before
    question(tmp_path, ANSWERED, [(late, "")])
    second = answer(tmp_path, ANSWERED, date(2026, 10, 7))
    assert second and second.name == "JUKIIDOU_141305_20261007_000002_01.dat"


def test_回答は異動ファイルと食い違わない(tmp_path: Path) -> None:
    synth(tmp_path, 1000, 7, FIRST, LAST)
    moved = list(rows_of(tmp_path / "inbox/juki_idou/JUKIIDOU_141305_20261006_000101_01.dat", "juki_idou", "2"))
    question(tmp_path, ASKED, [(r["atena_no"], "") for r in moved])
    path = answer(tmp_path, ASKED, ANSWERED)
    assert path
    known = {(r["atena_no"], r["rireki_no"]): r for r in moved if r["saishin_flag"] == "1"}
    assert {(r["atena_no"], r["rireki_no"]): r for r in rows_of(path, "juki_idou", "3")} == known


def test_照会がなければ回答もない(tmp_path: Path) -> None:
    synth(tmp_path, 1000, 7, FIRST, LAST)
    assert answer(tmp_path, ASKED, ANSWERED) is None
