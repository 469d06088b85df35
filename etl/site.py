"""Site: the one value that says where everything is. Made at run time; a test builds one on a scratch folder and database."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from sqlalchemy import Engine

from etl.core.errors import KokunenError, Refused
from etl.core.mapping.city import ZONE
from etl.edge import db, modes
from etl.edge.db.migrate import migrate
from etl.edge.keys import Keys
from etl.platform import databases, logins, postgres


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

    def with_keys_of_now(self) -> Site:
        """The same, which goes on with the keys that are the newest at this moment."""
        same = Site(self.home, self.url)
        same.__dict__.update(engine=self.engine, keys=self.keys.of_now())
        return same

    def url_of(self, purpose: str) -> str:
        """The business database as the log-in of that purpose (``mappings/rights.yaml``: ``decide``, ``people`` …); its secret is read now.
        Unavailable NP-1030 when there is none yet, NP-1092 when it is another account's."""
        role = f"kokunen_{purpose}"
        word, parts = logins.read(self.home / "keys", role), urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(word)}@{parts.netloc.rpartition('@')[2]}"))

    @property
    def bundled(self) -> bool:
        """Whether the server is the one of the locked environment."""
        return postgres.bundled(self.home)

    @contextmanager
    def session(self, purpose: str | None = None) -> Iterator[db.Session]:
        """A connection as the role of the jobs, or as another log-in, for as long as the block lasts."""
        if purpose is None:
            with db.session(self.engine) as session:
                yield session
            return
        engine = db.engine(self.url_of(purpose))
        try:
            with db.session(engine) as session:
                yield session
        finally:
            engine.dispose()


def default_home() -> Path:
    """KOKUNEN_HOME, else ./var. Refused NP-1046 when that is no folder."""
    home = Path(os.environ.get("KOKUNEN_HOME") or "var").resolve()
    if os.path.lexists(home) and not home.is_dir():
        raise Refused("NP-1046", item=home.name)
    return home


def begin() -> None:
    """Every start: what is made from now on is for our own user."""
    modes.start()


def open_site(home: Path | None = None) -> Site:
    """The Site of ``home`` (default KOKUNEN_HOME, else ./var). Starts nothing. Unavailable NP-1030 before ``kokunen init``, Refused NP-1034
    when others may look into it and it cannot be closed."""
    home = (home or default_home()).resolve()
    _close(home)
    return Site(home=home, url=postgres.url(home, "kokunen_app"))


def init(home: Path | None = None) -> Site:
    """Folders, server, databases, roles, migrations, keys; everything once, so it may be called again at any time. Refused NP-1032 when a
    key that was used is lost: another one under its name would open nothing."""
    home = (home or default_home()).resolve()
    modes.prepare(home)
    _close(home)
    for role in databases.ROLES:
        logins.place(home / "keys", role)
    server = postgres.ensure(home)
    if server.admin_url:  # else an office's own, where the first init has made them
        databases.make(server.admin_url, home / "keys")
    if postgres.own_data(home):
        databases.replicate(server.admin_url)
    site = open_site(home)
    with site.session() as session:
        db.check_durability(session)
        db.check_order(session)
    migrate(postgres.urls(home)["owner"])
    make_keys(site)
    return site


def _close(home: Path) -> None:
    """What was open to the machine's other users is closed, and said: somebody may have looked."""
    for name in modes.close(home):
        say(Refused("NP-1033", item=name))


def say(found: KokunenError) -> None:
    """What was found and mended on the way, and stops nothing: people read it (a task's stderr is its log)."""
    print(f"{found}\n  → {found.remedy}", file=sys.stderr)


def make_keys(site: Site) -> None:
    """The keys that are not there yet. Refused NP-1032."""
    with site.session() as session:
        site.keys.create(keys_used(session))


def keys_used(session: db.Session) -> dict[str, bytes]:
    """key_id -> the proof that was kept when the key was first used."""
    return {row["key_id"]: bytes(row["proof"]) for row in session.rows("ledger/keys_used")}
