"""受入の個人番号: どの行も自分の照合値と自分の暗号文を持つ。"""

from __future__ import annotations

import os

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etl.edge.keys import Cipher, Matcher
from etl.ingest.hide import Secret

NUMBERS = ["000000000001", None, "000000000002", "000000000001", None]


def test_各行の個人番号は自分の照合値と暗号文になり設定なしは空のまま() -> None:
    aead, matcher = AESGCM(AESGCM.generate_key(256)), Matcher(os.urandom(32))
    hmacs, ciphers = Secret(matcher, Cipher("k", aead), b"").columns(pa.array(NUMBERS, pa.string()))
    assert hmacs.to_pylist() == [None if n is None else "\\x" + matcher.digest(n.encode()).hex() for n in NUMBERS]
    assert [c is None for c in ciphers.to_pylist()] == [n is None for n in NUMBERS]
    stored = [bytes.fromhex(c[2:]) for c in ciphers.to_pylist() if c]
    assert [aead.decrypt(c[:12], c[12:], b"k").decode() for c in stored] == [n for n in NUMBERS if n]


def test_個人番号のない行だけでも空の列になる() -> None:
    hmacs, ciphers = Secret(Matcher(b"k"), Cipher("k", AESGCM(bytes(32))), b"").columns(pa.array([None, None], pa.string()))
    assert hmacs.to_pylist() == ciphers.to_pylist() == [None, None]
