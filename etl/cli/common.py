"""Shared by the commands: the options for user, unit and terminal, and one JSON object on stdout."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn
from unicodedata import normalize

from etl.core.errors import KokunenError
from etl.core.mapping.layout import codes
from etl.site import Site, default_home, open_site

PERIOD = "YYYY-MM-DD 又は YYYY-MM（令和8年10月30日・令和8年10月 とも書ける）"
Run = Callable[[argparse.Namespace], None]
Command = Callable[[str, Run, str], argparse.ArgumentParser]
Add = Callable[[Command], None]


def ready_site() -> Site:
    """The site with its server answering."""
    from etl.platform import postgres

    if (default_home() / "pg" / "data").exists():
        postgres.ensure(default_home())
    return open_site()


def acting(args: argparse.Namespace) -> Site:
    """The site, ready, and ``args.user`` as whoever has proved to be typing (``etl.shokuin.identity``)."""
    from etl import kyohi
    from etl.shokuin import identity

    site = ready_site()
    kyohi.collect(site)
    args.user = identity.who(site, args.user)
    return site


def usage(error: KokunenError) -> NoReturn:
    """What was typed wrong is a usage error, exit 2."""
    print(f"{error}\n  → {error.remedy}", file=sys.stderr)
    raise SystemExit(2)


def ward(text: str) -> str:
    """受付区 by its code or its name, whatever the width of its digits. A usage error when there is no such ward."""
    typed, wards = normalize("NFKC", text).strip(), codes("uketsuke_ku")
    found = next((c for c, name in wards.items() if typed in (c, name, name.removesuffix("役所"))), None)
    if found is None:
        known = "、".join(f"{code} {name}" for code, name in wards.items())
        raise argparse.ArgumentTypeError(f"その受付区はありません。{known} のどれかです")
    return found


def at_work(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that leaves a record."""
    parser.add_argument(
        "--as", dest="user", metavar="USER", help="職員（既定: ログインしている職員）。ログインしていない名前は断る"
    )
    parser.add_argument("--reason", metavar="TEXT", help="処理事由")
    as_json(parser)


def as_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")


def put_json(content: Any) -> None:
    """One object on one line."""
    print(json.dumps(content, ensure_ascii=False, default=str))
