"""見えるもの: a recipient's view of the database, through its own log-in: the permitted items of its subjects, and nothing else (P57, P59)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from etl.core.mapping.transfers import Transfer
from etl.edge import db
from etl.site import Site


@contextmanager
def seen(site: Site, row: Transfer, **params: date | datetime | str) -> Iterator[db.Session]:
    """A session of the row's log-in whose views answer with these parameters. Unavailable NP-1030, NP-1092."""
    with site.session(row.view) as session:
        for name, value in params.items():
            session.value("transfer/setting", name=name, value=str(value))
        yield session
