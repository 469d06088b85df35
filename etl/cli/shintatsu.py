"""``kokunen shintatsu``: the report to 日本年金機構: opened, looked through, fixed, (approved,) made, handed over, received."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from etl.cli import common, lists, words
from etl.cli.common import Command, Run
from etl.core.mapping import registry
from etl.core.mapping.layout import codes
from etl.core.paper.cells import cell_text
from etl.core.paper.mishintatsu import STATES, unsent
from etl.core.period import period
from etl.core.states import Shintatsu

if TYPE_CHECKING:
    from etl.shintatsu.candidates import Candidate
    from etl.shintatsu.reports import Report

LOOK, WORK = "shintatsu_kakunin", "shintatsu_sagyou"


def add(command: Command) -> None:
    top = command("shintatsu", _list, "日本年金機構への報告（進達）").add_subparsers(required=True, metavar="すること")

    def act(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = top.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        common.at_work(made)
        return made

    def of_office(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made = act(name, run, text)
        made.add_argument("office", metavar="OFFICE", choices=tuple(codes("nenkin_jimusho")), help="年金事務所のコード（下の表）")
        made.epilog = words.table("OFFICE（年金事務所）", codes("nenkin_jimusho"))
        return made

    act("open", _open, "進達の回を年金事務所ごとに始める（内容確認・修正期間に入る）")
    act("list", _list, "進達の回と今の状態")
    act("due", _due, "期限を過ぎたものと、次の定例の進達を待つと過ぎるもの（1件ずつ。記録される）")
    made = act("results", _results, "進達台帳: 報告した回の件数・日数と、処理結果で決着した割合")
    made.add_argument("--period", required=True, help=common.PERIOD)
    of_office("show", _show, "候補の件数と、保留・確認事項（1件ずつ。記録される）")
    for name, run, text in (("leave-out", _leave_out, "この回だけ、報告から除く"), ("put-back", _put_back, "除くのをやめる")):
        made = of_office(name, run, text)
        made.add_argument("--no", action="append", required=True, metavar="NO", help="受付番号（繰り返し可）")
    of_office(
        "freeze", _freeze, "報告する記録を確定し、承認を求める（別の職員が kokunen approve shintatsu で承認すると媒体ができる）"
    )
    of_office("thaw", _thaw, "確定を取り消して、内容確認に戻す")
    of_office("cancel", _cancel, "回を取り止める（渡す前に限る。次の回で報告する）")
    for name, run, text in (
        ("receive", _receive, "日本年金機構の受領を登録する"),
        ("refuse", _refuse, "日本年金機構が媒体を受け付けなかったことを登録する（次の回で報告する）"),
    ):
        made = act(name, run, text)
        made.add_argument("name", metavar="NAME", help="進達ファイルの名前（KNTODOKE_…CSV）")
        made.add_argument("--number", required=True, metavar="NO", help="受領番号（不受理のときは通知の番号）")
        made.add_argument("--on", dest="day", metavar="DATE", help="その日（既定: 今日）")


def _open(args: argparse.Namespace) -> None:
    from etl import jobs, result
    from etl import run as runs
    from etl.core.receipts import Opened

    site = common.acting(args)
    run_id = jobs.start(site, "shintatsu", site.today.isoformat(), args.user, args.reason or "随時")
    for name in registry.jobs()["shintatsu"].steps:
        jobs.step(site, run_id, name)
    if args.json:
        common.put_json(result.result(site, run_id))
        return
    for line in result.messages(site, run_id, "open"):
        print(line)
    opened = runs.receipt(site, run_id, Opened)
    for one in opened.lists if opened else ():
        print(f"{one.title} {one.rows:,} 件  {one.path}")


def _list(args: argparse.Namespace) -> None:
    from etl.shintatsu import review

    site = common.acting(args)
    found = review.listed(site)
    if args.json:
        common.put_json({"reports": [_as_json(r) for r in found]})
        return
    for r in found:
        _say(r)
    if not found:
        print("進達の回はありません")


def _as_json(report: Report) -> dict[str, Any]:
    return asdict(report)


def _say(report: Report) -> None:
    more = [f"確認期間 {report.kakunin_until} まで" if report.state is Shintatsu.OPENED else ""]
    more += [f"{report.name} {report.rows:,} 件" if report.name else ""]
    more += [f"引渡し {report.handed_on}" if report.handed_on else ""]
    more += [f"{report.received_on} {report.received_no}" if report.received_on else ""]
    print("　".join([report.title, STATES[report.state], *filter(None, more)]))


def _show(args: argparse.Namespace) -> None:
    from etl.shintatsu import review

    with lists.recorded(LOOK, args) as (site, _, _):
        report, found = review.show(site, args.office)
    if args.json:
        common.put_json({"report": _as_json(report), "candidates": [_candidate(c) for c in found]})
        return
    _say(report)
    for (ku, kind), n in sorted(Counter((c.row["ku_code"], c.row["todoke_code"]) for c in found).items()):
        print(f"  {codes('uketsuke_ku')[ku]}　{codes('todoke')[kind]}　{n:,} 件")
    for c in found:
        said = [("保留 " if p.holds else "確認 ") + p.said for p in c.points]
        if c.left_out:
            said = [f"除外 {c.row['left_out_why']}"]
        if said:
            print(f"{c.no}　{codes('todoke')[c.row['todoke_code']]}　期限 {c.row['due_on']}　{'、'.join(said)}")


def _due(args: argparse.Namespace) -> None:
    from etl.shintatsu import looks

    with lists.recorded(LOOK, args) as (site, _, _):
        next_report, rows = looks.due(site)
    if args.json:
        common.put_json({"next_report": next_report, "due": rows})
        return
    for row in map(unsent, rows):
        kind, report = codes("todoke")[row["todoke_code"]], f"　{row['report_label']}" if row["report_label"] else ""
        print(
            f"{row['uketsuke_no']}　{kind}　期限 {row['due_on']}（{row['term_label']}）　{row['jotai_label']}　{row['office_label']}{report}"
        )
    overdue = sum(row["days_left"] < 0 for row in rows)
    print(f"期限超過 {overdue:,} 件、次の定例の進達（{next_report} から渡せる）では期限を過ぎるもの {len(rows) - overdue:,} 件")


def _results(args: argparse.Namespace) -> None:
    from etl.shintatsu import looks

    with lists.recorded(LOOK, args) as (site, _, asked):
        rows = looks.results(site, asked.first, asked.last)
    if args.json:
        common.put_json({"reports": rows})
        return
    for row in rows:
        kind = codes("todoke").get(row["todoke_code"], "計")
        share = "" if row["percent"] is None else f"（決着率 {row['percent']} ％）"
        print(
            f"{row['name']}　{kind}　{row['n']:,} 件　期限後 {row['late']:,}　決着 {row['settled']:,}{share}　返戻 {row['returned']:,}　"
            f"結果待ち {row['waiting']:,}　うち超過 {row['overdue']:,}"
        )
    if not rows:
        print("該当なし")


def _candidate(c: Candidate) -> dict[str, Any]:
    """What may be shown on a terminal: no name, no number."""
    return {
        "uketsuke_no": c.no, "todoke_code": c.row["todoke_code"], "ku_code": c.row["ku_code"], "juri_on": c.row["juri_on"],
        "due_on": c.row["due_on"], "goes": c.goes, "left_out": c.left_out, "again": c.row["again"],
        "points": [{"item": p.item, "said": p.said, "holds": p.holds} for p in c.points],
    }  # fmt: skip


def _leave_out(args: argparse.Namespace) -> None:
    _moved(args, out=True)


def _put_back(args: argparse.Namespace) -> None:
    _moved(args, out=False)


def _moved(args: argparse.Namespace, *, out: bool) -> None:
    from etl.core.errors import Refused
    from etl.shintatsu import review

    if not args.reason:
        raise Refused("NP-1003")
    with lists.recorded(WORK, args) as (site, run, _):
        report = review.leave_out(site, run, args.office, args.no, args.reason, out=out)
    if args.json:
        common.put_json({"report": _as_json(report), "moved": args.no, "out": out})
        return
    print(f"{report.title}: {len(args.no):,} 件を{'除きました' if out else '戻しました'}")


def _freeze(args: argparse.Namespace) -> None:
    from etl.shintatsu import freeze

    with lists.recorded("shintatsu", args) as (site, run, _):  # of the job: its step `make` goes on from here
        report = freeze.freeze(site, run, args.office)
    _told(
        args,
        report,
        f"確定しました（承認番号 {report.approval_id}）。別の職員が kokunen approve shintatsu で承認すると、媒体ができます。一覧は outbox/shintatsu_kami にあります。",
    )


def _thaw(args: argparse.Namespace) -> None:
    from etl.shintatsu import freeze

    with lists.recorded(WORK, args) as (site, run, _):
        report = freeze.thaw(site, run, args.office)
    _told(args, report, "確定を取り消しました。")


def _cancel(args: argparse.Namespace) -> None:
    from etl.shintatsu import after

    with lists.recorded(WORK, args) as (site, run, _):
        report = after.cancel(site, run, args.office)
    _told(args, report, "取り止めました。")


def _receive(args: argparse.Namespace) -> None:
    _answered(args, refused=False)


def _refuse(args: argparse.Namespace) -> None:
    _answered(args, refused=True)


def _answered(args: argparse.Namespace, *, refused: bool) -> None:
    from etl.shintatsu import after

    with lists.recorded(WORK, args) as (site, run, _):
        on = period(args.day, "day").first if args.day else site.today
        report = after.received(site, run, args.name, args.number, on, refused=refused)
    _told(args, report, f"登録しました（{cell_text(on)}）。")


def _told(args: argparse.Namespace, report: Report, said: str) -> None:
    if args.json:
        common.put_json({"report": _as_json(report)})
        return
    _say(report)
    print(said)
