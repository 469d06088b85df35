"""処理結果表 as text: aligned on a Japanese terminal, never wider than 100 columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from etl.core.paper.pages import clock, duration, wareki_period
from etl.core.paper.resulttext import COLUMNS, COUNTS, result_text
from etl.core.paper.width import left, lines, right, width
from tests.paper.papers import SHEET


def test_the_whole_sheet() -> None:
    text = result_text(SHEET)
    assert max(width(line) for line in text.split("\n")) <= COLUMNS and text.endswith("\n")
    for said in (
        "受理",
        "拒否",
        "待機",
        "重複受信",
        "1,550,000",
        "100.6%",
        "NP-2012 隔離が上限を超えました",
        "不合格",
        SHEET.audit_hash,
    ):
        assert said in text


def test_counts_stand_under_their_names() -> None:
    page = result_text(SHEET).split("\n")
    heads = [n for n, line in enumerate(page) if line.lstrip().startswith("データ件数")]
    assert len(heads) == len(SHEET.files)
    ends = [5 + sum(size for _, size in COUNTS[: n + 1]) for n in range(len(COUNTS))]
    for head in heads:
        for line in page[head : head + 2]:
            assert [ended(line, end) for end in ends] == [True] * len(ends), line


def ended(line: str, column: int) -> bool:
    """A cell ends in this column: something before it, nothing or a space behind it."""
    before = next((n for n in range(len(line) + 1) if width(line[:n]) == column), None)
    return before is not None and line[before - 1] != " " and line[before : before + 1] in ("", " ")


def test_very_long_and_hostile_texts() -> None:
    bad = replace(SHEET, reason="事由" * 200 + "\x1b[31m\r\n=1\u202e", user="u" * 300, error="NP-9999 " + "長い文。" * 100)
    text = result_text(bad)
    assert max(width(line) for line in text.split("\n")) <= COLUMNS
    assert not set("\x1b\r\u202e") & set(text)


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("国民年金", 8), ("ｺｸﾎﾞ", 4), ("Ａ１", 4), ("か\u3099", 2), ("葛\U000e0100", 2), ("", 0)]
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns
    assert width(left(text, 12)) == width(right(text, 12)) == 12


def test_lines_lose_nothing() -> None:
    text = "国民年金 abc 被保険者ｶﾅ資格" * 9
    cut = lines(text, 17)
    assert "".join(cut) == text and all(15 < width(line) <= 17 for line in cut[:-1])


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0.0秒"), (3.44, "3.4秒"), (59.99, "60.0秒"), (63, "1分03秒"), (7326.4, "2時間02分06秒")]
)
def test_duration(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2025-09-30", "令和7年9月30日"),
        ("2025-09", "令和7年9月"),
        ("2019-05", "令和元年5月"),
        ("2019-04", "平成31年4月"),
        ("once", "once"),
    ],
)
def test_period(period: str, said: str) -> None:
    assert wareki_period(period) == said


def test_times_are_of_tokyo() -> None:
    assert clock(datetime.fromisoformat("2025-09-30T15:00:00+00:00")) == "令和7年10月1日 00:00:00"
    assert clock(datetime(2025, 9, 30, 22, 0)) == "令和7年9月30日 22:00:00" and clock(None) == "―"
