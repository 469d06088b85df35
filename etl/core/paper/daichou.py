"""台帳の紙: an entry of the registers in words, as the lists show it."""

from __future__ import annotations

from typing import Any

from etl.core.mapping.daichou import registers
from etl.core.mapping.keep import Period
from etl.core.mapping.layout import codes
from etl.core.paper.cells import Alarm
from etl.core.states import Daichou

STATES = {
    Daichou.HELD: "保管中",
    Daichou.OUT: "持出中",
    Daichou.ASKED: "確認待ち",
    Daichou.GONE: "廃棄済",
    Daichou.VOID: "取消し",
}
OVERDUE = "期限超過"


def kept(text: str) -> str:
    """``5 years`` as 5年."""
    return str(Period.parse(text))


def listed(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its words beside its codes. ``overdue``: its limit has passed."""
    about, state = registers()[row["register"]], STATES[row["state"]]
    kind = about.kinds.get(row["kind"])  # a kind that the page does not name any more keeps its word
    return row | {
        "kind_label": kind.title if kind else row["kind"], "ku_label": codes("uketsuke_ku").get(row["ku_code"] or "", ""), "thing": about.thing,
        "keep_label": kept(row["keep"]) if row.get("keep") else "", "state_word": state,
        "state_label": Alarm(f"{state}\n{OVERDUE}") if row["overdue"] else state,
        "overdue_label": Alarm("超過") if row["overdue"] else "", "where_label": row.get("out_to") or row["holder"],
        "method_label": about.methods.get(row.get("method") or "", row.get("method")),
    }  # fmt: skip
