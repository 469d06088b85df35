"""権限: what each log-in may do in the business database, brought to what ``mappings/rights.yaml`` says.

The catalog is asked what is granted; what the page does not name is revoked, what is missing is granted, and where both agree nothing is
executed. So a right that somebody gave or took by hand, and one of an older version, lasts until the next ``kokunen init``.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import psycopg
from psycopg import sql

from etl.core.errors import Unavailable
from etl.core.mapping.rights import rights

MAINTAIN_SINCE = 170_000
#: of every schema but PostgreSQL's own: what is ours
_OURS = "n.nspname !~ '^(pg_|information_schema$)'"
#: everybody, and our log-ins (also one that the page does not know any more), never the owner
_GRANTEE = "(a.grantee = 0 or g.rolname like 'kokunen\\_%' and g.rolname <> current_user)"
_EXPLODED = "left join pg_roles as g on g.oid = a.grantee where " + _OURS + " and " + _GRANTEE
_RELATION = "case c.relkind when 'S' then 'sequence' else 'table' end, format('%I.%I', n.nspname, c.relname)"

HAVE = f"""
    select {_RELATION}, lower(a.privilege_type), '', coalesce(g.rolname, '')
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) as a {_EXPLODED}
    union all
    select {_RELATION}, lower(a.privilege_type), t.attname, coalesce(g.rolname, '')
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as t on t.attrelid = c.oid
    cross join lateral aclexplode(t.attacl) as a {_EXPLODED}
    union all
    select 'function', p.oid::regprocedure::text, lower(a.privilege_type), '', coalesce(g.rolname, '')
    from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
    cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a {_EXPLODED}
    union all
    select 'schema', n.nspname, lower(a.privilege_type), '', coalesce(g.rolname, '')
    from pg_namespace as n cross join lateral aclexplode(n.nspacl) as a {_EXPLODED} and n.nspname <> 'public'
"""  # noqa: S608 - names of ours alone
RELATIONS = f"""
    select {_RELATION}, n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where {_OURS} and c.relkind in ('r', 'p', 'v', 'm', 'S')
"""  # noqa: S608
FUNCTIONS = f"""
    select p.oid::regprocedure::text, n.nspname, p.proname from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where {_OURS}
"""  # noqa: S608


class Right(NamedTuple):
    """One privilege. ``name`` as it stands in a statement; ``column`` empty: of the whole; ``role`` empty: everybody."""

    kind: str
    name: str
    role: str
    verb: str
    column: str = ""


def require_roles(connection: psycopg.Connection) -> None:
    """Unavailable NP-1091 when the server lacks a log-in: an office's own, whose administrator's address was not given since there is one more."""
    there = {name for (name,) in connection.execute("select rolname from pg_roles")}
    if missing := [role for role in rights().databases if role not in there]:
        raise Unavailable("NP-1091", item="、".join(missing))


def bring(connection: psycopg.Connection) -> int:
    """Grants and revokes until the database agrees with the page, in one transaction; how many statements that took."""
    wanted, done = want(connection), 0
    while differing := have(connection) ^ wanted:
        excess = (
            differing - wanted
        )  # first: taking a verb of a table takes it of each column, too, and the next turn gives that back
        for _, group in groupby(sorted(excess or differing), attrgetter("kind", "name", "role")):
            connection.execute(_statement("revoke" if excess else "grant", list(group)))
            done += 1
    done += _records(connection)
    connection.commit()
    return done


def have(connection: psycopg.Connection) -> set[Right]:
    """What our log-ins and everybody may do now, the owner apart."""
    return {Right(kind, name, role, verb, column) for kind, name, verb, column, role in connection.execute(HAVE)}


def want(connection: psycopg.Connection) -> set[Right]:
    """What the page says of what is there, and the schemas that one has to pass for it."""
    page, found = rights(), set()
    for kind, name, schema, relation in connection.execute(RELATIONS):
        for role, verbs in page.row(f"{schema}.{relation}").items():
            for verb, columns in verbs.items():
                if verb != "maintain" or connection.info.server_version >= MAINTAIN_SINCE:
                    found |= {Right(kind, name, role, verb, column) for column in columns or ("",)}
                    found.add(Right("schema", schema, role, "usage"))
    for name, schema, function in connection.execute(FUNCTIONS):
        for role, login in page.databases.items():
            if f"{schema}.{function}" in login.functions:
                found |= {Right("function", name, role, "execute"), Right("schema", schema, role, "usage")}
    return {right for right in found if (right.kind, right.name) != ("schema", "public")}


def _statement(verb: str, group: list[Right]) -> bytes:
    """One for all verbs of a role and a thing; its name is the catalog's own spelling."""
    kind, name, role, *_ = group[0]
    verbs = ", ".join(f"{right.verb} ({_quoted(right.column)})" if right.column else right.verb for right in group)
    whom = _quoted(role) if role else "public"
    return f"{verb} {verbs} on {kind} {name} {f'from {whom} cascade' if verb == 'revoke' else f'to {whom}'}".encode()


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def _records(connection: psycopg.Connection) -> int:
    """``audit.kiroku``: which operations a log-in may write by itself."""
    wanted = rights().records()
    held = {(login, operation) for login, operation in connection.execute("select login, operation from audit.kiroku")}
    with connection.cursor() as cursor:
        cursor.executemany("delete from audit.kiroku where login = %s and operation = %s", sorted(held - wanted))
        cursor.executemany("insert into audit.kiroku (login, operation) values (%s, %s)", sorted(wanted - held))
    return len(held ^ wanted)
