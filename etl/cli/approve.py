"""``kokunen approve``: the decision of a second person."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from etl.cli import common, lists, words
from etl.cli.common import Command
from etl.core.errors import KokunenError
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.mapping.transfers import row_of
from etl.core.paper.cells import cell_text
from etl.core.paper.shoukyo import kept_and_gone
from etl.core.receipts import Receipt, Sent
from etl.core.receipts.house import Shredded
from etl.core.states import Decision
from etl.site import Site

if TYPE_CHECKING:
    from etl.approve.handler import Item


def add(command: Command) -> None:
    approve = command("approve", _approve, "起案を承認する（起案者とは別の職員）")
    approve.add_argument("kind", metavar="KIND", choices=tuple(registry.approvals()), help="承認の種類（下の表）")
    approve.epilog = words.table("KIND（承認の種類）", {kind: f"{a.label}：{a.what}" for kind, a in registry.approvals().items()})
    which = approve.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="未決裁の一覧（誰の何が、いつから、どう変わるか。記録される）")
    which.add_argument("--all", action="store_true", help="すべて")
    which.add_argument("--id", type=int, action="append", metavar="ID", help="番号で選ぶ（繰り返し可）")
    approve.add_argument("--reject", action="store_true", help="承認せず否認する（--reason が要る）")
    common.at_work(approve)


def _approve(args: argparse.Namespace) -> None:
    from etl import approve

    site = common.acting(args)
    if args.list or not (args.all or args.id):
        items = approve.pending(site, args.kind)
        if args.list and items and not args.json:
            _show_persons(args, items)
        _show_count(args, items)
        return
    decision = Decision.REJECTED if args.reject else Decision.APPROVED
    done = approve.decide(site, args.kind, None if args.all else args.id, args.user, decision, args.reason)
    made_in = done.pop("runs")
    step = registry.approvals()[args.kind].step
    left = _release(site, args.kind, made_in, step) if step and not args.reject else []
    outputs = [{k: v for k, v in asdict(o).items() if k != "findings"} for s in left if isinstance(s, Sent) for o in s.outputs]
    destroyed = [asdict(d) for s in left if isinstance(s, Shredded) for d in s.done]
    if args.json:
        common.put_json({"kind": args.kind, **done, "outputs": outputs, **({"destroyed": destroyed} if step == "shred" else {})})
        return
    print(f"承認 {done['approved']} 件、否認 {done['rejected']} 件、失効 {done['superseded']} 件")
    for output in outputs:
        print(f"出力 第{output['version']:02}版 {Path(output['path']).name}")
    for line in (text for s in left if isinstance(s, Shredded) for text in kept_and_gone(s)):
        print(line)
    for file in done.get("affected", []):
        job = row_of(file["dataset"]).job.name
        print(f"移転済みに影響: {file['period']} {file['name']}（{job} を再実行してください）")


def _show_persons(args: argparse.Namespace, items: list[Item]) -> None:
    """Whose, what, from when, before and after, in a run of its own, since it is recorded; a kind about no person shows what it is about."""
    from etl import ichiran

    rows: list[dict[str, str]] | None = None
    if registry.approvals()[args.kind].person:
        with lists.recorded("ichiran", args) as (site, run, _):
            rows = ichiran.of_pending(site, run, args.kind)
    for row in rows or []:
        print("　".join(f"{label} {text}".replace("\n", "・") for label, text in row.items() if text))
    for item in items if rows is None else []:
        made, term = cell_text(item.made_at), cell_text(item.expires_at.astimezone(ZONE).date())
        print(f"{item.id:>8}  {item.subject}  起案 {item.maker} {made}  期限 {term}")


def _show_count(args: argparse.Namespace, items: list[Item]) -> None:
    if args.json:
        shown = [
            {"id": i.id, "subject": i.subject, "maker": i.maker, "made_at": i.made_at.isoformat(), "expires_at": i.expires_at.isoformat(),
             "run_id": i.run_id} for i in items
        ]  # fmt: skip
        common.put_json({"kind": args.kind, "items": shown, "proposals": len(shown)})
        return
    more = "" if args.list or not items else f"（見るには kokunen approve {args.kind} --list。一覧の出力として記録されます）"
    print(f"未決裁 {len(items)} 件{more}")


def _release(site: Site, kind: str, run_ids: list[str], step: registry.Step) -> list[Receipt]:
    """What was approved goes out with its approval: the step of the run that made it. So do those of before that were stopped in
    between; where one cannot go, the others do, and its error comes last."""
    from etl import approve, jobs

    left, failed = [], None
    for run_id in dict.fromkeys((*approve.unreleased(site, kind), *run_ids)):
        try:
            left.append(jobs.step(site, run_id, step))
        except KokunenError as error:
            failed = error
    if failed:
        raise failed
    return left
