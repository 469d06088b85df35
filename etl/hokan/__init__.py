"""保管: what came, left or was made is kept encrypted, each object with its own key; the clear file goes when that is done and told.

A thing's way: written beside a note of it → read back and compared → ledger row and record in one transaction → the clear file gone. Wherever it
is cut off, the next run ends it: what has no row goes, what has one stays, and its clear file goes (``store.finish``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from etl.core.mapping import registry
from etl.core.mapping.layout import arriving
from etl.core.receipts.house import Archived
from etl.edge import db
from etl.hokan import clear, inbound, outbound, store
from etl.hokan.clear import Handed
from etl.hokan.outbound import copies
from etl.run import Run
from etl.site import Site

__all__ = ["Handed", "archive", "clear_papers", "copies", "hand_over", "hand_over_with", "take_all"]


def archive(site: Site, run: Run) -> Archived:
    """保管: every file of the job's datasets that lies in its inbox and is in by the ledger. Unavailable NP-1021 when one is being loaded,
    NP-1026 when the archive cannot be written (its disk is full: the clear file stays), NP-3205, NP-3206; SourceError NP-3204."""
    return _originals(site, run, registry.jobs()[run.job].reads)


def _originals(site: Site, run: Run, datasets: Sequence[str]) -> Archived:
    with site.session() as session, db.locked(session, *datasets):
        store.finish(session, site)
        kept = [inbound.put_away(session, site, run, dataset) for dataset in datasets]
    return Archived(originals=sum(k.originals for k in kept), cleared=sum(k.cleared for k in kept))


def take_all(site: Site, run: Run) -> tuple[Archived, int]:
    """Originals of every job, then copies of files and papers: what an installation of before has lying about; how many of each. As above."""
    return _originals(site, run, list(arriving())), copies(site, run)


def hand_over(site: Site, run: Run, handed: Sequence[Handed]) -> None:
    """引渡し: what left is somebody else's now; its copies first, then its clear parts go. Unavailable NP-1021 when the archive is being filled, and as
    above; Refused as ``clear.hand_over``: those before it in the list are registered."""
    with site.session() as session, db.locked(session, "hokan"):
        outbound.take(session, site, run)
        for one in handed:
            clear.hand_over(session, site, run, one)


def hand_over_with(site: Site, run: Run, handed: Sequence[Handed], also: Callable[[db.Session], None]) -> None:
    """The same, with something else that is of the same act: all of it, or nothing."""
    with site.session() as session, db.locked(session, "hokan"):
        outbound.take(session, site, run)
        clear.hand_over_with(session, site, run, handed, lambda: also(session))


def clear_papers(site: Site, today: date) -> int:
    """Clear papers that lay long enough beside their encrypted copies go (``hokan.yaml``: clear); how many. Unavailable NP-1021."""
    with site.session() as session, db.locked(session, "hokan"):
        return clear.clear_papers(session, site, today)
