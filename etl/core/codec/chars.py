"""Character tables: CP932 (as Python's codec reads it) and JIS X 0208 to UTF-8 and back, one entry per byte or pair of bytes.

A table entry is one little-endian uint32: the UTF-8 bytes from the low end, and in the high byte a mark: 0 for three bytes
(nearly every two-byte character), 1 or 2 for that many, ``BAD`` for what is no character. Pairs are indexed as they lie in
memory: first byte + 256 * second byte. Our rules beyond the codec: 外字 F040-F9FC become U+E000... and are kept, NEC and IBM
extensions are kept, the single bytes 80, A0, FD-FF and control characters are errors.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np

BAD = 0xFF
_BAD_ENTRY = BAD << 24
PAD = 0x4081  # U+3000 in CP932 (81 40), as a pair in memory
JIS_PAD = 0x2121
_LEADS = (*range(0x81, 0xA0), *range(0xE0, 0xFD))
_TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFD))
#: Python's codec gives these for the single bytes 80, A0, FD, FE, FF; no other reader accepts them.
NOT_CP932 = "\x80\uf8f0\uf8f1\uf8f2\uf8f3"
#: 外字 in text of any encoding, as a regular expression: private use of all three planes, and variation selectors
GAIJI = r"[\x{E000}-\x{F8FF}\x{F0000}-\x{FFFFD}\x{100000}-\x{10FFFD}\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]"
#: Ideographs of Unicode 15.0 to 17.0, so that a name does not depend on which Python reads it (3.11 knows Unicode 14.0)
_LATER = ((0x2B739, 0x2B73F), (0x2CEA2, 0x2CEAD), (0x2EBF0, 0x2EE5D), (0x31350, 0x33479))
_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}
_NOTHING = {"Cn", "Cs"}


def _entry(char: str) -> int:
    data = char.encode("utf-8")
    return int.from_bytes(data, "little") | (len(data) % 3) << 24


def _pairs() -> Iterator[tuple[int, str]]:
    """(index, character) of every two-byte character."""
    for lead in _LEADS:
        for trail in _TRAILS:
            try:
                yield lead | trail << 8, bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue


@cache
def pair_table() -> np.ndarray:
    """65,536 entries: pair -> UTF-8."""
    table = np.full(1 << 16, _BAD_ENTRY, dtype=np.uint32)
    for index, char in _pairs():
        table[index] = _entry(char)
    return table


@cache
def byte_table() -> np.ndarray:
    """256 entries: one-byte character (printable ASCII, half-width kana) -> UTF-8."""
    table = np.full(256, _BAD_ENTRY, dtype=np.uint32)
    for byte in (*range(0x20, 0x7F), *range(0xA1, 0xE0)):
        table[byte] = _entry(bytes((byte,)).decode("cp932"))
    return table


@cache
def jis_table() -> np.ndarray:
    """65,536 entries: JIS X 0208 pair without escapes -> UTF-8, by the characters that cp932 uses (～ not 〜)."""
    table = np.full(1 << 16, _BAD_ENTRY, dtype=np.uint32)
    for index, pair in _jis_pairs():
        table[index] = pair_table()[pair]
    return table


def _jis_pairs() -> Iterator[tuple[int, int]]:
    """(JIS pair, CP932 pair) of every character of JIS X 0208, both as they lie in memory."""
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            if not (b"\x1b$B" + bytes((row, cell)) + b"\x1b(B").decode("iso2022_jp", "ignore"):
                continue
            lead = (row - 0x21 >> 1) + (0x81 if row < 0x5F else 0xC1)
            trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
            yield row | cell << 8, lead | trail << 8


@cache
def unit_to_pair() -> np.ndarray:
    """65,536 entries: UTF-16 unit -> CP932 pair in memory order, 0 where there is none. Of duplicates the codec's choice."""
    table = np.zeros(1 << 16, dtype=np.uint16)
    for _, char in _pairs():
        first, second = char.encode("cp932")
        table[ord(char)] = first | second << 8
    return table


@cache
def unit_to_jis() -> np.ndarray:
    """65,536 entries: UTF-16 unit -> JIS X 0208 pair, 0 where there is none."""
    table = np.zeros(1 << 16, dtype=np.uint16)
    back = dict(_pairs())
    for jis, pair in _jis_pairs():
        table[ord(back[pair])] = jis
    return table


@cache
def unit_to_byte() -> np.ndarray:
    """65,536 entries: UTF-16 unit -> one-byte character, 0 where there is none."""
    table = np.zeros(1 << 16, dtype=np.uint8)
    for byte in (*range(0x20, 0x7F), *range(0xA1, 0xE0)):
        table[ord(bytes((byte,)).decode("cp932"))] = byte
    return table


def decode_mixed(data: bytes) -> str:
    """One-byte and two-byte CP932 text, exactly. ValueError("bad_char" or "control_char")."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        raise ValueError("bad_char") from None
    if any(c in NOT_CP932 for c in text):
        raise ValueError("bad_char")
    if any(c < " " or c == "\x7f" for c in text):
        raise ValueError("control_char")
    return text


def flaw(text: str) -> str | None:
    """Why a text cannot be taken: ``control_char`` (control and format characters, line breaks), ``bad_char`` (unassigned, noncharacters, lone
    surrogates, U+FFFD); None if it can. Two tests in C settle nearly every text; only what they do not pass is looked at by character."""
    if text.replace("\u3000", " ").isprintable() and "\ufffd" not in text:
        return None
    return next((kind for kind in map(_flaw_of, text) if kind), None)


@lru_cache(maxsize=4096)  # the 外字 of a file repeat
def _flaw_of(char: str) -> str | None:
    category = unicodedata.category(char)
    if category in _UNSEEN:
        return "control_char"
    later = any(first <= ord(char) <= last for first, last in _LATER)
    return "bad_char" if char == "\ufffd" or (category in _NOTHING and not later) else None


def settled(text: str) -> str | None:
    """A text without the spaces at its end; of spaces alone (also U+3000) it is not set."""
    return text.rstrip(" ") if text.strip() else None
