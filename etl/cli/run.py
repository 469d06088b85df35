"""``kokunen run``: one job for one period."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from etl.cli import common, words
from etl.cli.common import Command
from etl.core.errors import KokunenError, Refused
from etl.core.mapping import registry
from etl.core.period import period
from etl.core.receipts import Reported
from etl.site import Site


def add(command: Command) -> None:
    run = command("run", run_job, "業務を1期間分実行する")
    run.add_argument("job", metavar="JOB", choices=tuple(registry.jobs()), help="業務（下の表）")
    run.epilog = words.table("JOB（業務）", {name: job.title for name, job in registry.jobs().items()})
    run.add_argument("--period", required=True, help=common.PERIOD)
    run.add_argument("--as-known-at", type=datetime.fromisoformat, metavar="TS", help="その時点で分かっていた状態で作る")
    run.add_argument("--business-day", type=day, metavar="DATE", help="月次の作成年月日（既定: 最後に取り込んだ業務日）")
    common.at_work(run)


def day(text: str) -> date:
    """A day, written as a period is; usage (2) when it is none."""
    try:
        return period(text, "day").first
    except Refused as error:
        if error.code == "NP-1005":
            raise argparse.ArgumentTypeError("YYYY-MM-DD 又は 令和8年10月30日") from None
        raise


def run_job(args: argparse.Namespace) -> None:
    """The result of a run is printed even when a step failed; then its error."""
    from etl import jobs
    from etl import result as results
    from etl import run as runs

    job = registry.jobs()[args.job]
    try:
        jobs.parse_period(job, args.period)
    except Refused as error:
        if error.code != "NP-1005":
            raise
        print(f"{error}\n  → {error.remedy}", file=sys.stderr)
        raise SystemExit(2) from None
    site = common.acting(args)
    run_id = jobs.start(site, args.job, args.period, args.user, args.reason, args.as_known_at, business_on=args.business_day)
    with runs.alive(site, run_id):  # also between two steps
        failed = _steps(site, run_id, job)
    result = results.result(site, run_id)
    if args.json:
        common.put_json(result)
    else:
        _show_sheet(site, run_id)
    for line in results.messages(site, run_id):
        print(line, file=sys.stderr)
    if failed:
        raise failed


def _steps(site: Site, run_id: str, job: registry.Job) -> KokunenError | None:
    """All steps, up to the first that fails; its error."""
    from etl import jobs

    for name in job.steps:
        try:
            jobs.step(site, run_id, name)
        except KokunenError as error:
            return error
    return None


def _show_sheet(site: Site, run_id: str) -> None:
    """処理結果表; a run that ended before its report has none."""
    from etl import run as runs

    if report := runs.receipt(site, run_id, Reported):
        print(Path(report.text).read_text(encoding="utf-8"))
