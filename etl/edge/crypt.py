"""封: files as encrypted streams: AES-256-GCM in chunks of 1 MiB, so that a file of any size needs no more memory than a few of them.

    KNHOKAN1 | 7 random bytes | chunk | chunk | … | last chunk           (each chunk: ciphertext and 16 bytes of tag)

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce of a chunk is the prefix, its number and whether it is
the last. So a stream that was cut, lengthened, put in another order or mixed with another one does not open. Each chunk is bound to what
the file is (``Label``): an object under another one's name does not open either. A key encrypts one stream and no other (``keys``: one
for each object).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etl.core.errors import Refused, SourceError
from etl.edge import atomic

MAGIC = b"KNHOKAN1"
PREFIX, CHUNK, TAG = 7, 1 << 20, 16
MOST_CHUNKS = 1 << 32
KEY_BYTES = 32


@dataclass(frozen=True)
class Label:
    """What an object is: its dataset, its name and the SHA-256 of its clear content."""

    dataset: str
    name: str
    sha256: str

    @property
    def bound(self) -> bytes:
        """What each chunk is bound to; a list in JSON cannot be read in two ways."""
        return MAGIC + json.dumps([self.dataset, self.name, self.sha256], ensure_ascii=True).encode()


@dataclass(frozen=True)
class Read:
    """A stream that was read to its end: bytes and hash of the clear content, bytes and hash of the encrypted one."""

    bytes: int
    sha256: str
    sealed_bytes: int
    sealed_sha256: str


def new_key() -> bytes:
    """A key for one stream."""
    return os.urandom(KEY_BYTES)


def seal(source: BinaryIO, target: Path, key: bytes, label: Label) -> int:
    """The encrypted stream of ``source`` under ``target``, whole or not at all; the bytes that were read. SourceError NP-3204 when they are
    not those of the label (then nothing is there), Unavailable NP-1026 when it cannot be written."""
    total, seen = hashlib.sha256(), 0

    def write(out: BinaryIO) -> None:
        nonlocal seen
        prefix, aead, bound = os.urandom(PREFIX), AESGCM(key), label.bound
        out.write(MAGIC + prefix)
        for number, (chunk, last) in enumerate(_chunks(source, CHUNK)):
            total.update(chunk)
            seen += len(chunk)
            out.write(aead.encrypt(_nonce(prefix, number, last), chunk, bound))
        if total.hexdigest() != label.sha256:
            raise SourceError("NP-3204", file=label.name)

    atomic.write(target, write, mode=0o600)
    return seen


def unseal(source: BinaryIO, key: bytes, label: Label, out: BinaryIO | None = None) -> Read:
    """Read a stream to its end, into ``out`` if there is one. Refused NP-3203 unless every part of it is the one that was written under this
    key for this label: what is in ``out`` then is no content, and goes to nobody (``open_into``)."""
    clear, sealed = hashlib.sha256(), hashlib.sha256()
    head = source.read(len(MAGIC) + PREFIX)
    if len(head) != len(MAGIC) + PREFIX or not head.startswith(MAGIC):
        raise Refused("NP-3203", file=label.name)
    sealed.update(head)
    prefix, aead, bound, sizes = head[len(MAGIC) :], AESGCM(key), label.bound, [0, len(head)]
    for number, (chunk, last) in enumerate(_chunks(source, CHUNK + TAG)):
        try:
            plain = aead.decrypt(_nonce(prefix, number, last), chunk, bound)
        except InvalidTag:
            raise Refused("NP-3203", file=label.name) from None
        clear.update(plain)
        sealed.update(chunk)
        sizes = [sizes[0] + len(plain), sizes[1] + len(chunk)]
        if out:
            out.write(plain)
    if clear.hexdigest() != label.sha256:
        raise Refused("NP-3203", file=label.name)
    return Read(sizes[0], clear.hexdigest(), sizes[1], sealed.hexdigest())


def open_into(source: BinaryIO, target: Path, key: bytes, label: Label) -> Read:
    """The clear content under ``target`` (mode 600), if the stream is whole; else nothing is there. Refused NP-3203, Unavailable NP-1026."""
    found: list[Read] = []
    atomic.write(target, lambda out: found.append(unseal(source, key, label, out)), mode=0o600)
    return found[0]


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    """OverflowError beyond 4 PiB: no number comes twice."""
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Chunk by chunk, and whether it is the last one; an empty file has one, of nothing."""
    chunk = source.read(size)
    while True:
        following = source.read(size) if len(chunk) == size else b""
        yield chunk, not following
        if not following:
            return
        chunk = following
