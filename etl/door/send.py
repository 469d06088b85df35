"""送出: through the door. The ledger, the record and the 送受書 of a file commit together; its manifest (``.end``) comes last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from etl.audit import record
from etl.core.codec.encode import end_file
from etl.core.receipts import Output
from etl.core.states import Operation
from etl.door import hantei, numbers, soufu
from etl.door.papers import Paper, Sheaf, known, recorded
from etl.door.parcel import Parcel
from etl.door.place import Sealed, place, read_back, seal, unsealed
from etl.door.slip import held_list, slip
from etl.edge import atomic, db, failpoint, paper
from etl.run import Run
from etl.site import Site

#: channel -> what the medium is called on the 送受書; None: the file itself leaves
MEDIA = {"sftp": None, "flash": "フラッシュメモリ", "cd-r": "CD-R"}


def send(
    session: db.Session, site: Site, run: Run, parcel: Parcel, counts: dict[str, Any], *, output_id: int | None = None,
    also: Callable[[int], None] | None = None, content: str | None = None, approval_id: int | None = None,
    with_it: Callable[[Sheaf, str], list[Paper]] | None = None,
) -> Output:  # fmt: skip
    """Send one file; ``counts`` go into its record, ``also`` is written in the same
    transaction for its output_id (the questions of a 照会, what the recipient has now); ``content``: the hash of what a second person
    approved, unless the records; ``approval_id``: the approval that it rests on, where neither its version nor its run says so;
    ``with_it``: lays the papers aside that go with its archive, by that one's SHA-256.

    ``NotPermitted`` before anything is written; Refused NP-2102, NP-2105, NP-2108; DefinitionError NP-2101, NP-2104; Unavailable NP-1026.
    """
    permitted = hantei.require(session, run, parcel, output_id, content, approval_id)
    numbers.require_new(site, parcel)
    path = parcel.path(site)
    last = session.value("ledger/output_last_count", dataset=parcel.row.dataset, period=parcel.period)
    session.commit()
    findings = place(site, parcel, last)
    if not parcel.row.sealed:
        read_back(parcel, path)
    sealed = None
    if MEDIA[parcel.row.channel.kind]:
        sealed = seal(site, path, parcel.content if parcel.row.sealed else None)
        failpoint.reached("sealed")
    if sealed and parcel.row.sealed:
        read_back(parcel, path, unsealed(site, sealed.archive, sealed.key_name))
    with recorded(session, site) as sheaf:
        output_id = output_id or put(session, run, parcel, approval_id)
        soufu.keep(session, parcel, output_id)
        if also:
            also(output_id)
        if sealed:
            counts = {**counts, "medium_no": _hand_over(session, site, run, parcel, sealed, output_id)}
        counts = {
            **counts,
            **hashed([*list_held(sheaf, run, parcel), *(with_it(sheaf, sealed.sha256) if with_it and sealed else ())]),
        }
        permitted.keep(session, run, output_id)
        record(session, run, parcel.row.operation, parcel.name, counts)
        failpoint.reached("release recorded")
        numbers.give(site, parcel.row.dataset, parcel.name, parcel.sha256)
        atomic.write(
            path.with_name(f"{path.name}.end"), end_file(parcel.name, parcel.content, parcel.rows.num_rows, parcel.sha256)
        )
        failpoint.reached("manifest placed")
    failpoint.reached("released")
    return output(site, parcel, tuple(f for f in findings if not f.passed))


def _hand_over(session: db.Session, site: Site, run: Run, parcel: Parcel, sealed: Sealed, output_id: int) -> int:
    """The medium's row and its 送受書; its number."""
    medium = MEDIA[parcel.row.channel.kind] or ""
    medium_no: int = session.value(
        "ledger/medium_put", output_id=output_id, kind=medium, recipient=parcel.row.recipient, archive_name=sealed.archive.name,
        archive_sha256=sealed.sha256, key_name=sealed.key_name,
    )  # fmt: skip
    atomic.write(beside(site, parcel, "送受書"), paper.soujusho(slip(run, parcel, medium, sealed, medium_no)))
    return medium_no


def beside(site: Site, parcel: Parcel, title: str) -> Path:
    """Where a sheet (xlsx) lies that bears the name of the file."""
    path = parcel.path(site)
    return path.with_name(f"{path.stem}_{title}.xlsx")


def list_held(sheaf: Sheaf, run: Run, parcel: Parcel) -> list[Paper]:
    """保留一覧 of a version that has any, once: with its proposal, or when it leaves by itself. Its record is the caller's."""
    at = beside(sheaf.site, parcel, "保留一覧")
    if not (parcel.row.holds and parcel.chosen.held.num_rows) or known(sheaf.session, sheaf.site, at):
        return []
    return [sheaf.put(run, at, held_list(run, parcel), anew=True)]


def hashed(made: list[Paper]) -> dict[str, Any]:
    """What the record says of its papers."""
    return {"sha256": [paper.sha256 for paper in made]} if made else {}


def put(session: db.Session, run: Run, parcel: Parcel, approval_id: int | None) -> int:
    """The ledger's row of a version, not released yet. In the caller's transaction."""
    output_id: int = session.value(
        "ledger/output_put", run_id=run.run_id, dataset=parcel.row.dataset, period=parcel.period, seq=parcel.seq, version=parcel.version,
        name=parcel.name, rows=parcel.rows.num_rows, sha256=parcel.sha256, body_sha256=parcel.body_sha256, created_on=parcel.created_on,
        known_at=parcel.known_at, reason=run.reason, approval_id=approval_id,
    )  # fmt: skip
    return output_id


def reproduce(session: db.Session, site: Site, run: Run, parcel: Parcel) -> Output:
    """An earlier state made again: beside the files that left, never a version, recorded as 再現出力. It is for the house and goes to nobody, so no
    permission is asked. DefinitionError NP-2101, Unavailable NP-1026."""
    at = parcel.path(site).parent / f"reproduced-{parcel.known_at:%Y%m%dT%H%M%S}" / parcel.name
    with recorded(session, site) as sheaf:
        made = sheaf.put(run, at, parcel.content, anew=True)
        read_back(parcel, made.aside)
        counts = {"rows": parcel.rows.num_rows, "known_at": parcel.known_at.isoformat(), "sha256": made.sha256}
        record(session, run, Operation.SAIGEN, parcel.name, counts)
    return Output(parcel.row.dataset, str(made.path), parcel.rows.num_rows, parcel.sha256, parcel.version)


def output(site: Site, parcel: Parcel, findings: tuple[Any, ...] = ()) -> Output:
    """The file as the result of the run shows it."""
    return Output(parcel.row.dataset, str(parcel.path(site)), parcel.rows.num_rows, parcel.sha256, parcel.version, findings)
