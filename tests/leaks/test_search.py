"""The search for canaries finds them in every form in which a text may lie about."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest

from city.canary import canaries
from tests import canary

BIRD = canaries(1)[0]


@pytest.mark.parametrize("written", [
    str.encode, lambda n: n.encode("cp932"), lambda n: n.encode("utf-16-le"), lambda n: json.dumps({"a": n}).encode(),
    lambda n: n.encode().hex().encode(), lambda n: base64.b64encode(b"x" + n.encode() + b"yz"),
    lambda n: quote(n).encode(), lambda n: zlib.compress(n.encode()),
])  # fmt: skip
@pytest.mark.parametrize("needle", [BIRD.name, BIRD.kojin_no, BIRD.address])
def test_探し方はどの形でも見つける(written: Callable[[str], bytes], needle: str) -> None:
    content = written(needle)
    with pytest.raises(AssertionError):
        canary.assert_clean([needle], texts={"place": content if content[:1] == b"\x78" else b"before " + content + b" after"})
