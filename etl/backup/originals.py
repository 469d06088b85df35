"""保管物と原本: what lies in the archive and a restored database does not know. The newest backup knew what the objects are, and each says it itself;
so they are taken up in the ledger again (else no period would ever end for them), and originals whose bytes are not in any more can be
put back into the inbox.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.backup import besides
from etl.core.codec.encode import end_of
from etl.core.states import Operation
from etl.edge import atomic, db, failpoint
from etl.hokan import store
from etl.run import Run
from etl.site import Site

TAKEN = ("object_key", "class", "dataset", "period", "name", "origin", "personal", "bytes", "sha256", "sealed_bytes", "sealed_sha256",
         "kept_from", "due_on")  # fmt: skip


@dataclass(frozen=True)
class Original:
    """A file that is kept and not in."""

    object_key: str
    dataset: str
    period: str
    name: str
    sha256: str
    bytes: int


def unknown(site: Site, session: db.Session) -> Iterator[Path]:
    """The objects that lie in the archive and that the database does not know."""
    known = {row["object_key"] for row in session.rows("backup/objects")}
    for path in sorted(store.folder(site).glob("*")):
        if path.is_file() and not path.name.startswith(".") and path.name not in known:
            yield path


def adopt(site: Site, session: db.Session, run: Run) -> int:
    """Take up again what the newest backup knew of, and what came after it by its own word; how many. What does not open stays unknown, and
    is listed."""
    labels, taken = besides.labels(site.home), 0
    with session.transaction():
        for path in unknown(site, session):
            said: Mapping[str, Any] | None = labels.get(path.name) or store.found_alone(site, path.name)
            if said and not said.get("gone"):
                row = {name: said[name] for name in TAKEN}
                session.value("hokan/object_put", **row, run_id=run.run_id, file_id=None, output_id=None)
                taken += 1
    return taken


def not_in(session: db.Session) -> list[Original]:
    """Originals to be taken in again."""
    return [Original(**row) for row in session.rows("backup/not_in")]


def put_back(site: Site, run: Run) -> list[Original]:
    """Each with its ``.end`` into its inbox, as its sender left it; what lies there is left. A record of each is committed before it.
    Refused NP-3203, Unavailable NP-3201, NP-3202, NP-1026. A second time nothing is put there twice."""
    labels, done = besides.labels(site.home), []
    with site.session() as session:
        for one in not_in(session):
            path = site.inbox / one.dataset / one.name
            end = path.with_name(f"{path.name}.end")
            if end.exists():
                continue
            with session.transaction():
                record(session, run, Operation.HOKAN_SANSHOU, one.name, {"object_key": one.object_key, "sha256": one.sha256})
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                store.open_sealed(
                    site, {"object_key": one.object_key, "dataset": one.dataset, "name": one.name, "sha256": one.sha256}, path
                )
            failpoint.reached("original put back")
            count = int(labels.get(one.object_key, {}).get("data_count") or store.records(site, one.object_key))
            atomic.write(end, json.dumps(end_of(one.name, one.bytes, one.sha256, count), ensure_ascii=False).encode())
            done.append(one)
    return done
