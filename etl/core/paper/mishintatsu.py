"""進達 in the words of the office: in what state something is that is still to be reported, and a report itself; rows of the lists as read."""

from __future__ import annotations

from typing import Any

from etl.core.mapping.layout import codes
from etl.core.paper.cells import cell_text
from etl.core.states import Shintatsu

STATES: dict[str, str] = {
    Shintatsu.OPENED: "内容確認中", Shintatsu.FROZEN: "確定（承認待ち）", Shintatsu.APPROVED: "承認済（作成待ち）", Shintatsu.MADE: "作成済（引渡し待ち）",
    Shintatsu.HANDED: "報告済（受領 未確認）", Shintatsu.RECEIVED: "受領", Shintatsu.REFUSED: "不受理", Shintatsu.CANCELLED: "取止め",
}  # fmt: skip
#: what is to be reported: ``pension.shintatsu_mada.stage``
STAGES = {"unconfirmed": "未確認", "returned": "返戻", "examined": "審査中", "accepted": "受付", "own": "職権"}


def office(code: str) -> str:
    """The name of a 年金事務所, without its wards."""
    return codes("nenkin_jimusho")[code].split("（")[0]


def unsent(row: dict[str, Any]) -> dict[str, Any]:
    """What is still to be reported: its state, that of the report in which it is fixed, and how it stands to its term."""
    left = row.get("days_left")
    return row | {
        "jotai_label": STAGES[row["stage"]], "report_label": STATES[row["state"]] if row["state"] else "",
        "office_label": office(row["jimusho_code"]), "term_label": "" if left is None else f"{-left} 日超過" if left < 0 else f"あと {left} 日",
    }  # fmt: skip


def reported(row: dict[str, Any]) -> dict[str, Any]:
    """A report: its medium, to whom it was given and what came back, and how long its records waited."""
    handed = (row["handed_on"], row["receiver"], row["receipt_no"])
    came = (row["received_on"], row["received_no"])
    return row | {
        "report_label": _lines(office(row["jimusho_code"]), f"媒体通番 {row['baitai_no']:03}"), "state_label": STATES[row["state"]],
        "file_label": _lines(row["name"], row["made_at"]), "handed_label": _lines(*handed), "received_label": _lines(*came),
        "days_label": "" if row["days"] is None else f"{row['days']}／{row['days_most']}",
    }  # fmt: skip


def _lines(*said: Any) -> str:
    return "\n".join(str(cell_text(each)) for each in said if each is not None)
