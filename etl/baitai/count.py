"""媒体の棚卸し: at the end of a month two people count the media; the month is closed when what they found is what the register says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from etl.audit import acting, close
from etl.baitai import held
from etl.core.dates import month_range
from etl.core.errors import Refused
from etl.core.law.eigyoubi import business_days
from etl.core.mapping import registry
from etl.core.mapping.daichou import registers
from etl.core.states import Daichou, Decision
from etl.daichou import entries, register
from etl.daichou.register import Flawed, Row
from etl.run import Run
from etl.site import Site

APPROVAL = "tanaoroshi"
SHOWN = 10  # serials that a subject names


@dataclass(frozen=True)
class Count:
    """What was found of a month's media. ``missing``: (number, serial) of those that should be here; ``strange``: serials that should not."""

    month: str
    here: int
    seen: int
    missing: tuple[tuple[int, str], ...]
    strange: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return bool(self.missing or self.strange)


def begins_on(month: str) -> date:
    """From when the media of a month are counted: its last business day."""
    return business_days(*month_range(date.fromisoformat(f"{month}-01")))[-1]


def propose(site: Site, run: Run, month: str, serials: Sequence[str]) -> tuple[int, Count]:
    """What somebody counted (the serials that he saw), against the register as it is: the approval that waits for who counted with him. A count
    of the month that waits is overtaken. Refused NP-4155, NP-4158, NP-3281 for what was typed."""
    if site.today < (first := begins_on(month)):
        raise Refused("NP-4155", first_on=first)
    typed, flaws = entries.serials(serials)
    with site.session() as session, session.transaction():
        mark = registers()[held.REGISTER].mark
        if flaws := [*flaws, *register.names(session, [(line, mark, text) for line, text in typed])]:
            raise Flawed(flaws)
        found = compared(month, register.rows_of(session, held.REGISTER), [text for _, text in typed])
        for waits in session.rows("baitai/counts", month=month):
            if waits["state"] == "waits":
                close(session, run, waits["approval_id"], Decision.SUPERSEDED, "後の棚卸しによる")
        content = {
            "month": month, "counted_on": str(site.today), "seen": found.seen, "missing": [n for n, _ in found.missing],
            "strange": list(found.strange),
        }  # fmt: skip
        approval: int = session.value(
            "baitai/count", count=json.dumps(content, ensure_ascii=False), subject=subject(found, site.today),
            days=registry.approvals()[APPROVAL].term, reason=run.reason, **acting(run),
        )  # fmt: skip
    return approval, found


def compared(month: str, rows: Sequence[Row], serials: Sequence[str]) -> Count:
    """What should be here and is not, what is here and should not be. One that was reported as gone and waits for a second person may be either."""
    counted = [row for row in rows if row.entry.kind in registers()[held.REGISTER].month_end]
    here = [row for row in counted if row.state == Daichou.HELD]
    either = {held.same(row.entry.mark) for row in counted if row.state == Daichou.ASKED}
    seen = {held.same(text): text for text in serials}
    known = {held.same(row.entry.mark) for row in here} | either
    missing = tuple((row.entry.number or 0, row.entry.mark) for row in here if held.same(row.entry.mark) not in seen)
    return Count(month, len(here), len(seen), missing, tuple(text for key, text in seen.items() if key not in known))


def subject(found: Count, on: date) -> str:
    """What is put before who counted with him, in one line."""
    said = f"{found.month} の媒体の棚卸し（{on} に数えた）　台帳では手元に {found.here:,} 個、あったもの {found.seen:,} 個"
    for word, serials in (("見当たらない", [mark for _, mark in found.missing]), ("台帳では手元にない", list(found.strange))):
        if serials:
            said += f"　{word}: {'、'.join(serials[:SHOWN])}" + ("ほか" if len(serials) > SHOWN else "")
    return said + ("" if found.differs else "　差異なし")


def close_month(site: Site, run: Run, month: str) -> None:
    """Two people counted, and it is as the register says. Refused NP-4156, NP-4157, NP-4158."""
    with site.session() as session, session.transaction():
        session.run("baitai/close", month=month, reason=run.reason, **acting(run))


def open_months(site: Site) -> list[str]:
    """Months that are over and not closed."""
    until = date.fromordinal(site.today.replace(day=1).toordinal() - 1)
    with site.session() as session:
        rows = session.rows("baitai/open_months", kinds=registers()[held.REGISTER].month_end, until=until)
    return [row["month"] for row in rows]
