"""SFTP: files go to a partner's server and come from it, whole or not at all (P57, P86; faults F26).

The server's host key is pinned: another one, or one nobody pinned, is a hard stop before our key is shown. A file goes up as ``NAME.part``,
from where a cut has left it when what lies there is its beginning; it is read back and hashed before it gets its name. Nothing under a
final name is ever written over, and nothing of the partner's is removed.
"""

from __future__ import annotations

import errno
import hashlib
import secrets
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import paramiko

from etl.core.errors import KokunenError, Refused, SourceError, Unavailable
from etl.edge import atomic

PART = ".part"
PROBE = ".kokunen-probe-"
BLOCK = 1 << 18
SMALL = 1 << 16  # bytes of what is read as a whole: manifests, acknowledgements
SECONDS = 20.0  # for the connection, and for an answer


@dataclass(frozen=True)
class Account:
    """How a partner's server is reached. ``key``: our private key for this partner alone; ``host_key``: the pinned one, ``ssh-ed25519 AAAA…``;
    ``folder``: where files are laid, as its server names it."""

    name: str
    host: str
    port: int
    user: str
    key: Path
    host_key: str
    folder: str


class _Text(paramiko.Message):  # type: ignore[misc]
    """An answer whose texts may be in another code than UTF-8: names that are not ours, words of an error."""

    def get_text(self) -> str:
        return str(self.get_string().decode("utf-8", "surrogateescape"))


class _Client(paramiko.SFTPClient):  # type: ignore[misc]
    """One that goes on with what a server says in Shift_JIS."""

    def _request(self, kind: int, *args: Any) -> tuple[int, _Text]:
        answer, message = super()._request(kind, *args)
        return answer, _Text(message.get_remainder())

    def _convert_status(self, message: paramiko.Message) -> None:
        super()._convert_status(_Text(message.get_remainder()))


@contextmanager
def connected(account: Account, seconds: float = SECONDS) -> Iterator[Server]:
    """A connection for the block.

    Refused NP-4102 (another host key, or one that is not pinned), NP-4103 (our key is not accepted), NP-4106 (the pinned key is none);
    Unavailable NP-4101 (not there, too slow, cut off), NP-4104 (no such folder, no right), NP-4107 (our key is not there).
    """
    client = paramiko.SSHClient()
    host = account.host if account.port == paramiko.config.SSH_PORT else f"[{account.host}]:{account.port}"
    key = pinned(account.name, account.host_key)
    client.get_host_keys().add(host, key.get_name(), key)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    with _told(account):
        try:
            client.connect(
                account.host, account.port, account.user, pkey=_own_key(account), timeout=seconds, banner_timeout=seconds, auth_timeout=seconds,
                channel_timeout=seconds, allow_agent=False, look_for_keys=False,
            )  # fmt: skip
            line = client.get_transport()
            assert line
            sftp = _Client.from_transport(line)
            assert sftp
            channel = sftp.get_channel()
            assert channel
            channel.settimeout(seconds)
            try:
                sftp.chdir(account.folder)
                yield Server(sftp)
            except OSError:
                if channel.closed:  # cut off; else it is what the server answered
                    raise EOFError from None
                raise
        finally:
            client.close()


def pinned(name: str, host_key: str) -> paramiko.PKey:
    """The key of a partner's server, as it was written. Refused NP-4106."""
    kind, _, text = host_key.partition(" ")
    try:
        return paramiko.PKey.from_type_string(kind, b64decode(text, validate=True))
    except (NotBase64, ValueError, paramiko.SSHException, paramiko.UnknownKeyType):
        raise Refused("NP-4106", item=name) from None


def fingerprint(host_key: str) -> str:
    """``SHA256:…``, as OpenSSH shows a key. Refused NP-4106."""
    return str(pinned("", host_key).fingerprint)


def _own_key(account: Account) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_path(account.key)
    except (OSError, ValueError, paramiko.SSHException, paramiko.UnknownKeyType):
        raise Unavailable("NP-4107", item=account.name) from None


@contextmanager
def _told(account: Account) -> Iterator[None]:
    """What paramiko and the server say becomes ours; their texts may hold names and go no further."""
    try:
        yield
    except KokunenError:
        raise
    except paramiko.BadHostKeyException:
        raise Refused("NP-4102", item=account.name) from None
    except paramiko.AuthenticationException:
        raise Refused("NP-4103", item=account.name) from None
    except (paramiko.SSHException, paramiko.SFTPError) as error:
        raise Unavailable("NP-4101", item=account.name, why=type(error).__name__) from None
    except EOFError:
        raise Unavailable("NP-4101", item=account.name, why="EOF") from None
    except OSError as error:
        if error.errno in WRITING:
            raise Unavailable("NP-4104", item=account.name, why=WRITING[error.errno]) from None
        if type(error) is OSError and error.errno is None:
            raise Unavailable("NP-4104", item=account.name, why="失敗") from None
        raise Unavailable("NP-4101", item=account.name, why=type(error).__name__) from None


#: what a server answers when it cannot do it; OpenSSH says of a full disk nothing but "Failure"
WRITING = {errno.EACCES: "権限がない", errno.ENOENT: "フォルダーがない", errno.ENOSPC: "空きがない"}


class _Theirs(Exception):
    """What their server said while we were writing."""

    def __init__(self, raised: OSError):
        self.raised = raised


class There(NamedTuple):
    """A file that lies there: its size, and since when by the server's clock."""

    bytes: int
    left_at: datetime


