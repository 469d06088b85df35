"""受信原本: what was taken in leaves the inbox for the archive, its ``.end`` with it. What the ledger says decides, not what this run did."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.core.mapping.layout import arriving
from etl.edge import db, failpoint, inbox
from etl.hokan import store
from etl.hokan.store import Thing
from etl.run import Run
from etl.site import Site


@dataclass
class Put:
    """Of one inbox: originals that were taken into the archive, clear files that went. ``files``: of the ledger, whose originals those are; the
    same bytes may lie there under several names."""

    originals: int = 0
    cleared: int = 0
    files: set[int] = field(default_factory=set)


def put_away(session: db.Session, site: Site, run: Run, dataset: str) -> Put:
    """Every file of the dataset's inbox whose bytes are in: kept unless they are already, then gone. Under the dataset's lock."""
    folder, done = site.inbox / dataset, Put()
    listed = inbox.names(folder)
    alone = inbox.ends_alone(folder)
    rows = session.rows("hokan/taken_in", dataset=dataset, listed=[*listed, *alone], run_id=run.run_id)
    session.commit()
    for name in listed:
        _put_away(session, site, run, folder / name, [row for row in rows if row["name"] == name], done)
    lying = session.rows("hokan/originals_lying", dataset=dataset)
    session.commit()
    if gone := [row["object_id"] for row in lying if not os.path.lexists(site.home / row["origin"])]:
        store.cleared(session, gone)
    for name in alone:  # the file went, and the work was cut off
        ends = {row["end_sha256"] for row in rows if row["name"] == name and row["object_id"]}
        inbox.clear_end(folder / name, ends)
    return done


def _put_away(session: db.Session, site: Site, run: Run, path: Path, rows: list[dict[str, Any]], done: Put) -> None:
    """A file that is in goes; one whose bytes are not in stays, and so does one whose object was lost. Unavailable NP-3202, NP-3201."""
    before = inbox.stamps(path)
    known = {row["sha256"]: row for row in rows if before[0] and row["bytes"] == before[0][1]}
    row = known.get(inbox.hashed(path)) if known else None
    if row is None:
        return
    if row["object_id"] is None and row["file_id"] not in done.files:
        store.keep(session, site, run, [_original(site, path, row)])
        done.originals += 1
        done.files.add(row["file_id"])
    elif error := store.lost(site, row["object_key"], row["first_name"]):
        raise error
    inbox.clear(path, before)
    failpoint.reached("original cleared")
    done.cleared += 1


def _original(site: Site, path: Path, row: Mapping[str, Any]) -> Thing:
    """Kept from the day on which it was taken in; of an installation of before that day lies behind us."""
    dataset = path.parent.name
    return Thing(
        path=path, kind="C", dataset=dataset, period=row["business_on"].isoformat(), name=row["first_name"], personal=True, sha256=row["sha256"],
        kept_from=min(site.today, row["received_on"] or site.today), keep=arriving()[dataset].keep["file"], file_id=row["file_id"],
        records=row["data_count"],
    )  # fmt: skip
