"""``kokunen``: the use cases of the DAGs without Airflow.

Exit status: 0 done (also when nothing was due), 2 usage, 10 SourceError, 11 DefinitionError, 12 Refused, 13 Unavailable. Errors go
to stderr with code, Japanese sentence, file, line and item; ``--json`` prints one object on stdout.
"""

from __future__ import annotations

import argparse
import csv
import getpass
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from etl.core.errors import KokunenError, Refused
from etl.core.mapping import registry
from etl.core.receipts import Reported, Sent
from etl.run import Run
from etl.site import TOKYO, Site, default_home, init, open_site


def main(argv: list[str] | None = None) -> int:
    """Parse, run, say what went wrong. Never a traceback with values: unknown errors are named by their type only."""
    args = _parser().parse_args(argv)
    logging.disable(logging.WARNING)
    try:
        args.command(args)
    except KokunenError as error:
        print(f"{error}\n  → {error.remedy}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("中断しました。", file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("KOKUNEN_DEBUG"):
            raise
        print(f"[NP-1099] 予期しない誤りです（{type(error).__name__}）。開発担当へ連絡してください。", file=sys.stderr)
        return 1
    return 0


def _site() -> Site:
    """The site with its server answering."""
    from etl.platform import postgres

    if (default_home() / "pg" / "data").exists():
        postgres.ensure(default_home())
    return open_site()


# ---- commands --------------------------------------------------------------------------------------------------------------


def _init(args: argparse.Namespace) -> None:
    site = init()
    print(f"準備ができました: {site.home}")


def _form(args: argparse.Namespace) -> None:
    from etl.core.mapping.layout import layouts
    from etl.door import papers
    from etl.edge.form import empty_form

    layout = layouts()[args.dataset]
    path = papers.put(open_site(), papers.Shelf.FORM, "", f"{layout.title}_入力票.xlsx", empty_form(layout))
    print(f"入力票を作りました: {path}\n入力したら inbox/{args.dataset}/ に {layout.file.form} の名前で置き、業務を実行してください。")


def _run(args: argparse.Namespace) -> None:
    from etl import jobs
    from etl import result as results

    try:
        jobs.parse_period(registry.jobs()[args.job], args.period)
    except Refused as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    site = _site()
    run_id = jobs.start(site, args.job, args.period, args.user, args.reason, args.as_known_at, business_on=args.business_day)
    failed: KokunenError | None = None
    for name in registry.jobs()[args.job].steps:
        try:
            jobs.step(site, run_id, name)
        except KokunenError as error:
            failed = error
            break
    result = results.result(site, run_id)
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _show_sheet(site, run_id)
    for line in results.messages(site, run_id):
        print(line, file=sys.stderr)
    if failed:
        raise failed


def _show_sheet(site: Site, run_id: str) -> None:
    from pathlib import Path

    from etl import run as runs

    if report := runs.receipt(site, run_id, Reported):
        print(Path(report.text).read_text(encoding="utf-8"))


def _approve(args: argparse.Namespace) -> None:
    from etl import approve

    site = _site()
    if args.list or not (args.all or args.id):
        return _show_pending(args, approve.pending(site, args.kind))
    ids = None if args.all else args.id
    done = approve.decide(site, args.kind, ids, args.user, "rejected" if args.reject else "approved", args.reason)
    outputs = _release_approved(site, done.pop("runs")) if args.kind in registry.releasing() and not args.reject else []
    done = {"kind": args.kind, **done, "outputs": outputs}
    if args.json:
        print(json.dumps(done, ensure_ascii=False))
        return
    print(f"承認 {done['approved']} 件、否認 {done['rejected']} 件、失効 {done['superseded']} 件")
    for file in done.get("affected", []):
        print(f"移転済みに影響: {file['period']} {file['name']}（kokuho_monthly を再実行してください）")


def _show_pending(args: argparse.Namespace, items: list[dict[str, Any]]) -> None:
    keys = ("id", "subject", "maker", "made_at", "expires_at", "run_id")
    shown = [{k: i[k] if k in ("id", "subject", "maker", "run_id") else i[k].isoformat() for k in keys} for i in items]
    if args.json:
        print(json.dumps({"kind": args.kind, "items": shown, "proposals": len(shown)}, ensure_ascii=False))
        return
    for item in shown:
        print(f"{item['id']:>8}  {item['subject']}  起案 {item['maker']} {item['made_at'][:16]}  期限 {item['expires_at'][:10]}")
    print(f"未決裁 {len(shown)} 件")


def _release_approved(site: Site, run_ids: list[str]) -> list[dict[str, Any]]:
    """An approved version goes out with its approval: the release step of the run that made it."""
    from etl import jobs

    sent = [jobs.step(site, run_id, "release") for run_id in run_ids]
    return [{k: v for k, v in asdict(o).items() if k != "findings"} for s in sent if isinstance(s, Sent) for o in s.outputs]


def _list(args: argparse.Namespace) -> None:
    from etl import ichiran

    first_on, last_on = ichiran.period_of(args.period)
    with _recorded("ichiran", args, last_on) as (site, run):
        made = ichiran.make(site, run, args.name, first_on, last_on, args.ku)
    if args.json:
        print(json.dumps({"lists": [asdict(m) for m in made]}, ensure_ascii=False))
        return
    for one in made:
        print(f"{one.title} {one.rows:,} 件  {one.path}")
    if not made:
        print("該当なし")


def _print(args: argparse.Namespace) -> None:
    from etl import ichiran, shinseisho

    first_on, last_on = ichiran.period_of(args.period)
    with _recorded("shinseisho", args, last_on) as (site, run):
        if args.uketsuke:
            made = shinseisho.of_applications(site, run, args.uketsuke)
        else:
            made = shinseisho.of_period(site, run, first_on, last_on, args.ku)
    if args.json:
        print(json.dumps({"forms": [asdict(m) for m in made]}, ensure_ascii=False))
        return
    for one in made:
        print(f"{one.ku} {one.pages:,} 枚  {one.path}")
    if not made:
        print("該当なし（所得の回答がそろった申請はありません）")


def _export(args: argparse.Namespace) -> None:
    from etl import ichiran, reconcile

    with _recorded("export", args, ichiran.period_of(args.period)[1]) as (site, run):
        rows = reconcile.export(site, run)
    if args.json:
        print(json.dumps({"period": args.period, "rows": rows}, ensure_ascii=False))
        return
    out = csv.DictWriter(sys.stdout, ("kind", "key", "outcome", "items"), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)


@contextmanager
def _recorded(job: str, args: argparse.Namespace, business_on: date) -> Iterator[tuple[Site, Run]]:
    """A run of the ledger around one command that is no job of the schedule."""
    from etl import run as runs

    site = _site()
    run_id = runs.start(site, job, args.period, args.user, args.reason or "随時", business_on=business_on, as_known_at=None, run_key=None)
    try:
        yield site, runs.get(site, run_id)
    except KokunenError as error:
        runs.finish(site, run_id, "failed", error.code)
        raise
    runs.finish(site, run_id, "done")


def _status(args: argparse.Namespace) -> None:
    site = _site()
    with site.session() as session:
        status: dict[str, Any] = session.one("ledger/status") or {}
        status |= {f"pending_{k}": 0 for k in registry.approvals()} | {f"pending_{r['kind']}": r["n"] for r in session.rows("ledger/status_pending")}
        status["worklist"] = {r["kind"]: r["n"] for r in session.rows("ledger/status_worklist")}
        status["runs"] = session.rows("ledger/status_runs")
    if args.json:
        print(json.dumps(status, ensure_ascii=False, default=str))
        return
    labels = {"persons_held": "保有者", "shikaku_open": "資格（喪失日なし）", **{f"pending_{k}": f"未決裁（{a.label}）" for k, a in registry.approvals().items()},
              "juki_shoukai_open": "住基照会（未回答）", "shotoku_shoukai_open": "所得照会（未回答）",
              "quarantined_rows": "隔離行", "audit_events": "記録"}  # fmt: skip
    for key, label in labels.items():
        print(f"{label}: {status[key]:,}")
    print("確認リスト: " + ("、".join(f"{k} {n:,}" for k, n in status["worklist"].items()) or "なし"))
    for run in status["runs"]:
        print(f"{run['started_at']:%m-%d %H:%M:%S}  {run['job']:<20} {run['period']:<10} {run['state']:<8} {run['error_code'] or ''}")


def _db_url(args: argparse.Namespace) -> None:
    print(_site().url)


def _up(args: argparse.Namespace) -> None:
    from etl import service

    service.up(default_home())


def _down(args: argparse.Namespace) -> None:
    from etl import service
    from etl.platform import postgres

    service.down(default_home())
    postgres.stop(default_home())


# ---- arguments -------------------------------------------------------------------------------------------------------------


def _moment(text: str) -> datetime:
    """ISO 8601; without a zone it is Asia/Tokyo."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=TOKYO)


def _user() -> str:
    return os.environ.get("KOKUNEN_USER") or getpass.getuser()


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="kokunen", description="国民年金事務システム バッチ")
    commands = top.add_subparsers(required=True, metavar="命令")

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        parser = commands.add_parser(name, help=text, description=text)
        parser.set_defaults(command=run)
        return parser

    def common(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--as", dest="user", default=_user(), metavar="USER", help="職員（既定: KOKUNEN_USER 又は OS の利用者）")
        parser.add_argument("--reason", metavar="TEXT", help="処理事由")
        parser.add_argument("--json", action="store_true", help="結果を JSON で出す")

    command("init", _init, "フォルダー・鍵・データベースを準備する")
    run = command("run", _run, "業務を1期間分実行する")
    run.add_argument("job", metavar="JOB", choices=tuple(registry.jobs()))
    run.add_argument("--period", required=True, help="YYYY-MM-DD 又は YYYY-MM")
    run.add_argument("--as-known-at", type=_moment, metavar="TS", help="その時点で分かっていた状態で作る")
    run.add_argument("--business-day", type=date.fromisoformat, metavar="DATE", help="月次の作成年月日（既定: 最後に取り込んだ業務日）")
    common(run)
    approve = command("approve", _approve, "起案を承認する（起案者とは別の職員）")
    approve.add_argument("kind", metavar="KIND", choices=tuple(registry.approvals()))
    which = approve.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="未決裁の一覧")
    which.add_argument("--all", action="store_true", help="すべて")
    which.add_argument("--id", type=int, action="append", metavar="ID", help="番号で選ぶ（繰り返し可）")
    approve.add_argument("--reject", action="store_true", help="承認せず否認する")
    common(approve)
    listed = command("list", _list, "一覧を作る（xlsx と PDF。作るたびに記録される）")
    listed.add_argument("name", metavar="NAME", help="mappings/ichiran.yaml の名前")
    listed.add_argument("--period", required=True, help="YYYY-MM-DD 又は YYYY-MM")
    listed.add_argument("--ku", metavar="CODE", help="受付区（既定: すべて）")
    common(listed)
    printed = command("print", _print, "免除等申請書を所得とともに印刷する（PDF。1枚ごとに記録される）")
    printed.add_argument("name", metavar="NAME", choices=("menjo_shinseisho",))
    today = datetime.now(TOKYO).date().isoformat()
    printed.add_argument("--period", default=today, help="受理年月日 YYYY-MM-DD 又は YYYY-MM（所得の回答がそろったもの。既定: 今日）")
    chosen = printed.add_mutually_exclusive_group()
    chosen.add_argument("--uketsuke", action="append", metavar="NO", help="受付番号で選ぶ（繰り返し可。回答待ちでも出す。期間は見ない）")
    chosen.add_argument("--ku", metavar="CODE", help="受付区（既定: すべて）")
    common(printed)
    form = command("form", _form, "紙の一覧を入力する入力票（xlsx）を作る")
    form.add_argument("dataset", metavar="DATASET", choices=("kikou_kekka",))
    export = command("export", _export, "突合結果を1件1行で出す（項目名のみ、値は出さない）")
    export.add_argument("what", metavar="WHAT", choices=("kikou_kekka_outcomes",))
    export.add_argument("--period", required=True, help="YYYY-MM-DD")
    common(export)
    status = command("status", _status, "今の状態を見る")
    status.add_argument("--json", action="store_true")
    database = commands.add_parser("db", help="データベース").add_subparsers(required=True)
    database.add_parser("url", help="業務データベースの接続先").set_defaults(command=_db_url)
    command("up", _up, "Airflow を立ち上げる（Ctrl-C で止める）")
    command("down", _down, "立ち上げたものを止める")
    for point in entry_points(group="kokunen.commands"):  # a checkout has the synthetic city besides
        if find_spec(point.module.partition(".")[0]):
            point.load()(command)
    return top


if __name__ == "__main__":
    sys.exit(main())
