"""返戻の後の改訂: the counters' file of a day has it, and has it again when the city is made once more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from city import mend, synth
from city.make import list_no
from tests.city.reading import FIRST, LAST, Made, read_end, rows_of

DAY = date(2026, 10, 7)


def test_補った届書は次の受付ファイルに改訂として入る(tmp_path: Path) -> None:
    synth(tmp_path, 1000, 7, FIRST, LAST)
    before = next(r for r in Made(tmp_path, {}).rows("uketsuke") if r["jotai_code"] == "2" and r["kakunin_user"])
    assert mend(tmp_path, [], DAY) is None
    path = mend(tmp_path, [before["uketsuke_no"]], DAY)
    assert path
    rows = list(rows_of(path, "uketsuke"))
    assert rows[-1] == before | {"rev": "2", "jotai_code": "5", "kakunin_user": "u299"} and read_end(path)["count"] == len(rows)
    data = path.read_bytes()
    assert mend(tmp_path, [before["uketsuke_no"]], DAY) is None and path.read_bytes() == data
    synth(tmp_path, 1000, 7, FIRST, LAST)
    assert path.read_bytes() == data


def test_同じ日の処理結果一覧は番号で分かれる(tmp_path: Path) -> None:
    synth(tmp_path, 1000, 7, FIRST, FIRST.replace(day=6))
    assert [list_no(tmp_path, DAY), list_no(tmp_path, DAY), list_no(tmp_path, LAST)] == [2, 3, 2]
