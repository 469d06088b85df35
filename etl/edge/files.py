"""ファイル: the inbox, read only."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etl.core.errors import SourceError
from etl.edge.atomic import unavailable

END_KEYS = ("file", "bytes", "sha256", "count")
END_LIMIT = 4096  # bytes; an .end is one short line
MOST_ROWS = 2**31 - 1


@dataclass(frozen=True)
class Arrival:
    """One complete file of the inbox: it agrees with its ``.end`` in name, bytes and sha256; ``count`` is what .end claims (without ``.end``:
    what the file itself says)."""

    path: Path
    bytes: int
    sha256: str
    count: int
    stamp: tuple[int, int, int]  # by which a change after the hash was taken is noticed


def names(folder: Path) -> list[str]:
    """Names of the files that lie in a dataset's inbox, without their ``.end``; sorted."""
    if not folder.is_dir():
        return []
    return sorted(e.name for e in os.scandir(folder) if not e.name.endswith(".end") and not e.name.startswith("."))


def arrived(path: Path) -> bool:
    """A file is complete when its ``.end`` lies beside it."""
    return Path(f"{path}.end").exists()


def receive(path: Path) -> Arrival:
    """Check a complete file against its ``.end``. SourceError NP-2001/2002/2004/2005, Unavailable NP-1026 when unreadable."""
    try:
        if not all(stat.S_ISREG(p.lstat().st_mode) for p in (path, Path(f"{path}.end"))):
            raise SourceError("NP-2005", file=path.name)
        end = _read_end(path)
        found = _taken(path, end["count"])
    except OSError as error:
        raise unavailable(error, path.parent) from None
    if found.bytes != end["bytes"]:
        raise SourceError("NP-2004", file=path.name, expected=end["bytes"], found=found.bytes)
    digest = found.sha256
    if digest != str(end["sha256"]).lower():
        raise SourceError("NP-2002", file=path.name, expected=str(end["sha256"])[:12], found=digest[:12])
    return found


def receive_alone(path: Path, count: Callable[[Path], int]) -> Arrival:
    """A file that comes without ``.end``: ``count`` reads it and tells its records, refusing it if it is not whole. SourceError NP-2005,
    Unavailable NP-1026."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise SourceError("NP-2005", file=path.name)
        found = _taken(path, 0)  # hashed first: if it changes before it is counted, that is noticed
        return replace(found, count=count(path))
    except OSError as error:
        raise unavailable(error, path.parent) from None


def _taken(path: Path, count: int) -> Arrival:
    """The file as it is now; the stamp is older than the hash, so that a change in between is noticed."""
    stamp = _stamp(path)
    return Arrival(path, stamp[1], sha256(path), count, stamp)


def check_unchanged(arrival: Arrival) -> None:
    """What was read is what was hashed. SourceError NP-2002 when the file was written to or replaced meanwhile."""
    try:
        if _stamp(arrival.path) != arrival.stamp and (digest := sha256(arrival.path)) != arrival.sha256:
            raise SourceError("NP-2002", file=arrival.path.name, expected=arrival.sha256[:12], found=digest[:12])
    except OSError as error:
        raise unavailable(error, arrival.path.parent) from None


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read_end(path: Path) -> dict[str, Any]:
    """The four keys, nothing else and no more than END_LIMIT bytes of it. What it says is shown again, so a hash must be one."""
    with Path(f"{path}.end").open("rb") as handle:
        raw = handle.read(END_LIMIT + 1)
    try:
        end = json.loads(raw.decode("utf-8"))
        ok = len(raw) <= END_LIMIT and all(k in end for k in END_KEYS) and end["file"] == path.name
        ok = ok and all(type(end[k]) is int and end[k] >= 0 for k in ("bytes", "count")) and end["count"] <= MOST_ROWS
        ok = ok and isinstance(end["sha256"], str) and re.fullmatch(r"[0-9A-Fa-f]{64}", end["sha256"]) is not None
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError, RecursionError):
        ok = False
    if not ok:
        raise SourceError("NP-2001", file=path.name)
    return end


def sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
