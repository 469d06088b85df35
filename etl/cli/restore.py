"""``kokunen restore``: a home made again on a fresh place, and the way through its gate."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from etl.cli import common, lists, run, secret
from etl.cli.common import Command
from etl.core.errors import Refused
from etl.core.mapping.city import ZONE
from etl.site import default_home

LATEST = "latest"


def add(command: Command) -> None:
    restore = command("restore", _restore, "バックアップから、新しい場所に環境を戻す（動いている環境には戻さない）")
    restore.add_argument("--to", type=_until, metavar="TIME", help="その時点の状態（例 2026-10-30T14:00。最後までなら latest）")
    restore.add_argument("--home", type=Path, metavar="NEW", help="新しい環境のフォルダー（無いか、空）")
    restore.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER", help="バックアップの保存先（既定: KOKUNEN_BACKUP）"
    )
    restore.add_argument("--keys", type=Path, metavar="PATH", help="鍵のバックアップのファイル、又は鍵のフォルダー")
    restore.add_argument("--object-keys", type=Path, metavar="FOLDER", help="保管物の鍵の写し（既定: KOKUNEN_KEYS の objects）")
    restore.add_argument("--password-stdin", action="store_true", help="鍵のバックアップのパスワードを標準入力で渡す")
    restore.add_argument("--as", dest="user", metavar="USER", help="戻す職員")
    common.as_json(restore)
    acts = restore.add_subparsers(metavar="戻した後にすること")
    check = acts.add_parser("check", help="消去をやり直し、足りないものの一覧を作る")
    check.set_defaults(command=_check)
    check.add_argument("--restored", type=_moment, metavar="TIME", help="自庁のサーバーを、その時点に戻した")
    common.at_work(check)
    originals = acts.add_parser("originals", help="取り込み直す原本を、保管から受信フォルダーに戻す")
    originals.set_defaults(command=_originals)
    common.at_work(originals)
    accept = acts.add_parser("accept", help="一覧を読んで認め、業務を再び始められるようにする（戻した者とは別の承認者）")
    accept.set_defaults(command=_accept)
    common.at_work(accept)


def _moment(text: str) -> datetime:
    """A moment in the time of the city."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("2026-10-30T14:00 のように書くか、latest です") from None
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _until(text: str) -> datetime | str:
    """A moment, or the end of what is kept."""
    return LATEST if text == LATEST else _moment(text)


def _restore(args: argparse.Namespace) -> None:
    from etl.backup import catalog, restore
    from etl.hokan import key_copies

    if not (args.home and args.keys and args.to):
        common.usage(Refused("NP-1001", why="--to、--home、--keys が要ります"))
    word = None
    if args.keys.is_file():
        word = secret.line() if args.password_stdin else secret.asked("鍵のバックアップのパスワード")
    source = (args.source or catalog.place(default_home())).resolve()
    wanted = restore.Wanted(
        args.home.resolve(), source, args.keys.resolve(), word, None if args.to == LATEST else args.to, args.user,
        args.object_keys or key_copies.place(),
    )  # fmt: skip
    found = restore.restore(wanted, _say)
    if args.json:
        common.put_json(
            {
                "home": str(found.home),
                "backup": found.backup,
                "moment": found.moment,
                "objects": found.objects,
                "user": found.user,
            }
        )
        return
    print(
        f"戻しました: {found.home}（{found.moment:%Y-%m-%d %H:%M:%S} の状態、バックアップ {found.backup}、保管物 {found.objects:,} 個）"
    )
    print(
        "まだ何も動きません。次にすること:\n"
        f"  1. export KOKUNEN_HOME={found.home}\n"
        "  2. kokunen init\n"
        "  3. 元の環境のディスクが読めるなら、outbox と inbox を写す（一覧が詳しくなる）\n"
        "  4. kokunen restore check\n"
        "  5. 別の承認者が一覧を読み、kokunen restore accept\n"
        "  6. kokunen restore originals（取り込み直す原本を受信フォルダーに戻す）"
    )


def _check(args: argparse.Namespace) -> None:
    from etl.backup import check

    site = common.acting(args)
    if args.restored:
        check.restored_elsewhere(site, args.restored, args.user)
    args.job, args.period, args.as_known_at, args.business_day = "fukkyu", site.today.isoformat(), None, None
    args.reason = args.reason or "復旧の確認"
    run.run_job(args)


def _originals(args: argparse.Namespace) -> None:
    from etl.backup import originals

    with lists.recorded("fukkyu", args) as (site, run, _):
        found = originals.put_back(site, run)
    if args.json:
        common.put_json({"files": [{"dataset": one.dataset, "name": one.name, "period": one.period} for one in found]})
        return
    for one in found:
        print(f"{one.dataset} {one.name}（{one.period} 分）")
    print(f"原本 {len(found)} 個を受信フォルダーに戻しました。それぞれの日を期間に業務を実行すると取り込まれます。")


def _accept(args: argparse.Namespace) -> None:
    from etl import approve

    site = common.acting(args)
    done = approve.decide(site, "fukkyu", None, args.user, reason=args.reason)
    done.pop("runs")
    if args.json:
        common.put_json(done)
    elif done["approved"]:
        print("認めました。業務を再び始められます。")
    else:
        print("認めるものがありません。先に kokunen restore check を実行してください。")


def _say(line: str) -> None:
    """Progress, beside what is asked for."""
    print(line, file=sys.stderr, flush=True)
