"""A partner's SFTP server that does not exist: a folder, a host key, one account, and what can go wrong there.

OpenSSH's own shows what is usual; this one fails where it is told to (faults F26). It runs in threads of whoever starts it.
"""

from __future__ import annotations

import errno
import os
import posixpath
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko import SFTPAttributes, SFTPServer

Answer = Any  # what paramiko wants of an operation: a status, attributes, a list, a handle
OK: int = paramiko.SFTP_OK
FAILURE: int = paramiko.SFTP_FAILURE  # what OpenSSH, too, says of a full disk
UNKNOWN: int = paramiko.SFTP_OP_UNSUPPORTED


@dataclass
class Cut:
    """The line is cut, once: at this ``operation`` (open, close, write, read, stat, list, rename, remove; any: the first one that comes) of the
    file that ends in ``name``, when it comes to byte ``at``, of those that are met the one after so many others (``skip``). ``done``: after it was
    done, so that its answer is lost."""

    operation: str
    name: str = ""
    at: int = 0
    done: bool = False
    skip: int = 0

    def meets(self, operation: str, name: str, end: int) -> bool:
        if self.operation not in (operation, "any") or not name.endswith(self.name) or end < self.at:
            return False
        self.skip -= 1
        return self.skip < 0


@dataclass
class Faults:
    """What is amiss from now on: ``room``: bytes that its disk still takes; ``slow``: seconds before each answer; ``bent``: files that end
    so are read otherwise than they were written; ``posix_rename``: whether it has OpenSSH's extension."""

    cut: Cut | None = None
    room: int | None = None
    slow: float = 0.0
    bent: str | None = None
    posix_rename: bool = True


