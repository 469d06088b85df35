"""受信: what partners have for us comes into the inbox as if they had laid it there: the file, compared with its ``.end``, then the ``.end``.

What is in the inbox, the ledger or the archive is not fetched again. Nothing is removed there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl import aitesaki
from etl.aitesaki import OF_A_PARTNER, Server
from etl.audit import record
from etl.core.errors import KokunenError, Refused, SourceError
from etl.core.mapping import registry
from etl.core.mapping.layout import Arriving, arriving
from etl.core.mapping.names import parse_name
from etl.core.mapping.partners import giver
from etl.core.receipts.partners import Fetched, FetchedFile
from etl.core.states import Operation
from etl.edge import atomic, db, failpoint, inbox
from etl.run import Run
from etl.site import Site
from etl.soushin.deliver import SECONDS

#: errors of one file: the next one comes
OF_ONE = ("NP-1126", "NP-2001", "NP-4109", "NP-4110", "NP-4126", "NP-4127")


@dataclass
class Come:
    """What came so far."""

    files: list[FetchedFile] = field(default_factory=list)
    errors: list[KokunenError] = field(default_factory=list)


def fetch(site: Site, run: Run, seconds: float = SECONDS) -> Fetched:
    """The datasets of the job that a partner gives. One that cannot be reached is told of, and the job goes on with what is in the inbox; of one
    whose server nobody has named nothing is fetched. Unavailable NP-1021, NP-1026."""
    known, come = aitesaki.listed(site), Come()
    given = {d: partner for d in registry.jobs()[run.job].reads if (partner := giver(d)) and partner in known}
    for dataset, partner in given.items():
        try:
            with (
                site.session() as session, db.locked(session, f"jushin {dataset}"),
                aitesaki.connected(site, partner, seconds) as server,
            ):  # fmt: skip
                _dataset(session, site, run, server, arriving()[dataset], partner, come)
        except KokunenError as error:
            if error.code not in OF_A_PARTNER:
                raise
            come.errors.append(error)
    return Fetched(tuple(come.files), tuple(error.to_json() for error in come.errors))


def _dataset(session: db.Session, site: Site, run: Run, server: Server, layout: Arriving, partner: str, come: Come) -> None:
    folder = site.inbox / layout.dataset
    for name, end in _wanted(session, server, layout, come):
        try:
            if _take(server, folder / name, end, layout.file.most_bytes):
                _recorded(session, run, layout.dataset, partner, end)
                atomic.write(inbox.end_of(folder / name), end["raw"], mode=0o600)
                failpoint.reached("answer complete")
                come.files.append(FetchedFile(layout.dataset, name, end["bytes"], end["sha256"]))
        except KokunenError as error:
            if error.code not in OF_ONE:
                raise
            come.errors.append(error)


def _wanted(session: db.Session, server: Server, layout: Arriving, come: Come) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names that are whole there and not in the ledger, with what their ``.end`` says. One that is in with as many bytes is not looked at."""
    there = server.listed()
    names = sorted(n for n in there if f"{n}.end" in there and parse_name(layout.file.name, n) is not None)
    rows = session.rows("soushin/jushin_known", dataset=layout.dataset, listed=names)
    session.commit()
    taken = {(row["name"], row["bytes"]) for row in rows if row["taken"]}
    looked = {(row["name"], row["sha256"]) for row in rows}
    for name in (n for n in names if (n, there[n].bytes) not in taken):
        try:
            raw = server.read(f"{name}.end")
            end = inbox.said(name, raw)
        except KokunenError as error:
            if error.code not in OF_ONE:
                raise
            come.errors.append(error)
            continue
        if (name, end["sha256"].lower()) not in looked:
            yield name, {**end, "sha256": end["sha256"].lower(), "raw": raw}


def _take(server: Server, path: Path, end: Mapping[str, Any], most: int) -> bool:
    """Whether it came, or came before a cut and waits for its ``.end``; False when all of it lies in the inbox. SourceError NP-1126, NP-4126, Refused
    NP-4127."""
    if path.name in inbox.names(path.parent):
        whole = inbox.hashed(path) == end["sha256"]
        if not whole:
            raise Refused("NP-4127", file=path.name)
        return not inbox.arrived(path)
    if end["bytes"] > most:
        raise SourceError("NP-1126", file=path.name, limit=most, found=end["bytes"])
    server.fetch(path.name, path, end["bytes"], end["sha256"])
    failpoint.reached("answer placed")
    return True


def _recorded(session: db.Session, run: Run, dataset: str, partner: str, end: Mapping[str, Any]) -> None:
    """Once, before it can be taken in."""
    about = {"partner": partner, "bytes": end["bytes"], "sha256": end["sha256"]}
    with session.transaction():
        if session.value("soushin/jushin_put", dataset=dataset, name=end["file"], run_id=run.run_id, **about):
            record(session, run, Operation.JUSHIN, end["file"], {"dataset": dataset, **about})
    failpoint.reached("answer recorded")
