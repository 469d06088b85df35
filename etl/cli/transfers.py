"""``kokunen transfers``: to whom somebody was given."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from etl.cli import common, lists
from etl.cli.common import Command
from etl.core.errors import Refused
from etl.core.paper.cells import cell_text

SAKI = "iten_saki"  # of mappings/ichiran.yaml
#: what is told of a file; the words that the list shows are not part of it
SHOWN = (
    "released_at", "transfer_id", "kind", "recipient", "basis", "purpose", "dataset", "title", "items", "period", "name", "version", "partner",
    "medium", "medium_no", "sent_at", "confirmed_at", "handed_on", "receiver", "receipt_no", "permission_no", "approval_id", "checker", "user_name",
)  # fmt: skip


def add(command: Command) -> None:
    acts = command("transfers", _help, "移転先（誰のデータをどこへ渡したか）").add_subparsers(
        required=True, metavar="することの種類"
    )
    text = "ある人のデータをどこへ渡したかを、すべて示す（本人からの問合せ。見たことが記録される）"
    of = acts.add_parser("of", help=text, description=text)
    of.set_defaults(command=_of)
    of.add_argument("person", metavar="宛名番号", help="15桁の数字")
    of.add_argument("--paper", action="store_true", help="移転先一覧（xlsx と PDF）も作る")
    common.at_work(of)


def _help(args: argparse.Namespace) -> None:
    """Never reached: a sub-command is required."""


def _of(args: argparse.Namespace) -> None:
    from etl import ichiran

    if not (args.person.isascii() and args.person.isdecimal() and len(args.person) == 15):
        raise Refused("NP-4191")
    if not (args.reason or "").strip():
        raise Refused("NP-1003", item="移転先の参照")
    with lists.recorded("transfers", args) as (site, run, _):
        rows, made = ichiran.of_person(site, run, SAKI, args.person, printed=args.paper)
        before = ichiran.before(site)
    if args.json:
        common.put_json({
            "files": [{name: row[name] for name in SHOWN} for row in rows], "paper": made and asdict(made), "before": before,
        })  # fmt: skip
        return
    for row in rows:
        _say(row)
    print(f"{len(rows):,} 件" if rows else "該当なし")
    if before["files"]:
        print(
            f"この記録は {cell_text(before['until'])} より後に出たファイルのものです。それまでに出た {before['files']:,} ファイルは、誰を含むかが分かりません。"
        )
    if made:
        print(made.path)


def _say(row: dict[str, Any]) -> None:
    """A file on four lines."""
    what, way, who = (" ".join(row[name].split()) for name in ("data_label", "channel_label", "people_label"))
    purpose, *basis = row["ground_label"].splitlines()
    print(f"{cell_text(row['released_at'])}　{row['recipient_label']}")
    print(f"    {what}　{row['name']}")
    print(f"    目的 {purpose}　根拠 {'、'.join(basis) or '記録なし'}　許可 {row['permission_no'] or '記録なし'}")
    print(f"    {way}　職員 {who}")
