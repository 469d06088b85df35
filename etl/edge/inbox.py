"""受信フォルダー: files as their senders left them. Each is open no longer than a block; only what lies in the archive is taken away (``clear``).

A file is hashed before anything of it is believed; what is loaded is hashed once more as it is read (``sha256`` of what is opened here), so that
nobody can put other bytes in its place in between, whatever the clock of the file says.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from etl.core.codec.csvtext import CsvFile
from etl.core.codec.fixedfile import FixedFile
from etl.core.errors import SourceError, Unavailable
from etl.core.mapping.layout import Layout

END_KEYS = ("file", "bytes", "sha256", "count")
END_LIMIT = 4096  # bytes; an .end is one short line
MOST = {"bytes": 2**63 - 1, "count": 2**31 - 1}  # of what an .end may say
Stamp = tuple[int, int, int, int]  # inode, size, time of the last change, and when that was put there
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


def ends_alone(folder: Path) -> list[str]:
    """Names of which only the ``.end`` lies there; sorted."""
    ends = {e.name.removesuffix(".end") for e in os.scandir(folder) if e.name.endswith(".end")} if folder.is_dir() else set()
    return sorted(ends - set(names(folder)))


def hashed(path: Path) -> str:
    """SHA-256 of a file; nothing when it is no file, or is gone. Unavailable NP-1026."""
    try:
        with opened(path) as source:
            return sha256(source)
    except SourceError:
        return ""


def clear(path: Path, before: tuple[Stamp | None, ...]) -> None:
    """Take a file away, then its ``.end``; what was put there since ``before`` (``stamps``) stays. Unavailable NP-3206."""
    for one, was, now in zip((path, end_of(path)), before, stamps(path), strict=True):
        if now is not None and now == was:
            _unlink(one)


def clear_end(path: Path, ends: set[str]) -> None:
    """Take an ``.end`` away whose file went before, if it is one of these (SHA-256)."""
    if _end_sha256(path) in ends:
        _unlink(end_of(path))


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            "NP-3206", file=path.name, volume=f"{path.parent.name}・{errno.errorcode.get(error.errno or 0, 'EIO')}"
        ) from None


def arrived(path: Path) -> bool:
    """A file is complete when its ``.end`` lies beside it."""
    return end_of(path).exists()


def end_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.end")


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """The file itself, closed however the block ends. SourceError NP-2005 for what is no file (a link leads elsewhere, a pipe is waited
    for, a device never ends), NP-2028 when it is gone, Unavailable NP-1026 when it cannot be read."""
    try:
        with open(path, "rb", opener=_itself) as file:  # Path.open takes no opener
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError("NP-2005", file=path.name)
            yield file
    except OSError as error:
        if error.errno in (*NO_FILE, errno.ENOENT):
            raise SourceError("NP-2028" if error.errno == errno.ENOENT else "NP-2005", file=path.name) from None
        why = errno.errorcode.get(error.errno or 0, "EIO")
        raise Unavailable("NP-1026", volume=f"{path.parent.name}・{why}") from None


def _itself(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


@contextmanager
def open_fixed(path: Path, layout: Layout) -> Iterator[FixedFile]:
    """A fixed file whose structure is right (the CRLF of data records are checked as blocks are read). SourceError."""
    with opened(path) as source:
        yield FixedFile(source, path.name, layout)


@contextmanager
def open_csv(path: Path, layout: Layout) -> Iterator[CsvFile]:
    """A CSV file whose label line is right. SourceError."""
    with opened(path) as source:
        yield CsvFile(source, path.name, layout)


def whole(path: Path, most: int) -> tuple[np.ndarray, Arrival]:
    """All bytes of a file that is taken at once, and their hash. SourceError NP-1126 when there are more than ``most``."""
    with opened(path) as source:
        stamp = _small_enough(path, source, most)
        data = np.fromfile(source, np.uint8, stamp[1])
        return data, Arrival(len(data), hashlib.sha256(data).hexdigest(), 0, stamp)


def receive(path: Path, most: int) -> Arrival:
    """Check a complete file against its ``.end``; its size before its hash. SourceError NP-1126, NP-2001/2002/2004/2005, Unavailable NP-1026
    when unreadable."""
    raw = _raw_end(path)
    end = said(path.name, raw)
    with opened(path) as source:
        stamp = _small_enough(path, source, most)
        if stamp[1] != end["bytes"]:
            raise SourceError("NP-2004", file=path.name, expected=end["bytes"], found=stamp[1])
        found = sha256(source)
    if found != end["sha256"].lower():
        raise SourceError("NP-2002", file=path.name, expected=end["sha256"][:12], found=found[:12])
    return Arrival(stamp[1], found, end["count"], stamp, hashlib.sha256(raw).hexdigest())


def _small_enough(path: Path, source: BufferedReader, most: int) -> Stamp:
    """The stamp of an open file; it is older than the hash, so that a change in between is noticed."""
    stamp = _stamp(source)
    if stamp[1] > most:
        raise SourceError("NP-1126", file=path.name, limit=most, found=stamp[1])
    return stamp


def seen(path: Path, before: tuple[Stamp | None, ...], most: int) -> Seen:
    """The file as it lies there (one larger than ``most`` by its size alone); nothing of it when it is no longer as it was ``before``
    (``stamps``): then nobody knows what was refused."""
    try:
        with opened(path) as source:
            size = _stamp(source)[1]
            found = Seen(size, sha256(source) if size <= most else "", _end_sha256(path))
    except (SourceError, Unavailable):
        return Seen()
    return found if stamps(path) == before else Seen()


def is_same(path: Path, then: Seen, most: int) -> bool:
    """Whether it lies there as it was seen then; what is cheap to compare first."""
    now = stamps(path)
    if then.sha256 and (now[0] is None or now[0][1] != then.bytes):
        return False
    return seen(path, now, most) == then


def stamps(path: Path) -> tuple[Stamp | None, ...]:
    """Of the file and of its ``.end``; None where there is none."""
    found: list[Stamp | None] = []
    for one in (path, end_of(path)):
        try:
            found.append(_stamp_of(os.lstat(one)))
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
    return _stamp_of(os.fstat(source.fileno()))


def _stamp_of(about: os.stat_result) -> Stamp:
    """Anybody can set the time of the last change back; not the one at which that was done."""
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def _raw_end(path: Path) -> bytes:
    with opened(end_of(path)) as source:
        return source.read(END_LIMIT + 1)


def said(name: str, raw: bytes) -> dict[str, Any]:
    """What the ``.end`` of a file says: the four keys, nothing else and no more than END_LIMIT bytes of it. What it says is shown again, so a hash
    must be one. SourceError NP-2001."""
    try:
        end: dict[str, Any] = json.loads(raw.decode("utf-8"))
        ok = len(raw) <= END_LIMIT and all(k in end for k in END_KEYS) and end["file"] == name
        ok = ok and all(type(end[k]) is int and 0 <= end[k] <= most for k, most in MOST.items())
        ok = ok and isinstance(end["sha256"], str) and re.fullmatch(r"[0-9A-Fa-f]{64}", end["sha256"]) is not None
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError, RecursionError):
        ok = False
    if not ok:
        raise SourceError("NP-2001", file=name)
    return end
