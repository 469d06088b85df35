"""受領: find the files of a run in the inbox, put them in order, and make sure that each is whole."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from etl.core.codec.decode import JpsFile, read_jps
from etl.core.codec.keyed import keyed_medium
from etl.core.errors import Refused, SourceError
from etl.core.mapping.city import city
from etl.core.mapping.layout import arriving
from etl.core.states import FileOutcome, Timing
from etl.edge import inbox
from etl.edge.db import Session
from etl.edge.form import MOST_BYTES, read_form
from etl.ingest.inbound import Candidate, Inbound, by_name
from etl.site import Site

GAP_OR_APPROVAL = ("NP-2021", "NP-2022", "NP-2026")  # a file that is whole, and waits


def named(site: Site, dataset: str) -> list[Candidate]:
    """The files of a dataset's inbox that are named as its mapping says."""
    folder, layout = site.inbox / dataset, arriving()[dataset]
    return [file for name in inbox.names(folder) if (file := by_name(layout, folder / name))]


def misnamed(site: Site, dataset: str) -> int:
    """How many files have a name that the mapping does not allow (the names themselves are not repeated)."""
    folder, layout = site.inbox / dataset, arriving()[dataset]
    return sum(by_name(layout, folder / name) is None for name in inbox.names(folder))


Look = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """The files of an inbox that a run takes, oldest first; ``left``: refused ones that lie there unchanged; ``looked``: name -> what was found
    when it was looked at last (``ledger/file_looks``; names never looked at, or taken in, are not in it)."""

    due: tuple[Candidate, ...]
    left: tuple[Candidate, ...]
    looked: Mapping[str, Look]


def candidates(session: Session, site: Site, dataset: str, day: date) -> Found:
    """All files of the business day; of the days before it those that are not in, unless they were refused and have not changed; and whatever
    waited. Names are compared with the ledger in one go, and only what was refused is hashed again."""
    here = sorted(named(site, dataset), key=lambda f: (f.business_on, f.name))
    looks = {row["name"]: row for row in session.rows("ledger/file_looks", dataset=dataset, listed=[f.name for f in here])}
    due: list[Candidate] = []
    left: list[Candidate] = []
    for file in here:
        look = looks.get(file.name, {})
        if file.business_on == day or look.get("outcome") == FileOutcome.WAITING:
            due.append(file)
        elif file.business_on < day and look:
            known = look["outcome"] and _is_same(file, inbox.Seen(look["bytes"], look["sha256"], look["end_sha256"]))
            (left if known else due).append(file)
    refused = tuple(file for file in left if looks[file.name]["outcome"] == FileOutcome.REFUSED)
    return Found(tuple(due), refused, {name: row for name, row in looks.items() if row["outcome"]})


def gone(session: Session, site: Site, dataset: str, landed: Iterable[str]) -> list[Candidate]:
    """Those of the names that the run found in the inbox which are not there any more, and were not taken in meanwhile."""
    folder, layout = site.inbox / dataset, arriving()[dataset]
    missing = sorted(set(landed) - set(inbox.names(folder)))
    open_ones = {row["name"] for row in session.rows("ledger/file_looks", dataset=dataset, listed=missing)}
    return [file for name in missing if name in open_ones and (file := by_name(layout, folder / name))]


def timing(file: Candidate, day: date, looked: Mapping[str, Look]) -> Timing:
    """Late is what a later day finds first, or finds whole for the first time."""
    if file.business_on == day:
        return Timing.ON_TIME
    return Timing.WAITED if looked.get(file.name, {}).get("code") in GAP_OR_APPROVAL else Timing.LATE


def stamps(file: Candidate) -> tuple[inbox.Stamp | None, ...]:
    return inbox.stamps(file.path)


def seen(file: Candidate, before: tuple[inbox.Stamp | None, ...]) -> inbox.Seen:
    """By what it is known again if it was refused."""
    return inbox.seen(file.path, before, _most(file))


def _is_same(file: Candidate, then: inbox.Seen) -> bool:
    return inbox.is_same(file.path, then, _most(file))


