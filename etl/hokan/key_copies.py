"""保管物の鍵の写し: the wrapped keys of archived objects on another medium than the data's, in the folder that KOKUNEN_KEYS names.

Every night ``etl.backup.keys`` brings the new ones there; what is destroyed goes there too, at once where the medium is in its place
(``etl.retire``).
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

OBJECTS = "objects"


def told() -> Path | None:
    """Where they belong; None when KOKUNEN_KEYS names nothing."""
    named = os.environ.get("KOKUNEN_KEYS")
    return Path(named).resolve() / OBJECTS if named else None


def place() -> Path | None:
    """The same, if the medium is in its place."""
    folder = told()
    return folder if folder and folder.is_dir() else None


def wrapped(folder: Path | None) -> dict[str, Path]:
    """The keys that lie in a folder, by the name of their object."""
    return {path.name: path for path in (folder.glob("[0-9a-f]*") if folder and folder.is_dir() else ()) if path.is_file()}


def of_object(home: Path, name: str) -> list[Path]:
    """Where the key of an object lies: in the house, and on the other medium."""
    there = place()
    return [home / "keys" / OBJECTS / name, *([there / name] if there else [])]


def lacking(home: Path, before: datetime) -> int:
    """How many keys, made before this moment, lie on no other medium that is in its place."""
    here, there = wrapped(home / "keys" / OBJECTS), wrapped(place())
    return sum(here[name].stat().st_mtime < before.timestamp() for name in here.keys() - there.keys())