class Server:
    """A partner's folder. Names are those of files, never paths."""

    def __init__(self, sftp: paramiko.SFTPClient):
        self._sftp = sftp

    def names(self) -> list[str]:
        """What lies there."""
        return sorted(self._sftp.listdir("."))

    def listed(self) -> dict[str, There]:
        """name -> what is known of it without reading it."""
        found = self._sftp.listdir_attr(".")
        return {f.filename: There(f.st_size or 0, datetime.fromtimestamp(f.st_mtime or 0, UTC)) for f in found}

    def has(self, name: str) -> bool:
        """Whether something of this name lies there."""
        return self._size(name) is not None

    def put(self, source: Path, name: str, sha256: str | None = None) -> bool:
        """The file under its name; done (False) when it lies there already.

        Refused NP-4122 when it is not the one of this hash, NP-4105 when another one has the name; Unavailable NP-4104 when the server did not take
        all of it (its disk), NP-4108 when what was read back is not what was sent: it goes, and the next time begins anew.
        """
        with source.open("rb") as file:
            size, digest = source.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
            if sha256 not in (None, digest):
                raise Refused("NP-4122", file=name)
            return self._put(file, name, size, digest)

    def lay(self, content: bytes, name: str) -> bool:
        """The same of a small file that is made here."""
        return self._put(BytesIO(content), name, len(content), hashlib.sha256(content).hexdigest())

    def _put(self, file: BinaryIO, name: str, size: int, digest: str) -> bool:
        if (lies := self._size(name)) is not None:
            if (lies, self._sha256(name)) != (size, digest):
                raise Refused("NP-4105", file=name)
            return False
        part = f"{name}{PART}"
        self._send(file, part, size)
        if self._size(part) != size:  # of writes that are not waited for a server's refusal is not heard
            raise Unavailable("NP-4104", file=name, why="最後まで書けない")
        if self._sha256(part) != digest:
            self._sftp.remove(part)
            raise Unavailable("NP-4108", file=name)
        self._rename(part, name)
        return True

    def read(self, name: str) -> bytes:
        """A small file. Unavailable NP-4109 when it is not small."""
        with self._sftp.open(name, "rb") as remote:
            found: bytes = remote.read(SMALL + 1)
        if len(found) > SMALL:
            raise Unavailable("NP-4109", file=name)
        return found

    def fetch(self, name: str, target: Path, size: int | None = None, sha256: str | None = None) -> None:
        """A file from there, whole or not at all; what is there stays. ``size``, ``sha256``: what it must be. Unavailable NP-4110 when fewer bytes
        came than there are, SourceError NP-4126 when it is another one."""

        def write(out: BinaryIO) -> None:
            total = hashlib.sha256()
            for block in self._blocks(name):
                out.write(block)
                total.update(block)
            if out.tell() != lies:
                raise Unavailable("NP-4110", file=name)
            if sha256 not in (None, total.hexdigest()):
                raise SourceError("NP-4126", file=name)

        lies = self._size(name)
        if lies is None or size not in (None, lies):
            raise SourceError("NP-4126", file=name)
        try:
            atomic.write(target, write, mode=0o600)
        except _Theirs as error:  # not our disk
            raise error.raised from None

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            with self._sftp.open(name, "rb") as remote:
                remote.prefetch(remote.stat().st_size)
                while block := remote.read(BLOCK):
                    yield block
        except OSError as error:
            raise _Theirs(error) from None

    def probe(self) -> None:
        """Write a file, read it, remove it."""
        name, content = f"{PROBE}{secrets.token_hex(8)}", secrets.token_bytes(64)
        try:
            with self._sftp.open(name, "wb") as remote:
                remote.write(content)
            if self.read(name) != content:
                raise Unavailable("NP-4108", file=name)
        finally:
            with suppress(OSError):
                self._sftp.remove(name)

    def _send(self, file: BinaryIO, part: str, size: int) -> None:
        """The bytes of the file that are not there yet; from the first on when something else lies there."""
        there = self._size(part) or 0
        file.seek(0)
        begun = 0 < there <= size and self._sha256(part, there) == _beginning(file, there)
        file.seek(there if begun else 0)
        with self._sftp.open(part, "r+b" if begun else "wb") as remote:
            # by place, not at the end: of a line that was cut the server may still be writing what it has, the same bytes in the same places
            remote.seek(there if begun else 0)
            remote.set_pipelined(True)
            while block := file.read(BLOCK):
                remote.write(block)

    def _rename(self, part: str, name: str) -> None:
        """Atomic where the server can (OpenSSH's extension), else the plain one, which takes no name that is taken."""
        try:
            self._sftp.posix_rename(part, name)
        except OSError:  # a server without it says so in words of its own
            self._sftp.rename(part, name)

    def _size(self, name: str) -> int | None:
        try:
            size: int | None = self._sftp.stat(name).st_size
            return size
        except FileNotFoundError:
            return None

    def _sha256(self, name: str, size: int | None = None) -> str:
        """Of a file there, read back."""
        total, left = hashlib.sha256(), self._size(name) if size is None else size
        assert left is not None
        with self._sftp.open(name, "rb") as remote:
            remote.prefetch(left)
            while left and (block := remote.read(min(BLOCK, left))):
                total.update(block)
                left -= len(block)
        return total.hexdigest()


def _beginning(file: BinaryIO, size: int) -> str:
    """SHA-256 of so many bytes from here."""
    total = hashlib.sha256()
    while size and (block := file.read(min(BLOCK, size))):
        total.update(block)
        size -= len(block)
    return total.hexdigest()
