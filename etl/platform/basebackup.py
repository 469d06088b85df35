"""PostgreSQL's own backup: ``pg_basebackup`` as a stream, full or incremental. Nothing of it lies on a disk here.

WAL is not in it: that is kept on its own (``platform/wal.py``), and a restore needs it anyway.
"""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from etl.core.errors import Unavailable
from etl.platform import logins, manifest, postgres

ROLE = "kokunen_backup"
READ = 1 << 20


class Out(Protocol):
    """Where the stream goes."""

    def write(self, data: bytes, /) -> int: ...


@dataclass(frozen=True)
class Taken:
    """What a stream was: its list of files as PostgreSQL wrote it, and the first position of its WAL."""

    manifest: bytes
    timeline: int
    start: int

    @property
    def first_wal(self) -> str:
        return segment(self.timeline, self.start)


def segment(timeline: int, lsn: int) -> str:
    """The name of the segment (of 16 MiB) that holds a position."""
    return f"{timeline:08X}{lsn >> 32:08X}{(lsn & 0xFFFFFFFF) >> 24:08X}"


def position(lsn: str) -> int:
    """``16/B374D848`` as a number."""
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)


class _Through:
    """Reads from a pipe, and writes what it read on."""

    def __init__(self, source: IO[bytes], out: Out):
        self.source, self.out = source, out

    def read(self, size: int) -> bytes:
        data = self.source.read(size)
        self.out.write(data)
        return data


def take(home: Path, label: str, before: Path | None, out: Out) -> Taken:
    """The cluster as a tar into ``out``; ``before``: the list of files of the backup that this one rests on. Unavailable NP-3255 when
    PostgreSQL does not give it."""
    parent: list[str | Path] = ["-i", before] if before else []
    command: list[str | Path] = [
        postgres.binaries() / "pg_basebackup", "-D", "-", "-F", "tar", "-X", "none", "-c", "fast", "-l", label,
        f"--manifest-checksums={manifest.ALGORITHM}", "--no-password", "-h", "127.0.0.1", "-p", str(postgres.port(home)), "-U", ROLE, *parent,
    ]  # fmt: skip
    password = {"PGPASSWORD": logins.read(home / "keys", ROLE)}
    with (home / "pg" / "backup.log").open("wb") as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=_environment() | password, cwd="/")
        try:
            assert process.stdout
            files = _pass_on(process.stdout, out)
        finally:
            if process.stdout:
                process.stdout.close()
            process.wait()
    if process.returncode != 0 or files is None:
        raise Unavailable("NP-3255", item="pg_basebackup", log=str(home / "pg" / "backup.log"))
    return of_manifest(files)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _pass_on(source: IO[bytes], out: Out) -> bytes | None:
    """All of it; the list of files that comes last in it."""
    through, files = _Through(source, out), None
    try:
        with tarfile.open(fileobj=through, mode="r|", bufsize=READ) as tar:  # type: ignore[call-overload]
            for member in tar:
                if member.name == manifest.NAME and (inside := tar.extractfile(member)):
                    files = inside.read()
    except tarfile.TarError:  # cut off: its return code says it
        return None
    while through.read(READ):
        pass
    return files


def of_manifest(files: bytes) -> Taken:
    """What PostgreSQL's list of files says of the backup."""
    said = json.loads(files)
    span = said["WAL-Ranges"][-1]
    return Taken(files, span["Timeline"], position(span["Start-LSN"]))
