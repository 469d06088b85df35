"""``kokunen registry``: what may leave, as two people agreed to it; a change of it; the manual for people."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from etl.cli import common, lists
from etl.cli.common import Command
from etl.core.paper.cells import cell_text
from etl.core.paper.tourokubo import CHANGE_HEADS, words
from etl.core.states import Decision, Operation

DECIDED = {
    None: "未決裁", Decision.APPROVED: Operation.SHOUNIN, Decision.REJECTED: Operation.HININ, Decision.WITHDRAWN: Operation.TORISAGE,
    Decision.SUPERSEDED: Operation.SHIKKOU,
}  # fmt: skip


def add(command: Command) -> None:
    acts = command("registry", _help, "移転等の登録簿（誰に何を何の目的で出してよいか）").add_subparsers(
        required=True, metavar="することの種類"
    )
    text = "有効な登録簿と、承認されていない変更"
    show = acts.add_parser("show", help=text, description=text)
    show.set_defaults(command=_show)
    show.add_argument("id", nargs="?", metavar="ID", help="行の番号（例: T02-SEIHO）。書けば、その行の内容")
    common.as_json(show)
    text = "有効な登録簿と、今の mappings/transfers.yaml の違い（評価書の別添3「変更箇所」の形）"
    diff = acts.add_parser("diff", help=text, description=text)
    diff.set_defaults(command=_diff)
    diff.add_argument(
        "--paper", action="store_true", help="xlsx と PDF にする（記録される。--reason が提出時期に係る説明になる）"
    )
    common.at_work(diff)
    text = "変更を起案する（別の職員が kokunen approve tourokubo で承認すると、翌開庁日から有効）"
    put = acts.add_parser("propose", help=text, description=text)
    put.set_defaults(command=_propose)
    common.at_work(put)
    text = "変更の起案と承認の経過"
    listed = acts.add_parser("list", help=text, description=text)
    listed.set_defaults(command=_list)
    common.as_json(listed)
    text = "取扱マニュアル（誰に何の目的で）を xlsx と PDF で作る（記録される）"
    manual = acts.add_parser("manual", help=text, description=text)
    manual.set_defaults(command=_manual)
    common.at_work(manual)


def _help(args: argparse.Namespace) -> None:
    """Never reached: a sub-command is required."""


def _show(args: argparse.Namespace) -> None:
    from etl import tourokubo

    site = common.ready_site()
    found, in_force = [row for row in tourokubo.shown(site) if args.id in (None, row.id)], tourokubo.agreed(site, site.today)
    if args.json:
        shown = [asdict(row) | {"words": words(in_force[row.id]) if row.id in in_force else None} for row in found]
        common.put_json({"rows": shown})
        return
    for row in found:
        print(f"{row.id:<12} {row.state}　{row.recipient}")
        if args.id and row.id in in_force:
            for label, text in words(in_force[row.id]).items():
                print(f"  {label}: {text}".replace("\n", "\n    "))
    if not found:
        print("該当なし")


def _diff(args: argparse.Namespace) -> None:
    from etl import tourokubo

    if args.paper:
        with lists.recorded("tourokubo_list", args) as (site, run, _):
            made = [str(path) for path in tourokubo.put_changes(site, run)]
    else:
        site, made = common.ready_site(), []
    lines = tourokubo.changes(site, args.reason or "")
    if args.json:
        common.put_json({"changes": [dict(zip(CHANGE_HEADS, line, strict=True)) for line in lines], "papers": made})
        return
    for _, item, before, after, _, _ in lines:
        print(f"{item}\n  変更前の記載: {before}\n  変更後の記載: {after}")
    print("\n".join(made) if made else f"{len(lines):,} 件" if lines else "変更はありません")


def _propose(args: argparse.Namespace) -> None:
    from etl import tourokubo

    with lists.recorded("tourokubo", args) as (site, run, _):
        approval = tourokubo.propose(site, run)
    if args.json:
        common.put_json({"approval": approval})
        return
    print(f"登録簿の変更を起案しました（承認番号 {approval}）。別の職員が kokunen registry diff で違いを見て、")
    print("kokunen approve tourokubo で決めます。承認の翌開庁日から有効です。それまで、変えた行のものは何も出ません。")


def _list(args: argparse.Namespace) -> None:
    from etl import tourokubo

    found = tourokubo.entries(common.ready_site())
    if args.json:
        common.put_json({"entries": [asdict(entry) for entry in found]})
        return
    for entry in found:
        what, said = "削除" if entry.removed else "変更・新規", DECIDED[Decision(entry.decision) if entry.decision else None]
        decided = f"　{entry.checker} {cell_text(entry.decided_at)}" if entry.checker else ""
        since = f"　{cell_text(entry.from_on)}から有効" if entry.from_on else ""
        made = f"起案 {entry.maker} {cell_text(entry.made_at)}"
        print(f"{entry.approval:>8}  {entry.row_id:<12} {what}　{made}　{said}{decided}{since}")
    if not found:
        print("変更はありません（初めの登録簿のままです）")


def _manual(args: argparse.Namespace) -> None:
    from etl import tourokubo

    with lists.recorded("tourokubo_list", args) as (site, run, _):
        made = [str(path) for path in tourokubo.put_manual(site, run)]
    if args.json:
        common.put_json({"papers": made})
        return
    print("\n".join(made))
