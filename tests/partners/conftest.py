"""The servers of partners. In CI one that cannot be started is a failure, elsewhere the tests say what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.partners.sshd import SSHD, Partner, partner


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Partner]:
    """A partner's server of its own."""
    if SSHD is None and not os.environ.get("CI"):
        pytest.skip("no OpenSSH server here: apt-get install openssh-server")
    assert SSHD, "no OpenSSH server: .ci/run installs it"
    with partner(tmp_path / "partner") as made:
        yield made
