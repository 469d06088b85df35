"""``kokunen hold``: what must stay whatever its period says. One person sets it, two release it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from etl.cli import common, lists
from etl.cli.common import Command
from etl.cli.run import day
from etl.core.errors import Refused
from etl.core.paper.cells import cell_text
from etl.core.period import period

if TYPE_CHECKING:
    from etl.retire.hold import Wanted

KINDS = ("訴訟", "開示請求", "監査", "事故")


def add(command: Command) -> None:
    made = command("hold", _help, "保全する・保全の解除を申請する（保存期間に優先して残す）")
    acts = made.add_subparsers(required=True, metavar="することの種類")
    put = acts.add_parser(
        "set", help="保全する", description="保全する。対象は --object、--person、--period（--person と併せてもよい）"
    )
    put.set_defaults(command=_set)
    put.add_argument("--object", dest="object_id", type=int, metavar="ID", help="保管物の番号")
    put.add_argument("--person", metavar="宛名番号", help="この人が分かり得るものすべて")
    put.add_argument("--period", dest="days", metavar="PERIOD", help=f"この期間のもの。{common.PERIOD}")
    put.add_argument("--until", metavar="PERIOD", help="期間の終わり（既定: --period だけ）")
    put.add_argument("--kind", choices=KINDS, required=True, help="種類")
    put.add_argument(
        "--until-review", dest="review", type=day, required=True, metavar="DATE", help="見直しの期限（過ぎても続く）"
    )
    common.at_work(put)
    release = acts.add_parser(
        "release", help="保全の解除を申請する", description="保全の解除を申請する（別の職員が kokunen approve hozen で承認する）"
    )
    release.set_defaults(command=_release)
    release.add_argument("--id", type=int, required=True, metavar="ID", help="保全番号")
    common.at_work(release)
    listed = acts.add_parser("list", help="続いている保全", description="続いている保全")
    listed.set_defaults(command=_list)
    common.as_json(listed)


def _help(args: argparse.Namespace) -> None:
    """Never reached: a sub-command is required."""


def _wanted(args: argparse.Namespace) -> Wanted:
    """Refused NP-3228 without anything to hold, NP-1005, NP-1008 for days that are none, NP-1003 without a reason."""
    from etl.retire.hold import Wanted

    if not args.reason:
        raise Refused("NP-1003", item="保全")
    chosen = (args.object_id, args.person, args.days)
    if not any(chosen) or (args.object_id and (args.person or args.days)) or (args.until and not args.days):
        raise Refused("NP-3228", item="、".join(str(c) for c in (args.object_id,) if c) or None)
    if args.person and not (args.person.isascii() and args.person.isdecimal() and len(args.person) == 15):
        raise Refused("NP-3228", item="宛名番号は15桁の数字です")
    about = {
        "kind": args.kind,
        "reason": args.reason,
        "review_on": args.review,
        "object_id": args.object_id,
        "atena_no": args.person,
    }
    if not args.days:
        return Wanted(**about)
    first, last = period(args.days, "day", "month"), period(args.until or args.days, "day", "month")
    if last.last < first.first:
        raise Refused("NP-1005", item=args.until)
    return Wanted(**about, first_on=first.first, last_on=last.last)


def _set(args: argparse.Namespace) -> None:
    from etl.retire import hold

    wanted = _wanted(args)
    with lists.recorded("hold", _without_period(args)) as (site, run, _):
        made = hold.set_hold(site, run, wanted)
    if args.json:
        common.put_json({"hold_id": made})
        return
    print(f"保全しました（保全番号 {made}、見直しの期限 {cell_text(wanted.review_on)}）")


def _release(args: argparse.Namespace) -> None:
    from etl.retire import hold

    if not args.reason:
        raise Refused("NP-1003", item="保全の解除")
    with lists.recorded("hold", _without_period(args)) as (site, run, _):
        approval = hold.ask_release(site, run, args.id)
    if args.json:
        common.put_json({"hold_id": args.id, "approval": approval})
        return
    print(
        f"解除を申請しました（承認番号 {approval}）。別の職員が kokunen approve hozen で承認すると解除されます。それまで保全は続きます。"
    )


def _without_period(args: argparse.Namespace) -> argparse.Namespace:
    """The run of a hold is about today, whatever the hold is about."""
    args.period = None
    return args


def _list(args: argparse.Namespace) -> None:
    from etl.retire import hold

    found = hold.holds(common.ready_site())
    if args.json:
        common.put_json({"holds": found})
        return
    for h in found:
        review = f"見直しの期限 {cell_text(h['review_on'])}{'【期限切れ】' if h['overdue'] else ''}"
        print(f"{h['hold_id']:>6}  {hold.said(h)}　保管物 {h['objects']:,} 件　{review}　設定 {h['set_by']}　理由 {h['reason']}")
    if not found:
        print("保全はありません")
