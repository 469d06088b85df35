"""PostgreSQL: one engine, one statement per file, COPY in and out, locks.

Database errors are wrapped: PostgreSQL prints values in DETAIL, CONTEXT and even the primary message, so only SQLSTATE,
constraint and table cross this line (spec 11).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import ClientCursor
from sqlalchemy import Connection, CursorResult, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from etl.core.errors import DefinitionError, KokunenError, Refused, Unavailable
from etl.core.mapping.city import ZONE
from etl.definitions import SQL

#: sorts of half a million rows stay in memory; statistics of a just filled table need no more than a glance
OPTIONS = f"-c timezone={ZONE.key} -c datestyle=ISO,YMD -c work_mem=128MB -c default_statistics_target=20"
_RETRY_CLASSES = ("08", "40", "53", "55", "57", "58")  # connection, rollback, resources, lock, operator, system
#: what ledger.decide says: decided already, by no other person, after its term
DECIDED = {
    "KN001": "NP-2003", "KN002": "NP-2030", "KN003": "NP-2031", "KN005": "NP-2032", "KN010": "NP-1083", "KN011": "NP-1083", "KN012": "NP-1088",
    "KN013": "NP-1089", "KN014": "NP-1090", "KN015": "NP-1087", "KN016": "NP-1056", "KN017": "NP-1059", "KN018": "NP-1058",
    "KN021": "NP-3282", "KN022": "NP-3283", "KN023": "NP-3284", "KN024": "NP-3285", "KN025": "NP-3286",
    "KN031": "NP-3291", "KN032": "NP-3292", "KN033": "NP-3293", "KN034": "NP-3294", "KN004": "NP-3295",
    "KN061": "NP-4146", "KN062": "NP-4147", "KN063": "NP-4154", "KN064": "NP-4156", "KN065": "NP-4157", "KN066": "NP-4158",
    "KN041": "NP-3231", "KN042": "NP-3222", "KN043": "NP-3224",
    "KN081": "NP-4202", "KN091": "NP-4222", "KN092": "NP-4223", "KN093": "NP-4224", "KN071": "NP-4182", "KN072": "NP-4183",
}  # fmt: skip
Copy = psycopg.Copy  # what ``copy_in`` hands out


def engine(url: str) -> Engine:
    """An engine for ``postgresql://`` URLs; nothing is opened yet."""
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=2,
        pool_pre_ping=True,
        connect_args={"application_name": "kokunen", "options": OPTIONS},
        hide_parameters=True,
    )


@cache
def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _filled(name: str, names: dict[str, str] | None) -> str:
    source = statement(name)
    for key, ours in (names or {}).items():
        source = source.replace("{" + key + "}", ours)
    return source


def wrap(error: psycopg.Error) -> KokunenError:
    """A database error without its message: SQLSTATE, table and constraint only."""
    state = error.sqlstate or "08000"
    diag = error.diag
    if state in DECIDED:
        return Refused(DECIDED[state])
    place = ".".join(p for p in (diag.schema_name, diag.table_name, diag.constraint_name) if p) or "-"
    if state == "55P03":
        return Unavailable("NP-1021", item="lock")
    kind = Unavailable if state[:2] in _RETRY_CLASSES else DefinitionError
    return kind("NP-1020" if kind is Unavailable else "NP-1022", item=place, sqlstate=state)


@contextmanager
def guarded() -> Iterator[None]:
    """Turns every database error inside into ours, cutting the chain so that no traceback carries a value."""
    try:
        yield
    except DBAPIError as error:
        raised = wrap(error.orig) if isinstance(error.orig, psycopg.Error) else Unavailable("NP-1020", item="-", sqlstate="08000")
        raise raised from None
    except psycopg.Error as error:
        raise wrap(error) from None


