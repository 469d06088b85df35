"""復元の場: a cluster made again from its backups, in a folder of its own under ``pg/``, with a server that nobody else knows.

PostgreSQL's own tools put it together (``pg_combinebackup``), compare it with its list of files (``pg_verifybackup``, else ``manifest``)
and read the WAL. What was left by one that was killed goes first.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import psycopg

from etl.core.errors import Refused, Unavailable
from etl.platform import logins, manifest, postgres, server_log, wal
from etl.platform.basebackup import ROLE

#: the server ended because the WAL did, before the moment that was asked for
SHORT = b"recovery ended before configured recovery target was reached"
PATIENCE = 3600  # seconds for reading the WAL
SMALL = {"shared_buffers": "128MB", "archive_mode": "off", "hot_standby": "on", "max_connections": "100", "fsync": "off"}


class Source(Protocol):
    """Where a tar comes from."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass
class Place:
    """``folder``: all of it."""

    home: Path
    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    def part(self, number: int) -> Path:
        return self.folder / f"part{number}"

    def make(self) -> None:
        """Empty, for the server's user."""
        self.clear()
        for folder in (self.folder, self.wal):
            postgres.own(folder)

    def clear(self) -> None:
        """Nothing of it is left, no server either."""
        for pid in self.folder.glob("*/postmaster.pid"):
            stop: list[str | Path] = ["-D", pid.parent, "-m", "immediate", "-w", "-t", "60", "stop"]
            subprocess.run([*postgres.as_server(self.home), postgres.binaries() / "pg_ctl", *stop], capture_output=True, cwd="/")
        shutil.rmtree(self.folder, ignore_errors=True)


def unpack(place: Place, number: int, source: Source) -> None:
    """The tar of one backup into its part. What is wrong with the stream is raised by who reads it; Unavailable NP-1026 when the disk is full."""
    target = place.part(number)
    target.mkdir(mode=0o700)
    with tarfile.open(fileobj=source, mode="r|", bufsize=1 << 20) as tar:  # type: ignore[call-overload]
        tar.extractall(target, filter="data")
    while source.read(1 << 20):  # to its end: what was added behind would not be seen
        pass


def combine(place: Place, parts: int) -> None:
    """One cluster from a full backup and its increments, and it is as its list of files says. Refused NP-3256 when not."""
    folders = [place.part(number) for number in range(parts)]
    _give(place.folder)
    if parts == 1:
        folders[0].rename(place.data)
    else:
        _tool(place, "pg_combinebackup", "--link", f"--manifest-checksums={manifest.ALGORITHM}", *folders, "-o", place.data)
    _compare(place)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _compare(place: Place) -> None:
    """By PostgreSQL's own tool where there is one that starts."""
    if subprocess.run([postgres.binaries() / "pg_verifybackup", "--version"], capture_output=True).returncode == 0:
        _tool(place, "pg_verifybackup", "--no-parse-wal", place.data)
    elif wrong := manifest.differing(place.data):
        raise Refused("NP-3256", item="、".join(wrong[:3]), log=str(place.data))


def _give(folder: Path) -> None:
    """Everything in it to the server's user."""
    account = postgres.account_id()
    if account is not None:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, account)


def _tool(place: Place, name: str, *words: str | Path) -> None:
    try:
        postgres.run(place.home, postgres.binaries() / name, *words)
    except Unavailable:
        raise Refused("NP-3256", item=name, log=str(place.home / "pg" / "start.log")) from None


def set_out(place: Place, target: Mapping[str, str]) -> None:
    """The cluster as one that reads its WAL from the folder beside it, as far as ``target`` says (recovery settings; none: to the end)."""
    _give(place.wal)
    settings = {**target, "restore_command": f'cp {wal.shell(place.wal)}/%f "%p"', "recovery_target_timeline": "latest"}
    lines = "".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items())
    (place.data / "postgresql.auto.conf").write_text(lines, encoding="utf-8")
    (place.data / "recovery.signal").touch()
    _give(place.data)


@dataclass
class Server:
    """The server of a place. ``log``: what it said."""

    place: Place
    port: int
    process: subprocess.Popen[bytes]
    log: list[bytes] = field(default_factory=list)

    def listen(self) -> None:
        assert self.process.stderr
        with self.process.stderr as pipe:
            for line in server_log.sift(iter(pipe.readline, b"")):
                self.log.append(line)

    def url(self, role: str, database: str = "kokunen") -> str:
        """Where ``role`` (``admin``: the administrator) logs in."""
        password = quote(logins.read(self.place.home / "keys", role))
        return f"postgresql://{'postgres' if role == logins.ADMIN else role}:{password}@127.0.0.1:{self.port}/{database}"

    def settled(self, *, paused: bool) -> None:
        """Wait until the WAL has been read: the server stands still at its target (``paused``), or works. Refused NP-3257 when the WAL ended before
        the target, NP-3258 when the server ended for another reason; NP-3259 when the keys do not fit."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._state() == ("paused" if paused else "works"):
                return
            if self.process.poll() is not None:
                raise Refused("NP-3257" if any(SHORT in line for line in self.log) else "NP-3258")
            time.sleep(0.05)
        raise Unavailable("NP-1042", item="postgres", log=str(self.place.folder))

    def _state(self) -> str:
        try:
            with psycopg.connect(self.url(ROLE), connect_timeout=3, autocommit=True) as connection:
                row = connection.execute("select pg_is_in_recovery()").fetchone()
                if row == (False,):
                    return "works"
                row = connection.execute("select pg_get_wal_replay_pause_state()").fetchone()
                return str(row[0]) if row else ""
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Refused("NP-3259", item=ROLE) from None
            return "starting"
        except psycopg.errors.ObjectNotInPrerequisiteState:  # between the two questions it began to work
            return "works"


@contextmanager
def server(place: Place, settings: Mapping[str, str]) -> Iterator[Server]:
    """Its server for as long as the block lasts, then it ends (fast shutdown)."""
    port = postgres.free_port()
    words = [f"-c{k}={v}" for k, v in {**postgres.SETTINGS, **settings, "port": str(port)}.items()]
    command = [*postgres.as_server(place.home), postgres.binaries() / "postgres", "-D", place.data, *words]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")
    found = Server(place, port, process)
    reader = threading.Thread(target=found.listen, daemon=True)
    reader.start()
    try:
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait()
        reader.join()
