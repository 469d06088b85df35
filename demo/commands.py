"""``kokunen synth``, ``synth-people`` and ``demo``: commands that a checkout has and an installation of the product alone has not."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date

from etl.site import default_home

Command = Callable[[str, Callable[[argparse.Namespace], None], str], argparse.ArgumentParser]


def add(command: Command) -> None:
    """Add them to the command line (entry point of the group ``kokunen.commands``)."""
    made = command("synth", _synth, "架空の市を作る")
    made.add_argument("--residents", type=int, required=True)
    made.add_argument("--seed", type=_seed, default=1)
    made.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    made.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DATE")
    made.add_argument("--json", action="store_true")
    people = command("synth-people", _people, "架空の市の職員を登録し、この端末でログインしておく")
    people.add_argument(
        "more", nargs="*", type=_somebody, metavar="NAME=ROLE", help="加える職員と役割（例: tanaka=操作者・承認者）"
    )
    shown = command("demo", _demo, "架空の市で一通り動かす")
    shown.add_argument("--residents", type=int, default=20_000)


def _somebody(text: str) -> tuple[str, str]:
    """A name and its roles."""
    name, _, role = text.partition("=")
    if not (name and role):
        raise argparse.ArgumentTypeError("名前=役割 のように書きます")
    return name, role


def _seed(text: str) -> int:
    """Whole and not negative: what the generators of random numbers take."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("種は0以上の整数です")
    return int(text)


def _people(args: argparse.Namespace) -> None:
    from demo.people import log_in
    from etl.cli.common import ready_site

    print(f"ログインしました: {'、'.join(log_in(ready_site(), dict(args.more)))}")


def _synth(args: argparse.Namespace) -> None:
    from city import synth
    from etl.edge import modes

    modes.prepare(default_home())
    made = synth(default_home(), args.residents, args.seed, args.first, args.last)
    print(json.dumps(made, ensure_ascii=False, default=str) if args.json else f"架空の市を作りました: {default_home() / 'inbox'}")


def _demo(args: argparse.Namespace) -> None:
    from demo.month import demo

    demo(default_home(), args.residents)
