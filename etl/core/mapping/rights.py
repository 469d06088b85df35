"""権限: who may do what (``mappings/rights.yaml``): roles of people, acts of the commands, log-ins of the database.

A page that does not agree with itself is refused (``DefinitionError`` NP-1101).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from pydantic import model_validator

from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import read_page
from etl.core.mapping.transfers import transfers
from etl.core.states import Operation
from etl.definitions import MAPPINGS

VERBS = ("select", "insert", "update", "delete", "truncate", "maintain", "usage")
_VERB = re.compile(rf"({'|'.join(VERBS)})(?:\(([a-z0-9_ ]+)\))?(?: |$)")
#: verb -> the columns that it is limited to; None: the whole table
Verbs = dict[str, tuple[str, ...] | None]


class Act(Frozen):
    """What a command does: its title for people, and the roles of which one is enough."""

    title: str
    by: tuple[str, ...]


class Users(Frozen):
    """How many there are according to the 評価書."""

    at_least: int
    below: int


class LogIn(Frozen):
    """A role of the business database. ``of``: it has what that role has, too. ``records``: the operations that it writes by itself."""

    title: str
    of: Word | None = None
    functions: tuple[str, ...] = ()
    records: tuple[Operation, ...] = ()


Verb = Literal["read", "create", "edit", "delete", "menu"]


class Rights(Frozen):
    """The page as a whole. ``tables``: name or pattern -> log-in -> its verbs, as ``verbs`` reads them; ``pages``: what of Airflow's -> verb ->
    the roles that may."""

    yakuwari: dict[str, str]
    acts: dict[Word, Act]
    users: Users
    databases: dict[Word, LogIn]
    pages: dict[str, dict[Verb, tuple[str, ...]]]
    tables: dict[str, dict[Word, str]]

    @model_validator(mode="after")
    def _agrees(self) -> Rights:
        named = [act.by for act in self.acts.values()] + [by for verbs in self.pages.values() for by in verbs.values()]
        if unknown := {role for by in named for role in by} - set(self.yakuwari):
            raise ValueError(f"no such role: {'、'.join(sorted(unknown))}")
        logins = {login.of for login in self.databases.values() if login.of} | {
            login for row in self.tables.values() for login in row
        }
        if unknown := logins - set(self.databases):
            raise ValueError(f"no such log-in: {'、'.join(sorted(unknown))}")
        if wrong := [name for name, row in self.tables.items() for said in row.values() if not verbs(said)]:
            raise ValueError(f"no verbs of a table: {'、'.join(wrong)}")
        return self

    def pages_of(self, role: str) -> set[tuple[Verb, str]]:
        """(verb, what): all that a role may in the pages."""
        return {(verb, what) for what, verbs in self.pages.items() for verb, by in verbs.items() if role in by}

    def row(self, table: str) -> dict[str, Verbs]:
        """log-in -> what it may do with this table, view or sequence by itself; empty: nobody anything."""
        patterns = (self.tables[pattern] for pattern in self.tables if "*" in pattern and fnmatchcase(table, pattern))
        found = self.tables.get(table) or next(patterns, {})
        return {login: verbs(said) for login, said in found.items()}

    def and_of(self, login: str) -> Iterator[str]:
        """The log-in, and those whose rights it has, too."""
        yield login
        if of := self.databases[login].of:
            yield from self.and_of(of)

    def records(self) -> set[tuple[str, str]]:
        """(log-in, operation), all that may be written."""
        return {(login, op.value) for login in self.databases for own in self.and_of(login) for op in self.databases[own].records}


def verbs(said: str) -> Verbs:
    """``select insert(a b)`` as a dict; empty when it is anything else."""
    found: Verbs = {}
    at = 0
    while match := _VERB.match(said, at):
        found[match[1]] = tuple(match[2].split()) if match[2] else None
        at = match.end()
    return found if at == len(said) else {}


@cache
def rights() -> Rights:
    """``mappings/rights.yaml``, and the log-in of each row of ``transfers.yaml``, which sees its own views and nothing else (P57; the page
    says which functions a view needs).
    DefinitionError NP-1101."""
    page: Rights = read_page(MAPPINGS / "rights.yaml", Rights)
    rows = transfers().values()
    logins = {row.role: LogIn(title=f"{row.kind} {row.recipient}") for row in rows if row.role not in page.databases}
    seen = {f"iten.{row.view}{more}": {row.role: "select"} for row in rows for more in ("", "_jotai")[: 1 + row.on_change]}
    return page.model_copy(update={"databases": page.databases | logins, "tables": page.tables | seen})
