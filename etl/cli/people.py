"""``kokunen people``: the register of people: asked for, granted, ended, looked through; passwords and second factors."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from etl.cli import common, secret, staff
from etl.cli.common import Command, Run
from etl.core.errors import Refused, Unavailable
from etl.core.mapping.rights import rights
from etl.site import Site


def add(command: Command) -> None:
    top = command("people", _add, "職員の登録と点検").add_subparsers(required=True, metavar="すること")

    def act(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = top.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        common.at_work(made)
        return made

    _arguments_of_add(act("add", _add, "登録又は変更を申請する（別の管理者が付与するまで何も変わらない）"))
    grant = act("grant", _grant, "申請された登録を付与する（申請者とも本人とも別の管理者）")
    grant.add_argument("name", metavar="NAME", help="職員")
    grant.add_argument("--id", type=int, metavar="ID", help="申請の番号（people list にある。違えば断る）")
    grant.add_argument("--passwords", type=Path, metavar="FILE", help="作ったパスワードを、表示せずに新しいファイルへ書く")
    act("end", _end, "登録を終わらせる（異動・退職。ログイン中でも直ちに）").add_argument("name", metavar="NAME", help="職員")
    staff.add_list(act)
    staff.add_review(act)
    taken = act("import", _import, "職員の一覧（CSV）をまとめて付与する（誤りが一つでもあれば何もしない）")
    taken.add_argument("file", type=Path, metavar="FILE", help="職員の一覧。見出しは手順書13章")
    taken.add_argument("--dry-run", action="store_true", help="確かめるだけで、何も登録しない")
    taken.add_argument("--passwords", type=Path, metavar="FILE", help="作ったパスワードを、表示せずに新しいファイルへ書く")
    for name, run, text in (("password", _password, "パスワードを変える"), ("totp", _totp, "二つ目の確認（TOTP）の鍵を作り直す")):
        proof = act(name, run, text)
        proof.add_argument("name", nargs="?", metavar="NAME", help="職員（既定: 自分。ほかの職員は管理者だけ）")
        proof.add_argument("--password-stdin", action="store_true", help="今のパスワード（次の行に新しいもの）を標準入力で渡す")
        proof.add_argument("--code", metavar="NUMBER", help="今の二つ目の確認の番号")


def _arguments_of_add(add: argparse.ArgumentParser) -> None:
    add.add_argument("name", metavar="NAME", help="職員（画面の利用者名）")
    add.add_argument("--unit", required=True, metavar="UNIT", help="部署")
    add.add_argument(
        "--role", required=True, action="append", metavar="ROLE", help=f"役割（繰り返し可）: {'、'.join(rights().yakuwari)}"
    )
    add.add_argument("--from", dest="from_on", metavar="DATE", help="有効期間の初日（既定: 今日）")
    add.add_argument("--until", metavar="DATE", help="末日（作業者には要る）")
    add.add_argument("--os-user", metavar="OSUSER", help="OS の利用者名")
    add.add_argument("--numbers", action="store_true", help="個人番号を見られる")
    add.add_argument("--order", metavar="NO", help="委託の契約・指示の番号（作業者には要る）")
    add.add_argument("--totp", action="store_true", help="二つ目の確認（TOTP）を求める")


def _pages(site: Site) -> None:
    """The pages' users follow at once; a kill before is mended by whoever watches over the pages."""
    from etl.shokuin import gamen

    gamen.sync(site)


def _reason(args: argparse.Namespace) -> str:
    """Refused NP-1003 without one."""
    if not (args.reason or "").strip():
        raise Refused("NP-1003")
    return str(args.reason)


