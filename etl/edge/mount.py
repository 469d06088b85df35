"""つないだ媒体: a folder at which a medium is mounted: what else lies on it, how a file gets there whole, and what can be read from there."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from etl.core.errors import Refused
from etl.edge import atomic

#: folders that a file system or a desktop makes by itself
OF_THE_DISK = ("lost+found", "System Volume Information")
SPARE = 64 << 10  # bytes of folders and tables beside the files


def look(folder: Path, ours: Collection[str], sources: Collection[Path]) -> None:
    """Refused NP-4149 (nothing is mounted there), NP-4151 (a file that is not ours, by its name or, of these, by its bytes), NP-4150 (no room for
    these); Unavailable NP-1026 when it cannot be read."""
    if not os.path.ismount(folder):
        raise Refused("NP-4149")
    try:
        strange = [entry.name for entry in os.scandir(folder) if not _is_ours(entry, ours)]
        there = [path for path in sources if (folder / path.name).is_file()]
        strange += [path.name for path in there if read(folder / path.name) != read(path)]
        need = sum(path.stat().st_size for path in sources if path not in there)
        free = os.statvfs(folder)
    except OSError as error:
        raise atomic.unavailable(error, folder) from None
    if strange:
        raise Refused("NP-4151", found=len(strange))
    if need and free.f_bavail * free.f_frsize < need + SPARE:
        raise Refused("NP-4150", needed=need + SPARE)


def _is_ours(entry: os.DirEntry[str], ours: Collection[str]) -> bool:
    if entry.name in OF_THE_DISK:
        return entry.is_dir(follow_symlinks=False)
    named = entry.name in ours or any(_is_part(entry.name, name) for name in ours)
    return named and entry.is_file(follow_symlinks=False)


def _is_part(found: str, name: str) -> bool:
    """What was left of this file by a writing that was killed."""
    return found.startswith(f".{name}.") and found.endswith(".part")


def put(folder: Path, source: Path) -> None:
    """The file under its name, whole or not at all; what is there already stays. What a killed writing left of it goes. Unavailable NP-1026 (full,
    torn off)."""
    try:
        for entry in list(os.scandir(folder)):
            if _is_part(entry.name, source.name):
                Path(entry.path).unlink()
        if (folder / source.name).exists():
            return
    except OSError as error:
        raise atomic.unavailable(error, folder) from None
    with source.open("rb") as whole:
        atomic.write(folder / source.name, lambda out: shutil.copyfileobj(whole, out, 1 << 20), mode=None)


def read(path: Path) -> str:
    """The SHA-256 of what the medium itself gives: pages that were written just now are dropped first, as far as the system lets them go.
    Unavailable NP-1026."""
    try:
        with path.open("rb") as file:
            with suppress(OSError):  # a disc has nothing to write
                os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise atomic.unavailable(error, path.parent) from None
