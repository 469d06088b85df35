"""The door: whatever leaves goes through here, and nothing else writes a file of a dataset under ``outbox/``.

choose → pack → send (permit → place → read back → seal → ledger → manifest). The door knows channels, not recipients: what differs between
them is the registry's row, the mapping and one statement. Again is the same: what was placed and not recorded is found, not made twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.core.codec.csvtext import read_csv
from etl.core.codec.decode import Decoder, split
from etl.core.codec.encode import encode_csv, encode_fixed, encode_rows, end_file, totals
from etl.core.dates import wareki, wareki_month
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.layout import Layout, layouts
from etl.core.mapping.names import format_name, parse_name
from etl.core.mapping.registry import Transfer
from etl.core.paper.pages import Slip
from etl.edge import db, failpoint, files, media, paper, suites
from etl.edge.keys import make_once
from etl.run import Run, record
from etl.site import Site, city

MADE_AT = time(4, 0)  # 作成日時 of a business day: an input of the file, not of the clock
#: channel -> what the medium is called on the 送受書; None: the file itself lies in the outbox, its ``.end`` last
MEDIA = {"kiban": None, "flash": "フラッシュメモリ", "cd-r": "CD-R"}


@dataclass(frozen=True)
class Parcel:
    """One file as it will leave. ``rows`` are in it; ``held`` could not be written for this recipient and are listed."""

    row: Transfer
    period: str
    month: date | None
    seq: int | None
    version: int
    created_on: date
    known_at: datetime
    rows: pa.Table
    held: pa.Table
    name: str
    content: bytes
    body_sha256: str

    @property
    def layout(self) -> Layout:
        return layouts()[self.row.dataset]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def folder(self, site: Site) -> Path:
        return site.outbox / self.row.dataset / self.period


def choose(session: db.Session, row: Transfer, **params: Any) -> tuple[pa.Table, pa.Table]:
    """(what goes, what is held) of the row's statement."""
    rows = session.table(row.select, Decoder(layouts()[row.dataset].data).schema, **params)
    session.commit()
    return parted(row, rows)


