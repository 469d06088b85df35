"""受付: the consequences of intakes. 突合1 looks at each, then the confirmed ones stand in 免除, 付加 and 裁定受付 as 受付."""

from __future__ import annotations

from dataclasses import asdict

from etl.audit import record
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
        checked = session.one("ingest/uketsuke_check", todoke=as_json(run.day), business_on=run.day) or {}
        session.run("ingest/hatachi_mae_fumei_end")
        session.run("ingest/hatachi_mae_fumei", business_on=run.day)
        ended = sum(session.run("ingest/uketsuke_group_end", names={"table": group}) for group in GROUPS)
        begun = sum(
            session.run(f"ingest/{enter}", names={"table": group}, todoke=as_json(run.day)) for group, enter in GROUPS.items()
        )
        failpoint.reached("checked")
        found = Checked(checked["checked"], checked["with_findings"], begun, ended)
        record(session, run, Operation.UKETSUKE_TENKEN, run.period, asdict(found))
    return found
