"""荷: one file as it will leave, made of a row of the registry and the rows that its statement chose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.core.codec import todokefile
from etl.core.codec.columns import arrow_schema
from etl.core.codec.encode import encode_csv, encode_rows, frame, totals
from etl.core.errors import Refused
from etl.core.mapping import views
from etl.core.mapping.city import city
from etl.core.mapping.layout import Leaving, leaving
from etl.core.mapping.names import format_name
from etl.core.mapping.transfers import Transfer
from etl.door.seen import seen
from etl.site import Site

MADE_AT = time(4, 0)  # 作成日時 of a business day: an input of the file, not of the clock


@dataclass(frozen=True)
class Chosen:
    """The rows of a registry row: ``rows`` go, ``held`` could not be written for this recipient and are listed. ``persons``: the 宛名番号 of whom
    they tell, where they do not say it themselves."""

    row: Transfer
    rows: pa.Table
    held: pa.Table
    persons: pa.ChunkedArray | None = None

    @property
    def layout(self) -> Leaving:
        return leaving()[self.row.dataset]

    @cached_property
    def body(self) -> bytes:
        """The records alone. Refused NP-2103 when one cannot be written."""
        if self.layout.file.format == "csv":
            return encode_csv(self.layout, self.rows)
        if self.layout.file.format == "todoke":
            written = todokefile.encode(self.layout, self.rows)
            if written.held:
                raise Refused("NP-2103", held=len({h.row for h in written.held}), item=written.held[0].item)
            return written.body
        data, unwritable = encode_rows(self.layout, self.rows)
        if unwritable:
            raise Refused("NP-2103", held=len(unwritable), item=unwritable[0].fields[0])
        return data

    @cached_property
    def body_sha256(self) -> str:
        """The hash that tells whether there is anything new: day and version are not in it."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Parcel:
    """A file as it will leave: period, version, 作成年月日, and the moment as known at which the rows were chosen. ``seal``: what its content is
    known by instead of a plain hash, where it has 個人番号 in clear (so few there are that a hash can be searched through)."""

    chosen: Chosen
    period: str
    month: date | None
    seq: int | None
    version: int
    created_on: date
    known_at: datetime
    name: str
    content: bytes
    seal: Callable[[bytes], str] | None = None

    @property
    def row(self) -> Transfer:
        return self.chosen.row

    @property
    def layout(self) -> Leaving:
        return self.chosen.layout

    @property
    def rows(self) -> pa.Table:
        return self.chosen.rows

    @cached_property
    def sha256(self) -> str:
        return self.seal(self.content) if self.seal else hashlib.sha256(self.content).hexdigest()

    @cached_property
    def body_sha256(self) -> str:
        return self.seal(self.chosen.body) if self.seal else self.chosen.body_sha256

    def path(self, site: Site) -> Path:
        """Where the file lies."""
        return folder(site, self.row.dataset, self.period) / self.name


def folder(site: Site, dataset: str, period: str = "") -> Path:
    """Where the files of a dataset (and period) lie."""
    return site.outbox / dataset / period


def choose(site: Site, row: Transfer, **params: date | datetime) -> Chosen:
    """The rows that the recipient of the registry's row may have, as its own log-in sees them."""
    with seen(site, row, **params) as session:
        rows = session.table("transfer/permitted", arrow_schema(leaving()[row.dataset].data), names=views.names(row))
    return chosen(row, rows)


def chosen(row: Transfer, rows: pa.Table) -> Chosen:
    """The rows with the item that this recipient requires, and the rows that lack it."""
    if row.holds is None:
        return Chosen(row, rows, rows.slice(0, 0))
    written = pa.compute.is_valid(rows.column(row.holds.item))
    return Chosen(row, rows.filter(written), rows.filter(pa.compute.invert(written)))


def pack(
    chosen: Chosen,
    *,
    period: str,
    created_on: date,
    known_at: datetime,
    version: int,
    month: date | None = None,
    seq: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> Parcel:
    """Name and bytes. Header and trailer take their values by the names of the mapping from what the door knows; ``more``: what the name and the
    lines of a 届書 file say besides. Refused NP-2103."""
    layout, code = chosen.layout, city()["code"]
    known = {
        "shichoson_code": code, "city": code, "month": month, "created_on": created_on, "business_on": created_on,
        "created_at": datetime.combine(created_on, MADE_AT), "seq": seq, "version": version, **(more or {}),
    }  # fmt: skip
    name = format_name(layout.file.name, **{k: v for k, v in known.items() if v is not None})
    content = FRAMES.get(layout.file.format, _framed)(chosen, known)
    return Parcel(chosen, period, month, seq, version, created_on, known_at, name, content)


def _in_lines(chosen: Chosen, known: dict[str, Any]) -> bytes:
    return todokefile.frame(chosen.layout, chosen.body, known)


#: container -> the whole file of its records; others stand between header and trailer
FRAMES: dict[str, Callable[[Chosen, dict[str, Any]], bytes]] = {"csv": lambda chosen, _: chosen.body, "todoke": _in_lines}


def _framed(chosen: Chosen, known: dict[str, Any]) -> bytes:
    """The records between header and trailer; a trailer counts its rows and adds up what ``sums`` names."""
    layout = chosen.layout
    assert layout.header and layout.trailer
    sums = {f.name: totals(chosen.rows, f.sums)["hash_total"] for f in layout.trailer.stored if f.sums}
    given = {**known, "count": chosen.rows.num_rows, **sums}
    header, trailer = ({f.name: given.get(f.name) for f in record.stored} for record in (layout.header, layout.trailer))
    return frame(layout, header, chosen.body, trailer)
