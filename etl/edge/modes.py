"""権限: who of the machine's other users may look into a home: nobody. Its files hold 個人番号, its keys open the vault.

``inbox`` alone is for a second group too, that of whoever sends (``chgrp``; 0750 or 0730): what the group may do is the office's. ``pg`` is
the database server's, whose user may be another one than ours, and closes itself. Who made the home decides who passes through it, but nobody
else writes in it. A folder of ours that lies elsewhere (a link) is closed there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from etl.core.errors import Refused

UMASK = 0o077
PASSABLE = 0o711  # a home, and its ``pg``: the server's user passes through, and sees no names
OURS, SENDERS = 0o700, 0o750
FOLDERS = ("inbox", "outbox", "archive", "keys")


def start() -> None:
    """Every start: what this process and its children make is for nobody else (papers for our group: ``atomic.write``)."""
    os.umask(UMASK)


def prepare(home: Path) -> None:
    """The folders of a home, closed; what is there stays."""
    passable(home)
    for name in FOLDERS:
        folder = home / name
        if not folder.exists():
            folder.mkdir()
            folder.chmod(SENDERS if name == "inbox" else OURS)


def passable(folder: Path) -> None:
    """Make a folder that others may pass; whoever made it before decided otherwise."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(PASSABLE)


def close(home: Path) -> list[str]:
    """Close what is open to others; its names with the modes that they had. Refused NP-1034 when it is not ours to close."""
    closed = []
    for path, allowed, mode in _ought(home):
        had = stat.S_IMODE(path.stat().st_mode)
        if had & ~allowed:
            try:
                path.chmod(mode)
            except OSError:
                raise Refused("NP-1034", file=_name(home, path), mode=f"{had:04o}") from None
            closed.append(f"{_name(home, path)} {had:04o}→{mode:04o}")
    return closed


def _name(home: Path, path: Path) -> str:
    return path.relative_to(home).as_posix() if path != home else home.name


def _ought(home: Path) -> Iterator[tuple[Path, int, int]]:
    """path, the modes that it may have, the one that it gets. A home that is not there yet has nothing."""
    if home.is_dir():
        yield home, *_of_home(stat.S_IMODE(home.stat().st_mode))
    for folder in sorted(
        p for p in home.glob("*") if p.is_dir() and p.name != "pg" and (p.name in FOLDERS or not p.is_symlink())
    ):
        if folder.name == "inbox":
            yield folder, 0o3770, SENDERS
        elif folder.name == "keys":
            yield folder, OURS, OURS
            yield from ((p, *((OURS,) * 2 if p.is_dir() else (0o600,) * 2)) for p in _keys(folder))
        else:
            yield folder, 0o2750, OURS


def _keys(folder: Path) -> list[Path]:
    """The keys and their folders, but not the ten thousands in ``objects``, which is closed itself (and ``archive`` makes them 0600)."""
    tops = sorted(folder.glob("*"))
    return [p for top in tops for p in (top, *(sorted(top.rglob("*")) if top.name != "objects" else ())) if p.exists()]


def _of_home(mode: int) -> tuple[int, int]:
    """Whoever may write in a home may put a folder of their own in the place of one of ours; where names are protected (sticky), nobody can."""
    return (mode if mode & stat.S_ISVTX else 0o7775), mode & ~stat.S_IWOTH
