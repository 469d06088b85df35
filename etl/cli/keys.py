"""``kokunen keys``: which keys there are, and a new one in the place of an old one. ``ROTATIONS``: a purpose and what its change does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from etl.cli import common, lists, words
from etl.cli.common import Command
from etl.site import Site

if TYPE_CHECKING:
    from etl.hokan.keys import Rotated
    from etl.run import Run

EVERY = 100  # keys between two signs of life
Rotation = Callable[[Site, "Run"], "Rotated"]


def _archive(site: Site, run: Run) -> Rotated:
    from etl.hokan import keys

    return keys.rotate(site, run, _progress)


#: purpose -> (what people read of it, what changes it)
ROTATIONS: dict[str, tuple[str, Rotation]] = {"archive": ("保管物の鍵を包む鍵。保管物は書き直さない", _archive)}


def add(command: Command) -> None:
    top = command("keys", _list, "鍵の一覧と更新").add_subparsers(required=True, metavar="すること")
    listed = top.add_parser("list", help="在る鍵（鍵そのものは出さない）", description="在る鍵（鍵そのものは出さない）")
    listed.set_defaults(command=_list)
    common.as_json(listed)
    text = "鍵を新しくする。途中で止めても、もう一度実行すれば続きから終わる"
    rotate = top.add_parser("rotate", help=text, description=text)
    rotate.set_defaults(command=_rotate)
    rotate.add_argument("purpose", metavar="PURPOSE", choices=tuple(ROTATIONS), help="鍵の種類（下の表）")
    rotate.epilog = words.table("PURPOSE（鍵の種類）", {name: title for name, (title, _) in ROTATIONS.items()})
    common.at_work(rotate)


def _list(args: argparse.Namespace) -> None:
    from etl.hokan.keys import listed

    found = listed(common.ready_site())
    if args.json:
        common.put_json({"keys": [asdict(key) for key in found]})
        return
    for key in found:
        wraps = "" if key.wraps is None else f"保管物 {key.wraps:,} 件"
        print(f"{key.key_id:<20} {'現用' if key.newest else '旧　'}  {wraps}".rstrip())


def _rotate(args: argparse.Namespace) -> None:
    with lists.recorded("keys_rotate", args) as (site, run, _):
        done = ROTATIONS[args.purpose][1](site, run)
    if args.json:
        common.put_json(asdict(done))
        return
    print(f"新しい鍵は {done.key_id} です。{done.wrapped:,} 件を包み直しました。")
    print("控えを取り、鍵の保管者に渡してください。前の鍵は、控えの中のものを読むために残します。")


def _progress(done: int, of: int) -> None:
    if done % EVERY == 0 or done == of:
        print(f"{done:,}/{of:,}", file=sys.stderr)
