"""送出物と帳票: an encrypted copy of everything that left or was made for people, beside its clear one, which goes later (``clear``)."""

from __future__ import annotations

from collections.abc import Iterator

from etl.core.errors import Unavailable
from etl.core.mapping import registry
from etl.core.mapping.keep import Period
from etl.core.mapping.transfers import transfers
from etl.door import lying
from etl.door.lying import Lying
from etl.edge import db
from etl.hokan import clear, store
from etl.hokan.store import Thing
from etl.run import Run
from etl.site import Site

AT_ONCE = 50  # objects that are recorded in one transaction


def copies(site: Site, run: Run) -> int:
    """What lies in the outbox and is not in the archive yet, whoever made it; and what was handed over goes. How many were taken in; none where
    another run is at it just now, which takes all. Unavailable NP-1026, NP-3205, NP-3206."""
    with site.session() as session:
        try:
            with db.locked(session, "hokan"):
                return take(session, site, run)
        except Unavailable as error:
            if error.code != "NP-1021":
                raise
            return 0


def take(session: db.Session, site: Site, run: Run) -> int:
    """The same, under the lock ``hokan``."""
    store.finish(session, site)
    things = [*_sent(session, site), *_papers(session, site)]
    session.commit()
    for begin in range(0, len(things), AT_ONCE):
        store.keep(session, site, run, things[begin : begin + AT_ONCE])
    clear.handed(session, site)
    return len(things)


def _sent(session: db.Session, site: Site) -> Iterator[Thing]:
    datasets = [row.dataset for row in transfers().values()]
    return (_thing(site, one, "D", registry.hokan().classes["D"].keep) for one in lying.sent(session, site, datasets))


def _papers(session: db.Session, site: Site) -> Iterator[Thing]:
    about = registry.hokan().classes["B"]
    there = list(lying.papers(site))
    origins = [one.path.relative_to(site.home).as_posix() for one in there]
    known = {(row["origin"], row["sha256"]) for row in session.rows("hokan/kept", origins=origins)}
    for origin, one in zip(origins, there, strict=True):
        if one.sha256 and (origin, one.sha256) not in known:
            yield _thing(site, one, "B", (about.personal or about.keep) if one.personal else about.keep)


def _thing(site: Site, one: Lying, kind: str, keep: Period) -> Thing:
    return Thing(
        path=one.path, kind=kind, dataset=one.dataset, period=one.period, name=one.path.name, personal=one.personal, sha256=one.sha256,
        kept_from=site.today, keep=keep, output_id=one.output_id,
    )  # fmt: skip
