"""Errors: a closed list. Each says the place and the kind and who can mend it, never a value.

The sentences live in ``mappings/errors.yaml`` (code -> who, sentence, remedy); an error is raised by its code with
numbers and names only (file, line, item, counts, hashes): ``SourceError("NP-1103", file=name, expected=10, found=9)``.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import yaml

from etl.definitions import MAPPINGS

CATALOGUE = MAPPINGS / "errors.yaml"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """code -> {who, sentence, remedy}; the sentence is a ``str.format`` template over names and numbers."""
    page: dict[str, dict[str, str]] = yaml.load(CATALOGUE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return page


class KokunenError(Exception):
    """Base of every error an operator may see. ``exit_status`` is the status of the command line."""

    exit_status = 1

    def __init__(self, code: str, *, file: str | None = None, line: int | None = None, item: str | None = None, **facts: Any):
        self.code, self.file, self.line, self.item, self.facts = code, file, line, item, facts
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        return catalogue()[self.code]["sentence"].format_map(
            {"file": self.file, "line": self.line, "item": self.item, **self.facts}
        )

    @property
    def remedy(self) -> str:
        return catalogue()[self.code]["remedy"]

    def to_json(self) -> dict[str, Any]:
        """The form in which a receipt keeps it; ``from_json`` raises it again in another step."""
        facts = {k: v.isoformat() if isinstance(v, date) else v for k, v in self.facts.items()}
        return {"code": self.code, "file": self.file, "line": self.line, "item": self.item, "facts": facts}

    def __reduce__(self) -> tuple[Any, ...]:
        """Through another process whole, as through a receipt; pickle alone would call the class with the sentence as its code."""
        return from_json, (self.to_json(),)

    def __str__(self) -> str:
        place = " ".join(p for p in (self.file, f"行{self.line}" if self.line else None, self.item) if p)
        return " ".join(p for p in (f"[{self.code}]", place, self.sentence) if p)


class SourceError(KokunenError):
    """The sender of the file must mend it (exit 10)."""

    exit_status = 10


class DefinitionError(KokunenError):
    """We must mend it: a mapping, suite, registry or setting is wrong (exit 11)."""

    exit_status = 11


class Refused(KokunenError):
    """The operator or approver decides what happens (exit 12)."""

    exit_status = 12


class Unavailable(KokunenError):
    """Try again later: database, disk or lock not available (exit 13)."""

    exit_status = 13


def from_json(kept: dict[str, Any]) -> KokunenError:
    """The error of a receipt; its class is the catalogue's ``who``."""
    kinds = {k.__name__: k for k in (SourceError, DefinitionError, Refused, Unavailable)}
    return kinds[catalogue()[kept["code"]]["who"]](
        kept["code"], file=kept["file"], line=kept["line"], item=kept["item"], **kept["facts"]
    )
