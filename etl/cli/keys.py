"""``kokunen keys``: which keys there are and what needs them, a new one in the place of an old one, the end of one that nothing needs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from etl.cli import common, lists, words
from etl.cli.common import Command
from etl.site import Site

if TYPE_CHECKING:
    from etl.run import Run

EVERY = 100  # keys between two signs of life
WHAT = {
    "vault.kojin_no": "個人番号", "ledger.quarantine": "隔離行", "shokuin.kakunin": "二つ目の確認", "audit.event": "記録の4情報", "archive": "保管物",
}  # fmt: skip


def _archive(site: Site, run: Run) -> Any:
    from etl.hokan import keys

    return keys.rotate(site, run, _progress)


def _ours(purpose: str, site: Site, run: Run) -> Any:
    from etl import kagi

    return kagi.rotate(site, run, purpose, _progress)


#: purpose -> (what people read of it, what changes it)
ROTATIONS: dict[str, tuple[str, Callable[[Site, Run], Any]]] = {
    "archive": ("保管物の鍵を包む鍵。保管物は書き直さない", _archive),
    "kojin-no": ("個人番号の鍵。個人番号の暗号文を書き直す", partial(_ours, "kojin-no")),
    "row": ("行の鍵。隔離行と二つ目の確認を書き直す。記録の4情報は書き直せないので、前の鍵も要り続ける", partial(_ours, "row")),
}


def add(command: Command) -> None:
    top = command("keys", _list, "鍵の一覧・更新・破棄").add_subparsers(required=True, metavar="すること")
    text = "鍵と、それぞれをまだ要するものの件数（鍵そのものは出さない）"
    listed = top.add_parser("list", help=text, description=text)
    listed.set_defaults(command=_list)
    common.as_json(listed)
    text = "鍵を新しくする。途中で止めても、もう一度実行すれば続きから終わる"
    rotate = top.add_parser("rotate", help=text, description=text)
    rotate.set_defaults(command=_rotate)
    rotate.add_argument("purpose", metavar="PURPOSE", choices=tuple(ROTATIONS), help="鍵の種類（下の表）")
    rotate.epilog = words.table("PURPOSE（鍵の種類）", {name: title for name, (title, _) in ROTATIONS.items()})
    common.at_work(rotate)
    text = "何も要しなくなった鍵を手放す（別の職員が kokunen approve kagi で承認した後、もう一度実行すると鍵のファイルを消す）"
    retire = top.add_parser("retire", help=text, description=text)
    retire.set_defaults(command=_retire)
    retire.add_argument("key_id", metavar="KEY", help="鍵の名前（keys list にある。例: kojin-no-01）")
    common.at_work(retire)


def _list(args: argparse.Namespace) -> None:
    from etl.kagi import listed

    found = listed(common.ready_site())
    if args.json:
        common.put_json({"keys": [asdict(key) for key in found]})
        return
    for key in found:
        state = "破棄" if key.retired else "無い" if not key.there else "固定" if key.fixed else "現用" if key.newest else "旧　"
        uses = "、".join(f"{WHAT[use.what]} {use.n:,} 件{'' if use.rewritten else '（書き直せない）'}" for use in key.uses)
        print(f"{key.key_id:<20} {state}  {uses or '要するものなし'}")


def _rotate(args: argparse.Namespace) -> None:
    with lists.recorded("keys_rotate", args) as (site, run, _):
        done = ROTATIONS[args.purpose][1](site, run)
    if args.json:
        common.put_json(asdict(done))
        return
    made = f"{done.wrapped:,} 件を包み直しました" if args.purpose == "archive" else f"{done.written:,} 件を書き直しました"
    print(f"新しい鍵は {done.key_id} です。{made}。")
    if left := getattr(done, "left", 0):
        print(f"前の鍵のものが {left:,} 件残っています（更新の前に始まった取込）。終わってからもう一度実行してください。")
    print("控えを取り、鍵の保管者に渡してください。前の鍵は、控えの中のものを読むために残します。")


def _retire(args: argparse.Namespace) -> None:
    from etl import kagi

    with lists.recorded("keys_retire", args) as (site, run, _):
        done = kagi.retire(site, run, args.key_id)
    if args.json:
        common.put_json(asdict(done))
        return
    if done.gone:
        print(f"鍵 {done.key_id} を手放し、ファイルを消しました。控えの鍵も、鍵の保管者が廃棄してください（kokunen register）。")
    else:
        print(
            f"鍵 {done.key_id} の破棄を申請しました（承認番号 {done.approval}）。別の職員の承認の後、もう一度実行してください。"
        )


def _progress(done: int, of: int) -> None:
    if done % EVERY == 0 or done == of:
        print(f"{done:,}/{of:,}", file=sys.stderr)
