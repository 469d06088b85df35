"""Papers to print in tests: a slip and a result sheet with one file of each outcome."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from etl.edge.paper import FileLine, FindingLine, ListLine, OutputLine, ResultSheet, Slip

HASH = "3f786850e387550fdab836ed7e6dc881de23001b5a1f2c4e8d7b6a5948372615"

SLIP = Slip(
    title="国民年金被保険者資格情報（医療保険課あて・月次）", recipient="健康福祉局医療保険部医療保険課",
    basis="川崎市番号利用条例第3条第2項・第3項（別表第2の10の項）", month="令和7年9月分", created_on="令和7年10月3日", version=1,
    rows=123456, medium_no=12, archive_name="KOKUHOHK_141305_202509_01.zip", file_name="KOKUHOHK_141305_202509_01.dat",
    sha256=HASH, archive_sha256=HASH[::-1],
)  # fmt: skip

FILES = (
    FileLine("住民異動連携ファイル", "JUKIIDOU_141305_20250930_000105_01.dat", "accepted", 1550000, 120, 3456, 1500000, 12, 46412, last_data=1540000),
    FileLine("住民異動連携ファイル", "JUKIIDOU_141305_20250930_000106_01.dat", "refused", 1200, code="NP-2012", sentence="隔離が上限を超えました"),
    FileLine("受付情報ファイル", "UKETSUKE_141305_20250930_000006_01.csv", "waiting", code="NP-2021", sentence="前の連番を待っています"),
    FileLine("受付情報ファイル", "UKETSUKE_141305_20250929_000005_01.csv", "duplicate", 5, code="NP-2023", sentence="重複受信です", last_data=0),
)  # fmt: skip

SHEET = ResultSheet(
    job_title="住民異動の取込", job="juki_daily", period="2025-09-30", business_on=date(2025, 9, 30),
    run_id="5b1f0f5e-6a2f-4f7b-9f46-1f7d7e0c9a11", user="sousa01", unit="国民年金・福祉医療課", terminal="term-07", reason="夜間の定例処理",
    started_at=datetime(2025, 9, 30, 13, 15, 3, tzinfo=UTC), finished_at=datetime(2025, 9, 30, 15, 17, 9, tzinfo=UTC), duration_seconds=7326.4,
    files=FILES, outputs=(OutputLine("宛名情報照会ファイル", "JUKISHOU_141305_20250930_01.csv", 42, 1, HASH),),
    findings=(
        FindingLine("住民異動連携ファイル", "データ件数が前回の1/3から3倍までである", "warn", 1, 1),
        FindingLine("住民異動連携ファイル", "世帯主の宛名番号が設定されている", "fail", 1200, 31),
    ),
    proposals=7, audit_event_id=1234, audit_hash=HASH, lists=(ListLine("隔離・注意一覧", "X_隔離・注意一覧.xlsx", 12),),
    steps=("一覧を見る", "承認を待つ"), number=2,
)  # fmt: skip


def cells(path: Path) -> list[list[object]]:
    """The filled cells of the first sheet, row by row."""
    return [row for values in first(path).iter_rows(values_only=True) if (row := [v for v in values if v is not None])]


def first(path: Path) -> Worksheet:
    return load_workbook(path).worksheets[0]


def labelled(path: Path) -> dict[object, object]:
    """label -> value of the rows that have exactly two filled cells."""
    return {row[0]: row[1] for row in cells(path) if len(row) == 2}
