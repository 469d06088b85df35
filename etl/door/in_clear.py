"""個人番号の読出し: in clear for a file that may have it, by the log-in that reads numbers and nothing else (P57)."""

from __future__ import annotations

from etl.audit import acting
from etl.core.states import Operation
from etl.edge import db
from etl.run import Run
from etl.site import Site


def numbers(site: Site, run: Run, kojin_ids: list[int | None], purpose: Operation) -> list[str | None]:
    """Those of the vault's ids, in their order. Each reading is an event of its own, with what it is for, committed before the number is given."""
    with site.session("numbers") as session:
        with session.transaction():
            records = [_recorded(session, run, kojin_id, purpose) for kojin_id in kojin_ids]
        with session.transaction():  # a number is read when the record of its reading can no longer be undone
            return [_in_clear(session, site, event, purpose) for event in records]


def _recorded(session: db.Session, run: Run, kojin_id: int | None, purpose: Operation) -> int | None:
    """The event of a reading: who, why, and of whom."""
    if kojin_id is None:
        return None
    event: int = session.value("inquire/kojin_no_ask", kojin_id=kojin_id, purpose=purpose, **acting(run))
    return event


def _in_clear(session: db.Session, site: Site, event_id: int | None, purpose: Operation) -> str | None:
    """For the file alone; once for each event."""
    if event_id is None:
        return None
    row = session.one("inquire/kojin_no", event_id=event_id, purpose=purpose) or {}
    return site.keys.decrypt(row["key_id"], bytes(row["cipher"])).decode("ascii")
