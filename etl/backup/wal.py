"""WAL の封: segments from the spool of our server into the backup folder, encrypted, within seconds while the house is up.

A segment leaves the spool when its encrypted copy is on the disk. Cut off in between, the next one finds it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etl.backup import box, catalog
from etl.backup.catalog import Shelf
from etl.core.errors import Refused
from etl.edge import failpoint
from etl.platform import wal

KIND = "wal"


def seal(home: Path) -> int:
    """Encrypt what waits in the spool; how many segments. Unavailable NP-1026 (the disk: nothing is lost, the spool keeps them); Refused
    NP-3263 when another segment of that name is there."""
    if not wal.spooled(home):
        return 0
    shelf = catalog.shelf(home)
    catalog.prepare(shelf)
    with _alone(home):
        waiting = wal.spooled(home)
        for path in waiting:
            _seal(shelf, path)
            failpoint.reached("wal sealed")
            path.unlink()
    return len(waiting)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One at a time: a command and the service may both come."""
    with (home / "pg" / "wal.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _seal(shelf: Shelf, path: Path) -> None:
    target, content = shelf.wal / path.name, path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if target.exists():  # sealed, and then cut off
        with box.opening(shelf.keys, target) as (about, _):
            _require(about, path.name)
            if about["sha256"] != digest:
                raise Refused("NP-3263", file=path.name)
        return
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    about = {"kind": KIND, "name": path.name, "sha256": digest, "at": at}
    box.write(shelf.keys, target, about, lambda out: out.write(zlib.compress(content, 1)))


def names(shelf: Shelf) -> list[str]:
    """What is kept of it, by name."""
    return sorted(path.name for path in shelf.wal.glob("*") if wal.NAME.fullmatch(path.name)) if shelf.wal.is_dir() else []


def unseal(shelf: Shelf, name: str, folder: Path) -> dict[str, Any]:
    """One segment in clear, where a server that is being restored reads it; what its line says. Refused NP-3251, NP-3252; Unavailable NP-3253."""
    with box.opening(shelf.keys, shelf.wal / name) as (about, reader):
        _require(about, name)
        content = zlib.decompress(b"".join(iter(reader.read, b"")))
        if about["sha256"] != hashlib.sha256(content).hexdigest():
            raise Refused("NP-3251", file=name)
    with (folder / name).open("wb") as out:
        out.write(content)
    return about


def finished_at(shelf: Shelf, name: str) -> datetime:
    """When the segment was finished. Raises like ``unseal``."""
    with box.opening(shelf.keys, shelf.wal / name) as (about, _):
        _require(about, name)
        return datetime.fromisoformat(about["at"])


def _require(about: dict[str, Any], name: str) -> None:
    """Refused NP-3251 when another segment, or what is none, lies under this name."""
    if (about.get("kind"), about.get("name")) != (KIND, name):
        raise Refused("NP-3251", file=name)
