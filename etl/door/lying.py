"""在るもの: what lies in the outbox and belongs into the archive: files that left, with their media, and the papers of the house."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.core.mapping.transfers import transfers
from etl.door.look import holds
from etl.door.papers import Shelf
from etl.door.parcel import folder
from etl.edge import db
from etl.site import Site

#: shelves whose sheets show nobody
NOBODY = (Shelf.SHORI_KEKKA, Shelf.SHOUKYO, Shelf.TOUROKUBO)
SLIP = "送受書"


@dataclass(frozen=True)
class Lying:
    """A file that lies there, with the hash that it has. ``output_id``: of what it is a part; ``personal``: it shows persons."""

    path: Path
    sha256: str
    dataset: str
    period: str
    personal: bool
    output_id: int | None = None


def sent(session: db.Session, site: Site, datasets: Sequence[str]) -> Iterator[Lying]:
    """The parts of files that have left and are not in the archive yet: the file, the archive on its medium, that one's password. What is no longer
    as it left is none of it (``look`` tells of it)."""
    for row in session.rows("hokan/released_bare", datasets=list(datasets)):
        path = folder(site, row["dataset"], row["period"]) / row["name"]
        parts = {path: row["sha256"]}
        if row["archive_name"]:
            key = site.keys.folder / "media" / row["key_name"]
            parts |= {path.with_name(row["archive_name"]): row["archive_sha256"], key: _hash(key)}
        for part, sha256 in parts.items():
            if part.name not in row["kept"] and holds(part, sha256):
                yield Lying(part, sha256, row["dataset"], row["period"], True, row["output_id"])


def papers(site: Site) -> Iterator[Lying]:
    """Lists and sheets on their shelves, those beside the files that left, and earlier states that were made again."""
    for shelf in Shelf:
        if shelf != Shelf.FORM:
            yield from _papers(site.outbox / shelf, shelf not in NOBODY)
    for row in transfers().values():
        top = folder(site, row.dataset)
        for one in _papers(top, True):
            if one.path.suffix == ".xlsx" or one.path.parent.name.startswith("reproduced-"):
                yield one


def _papers(top: Path, personal: bool) -> Iterator[Lying]:
    for path in sorted(p for p in top.rglob("*") if p.is_file() and not p.is_symlink() and not p.name.startswith(".")):
        place = path.relative_to(top).parts
        yield Lying(path, _hash(path), top.name, place[0] if len(place) > 1 else "", personal and SLIP not in path.stem)


def _hash(path: Path) -> str:
    """Of a file that is there; one that goes meanwhile has none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
