"""月: what one recipient gets for one month, as known at a moment; and the versions of it that there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from etl.core.dates import month_range
from etl.core.mapping.transfers import Transfer
from etl.core.period import Period
from etl.core.states import Decision
from etl.door.parcel import Chosen, Parcel, choose, pack
from etl.edge import db
from etl.site import Site

DEFAULT_REASON = "定期処理"


@dataclass(frozen=True)
class Month:
    """A month ``YYYY-MM`` of a row of the registry."""

    chosen: Chosen
    period: str
    known_at: datetime

    def parcel(self, version: int, created_on: date) -> Parcel:
        """The month as a file. Refused NP-2103 when a row cannot be written."""
        first = date.fromisoformat(f"{self.period}-01")
        return pack(self.chosen, period=self.period, created_on=created_on, known_at=self.known_at, version=version, month=first)


def select(site: Site, row: Transfer, period: str, known_at: datetime) -> Month:
    """The month as known at a moment (spec 5)."""
    first, last = month_range(date.fromisoformat(f"{period}-01"))
    return Month(choose(site, row, month_first=first, month_last=last, known_at=known_at), period, known_at)


def business_day(site: Site, period: Period) -> date:
    """The day a monthly run is about unless given: the latest business day taken in, else the month's last, or today in a month that goes on."""
    with site.session() as session:
        return session.value("transfer/business_day") or min(period.last, max(period.first, site.today))


@dataclass(frozen=True)
class Version:
    """A row of ledger.output and what was decided about it; ``expired``: nobody decided in time."""

    output_id: int
    version: int
    name: str
    rows: int
    sha256: str
    body_sha256: str
    created_on: date
    known_at: datetime
    approval_id: int | None
    released_at: datetime | None
    decision: Decision | None
    expired: bool

    @property
    def waits(self) -> bool:
        """Not released, and neither rejected nor overtaken."""
        return self.released_at is None and self.decision in (None, Decision.APPROVED)


def versions_of(session: db.Session, row: Transfer, period: str) -> list[Version]:
    """The versions of a period, in order."""
    found = session.rows("ledger/outputs", dataset=row.dataset, period=period)
    session.commit()
    return [Version(**{name: r[name] for name in Version.__dataclass_fields__}) for r in found]
