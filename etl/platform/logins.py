"""接続の鍵: the password of each log-in of the databases, in a folder of its own with a mode of its own: ``keys/db/<role>/password``.

So an office can leave one of them to another account of the machine (手順書 12). Those of before lay side by side as ``keys/pg-<role>.password``;
each is moved when it is first asked for.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from etl.core.errors import Unavailable
from etl.edge import atomic
from etl.edge.modes import OURS

ADMIN = "admin"  # of our own server; an office's is written nowhere


def place(keys: Path, role: str) -> Path:
    """Where the password of ``role`` lies; what lay in the place of before is there now. Killed in between: it lies in the one or the other."""
    path, before = keys / "db" / role / "password", keys / f"pg-{role}.password"
    if before.exists():
        _folder(path)
        if not path.exists():
            with suppress(FileNotFoundError):  # somebody else was faster
                before.rename(path)
    return path


def make(keys: Path, role: str) -> None:
    """The password, once. Where the folder is another account's it was made before."""
    path = place(keys, role)
    _folder(path)
    if os.access(path.parent, os.W_OK | os.X_OK):
        atomic.write(path, secrets.token_urlsafe(24).encode(), mode=0o600, once=True)


def _folder(path: Path) -> None:
    for folder in (path.parents[2], path.parents[1], path.parent):  # ``parents=True`` alone would give the mode to the last only
        folder.mkdir(parents=True, exist_ok=True, mode=OURS)


def known(keys: Path, role: str) -> bool:
    """Whether we may read it, and it is there."""
    try:
        return bool(read(keys, role))
    except Unavailable:
        return False


def read(keys: Path, role: str) -> str:
    """The password. Unavailable NP-1030 when there is none, NP-1092 when it is another account's."""
    try:
        return place(keys, role).read_text()
    except FileNotFoundError:
        raise Unavailable("NP-1030") from None
    except PermissionError:
        raise Unavailable("NP-1092", item=role) from None
