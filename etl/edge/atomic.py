"""原子的な書込み: a file is under its name whole or not at all (F09). The one way in which anything here writes a file that matters."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from etl.core.errors import Unavailable

Content = bytes | Callable[[BinaryIO], None]


def write(path: Path, content: Content, *, mode: int | None = 0o640, once: bool = False) -> None:
    """Write under a unique temporary name, fsync, rename, fsync the folder. ``content``: the bytes, or what writes them into the open file.

    ``mode``: None where the file system keeps none (a flash drive).
    ``once``: what is there already stays as it is (keys, passwords), also when two write at the same moment. Unavailable NP-1026 names the folder
    and why.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        if once and path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            if mode is not None:
                os.fchmod(out.fileno(), mode)  # whatever the umask says
            if isinstance(content, bytes):
                out.write(content)
            else:
                content(out)
            out.flush()
            os.fsync(out.fileno())
        if once:
            with suppress(FileExistsError):
                os.link(part, path)
        else:
            part.rename(path)
        _sync(path.parent)
    except OSError as error:
        raise unavailable(error, path.parent) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def move(source: Path, target: Path) -> bool:
    """Put a whole file in its place, also on another disk; False when there is none any more. Unavailable NP-1026."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            write(target, source.read_bytes())
            source.unlink()
        _sync(target.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unavailable(error, target.parent) from None
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else who asks so is at this folder for the block: what is read there and written again loses nothing. Unavailable NP-1026."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise unavailable(error, folder) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what killed writers left half-written. Only under the lock of whoever writes there: then nobody else is writing."""
    for part in folder.rglob(".*.part"):
        part.unlink(missing_ok=True)


def unavailable(error: OSError, folder: Path) -> Unavailable:
    """NP-1026 with the folder's name and the kind of the error, never a path of the world."""
    return Unavailable("NP-1026", volume=f"{folder.name}・{errno.errorcode.get(error.errno or 0, 'EIO')}")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
