"""``kokunen list``, ``print``, ``export``, ``form``: papers and lists that somebody asks for. Each but the empty form is a run of the ledger."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date

from etl.cli import common, words
from etl.cli.common import Command
from etl.core.errors import KokunenError, Refused
from etl.core.mapping import registry
from etl.core.mapping.layout import arriving
from etl.core.mapping.names import format_name, slots
from etl.core.mapping.transfers import transfers
from etl.core.period import Period, not_after, period
from etl.core.states import RunState
from etl.run import Run
from etl.site import Site, default_home

FIRST_OF_PAPER = 901  # 媒体通番 of lists that come on paper
PRINTED = {"menjo_shinseisho": "所得附票（免除等の申請に添える紙）"}
EXPORTED = {"kikou_kekka_outcomes": "突合結果（1件1行。項目名のみ）"}


def add(command: Command) -> None:
    listed = command("list", _list, "一覧を作る（xlsx と PDF。作るたびに記録される）")
    listed.add_argument("name", metavar="NAME", help="一覧（下の表）")
    listed.epilog = words.table("NAME（一覧）", registry.lists())
    listed.add_argument("--period", required=True, help=common.PERIOD)
    listed.add_argument("--to", metavar="PERIOD", help="期間の終わり（既定: --period だけ）")
    part = listed.add_mutually_exclusive_group()
    part.add_argument("--ku", type=common.ward, metavar="KU", help="受付区のコード又は名前（既定: すべて）")
    part.add_argument(
        "--recipient",
        choices=tuple(transfers()),
        metavar="ROW",
        help="移転台帳のあて先（登録簿の番号。例: T02-SEIHO。既定: すべて）",
    )
    common.at_work(listed)
    printed = command("print", _print, "免除等の申請に添える所得附票を印刷する（PDF。1枚ごとに記録される）")
    printed.add_argument("name", metavar="NAME", choices=tuple(PRINTED), help="印刷するもの（下の表）")
    printed.epilog = words.table("NAME（印刷するもの）", PRINTED)
    printed.add_argument("--period", help=f"受理年月日 {common.PERIOD}。所得の回答がそろったもの。既定: 今日")
    chosen = printed.add_mutually_exclusive_group()
    chosen.add_argument(
        "--uketsuke", action="append", metavar="NO", help="受付番号で選ぶ（繰り返し可。回答待ちでも出す。期間は見ない）"
    )
    chosen.add_argument("--ku", type=common.ward, metavar="KU", help="受付区のコード又は名前（既定: すべて）")
    common.at_work(printed)
    form = command("form", _form, "紙の一覧を入力する入力票（xlsx）を作る")
    keyed = {name: layout.title for name, layout in arriving().items() if layout.file.form}
    form.add_argument("dataset", metavar="DATASET", choices=tuple(keyed), help="紙で届くもの（下の表）")
    form.epilog = words.table("DATASET（紙で届くもの）", keyed)
    export = command("export", _export, "突合結果を1件1行で出す（項目名のみ、値は出さない）")
    export.add_argument("what", metavar="WHAT", choices=tuple(EXPORTED), help="出すもの（下の表）")
    export.epilog = words.table("WHAT（出すもの）", EXPORTED)
    export.add_argument("--period", required=True, help=common.PERIOD)
    common.at_work(export)


def _list(args: argparse.Namespace) -> None:
    from etl import ichiran

    about = ichiran.kinds().get(args.name)
    ahead = about is not None and about.ahead
    part = ichiran.of_ward(args.ku) if args.ku else ichiran.of_recipient(args.recipient) if args.recipient else None
    with recorded("ichiran", args, ahead=ahead) as (site, run, asked):
        made = ichiran.make(site, run, args.name, asked.first, _end(args, site, asked, ahead), part)
    if args.json:
        common.put_json({"lists": [asdict(m) for m in made]})
        return
    for one in made:
        print(f"{one.title} {one.rows:,} 件  {one.path}")
    if not made:
        print("該当なし")


def _end(args: argparse.Namespace, site: Site, asked: Period, ahead: bool) -> date:
    """The last day that the list is about. Refused NP-1005 (it begins later), NP-1007, NP-1008."""
    if args.to is None:
        return asked.last
    end = period(args.to, "day", "month")
    if end.last < asked.first:
        raise Refused("NP-1005", item=args.to)
    if not ahead:
        not_after(end, site.today)
    return end.last


def _print(args: argparse.Namespace) -> None:
    from etl import shinseisho

    with recorded("shinseisho", args) as (site, run, asked):
        if args.uketsuke:
            made = shinseisho.of_applications(site, run, args.uketsuke)
        else:
            made = shinseisho.of_period(site, run, asked.first, asked.last, args.ku)
    if args.json:
        common.put_json({"forms": [asdict(m) for m in made]})
        return
    for one in made:
        print(f"{one.ku} {one.pages:,} 枚  {one.path}")
    if not made:
        print("該当なし（所得の回答がそろった申請はありません）")


def _export(args: argparse.Namespace) -> None:
    from etl import reconcile

    with recorded("export", args) as (site, run, asked):
        rows = reconcile.export(site, run)
    if args.json:
        common.put_json({"period": asked.text, "rows": rows})
        return
    out = csv.DictWriter(sys.stdout, ("kind", "key", "outcome", "items"), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)


def _form(args: argparse.Namespace) -> None:
    from etl.door import papers
    from etl.edge.form import empty_form

    layout = arriving()[args.dataset]
    site = Site(default_home(), url="")  # an empty form needs neither database nor keys, so it can be had before ``init``
    template = layout.file.form or ""
    name = format_name(template, **{slot: site.today if slot.endswith("_on") else FIRST_OF_PAPER for slot in slots(template)})
    path = papers.put(site, papers.Shelf.FORM, "", f"{layout.title}_入力票.xlsx", empty_form(layout))
    print(
        f"入力票を作りました: {path}\n入力したら {site.inbox / args.dataset / name} のように名前を付けて置き（年月日は紙の作成年月日、"
        f"終わりの番号は紙の{FIRST_OF_PAPER}からの通し番号）、その日を期間に業務を実行してください。"
    )


def _code(error: BaseException) -> str:
    """What ended a command: its own code, 中断, or what nobody expected."""
    if isinstance(error, KokunenError):
        return error.code
    return "NP-1099" if isinstance(error, Exception) else "NP-1018"


@contextmanager
def recorded(job: str, args: argparse.Namespace, *, ahead: bool = False) -> Iterator[tuple[Site, Run, Period]]:
    """A run of the ledger around one command that is no job of the schedule; ``ahead``: its period may still be to come.

    Refused NP-1005, NP-1007, NP-1008.
    """
    from etl import hokan
    from etl import run as runs
    from etl.door import papers

    site = common.acting(args)
    papers.tidy(site)
    asked = period(getattr(args, "period", None) or site.today.isoformat(), "day", "month")
    if not ahead:
        not_after(asked, site.today)
    run_id = runs.start(
        site, job, asked.text, args.user, args.reason or "随時", business_on=asked.last, as_known_at=None, run_key=None
    )
    try:
        with runs.alive(site, run_id):
            runs.require_keys(site)
            run = runs.get(site, run_id)
            yield site, run, asked
            hokan.copies(site, run)
    except BaseException as error:  # whatever ends the command ends its row
        with suppress(KokunenError):
            runs.finish(site, run_id, RunState.FAILED, _code(error))
        raise
    runs.finish(site, run_id, RunState.DONE)
