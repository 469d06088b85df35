"""計画: the dry run. What is due, class by class: how many, how large, how old, what is held, until when backups keep it. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from etl.core.mapping import registry
from etl.core.shoukyo import Due
from etl.edge import db
from etl.retire import candidates, expire
from etl.retire.candidates import Candidate
from etl.site import Site


@dataclass(frozen=True)
class Line:
    """A class, or a part of one that goes by the policy. ``count``, ``bytes``, ``oldest``, ``newest``: of what would go; ``held``: what stays (保全);
    ``asked``: what a request names already; ``backups_until``: the last day on which a backup holds it still; ``readable``: whether it can be read
    there (what had a key of its own cannot)."""

    name: str
    title: str
    policy: str
    by: str
    count: int
    bytes: int
    oldest: date | None
    newest: date | None
    held: int
    asked: int
    backups_until: date
    readable: bool


def plan(site: Site, as_of: date, only: str | None = None) -> list[Line]:
    """All classes that go, or one. Refused NP-3226 for one that does not."""
    wanted = (candidates.check_class(only),) if only else candidates.BY_TWO
    with site.session() as session:
        found = [_of_class(session, site, name, as_of) for name in wanted]
        if only is None:
            found += [_of_policy(due, as_of) for due in expire.look(session, site, as_of)]
    return found


def chosen(found: Sequence[Candidate]) -> list[Candidate]:
    """What a request would name: due, not held, not asked for already."""
    return [c for c in found if not c.held and not c.asked]


def backups_until(day: date) -> date:
    """The last day on which a backup made by ``day`` is kept."""
    return registry.hokan().classes["H"].keep.ends_on(day)


def _of_class(session: db.Session, site: Site, name: str, as_of: date) -> Line:
    found, about = candidates.due(session, site, name, as_of), registry.hokan().classes[name]
    going = [c.thing for c in chosen(found)]
    days = [t.kept_from for t in going]
    return Line(
        name, about.title, candidates.policy_of(name), about.by, len(going), sum(t.bytes for t in going), min(days, default=None),
        max(days, default=None), sum(c.held for c in found), sum(c.asked and not c.held for c in found), backups_until(as_of),
        name == candidates.KOUHO,
    )  # fmt: skip


def _of_policy(due: Due, as_of: date) -> Line:
    return Line(
        due.name,
        due.title,
        due.policy,
        "policy",
        due.count,
        due.bytes,
        due.oldest,
        due.newest,
        due.held,
        0,
        backups_until(as_of),
        True,
    )
