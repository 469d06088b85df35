"""暗号の流れ: a stream of any length as AES-256-GCM in chunks, written and read in constant memory.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): each chunk's nonce is a prefix drawn once, the chunk's number and whether it
is the last. So chunks cannot be left out, exchanged, added or taken from another stream, and the end cannot be cut off. A key is for
one stream. Whoever reads gets no byte of a chunk that does not fit.
"""

from __future__ import annotations

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 1 << 20
TAG, PREFIX = 16, 7


class Out(Protocol):
    """Where a stream goes."""

    def write(self, data: bytes, /) -> int: ...


class Source(Protocol):
    """Where one comes from; fewer bytes than asked for are its last."""

    def read(self, size: int, /) -> bytes: ...


class Broken(Exception):
    """The stream is not as it was written: another key, changed, cut off, or about something else."""


class Sealing:
    """What is written goes encrypted into ``out``; ``finish`` writes the last chunk. ``about`` is bound to every chunk."""

    def __init__(self, out: Out, key: bytes, about: bytes):
        self._out, self._aead, self._about = out, AESGCM(key), about
        self._prefix, self._number, self._buffer = os.urandom(PREFIX), 0, bytearray()
        out.write(self._prefix)

    def write(self, data: bytes) -> int:
        """More of it. Always at least one byte stays back, so that the last chunk is known as such."""
        self._buffer += data
        while len(self._buffer) > CHUNK:
            self._put(bytes(memoryview(self._buffer)[:CHUNK]), last=False)
            del self._buffer[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._buffer), last=True)
        self._buffer.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._aead.encrypt(_nonce(self._prefix, self._number, last), chunk, self._about))
        self._number += 1


class Opening:
    """What ``Sealing`` wrote, chunk by chunk. ``read`` gives at most one chunk, b"" at the end. Raises Broken."""

    def __init__(self, source: Source, key: bytes, about: bytes):
        self._source, self._aead, self._about = source, AESGCM(key), about
        self._prefix, self._number, self._rest = source.read(PREFIX), 0, memoryview(b"")
        self._next = source.read(CHUNK + TAG)
        if len(self._prefix) != PREFIX or not self._next:
            raise Broken

    def read(self, size: int = -1) -> bytes:
        if not self._rest and self._next:
            self._rest = memoryview(self._chunk())
        found = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(found) :]
        return bytes(found)

    def _chunk(self) -> bytes:
        sealed, self._next = self._next, self._source.read(CHUNK + TAG)
        try:
            plain = self._aead.decrypt(_nonce(self._prefix, self._number, not self._next), sealed, self._about)
        except InvalidTag:
            raise Broken from None
        self._number += 1
        return plain


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
