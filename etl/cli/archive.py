"""``kokunen archive``: what is kept encrypted: listed, read again for a reason, verified, handed over."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from etl.cli import common, lists
from etl.cli.common import Command, Run
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.paper.cells import cell_text
from etl.core.paper.width import left
from etl.core.period import period

if TYPE_CHECKING:
    from etl.hokan.reading import Kept

EVERY = 20  # objects between two signs of life


def add(command: Command) -> None:
    top = command("archive", _list, "保管（暗号化した受信原本・送出物・帳票）").add_subparsers(required=True, metavar="すること")

    def act(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = top.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        return made

    listed = act("list", _list, "保管しているもの、消去したもの")
    listed.add_argument("--dataset", metavar="DATASET", help="データセット又は帳票の棚（例: juki_idou, shori_kekka）")
    listed.add_argument("--period", metavar="PERIOD", help=common.PERIOD)
    common.as_json(listed)
    read = act("read", _read, "保管したものを読み出す（理由が要る。記録してから、本人だけが読める場所に出す）")
    read.add_argument("which", metavar="NAME|ID", help="名前又は番号（archive list にある）")
    common.at_work(read)
    common.as_json(act("verify", _verify, "保管したものがすべて開くかを確かめる（平文は出さない）"))
    common.at_work(act("run", _run, "前の版から残っている受信原本と、出力・帳票の控えを、今すぐ保管する"))
    handed = act("handed", _handed, "渡したファイルの引渡しを登録する（平文はここで消える）")
    handed.add_argument("name", nargs="+", metavar="NAME", help="渡したファイルの名前（送受書にある）")
    handed.add_argument("--to", required=True, metavar="WHO", help="受け取った相手")
    handed.add_argument("--receipt", required=True, metavar="NO", help="送受書又は受領の番号")
    handed.add_argument("--on", type=_day, metavar="DATE", help="渡した日（既定: 今日）")
    common.at_work(handed)


def _day(text: str) -> date:
    try:
        return period(text, "day").first
    except Refused:
        raise argparse.ArgumentTypeError("YYYY-MM-DD 又は 令和8年10月30日") from None


def _list(args: argparse.Namespace) -> None:
    from etl.hokan.reading import listed

    asked = period(args.period, "day", "month").text if args.period else None
    found = listed(common.ready_site(), args.dataset, asked)
    if args.json:
        common.put_json({"objects": [_as_json(kept) for kept in found]})
        return
    for kept in found:
        due = cell_text(kept.due_on) if kept.due_on else "―"
        print(
            f"{kept.object_id:>7}  {kept.kind}  {left(_state(kept), 12)}  期限 {left(due, 18)}  {kept.bytes:>13,}  {kept.dataset} {kept.name}"
        )
    print(f"{len(found):,} 件　消去済みを除く {sum(k.bytes for k in found if not k.gone):,} バイト")
    for name in dict.fromkeys(kept.kind for kept in found):
        print(f"{name}: {registry.hokan().classes[name].title}")


def _state(kept: Kept) -> str:
    """What there is of it now."""
    if kept.gone:
        return "消去済み"
    if kept.kind == "D" and not kept.handed_on:
        return "引渡し待ち"
    return "平文あり" if kept.clear else "暗号化のみ"


def _as_json(kept: Kept) -> dict[str, Any]:
    return asdict(kept) | {"class": kept.kind, "state": _state(kept)}


def _read(args: argparse.Namespace) -> None:
    from etl.hokan import reading

    if not (args.reason or "").strip():
        raise Refused("NP-3207")
    with lists.recorded("archive_read", args) as (site, run, _):
        path = reading.read(site, run, args.which)
    if args.json:
        common.put_json({"path": str(path)})
        return
    days = registry.hokan().classes["E"].clear
    print(
        f"読み出しました: {path}\n用が済んだら消してください。残っていても {days.days if days else 0} 日の後、月次の業務が消します。"
    )


def _verify(args: argparse.Namespace) -> None:
    from etl.hokan import reading

    found = reading.verify(common.ready_site(), _progress)
    if args.json:
        amiss = [{"object_id": kept.object_id, "name": kept.name, "code": error.code} for kept, error in found.amiss]
        common.put_json({"objects": found.objects, "bytes": found.bytes, "amiss": amiss})
    else:
        print(f"保管物 {found.objects:,} 件（{found.bytes:,} バイト）を開きました。開かないもの {len(found.amiss):,} 件")
    for kept, error in found.amiss:
        print(f"{kept.object_id} {kept.name}: {error}\n  → {error.remedy}", file=sys.stderr)
    if found.amiss:
        raise found.amiss[0][1]


def _progress(done: int, of: int) -> None:
    """Signs of life for whoever waits."""
    if done % EVERY == 0 or done == of:
        print(f"{done:,}/{of:,}", file=sys.stderr)


def _run(args: argparse.Namespace) -> None:
    from etl import hokan

    with lists.recorded("archive_run", args) as (site, run, _):
        originals, copies = hokan.take_all(site, run)
    if args.json:
        common.put_json({"originals": originals.originals, "cleared": originals.cleared, "copies": copies})
        return
    print(
        f"受信原本 {originals.originals:,} 件を保管し、平文 {originals.cleared:,} 件を消しました。出力・帳票の控え {copies:,} 件を保管しました。"
    )


def _handed(args: argparse.Namespace) -> None:
    from etl import hokan

    with lists.recorded("archive_handed", args) as (site, run, _):
        on = args.on or site.today
        hokan.hand_over(site, run, [hokan.Handed(name, on, args.to, args.receipt) for name in args.name])
    if args.json:
        common.put_json({"handed": args.name, "on": on})
        return
    print(
        f"引渡しを登録しました: {len(args.name)} 件（{args.to}、{cell_text(on)}、番号 {args.receipt}）。平文は消え、暗号化した控えが残ります。"
    )
