"""番号: a number, or a name, that was given once is not given again, also by a database that has forgotten it (an older one was restored)
after the outbox was collected. ``numbers/`` of the home says what was given: a line per file, its name and its SHA-256."""

from __future__ import annotations

import re
from pathlib import Path

from etl.core.errors import Refused
from etl.core.mapping.layout import leaving
from etl.core.mapping.names import parse_name
from etl.door.parcel import Parcel, folder
from etl.edge import atomic
from etl.site import Site


def give(site: Site, kind: str, name: str, sha256: str = "-") -> None:
    """Note it, before it can be found. Unavailable NP-1026."""
    known = given(site, kind) | {name: sha256}
    atomic.write(_kept(site, kind), "".join(f"{n} {digest}\n" for n, digest in known.items()).encode(), mode=0o600)


def given(site: Site, kind: str) -> dict[str, str]:
    """name -> SHA-256 of what was given, oldest first."""
    kept = _kept(site, kind)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    return dict(line.rsplit(" ", 1) for line in lines if " " in line)


def require_new(site: Site, parcel: Parcel) -> None:
    """The name was not given to another file that was taken away since. Refused NP-2108. (What still lies there is ``place``'s to judge.)"""
    before = given(site, parcel.row.dataset).get(parcel.name, parcel.sha256)
    if before != parcel.sha256 and not parcel.path(site).exists():
        raise Refused("NP-2108", file=parcel.name)


def next_seq(site: Site, dataset: str, period: str, wanted: int) -> int:
    """``wanted`` (the next by the ledger), or one above what was given without the ledger knowing. A file of this period that still lies
    there keeps its number: its run was cut off. Refused NP-2102 when one of another period lies there: its run goes on first."""
    handed = {end.name.removesuffix(".end"): end.parent for end in folder(site, dataset).rglob("*.end")}
    numbers = {name: _seq(dataset, name) for name in (*given(site, dataset), *handed)}
    unknown = {name: seq for name, seq in numbers.items() if seq >= wanted}
    own = [seq for name, seq in unknown.items() if (folder(site, dataset, period) / name).exists()]
    if own:
        return min(own)
    if strange := [name for name in unknown if name in handed or any(folder(site, dataset).rglob(name))]:
        raise Refused("NP-2102", file=min(strange))
    return max((wanted - 1, *unknown.values())) + 1


def highest(site: Site, shelf: str) -> int:
    """The highest number at the end of a name that lies on the shelf, or was given."""
    names = (*given(site, shelf), *(path.name for path in (site.outbox / shelf).rglob("*")))
    return max((int(found[1]) for found in (re.search(r"_(\d{6,})\.\w+$", name) for name in names) if found), default=0)


def _seq(dataset: str, name: str) -> int:
    seq = (parse_name(leaving()[dataset].file.name, name) or {}).get("seq")
    return seq if isinstance(seq, int) else 0


def _kept(site: Site, kind: str) -> Path:
    return site.home / "numbers" / kind
