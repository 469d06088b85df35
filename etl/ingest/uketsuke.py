"""受付: the consequences of intakes. 突合1 looks at each, then the confirmed ones stand in 免除, 付加 and 裁定受付 as 受付."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from etl.audit import record
from etl.core.law import kodomo
from etl.core.law.todoke import as_json
from etl.core.receipts import Checked
from etl.core.states import Operation
from etl.edge import db, failpoint
from etl.run import Run
from etl.site import Site

#: group -> statement that lets its 受付 enter
GROUPS = {
    "menjo": "uketsuke_menjo", "fuka": "uketsuke_fuka",
    **dict.fromkeys(("saitei_rorei", "saitei_shogai", "saitei_izoku", "saitei_rofuku"), "uketsuke_saitei"),
}  # fmt: skip


def check(site: Site, run: Run) -> Checked:
    """Every newest revision without a check gets one; those that found no 宛名 look again; the 受付 groups follow the intakes, and
    what nobody can ask about without a person stands on 確認リスト.

    Nothing here refuses an intake: a person judges (評価書 Ⅱ-3).
    """
    with site.session() as session, db.locked(session, "pension:shared", "uketsuke"), session.transaction():
        session.run("ingest/uketsuke_recheck")
        found = json.dumps(_found(session), ensure_ascii=False)
        checked = session.one("ingest/uketsuke_check", todoke=as_json(run.day), found=found, business_on=run.day) or {}
        session.run("ingest/hatachi_mae_fumei_end")
        session.run("ingest/hatachi_mae_fumei", business_on=run.day)
        ended = sum(session.run("ingest/uketsuke_group_end", names={"table": group}) for group in GROUPS)
        begun = sum(
            session.run(f"ingest/{enter}", names={"table": group}, todoke=as_json(run.day)) for group, enter in GROUPS.items()
        )
        failpoint.reached("checked")
        result = Checked(checked["checked"], checked["with_findings"], begun, ended)
        record(session, run, Operation.UKETSUKE_TENKEN, run.period, asdict(result))
    return result


def _found(session: db.Session) -> list[dict[str, Any]]:
    """What core/law finds in intakes that are to be checked: the months of 産前産後 and 育児."""
    rows = session.rows("ingest/uketsuke_kodomo")
    told = {row["uketsuke_id"]: kodomo.Told(**{name: row[name] for name in kodomo.Told.__dataclass_fields__}) for row in rows}
    return [{"uketsuke_id": of, "finding": said} for of, said in ((of, kodomo.finding(t)) for of, t in told.items()) if said]
