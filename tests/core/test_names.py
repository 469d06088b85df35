"""File names: a name matches its template whole, with real days, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.core.errors import DefinitionError
from etl.core.mapping.layout import layouts
from etl.core.mapping.names import format_name, parse_name

JUKI = layouts()["juki_idou"].file.name
KOKUHO = layouts()["kokuho_shikaku_hoken"].file.name


def test_名前から値を読む() -> None:
    assert parse_name(JUKI, "JUKIIDOU_141305_20250922_000100_01.dat") == {
        "city": "141305", "business_on": date(2025, 9, 22), "seq": 100, "version": 1,
    }  # fmt: skip
    assert parse_name(KOKUHO, "KOKUHOHK_141305_202509_02.dat") == {"city": "141305", "month": date(2025, 9, 1), "version": 2}


@pytest.mark.parametrize("name", [
    "JUKIIDOU_141305_20250931_000100_01.dat", "JUKIIDOU_141305_20250922_000100_1.dat", "JUKIIDOU_141305_20250922_000100_01.dat.end",
    "xJUKIIDOU_141305_20250922_000100_01.dat", "JUKIIDOU_141305_20250922_000100_01_dat", "JUKIIDOU_14130５_20250922_000100_01.dat",
    "JUKIIDOU_141305_20250922_000100_01.dat\n", "", "../JUKIIDOU_141305_20250922_000100_01.dat",
])  # fmt: skip
def test_合わない名前は読めない(name: str) -> None:
    assert parse_name(JUKI, name) is None


@given(day=st.dates(), seq=st.integers(0, 999_999), version=st.integers(0, 99))
def test_書いた名前は読める(day: date, seq: int, version: int) -> None:
    values = {"city": "141305", "business_on": day, "seq": seq, "version": version}
    assert parse_name(JUKI, format_name(JUKI, **values)) == values


@pytest.mark.parametrize(("template", "values"), [
    (JUKI, {"city": "141305", "business_on": date(2025, 9, 22), "seq": 1_000_000, "version": 1}),
    (JUKI, {"city": "141305", "business_on": date(2025, 9, 22), "seq": 1}),
    ("X_{seq:x}.dat", {"seq": 1}),
])  # fmt: skip
def test_書けない名前は定義の誤り(template: str, values: dict) -> None:
    with pytest.raises(DefinitionError):
        format_name(template, **values)
