"""送信と受信 in people's words: what the 処理結果表 and the log of a run say of partners."""

from __future__ import annotations

from collections.abc import Iterator

from etl.core.errors import SourceError, from_json
from etl.core.mapping.partners import partners
from etl.core.receipts import Receipt
from etl.core.receipts.partners import Acknowledged, Delivered, Fetched
from etl.core.states import Juryou

AMISS = {
    Juryou.UNREADABLE: "読めない", Juryou.FOREIGN: "送ったものと違うファイル・ハッシュ・件数", Juryou.STRAY: "送っていないファイル",
    Juryou.REFUSED: "相手先が受領を拒否",
}  # fmt: skip
#: states of a file that was sent, or is to be
STATES = {
    "unsent": "未送信", "again": "再送待ち", "begun": "送信の途中", "waiting": "未確認", "confirmed": "受領確認済", "refused": "受領拒否",
    "conflict": "受領と拒否の両方",
}  # fmt: skip


def said(receipt: Receipt) -> Iterator[str]:
    """Counts, and what somebody has to think of; of errors code, place and remedy."""
    if isinstance(receipt, Delivered):
        yield from _counts(receipt)
        yield from warnings(receipt)
    if isinstance(receipt, Fetched):
        if receipt.files:
            yield f"相手先から受け取ったファイル {len(receipt.files):,} 件"
        yield from warnings(receipt)


def _counts(receipt: Delivered) -> Iterator[str]:
    found = sum(one.found for one in receipt.sent)
    if receipt.sent:
        yield f"相手先への送信 {len(receipt.sent):,} 件" + (f"（うち前に送ってあったもの {found:,} 件）" if found else "")
    if good := sum(one.result is Juryou.ACCEPTED for one in receipt.acknowledged):
        yield f"相手先の受領確認 {good:,} 件"


def warnings(receipt: Receipt) -> Iterator[str]:
    """What somebody has to think of."""
    if isinstance(receipt, Delivered):
        for partner, files in receipt.unregistered.items():
            yield f"未送信 {files:,} 件　{partners()[partner].title}のサーバーが登録されていないため、送信フォルダーに置いたままです（手順書19章）"
        for one in receipt.acknowledged:
            yield from _amiss(one)
        if receipt.strangers:
            yield f"名前が当方のファイルのものでない受領の知らせ {receipt.strangers:,} 件"
        if receipt.overdue:
            yield f"受領が確認できない送信 {receipt.overdue:,} 件（kokunen list mikakunin_soushin）"
    if isinstance(receipt, (Delivered, Fetched)):
        for kept in receipt.errors:
            error = from_json(dict(kept))
            yield f"{error}→{error.remedy}"


def _amiss(one: Acknowledged) -> Iterator[str]:
    why = AMISS.get(one.result) or ("受領の知らせの後に、違う知らせ" if one.again else "")
    if why:
        error = SourceError("NP-4128", file=one.name, why=why)
        yield f"{error}→{error.remedy}"
