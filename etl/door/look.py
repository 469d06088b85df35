"""見直し: what has left is looked at again as long as it lies here: the file, its manifest, its archive and that one's password.

What was changed or cut is told each time. What is missing, and did not go on purpose (``etl.hokan``), is told once: the office may have
taken it away, as it may (docs/interfaces.md). Nothing is ever sent again by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.core.errors import Refused
from etl.core.mapping.transfers import row_of
from etl.door.parcel import folder
from etl.edge import db, media
from etl.run import Run
from etl.site import Site

FILE, END, ARCHIVE, PASSWORD = "本体", ".end", "暗号化ファイル", "パスワード"


@dataclass(frozen=True)
class Amiss:
    """A part of a file that has left: changed, or (``missing``) no longer there."""

    output_id: int
    dataset: str
    name: str
    part: str
    missing: bool

    @property
    def error(self) -> Refused:
        return Refused("NP-2110" if self.missing else "NP-2109", file=self.name, item=self.part)


def look(session: db.Session, site: Site, datasets: Sequence[str]) -> list[Amiss]:
    """What is amiss, oldest first; without what was told to be missing before."""
    released = session.rows("ledger/released", datasets=list(datasets))
    session.commit()
    return [
        Amiss(row["output_id"], row["dataset"], row["name"], part, not path.exists())
        for row in released
        for part, path, whole in _parts(site, row)
        if not whole and not (_expected(row, part) and not path.exists())
    ]


def tell(session: db.Session, run: Run, found: Sequence[Amiss]) -> None:
    """The missing ones are told now."""
    with session.transaction():
        for one in (f for f in found if f.missing):
            session.run("ledger/output_missing_put", output_id=one.output_id, part=one.part, run_id=run.run_id)


def _expected(row: dict[str, Any], part: str) -> bool:
    """Whether nobody wonders that it is not there: it was told before, or it went when the file was handed over."""
    names = {FILE: row["name"], END: row["name"], ARCHIVE: row["archive_name"], PASSWORD: row["key_name"]}
    return part in row["told"] or names[part] in row["cleared"]


def _parts(site: Site, row: dict[str, Any]) -> Iterator[tuple[str, Path, bool]]:
    """part, where it lies, whether it is as it left."""
    path = folder(site, row["dataset"], row["period"]) / row["name"]
    end = path.with_name(f"{path.name}.end")
    if not row_of(row["dataset"]).sealed:
        yield FILE, path, holds(path, row["sha256"])
    yield END, end, _agrees(end, path, row)
    if row["archive_name"]:
        archive, key = path.with_name(row["archive_name"]), site.keys.folder / "media" / row["key_name"]
        whole = holds(archive, row["archive_sha256"])
        yield ARCHIVE, archive, whole
        yield PASSWORD, key, key.is_file() and (not whole or media.opens(archive, key))


def holds(path: Path, sha256: str) -> bool:
    """Whether a file is there and has this content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _agrees(end: Path, path: Path, row: dict[str, Any]) -> bool:
    """Whether a manifest says what it said; the size can be asked only of a file that is still there."""
    try:
        said = json.loads(end.read_bytes())
        size = path.stat().st_size if holds(path, row["sha256"]) else said["bytes"]
        return (said["file"], said["bytes"], said["sha256"], said["count"]) == (row["name"], size, row["sha256"], row["rows"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
