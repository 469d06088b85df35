"""消去の書面の内容: the list of what is to go or went, and the certificate. No 個人番号, nobody's name or address: a person of the list is a number.

The six items of the 評価書 (内容, 媒体名, 数量, 消去又は廃棄の方法, 処理日, 担当者名) come first, then who asked and agreed, what was looked for
afterwards, and which copies there still are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from etl.core.dates import wareki
from etl.core.mapping import registry
from etl.core.mapping.city import city
from etl.core.paper.cells import Cell, cell_text
from etl.core.paper.shinseisho import Form, Table
from etl.core.receipts.house import Expired, Retiring, Shredded
from etl.core.shoukyo import Kind, Thing

TITLE = "消　去　証　明　書"
HEADS = ("番号", "種別", "データ", "名称", "バイト", "保存の始まり", "保存期間の末日", "照合値")
DONE_HEADS = (*HEADS, "結果")
LIST_NOTES = (
    "承認すると、この一覧のものを消去します。元に戻せません。",
    "照合値は内容のハッシュ（SHA-256）の先頭です。消去の直前にもう一度照合し、変わったものと保全されたものは消しません。",
)
KINDS = {Kind.OBJECT: "保管物", Kind.CLEAR: "受信フォルダー", Kind.KOUHO: "取得候補"}
MEDIA = {
    "A2": "業務データベース（国民年金情報ファイル）の磁気ディスク",
    "B": "保管庫（暗号化ファイル）の磁気ディスク",
    "C": "保管庫（暗号化ファイル）及び受信フォルダーの磁気ディスク",
    "D": "保管庫（暗号化ファイル）の磁気ディスク",
}
HOW = {
    "A2": "データベースの行の削除（宛名の全履歴と、他に使われていない個人番号の暗号文）",
    "B": "暗号消去：データごとの鍵を上書きして消し、続いて暗号化したファイルを消去",
    "C": "暗号消去：データごとの鍵を上書きして消し、続いて暗号化したファイルを消去。受信フォルダーの平文は上書きして消去",
    "D": "暗号消去：データごとの鍵を上書きして消し、続いて暗号化したファイルを消去",
}
LEFT = {"held": "保全のため残した", "changed": "申請のときと違うため残した", "needed": "対象者となったため残した"}
LABEL = 0.2
HIDDEN = "（名称は表示しません）"


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. ``days``: first and last day of the destruction; ``checked``: the counts of the verification."""

    number: int
    name: str
    policy: str
    as_of: date
    items: int
    gone: int
    bytes: int
    oldest: date
    newest: date
    days: tuple[date, date]
    operator: str
    maker: str
    requested_at: datetime
    checker: str
    decided_at: datetime
    approval: int
    list_hash: str
    checked: Mapping[str, int]
    left: Mapping[str, int]
    backups_until: date
    head: tuple[int, str]
    unit: str
    made_at: datetime


def listed(
    number: int, thing: Thing, titles: Mapping[str, Any], name: str | None = None, became: str | None = None
) -> tuple[Cell, ...]:  # fmt: skip
    """A line of the list. ``name``: of an object. One that no file of its dataset can have may say anything, and is not shown."""
    title = titles[thing.dataset].title if thing.dataset in titles else thing.dataset
    return (
        number, KINDS[thing.kind], title, name or name_of(thing), thing.bytes, thing.kept_from, thing.due_on, thing.sha256[:16],
        *(() if became is None else (became,)),
    )  # fmt: skip


def name_of(thing: Thing) -> str:
    """Of an object the number under which it lies, of a file its name, of a person nothing."""
    if thing.kind == Kind.OBJECT:
        return thing.key[:12]
    name = thing.key.partition("/")[2]
    return "宛名の行" if thing.kind == Kind.KOUHO else HIDDEN if name.startswith("#") else name


def about(c: Certificate) -> str:
    """The line over the list of what went."""
    return f"証明番号 第{c.number}号　区分{c.name}　{c.policy}　基準日 {wareki(c.as_of)}　承認番号 {c.approval}"


def form(c: Certificate) -> Form:
    """The certificate, one page of A4."""
    corner = (f"証明番号　第{c.number}号", f"{wareki(c.made_at.date())}", f"{city()['name']}　{c.unit}")
    lead = ("　保存期間の過ぎた次のものを、承認を受けて消去し、残っていないことを確かめたので、証明します。",)
    return Form(
        TITLE, corner, ((_six(c),), (_asked(c),), (_checked(c),), (_copies(c),), (_signed(),)), _notes(c), lead=lead, size=10.5
    )


