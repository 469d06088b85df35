"""``kokunen init``, ``up``, ``down``, ``db``: the database and Airflow."""

from __future__ import annotations

import argparse

from etl.cli import common
from etl.cli.common import Command
from etl.site import default_home, init


def add(command: Command) -> None:
    command("init", _init, "フォルダー・鍵・データベースを準備する")
    command("up", _up, "Airflow を立ち上げる（Ctrl-C で止める）")
    command("down", _down, "立ち上げたものを止める")
    command("db", _db_url, "データベース").add_subparsers(required=True).add_parser("url", help="業務データベースの接続先")


def _init(args: argparse.Namespace) -> None:
    print(f"準備ができました: {init().home}")


def _up(args: argparse.Namespace) -> None:
    from etl import service

    service.up(default_home())


def _down(args: argparse.Namespace) -> None:
    from etl import service
    from etl.platform import postgres

    service.down(default_home())
    postgres.stop(default_home())


def _db_url(args: argparse.Namespace) -> None:
    print(common.ready_site().url)
