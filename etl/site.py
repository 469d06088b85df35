"""Site: the one value that says where everything is. Made at run time; a test builds one on a scratch folder and database."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from etl.core.mapping.city import ZONE
from etl.edge import db
from etl.edge.db.migrate import migrate
from etl.edge.keys import Keys
from etl.platform import databases, postgres


@dataclass(frozen=True)
class Site:
    """home/{inbox,outbox,keys} and the business database (role of the jobs)."""

    home: Path
    url: str = field(repr=False)  # holds a password

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    @property
    def today(self) -> date:
        """The day in Japan. It decides which periods are refused, never what is loaded; KOKUNEN_TODAY stands for it in an exercise."""
        told = os.environ.get("KOKUNEN_TODAY")
        return date.fromisoformat(told) if told else datetime.now(ZONE).date()

    @cached_property
    def keys(self) -> Keys:
        return Keys(self.home / "keys")

    @cached_property
    def engine(self) -> Engine:
        return db.engine(self.url)

    @property
    def bundled(self) -> bool:
        """Whether the server is the one of the locked environment."""
        return postgres.bundled(self.home)

    def session(self) -> AbstractContextManager[db.Session]:
        return db.session(self.engine)


def default_home() -> Path:
    return Path(os.environ.get("KOKUNEN_HOME") or "var").resolve()


def open_site(home: Path | None = None) -> Site:
    """The Site of ``home`` (default KOKUNEN_HOME, else ./var). Starts nothing. Unavailable NP-1030 before ``kokunen init``."""
    home = (home or default_home()).resolve()
    return Site(home=home, url=postgres.urls(home)["app"])


def init(home: Path | None = None) -> Site:
    """Folders, keys, server, databases, roles, migrations; everything once, so it may be called again at any time."""
    home = (home or default_home()).resolve()
    for name in ("inbox", "outbox", "keys"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "keys").chmod(0o700)
    Keys(home / "keys").create()
    server = postgres.ensure(home)
    if server.admin_url:  # else an office's own, where the first init has made them
        databases.make(server.admin_url, home / "keys")
    site = open_site(home)
    with site.session() as session:
        db.check_durability(session)
        db.check_order(session)
    migrate(postgres.urls(home)["owner"])
    return site
