"""受領証 of what goes to partners' servers and comes from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from etl.core.states import Juryou


@dataclass(frozen=True)
class Delivery:
    """A file that went: which time it was, and by when the recipient says that it has it. ``found``: it had gone before, and is only noted now."""

    dataset: str
    name: str
    partner: str
    attempt: int
    due_on: date | None = None
    found: bool = False


@dataclass(frozen=True)
class Acknowledged:
    """An acknowledgement that was read for the first time. ``again``: the file had another one before."""

    name: str
    partner: str
    result: Juryou
    again: bool = False


@dataclass(frozen=True)
class Delivered:
    """送信: ``unregistered``: partner -> files that stay here because nobody said where its server is. ``strangers``: acknowledgements whose name no
    file of ours can have. ``overdue``: files that are unconfirmed now. ``errors``: as JSON; of each partner or dataset that could not be done."""

    sent: tuple[Delivery, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    unregistered: Mapping[str, int] = field(default_factory=dict)
    strangers: int = 0
    overdue: int = 0
    errors: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class FetchedFile:
    """A file that came from a partner's server into the inbox."""

    dataset: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Fetched:
    """受信: ``errors``: as JSON; what could not be fetched, the others were."""

    files: tuple[FetchedFile, ...] = ()
    errors: tuple[Mapping[str, Any], ...] = ()
