"""配置: a parcel lies in the outbox, was read back and compared, and is sealed where its channel is a medium."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from etl.core.codec import csvtext, todokefile
from etl.core.codec.decode import Decoder, split
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.names import parse_name
from etl.core.suite.findings import Finding
from etl.door import numbers
from etl.door.parcel import Parcel, folder
from etl.edge import atomic, failpoint, media, suites
from etl.site import Site

#: container -> how what we wrote is decoded again
READERS = {"csv": csvtext.read_again, "todoke": todokefile.read_again}


@dataclass(frozen=True)
class Sealed:
    """An encrypted archive and the name of the key file with its password (shown nowhere)."""

    archive: Path
    sha256: str
    key_name: str


def place(site: Site, parcel: Parcel, last: int | None) -> list[Finding]:
    """The file under its name, its suite passed; ``last``: the rows of the file before it. Returns the suite's findings. Of one that exists only
    in its archive (``Transfer.sealed``) nothing lies here yet.

    Refused NP-2102 when another file was handed over under this name or number; DefinitionError NP-2104 when the suite fails.
    """
    path = parcel.path(site)
    _check_number(site, parcel)
    if path.exists() and path.read_bytes() != parcel.content:
        _discard(path)
    findings = suites.require(parcel.row.dataset, parcel.rows, parcel.name, last, day=parcel.created_on)
    if not (path.exists() or parcel.row.sealed):
        atomic.write(path, parcel.content)
        failpoint.reached("file placed")
    return findings


def _check_number(site: Site, parcel: Parcel) -> None:
    """Another file with this number has its manifest but no ledger row: its day is run again first, else two would have one number."""
    if parcel.seq is None:
        return
    for end in sorted(folder(site, parcel.row.dataset).rglob("*.end")):
        other = end.name.removesuffix(".end")
        if other != parcel.name and (parse_name(parcel.layout.file.name, other) or {}).get("seq") == parcel.seq:
            raise Refused("NP-2102", file=other)


def _discard(path: Path) -> None:
    """A file without its manifest was never handed over: remove it. Refused NP-2102 when there is a manifest."""
    if path.with_name(f"{path.name}.end").exists():
        raise Refused("NP-2102", file=path.name)
    path.with_suffix(".zip").unlink(missing_ok=True)
    path.unlink()


def clear(site: Site, dataset: str, period: str) -> None:
    """What a killed run of a period that has sent nothing yet left under a number that it may not have again goes: there is neither a manifest
    nor a note of it."""
    known = numbers.given(site, dataset)
    for path in folder(site, dataset, period).glob("*.*"):
        if path.suffix != ".end" and path.name not in known and not path.with_name(f"{path.name}.end").exists():
            path.unlink()


def read_back(parcel: Parcel, path: Path, data: bytes | None = None) -> None:
    """Decode what was written (``data``: as it was read out of its archive) and compare it with what was chosen (DefinitionError NP-2101) and with
    what the row of the registry permits: what has another column goes again (Refused NP-2105)."""
    layout, rows = parcel.layout, parcel.rows
    if strange := {f.name for f in layout.columns} - set(parcel.row.items):
        path.unlink(missing_ok=True)
        raise Refused("NP-2105", file=path.name, item="・".join(sorted(strange)))
    data = path.read_bytes() if data is None else data
    if data != parcel.content:
        raise DefinitionError("NP-2101", file=path.name)
    if read_again := READERS.get(layout.file.format):
        try:
            same = read_again(data, path.name, layout).select(rows.column_names) == rows.combine_chunks()
        except ValueError:  # a cell that a reader would refuse
            same = False
    else:
        found, decoder = split(data, layout, path.name), Decoder(layout.data)
        again = pa.Table.from_batches([decoder.decode(found.records)]) if len(found.records) else rows.slice(0, 0)
        same = not decoder.check(found.records) and again == rows.combine_chunks() and found.trailer["count"] == rows.num_rows
    if not same:
        raise DefinitionError("NP-2101", file=path.name)


def seal(site: Site, path: Path, content: bytes | None = None) -> Sealed:
    """AES-256 archive of the file (or of ``content``, of which there is none); its password is made once and kept in ``keys/media``. An archive
    that opens is kept. Refused NP-2102 when it holds something else."""
    archive, key = path.with_suffix(".zip"), site.keys.folder / "media" / f"{path.stem}.key"
    key.parent.mkdir(mode=0o700, exist_ok=True)
    atomic.write(key, media.new_password().encode(), mode=0o600, once=True)
    password = key.read_text()
    if not archive.exists():
        media.seal(path if content is None else content, archive, password)
    if unsealed(site, archive, key.name) != (path.read_bytes() if content is None else content):
        raise Refused("NP-2102", file=archive.name)
    with archive.open("rb") as whole:
        return Sealed(archive, hashlib.file_digest(whole, "sha256").hexdigest(), key.name)


def unsealed(site: Site, archive: Path, key_name: str) -> bytes:
    """What is in an archive of ours. As ``media.unseal``."""
    return media.unseal(archive, (site.keys.folder / "media" / key_name).read_text())
