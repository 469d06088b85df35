"""実演の終わり: a month and a day later the originals' period is over: from the list of what is due to the certificate."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from etl import approve, jobs, retire
from etl import run as runs
from etl.core.dates import wareki
from etl.core.mapping.layout import arriving
from etl.core.receipts.house import Shredded
from etl.site import Site

WHY = "実演（保存期間の管理）"


def destroyed(site: Site, say: Callable[[str], None]) -> Path:
    """By commands, as an office may: 計画, 申請, another person's 承認, 実行, 検証, 証明. Returns the certificate."""
    over = max(layout.keep["file"].ends_on(site.today) for layout in arriving().values()) + timedelta(days=1)
    with _on(over):
        say(f"―― {wareki(over)}（受信原本の保存期間が過ぎた日） ――")
        due = next(line for line in retire.plan(site, over) if line.name == "C")
        say(f"消去の計画: 受信原本 {due.count:,} 件　{due.bytes:,} バイト（保全 {due.held:,} 件）")
        run_id = jobs.start(site, "retire_monthly", f"{over:%Y-%m}", "sousa01", WHY)
        asked = retire.ask(site, runs.get(site, run_id), ("C",))  # what the policy takes stays, to be looked at
        runs.put_receipt(site, run_id, "retire", asked)
        say(f"消去の申請 第{asked.requests[0].number}号　{asked.requests[0].items:,} 件（操作者）")
        done = approve.decide(site, "shoukyo", None, "shounin01", reason=WHY)
        left = jobs.step(site, run_id, "shred")
        assert isinstance(left, Shredded)
        gone = next(d for d in left.done if d.name == "C")
        say(f"承認 {done['approved']} 件（承認者）→ 鍵とファイルを {gone.gone:,} 件消去し、検証しました")
        jobs.step(site, run_id, "report")
    assert gone.path
    return Path(gone.path)


@contextmanager
def _on(day: date) -> Iterator[None]:
    """That day stands for today, for the exercise."""
    before = os.environ.get("KOKUNEN_TODAY")
    os.environ["KOKUNEN_TODAY"] = day.isoformat()
    try:
        yield
    finally:
        if before is None:
            del os.environ["KOKUNEN_TODAY"]
        else:
            os.environ["KOKUNEN_TODAY"] = before