@dataclass
class Sftp:
    """A server that runs on ``port`` of this machine. A new ``host_key`` is shown from the next connection on; ``authorized``: the public keys
    that may come in; ``done``: every (operation, name), in order; ``placed``: told of every file that got its name."""

    folder: Path
    host_key: paramiko.PKey
    authorized: set[str]
    port: int = 0
    faults: Faults = field(default_factory=Faults)
    done: list[tuple[str, str]] = field(default_factory=list)
    placed: Callable[[Path], None] = lambda path: None
    _listening: socket.socket | None = None
    _lines: list[paramiko.Transport] = field(default_factory=list)

    def start(self) -> int:
        """Listen, on a free port the first time and on the same one again. Returns it."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()
        return self.port

    def stop(self) -> None:
        """Nobody is there any more."""
        if self._listening:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
        for line in self._lines:
            line.close()
        self._lines.clear()

    def _serve(self, listening: socket.socket) -> None:
        with suppress(OSError):  # closed
            while True:
                line = paramiko.Transport(listening.accept()[0])
                self._lines.append(line)
                line.add_server_key(self.host_key)
                line.set_subsystem_handler("sftp", SFTPServer, _Folder, self, line)
                with suppress(paramiko.SSHException, EOFError):
                    line.start_server(event=threading.Event(), server=_Door(self.authorized))


def start(folder: Path, host_key: paramiko.PKey | None = None, authorized: str = "", port: int = 0) -> Sftp:
    """A server of this folder, with a key of its own unless one is given; ``authorized`` as ``ssh-ed25519 AAAA…``."""
    made = Sftp(folder, host_key or new_key(), {_bare(authorized)}, port)
    made.start()
    return made


def new_key() -> paramiko.PKey:
    """A host key."""
    return paramiko.ECDSAKey.generate()


def pinned(key: paramiko.PKey) -> str:
    """How it is written down: ``ecdsa-sha2-nistp256 AAAA…``."""
    return f"{key.get_name()} {key.get_base64()}"


def _bare(public: str) -> str:
    return " ".join(public.split()[:2])


class _Door(paramiko.ServerInterface):  # type: ignore[misc]
    """Who may come in: whoever has the key, under any name."""

    def __init__(self, authorized: set[str]):
        self._authorized = authorized

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = pinned(key) in {_bare(public) for public in self._authorized}
        return int(paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED)


class _Folder(paramiko.SFTPServerInterface):  # type: ignore[misc]
    """The operations, with the folder as ``/``."""

    def __init__(self, server: paramiko.ServerInterface, told: Sftp, line: paramiko.Transport):
        super().__init__(server)
        self.told, self.line, self.gone = told, line, False

    def path(self, name: str) -> Path:
        return Path(f"{self.told.folder}{posixpath.normpath('/' + name)}")

    def does(
        self, operation: str, name: str, work: Callable[[], Answer], end: int = 0, part: Callable[[], Answer] | None = None
    ) -> Answer:
        """Do it, as slowly as we are and unless the line is cut; ``part`` of it when the cut falls within."""
        faults = self.told.faults
        if self.gone:  # what was sent ahead
            return FAILURE
        time.sleep(faults.slow)
        cut = faults.cut if faults.cut and faults.cut.meets(operation, name, end) else None
        if cut and not cut.done:
            if part:
                part()
            return self._cut()
        self.told.done.append((operation, name))
        try:
            answer = work()
        except OSError as error:
            answer = SFTPServer.convert_errno(error.errno or errno.EIO)
        return self._cut() if cut else answer

    def _cut(self) -> int:
        self.told.faults.cut, self.gone = None, True
        self.line.close()
        return FAILURE

    def list_folder(self, path: str) -> Answer:
        return self.does("list", path, lambda: [self._attributes(e.name, e.stat()) for e in os.scandir(self.path(path))])

    def stat(self, path: str) -> Answer:
        return self.does("stat", path, lambda: SFTPAttributes.from_stat(self.path(path).stat()))

    lstat = stat

    @staticmethod
    def _attributes(name: str, found: os.stat_result) -> SFTPAttributes:
        made = SFTPAttributes.from_stat(found)
        made.filename = name
        return made

    def open(self, path: str, flags: int, attr: SFTPAttributes) -> Answer:
        return self.does("open", path, lambda: _File(self, path, os.open(self.path(path), flags, 0o600), flags))

    def remove(self, path: str) -> Answer:
        return self.does("remove", path, lambda: self._removed(path))

    def _removed(self, path: str) -> int:
        self.path(path).unlink()
        return OK

    def rename(self, oldpath: str, newpath: str) -> Answer:
        return self.does(
            "rename", newpath, lambda: FAILURE if os.path.lexists(self.path(newpath)) else self._renamed(oldpath, newpath)
        )

    def posix_rename(self, oldpath: str, newpath: str) -> Answer:
        if not self.told.faults.posix_rename:
            return UNKNOWN
        return self.does("rename", newpath, lambda: self._renamed(oldpath, newpath))

    def _renamed(self, oldpath: str, newpath: str) -> int:
        self.path(oldpath).replace(self.path(newpath))
        self.told.placed(self.path(newpath))
        return OK


class _File(paramiko.SFTPHandle):  # type: ignore[misc]
    """An open file."""

    def __init__(self, of: _Folder, name: str, number: int, flags: int):
        super().__init__(flags)
        self._of, self._name, self._number = of, name, number

    def close(self) -> None:
        self._of.does("close", self._name, lambda: OK)
        os.close(self._number)

    def stat(self) -> Answer:
        return self._of.does("stat", self._name, lambda: SFTPAttributes.from_stat(os.fstat(self._number)))

    def read(self, offset: int, length: int) -> Answer:
        end = min(offset + length, os.fstat(self._number).st_size)
        return self._of.does("read", self._name, lambda: self._as_read(os.pread(self._number, length, offset)), end)

    def _as_read(self, data: bytes) -> bytes:
        bent = self._of.told.faults.bent
        return data if bent is None or not self._name.endswith(bent) else data[::-1]

    def write(self, offset: int, data: bytes) -> Answer:
        cut = self._of.told.faults.cut
        kept = data[: max(0, cut.at - offset)] if cut else data
        return self._of.does(
            "write", self._name, lambda: self._written(offset, data), offset + len(data), lambda: self._written(offset, kept)
        )

    def _written(self, offset: int, data: bytes) -> int:
        faults = self._of.told.faults
        fits = data if faults.room is None else data[: faults.room]
        os.pwrite(self._number, fits, offset)
        if faults.room is not None:
            faults.room -= len(fits)
        return OK if len(fits) == len(data) else FAILURE
