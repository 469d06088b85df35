"""Words as fixed-width byte tables: a column of a million names is one ``table[index]``.

Every entry has the full width of its field (CP932, padded with U+3000 or spaces), so numpy copies bytes and nothing else.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from city import words

NAME, KANA, PLACE, KATAGAKI = 50, 40, 80, 60  # bytes of the fields
HALF = {unicodedata.normalize("NFKC", h): h for h in map(chr, range(0xFF66, 0xFF9E))} | {"\u3099": "ﾞ", "\u309a": "ﾟ", "_": " "}
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


class Names(NamedTuple):
    """Full names: id = surname * given_count + given for Japanese; then the foreign ones, by nationality and sex."""

    text: np.ndarray  # S50
    kana: np.ndarray  # S40
    surnames: int
    common: int  # surnames before this are frequent ones
    male: int  # given names before this are male
    given: int
    foreign: dict[tuple[int, int], tuple[int, int]]  # (nationality index, sex 1|2) -> first id, count


class Places(NamedTuple):
    """Town 0 is 'no address'; then the city's towns by ward, then places outside (with numbers), then abroad (without)."""

    prefix: np.ndarray  # S30
    length: np.ndarray  # bytes of the prefix
    ward: np.ndarray  # S6, blank outside the city
    postal: np.ndarray  # S7
    by_ward: tuple[tuple[int, int], ...]  # first town, count
    outside: tuple[int, int]
    abroad: tuple[int, int]


def half_kana(reading: str) -> str:
    """Full-width katakana as half-width, one byte each; ``_`` is a blank."""
    return "".join(HALF[c] for c in unicodedata.normalize("NFD", reading))


def wide(text: str, size: int) -> bytes:
    """Two-byte text padded to its field. ``_`` is a U+3000."""
    raw = text.replace("_", "\u3000").encode("cp932")
    if len(raw) > size:
        raise ValueError("text longer than its field")
    return raw + b"\x81\x40" * ((size - len(raw)) // 2)


def table(entries: list[bytes]) -> np.ndarray:
    """Byte strings of one length as an array."""
    return np.array(entries, dtype=f"S{len(entries[0])}")


def pairs(text: str) -> list[tuple[str, str]]:
    """``text reading`` entries, separated by ``|`` or line ends."""
    return [(e.split(" ")[0], e.split(" ")[1]) for e in text.replace("\n", "|").split("|")]


def composed(parts: tuple[str, str]) -> list[tuple[str, str]]:
    """First part × second part; equal halves make no name."""
    return [(a[0] + b[0], a[1] + b[1]) for a, b in product(pairs(parts[0]), pairs(parts[1])) if a[0] != b[0]]


@cache
def names() -> Names:
    """The table of everybody's possible name."""
    common = pairs(words.SURNAMES) + composed(words.SURNAME_PARTS)
    surnames = common + pairs(words.RARE_SURNAMES)
    male = pairs(words.MALE) + composed(words.MALE_PARTS)
    given = male + pairs(words.FEMALE) + composed(words.FEMALE_PARTS)
    people = list(product(surnames, given))
    foreign: dict[tuple[int, int], tuple[int, int]] = {}
    for nation, lists in enumerate(words.FOREIGN.values()):
        for sex in (1, 2):
            own = list(product(pairs(lists[0]), pairs(lists[sex])))
            foreign[nation, sex] = (len(people), len(own))
            people += own
    text = table([wide(f"{s[0]}_{g[0]}", NAME) for s, g in people])
    kana = table([half_kana(f"{s[1]}_{g[1]}").encode("cp932").ljust(KANA) for s, g in people])
    return Names(text, kana, len(surnames), len(common), len(male), len(given), foreign)


@cache
def places() -> Places:
    """The table of towns."""
    rows, by_ward = [("", "", "")], []
    for code, (_, ward, towns) in words.WARDS.items():
        own = pairs(towns)
        by_ward.append((len(rows), len(own)))
        rows += [(f"神奈川県川崎市{ward}{name}", code, postal) for name, postal in own]
    spans = []
    for others in (words.OUTSIDE, words.ABROAD):
        own_names = others.split("|")
        spans.append((len(rows), len(own_names)))
        rows += [(name, "", "") for name in own_names]
    raw = [name.encode("cp932") for name, _, _ in rows]
    width = max(map(len, raw))
    return Places(
        table([wide(name, width) for name, _, _ in rows]), np.array([len(r) for r in raw]),
        table([w.encode().ljust(6) for _, w, _ in rows]), table([p.encode().ljust(7) for _, _, p in rows]),
        tuple(by_ward), spans[0], spans[1],
    )  # fmt: skip


@cache
def lots() -> np.ndarray:
    """House numbers, S14: number 0 is none, then 丁目－番－号, then 番地."""
    forms = [f"{a}－{b}－{c}" for a, b, c in product(range(1, 8), range(1, 91), range(1, 31))] + [
        f"{n}番地" for n in range(1, 1000)
    ]
    return table([wide(f.translate(WIDE), 14) for f in ("", *forms)])


@cache
def katagaki() -> np.ndarray:
    """Names of buildings with room numbers, S60: 0 is none."""
    rooms = [f"{floor}{room:02}" for floor in range(1, 15) for room in range(1, 21)]
    forms = [f"{b}{r}{end}" for b, r, end in product(words.BUILDINGS.split("|"), rooms, ("", "号室"))]
    return table([wide(f.translate(WIDE), KATAGAKI) for f in ("", *forms)])


@cache
def tsusho() -> np.ndarray:
    """通称, S50: 0 is none."""
    return table([wide(t, NAME) for t in ("", *words.TSUSHO)])
