"""Shared by the commands: the options for user, unit and terminal, and one JSON object on stdout."""

from __future__ import annotations

import argparse
import getpass
import json
import os
from collections.abc import Callable
from typing import Any

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


def at_work(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that leaves a record."""
    user = os.environ.get("KOKUNEN_USER") or getpass.getuser()
    parser.add_argument("--as", dest="user", default=user, metavar="USER", help="職員（既定: KOKUNEN_USER 又は OS の利用者）")
    parser.add_argument("--reason", metavar="TEXT", help="処理事由")
    as_json(parser)


def as_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")


def put_json(content: Any) -> None:
    """One object on one line."""
    print(json.dumps(content, ensure_ascii=False, default=str))