class Session:
    """One connection. ``rows``/``one``/``value``/``run`` execute ``sql/<name>.sql`` with bound parameters."""

    def __init__(self, connection: Connection):
        self.connection = connection

    @property
    def driver(self) -> psycopg.Connection:
        return self.connection.connection.driver_connection  # type: ignore[return-value]

    def _execute(self, name: str, params: dict[str, Any], names: dict[str, str] | None = None) -> CursorResult[Any]:
        with guarded():
            return self.connection.execute(text(_filled(name, names)), params)

    def run(self, name: str, /, *, names: dict[str, str] | None = None, **params: Any) -> int:
        """Rows touched. ``names`` fills ``{table}`` places with names of ours (never with input)."""
        return self._execute(name, params, names).rowcount

    def rows(self, name: str, /, *, names: dict[str, str] | None = None, **params: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self._execute(name, params, names).mappings()]

    def one(self, name: str, /, **params: Any) -> dict[str, Any] | None:
        found = self.rows(name, **params)
        return found[0] if found else None

    def value(self, name: str, /, *, names: dict[str, str] | None = None, **params: Any) -> Any:
        return self._execute(name, params, names).scalar()

    def many(self, name: str, /, params: list[dict[str, Any]]) -> None:
        if params:
            with guarded():
                self.connection.execute(text(statement(name)), params)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; reads made before it end first."""
        self.commit()
        with guarded(), self.connection.begin():
            yield

    def commit(self) -> None:
        """Ends the transaction, also one that only COPY (which goes past SQLAlchemy) has begun."""
        with guarded():
            self.connection.commit()
            self.driver.commit()

    @contextmanager
    def copy_in(self, table: str, columns: list[str]) -> Iterator[Copy]:
        statement = f"copy {table} ({', '.join(columns)}) from stdin (format csv)"
        with guarded(), self.driver.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            yield copy

    def packed(self, name: str, /, **params: Any) -> bytes:
        """The one binary value of ``sql/<name>.sql``: many rows of fixed width in one piece (empty when there are none).

        A row at a time through the driver costs a microsecond each; a column of a million numbers is better sent as one.
        """
        compiled = str(text(statement(name)).compile(dialect=self.connection.dialect))
        with guarded(), self.driver.cursor(binary=True) as cursor:
            row = cursor.execute(compiled, params).fetchone()
        return bytes(row[0]) if row and row[0] is not None else b""

    def _copy_out(self, query: str, params: dict[str, Any], options: str) -> bytes:
        """COPY (query) TO STDOUT. COPY takes no parameters, so they are bound on this side by the driver."""
        compiled = str(text(query.rstrip().rstrip(";")).compile(dialect=self.connection.dialect))
        with guarded(), ClientCursor(self.driver) as cursor:
            bound = cursor.mogrify(compiled, params) if params else compiled.replace("%%", "%")
            out = io.BytesIO()
            with cursor.copy(f"copy ({bound}) to stdout ({options})".encode()) as copy:
                for chunk in copy:
                    out.write(chunk)
        return out.getvalue()

    def table(self, name: str, schema: pa.Schema, /, *, names: dict[str, str] | None = None, **params: Any) -> pa.Table:
        """The result of ``sql/<name>.sql`` as an Arrow table of ``schema`` (empty unquoted CSV cells are null). DefinitionError NP-1131 when
        the statement gives other columns or types; Arrow's own error would show the value."""
        raw = self._copy_out(_filled(name, names), params, "format csv, header")
        options = pacsv.ConvertOptions(
            column_types={f.name: f.type for f in schema},
            include_columns=schema.names,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
        )
        try:
            return pacsv.read_csv(io.BytesIO(raw), convert_options=options)
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            why = "missing column" if isinstance(error, pa.ArrowKeyError) else "another type"
        raise DefinitionError("NP-1131", item=f"{name}.sql", why=why)


@contextmanager
def session(engine: Engine) -> Iterator[Session]:
    with guarded():
        connection = engine.connect()
    try:
        yield Session(connection)
    finally:
        connection.close()


def csv_bytes(batch: pa.RecordBatch | pa.Table) -> bytes:
    """Arrow -> CSV for COPY: no header, null is an empty unquoted cell."""
    out = io.BytesIO()
    pacsv.write_csv(batch, out, pacsv.WriteOptions(include_header=False))
    return out.getvalue()


# ---- locks -----------------------------------------------------------------------------------------------------------------

_LOCK = {
    "exclusive": "select pg_try_advisory_lock(hashtextextended(:name, 7))",
    "shared": "select pg_try_advisory_lock_shared(hashtextextended(:name, 7))",
}


@contextmanager
def locked(session: Session, *names: str) -> Iterator[None]:
    """Holds session-level advisory locks (``name`` exclusive, ``name:shared`` shared) for the block; released with the connection.

    Raises Unavailable NP-1021 既に処理中 at once when another holds one (F23).
    """
    taken: list[tuple[str, str]] = []
    try:
        for name in names:
            key, _, mode = name.partition(":")
            mode = mode or "exclusive"
            with guarded():
                got = session.connection.execute(text(_LOCK[mode]), {"name": key}).scalar()
            if not got:
                raise Unavailable("NP-1021", item=key)
            taken.append((key, mode))
        session.commit()
        yield
    finally:
        _unlock(session, taken)


def _unlock(session: Session, taken: list[tuple[str, str]]) -> None:
    """Best effort: when the connection is lost its locks are gone already."""
    try:
        session.connection.rollback()
        for key, mode in reversed(taken):
            call = "pg_advisory_unlock" if mode == "exclusive" else "pg_advisory_unlock_shared"
            session.connection.execute(text(f"select {call}(hashtextextended(:name, 7))"), {"name": key})
        session.connection.commit()
    except (DBAPIError, psycopg.Error):
        session.connection.invalidate()


# ---- start -----------------------------------------------------------------------------------------------------------------


#: a role may set these for itself and nobody else would see it: what is written for good, how long a statement may take, how values read
_MEANING = (
    "Write-Ahead Log",
    "Client Connection Defaults",
    "Lock Management",
    "Version and Platform Compatibility",
    "Developer Options",
)


def check_durability(session: Session) -> None:
    """A server that may lose commits is refused (faults, Promise 2: fsync, full_page_writes, synchronous_commit; NP-1024), and so is a
    role that carries settings of its own which change what its statements mean (NP-1049). Asked when an installation or a run begins."""
    with guarded():
        off, own = session.connection.execute(
            text(
                "select min(name) filter (where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'),"
                " string_agg(name, ', ' order by name) filter (where source in ('user', 'database user')"
                " and split_part(category, ' / ', 1) = any(:meaning)) from pg_settings"
            ),
            {"meaning": list(_MEANING)},
        ).one()
    session.commit()
    if off:
        raise DefinitionError("NP-1024", item=off)
    if own:
        raise DefinitionError("NP-1049", item=own)


def check_order(session: Session) -> None:
    """A database that sorts otherwise than by bytes, or holds other text than UTF-8, would send other files: Unavailable NP-1028."""
    with guarded():
        encoding, bytewise = session.connection.execute(text("select current_setting('server_encoding'), 'B' < 'a'")).one()
    if encoding != "UTF8" or not bytewise:
        raise Unavailable("NP-1028", item=encoding)
