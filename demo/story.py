"""What is said while the month goes by: counts of a run in one line, and a file that comes a day late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from etl.core.paper.totsugo import OUTCOMES
from etl.core.receipts.partners import Delivered, Fetched
from etl.core.states import FileOutcome, Juryou

COLUMNS = 30  # of the longest title of a job


def padded(title: str) -> str:
    """A title as wide as the others; a two-byte character takes two columns."""
    return title + " " * (COLUMNS - sum(2 if east_asian_width(c) in "WFA" else 1 for c in title))


def deliver(home: Path, late: date, day: date) -> Iterator[str]:
    """The 受付 file of the day ``late`` is not there on its day; it comes on the next, and nobody has to think of it. Lines for people."""
    inbox, aside = home / "inbox" / "uketsuke", home / "late"
    found = sorted(aside.glob("*"), key=lambda p: p.suffix == ".end")  # the .end after its file
    for path in found:
        path.rename(inbox / path.name)
    if found:
        yield f"{late} の受付ファイルが一日遅れて届きました"
    if day == late:
        aside.mkdir(exist_ok=True)
        for path in sorted(inbox.glob(f"*_{day:%Y%m%d}_*"), key=lambda p: p.suffix != ".end"):
            path.rename(aside / path.name)
        yield "今日の受付ファイルはまだ届いていません"


def told(result: dict[str, Any]) -> str:
    """Counts of a run in one line."""
    parts = []
    for key, label in (
        ("new", "新規"),
        ("updated", "更新"),
        ("unchanged", "変更なし"),
        ("quarantined", "隔離"),
        ("out_of_scope", "対象外"),
    ):
        total = sum(f["counts"][key] for f in result["files"])
        parts += [f"{label} {total:,}"] if total else []
    again = sum(f["outcome"] == FileOutcome.DUPLICATE for f in result["files"])
    parts += [f"重複受信 {again}ファイル"] if again else []
    parts += [f"{label} {n:,}" for key, label in OUTCOMES.items() if (n := result.get("outcomes", {}).get(key))]
    parts += [f"起案 {result['proposals']:,}"] if result["proposals"] else []
    parts += [f"出力 {sum(o['rows'] for o in result['outputs']):,}行"] if result["outputs"] else []
    parts += [f"所得附票 {result['forms']:,}枚"] if result.get("forms") else []
    if made := result.get("backup"):
        parts.append(f"バックアップ {made['bytes']:,}バイト（{'検証済み' if made['verified'] else '未検証'}）")
    return "　".join(parts) or "対象なし"


def exchanged(fetched: Fetched | None, delivered: Delivered | None) -> str:
    """What came from partners, what went to them, what they said, behind the counts of the line."""
    parts = [f"相手先から {len(fetched.files)}ファイル"] if fetched and fetched.files else []
    if delivered:
        parts += [f"送信 {len(delivered.sent)}ファイル"] if delivered.sent else []
        for result, label in ((Juryou.ACCEPTED, "受領確認"), (Juryou.REFUSED, "受領拒否")):
            said = sum(one.result is result for one in delivered.acknowledged)
            parts += [f"{label} {said}"] if said else []
    return "".join(f"　{part}" for part in parts)
