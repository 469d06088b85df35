"""暗号の流れ (``etl.edge.crypt.stream``): of any length, and nothing of it opens that is not as it was written."""

from __future__ import annotations

import io
import os

import pytest

from etl.edge.crypt.stream import CHUNK, PREFIX, TAG, Broken, Opening, Sealing

KEY, ABOUT = bytes(range(32)), b"about"


def sealed(content: bytes, piece: int = 100_000) -> bytes:
    out = io.BytesIO()
    stream = Sealing(out, KEY, ABOUT)
    for at in range(0, len(content), piece):
        stream.write(content[at : at + piece])
    stream.finish()
    return out.getvalue()


def opened(text: bytes, key: bytes = KEY, about: bytes = ABOUT, size: int = -1) -> bytes:
    reader = Opening(io.BytesIO(text), key, about)
    return b"".join(iter(lambda: reader.read(size), b""))


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5])
def test_どの長さでも元に戻る(length: int) -> None:
    content = os.urandom(length)
    text = sealed(content)
    assert opened(text) == content == opened(text, size=65_536)
    assert len(text) == PREFIX + length + TAG * max(1, -(-length // CHUNK))


TWO = sealed(b"a" * CHUNK + b"b" * 10)
FIRST = TWO[: PREFIX + CHUNK + TAG]
BROKEN = {
    "最初の一片だけ": FIRST,
    "最後の一片だけ": TWO[:PREFIX] + TWO[PREFIX + CHUNK + TAG :],
    "途中で切れている": TWO[:-1],
    "後ろに足されている": TWO + b"x",
    "同じものが二度": FIRST + FIRST[PREFIX:] + TWO[len(FIRST) :],
    "頭だけ": TWO[:PREFIX],
    "空": b"",
    **{
        f"{at}バイト目が変わっている": TWO[:at] + bytes([TWO[at] ^ 1]) + TWO[at + 1 :]
        for at in (0, PREFIX, len(FIRST) - 1, len(TWO) - 1)
    },
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_書いたとおりでなければ読めない(text: bytes) -> None:
    with pytest.raises(Broken):
        opened(text)


@pytest.mark.parametrize(("key", "about"), [(bytes(32), ABOUT), (KEY, b"other")], ids=["別の鍵", "別のもの"])
def test_鍵と名前が違えば読めない(key: bytes, about: bytes) -> None:
    with pytest.raises(Broken):
        opened(TWO, key, about)
