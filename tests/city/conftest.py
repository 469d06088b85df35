"""A small synthetic city, made once for all tests of this folder."""

from __future__ import annotations

import pytest

from city import synth
from tests.city.reading import FIRST, LAST, Made


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("city")
    return Made(home, synth(home, 3000, 7, FIRST, LAST))
