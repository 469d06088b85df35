"""``kokunen partner``: where the partners' servers are, and whether they can be reached."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from etl.cli import common, lists, words
from etl.cli.common import Command
from etl.core.errors import Refused
from etl.core.mapping.partners import partners
from etl.core.paper.cells import cell_text
from etl.core.paper.soushin import STATES


def add(command: Command) -> None:
    made = command("partner", _help, "相手先（システム連携基盤の先のサーバー）の登録と確認")
    made.epilog = words.table("NAME（相手先）", {name: about.title for name, about in partners().items()})
    acts = made.add_subparsers(required=True, metavar="することの種類")
    text = "相手先のサーバーを登録する（別の職員が kokunen approve aitesaki で承認するまで、今のものが有効）"
    put = acts.add_parser("set", help=text, description=text)
    put.set_defaults(command=_set)
    put.add_argument("name", metavar="NAME", help="相手先")
    put.add_argument("--host", required=True, help="番地（名前又は IP）")
    put.add_argument("--port", type=int, default=22, help="ポート（既定: 22）")
    put.add_argument("--user", dest="login", required=True, metavar="USER", help="相手先での利用者名")
    put.add_argument(
        "--host-key",
        required=True,
        metavar="KEY",
        help="相手先から別の方法（文書・電話）で受け取ったサーバーの鍵「ssh-ed25519 AAAA…」",
    )
    put.add_argument("--folder", required=True, help="相手先のフォルダー")
    common.at_work(put)
    text = "つないで鍵を確かめ、試しに書いて、読んで、消す（業務のデータは送らない）"
    check = acts.add_parser("check", help=text, description=text)
    check.set_defaults(command=_check)
    check.add_argument("name", metavar="NAME", help="相手先")
    common.at_work(check)
    text = "送ったファイルの再送を起案する（同じ名前・同じ内容。別の職員が kokunen approve saisou で承認すると、次の実行が送る）"
    resend = acts.add_parser("resend", help=text, description=text)
    resend.set_defaults(command=_resend)
    resend.add_argument("file", metavar="FILE", help="送ったファイルの名前")
    common.at_work(resend)
    text = "次の実行が送るもの、送ったが受領が確認できないもの"
    waits = acts.add_parser("waiting", help=text, description=text)
    waits.set_defaults(command=_waiting)
    common.as_json(waits)
    listed = acts.add_parser("list", help="相手先と今のサーバー", description="相手先と今のサーバー")
    listed.set_defaults(command=_list)
    common.as_json(listed)


def _help(args: argparse.Namespace) -> None:
    """Never reached: a sub-command is required."""


def _set(args: argparse.Namespace) -> None:
    from etl import aitesaki, soushin

    place = aitesaki.Place(args.name, args.host, args.port, args.login, " ".join(args.host_key.split()[:2]), args.folder)
    aitesaki.check(place)
    with lists.recorded("partner_set", args) as (site, run, _):
        approval, public = aitesaki.propose(site, run, place)
    if args.json:
        common.put_json({"approval": approval, "public_key": public})
        return
    print(
        f"登録を起案しました（承認番号 {approval}）。別の職員が kokunen approve aitesaki --list で確かめ、決めるまで何も変わりません。"
    )
    print(f"相手先に渡す当方の公開鍵: {public}")
    if unsent := sum(one.partner == args.name and one.state == "unsent" for one in soushin.waiting(site)):
        print(
            f"承認されると、未送信のファイル {unsent:,} 件を次の実行が送ります（kokunen partner waiting）。手で渡したものは、先に引渡しを登録してください。"
        )


def _check(args: argparse.Namespace) -> None:
    from etl import aitesaki

    with lists.recorded("partner_check", args) as (site, run, _):
        found = aitesaki.try_out(site, run, args.name)
    if args.json:
        common.put_json(asdict(found))
    else:
        print(
            f"つながりました: {args.name}　鍵は登録のとおり　ファイル {found.files:,} 個　試しの書込み・読込み・消去ができました"
        )


def _resend(args: argparse.Namespace) -> None:
    from etl import soushin

    if not (args.reason or "").strip():
        raise Refused("NP-1003", file=args.file)
    with lists.recorded("partner_resend", args) as (site, run, _):
        approval = soushin.propose(site, run, args.file)
    if args.json:
        common.put_json({"approval": approval})
    else:
        print(f"再送を起案しました（承認番号 {approval}）。別の職員が kokunen approve saisou で決め、次の実行が送ります。")


def _waiting(args: argparse.Namespace) -> None:
    from etl import soushin

    found = soushin.waiting(common.ready_site())
    if args.json:
        common.put_json({"files": [asdict(one) for one in found]})
        return
    for one in found:
        term = f"　期限 {cell_text(one.due_on)}" if one.due_on else ""
        print(f"{STATES[one.state]}　{one.name}　{partners()[one.partner].title}　{one.attempt}回目{term}")
    if not found:
        print("該当なし")


def _list(args: argparse.Namespace) -> None:
    from etl import aitesaki

    known = aitesaki.listed(common.ready_site())
    if args.json:
        common.put_json({"partners": [_as_json(name, known.get(name)) for name in partners()]})
        return
    for name, about in partners().items():
        if one := known.get(name):
            p = one.place
            by = f"登録 {one.maker}　承認 {one.checker}（{cell_text(one.decided_at)}）"
            print(f"{name:<16} {about.title}　{p.login}@{p.host}:{p.port}　{p.folder}　{by}")
        else:
            print(f"{name:<16} {about.title}　未登録")


def _as_json(name: str, one: Any) -> dict[str, Any]:
    found = {"name": name, "title": partners()[name].title}
    return found | (
        {**asdict(one.place), "maker": one.maker, "checker": one.checker, "decided_at": one.decided_at} if one else {}
    )
