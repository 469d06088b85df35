"""封筒: one file of a backup: a line that says what it is and under which key, then its content as an encrypted stream.

The line is in clear (kind, name, the key's name, a salt) and bound to every chunk. Each file has a key of its own, derived from the newest
``backup-NN.key`` and the salt. A proof in the line tells another key from a damaged file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from etl.core.errors import Refused, Unavailable
from etl.edge import atomic
from etl.edge.crypt.stream import Broken, Opening, Sealing
from etl.edge.keys import Keys, proof

PURPOSE = "backup"
LINE = 4096  # the first line is not longer
Reader = Opening


@dataclass(frozen=True)
class Sealed:
    """A file that was written: its bytes and hash, and the bytes that are in it."""

    bytes: int
    sha256: str
    content: int


class _Hashing:
    """Writes through, and knows what went."""

    def __init__(self, out: BinaryIO):
        self.out, self.total, self.bytes = out, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.total.update(data)
        self.bytes += len(data)
        return self.out.write(data)


class Writer:
    """What the content is written into."""

    def __init__(self, stream: Sealing):
        self._stream, self.bytes = stream, 0

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        return self._stream.write(data)


def write(keys: Keys, path: Path, about: dict[str, Any], content: Callable[[Writer], object]) -> Sealed:
    """A new file, whole or not at all. Unavailable NP-1026 (the disk), NP-1031 (no key)."""
    key_id, salt = keys.current_id(PURPOSE), os.urandom(16)
    key = keys.derived(key_id, salt)
    said = {**about, "key": key_id, "salt": salt.hex()}
    line = json.dumps({**said, "proof": proof(key, said)}, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    found: list[Sealed] = []

    def put(raw: BinaryIO) -> None:
        out = _Hashing(raw)
        out.write(line)
        stream = Sealing(out, key, line)
        writer = Writer(stream)
        content(writer)
        stream.finish()
        found.append(Sealed(out.bytes, out.total.hexdigest(), writer.bytes))

    atomic.write(path, put, mode=0o600)
    return found[0]


@contextmanager
def opening(keys: Keys, path: Path) -> Iterator[tuple[dict[str, Any], Reader]]:
    """What the line says, and the content. Refused NP-3251 when the file is damaged (also while it is read), NP-3252 when its key is another one;
    Unavailable NP-1031 when there is no such key, NP-3253 when there is no such file."""
    try:
        with path.open("rb") as raw:
            line = raw.readline(LINE)
            said, key = _said(keys, line, path)
            yield said, Opening(raw, key, line)
    except Broken:
        raise Refused("NP-3251", file=path.name) from None
    except FileNotFoundError:
        raise Unavailable("NP-3253", file=path.name) from None


def check(keys: Keys, path: Path) -> dict[str, Any]:
    """Read it to its end; what its line says. Raises like ``opening``."""
    with opening(keys, path) as (said, reader):
        while reader.read():
            pass
    return said


def read(keys: Keys, path: Path) -> bytes:
    """A small one as a whole."""
    with opening(keys, path) as (_, reader):
        return b"".join(iter(reader.read, b""))


def _said(keys: Keys, line: bytes, path: Path) -> tuple[dict[str, Any], bytes]:
    try:
        said = json.loads(line)
        told, key_id, salt = said.pop("proof"), str(said["key"]), bytes.fromhex(said["salt"])
        if not re.fullmatch(rf"{PURPOSE}-[0-9][0-9]", key_id):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("NP-3251", file=path.name) from None
    key = keys.derived(key_id, salt)
    if not hmac.compare_digest(str(told), proof(key, said)):
        raise Refused("NP-3252", file=path.name, item=key_id)
    return said, key
