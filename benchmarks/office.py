"""A PostgreSQL of the benchmarks' own and offices on it: a home and a database each, cloned from one that is ready."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from etl.platform import databases, postgres
from etl.site import Site, init


@contextmanager
def open_house() -> Iterator[Path]:
    """A home whose server runs; its database ``kokunen`` is migrated and stays empty."""
    house = Path(tempfile.mkdtemp(prefix="kokunen-bench-"))
    try:
        init(house).engine.dispose()
        yield house
    finally:
        postgres.stop(house)
        shutil.rmtree(house, ignore_errors=True)


@contextmanager
def open_office(house: Path, home: Path, name: str, template: str = "kokunen") -> Iterator[Site]:
    """A Site with a database of its own, gone afterwards."""
    admin_url = postgres.ensure(house).admin_url
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"create database {name} template {template} owner kokunen_owner")
        databases.let_in(admin, name)
    for folder in ("inbox", "outbox"):
        (home / folder).mkdir(parents=True)
    shutil.copytree(house / "keys", home / "keys")
    site = Site(home=home, url=_database(postgres.urls(house)["app"], name))
    try:
        yield site
    finally:
        site.engine.dispose()
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute(f"drop database {name} with (force)")
        shutil.rmtree(home)


def admin_of(house: Path, site: Site) -> str:
    """The URL of the server's owner for the database of an office."""
    return _database(postgres.ensure(house).admin_url, site.url.rsplit("/", 1)[1])


def settle(url: str) -> None:
    """What the server would do in its own time is done before a measurement, not in the middle of one."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum (analyze)")
        admin.execute("checkpoint")


def _database(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"
