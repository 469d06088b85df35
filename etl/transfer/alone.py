"""最初の版: whether a month may leave by itself. Why it may not is said on 処理結果表 and on the approval that it then needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from etl.core.dates import month_range, wareki
from etl.core.law.eigyoubi import business_days
from etl.core.mapping import registry
from etl.core.mapping.daichou import registers
from etl.core.mapping.transfers import Transfer
from etl.core.states import Decision
from etl.core.suite.findings import Finding
from etl.edge import db
from etl.run import Run
from etl.transfer.month import Month, Version

SHOWN = 5  # days that are named


def why_not(
    session: db.Session, run: Run, month: Month, versions: Sequence[Version], findings: Sequence[Finding]
) -> tuple[str, ...]:
    """The reasons, in words; none: the month is over, was taken in whole, nothing about it is open, its suite passed, and there are rows."""
    first, last = month_range(date.fromisoformat(f"{month.period}-01"))
    reasons = ["業務日が離れた実行"] if run.apart else []
    if run.day <= last:
        reasons.append(f"月が終わっていない（業務日 {wareki(run.day)}）")
    reasons += _unread(session, month.chosen.row, first, min(last, run.day))
    reasons += _open(session, last) + _uncounted(session, month.chosen.row, first)
    session.commit()
    if not month.chosen.rows.num_rows:
        reasons.append("0件")
    else:
        reasons += [f"検証の注意（{f.label} {f.unexpected}/{f.checked} 件）" for f in findings if not f.passed]
    if any(v.decision == Decision.REJECTED for v in versions):
        reasons.append("否認された版がある")
    return tuple(reasons)


def _unread(session: db.Session, row: Transfer, first: date, last: date) -> list[str]:
    """Business days of the month that a dataset of ``needs`` lacks, from the first one on that was ever taken in."""
    found = []
    for dataset in row.job.needs:
        taken = {r["business_on"] for r in session.rows("transfer/taken_in", dataset=dataset)}
        begins = max(first, min(taken, default=first))
        if missing := [d for d in business_days(begins, last) if d not in taken]:
            named = "、".join(f"{d.month}月{d.day}日" for d in missing[:SHOWN]) + ("ほか" if len(missing) > SHOWN else "")
            found.append(f"取り込んでいない業務日 {len(missing)} 日（{named}）")
    return found


def _open(session: db.Session, last: date) -> list[str]:
    """Approvals that nobody has decided and that may still change the month."""
    rows = session.rows("transfer/open_approvals", month_last=last)
    said = "、".join(f"{registry.approvals()[r['kind']].label} {r['n']:,} 件" for r in rows)
    return [f"未決裁の起案（{said}）"] if said else []


def _uncounted(session: db.Session, row: Transfer, first: date) -> list[str]:
    """Media of the month before that nobody closed, of what goes onto a medium; none where no medium was in the register then."""
    if row.channel.kind == "sftp":
        return []
    before = first - timedelta(days=1)
    rows = session.rows("baitai/open_months", kinds=registers()["baitai"].month_end, until=before)
    return ["前月の媒体の棚卸しが済んでいない"] if any(r["month"] == f"{before:%Y-%m}" for r in rows) else []
