"""取込の前半: a file's records become rows of ``staging``. Out of scope is dropped, unchanged is counted, errors are set aside.

For people we may not hold, only a row count is kept. 個人番号 never reaches staging: it is turned into HMAC and ciphertext on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from etl.core.mapping.load import Reader
from etl.edge import failpoint
from etl.edge.db import Session
from etl.ingest.inbound import Inbound
from etl.ingest.stage import answers, csv, medium, register
from etl.ingest.staged import Staged, check_limit
from etl.site import Site

#: ``load.reader`` -> who reads
READERS: dict[Reader, Callable[[Session, Site, Inbound], Staged]] = {
    "by_hash": register.read, "csv": csv.read, "medium": medium.read, "asked": answers.read,
}  # fmt: skip


def fill(session: Session, site: Site, inbound: Inbound) -> Staged:
    """Fill ``staging.<dataset>`` with the rows that may enter. SourceError when header, trailer, .end and records disagree,
    or when too much is wrong (NP-2012)."""
    dataset, load = inbound.layout.dataset, inbound.layout.load
    clear(session, dataset)
    failpoint.reached("staging emptied")
    staged = READERS[load.reader](session, site, inbound)
    check_limit(inbound, staged.errors)
    if staged.suspects:  # else nothing but scans follows, and those need no statistics
        session.run("ingest/analyze", names={"table": f"staging.{dataset}"})
    session.commit()
    failpoint.reached("staged")
    return staged


@contextmanager
def emptied(session: Session, dataset: str) -> Iterator[None]:
    """Nothing of a person stays behind in staging, however the block ends; what a run that was killed left goes first."""
    clear(session, dataset)
    try:
        yield
    except BaseException:
        with suppress(Exception):  # the connection may be what failed: then the next run empties it
            session.connection.rollback()
            clear(session, dataset)
        raise
    clear(session, dataset)


def clear(session: Session, dataset: str) -> None:
    session.run("ingest/clear", names={"dataset": dataset})
    session.commit()
