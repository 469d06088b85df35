"""WAL の保管: the settings by which our own server hands over each finished segment, and the spool where it lies until it is encrypted.

The server writes into ``pg/wal``: whole and synced under its name, or not at all; it keeps a segment until that was done. So when nobody
takes them, or the disk is full, nothing is lost: the server tries again, and ``kokunen status`` says so. ``KOKUNEN_WAL=off`` keeps none
(an exercise, the tests): then there is no backup that reaches beyond itself.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from etl.core.mapping import registry

#: a segment; the last piece of a timeline that ended; the history of a timeline; a note about a base backup
NAME = re.compile(r"[0-9A-F]{24}(\.partial|\.[0-9A-F]{8}\.backup)?|[0-9A-F]{8}\.history")

#: the first version that can say what has changed since a backup
SUMMARIES = 17


def folder(home: Path) -> Path:
    """The spool."""
    return home / "pg" / "wal"


def kept() -> bool:
    """Whether the server hands its segments over."""
    return os.environ.get("KOKUNEN_WAL") != "off"


def settings(home: Path, version: int) -> dict[str, str]:
    """Of our own server of this version, as it is started. A segment is finished after ``wal_minutes`` at the latest. Increments there are
    from 17 on."""
    if not kept():
        return {"archive_mode": "off"}
    return {
        **({"summarize_wal": "on"} if version >= SUMMARIES else {}),
        "wal_level": "replica",
        "archive_mode": "on",
        "archive_timeout": f"{registry.hokan().backup.wal_minutes}min",
        "archive_command": command(folder(home)),
    }


def words(settings: Mapping[str, str]) -> str:
    """Settings as pg_ctl's shell hands them to the server."""
    return " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())


def command(spool: Path) -> str:
    """What the server's shell does with a segment: a copy beside it, synced, renamed."""
    place = shell(spool)
    part, whole = f"{place}/.%f.part", f"{place}/%f"
    return f'cp "%p" {part} && sync {part} && mv {part} {whole} && sync {place}'


def shell(folder: Path) -> str:
    """A folder as the server's shell reads it."""
    return shlex.quote(str(folder)).replace("%", "%%")


@dataclass(frozen=True)
class Waiting:
    """What lies in the spool: how many segments, and since when the oldest does (seconds since the epoch; None: there is none)."""

    segments: int
    since: float | None


def spooled(home: Path) -> list[Path]:
    """What waits to be encrypted, in the order in which it was written."""
    spool = folder(home)
    return sorted(path for path in spool.glob("*") if NAME.fullmatch(path.name)) if spool.is_dir() else []


def waiting(home: Path) -> Waiting:
    """For the status."""
    times = []
    for path in spooled(home):
        try:
            times.append(path.stat().st_mtime)
        except FileNotFoundError:  # taken in this moment
            continue
    return Waiting(len(times), min(times, default=None))
