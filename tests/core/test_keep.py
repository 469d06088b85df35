"""保存期間: a period has a unit, and nobody takes days for months."""

from __future__ import annotations

import kit
import pytest

from etl.core.mapping.keep import Period
from etl.core.mapping.layout import layouts

PERIODS = kit.table("""
| 書き方    | 日  | 月 |
|-----------|-----|----|
| 90 days   | 90  |    |
| 1 days    | 1   |    |
| 3 months  |     | 3  |
| 2 years   |     | 24 |
| permanent |     |    |
""")


@pytest.mark.parametrize("case", PERIODS, ids=[c["書き方"] for c in PERIODS])
def test_単位で尋ねる(case: dict[str, str]) -> None:
    """Asked in a unit it is not said in, it does not answer."""
    period = Period.parse(case["書き方"])
    for unit, expected in (("days", case["日"]), ("months", case["月"])):
        if expected:
            assert getattr(period, unit) == int(expected)
        else:
            with pytest.raises(ValueError, match="asked for in"):
                getattr(period, unit)


@pytest.mark.parametrize(
    "text",
    ["90", "0 days", "-1 days", "1.5 years", "90 Days", "90  days", " 90 days", "90 days\n", "１ years", "5 weeks", "", None, 90],
)
def test_単位の無い期間は拒否(text: object) -> None:
    with pytest.raises(ValueError, match="days, months or years"):
        Period.parse(text)


def test_どのデータも消える時を言う() -> None:
    for layout in layouts().values():
        assert layout.keep["file"].days > 0 and "rows" in layout.keep
