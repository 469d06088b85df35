"""サーバーの記録: what our own PostgreSQL writes, on its way into ``pg/server.log``. No error's text comes through, for it may hold values; of
what a log-in was refused (SQLSTATE 42501) the time and the log-in stay.

PostgreSQL cannot choose by SQLSTATE, and its JSON log keeps DETAIL however terse it is told to be. So a small process stands between: it
reads the server's pipe and ends with the server. If it is killed, the server goes on and what it says is lost. The first line of a month
begins a new file; the one before is ``server-2026-10.log`` then, and goes when its period is over (class F).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

#: how the server begins its lines (``_LINE`` reads it)
SETTINGS = {"log_line_prefix": "%m,%e,%u,", "log_timezone": "UTC", "log_min_messages": "error", "log_destination": "stderr"}
REFUSED = (b"42501", b"ERROR")
#: errors as they are only when they are no statement's: of the server itself, or of a log-in
WHOLE = (b"LOG", b"FATAL", b"PANIC")
_LINE = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC,([0-9A-Z]{5}),([^,\n]*),([A-Z0-9]+):  .*\n")
_MONTH = re.compile(rb"(\d{4}-\d\d)-\d\d ")
#: who was refused something, or gave a wrong password
_KEPT = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC,(42501|28P01),(kokunen_[a-z_]+),(?:ERROR|FATAL:  .*)\n")


class Refusal(NamedTuple):
    """A log-in was refused something, or its password was wrong."""

    at: datetime
    sqlstate: str
    login: str


@contextmanager
def kept(log: Path, owner: int | None) -> Iterator[int]:
    """A descriptor for the server (whose user may be ``owner``) to write to, for as long as the block lasts here and as it lives there."""
    log.touch(mode=0o600)
    reader, writer = os.pipe()
    try:
        if owner is not None:
            os.fchown(writer, owner, -1)
        command = [
            "setsid",
            "--fork",
            sys.executable,
            "-I",
            "-S",
            __file__,
            str(log),
        ]  # nobody's child: it ends when the server does
        subprocess.run(command, stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", env={}, check=True)
    finally:
        os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


def sift(lines: Iterator[bytes]) -> Iterator[bytes]:
    """What may be kept of these. A text of several lines goes on after a tab; only before the server's first line something else may speak
    (a library that is missing)."""
    begun = False
    for line in lines:
        found = _LINE.fullmatch(line)
        begun = begun or found is not None
        if found is None:
            if not begun:
                yield line
        elif found[4] in WHOLE:
            yield line
        elif (found[2], found[4]) == REFUSED:
            yield b"%s UTC,42501,%s,ERROR\n" % (found[1], found[3])


def refusals(log: BinaryIO, most: int) -> tuple[list[Refusal], int]:
    """The next refusals of a kept log, from where it stands, and where the last whole line that was read ends."""
    found: list[Refusal] = []
    at = log.tell()
    for line in log:
        if not line.endswith(b"\n") or len(found) == most:
            break
        at += len(line)
        if match := _KEPT.fullmatch(line):
            when = datetime.strptime(match[1].decode(), "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
            found.append(Refusal(when, match[2].decode(), match[3].decode()))
    return found, at


def earlier(log: Path) -> list[Path]:
    """The logs of the months before, oldest first."""
    return sorted(log.parent.glob(f"{log.stem}-[0-9][0-9][0-9][0-9]-[0-9][0-9].log"))


class Monthly:
    """The log that is being written."""

    def __init__(self, path: Path):
        self._path = path
        self._handle, self._month = self._open(), _month(path)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, line: bytes) -> None:
        """One line; OSError on a full disk."""
        found = _MONTH.match(line)
        if found and self._month and found[1] > self._month:
            self._path.rename(self._path.with_name(f"{self._path.stem}-{self._month.decode()}.log"))
            os.close(self._handle)
            self._handle, self._month = self._open(), b""
        os.write(self._handle, line)
        self._month = found[1] if found else self._month


def _month(path: Path) -> bytes:
    """The month of the last line that has one."""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 65536))
        months = [found[1] for line in log if (found := _MONTH.match(line))]
    return months[-1] if months else b""


def main(log: str) -> None:
    """Standard input into the log, line by line, until the server has ended; on a full disk without the lines that do not fit."""
    out = Monthly(Path(log))
    for line in sift(iter(sys.stdin.buffer.readline, b"")):
        with suppress(OSError):
            out.write(line)


if __name__ == "__main__":
    main(sys.argv[1])
