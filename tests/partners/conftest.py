"""The servers of partners. In CI one that cannot be started is a failure, elsewhere the tests say what is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from city import sftp_server
from tests.conftest import Once, copied
from tests.partners import library
from tests.partners.library import City
from tests.partners.sshd import SSHD, Partner, partner


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Partner]:
    """A partner's server of its own."""
    if SSHD is None and not os.environ.get("CI"):
        pytest.skip("no OpenSSH server here: apt-get install openssh-server")
    assert SSHD, "no OpenSSH server: .ci/run installs it"
    with partner(tmp_path / "partner") as made:
        yield made


@pytest.fixture(scope="module")
def city(house: Path, once: Once, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Three files that wait, and a partner that two people registered: for all cases of the module, each begins anew."""
    home = tmp_path_factory.mktemp("there")
    with copied(house, once(library.ask), home / "ours") as site, library.partner(home / "files") as server:
        library.register(site, server)
        yield City(site, server)


@pytest.fixture
def fresh(city: City) -> City:
    """Nothing was sent, nothing lies there, nothing is amiss."""
    library.again(city.site)
    for path in city.folder.iterdir():
        path.unlink()
    (city.site.home / "numbers" / "soushin").unlink(missing_ok=True)
    city.server.faults = sftp_server.Faults()
    city.server.done.clear()
    return city
