"""One PostgreSQL for the whole session; each test gets a home of its own and a database cloned from a migrated template."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import kit
import psutil
import pytest
from xdist.scheduler import LoadScopeScheduling

from etl.edge import db
from etl.platform import databases, postgres
from etl.site import Site, init
from tests import discs, people

#: the day of the tests: what a run may be about does not depend on the machine's clock
os.environ["KOKUNEN_TODAY"] = "2027-12-31"

#: a session writes gigabytes of WAL that nobody would take; ``tests/backup`` keeps its own
os.environ["KOKUNEN_WAL"] = "off"

#: Every home and server of the tests lies in memory where there is room: a database costs 0.1 s there, on a busy disk 1 s, and
#: no setting of the server has to be another one than at the office. TMPDIR or PYTEST_DEBUG_TEMPROOT choose another place.
MEMORY = Path("/dev/shm")  # noqa: S108
ROOM = 8 << 30  # bytes; a whole session has needed 2.5 GB
if MEMORY.is_dir() and min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", os.environ.get("TMPDIR") or str(MEMORY))


#: something done to a Site that many tests begin with: a function with a name of its own, so that it is the same one each time
Step = Callable[[Site], object]

#: the type of the fixture ``after``
After = Callable[..., Site]


class Scheduling(LoadScopeScheduling):
    """For two workers: the tests of a file stay together and in order, and all of tests/dags shares one Airflow."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        return "tests/dags" if path.startswith("tests/dags/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    first = ("dags", "test_benchmarks.py")
    items.sort(key=lambda item: not ({item.path.parent.name, item.path.name} & {*first}))


def pytest_collection_finish() -> None:
    """What has been imported and collected stays to the end; a garbage collection need not look through it each time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What could not be collected here is said, not passed over."""
    if not postgres.of_the_machine():
        terminalreporter.write_line(
            "no PostgreSQL server in /usr/lib/postgresql: tests of an office's own server met the bundled one alone"
        )


@pytest.fixture(scope="session", autouse=True)
def _logged_in(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever the tests name with ``--as`` can prove it, to databases that know them (``people.register``)."""
    people.log_in(tmp_path_factory.mktemp("state"))


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """The command line hushes what logs, for its process: in a test's it would be for all tests after it."""
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose server runs for the session; its database ``kokunen`` is migrated and stays empty: the template."""
    home = tmp_path_factory.mktemp("house")
    site = init(home)
    site.engine.dispose()
    people.register(postgres.urls(home)["owner"])
    yield home
    kit.leave(home)
    postgres.stop(home)


@contextmanager
def new_site(house: Path, home: Path, template: str = "kokunen") -> Iterator[Site]:
    """A Site of its own: inbox, outbox, keys and a database like ``template`` (``template0``: nothing has been migrated yet)."""
    name = f"kokunen_{secrets.token_hex(8)}"  # not counted: this file is imported under several names
    strategy = "file_copy" if house.is_relative_to(MEMORY) else "wal_log"  # the first waits for all that was written so far
    admin = kit.admin(house)
    admin.execute(f"create database {name} template {template} owner kokunen_owner strategy {strategy}")
    databases.let_in(admin, name)
    for folder in ("inbox", "outbox"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    shutil.copytree(house / "keys", home / "keys", dirs_exist_ok=True)
    url = postgres.urls(house)["app"].rsplit("/", 1)[0] + f"/{name}"
    made = Site(home=home, url=url)
    try:
        yield made
        discs.check(made)
    finally:
        kit.part(made)
        kit.admin(house).execute(f"drop database {name} with (force)")


@contextmanager
def copied(house: Path, site: Site, home: Path) -> Iterator[Site]:
    """The same Site once more: its folders and its database, as they are now. What many tests begin with is made once."""
    kit.part(site)
    shutil.copytree(site.home, home)
    with new_site(house, home, template=site.url.rsplit("/", 1)[1]) as made:
        yield made


@pytest.fixture
def site(house: Path, tmp_path: Path) -> Iterator[Site]:
    """A Site for one test."""
    with new_site(house, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def town(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Site for all tests of a module: one run of many cases, each of which is looked at by a test of its own."""
    with new_site(house, tmp_path_factory.mktemp("town")) as made:
        yield made


class Once:
    """Sites on which steps were done, by these steps; whatever several of them begin with is done once."""

    def __init__(self, house: Path, new_home: Callable[[], Path], stack: ExitStack) -> None:
        self.house, self.new_home, self.stack = house, new_home, stack
        self.made: dict[tuple[Step, ...], Site] = {}

    def __call__(self, *steps: Step) -> Site:
        """The Site after these steps. Nobody works in it: it is looked at, or copied."""
        if steps not in self.made:
            home = self.new_home()
            begun = copied(self.house, self(*steps[:-1]), home) if steps[1:] else new_site(self.house, home)
            site = self.stack.enter_context(begun)
            steps[-1](site)
            self.made[steps] = site
        return self.made[steps]


@pytest.fixture(scope="module")
def once(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Once]:
    """``once(ask, answer)``: the Site on which these functions were called in this order, once for the module: one run of many cases,
    each of which is looked at by a test of its own."""
    with ExitStack() as stack:
        yield Once(house, lambda: tmp_path_factory.mktemp("after") / "home", stack)


@pytest.fixture
def after(once: Once, house: Path, tmp_path: Path) -> Iterator[After]:
    """``after(ask, answer)``: a copy of that Site for the test, which goes on from there."""
    numbers = itertools.count()
    with ExitStack() as stack:
        yield lambda *steps: stack.enter_context(copied(house, once(*steps), tmp_path / f"home{next(numbers)}"))


@pytest.fixture
def bare(house: Path, tmp_path: Path) -> Iterator[Site]:
    """A Site whose database holds nothing at all: no schema, no rights."""
    with new_site(house, tmp_path / "bare", template="template0") as made:
        yield made


@pytest.fixture(scope="session")
def owner_url_of(house: Path) -> Callable[[Site], str]:
    """The URL of the role that owns a Site's database."""
    return lambda site: postgres.urls(house)["owner"].rsplit("/", 1)[0] + "/" + site.url.rsplit("/", 1)[1]


@pytest.fixture
def owner_url(owner_url_of: Callable[[Site], str], site: Site) -> str:
    """The URL of the role that owns the test's database."""
    return owner_url_of(site)


@pytest.fixture
def session(site: Site) -> Iterator[db.Session]:
    with site.session() as made:
        yield made
