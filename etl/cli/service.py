"""``kokunen init``, ``up``, ``down``, ``db``: the database and Airflow."""

from __future__ import annotations

import argparse

from etl.cli import common, secret
from etl.cli.common import Command
from etl.core.errors import Refused
from etl.site import default_home, init


def add(command: Command) -> None:
    made = command("init", _init, "フォルダー・鍵・データベースを準備する（--admin で最初の管理者も）")
    made.add_argument("--admin", metavar="NAME", help="最初の管理者（一度だけ）")
    made.add_argument("--os-user", metavar="OSUSER", help="最初の管理者の OS の利用者名")
    made.add_argument(
        "--password-stdin", action="store_true", help="そのパスワードを標準入力で渡す（既定: 作って一度だけ表示する）"
    )
    command("up", _up, "Airflow を立ち上げる（Ctrl-C で止める）")
    command("down", _down, "立ち上げたものを止める")
    inner = command(
        "airflow", _airflow, "Airflow の命令（backfill create、dags unpause など）をログインしている職員として実行する"
    )
    inner.add_argument("words", nargs=argparse.REMAINDER, help="Airflow の引数")
    url = (
        command("db", _db_url, "データベース")
        .add_subparsers(required=True, metavar="見るもの")
        .add_parser("url", help="業務データベースの接続先（閲覧用）")
    )
    url.add_argument("--password", action="store_true", help="パスワードも出す（管理者）")
    url.add_argument("--jobs", action="store_true", help="閲覧用ではなく業務の役割で出す（管理者）")
    url.add_argument("--as", dest="user", metavar="USER", help="職員（既定: ログインしている職員）")


def _init(args: argparse.Namespace) -> None:
    from etl.shokuin import proof, register

    if (args.os_user or args.password_stdin) and not args.admin:
        common.usage(Refused("NP-1001", why="--os-user と --password-stdin は --admin と一緒に使います"))
    word = proof.check_word(secret.line()) if args.password_stdin else None
    site = init()
    print(f"準備ができました: {site.home}")
    if args.admin:
        made = register.first(site, args.admin, word, args.os_user)
        print(f"最初の管理者を登録しました: {made.user}")
        secret.show([made] if made.password else [])


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
    from etl.shokuin import register

    if args.jobs or args.password:  # what opens a door is for who keeps the keys
        site = common.acting(args)
        register.check(site, args.user, "db_url")
    home = common.ready_site().home
    print(postgres.shown_url(home, "kokunen_app" if args.jobs else "kokunen_read", password=args.password))
