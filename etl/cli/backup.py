"""``kokunen backup``: taken, listed, tried, the keys' own, and what is over."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from etl.cli import common, lists, secret
from etl.cli.common import Command
from etl.core.paper.backup import KINDS
from etl.site import default_home


def add(command: Command) -> None:
    backup = command("backup", _take, "バックアップを取る（曜日の規則で全体又は増分。暗号化して保存先へ）")
    backup.add_argument("--full", action="store_true", help="全体を取る")
    common.at_work(backup)
    acts = backup.add_subparsers(metavar="すること")
    for name, run, text in (
        ("wal", _wal, "PostgreSQL の WAL のうち、まだのものを暗号化して保存先へ移す（立ち上げている間は自動）"),
        ("list", _list, "バックアップの一覧（いつ、種類、元、大きさ、検証、保存期限）"),
        ("verify", _verify, "試しに復元し、件数と記録の末尾を比べる"),
        ("prune", _prune, "保存期間の過ぎたものを消す（新しいものが要るものは残す）"),
        ("keys", _keys, "鍵だけのバックアップを、パスワードで暗号化して別の所に作る"),
    ):
        act = acts.add_parser(name, help=text, description=text)
        act.set_defaults(command=run)
        if name in ("wal", "list"):
            common.as_json(act)
        else:
            common.at_work(act)
        if name == "verify":
            act.add_argument("--id", metavar="ID", help="バックアップの番号（既定: 最も新しいもの）")
        if name == "keys":
            act.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="データとは別の媒体のフォルダー")
            act.add_argument(
                "--password-stdin", action="store_true", help="パスワードを標準入力で渡す（既定: 作って一度だけ表示する）"
            )


def _take(args: argparse.Namespace) -> None:
    from etl.backup import take

    with lists.recorded("backup", args) as (site, run, _):
        made = take.take(site, run, full=args.full)
    if args.json:
        common.put_json(made.__dict__)
    else:
        print(f"バックアップしました: {made.id}（{KINDS[made.kind]}、{made.bytes:,} バイト、保管物 {made.objects:,} 個）")


def _wal(args: argparse.Namespace) -> None:
    from etl.backup import wal

    sealed = wal.seal(default_home())
    common.put_json({"segments": sealed}) if args.json else print(f"WAL を {sealed} 本、暗号化して移しました")


def _list(args: argparse.Namespace) -> None:
    from etl.backup import take

    rows = take.listed(default_home())
    if args.json:
        common.put_json({"backups": rows})
        return
    for row in rows:
        tried = f"検証 {row['verified']:%Y-%m-%d %H:%M}" if row["verified"] else "未検証"
        on = f"{row['parent']} からの" if row["parent"] else ""
        print(
            f"{row['id']}  {row['moment']:%Y-%m-%d %H:%M:%S}  {on}{KINDS[row['kind']]}  {row['bytes']:,} バイト  {tried}  {row['kept_until']} まで保存"
        )
    print(f"バックアップ {len(rows)} 個")


def _verify(args: argparse.Namespace) -> None:
    from etl.backup import verify

    with lists.recorded("backup", args) as (site, run, _):
        found = verify.verify(site, run, _say, args.id)
    if args.json:
        common.put_json(found.__dict__)
    else:
        print(
            f"検証しました: {found.id}（{found.chain} 個から復元、{found.tables} 表 {found.rows:,} 行と記録の末尾 {found.head} が一致）"
        )


def _prune(args: argparse.Namespace) -> None:
    from etl.backup import prune

    with lists.recorded("backup", args) as (site, run, _):
        found = prune.prune(site, run)
    if args.json:
        common.put_json(found.__dict__)
    else:
        print(
            f"期限切れ: バックアップ {found.backups} 個、WAL {found.segments} 本、消去済みの保管物の写し {found.objects} 個を消しました"
        )


def _keys(args: argparse.Namespace) -> None:
    from etl.backup import keys

    word = secret.line() if args.password_stdin else None
    with lists.recorded("backup_keys", args) as (site, run, _):
        made = keys.make(site, run, args.to, word)
    if args.json:
        common.put_json({"file": str(made.path), "keys": made.keys, "objects": made.objects, "password": made.password})
        return
    print(f"鍵のバックアップを作りました: {made.path}（鍵 {made.keys} 個、うち保管物の鍵 {made.objects} 個）")
    if made.password:
        print(f"パスワード: {made.password}\nこの一度だけ表示します。封筒に入れ、ファイルとは別の金庫に保管してください。")
    print("この後に消去した保管物の鍵も、この中には残ります。作り直したら、古いファイルは媒体ごと消去してください。")


def _say(line: str) -> None:
    """Progress, beside what is asked for."""
    print(line, file=sys.stderr, flush=True)
