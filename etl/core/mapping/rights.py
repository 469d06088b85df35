"""権限: who may do what (``mappings/rights.yaml``): roles of people, acts of the commands, log-ins of the database.

A page that does not agree with itself is refused (``DefinitionError`` NP-1101).
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import model_validator

from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS


class Act(Frozen):
    """What a command does: its title for people, and the roles of which one is enough."""

    title: str
    by: tuple[str, ...]


class LogIn(Frozen):
    """A role of the business database. ``of``: it has what that role has, too."""

    title: str
    of: Word | None = None
    functions: tuple[str, ...] = ()


Verb = Literal["read", "create", "edit", "delete", "menu"]


class Rights(Frozen):
    """The page as a whole. ``pages``: what of Airflow's -> verb -> the roles that may."""

    yakuwari: dict[str, str]
    acts: dict[Word, Act]
    databases: dict[Word, LogIn]
    pages: dict[str, dict[Verb, tuple[str, ...]]]

    @model_validator(mode="after")
    def _agrees(self) -> Rights:
        named = [act.by for act in self.acts.values()] + [by for verbs in self.pages.values() for by in verbs.values()]
        if unknown := {role for by in named for role in by} - set(self.yakuwari):
            raise ValueError(f"no such role: {'、'.join(sorted(unknown))}")
        if unknown := {login.of for login in self.databases.values() if login.of} - set(self.databases):
            raise ValueError(f"no such log-in: {'、'.join(sorted(unknown))}")
        return self

    def pages_of(self, role: str) -> set[tuple[Verb, str]]:
        """(verb, what): all that a role may in the pages."""
        return {(verb, what) for what, verbs in self.pages.items() for verb, by in verbs.items() if role in by}


@cache
def rights() -> Rights:
    """``mappings/rights.yaml``. DefinitionError NP-1101."""
    page: Rights = read_page(MAPPINGS / "rights.yaml", Rights)
    return page
