"""消去: a file is overwritten, then its name goes, and both are on the disk when this returns.

Overwriting reaches the place of the file on a disk that writes in place; where a disk, a snapshot or a file system keeps what was there, it is the
destruction of the key that counts (``etl.retire``).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from etl.core.errors import Unavailable

BLOCK = 1 << 20
NO_FILE = (errno.ELOOP, errno.ENXIO, errno.EISDIR)  # a link, a socket, a folder: nothing of it is overwritten


def destroy(path: Path, *, overwrite: bool = True) -> bool:
    """Whether there was one; a link goes itself, not what it leads to. Unavailable NP-3225."""
    try:
        if overwrite:
            _overwrite(path)
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unavailable(path, error) from None
    return True


def rename(path: Path, target: Path) -> None:
    """Within its folder. Nothing happens when it is gone. Unavailable NP-3225."""
    try:
        path.rename(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unavailable(path, error) from None


def sync(folders: Iterable[Path]) -> None:
    """What went from these folders is gone for good. Unavailable NP-3225."""
    for folder in sorted(set(folders)):
        try:
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            os.fsync(handle)
        except OSError as error:
            raise _unavailable(folder, error) from None
        finally:
            os.close(handle)


def content_of(path: Path) -> str | None:
    """SHA-256 of a file; None where there is none, or no file. Unavailable NP-3225 when it cannot be read."""
    try:
        with open(path, "rb", opener=lambda p, flags: os.open(p, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in NO_FILE:
            return None
        raise _unavailable(path, error) from None


def _overwrite(path: Path) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in NO_FILE:
            return
        raise
    with os.fdopen(handle, "wb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:  # another name of the same file is somebody else's
            return
        left = about.st_size
        while left > 0:
            left -= file.write(os.urandom(min(BLOCK, left)))
        file.flush()
        os.fsync(file.fileno())


def _unavailable(path: Path, error: OSError) -> Unavailable:
    return Unavailable("NP-3225", file=path.name, volume=f"{path.parent.name}・{errno.errorcode.get(error.errno or 0, 'EIO')}")
