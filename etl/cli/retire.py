"""``kokunen retire``: what is due, and the request that it goes. Another person approves it with ``kokunen approve shoukyo``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from typing import Any

from etl.cli import common, words
from etl.cli.common import Command
from etl.cli.run import day
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.paper.cells import cell_text

NOTE = "消去は、申請（request）→ 別の職員の承認（kokunen approve shoukyo）→ 実行・検証・証明の順に進みます。月次の retire_monthly も同じ申請を作ります。"


def add(command: Command) -> None:
    made = command("retire", _help, "保存期間の過ぎたものを調べ、消去を申請する（承認は別の職員）")
    made.epilog = f"{NOTE}\n" + words.table(
        "CLASS（保存の区分）", {n: c.title for n, c in registry.hokan().classes.items() if c.by == "two"}
    )
    acts = made.add_subparsers(required=True, metavar="することの種類")
    plan = acts.add_parser("plan", help="何が消える時期か（何も変えない）", description="何が消える時期か（何も変えない）")
    plan.set_defaults(command=_plan)
    plan.add_argument("--class", dest="name", metavar="CLASS", help="区分（既定: すべて）")
    plan.add_argument("--as-of", type=day, metavar="DATE", help="その日に消す場合（既定: 今日）")
    common.as_json(plan)
    request = acts.add_parser(
        "request", help="消去の申請（一覧を決め、承認を待つ）", description="消去の申請（一覧を決め、承認を待つ）"
    )
    request.set_defaults(command=_request)
    request.add_argument("--class", dest="name", metavar="CLASS", required=True, help="区分")
    common.at_work(request)
    listed = acts.add_parser("list", help="申請とその状態", description="申請とその状態")
    listed.set_defaults(command=_list)
    common.as_json(listed)


def _help(args: argparse.Namespace) -> None:
    """Never reached: a sub-command is required."""


def _plan(args: argparse.Namespace) -> None:
    from etl import retire

    site = common.ready_site()
    as_of: date = args.as_of or site.today
    found = retire.plan(site, as_of, args.name)
    if args.json:
        common.put_json({"as_of": as_of, "classes": [asdict(line) for line in found]})
        return
    print(f"基準日 {cell_text(as_of)}（保存期間の末日がこれより前のもの）")
    for line in found:
        days = f"　{cell_text(line.oldest)}から{cell_text(line.newest)}まで" if line.oldest and line.newest else ""
        more = [f"保全 {line.held:,} 件" if line.held else "", f"申請中 {line.asked:,} 件" if line.asked else ""]
        print(
            f"区分{line.name:<2} {line.title}　{line.count:,} 件　{line.bytes:,} バイト{days}{''.join(f'　{m}' for m in more if m)}"
        )
        if line.count and line.by == "two":
            kept = "残る" if line.readable else "写しがあっても読めない"
            print(f"      保存期間 {line.policy}　バックアップには {cell_text(line.backups_until)} まで{kept}")


def _request(args: argparse.Namespace) -> None:
    from etl import jobs, retire
    from etl import run as runs
    from etl.core.states import RunState

    site = common.acting(args)
    run_id = jobs.start(site, "retire_monthly", f"{site.today:%Y-%m}", args.user, args.reason)
    try:
        with runs.alive(site, run_id):
            runs.require_keys(site)
            left = retire.ask(site, runs.get(site, run_id), (args.name,))
    except BaseException as error:
        runs.finish(site, run_id, RunState.FAILED, getattr(error, "code", "NP-1018"))
        raise
    runs.put_receipt(site, run_id, "retire", left)
    runs.finish(site, run_id, RunState.DONE)
    if not left.requests:
        raise Refused("NP-3221", item=args.name)
    (made,) = left.requests
    if args.json:
        common.put_json({"run_id": run_id, **asdict(made)})
        return
    print(
        f"消去の申請 第{made.number}号　区分{made.name}　{made.items:,} 件　{made.bytes:,} バイト（保全のため残すもの {made.held:,} 件）"
    )
    print("消去対象一覧を作りました。別の職員が kokunen approve shoukyo --list で確かめ、承認すると消去します。")


def _list(args: argparse.Namespace) -> None:
    from etl import retire

    found: list[dict[str, Any]] = retire.requests(common.ready_site())
    if args.json:
        common.put_json({"requests": found})
        return
    for r in found:
        done = r["gone"] + r["left_held"] + r["left_changed"] + r["left_needed"]
        left = f"　残したもの {done - r['gone']:,} 件" if done - r["gone"] else ""
        asked = f"申請 {r['maker']} {cell_text(r['requested_at'])}"
        print(f"第{r['retirement_id']}号　区分{r['class']}　{r['state']}　{r['gone']:,}/{r['items']:,} 件{left}　{asked}")
    if not found:
        print("申請はありません")
