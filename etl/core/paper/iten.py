"""移転台帳の紙: a file that left in words: over which way, of what, on which permission; and what each recipient got in all."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from etl.core.dates import wareki, wareki_month
from etl.core.mapping.layout import leaving
from etl.core.paper.cells import cell_text

UNKNOWN = "記録なし"  # of what left before the registry was kept with each file
KIBAN = "システム連携基盤"
HASH = 12  # characters of a hash that are shown


def listed(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its words beside its codes."""
    layout = leaving().get(row["dataset"])
    registry = (row["transfer_id"], row["permission_no"], (row["row_sha256"] or "")[:HASH])
    approved = f"承認 {row['checker']}（承認番号 {row['approval_id']}）" if row["checker"] else None
    return row | {
        "recipient_label": row["recipient"] or UNKNOWN, "ground_label": _lines(row["purpose"] or UNKNOWN, *(row["basis"] or ())),
        "data_label": _lines(row["title"] or (layout.title if layout else row["dataset"]), _period(row["period"])),
        "items_label": _items(row), "channel_label": _lines(*_way(row)),
        "registry_label": _lines(*registry) or UNKNOWN, "people_label": _lines(row["user_name"], approved),
    }  # fmt: skip


def totals(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """A line for each recipient, in the order in which they first got something."""
    files: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        files[row["recipient_label"]].append(row["rows"])
    return tuple(f"計　{recipient}　{len(each):,} ファイル　{sum(each):,} 行" for recipient, each in files.items())


def _way(row: dict[str, Any]) -> tuple[str | None, ...]:
    """SFTP, whose server, when it went and its recipient said that it has it; or the medium, and who took it when, with the number of the 送受書."""
    if row["medium_no"] is None:
        sent = f"送信 {cell_text(row['sent_at'])}" if row["sent_at"] else None
        confirmed = f"受領確認 {cell_text(row['confirmed_at'])}" if row["confirmed_at"] else None
        return f"{KIBAN}（SFTP）", row["partner"], sent, confirmed
    handed = f"引渡し {cell_text(row['handed_on'])} {row['receiver']}" if row["handed_on"] else "引渡し前"
    return f"{row['medium']} 媒体第{row['medium_no']}号", handed, row["receipt_no"] and f"送受書 {row['receipt_no']}"


def _items(row: dict[str, Any]) -> str:
    """The labels of the items, as the mapping calls them today."""
    layout = leaving().get(row["dataset"])
    return "・".join(layout.labels.get(name, name) if layout else name for name in row.get("items") or ())


def _period(text: str) -> str:
    """A day or a month as people read it."""
    return wareki(date.fromisoformat(text)) if text.count("-") > 1 else wareki_month(date.fromisoformat(f"{text}-01"))


def _lines(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)
