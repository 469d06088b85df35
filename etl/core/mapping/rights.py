"""権限: who may do what (``mappings/rights.yaml``): roles of people, acts of the commands, log-ins of the database.

A page that does not agree with itself is refused (``DefinitionError`` NP-1101).
"""

from __future__ import annotations

from functools import cache

from pydantic import model_validator

from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS


class Act(Frozen):
    """What a command does: its title for people, and the roles of which one is enough."""

    title: str
    by: tuple[str, ...]


class Users(Frozen):
    """How many there are according to the 評価書."""

    at_least: int
    below: int


class LogIn(Frozen):
    """A role of the business database. ``of``: it has what that role has, too."""

    title: str
    of: Word | None = None
    functions: tuple[str, ...] = ()


class Rights(Frozen):
    """The page as a whole."""

    yakuwari: dict[str, str]
    acts: dict[Word, Act]
    users: Users
    databases: dict[Word, LogIn]

    @model_validator(mode="after")
    def _agrees(self) -> Rights:
        if unknown := {role for act in self.acts.values() for role in act.by} - set(self.yakuwari):
            raise ValueError(f"no such role: {'、'.join(sorted(unknown))}")
        if unknown := {login.of for login in self.databases.values() if login.of} - set(self.databases):
            raise ValueError(f"no such log-in: {'、'.join(sorted(unknown))}")
        return self


@cache
def rights() -> Rights:
    """``mappings/rights.yaml``. DefinitionError NP-1101."""
    page: Rights = read_page(MAPPINGS / "rights.yaml", Rights)
    return page