def _add(args: argparse.Namespace) -> None:
    from etl import run as runs
    from etl.shokuin import entries as e
    from etl.shokuin import register

    yes = {True: "○", False: ""}
    cells = {
        e.WHO: args.name, e.UNIT: args.unit, e.ROLES: "・".join(args.role), e.OS_USER: args.os_user or "", e.NUMBERS: yes[args.numbers],
        e.FIRST: args.from_on or str(runs.now().date()), e.LAST: args.until or "", e.ORDER: args.order or "", e.TOTP: yes[args.totp],
        e.REASON: _reason(args),
    }  # fmt: skip
    site = common.acting(args)
    with staff.flaws():
        entry = register.ask_typed(site, args.user, cells)
    if args.json:
        common.put_json(asdict(entry))
        return
    print(
        f"申請しました: {staff.line_of(entry)}\n別の管理者が kokunen people grant {entry.user_name} で付与するまで、何も変わりません。"
    )


def _grant(args: argparse.Namespace) -> None:
    from etl.shokuin import register

    reason = _reason(args)
    secret.free(args.passwords)
    site = common.acting(args)
    row, made = register.grant(site, args.user, args.name, reason, args.id)
    shown = [made] if made else []
    if args.passwords and shown:
        secret.put(args.passwords, shown)
        shown = []
    _pages(site)
    if args.json:
        common.put_json({**register.as_json(row), "made": secret.as_json(shown)})
        return
    print(f"付与しました: {staff.line_of(row.entry)}")
    secret.show(shown)


def _end(args: argparse.Namespace) -> None:
    from etl.shokuin import register

    reason = _reason(args)
    site = common.acting(args)
    register.finish(site, args.user, args.name, reason)
    _pages(site)
    if args.json:
        common.put_json({"ended": True})
        return
    print("登録を終わらせました。ログイン中でも、この時点から何もできません。")


def _import(args: argparse.Namespace) -> None:
    from etl.shokuin import register

    try:
        data = args.file.read_bytes()
    except OSError as error:
        raise Unavailable("NP-1026", volume=f"{args.file.name}・{type(error).__name__}") from None
    secret.free(args.passwords)
    site = common.acting(args)
    keep = (lambda made: secret.put(args.passwords, made)) if args.passwords else None
    with staff.flaws():
        found = register.take_in(site, args.user, data, dry=args.dry_run, keep=keep)
    if not args.dry_run:
        _pages(site)
    shown = [] if args.passwords or args.dry_run else list(found.made)
    if args.json:
        counts = {"added": found.added, "changed": found.changed, "unchanged": found.unchanged}
        common.put_json({**counts, "dry_run": args.dry_run, "made": secret.as_json(shown)})
        return
    print(
        f"新規 {found.added} 人、変更 {found.changed} 人、変更なし {found.unchanged} 人{'（確認だけ）' if args.dry_run else ''}"
    )
    secret.show(shown)


def _password(args: argparse.Namespace) -> None:
    """One's own after the present one, and somebody else's by an administrator, who sees what was made."""
    from etl.core.codec import users
    from etl.shokuin import proof

    site = common.acting(args)
    if args.name and not users.same(args.name, args.user):
        word = secret.line() if args.password_stdin else proof.new_word()
        proof.set_password(site, args.user, args.name, word, _reason(args))
        secret.show([] if args.password_stdin else [proof.Made(args.name, word, None)])
    else:
        _prove(args, site)
        word = secret.line() if args.password_stdin else secret.new()
        proof.set_password(site, args.user, args.user, word, args.reason or "本人による変更")
    _pages(site)
    print("パスワードを変えました。前のログインは使えません。")


def _totp(args: argparse.Namespace) -> None:
    from etl.core.codec import users
    from etl.shokuin import proof

    site = common.acting(args)
    if args.name and not users.same(args.name, args.user):
        made = proof.set_totp(site, args.user, args.name, _reason(args))
    else:
        _prove(args, site)
        made = proof.set_totp(site, args.user, args.user, args.reason or "本人による変更")
    if args.json:
        common.put_json(secret.as_json([made])[0])
        return
    secret.show([made])


def _prove(args: argparse.Namespace, site: Site) -> None:
    """A token that lies about is not enough to lock its owner out."""
    from etl.shokuin import proof

    word = secret.line() if args.password_stdin else secret.asked("今のパスワード")
    ask = None if args.password_stdin else (lambda: secret.asked("二つ目の確認の番号"))
    proof.check(site, args.user, word, args.code or ask)
