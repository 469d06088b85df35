"""Every statement of sql/ is planned on the migrated database by the role that runs it (jobs; people): names, types and grants are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from etl.core.mapping import views
from etl.core.mapping.transfers import transfers
from etl.edge import db
from etl.site import Site

SQL = Path(__file__).resolve().parents[2] / "sql"
STATEMENTS = [p.relative_to(SQL).with_suffix("").as_posix() for p in sorted(SQL.rglob("*.sql")) if "schema" not in p.parts]
#: what fills {names} of statements that serve several tables
NAMES = {
    "staged": "staging.juki_idou_rows",
    "held": "staging.juki_idou_held",
    "table": "atena",
    "dataset": "juki_idou",
    "columns": "atena_no",
    "column": "atena_no",
    "newer_by": "shori_at",
    "subjects": "hihokensha",
}
UNDO = {"table": "fuka", "columns": "kiso_nenkin_no, kanyu_on, dattai_on", "same": "p.row_key = g.row_key"}
OTHER = {
    "ingest/analyze": {"table": "staging.juki_idou"}, "approve/kekka_undo": UNDO, "approve/horyuu_store": {"columns": "shoukai_no, atena_no, soutou_year"}, "approve/kekka_saitei": {"group": "saitei_rorei"},
    "ingest/uketsuke_group_end": {"table": "menjo"}, "ingest/uketsuke_menjo": {"table": "menjo"}, "ingest/uketsuke_fuka": {"table": "fuka"},
    "ingest/uketsuke_saitei": {"table": "saitei_rorei"}, "inquire/last_number": {"table": "shotoku_shoukai"},
}  # fmt: skip
#: statements that a recipient's own log-in runs on its views
SEEN = ("changes", "differences", "given", "permitted", "whole")
OTHER |= {f"transfer/{name}": views.names(transfers()["T02-SEIHO"], "p." if name == "changes" else "") for name in SEEN}
TEMPORARY = [f"reconcile/{step}" for step in ("results", "intakes", "passes", "judge")]  # each makes a table that the next reads
#: what is asked by another log-in than that of the jobs
PURPOSE = {
    "attest/audit_events": "audit", "ledger/refusals_from": "audit", "ledger/refusals_put": "audit", "inquire/kojin_no": "numbers",
    "inquire/kojin_no_ask": "numbers", "backup/events": "audit", "backup/told": "audit", "approve/hozen_release": "decide",
    "approve/tourokubo_from": "decide",
    **{f"backup/{name}": "backup" for name in ("counts", "head", "point", "restored", "server", "snapshot", "steady", "switch")},
    **{f"retire/{name}": "retire" for name in ("again", "begin", "done", "gone", "kakuri_kesu")},
    **{f"transfer/{name}": transfers()["T02-SEIHO"].view for name in SEEN},
    **{name: "people" for name in STATEMENTS if name.startswith("shokuin/")},
    **{name: "keys" for name in STATEMENTS if name.startswith("kagi/") and name != "kagi/approval"},
}  # fmt: skip
UTILITY = ("set transaction", "truncate", "analyze", "create temporary table verdict (")  # nothing to plan: run


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_can_be_planned(town: Site, name: str) -> None:
    source = db.statement(name)
    for key, value in {**NAMES, **OTHER.get(name, {})}.items():
        source = source.replace("{" + key + "}", value)
    body = re.sub(r"--.*", "", source).strip()
    params = dict.fromkeys(re.findall(r"(?<![:\w]):([a-z_]\w*)", re.sub(r"'[^']*'", "", body)))
    with town.session(PURPOSE.get(name)) as session:
        connection = session.connection
        for setting, kind in views.PARAMS.items() if name in (f"transfer/{seen}" for seen in SEEN) else ():
            session.value("transfer/setting", name=setting, value="x" if kind == "text" else "2025-09-30")
        for earlier in (
            TEMPORARY[: TEMPORARY.index(name) if name in TEMPORARY else len(TEMPORARY)] if name.startswith("reconcile/") else ()
        ):
            made = db.statement(earlier)
            connection.execute(
                text(made), dict.fromkeys(re.findall(r"(?<![:\w]):([a-z_]\w*)", re.sub(r"'[^']*'|--.*", "", made)))
            )
        if "verdict" in body and not body.startswith("create"):
            connection.execute(text("create temporary table verdict (line integer, row_id bigint, verdict text) on commit drop"))
        if body.startswith(UTILITY):
            connection.execute(text(body))
        else:
            assert connection.execute(text(f"explain {body}"), params).scalar()
        connection.rollback()
