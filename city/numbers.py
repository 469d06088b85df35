"""Numbers of people and households as vectors: check digits, ASCII digits, and noise that depends on nothing but its key."""

from __future__ import annotations

import numpy as np

KOJIN_PLACES = 9_990_000  # bases 0000 0000000–0000 9989999 belong to the city, the rest to the canaries
U = np.uint64


def noise(key: np.ndarray | int, salt: int) -> np.ndarray:
    """64 random-looking bits per key (splitmix64): the same key and salt always give the same bits, in any order."""
    z = np.asarray(key, dtype=np.uint64) * U(0x9E3779B97F4A7C15) + U(salt * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF)
    z = (z ^ (z >> U(30))) * U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> U(27))) * U(0x94D049BB133111EB)
    return z ^ (z >> U(31))


def below(key: np.ndarray | int, salt: int, limit: int) -> np.ndarray:
    """An integer in [0, limit) per key."""
    return (noise(key, salt) % U(limit)).astype(np.int64)


def ascii_digits(values: np.ndarray, width: int) -> np.ndarray:
    """Non-negative integers as zero-filled ASCII digits: an ``S<width>`` array."""
    rest = np.asarray(values, dtype=np.int64).copy()
    out = np.empty((rest.size, width), dtype=np.uint8)
    for column in range(width - 1, -1, -1):
        quotient = rest // 10
        out[:, column] = rest - quotient * 10 + 48
        rest = quotient
    return out.view(f"S{width}").reshape(-1)


def checked_serials(first: int, count: int) -> np.ndarray:
    """``count`` 宛名番号 or 世帯番号 from serial ``first`` on: serial and check digit, mod 11, weights 2–7 from the right.

    Serials whose digit would be 10 are not issued (住民記録標準仕様 1.1.13 leaves it open; the samples skip them).
    """
    serials = np.arange(first, first + count + count // 8 + 16, dtype=np.int64)
    total, rest = np.zeros_like(serials), serials.copy()
    for place in range(14):
        total += (rest % 10) * (2 + place % 6)
        rest //= 10
    remainder = total % 11
    digit = np.where(remainder == 0, 0, 11 - remainder)
    return (serials * 10 + digit)[digit < 10][:count]


def kojin_numbers(index: np.ndarray, seed: int) -> np.ndarray:
    """個人番号 as integers below 10^8: unique per index (an affine permutation), every one begins with 0000, check digit valid."""
    step, start = (seed * 2_000_003 + 4_567_891) % KOJIN_PLACES, (seed * 7919 + 1234) % KOJIN_PLACES
    while np.gcd(step, KOJIN_PLACES) != 1:
        step += 1
    return kojin_with_digit((np.asarray(index, dtype=np.int64) * step + start) % KOJIN_PLACES)


def kojin_with_digit(base: np.ndarray) -> np.ndarray:
    """11 leading digits (as integers below 10^7) with the check digit of 総務省令第85号第5条 appended."""
    total, rest = np.zeros_like(base), base.copy()
    for place in range(7):
        total += (rest % 10) * (place + 2 if place < 6 else place - 4)
        rest //= 10
    remainder = total % 11
    return base * 10 + np.where(remainder <= 1, 0, 11 - remainder)
