"""バックアップと復旧の工程: what a 処理結果表 says of them."""

from __future__ import annotations

from collections.abc import Iterator

from etl.core.receipts import Receipt
from etl.core.receipts.house import BackedUp, Compared, Pruned, Reapplied, Verified

KINDS = {"full": "全体", "incremental": "増分"}


def said(receipt: Receipt) -> Iterator[str]:
    """In a line each; of other steps nothing."""
    match receipt:
        case BackedUp(id=""):
            yield "自前の PostgreSQL のバックアップは、市の手順で取る"
        case BackedUp():
            yield f"バックアップ {receipt.id}（{KINDS[receipt.kind]}、{receipt.bytes:,} バイト、保管物 {receipt.objects:,} 個）"
        case Verified(id=""):
            yield "バックアップの検証（試し復元）は今日の予定ではない"
        case Verified():
            yield f"バックアップの検証 {receipt.id}：{receipt.tables} 表 {receipt.rows:,} 行と記録の末尾が一致"
        case Pruned():
            yield f"期限切れのバックアップ {receipt.backups:,} 個、WAL {receipt.segments:,} 本、消去済みの保管物の写し {receipt.objects:,} 個を消去"
        case Reapplied():
            yield f"消去の台帳 {receipt.listed:,} 件のうち、戻っていた {receipt.again:,} 個を消去し直し、保管物 {receipt.taken:,} 個を台帳に戻した"
        case Compared():
            yield "復旧の照合：" + ("、".join(f"{kind} {n:,} 件" for kind, n in receipt.kinds.items()) or "足りないものはない")
