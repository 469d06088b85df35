"""カナリア: reserved people appear where they are put, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from city import canaries, synth
from etl.core.codec.digits import is_kojin_no
from etl.core.codec.records import Decoder
from etl.core.mapping.layout import layouts
from etl.edge.inbox import open_fixed
from tests.city.reading import FIRST, LAST, Made

SOME = 2


def test_カナリアは一人ずつ違う() -> None:
    birds = canaries(300)
    for needles in zip(*(b.needles for b in birds), strict=True):
        assert len(set(needles)) == 300
    assert all(b.kojin_no.startswith("0000999") and is_kojin_no(b.kojin_no) for b in birds)


def test_普通の都市にはいない(made: Made) -> None:
    data = b"".join(p.read_bytes() for p in (made.home / "inbox").rglob("*") if p.is_file())
    for bird in canaries(6):
        for needle in bird.needles:
            assert needle.encode("cp932") not in data and needle.encode() not in data


def test_席についている(tmp_path: Path) -> None:
    synth(tmp_path, 3000, 7, FIRST, LAST, canaries=SOME)
    made, layout = Made(tmp_path, {}), layouts()["juki_idou"]
    rows = {r["name"]: r for r in made.rows("juki_idou", "1") if r["kojin_no"].startswith("0000999")}
    assert set(rows) == {b.name for b in canaries(3 * SOME)}
    held = {r["atena_no"] for r in made.rows("ikou_nenkin_kihon")}
    names = [b.name for b in canaries(3 * SOME)]
    assert [rows[n]["atena_no"] in held for n in names] == [True, True, False, False, True, False]
    kihon = {r["atena_no"]: r for r in made.rows("ikou_nenkin_kihon")}[rows[names[0]]["atena_no"]]
    assert (kihon["kiso_nenkin_no"], kihon["tel_no"]) == (canaries(1)[0].kiso_nenkin_no, canaries(1)[0].tel_no)
    with open_fixed(made.files("juki_idou")[0], layout) as file:
        lines = [bytes(b[row]) for _, b in file.blocks() for row, _, _ in Decoder(layout.data).check(b.copy())]
    assert sorted(line[95:145].decode("cp932").rstrip("\u3000 ") for line in lines) == sorted(names[-2:])
    nights = made.rows("juki_idou", "2")
    assert [r["idou_jiyu_code"] for r in nights if r["name"] == names[0]] == ["22"]
    assert any(r["atena_no"] == rows[names[1]]["atena_no"] and r["todoke_code"] == "41" for r in made.rows("uketsuke"))
