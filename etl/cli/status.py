"""``kokunen status``: the house at a glance."""

from __future__ import annotations

import argparse

from etl.cli import common
from etl.cli.common import Command


def add(command: Command) -> None:
    common.as_json(command("status", _status, "今の状態を見る"))


def _status(args: argparse.Namespace) -> None:
    from etl.attest.status import status
    from etl.core.errors import Refused
    from etl.core.paper.cells import cell_text
    from etl.core.paper.pages import OUTCOMES, TIMINGS
    from etl.core.paper.soushin import STATES
    from etl.core.states import Timing
    from etl.door.papers import tidy
    from etl.run import end_interrupted

    site = common.ready_site()
    end_interrupted(site)
    tidy(site)
    found = status(site)
    if args.json:
        common.put_json(found.as_json())
        return
    for label, number in found.labelled():
        print(f"{label}: {number:,}")
    print("確認リスト: " + ("、".join(f"{kind} {n:,}" for kind, n in found.worklist.items()) or "なし"))
    print("PostgreSQL: " + found.postgres.line())
    if found.postgres.warning:
        print("警告: " + found.postgres.warning)
    if found.daichou_overdue:
        print(f"警告: 期限の過ぎた紙・媒体・委託先の複製が {found.daichou_overdue:,} 件あります（kokunen register due）")
    if found.months_open:
        print(f"警告: 媒体を締めていない月があります: {'、'.join(found.months_open)}（kokunen media count、kokunen media close）")
    if found.registry_pending:
        print(
            f"警告: 承認されていない登録簿の変更が {found.registry_pending:,} 行あります。その行のものは出ません（kokunen registry diff）"
        )
    if found.reports_overdue:
        print(
            f"警告: 進達の期限（受理から14日）を過ぎたものが {found.reports_overdue:,} 件あります（kokunen list shintatsu_kigen）"
        )
    for said in found.permissions_ending:
        print(f"警告: {said}")
    if found.backup:
        print("バックアップ: " + found.backup.line())
        for warning in found.backup.warnings:
            print("警告: " + warning)
    for file in found.files:
        print(f"{OUTCOMES[file.outcome]} {file.code or ''}  {file.dataset} {file.name}")
    for left in found.unreleased:
        print(f"承認済みで未出力  {left.name}（kokunen approve {left.kind} --all 又はその月の再実行で出ます）")
    for one in found.sent:
        print(f"{one.error}\n  → {one.error.remedy}")
    for one_sent in found.unconfirmed:
        term = f"　期限 {cell_text(one_sent.due_on)}" if one_sent.due_on else ""
        print(f"{STATES[one_sent.state]}  {one_sent.name}　{one_sent.partner}{term}（kokunen list mikakunin_soushin）")
    for report in found.reports_unconfirmed:
        print(
            f"受領 未確認  {report.name}　引渡し {cell_text(report.handed_on)}（受領の知らせが来たら kokunen shintatsu receive）"
        )
    if found.holds_overdue:
        overdue = Refused("NP-3227", count=found.holds_overdue)
        print(f"{overdue}\n  → {overdue.remedy}")
    for run in found.runs:
        late = f"{TIMINGS[Timing.LATE]} {run.late:,}" if run.late else ""
        print(f"{run.started_at:%m-%d %H:%M:%S}  {run.job:<20} {run.period:<10} {run.state:<8} {run.error_code or ''}{late}")
