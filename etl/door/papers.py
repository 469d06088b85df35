"""紙: lists and sheets of the house, on their shelves under ``outbox/``. The caller makes the content; it is placed here.

What shows persons is ``recorded``: it lies aside (``aside/`` of the home) until its record is committed, and only then in its place. So
there is no paper without a record; a record whose paper was cut off is finished by the next command, or said to be lost (``finish``).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from etl.core.errors import KokunenError, Refused
from etl.core.paper.cells import Heading
from etl.edge import atomic, db, failpoint
from etl.run import Run
from etl.site import Site, say


class Shelf(StrEnum):
    """The shelves, each with what lies on it."""

    SHORI_KEKKA = "shori_kekka"  # 処理結果表, by period
    ICHIRAN = "ichiran"  # lists for people, by period; ``shounin``: what an approval affects
    SHINSEISHO = "shinseisho"  # printed forms, by period
    SHOTOKU_TSUCHI = "shotoku_tsuchi"  # notices to the sender of answers, by period
    TEISEI_IRAI = "teisei_irai"  # what a source office is asked to mend, by period
    SHOUKYO = "shoukyo"  # lists of what is to go, certificates of what went, by period
    TOUROKUBO = "tourokubo"  # 取扱マニュアル and 変更箇所 of the registry, by day
    SHINTATSU = "shintatsu_kami"  # what a report to 日本年金機構 is looked through by, and what goes with its medium, by day
    FORM = "form"  # empty forms to be keyed


def heading(run: Run, about: str = "") -> tuple[str, ...]:
    """The lines over a list that a run makes."""
    return Heading(run.unit, run.user_name, run.started_at, run.reason, run.run_id, about).lines


def put(site: Site, shelf: Shelf, place: str, name: str, content: bytes) -> Path:
    """Place a sheet that shows nobody, or whose record is committed already, under ``outbox/<shelf>/<place>/``, whole or not at all; a sheet
    of the same name is replaced. Unavailable NP-1026."""
    path = at(site, shelf, place, name)
    atomic.write(path, content)
    return path


def at(site: Site, shelf: Shelf, place: str, name: str) -> Path:
    """Where a sheet lies."""
    return site.outbox / shelf / place / name


@dataclass(frozen=True)
class Paper:
    """A paper with its hash: where it will lie, and where it lies until its record is committed."""

    path: Path
    sha256: str
    aside: Path


class Sheaf:
    """The papers of one transaction."""

    def __init__(self, session: db.Session, site: Site):
        self.session, self.site = session, site
        self.papers: list[Paper] = []

    def put(self, run: Run, path: Path, content: bytes, *, anew: bool = False) -> Paper:
        """Lay a paper aside. ``anew``: another one of that name is left as it is, and this one gets a name of its own. Unavailable NP-1026."""
        aside = folder(self.site) / f"{run.run_id}-{secrets.token_hex(8)}"
        made = Paper(_free(path, content) if anew else path, hashlib.sha256(content).hexdigest(), aside)
        self.papers.append(made)
        atomic.write(aside, content)
        where = made.path.relative_to(self.site.outbox).as_posix()
        self.session.run("ledger/paper_put", run_id=run.run_id, path=where, aside=aside.name, sha256=made.sha256)
        return made

    def discard(self) -> None:
        for paper in self.papers:
            paper.aside.unlink(missing_ok=True)

    def place(self) -> None:
        """Each in its place, after the commit."""
        for paper in self.papers:
            _place(self.session, paper)


@contextmanager
def recorded(session: db.Session, site: Site) -> Iterator[Sheaf]:
    """One transaction with its papers. When it does not come to its commit there are none; after it they are in their places.

    A commit that breaks off leaves them aside: whether it happened is asked of the database by ``finish``.
    """
    sheaf = Sheaf(session, site)
    with session.transaction():
        session.run("ledger/papers_writing")
        try:
            yield sheaf
        except BaseException:
            sheaf.discard()
            raise
    if sheaf.papers:
        failpoint.reached("papers recorded")
        sheaf.place()
        failpoint.reached("papers placed")


def finish(site: Site) -> list[KokunenError]:
    """What commands that were cut off left aside: with a record it is put in its place, without one it goes. NP-2107 for each that is lost."""
    with site.session() as session:
        with session.transaction():
            if not session.value("ledger/papers_alone"):  # somebody writes now, and the next command looks again
                return []
            waiting = session.rows("ledger/papers_waiting")
            known = {row["aside"] for row in waiting}
            for left in folder(site).glob("*"):
                if left.name not in known and left.is_file():
                    left.unlink(missing_ok=True)
        papers = [Paper(site.outbox / row["path"], row["sha256"], folder(site) / row["aside"]) for row in waiting]
        lost = [paper for paper in papers if not _place(session, paper)]
    return [Refused("NP-2107", file=paper.path.relative_to(site.outbox).as_posix()) for paper in lost]


def tidy(site: Site) -> None:
    """What commands before this one left unfinished is finished, or said."""
    for lost in finish(site):
        say(lost)


def known(session: db.Session, site: Site, path: Path) -> bool:
    """Whether this paper, perhaps under a name with a number behind it, was recorded and not lost."""
    start = path.with_suffix("").relative_to(site.outbox).as_posix()
    found: bool = session.value("ledger/paper_known", start=start)
    return found


def folder(site: Site) -> Path:
    """Where papers lie until their records are committed: not in the outbox, where somebody might take them."""
    return site.home / "aside"


def _place(session: db.Session, paper: Paper) -> bool:
    """Whether it lies in its place now: moved there by us, or by another command meanwhile."""
    there = atomic.move(paper.aside, paper.path) or _holds(paper.path, paper.sha256)
    with session.transaction():
        session.run("ledger/paper_placed", aside=paper.aside.name, lost=not there)
    return there


def _free(path: Path, content: bytes) -> Path:
    """The path, or the first with a number behind its name under which nothing else lies."""
    digest, number, found = hashlib.sha256(content).hexdigest(), 1, path
    while found.exists() and not _holds(found, digest):
        number += 1
        found = path.with_name(f"{path.stem}_{number}{path.suffix}")
    return found


def _holds(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
