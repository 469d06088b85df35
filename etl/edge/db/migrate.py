"""移行: the schema of the business database, forward only; then what is made from the definitions: staging, comments, seeded words, rights.

``sql/schema/01`` to ``10`` make at once what ``sql/schema/earlier`` made step by step. An installation that began with earlier/ goes its
way to the end and takes the ten as done; a new one takes the ten. From 11 on both go the same way.
"""

from __future__ import annotations

import hashlib

import psycopg
import psycopg.sql

from etl.core.codec import shukutai
from etl.core.errors import DefinitionError
from etl.core.law import shinsei, todoke
from etl.core.law.kijitsu import kijitsu
from etl.core.mapping import houkoku, registry, tables, views
from etl.core.mapping.layout import Arriving, arriving
from etl.core.mapping.rights import rights
from etl.core.mapping.transfers import transfers
from etl.core.states import ACTS, Operation, WorklistKind
from etl.definitions import SQL
from etl.edge.db import grants, guarded

SCHEMA = SQL / "schema"
SQUASHED = 10


def migrate(owner_url: str) -> list[str]:
    """Apply what ``public.migration`` does not name yet, each file once, in one transaction; then the generated part. Returns what was done.

    Raises DefinitionError NP-1023 when the text of an applied file has changed, or is not known here; Unavailable NP-1091 before anything when the
    server lacks a log-in.
    """
    with guarded(), psycopg.connect(owner_url) as connection:
        connection.execute("select pg_advisory_lock(4711)")
        grants.require_roles(connection)
        connection.execute(
            "create table if not exists public.migration (name text primary key, sha256 text not null, at timestamptz not null default now())"
        )
        connection.commit()
        done = _migrations(connection)
        _seed(connection)
        made = _generate(connection) + _views(connection)
        grants.bring(connection)
        return done + made


def _migrations(connection: psycopg.Connection) -> list[str]:
    applied: dict[str, str] = dict(connection.execute("select name, sha256 from public.migration").fetchall())
    earlier, files = sorted((SCHEMA / "earlier").glob("*.sql")), sorted(SCHEMA.glob("*.sql"))
    texts = {path.name: path.read_bytes() for path in (*earlier, *files)}
    for name, digest in applied.items():
        if digest != hashlib.sha256(texts.get(name, b"")).hexdigest():
            raise DefinitionError("NP-1023", item=name)
    began_earlier = any(path.name in applied for path in earlier)
    todo = [p.name for p in (*earlier, *files) if p.name not in applied and (began_earlier or p in files)]
    made_already = {p.name for p in files[:SQUASHED]} if began_earlier else set()
    for name in todo:
        if name not in made_already:
            connection.execute(texts[name])
        digest = hashlib.sha256(texts[name]).hexdigest()
        connection.execute("insert into public.migration (name, sha256) values (%s, %s)", (name, digest))
        connection.commit()
    return [name for name in todo if name not in made_already]


def _seed(connection: psycopg.Connection) -> None:
    """The words that rows may use, from their one list each (a word that was used stays known), the numbers and periods of the law as
    they are now, and how texts are compared. The registry that a database begins with is the one that came with the set-up."""
    kinds = [(kind, about.label) for kind, about in registry.approvals().items()]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ledger.approval_kind (kind, label) values (%s, %s) on conflict (kind) do update set label = excluded.label",
            kinds,
        )
        cursor.executemany(
            "insert into pension.worklist_kind (kind) values (%s) on conflict do nothing", [(k,) for k in WorklistKind]
        )
        cursor.executemany(
            "insert into audit.operation (operation) values (%s) on conflict do nothing", [(o,) for o in Operation]
        )
        cursor.executemany(
            "insert into shokuin.yakuwari (yakuwari) values (%s) on conflict do nothing", [(y,) for y in rights().yakuwari]
        )
        cursor.execute("delete from pension.kijitsu")
        cursor.executemany(
            "insert into pension.kijitsu (name, from_on, until_on, amount, unit, article) values (%s, %s, %s, %s, %s, %s)",
            kijitsu().rows(),
        )
        cursor.execute("delete from pension.shinsei_kikan")
        with cursor.copy("copy pension.shinsei_kikan from stdin") as copy:
            for span in shinsei.spans():
                copy.write_row(span)
        for table, rows in _of_reports().items():
            at = psycopg.sql.Identifier(*table.split("."))
            cursor.execute(psycopg.sql.SQL("delete from {}").format(at))
            cursor.executemany(psycopg.sql.SQL("insert into {} values (%s, %s)").format(at), rows)
        cursor.execute(shukutai.function().encode())
        begun = cursor.execute("select 1 from ledger.tourokubo limit 1").fetchone()
        cursor.executemany(
            "insert into ledger.tourokubo (row_id, content, sha256) values (%s, %s, %s)",
            () if begun else [(row.id, row.text, row.sha256) for row in transfers().values()],
        )
    connection.commit()


