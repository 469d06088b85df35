"""合成の処理結果一覧: 誤りなく読め、突合が見分けるべきものがそろい、同じ引数なら同じバイトになる。"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pyarrow as pa
import pytest

from city import synth
from city.told import GETA
from city.unasked import WITHOUT_INTAKE
from etl.core.codec.decode import Decoder
from etl.core.law.todoke import todoke
from etl.core.mapping.layout import layouts
from tests.city.reading import FIRST, LAST, Made

LAYOUT = layouts()["kikou_kekka"]


@pytest.fixture(scope="module")
def results(made: Made) -> list[dict[str, Any]]:
    """Every result of every list, with the day of its list."""
    decoder, found = Decoder(LAYOUT.data), []
    for path in made.files("kikou_kekka"):
        opened = kit.medium(path)
        for _, block in opened.blocks(100):
            assert decoder.check(block) == []
            found += [{"list": path.name, **row} for row in pa.Table.from_batches([decoder.decode(block)]).to_pylist()]
    return found


def test_最初の業務日を除き毎日一つ届く(made: Made) -> None:
    days = [date(2026, 10, d) for d in (6, 7, 8, 9, 13)]
    assert [p.name for p in made.files("kikou_kekka")] == [f"KIKOUKEKKA_{d:%Y%m%d}_001.DTA" for d in days]


def test_進達した確認済の受付だけが結果になる(made: Made, results: list[dict[str, Any]]) -> None:
    sent = {r["uketsuke_no"] for r in made.rows("uketsuke") if r["jotai_code"] == "4" and r["kakunin_user"]}
    told = {r["uketsuke_no"] for r in results if r["uketsuke_no"]}
    assert told and told <= sent
    assert len(told) < len(sent)  # some wait


def test_見分けるべきものがそろう(made: Made, results: list[dict[str, Any]]) -> None:
    kinds = Counter(r["kekka_code"] for r in results)
    assert {"01", "02", "05", "06"} <= set(kinds)
    again = Counter((r["uketsuke_no"], r["kekka_code"]) for r in results if r["uketsuke_no"])
    assert max(again.values()) > 1
    assert {"01", "53", "54", "59"} <= {r["jiyu_code"] for r in results if not r["uketsuke_no"]}
    births = {r["uketsuke_no"]: r["birth_on"] for r in made.rows("uketsuke")}
    assert any(births[r["uketsuke_no"]] != r["birth_on"].isoformat() for r in results if r["uketsuke_no"])
    assert any(r["uketsuke_no"] is None and r["kiso_nenkin_no"] is None for r in results)


def test_受付のない結果にも理由がある(results: list[dict[str, Any]]) -> None:
    alone = [r for r in results if not r["uketsuke_no"] and r["todoke_code"] in WITHOUT_INTAKE]
    assert {r["todoke_code"] for r in alone} == set(WITHOUT_INTAKE)
    assert all(r["from_month"] and r["to_month"] for r in alone if r["todoke_code"] in ("33", "34", "41", "42"))
    assert all(todoke()[r["todoke_code"]].without_intake for r in alone)


def test_職権の取得は保有していない人の個人番号を持つ(made: Made, results: list[dict[str, Any]]) -> None:
    held = {r["kiso_nenkin_no"] for r in made.rows("ikou_nenkin_kihon")}
    by_office = [r for r in results if r["shokken_flag"]]
    assert by_office and all(r["kojin_no"] and r["kiso_nenkin_no"] not in held and r["jiyu_code"] == "01" for r in by_office)
    known = {r["kojin_no"] for r in made.rows("juki_idou", "1")}
    assert all(r["kojin_no"] in known for r in by_office)


def test_氏名は同じ字の別の形でも書かれ_JISにない字は下駄になる(made: Made, results: list[dict[str, Any]]) -> None:
    names = {r["name"] for r in made.rows("juki_idou")}
    assert any(r["name"] not in names for r in results)
    assert not any(c in r["name"] for r in results for c in "髙﨑") and all(r["name"].strip(GETA) for r in results)


def test_同じ引数なら同じバイト(made: Made, tmp_path: Path) -> None:
    synth(tmp_path, 3000, 7, FIRST, LAST)
    again = Made(tmp_path, {})
    assert [p.read_bytes() for p in again.files("kikou_kekka")] == [p.read_bytes() for p in made.files("kikou_kekka")]