def _six(c: Certificate) -> Table:
    kind = registry.hokan().classes[c.name]
    first, last = map(wareki, c.days)
    size = f"{c.gone:,} 件" + (f"（{c.bytes:,} バイト）" if c.bytes else "")
    return Table("１　消去したもの", (
        ("内容", f"区分{c.name}　{kind.title}\n保存の始まりが {wareki(c.oldest)} から {wareki(c.newest)} までのもの"),
        ("媒体名", MEDIA[c.name]),
        ("数量", size),
        ("消去又は廃棄の方法", HOW[c.name]),
        ("処理日", first if first == last else f"{first} から {last} まで"),
        ("担当者名", c.operator),
    ), (LABEL, 1 - LABEL))  # fmt: skip


def _asked(c: Certificate) -> Table:
    return Table("２　申請と承認", (
        ("申請番号", f"第{c.number}号（{c.items:,} 件）", "基準日", wareki(c.as_of)),
        ("保存期間", c.policy, "承認番号", f"{c.approval}"),
        ("申請者", c.maker, "申請日時", cell_text(c.requested_at)),
        ("承認者", c.checker, "承認日時", cell_text(c.decided_at)),
    ), (LABEL, 0.34, 0.12, 0.34), (0, 2))  # fmt: skip


def _checked(c: Certificate) -> Table:
    gone = f"{c.checked['gone']:,} 件を調べ、"
    rows = [("ファイル・行", f"{gone}残っているもの {c.checked['files_there'] + c.checked['rows_there']:,} 件")]
    if c.name != "A2":
        there = f"残っているもの {c.checked['keys_there']:,} 件。平文で残っているもの {c.checked['clear_there']:,} 件。"
        rows.append(("鍵・平文", f"{there}試しの復号ができたもの {c.checked['opened']:,} 件"))
    stayed = "、".join(f"{LEFT[why]} {n:,} 件" for why, n in c.left.items() if n) or "なし"
    rows.append(("消さずに残したもの", stayed))
    return Table("３　検証の結果", tuple(rows), (LABEL, 1 - LABEL))


def _copies(c: Certificate) -> Table:
    until = wareki(c.backups_until)
    if c.name == "A2":
        backup = f"データベースのバックアップに残るものは {until} までに期限切れで消えます。復元したときは、もう一度消去してから使います"
    else:
        backup = f"鍵を消したため、バックアップに写しがあっても読むことはできません。写しは {until} までに期限切れで消えます"
    rows = [("バックアップ", backup)]
    if c.name != "A2":
        kept = "この日より前に作った鍵のバックアップ（封をした媒体）には、消した鍵の写しがあります。作り直し、前の媒体を廃棄してください。夜に写す媒体（KOKUNEN_KEYS）からは、つないであれば同時に、なければ次の backup_daily で消えます"
        rows.append(("鍵の控え", kept))
    if c.name == "D":
        rows.append(("渡した先", "受領した課・機関の手元にある複製は、この証明の対象ではありません"))
    rows.append(("記録", "この消去の申請・承認・実行・検証の記録と台帳（対象者を特定しないもの）は恒久に保存します"))
    return Table("４　残っている複製", tuple(rows), (LABEL, 1 - LABEL))


def _signed() -> Table:
    room = "\n\n\n"
    return Table("５　確認", (
        ("", "所属", "氏名（自署）", "年月日", "印"),
        (f"課長{room}", "", "", "令和　年　月　日", ""),
        (f"担当者{room}", "", "", "令和　年　月　日", ""),
    ), (0.14, 0.25, 0.28, 0.23, 0.1), (0,), head=True)  # fmt: skip


def _notes(c: Certificate) -> tuple[str, ...]:
    event, digest = c.head
    return (
        f"一覧のハッシュ（SHA-256）\n　{c.list_hash}",
        f"記録の連鎖の先頭（第{event:,}号）\n　{digest}",
        f"消去したものの一覧は別紙（消去一覧_第{c.number}号.xlsx）。個人番号・氏名・住所は記載していません。",
    )


def kept_and_gone(receipt: Expired | Retiring | Shredded) -> list[str]:
    """What the monthly run did, in a line each."""
    if isinstance(receipt, Expired):
        told = [f"期限消去　区分{g.name}　{g.title}　{g.count:,} 件{f'　{g.note}' if g.note else ''}" for g in receipt.gone]
        return told or ["期限消去　保存期間の過ぎた作業域・基盤の記録はありません"]
    if isinstance(receipt, Retiring):
        told = [
            f"消去の申請　第{r.number}号　区分{r.name}　{r.items:,} 件（保全のため残すもの {r.held:,} 件）　別の職員の承認を待ちます"
            for r in receipt.requests
        ]
        return told or ["消去の申請　保存期間の過ぎたものはありません"]
    return [
        f"消去　第{d.number}号　区分{d.name}　{d.gone:,} 件を消去し、{d.held + d.changed + d.needed:,} 件を残しました"
        + (f"　{PurePath(d.path).name}" if d.path else "")
        for d in receipt.done
    ]
