"""受信フォルダー: files as their senders left them. Only read; each is open no longer than a block."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from etl.core.codec import csvtext, jpsfile
from etl.core.codec.csvtext import CsvRows
from etl.core.codec.fixedfile import FixedFile
from etl.core.codec.jpsfile import JpsFile
from etl.core.errors import SourceError, Unavailable
from etl.core.mapping.layout import Layout

END_KEYS = ("file", "bytes", "sha256", "count")
END_LIMIT = 4096  # bytes; an .end is one short line
MOST_ROWS = 2**31 - 1
Stamp = tuple[int, int, int]  # inode, size, time of the last change
NO_FILE = (errno.ELOOP, errno.EISDIR, errno.ENXIO)  # a link, a folder, a socket


@dataclass(frozen=True)
class Arrival:
    """One complete file as it was when it was hashed; ``count`` is what its ``.end`` claims (without ``.end``: what the file itself says)."""

    bytes: int
    sha256: str
    count: int
    stamp: Stamp  # by which a change after the hash was taken is noticed
    end_sha256: str = ""


class Seen(NamedTuple):
    """By what a file that was not taken in is known again: itself and its ``.end``. Nothing where it is no file, or cannot be read."""

    bytes: int = 0
    sha256: str = ""
    end_sha256: str = ""


def names(folder: Path) -> list[str]:
    """Names of the files that lie in a dataset's inbox, without their ``.end``; sorted."""
    if not folder.is_dir():
        return []
    return sorted(e.name for e in os.scandir(folder) if not e.name.endswith(".end") and not e.name.startswith("."))


def arrived(path: Path) -> bool:
    """A file is complete when its ``.end`` lies beside it."""
    return end_of(path).exists()


def end_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.end")


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """The file itself, closed however the block ends. SourceError NP-2005 for what is no file (a link leads elsewhere, a pipe is waited
    for, a device never ends), Unavailable NP-1026 when it cannot be read."""
    try:
        with open(path, "rb", opener=_itself) as file:  # Path.open takes no opener
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError("NP-2005", file=path.name)
            yield file
    except OSError as error:
        if error.errno in NO_FILE:
            raise SourceError("NP-2005", file=path.name) from None
        why = errno.errorcode.get(error.errno or 0, "EIO")
        raise Unavailable("NP-1026", volume=f"{path.parent.name}・{why}") from None


def _itself(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


@contextmanager
def open_fixed(path: Path, layout: Layout) -> Iterator[FixedFile]:
    """A fixed file whose structure is right (the CRLF of data records are checked as blocks are read). SourceError."""
    with opened(path) as source:
        yield FixedFile(source, path.name, layout)


def read_csv(path: Path, layout: Layout) -> CsvRows:
    """A CSV file by record. SourceError refuses it; bad records are listed."""
    with opened(path) as source:
        return csvtext.read_csv(source, path.name, layout)


def read_jps(path: Path, layout: Layout, city5: str) -> JpsFile:
    """A medium of 日本年金機構, whole and of our municipality. SourceError."""
    with opened(path) as source:
        return jpsfile.read_jps(np.fromfile(source, np.uint8), layout, path.name, city5)


def receive(path: Path) -> Arrival:
    """Check a complete file against its ``.end``. SourceError NP-2001/2002/2004/2005, Unavailable NP-1026 when unreadable."""
    raw = _raw_end(path)
    end = _read_end(path, raw)
    found = replace(as_it_is(path, end["count"]), end_sha256=hashlib.sha256(raw).hexdigest())
    if found.bytes != end["bytes"]:
        raise SourceError("NP-2004", file=path.name, expected=end["bytes"], found=found.bytes)
    if found.sha256 != str(end["sha256"]).lower():
        raise SourceError("NP-2002", file=path.name, expected=str(end["sha256"])[:12], found=found.sha256[:12])
    return found


def as_it_is(path: Path, count: int) -> Arrival:
    """The file as it is now, hashed; the stamp is older than the hash, so that a change in between is noticed."""
    with opened(path) as source:
        stamp = _stamp(source)
        return Arrival(stamp[1], sha256(source), count, stamp)


def seen(path: Path, before: tuple[Stamp | None, ...]) -> Seen:
    """The file as it lies there; nothing of it when it is no longer as it was ``before`` (``stamps``): then nobody knows what was refused."""
    try:
        with opened(path) as source:
            found = Seen(os.fstat(source.fileno()).st_size, sha256(source), _end_sha256(path))
    except (SourceError, Unavailable):
        return Seen()
    return found if stamps(path) == before else Seen()


def is_same(path: Path, then: Seen) -> bool:
    """Whether it lies there as it was seen then; what is cheap to compare first."""
    now = stamps(path)
    if then.sha256 and (now[0] is None or now[0][1] != then.bytes):
        return False
    return seen(path, now) == then


def stamps(path: Path) -> tuple[Stamp | None, ...]:
    """Of the file and of its ``.end``; None where there is none."""
    found: list[Stamp | None] = []
    for one in (path, end_of(path)):
        try:
            about = os.lstat(one)
            found.append((about.st_ino, about.st_size, about.st_mtime_ns))
        except OSError:
            found.append(None)
    return tuple(found)


def _end_sha256(path: Path) -> str:
    return hashlib.sha256(_raw_end(path)).hexdigest() if arrived(path) else ""


def check_unchanged(path: Path, arrival: Arrival) -> None:
    """What was read is what was hashed. SourceError NP-2002 when the file was written to or replaced meanwhile."""
    with opened(path) as source:
        if _stamp(source) != arrival.stamp and (digest := sha256(source)) != arrival.sha256:
            raise SourceError("NP-2002", file=path.name, expected=arrival.sha256[:12], found=digest[:12])


def sha256(source: BufferedReader) -> str:
    return hashlib.file_digest(source, "sha256").hexdigest()


def _stamp(source: BufferedReader) -> Stamp:
    found = os.fstat(source.fileno())
    return found.st_ino, found.st_size, found.st_mtime_ns


def _raw_end(path: Path) -> bytes:
    with opened(end_of(path)) as source:
        return source.read(END_LIMIT + 1)


def _read_end(path: Path, raw: bytes) -> dict[str, Any]:
    """The four keys, nothing else and no more than END_LIMIT bytes of it. What it says is shown again, so a hash must be one."""
    try:
        end: dict[str, Any] = json.loads(raw.decode("utf-8"))
        ok = len(raw) <= END_LIMIT and all(k in end for k in END_KEYS) and end["file"] == path.name
        ok = ok and all(type(end[k]) is int and end[k] >= 0 for k in ("bytes", "count")) and end["count"] <= MOST_ROWS
        ok = ok and isinstance(end["sha256"], str) and re.fullmatch(r"[0-9A-Fa-f]{64}", end["sha256"]) is not None
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError, RecursionError):
        ok = False
    if not ok:
        raise SourceError("NP-2001", file=path.name)
    return end
