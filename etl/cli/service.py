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
    inner = command(
        "airflow", _airflow, "Airflow の命令（backfill create、dags unpause など）をログインしている職員として実行する"
    )
    inner.add_argument("words", nargs=argparse.REMAINDER, help="Airflow の引数")
    url = (
        command("db", _db_url, "データベース")
        .add_subparsers(required=True)
        .add_parser("url", help="業務データベースの接続先（閲覧用）")
    )
    url.add_argument("--password", action="store_true", help="パスワードも出す")
    url.add_argument("--jobs", action="store_true", help="閲覧用ではなく業務の役割で出す")


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


def _airflow(args: argparse.Namespace) -> None:
    from etl import service
    from etl.shokuin import identity

    site = common.ready_site()
    service.airflow_as(site, identity.who(site, None), args.words)


def _db_url(args: argparse.Namespace) -> None:
    from etl.platform import postgres

    home = common.ready_site().home
    print(postgres.shown_url(home, "kokunen_app" if args.jobs else "kokunen_read", password=args.password))
