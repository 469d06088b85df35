"""復旧の照合: what stands on the list that an approver reads before a restored database works again. Names, counts and hashes; nobody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from etl.core.mapping.layout import layouts

TITLE = "復旧の照合"
HEADS = ("区分", "データ", "名前", "分かること", "すること")
NOTES = (
    "この一覧は、戻したデータベースが知らないものを、データベースの外にあるものから調べたものです。",
    "渡したものを、本システムがひとりでに送り直すことはありません。渡した番号と名前は二度と使いません。",
    "戻した時点の後の決裁、照会、通知、紙に書いた処理は、ここに出ないことがあります。その日の処理結果表と突き合わせてください。",
)


class Kind(StrEnum):
    """区分, in the order of the list."""

    LOAD = "取り込み直す"
    STRAY = "何か分からない保管物"
    LIES = "届いている"
    SENT = "渡している"
    EVENTS = "記録が続いていた"
    KEY = "鍵がない"


DO = {
    Kind.LOAD: "kokunen restore originals で受信フォルダーに戻し、その日を期間に業務を実行する",
    Kind.STRAY: "最後のバックアップの後に保管したもの。その頃の処理結果表で何かを確かめ、原本なら送付元に再送を頼む",
    Kind.LIES: "その日を期間に業務を実行すれば、取り込まれる",
    Kind.SENT: "送り直さない。その月を再実行すると、差があれば次の版が起案される",
    Kind.EVENTS: "処理結果表の綴りで、その後に何をしたかを確かめる",
    Kind.KEY: "鍵のバックアップから戻す。無ければ、その内容は二度と読めない",
}


@dataclass(frozen=True)
class Entry:
    """A line: about what (``dataset`` may be empty), and what is known of it."""

    kind: Kind
    dataset: str
    name: str
    known: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        about = layouts().get(self.dataset)
        return self.kind.value, about.title if about else self.dataset, self.name, self.known, DO[self.kind]


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    kinds = list(Kind)
    return sorted(entries, key=lambda e: (kinds.index(e.kind), e.dataset, e.name))