def _most(file: Candidate) -> int:
    """Bytes that the file may have."""
    return MOST_BYTES if file.path.suffix == ".xlsx" else file.layout.file.most_bytes


def arrived(file: Candidate) -> bool:
    """Whether the file is complete: its ``.end`` lies beside it. A medium has none: it is whole or refused."""
    return file.layout.file.format == "jps500" or inbox.arrived(file.path)


def take(file: Candidate) -> Inbound:
    """The file, whole: ``.end``, name, our city and header agree. Refused NP-2020 as long as it has not arrived, SourceError when they disagree."""
    ours = city()["code"]
    if not arrived(file):
        raise Refused("NP-2020", file=file.name)
    if file.slots.get("city", ours) != ours:
        raise SourceError("NP-2006", file=file.name, expected=ours, found=file.slots["city"])
    return _medium(file) if file.layout.file.format == "jps500" else _with_end(file)


def _with_end(file: Candidate) -> Inbound:
    """A register or a CSV. Only its header is read now, and the file is closed again: all files of a job are taken before the first is loaded."""
    arrival, header = inbox.receive(file.path, _most(file)), {}
    if file.layout.file.format == "fixed":
        with inbox.open_fixed(file.path, file.layout) as opened:
            header = opened.header
        _agree(file, header)
    return Inbound(file.layout, file.path, file.slots, arrival, header)


def _medium(file: Candidate) -> Inbound:
    """A medium of 日本年金機構, or the form that stands for one."""
    medium, arrival, keyed_by = read_medium(file)
    header = {file.layout.numbers.get(item, item): value for item, value in medium.preamble.items()}
    _agree(file, header)
    return Inbound(file.layout, file.path, file.slots, replace(arrival, count=medium.count), header, keyed_by)


def read_medium(file: Candidate) -> tuple[JpsFile, inbox.Arrival, str | None]:
    """The medium, whole by its own preamble and trailers, what was read, and who keyed it if it is a form. Nobody keeps it from its arrival to its
    load: only one is in memory at a time, however many came."""
    data, arrival = inbox.whole(file.path, _most(file))
    keyed_by = None
    if file.path.suffix == ".xlsx":
        data, keyed_by = _form(file, data)
    ours = city()["code"][:5]  # 日本年金機構 writes it without its check digit
    return read_jps(data, file.layout, file.name, ours), arrival, keyed_by


def _form(file: Candidate, data: np.ndarray) -> tuple[np.ndarray, str]:
    """The medium that a keyed form stands for, and who keyed it. SourceError NP-1147."""
    head, rows = read_form(io.BytesIO(data), file.name, file.layout)
    return np.frombuffer(keyed_medium(file.layout, head, rows), np.uint8), head["keyed_by"]


def _agree(file: Candidate, header: Mapping[str, Any]) -> None:
    """Name and header say the same city, day, number and version; the message shows both."""
    for slot, item in (("city", "shichoson_code"), ("business_on", "business_on"), ("seq", "seq"), ("version", "version")):
        if slot in file.slots and item in header and file.slots[slot] != header[item]:
            raise SourceError("NP-2007", file=file.name, field=item, expected=file.slots[slot], found=header[item])


def in_order(files: Iterable[Inbound]) -> list[Inbound]:
    """Counter by counter (異動 before 照会回答); in each, from one 全件 file to the next, by number and version; without numbers by day."""
    whole = list(files)
    begins = {stream: sorted(_place(f) for f in whole if f.resets and f.stream == stream) for stream in {f.stream for f in whole}}

    def key(f: Inbound) -> tuple[Any, ...]:
        return (
            f.stream != "idou",
            f.stream,
            bisect_right(begins[f.stream], _place(f)),
            f.seq or 0,
            f.version,
            f.business_on,
            f.name,
        )

    return sorted(whole, key=key)


def _place(file: Inbound) -> tuple[date, int]:
    """Where a file stands in its counter: numbers may begin anew with a 全件 file."""
    return file.business_on, file.seq or 0
