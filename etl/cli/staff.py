"""``kokunen people list``, ``review``: the register as people look at it, and what is wrong with what they typed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from etl.cli import common
from etl.cli.common import Run
from etl.core.errors import Refused
from etl.core.mapping.rights import rights
from etl.core.paper.width import left

if TYPE_CHECKING:
    from etl.shokuin.entries import Entry
    from etl.shokuin.register import Row
    from etl.shokuin.tenken import Sheet, Summary

Act = Callable[[str, Run, str], argparse.ArgumentParser]
STATES = {"in_force": "有効", "coming": "これから", "asked": "申請中", "over": "期限切れ", "ended": "終了"}


def add_list(act: Act) -> None:
    listed = act("list", _list, "登録されている職員、申請中のもの、終わったもの")
    listed.add_argument("--unit", metavar="UNIT", help="部署（既定: すべて）")


def add_review(act: Act) -> None:
    review = act("review", _review, "部署ごとの一覧を点検する（年1回と、異動のとき）")
    review.add_argument("--unit", metavar="UNIT", help="部署（既定: すべて。署名には要る）")
    review.add_argument("--sign", action="store_true", help="見た一覧に署名する（管理者、又はその部署の承認者）")
    review.add_argument("--hash", metavar="HASH", help="見た一覧のハッシュ。変わっていれば署名しない")


@contextmanager
def flaws() -> Iterator[None]:
    """Each thing that is wrong on a line of its own, before the error."""
    from etl.shokuin.register import Flawed

    try:
        yield
    except Flawed as error:
        for flaw in error.flaws:
            print(flaw, file=sys.stderr)
        raise


def line_of(entry: Entry) -> str:
    """An entry as people read it, on one line."""
    span = f"{entry.from_on}から{f' {entry.until_on}まで' if entry.until_on else ''}"
    more = (
        f"OS {entry.os_user}" if entry.os_user else "", "個人番号" if entry.sees_numbers else "", "TOTP" if entry.totp else "",
        f"契約 {entry.order_no}" if entry.order_no else "",
    )  # fmt: skip
    return "  ".join(filter(None, (left(entry.user_name, 14), entry.unit, "・".join(entry.yakuwari), span, *more)))


def _list(args: argparse.Namespace) -> None:
    from etl.shokuin import register, tenken

    rows = register.rows_of(common.acting(args), args.user)
    found, shown = tenken.summary(rows), [row for row in rows if args.unit in (None, row.unit)]
    if args.json:
        common.put_json({**asdict(found), "rows": [register.as_json(row) for row in shown]})
        return
    for state, title in STATES.items():
        those = [row for row in shown if row.state == state]
        for contractors in (False, True):
            _show(f"{title}{'（委託先）' if contractors else ''}", [row for row in those if row.contractor is contractors])
    _show_numbers(found)


def _show(title: str, rows: list[Row]) -> None:
    if rows:
        print(f"{title} {len(rows)} 件")
    for row in rows:
        print(f"  {row.touroku_id:>5}  {line_of(row.entry)}{_notes(row)}")


def _notes(row: Row) -> str:
    """Who asked, granted and ended it; what somebody should look at."""
    who = [f"申請 {row.asked_by}", *([f"付与 {row.granted_by}"] if row.granted_by else [])]
    who += [f"終了 {row.ended_by} {row.ended_on}"] if row.ended_by else []
    told = [*(["60日以内に期限"] if row.expires else []), *(["点検の期限切れ"] if row.overdue else [])]
    told += ["今年度未点検"] if row.state == "in_force" and not row.reviewed else []
    told += ["パスワード未設定"] if row.state == "in_force" and not row.proof else []
    return "  " + "  ".join(who) + "".join(f"  【{word}】" for word in told)


def _show_numbers(found: Summary) -> None:
    said = rights().users
    told = "範囲内" if found.fits else "範囲外"
    print(f"利用者 {found.users} 人（評価書 {said.at_least}人以上{said.below}人未満: {told}）、委託先 {found.contractors} 人")
    for unit, number in found.by_unit.items():
        print(f"  {unit} {number} 人")
    print(
        f"申請中 {found.asked} 件、60日以内に期限 {found.expiring} 件、今年度未点検 {found.unreviewed} 件、点検の期限切れ {found.overdue} 件"
    )


def _review(args: argparse.Namespace) -> None:
    from etl.shokuin import tenken

    if args.sign and not args.unit:
        common.usage(Refused("NP-1001", why="--sign には --unit が要ります"))
    site = common.acting(args)
    sheets = tenken.sheets(site, args.user, args.unit)
    if args.hash and args.hash not in [sheet.content_hash for sheet in sheets]:
        raise Refused("NP-1058")
    signed = tenken.sign(site, args.user, sheets[0], args.reason or "職員登録の点検") if args.sign else 0
    if args.json:
        common.put_json({"sheets": [tenken.as_json(sheet) for sheet in sheets], "signed": signed})
        return
    for sheet in sheets:
        _show_sheet(sheet)
    if signed:
        print(f"{args.unit} の {signed} 件を点検したと記録しました（署名 {args.user}）")


def _show_sheet(sheet: Sheet) -> None:
    print(f"{sheet.unit} {len(sheet.rows)} 件  ハッシュ {sheet.content_hash}")
    for row in sheet.rows:
        print(f"  {row.touroku_id:>5}  {line_of(row.entry)}{_notes(row)}")
