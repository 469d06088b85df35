"""画面の利用者: Airflow's users are the people of the register, set directly in its metadata database, in one transaction.

Whoever has left, or has another password, is out: his sessions are deleted, and a token that the pages gave out before names a row that is
not there any more or is not active. A token is looked up every few seconds (``FAB__CACHE_TTL``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from etl.edge.db import guarded
from etl.platform import postgres

SET_BACK = "戻しました"  # how a line begins that tells what was otherwise than written


@dataclass(frozen=True)
class Person:
    """Somebody of the register as the pages know him: in force today, his roles, the hash of his password."""

    name: str
    roles: tuple[str, ...]
    password_hash: str


def sync_people(home: Path, people: Sequence[Person]) -> list[str]:
    """Exactly these may log in, in exactly these roles. Returns what was otherwise (lines for people; who is new is not told). Nothing to do
    before the first start has made Airflow's tables, and its roles (``dags/access.py``)."""
    with guarded(), psycopg.connect(postgres.urls(home)["airflow"]) as connection:
        made = connection.execute("select to_regclass('public.ab_user'), to_regclass('public.session')").fetchone()
        if made is None or None in made:
            return []
        connection.execute("select pg_advisory_xact_lock(4713)")
        known = {row[0]: row[1:] for row in connection.execute("select username, id, active, password from ab_user").fetchall()}
        told = list(_leave(connection, known, {p.name for p in people}))
        for person in people:
            told += _enter(connection, person, known.get(person.name))
        return told


def names(home: Path) -> dict[str, str]:
    """The number that a token names -> the user."""
    with guarded(), psycopg.connect(postgres.urls(home)["airflow"]) as connection:
        return {str(number): name for number, name in connection.execute("select id, username from ab_user").fetchall()}


def _leave(connection: psycopg.Connection, known: dict[str, tuple[int, bool, str]], staying: set[str]) -> Iterator[str]:
    for name in sorted(known.keys() - staying):
        number, active, _ = known[name]
        held = _roles(connection, number)
        _log_out(connection, number)
        connection.execute("delete from ab_user_role where user_id = %s", (number,))
        connection.execute("delete from ab_user_group where user_id = %s", (number,))
        connection.execute("update ab_user set active = false, password = null where id = %s", (number,))
        if active or held:
            yield f"{SET_BACK} 利用者 {name}（登録がないので使えないように）"


def _enter(connection: psycopg.Connection, person: Person, known: tuple[int, bool, str] | None) -> Iterator[str]:
    wanted = sorted(person.roles)
    if known is None:
        _new(connection, person)
        return
    number, active, password = known
    held = _roles(connection, number)
    if active and held == wanted and password == person.password_hash:
        return
    _log_out(connection, number)
    for table in ("ab_user_role", "ab_user_group"):
        connection.execute(f"delete from {table} where user_id = %s".encode(), (number,))  # noqa: S608 - one of two names
    connection.execute(
        "update ab_user set created_by_fk = null, changed_by_fk = null where %s in (created_by_fk, changed_by_fk)", (number,)
    )
    connection.execute("delete from ab_user where id = %s", (number,))
    _new(connection, person)
    if not active or held != wanted:
        yield f"{SET_BACK} 利用者 {person.name}（役割 {'、'.join(held) or 'なし'}{'' if active else '、使えない'} → {'、'.join(wanted)}）"
    else:
        yield f"{SET_BACK} 利用者 {person.name} のパスワード"


def _new(connection: psycopg.Connection, person: Person) -> None:
    """A row of its own for each password: what was given out for the one before names nobody."""
    row = connection.execute(
        "insert into ab_user (id, first_name, last_name, username, email, password, active, created_on, changed_on, login_count, fail_login_count)"
        " values (nextval('ab_user_id_seq'), %(name)s, %(name)s, %(name)s, %(mail)s, %(word)s, true, now(), now(), 0, 0) returning id",
        {"name": person.name, "mail": f"{person.name}@kokunen.invalid", "word": person.password_hash},
    ).fetchone()
    assert row
    connection.execute(
        "insert into ab_user_role (id, user_id, role_id) select nextval('ab_user_role_id_seq'), %s, id from ab_role where name = any (%s)",
        (row[0], list(person.roles)),
    )


def _roles(connection: psycopg.Connection, number: int) -> list[str]:
    """Those of the user and of the groups that somebody put him into."""
    rows = connection.execute(
        "select r.name from ab_role as r join ab_user_role as u on u.role_id = r.id where u.user_id = %(number)s union"
        " select r.name from ab_role as r join ab_group_role as g on g.role_id = r.id"
        " join ab_user_group as u on u.group_id = g.group_id where u.user_id = %(number)s",
        {"number": number},
    ).fetchall()
    return sorted(name for (name,) in rows)


def _log_out(connection: psycopg.Connection, number: int) -> None:
    """His sessions: msgpack, in which Flask-Login's ``_user_id`` is a short string with its length before it."""
    digits = str(number).encode()
    mark = b"\xa8_user_id" + bytes([0xA0 + len(digits)]) + digits
    connection.execute("delete from session where position(%s in data) > 0", (mark,))