def parted(row: Transfer, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    if row.holds is None:
        return rows, rows.slice(0, 0)
    written = pa.compute.is_valid(rows.column(row.holds.item))
    return rows.filter(written), rows.filter(pa.compute.invert(written))


def body(layout: Layout, rows: pa.Table) -> bytes:
    """The data records alone: what decides whether there is anything new (without day and version). Refused NP-2103."""
    if layout.file.format == "csv":
        return encode_csv(layout, rows)
    data, unwritable = encode_rows(layout, rows)
    if unwritable:
        raise Refused("NP-2103", held=len(unwritable), item=unwritable[0].fields[0])
    return data


def pack(
    row: Transfer, rows: pa.Table, held: pa.Table, *, period: str, created_on: date, known_at: datetime, version: int,
    month: date | None = None, seq: int | None = None,
) -> Parcel:  # fmt: skip
    """Name and bytes. The header takes its values from what the door knows; a trailer counts its rows."""
    layout = layouts()[row.dataset]
    known = {
        "shichoson_code": city()["code"], "city": city()["code"], "month": month, "created_on": created_on, "version": version,
        "business_on": created_on, "created_at": datetime.combine(created_on, MADE_AT), "seq": seq,
    }  # fmt: skip
    name = format_name(layout.file.name, **{k: v for k, v in known.items() if v is not None})
    if layout.file.format == "csv":
        content = encode_csv(layout, rows)
    else:
        assert layout.header and layout.trailer
        sums = next((f.sums for f in layout.trailer.fields if f.sums), "atena_no")
        trailer = {"shichoson_code": city()["code"], **totals(rows, sums)}
        header, ends = ({f.name: v[f.name] for f in r.stored} for r, v in ((layout.header, known), (layout.trailer, trailer)))
        content = encode_fixed(layout, header, rows, ends)
    digest = hashlib.sha256(body(layout, rows)).hexdigest()
    return Parcel(row, period, month, seq, version, created_on, known_at, rows, held, name, content, digest)


def permit(row: Transfer, parcel: Parcel, day: date) -> None:
    """Whether this may leave on this day. Refused NP-2105 (a column that was not permitted), NP-2106 (no permission in force)."""
    if strange := set(parcel.rows.column_names) - set(row.items):
        raise Refused("NP-2105", file=parcel.name, item="・".join(sorted(strange)))
    if row.permission and not row.permission.since <= day <= (row.permission.until or date.max):
        raise Refused("NP-2106", file=parcel.name, item=row.permission.no)


def send(
    session: db.Session, site: Site, run: Run, parcel: Parcel, operation: str, counts: dict[str, Any], *,
    output_id: int | None = None, also: Callable[[], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Through the door. ``also`` is written in the same transaction (the questions of a 照会)."""
    permit(parcel.row, parcel, run.day)
    path = place(site, parcel)
    read_back(parcel.layout, parcel.rows, path)
    medium = MEDIA[parcel.row.channel.kind]
    archive, key_name = seal(site, path) if medium else (None, "")
    failpoint.reached("sealed")
    with session.transaction():
        if also:
            also()
        output_id = output_id or put(session, run, parcel, None)
        if archive:
            medium_no = session.value(
                "ledger/medium_put", output_id=output_id, kind=medium, recipient=parcel.row.recipient, archive_name=archive.name,
                archive_sha256=files.sha256(archive), key_name=key_name,
            )  # fmt: skip
            counts = {**counts, "medium_no": medium_no}
            paper.soujusho(path.with_name(f"{path.stem}_送受書.xlsx"), _slip(run, parcel, medium or "", archive, medium_no))
        _list_held(path.with_name(f"{path.stem}_保留一覧.xlsx"), parcel)
        session.run("ledger/output_release", output_id=output_id)
        record(session, run, operation, parcel.name, counts)
        failpoint.reached("release recorded")
        files.place(path.with_name(f"{path.name}.end"), end_file(parcel.name, parcel.content, parcel.rows.num_rows))
        failpoint.reached("manifest placed")
    failpoint.reached("released")
    return output(parcel, path)


def place(site: Site, parcel: Parcel) -> Path:
    """The file under its name, its suite passed. Refused NP-2102 when another file was handed over under this name or number."""
    path = parcel.folder(site) / parcel.name
    _check_number(site, parcel)
    if path.exists() and path.read_bytes() != parcel.content:
        _discard(path)
    if not path.exists():
        suites.require(parcel.row.dataset, parcel.rows, parcel.name, day=parcel.created_on)
        files.place(path, parcel.content)
        failpoint.reached("file placed")
    return path


def _check_number(site: Site, parcel: Parcel) -> None:
    if parcel.seq is None:
        return
    for end in sorted((site.outbox / parcel.row.dataset).rglob("*.end")):
        other = end.name.removesuffix(".end")
        if other != parcel.name and (parse_name(parcel.layout.file.name, other) or {}).get("seq") == parcel.seq:
            raise Refused("NP-2102", file=other)


def _discard(path: Path) -> None:
    """What a run left that broke off before its manifest was never handed over."""
    if path.with_name(f"{path.name}.end").exists():
        raise Refused("NP-2102", file=path.name)
    path.with_suffix(".zip").unlink(missing_ok=True)
    path.unlink()


def read_back(layout: Layout, rows: pa.Table, path: Path) -> None:
    """Decode what was written and compare it with what was chosen. DefinitionError NP-2101."""
    if layout.file.format == "csv":
        read = read_csv(path, layout)
        same = not read.errors and read.table.select(rows.column_names).combine_chunks() == rows.combine_chunks()
    else:
        found = split(path.read_bytes(), layout, path.name)
        decoder = Decoder(layout.data)
        again = pa.Table.from_batches([decoder.decode(found.records)]) if len(found.records) else rows.slice(0, 0)
        same = not decoder.check(found.records) and again == rows.combine_chunks() and found.trailer["count"] == rows.num_rows
    if not same:
        raise DefinitionError("NP-2101", file=path.name)


def seal(site: Site, path: Path) -> tuple[Path, str]:
    """AES-256 archive; its password is made once, kept in ``keys/media`` and shown nowhere. An archive that opens is kept."""
    archive, key = path.with_suffix(".zip"), site.keys.folder / "media" / f"{path.stem}.key"
    key.parent.mkdir(mode=0o700, exist_ok=True)
    make_once(key, media.new_password().encode())
    password = key.read_text()
    if not archive.exists():
        media.seal(path, archive, password)
    if media.unseal(archive, password) != path.read_bytes():
        raise Refused("NP-2102", file=archive.name)
    return archive, key.name


def put(session: db.Session, run: Run, parcel: Parcel, approval: int | None) -> int:
    """The ledger's row of a version, not released yet."""
    return session.value(
        "ledger/output_put", run_id=run.run_id, dataset=parcel.row.dataset, period=parcel.period, seq=parcel.seq, version=parcel.version,
        name=parcel.name, rows=parcel.rows.num_rows, sha256=parcel.sha256, body_sha256=parcel.body_sha256, created_on=parcel.created_on,
        known_at=parcel.known_at, reason=run.reason, approval_id=approval,
    )  # fmt: skip


def _slip(run: Run, parcel: Parcel, medium: str, archive: Path, medium_no: int) -> Slip:
    return Slip(
        title=parcel.layout.title, recipient=parcel.row.recipient, sender=run.unit, basis="; ".join(parcel.row.basis),
        month=wareki_month(parcel.month) + "分" if parcel.month else "", created_on=wareki(parcel.created_on), version=parcel.version,
        rows=parcel.rows.num_rows, medium_no=medium_no, medium_kind=medium, file_name=parcel.name, sha256=parcel.sha256,
        archive_name=archive.name, archive_sha256=files.sha256(archive), reason=run.reason if parcel.version > 1 else "",
    )  # fmt: skip


def key_of(layout: Layout) -> tuple[tuple[str, str], ...]:
    """(item, label) of the key: the heads of lists about rows of this file."""
    return tuple((name, layout.data.field(name).label) for name in layout.key)


def _list_held(path: Path, parcel: Parcel) -> None:
    holds = parcel.row.holds
    if holds and parcel.held.num_rows:
        names, labels = zip(*key_of(parcel.layout), strict=True)
        cells = zip(*(parcel.held.column(n).to_pylist() for n in names), strict=True)
        paper.meisai(path, holds.title, (*labels, "理由"), [(*(shown(c) for c in row), holds.reason) for row in cells])


def shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def output(parcel: Parcel, path: Path) -> dict[str, Any]:
    return {"dataset": parcel.row.dataset, "path": str(path), "rows": parcel.rows.num_rows, "sha256": parcel.sha256, "version": parcel.version}
