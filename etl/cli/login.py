"""``kokunen login``, ``logout``: who types proves who he is."""

from __future__ import annotations

import argparse

from etl.cli import common, secret
from etl.cli.common import Command


def add(command: Command) -> None:
    login = command("login", _login, "ログインする（画面と同じパスワード。8時間有効）")
    login.add_argument("--user", metavar="NAME", help="職員（既定: この OS 利用者の名前）")
    login.add_argument(
        "--password-stdin",
        action="store_true",
        help="パスワードを標準入力で渡し、トークンだけを出す（KOKUNEN_TOKEN に入れて使う）",
    )
    login.add_argument("--code", metavar="NUMBER", help="二つ目の確認の番号（既定: 要るときにたずねる）")
    logout = command("logout", _logout, "ログアウトする（直ちに使えなくなる）")
    logout.add_argument("--user", metavar="NAME", help="職員（既定: ここでログインしている全員）")


def _login(args: argparse.Namespace) -> None:
    from etl.shokuin import identity, proof

    site, user = common.ready_site(), args.user or identity.os_user()
    if args.password_stdin:
        token, _ = proof.log_in(site, user, secret.line(), args.code)
        print(token)
        return
    word = secret.asked(f"{user} のパスワード")
    token, ends = proof.log_in(site, user, word, args.code or (lambda: secret.asked("二つ目の確認の番号")))
    proof.keep(user, token)
    print(f"ログインしました（{ends:%m-%d %H:%M} まで）")


def _logout(args: argparse.Namespace) -> None:
    from etl.shokuin import proof

    print(f"ログアウトしました（{proof.log_out(common.ready_site(), args.user)} 件）")
