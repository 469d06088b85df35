"""ファイル: the atomic placing of what goes out."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from etl.core.errors import Unavailable


def sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def place(path: Path, content: bytes) -> None:
    """Write under a unique temporary name, fsync, rename, fsync the folder; so the name never points to a short file (F09)."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise _unavailable(error, path.parent) from None


def sweep(folder: Path) -> None:
    """Remove what killed writers left half-written. Only under the lock of whoever writes there: then nobody else is writing."""
    for part in folder.rglob(".*.part"):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unavailable(error: OSError, folder: Path) -> Unavailable:
    why = errno.errorcode.get(error.errno or 0, "EIO")
    return Unavailable("NP-1026", volume=f"{folder.name}・{why}")