def _of_reports() -> dict[str, list[tuple[str, str]]]:
    """What the views of 進達 ask of the definitions: table -> its rows."""
    own = todoke.shokken()
    return {
        "pension.shintatsu_saki": houkoku.saki(),
        "pension.shintatsu_nashi": [(code, jiyu) for code, each in todoke.unreported().items() for jiyu in each],
        "pension.shintatsu_shokken": [(own.todoke_code, jiyu) for jiyu in own.jiyu],
        "ledger.shintatsu_michi": [(act, state) for act, states in ACTS.items() for state in states],
    }


def _generate(connection: psycopg.Connection) -> list[str]:
    """Staging, its views and comments of each inbound dataset, made anew when their text has changed (staging holds nothing between
    loads; dropping it waits for a load that runs). A dataset that is no longer in the mappings goes. DefinitionError NP-1101 when the
    tables of pension lack what the mapping keeps: its staging stays as it was."""
    known = {
        name: (key, digest)
        for name, key, digest in connection.execute(
            "select dataset, row_key, sha256 from public.generated where dataset not like 'iten.%'"
        )
    }
    made = []
    for dataset in known.keys() - arriving().keys():
        _drop(connection, dataset)
        connection.execute("delete from public.generated where dataset = %s", (dataset,))
        connection.commit()
    for dataset, layout in arriving().items():
        statements, key, digest = tables.generated(layout), tables.row_key(layout), tables.fingerprint(layout)
        if known.get(dataset) == (key, digest):
            continue
        if dataset in known and known[dataset][0] != key:
            _refuse_new_key(connection, layout)
        _drop(connection, dataset)
        try:
            for statement in statements:
                connection.execute(statement.encode())
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
            raise DefinitionError("NP-1101", file=f"{dataset}.yaml", item="load.into", why=f"SQLSTATE {error.sqlstate}") from None
        connection.execute(
            "insert into public.generated (dataset, row_key, sha256) values (%s, %s, %s) on conflict (dataset)"
            " do update set row_key = excluded.row_key, sha256 = excluded.sha256",
            (dataset, key, digest),
        )
        connection.commit()
        made.append(f"staging.{dataset}")
    return made


def _views(connection: psycopg.Connection) -> list[str]:
    """What each recipient may have (schema ``iten``), made anew when its text has changed; of a row that is no longer in the registry it goes."""
    rows = {f"iten.{row.view}": row for row in transfers().values()}
    known: dict[str, str] = dict(
        connection.execute("select dataset, sha256 from public.generated where dataset like 'iten.%'").fetchall()
    )
    made = [name for name, row in rows.items() if known.get(name) != views.fingerprint(row)]
    for name in (*made, *(known.keys() - rows.keys())):
        connection.execute(f"drop view if exists {name}_jotai; drop view if exists {name}".encode())
        connection.execute("delete from public.generated where dataset = %s", (name,))
    for name in made:
        for statement in views.statements(rows[name]):
            connection.execute(statement.encode())
        digest = views.fingerprint(rows[name])
        connection.execute("insert into public.generated (dataset, row_key, sha256) values (%s, '', %s)", (name, digest))
    connection.commit()
    return made


def _refuse_new_key(connection: psycopg.Connection, layout: Arriving) -> None:
    """DefinitionError NP-1027 when rows are held under the old key: no row of a file would find its own again."""
    for table in layout.load.into:
        if connection.execute(f"select 1 from pension.{table} limit 1".encode()).fetchone():  # noqa: S608 - a name of a mapping
            raise DefinitionError("NP-1027", item=f"{layout.dataset}.key")


def _drop(connection: psycopg.Connection, dataset: str) -> None:
    """``_held`` reads pension alone, so the table's cascade does not reach it."""
    connection.execute(f"drop table if exists staging.{dataset} cascade; drop view if exists staging.{dataset}_held".encode())
