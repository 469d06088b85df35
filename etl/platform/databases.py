"""Two databases and their roles without rights on each other, made by an administrator: our own server's, or an office's.

An office's need not be a superuser: CREATEDB and CREATEROLE are enough, and all that managed servers give. From 15 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from etl.core.errors import Unavailable
from etl.core.mapping.rights import rights
from etl.edge.db import guarded
from etl.platform import logins

DATABASES = {"kokunen": "kokunen_owner", "kokunen_airflow": "kokunen_airflow"}
LOGINS = tuple(rights().databases)
ROLES = ("kokunen_owner", *LOGINS, "kokunen_airflow")
OLDEST = 15
#: the order of the bytes, whatever the server's own is: what we send is the same everywhere
TEXT = "template template0 encoding 'UTF8' locale 'C' locale_provider "


def make(admin_url: str, keys: Path) -> None:
    """Everything once, so it may be called again; passwords are made once in ``keys/db``.

    Raises Unavailable: NP-1043 (the administrator may not), NP-1044 (the server is too old), NP-1020 (it does not answer).
    """
    for role in ROLES:
        logins.make(keys, role)
    with guarded(), psycopg.connect(admin_url, autocommit=True) as admin:
        if admin.info.server_version < OLDEST * 10_000:
            raise Unavailable("NP-1044", found=str(admin.info.server_version // 10_000), oldest=str(OLDEST))
        admin.execute("select pg_advisory_lock(4712)")
        try:
            _roles(admin, keys)
            with _owner_too(admin):
                _databases(admin)
        except psycopg.errors.InsufficientPrivilege:
            raise Unavailable("NP-1043", item=admin.info.user) from None


def _roles(admin: psycopg.Connection, keys: Path) -> None:
    for role in ROLES:
        known = admin.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
        if known and not logins.known(keys, role):  # another account's: it stays as it is
            continue
        verb = sql.SQL("alter role {} with login password {}" if known else "create role {} with login password {}")
        password = logins.read(keys, role).encode()
        verifier = admin.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256")  # a server may log the statement
        admin.execute(verb.format(sql.Identifier(role), verifier.decode()))
    for role, login in rights().databases.items():
        if login.of:
            admin.execute(sql.SQL("grant {} to {}").format(sql.Identifier(login.of), sql.Identifier(role)))


def replicate(admin_url: str) -> None:
    """On our own server: the log-in of the backup may read the cluster as a whole, and mark a place in the WAL."""
    with guarded(), psycopg.connect(admin_url.rsplit("/", 1)[0] + "/kokunen", autocommit=True) as admin:
        admin.execute("alter role kokunen_backup replication")
        for function in ("pg_create_restore_point(text)", "pg_switch_wal()"):
            admin.execute(f"grant execute on function pg_catalog.{function} to kokunen_backup".encode())


@contextmanager
def _owner_too(admin: psycopg.Connection) -> Iterator[None]:
    """Whoever is no superuser makes a database for its owner, and says who may enter it, only while a member of that owner."""
    superuser = admin.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    owners = sql.SQL(", ").join(map(sql.Identifier, DATABASES.values())) if superuser != (True,) else None
    if owners:
        admin.execute(sql.SQL("grant {} to current_user").format(owners))
    try:
        yield
    finally:
        if owners:
            admin.execute(sql.SQL("revoke {} from current_user").format(owners))


def _databases(admin: psycopg.Connection) -> None:
    text = sql.SQL(TEXT + ("builtin builtin_locale 'C.UTF-8'" if admin.info.server_version >= 170_000 else "libc"))
    for name, owner in DATABASES.items():
        if not admin.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            made = sql.SQL("create database {} owner {} ").format(sql.Identifier(name), sql.Identifier(owner))
            admin.execute(made + text)
        admin.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
    let_in(admin, "kokunen")


def let_in(admin: psycopg.Connection, database: str) -> None:
    """Every log-in may connect to the business database; only those that work need a temporary table."""
    for role, login in rights().databases.items():
        verbs = "connect, temporary" if "kokunen_app" in (role, login.of) else "connect"
        admin.execute(sql.SQL(f"grant {verbs} on database {{}} to {{}}").format(sql.Identifier(database), sql.Identifier(role)))
