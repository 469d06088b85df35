"""``kokunen register``: the registers of paper, media and disks, and copies at contractors: what there is, who has it, what must go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from etl.cli import common, lists, words
from etl.cli.common import Command, Run
from etl.core.errors import Unavailable
from etl.core.mapping.daichou import registers
from etl.core.mapping.layout import codes
from etl.core.paper.cells import cell_text
from etl.core.paper.daichou import OVERDUE, STATES
from etl.core.paper.width import left
from etl.core.states import Daichou

if TYPE_CHECKING:
    from datetime import date

    from etl.daichou.register import Row

Act = Callable[[str, Run, str], argparse.ArgumentParser]
#: option -> the item that it says, in the registers that have it
OPTIONS = {
    "mark": "番号（紙は箱番号、媒体は製造番号、複製は指示番号）", "kind": "種類", "ku": "区", "from": "初日", "to": "末日", "keep": "保存期間",
    "quantity": "数量", "entered": "登録日", "key": "鍵", "holder": "保管者", "due": "期限", "contractor": "委託先", "slip": "送受書",
    "content": "内容", "medium-name": "媒体名", "handed": "引渡日",
}  # fmt: skip
REPORTED = {"method": "方法", "certificate": "証明書番号", "on": "処理日", "by": "担当者名", "received": "報告日"}


def add(command: Command) -> None:
    top = command("register", _list, "紙・媒体・委託先の複製の台帳").add_subparsers(required=True, metavar="すること")

    def act(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = top.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        common.at_work(made)
        return made

    _about(act("add", _add, "台帳に登録する"), OPTIONS)
    _medium(act("out", _move, "媒体を持ち出す・渡す"), "out")
    _medium(act("in", _move, "媒体が戻った"), "in")
    listed = act("list", _list, "台帳を見る（紙に出すのは kokunen list）")
    due = act("due", _due, "期限の近いもの、過ぎたもの")
    for one in (listed, due):
        one.add_argument("register", nargs="?", metavar="REGISTER", choices=tuple(registers()), help="台帳（既定: すべて）")
    listed.add_argument("--all", action="store_true", help="廃棄済・取消しも")
    due.add_argument("--on", dest="day", metavar="DATE", help="この日で（既定: 今日）")
    gone = act("destroyed", _destroyed, "廃棄・消去・返却を報告する（別の職員が確認して初めて廃棄済になる）")
    _one(gone)
    _about(gone, REPORTED, which=False)
    gone.add_argument("--quantity", type=int, metavar="N", help="報告書の数量（複製には要る）")
    gone.add_argument("--reuse", action="store_true", help="媒体を消去して使い続ける")
    mend = act("correct", _correct, "台帳を訂正する（別の職員が承認すると効く）")
    _one(mend)
    _about(mend, OPTIONS, which=False)
    mend.add_argument("--void", action="store_true", help="誤って登録したものを取り消す")
    taken = act("import", _import, "今までの台帳（CSV・xlsx）を取り込む（誤りが一つでもあれば何もしない）")
    _register(taken)
    taken.add_argument("file", type=Path, metavar="FILE", help="見出しは手順書の台帳の章")
    taken.add_argument("--dry-run", action="store_true", help="確かめるだけで、何も登録しない")


def _register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("register", metavar="REGISTER", choices=tuple(registers()), help="台帳（下の表）")
    kinds = {
        f"{name} --kind": "、".join(f"{k}（{a.title}）" for k, a in about.kinds.items()) for name, about in registers().items()
    }
    ways = {f"{name} --method": "、".join(f"{m}（{t}）" for m, t in about.methods.items()) for name, about in registers().items()}
    parser.epilog = words.table(
        "REGISTER（台帳）", {**{name: about.title for name, about in registers().items()}, **kinds, **ways}
    )


def _one(parser: argparse.ArgumentParser) -> None:
    _register(parser)
    parser.add_argument("number", type=int, metavar="NO", help="台帳番号")


def _about(parser: argparse.ArgumentParser, options: dict[str, str], *, which: bool = True) -> None:
    if which:
        _register(parser)
    for name, item in options.items():
        parser.add_argument(f"--{name}", dest=f"item_{name}", metavar="TEXT", help=item)


def _medium(parser: argparse.ArgumentParser, act: str) -> None:
    parser.set_defaults(act=act)
    parser.add_argument("number", type=int, metavar="NO", help="媒体の台帳番号")
    parser.add_argument("--on", dest="day", metavar="DATE", help="年月日（既定: 今日）")
    parser.add_argument("--to", dest="holder", required=act == "out", metavar="WHO", help="渡した相手・受け取った者")
    if act == "out":
        parser.add_argument("--due", metavar="DATE", help="返却の期限（既定: 種類ごとの日数）")
        parser.add_argument("--medium", type=int, metavar="NO", help="媒体番号（送受書にある、収めた暗号化ファイルの番号）")


@contextmanager
def flaws() -> Iterator[None]:
    """Each thing that is wrong on a line of its own, before the error."""
    from etl.daichou.register import Flawed

    try:
        yield
    except Flawed as error:
        for flaw in error.flaws:
            print(flaw, file=sys.stderr)
        raise


def _cells(args: argparse.Namespace, options: dict[str, str], mark: str) -> dict[str, str]:
    """What was typed, by item."""
    given = {(mark if name == "mark" else item): getattr(args, f"item_{name}") for name, item in options.items()}
    return {item: text for item, text in given.items() if text is not None}


def _day(text: str | None, today: date) -> date:
    from etl.core.period import period

    return period(text, "day").first if text else today


def _add(args: argparse.Namespace) -> None:
    from etl.daichou import entries, register

    with flaws(), lists.recorded("daichou", args) as (site, run, _):
        typed = entries.typed(args.register, 0, _cells(args, OPTIONS, registers()[args.register].mark), site.today)
        made = register.enter(site, run, [typed])
        row = register.of(site, args.register, made.numbers[0])
    if args.json:
        common.put_json(row.as_json(site.today))
        return
    print(f"登録しました: {line_of(row, site.today)}")


def _move(args: argparse.Namespace) -> None:
    from etl.daichou import register

    with flaws(), lists.recorded("daichou", args) as (site, run, _):
        due = _day(args.due, site.today) if args.act == "out" and args.due else None
        medium = args.medium if args.act == "out" else None
        register.move(site, run, args.number, args.act, _day(args.day, site.today), args.holder, due, medium)
        row = register.of(site, "baitai", args.number)
    if args.json:
        common.put_json(row.as_json(site.today))
        return
    print(f"{'持ち出し' if args.act == 'out' else '返却'}を登録しました: {line_of(row, site.today)}")


def _destroyed(args: argparse.Namespace) -> None:
    from etl.daichou import register

    with flaws(), lists.recorded("daichou", args) as (site, run, _):
        cells = _cells(args, REPORTED, "")
        approval = register.report(site, run, args.register, args.number, cells, args.quantity, reuse=args.reuse)
    _waits(args, [approval])


def _correct(args: argparse.Namespace) -> None:
    from etl.daichou import register

    with flaws(), lists.recorded("daichou", args) as (site, run, _):
        cells = _cells(args, OPTIONS, registers()[args.register].mark)
        approval = register.correct(site, run, args.register, args.number, cells, void=args.void)
    _waits(args, [approval])


def _waits(args: argparse.Namespace, approvals: list[int]) -> None:
    if args.json:
        common.put_json({"register": args.register, "approvals": approvals})
        return
    told = "、".join(map(str, approvals))
    print(f"報告しました（承認番号 {told}）。別の職員が kokunen approve haiki --list で確かめ、決めるまで何も変わりません。")


def _import(args: argparse.Namespace) -> None:
    from etl.daichou import register

    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise Unavailable("NP-1026", volume=f"{args.file.name}・{type(error).__name__}") from None
    with flaws(), lists.recorded("daichou", args) as (site, run, _):
        lines = register.read(args.register, args.file.name, data, site.today)
        made = register.enter(site, run, lines, dry=args.dry_run)
    if args.json:
        common.put_json({"lines": len(lines), "dry_run": args.dry_run, "numbers": made.numbers, "approvals": made.approvals})
        return
    print(f"{len(lines):,} 件{'（確認だけ。何も登録していません）' if args.dry_run else 'を登録しました'}")
    if made.approvals:
        print(f"うち {len(made.approvals):,} 件は廃棄済として書かれています。別の職員が kokunen approve haiki で確認します。")


def _list(args: argparse.Namespace) -> None:
    from etl.daichou import register

    site = common.acting(args)
    rows = register.listed(site, args.user, args.register)
    shown = [row for row in rows if args.all or row.state not in (Daichou.GONE, Daichou.VOID)]
    _show(args, shown, site.today)


def _due(args: argparse.Namespace) -> None:
    from etl.daichou import register

    site = common.acting(args)
    day = _day(args.day, site.today)
    rows = sorted(
        (row for row in register.listed(site, args.user, args.register) if row.due(day)),
        key=lambda row: (str(row.limit_on), row.entry.register),
    )
    _show(args, rows, day)


def _show(args: argparse.Namespace, rows: list[Row], today: date) -> None:
    late = sum(row.overdue(today) for row in rows)
    if args.json:
        common.put_json({"on": today, "rows": [row.as_json(today) for row in rows], "overdue": late})
        return
    for row in rows:
        print(line_of(row, today))
    print(f"{len(rows):,} 件" + (f"　【{OVERDUE} {late:,} 件】" if late else "") if rows else "該当なし")


def line_of(row: Row, today: date) -> str:
    """An entry as people read it, on one line."""
    entry, about = row.entry, registers()[row.entry.register]
    span = "から".join(filter(None, map(cell_text, (entry.from_on, entry.to_on))))
    more = (
        codes("uketsuke_ku").get(entry.ku_code or "", ""), about.kinds[entry.kind].title, f"{about.mark} {entry.mark}", entry.content, span,
        f"{entry.quantity:,} {about.unit}", entry.holder, f"→ {row.out_to}" if row.out_to else "",
        f"期限 {cell_text(row.limit_on)}" if row.limit_on else "", f"{row.method} 証明書 {row.certificate_no}" if row.method else "",
        f"【{OVERDUE}】" if row.overdue(today) else "",
    )  # fmt: skip
    return f"{left(about.thing, 12)} 第{entry.number}号 {left(STATES[row.state], 8)}  " + "  ".join(filter(None, more))
