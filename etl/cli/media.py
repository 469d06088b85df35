"""``kokunen media``: media of the register: what goes onto them, who has them, the count at the end of a month."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from etl.cli import common, lists, register
from etl.cli.common import Command, Run
from etl.core.errors import Refused, Unavailable
from etl.core.paper.cells import cell_text
from etl.core.paper.daichou import OVERDUE
from etl.core.period import period

if TYPE_CHECKING:
    from etl.baitai.held import Archive, Held, Waiting
    from etl.baitai.write import Plan

LARGEST = 1 << 20  # bytes of a file of serials


def add(command: Command) -> None:
    top = command("media", _list, "媒体（フラッシュメモリ・CD-R）への書込み、引渡し、棚卸し").add_subparsers(
        required=True, metavar="すること"
    )

    def act(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = top.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        common.at_work(made)
        return made

    _writing(act("write", _write, "暗号化ファイルと送受書を媒体に書き、読み戻して比べる（登録した管理者端末だけ）"))
    again = act("again", _again, "渡した後などに、同じ暗号化ファイルをもう一度書くことを申請する（別の職員が承認すると書ける）")
    again.add_argument("name", metavar="NAME", help="暗号化ファイル又は渡したファイルの名前（送受書にある）")
    hand = act("hand", _hand, "媒体を渡す（持出しと引渡しを登録する。手元の平文はここで消える）")
    _serial(hand)
    hand.add_argument("--to", required=True, metavar="WHO", help="渡した相手")
    hand.add_argument("--slip", required=True, metavar="NO", help="送受書の番号")
    hand.add_argument("--on", dest="day", metavar="DATE", help="渡した日（既定: 今日）")
    hand.add_argument("--due", metavar="DATE", help="返却の期限（既定: 種類ごとの日数）")
    back = act("back", _back, "媒体が戻った")
    _serial(back)
    back.add_argument("--on", dest="day", metavar="DATE", help="戻った日（既定: 今日）")
    back.add_argument("--to", dest="holder", metavar="WHO", help="受け取った者（既定: 保管者）")
    listed = act("list", _list, "媒体と、今あるもの、書込みを待つもの（期限超過が先）")
    listed.add_argument("--all", action="store_true", help="廃棄済・取消しも")
    _counting(act("count", _count, "月末に数えた媒体を登録する（一緒に数えた別の職員が kokunen approve tanaoroshi で確認する）"))
    closing = act("close", _close, "二人の棚卸しが台帳と合った月を締める")
    closing.add_argument("--month", required=True, metavar="MONTH", help="月（YYYY-MM）")


def _serial(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--serial", required=True, metavar="SERIAL", help="媒体の製造番号（媒体の台帳にあるもの）")


def _writing(parser: argparse.ArgumentParser) -> None:
    _serial(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--output", metavar="NAME", help="渡すファイル又はその暗号化ファイルの名前（送受書にある）")
    which.add_argument("--file", type=Path, metavar="FILE", help="暗号化ファイルの場所（読み出した控えなど）")
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--mount", type=Path, metavar="DIR", help="媒体をつないだ場所。CD-R は焼いた後に、ここで比べるだけ")
    to.add_argument("--image", type=Path, metavar="FILE", help="CD-R のイメージ（ISO）をここに作る。進達は、置くフォルダーでよい")
    parser.add_argument("--dry-run", action="store_true", help="何を書くかを見て、確かめるだけ")


def _counting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--month", required=True, metavar="MONTH", help="月（YYYY-MM）")
    seen = parser.add_mutually_exclusive_group(required=True)
    seen.add_argument("--seen", action="append", metavar="SERIAL", help="あった媒体の製造番号（繰り返し）")
    seen.add_argument("--file", type=Path, metavar="FILE", help="あった媒体の製造番号、1行に一つ")
    seen.add_argument("--none", action="store_true", help="手元に一つもなかった")


def _day(text: str | None, today: date) -> date:
    return period(text, "day").first if text else today


def _write(args: argparse.Namespace) -> None:
    from etl.baitai import write

    with lists.recorded(write.ACT, args) as (site, run, _):
        which = args.file.name if args.file else args.output
        planned = write.plan(site, run, args.serial, which, args.file)
        if args.image and planned.kind != write.DISC:
            raise Refused("NP-4145", kind=write.DISC)
        if args.image and args.image.is_dir() and planned.image:
            args.image /= planned.image
        if args.mount is None or args.dry_run:
            write.try_out(planned, args.mount)
        verified = None if args.dry_run else write.write(site, run, planned, to=args.mount, image=args.image)
    if args.json:
        common.put_json({**planned.as_json(), "dry_run": args.dry_run, "verified": bool(verified)})
        return
    _say(planned)
    if verified is None:
        print("確認だけです。何も書いていません。")
    elif verified:
        print("書いたものを媒体から読み戻し、同じことを確かめました。")
    else:
        print(
            f"イメージを作りました: {args.image}\n焼いた後に、ディスクをつないで kokunen media write … --mount で比べると渡せます。"
        )


def _say(planned: Plan) -> None:
    from etl.baitai import disc

    print(f"媒体　　　　　　第{planned.number}号 {planned.kind} {planned.serial}")
    print(f"あて先　　　　　{planned.recipient}（媒体番号 {planned.medium_no}）")
    for name, what in planned.contents.items():
        print(f"ファイル　　　　{name}　{disc.size(what):,} バイト")
    print(f"パスワードの控え　{planned.key.name}（媒体に入れず、別の方法で伝えます）")


def _again(args: argparse.Namespace) -> None:
    from etl.baitai import write

    with lists.recorded("baitai_kakinaoshi", args) as (site, run, _):
        approval = write.again(site, run, args.name)
    if args.json:
        common.put_json({"approval": approval})
        return
    print(f"申請しました（承認番号 {approval}）。別の職員が kokunen approve kakinaoshi で承認すると、一度だけ書けます。")


def _hand(args: argparse.Namespace) -> None:
    from etl.baitai import hand

    with register.flaws(), lists.recorded("baitai_hikiwatashi", args) as (site, run, _):
        due = _day(args.due, site.today) if args.due else None
        given = hand.hand(site, run, args.serial, args.to, args.slip, _day(args.day, site.today), due)
    if args.json:
        common.put_json({"serial": args.serial, "handed": [one.name for one in given]})
        return
    print(f"引渡しを登録しました: {args.serial} → {args.to}（送受書 {args.slip}）")
    for one in given:
        print(f"  {one.archive_name}")
    print("手元の平文は消え、暗号化した控えが残ります。")


def _back(args: argparse.Namespace) -> None:
    from etl.baitai import hand

    with register.flaws(), lists.recorded("daichou", args) as (site, run, _):
        row = hand.back(site, run, args.serial, _day(args.day, site.today), args.holder)
    if args.json:
        common.put_json(row.as_json(site.today))
        return
    print(f"返却を登録しました: {register.line_of(row, site.today)}")
    print(f"中身は残っています。消去したら kokunen register destroyed baitai {row.entry.number} --reuse で報告してください。")


def _list(args: argparse.Namespace) -> None:
    from etl.baitai import count, held

    site = common.acting(args)
    found, waiting = held.listed(site, args.user, gone=args.all)
    months = count.open_months(site)
    if args.json:
        rows = {"media": [one.as_json(site.today) for one in found], "waiting": [vars(one) for one in waiting]}
        common.put_json({"on": site.today, **rows, "open_months": months})
        return
    for one in found:
        _show(one, site.today)
    for archive in waiting:
        _show_waiting(archive)
    late = sum(one.row.overdue(site.today) for one in found)
    print(f"媒体 {len(found):,} 個" + (f"　【{OVERDUE} {late:,} 個】" if late else "") + f"　書込み待ち {len(waiting):,} 件")
    if months:
        print(f"締めていない月: {'、'.join(months)}（kokunen media count、kokunen media close）")


def _show(one: Held, today: date) -> None:
    print(register.line_of(one.row, today))
    for archive in one.on:
        print(f"    {archive.archive_name}  {archive.recipient}  {_state(archive)}")


def _state(one: Archive) -> str:
    if one.handed_on:
        return f"引渡し {cell_text(one.handed_on)} 送受書 {one.receipt_no}"
    return (
        f"書込み {cell_text(one.written_on)}　引渡し待ち"
        if one.verified
        else f"書込み {cell_text(one.written_on)}　【照合が済んでいません】"
    )


def _show_waiting(one: Waiting) -> None:
    print(f"書込み待ち  {one.kind}  {one.archive_name}  {one.recipient}")


def _count(args: argparse.Namespace) -> None:
    from etl.baitai import count

    with register.flaws(), lists.recorded("tanaoroshi", args) as (site, run, _):
        month = period(args.month, "month").text
        approval, found = count.propose(site, run, month, _serials(args))
    if args.json:
        common.put_json({"approval": approval, **vars(found), "differs": found.differs})
        return
    print(count.subject(found, site.today))
    print(f"登録しました（承認番号 {approval}）。一緒に数えた別の職員が kokunen approve tanaoroshi で確認してください。")


def _serials(args: argparse.Namespace) -> list[str]:
    """Blank lines are none."""
    if args.file is None:
        return args.seen or []
    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise Unavailable("NP-1026", volume=f"{args.file.name}・{type(error).__name__}") from None
    if len(data) > LARGEST:
        raise Refused("NP-3281", why=f"{LARGEST:,} バイトを超えています")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp932", "replace")
    return [line for line in text.splitlines() if line.strip()]


def _close(args: argparse.Namespace) -> None:
    from etl.baitai import count

    month = period(args.month, "month").text
    with lists.recorded("tsukijime", args) as (site, run, _):
        count.close_month(site, run, month)
    if args.json:
        common.put_json({"month": month, "closed": True})
        return
    print(f"{month} の媒体を締めました。")
