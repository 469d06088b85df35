"""消去の台帳の控え: what was destroyed, kept outside the database too, so that a restore can do it again: ``retired/<year>.jsonl`` of the home.

A line is written, and on the disk, before what it tells of is destroyed. Lines are added and never changed; one that a killed writer has cut
off ends where the next one begins.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.core.errors import Unavailable


def folder(home: Path) -> Path:
    return home / "retired"


def append(home: Path, at: datetime, lines: Sequence[dict[str, Any]]) -> None:
    """More lines, on the disk when this returns. Unavailable NP-1026."""
    path = folder(home) / f"{at:%Y}.jsonl"
    try:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            text = "" if not size or os.pread(handle, 1, size - 1) == b"\n" else "\n"  # after a line that was cut off
            text += "".join(json.dumps({"at": at.isoformat(), **line}, ensure_ascii=False) + "\n" for line in lines)
            with os.fdopen(os.dup(handle), "ab") as out:
                out.write(text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        _sync(path.parent)
    except OSError as error:
        raise Unavailable("NP-1026", volume=f"{path.parent.name}・{errno.errorcode.get(error.errno or 0, 'EIO')}") from None


def read(home: Path) -> Iterator[dict[str, Any]]:
    """Every whole line, oldest year first."""
    for path in sorted(folder(home).glob("[0-9][0-9][0-9][0-9].jsonl")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                yield json.loads(line)
            except ValueError:  # cut off: what it was to tell of was not destroyed
                continue


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
