"""封: one file as an encrypted stream that says what it is.

    KNHOKAN1 {"dataset": …, "name": …, "sha256": …, …}⏎ | stream            (``stream``: AES-256-GCM in chunks of 1 MiB)

The line is in clear, so that an object is known also by a database that has forgotten it (an older one was restored); it names files and
days, never a person. It is bound to every chunk: an object under another one's name does not open, nor one whose line was changed. A key
encrypts one stream and no other (``keys``: one for each object).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from etl.core.errors import Refused, SourceError
from etl.edge import atomic
from etl.edge.crypt.stream import Broken, Opening, Sealing

MAGIC = b"KNHOKAN1 "
LINE = 4096  # bytes; the line is not longer
READ = 1 << 20
KEY_BYTES = 32


@dataclass(frozen=True)
class Label:
    """What an object is: its dataset, its name and the SHA-256 of its clear content. ``more``: what else its line tells; it opens without."""

    dataset: str
    name: str
    sha256: str
    more: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def line(self) -> bytes:
        said = {**self.more, "dataset": self.dataset, "name": self.name, "sha256": self.sha256}
        return MAGIC + json.dumps(said, ensure_ascii=False, sort_keys=True).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> Label:
        """ValueError when it is none."""
        said = json.loads(line.removeprefix(MAGIC)) if line.startswith(MAGIC) and line.endswith(b"\n") else None
        if not isinstance(said, dict) or not all(isinstance(said.get(k), str) for k in ("dataset", "name", "sha256")):
            raise ValueError("no label")
        return cls(said.pop("dataset"), said.pop("name"), said.pop("sha256"), said)


@dataclass(frozen=True)
class Read:
    """A stream that was read to its end: bytes and hash of the clear content, bytes and hash of the encrypted one."""

    bytes: int
    sha256: str
    sealed_bytes: int
    sealed_sha256: str


class _Counted:
    """Reads through, and knows what came."""

    def __init__(self, source: BinaryIO):
        self._source, self.bytes, self.total = source, 0, hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        return self._seen(self._source.read(size))

    def line(self) -> bytes:
        return self._seen(self._source.readline(LINE))

    def _seen(self, data: bytes) -> bytes:
        self.bytes += len(data)
        self.total.update(data)
        return data


def new_key() -> bytes:
    """A key for one stream."""
    return os.urandom(KEY_BYTES)


def seal(source: BinaryIO, target: Path, key: bytes, label: Label) -> int:
    """The encrypted stream of ``source`` under ``target``, whole or not at all; the bytes that were read. SourceError NP-3204 when they are
    not those of the label (then nothing is there), Unavailable NP-1026 when it cannot be written."""
    clear = _Counted(source)

    def write(out: BinaryIO) -> None:
        out.write(label.line)
        stream = Sealing(out, key, label.line)
        while chunk := clear.read(READ):
            stream.write(chunk)
        stream.finish()
        if clear.total.hexdigest() != label.sha256:
            raise SourceError("NP-3204", file=label.name)

    atomic.write(target, write, mode=0o600)
    return clear.bytes


def label_of(path: Path) -> Label | None:
    """What the line of an object says, for one that nobody knows; true only when it opens. None when it is none."""
    try:
        with path.open("rb") as source:
            return Label.of_line(source.readline(LINE))
    except (OSError, ValueError):
        return None


def unseal(source: BinaryIO, key: bytes, label: Label, out: BinaryIO | None = None) -> Read:
    """Read a stream to its end, into ``out`` if there is one. Refused NP-3203 unless every part of it is the one that was written under this
    key for this label: what is in ``out`` then is no content, and goes to nobody (``open_into``)."""
    sealed, clear, size = _Counted(source), hashlib.sha256(), 0
    try:
        line = sealed.line()
        if Label.of_line(line) != label:
            raise Broken
        stream = Opening(sealed, key, line)
        while plain := stream.read():
            clear.update(plain)
            size += len(plain)
            if out:
                out.write(plain)
    except (Broken, ValueError):
        raise Refused("NP-3203", file=label.name) from None
    if clear.hexdigest() != label.sha256:
        raise Refused("NP-3203", file=label.name)
    return Read(size, clear.hexdigest(), sealed.bytes, sealed.total.hexdigest())


def open_into(source: BinaryIO, target: Path, key: bytes, label: Label) -> Read:
    """The clear content under ``target`` (mode 600), if the stream is whole; else nothing is there. Refused NP-3203, Unavailable NP-1026."""
    found: list[Read] = []
    atomic.write(target, lambda out: found.append(unseal(source, key, label, out)), mode=0o600)
    return found[0]
