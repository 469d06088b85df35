"""How a kind of approval changes a person's records: one reading for a whole call, one writing for each approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from etl.core.states import Decision
from etl.edge import db
from etl.site import Site


@dataclass(frozen=True)
class Waiting:
    """An approval that nobody has decided, as its decision and its record need it."""

    id: int
    maker: str
    content_hash: str


@dataclass(frozen=True)
class Item(Waiting):
    """One that was put before a second person. ``subject`` never names a person."""

    kind: str
    subject: str
    run_id: str
    made_at: datetime
    expires_at: datetime
    expired: bool
    started_by: str  # the run that made it; of a keyed form its maker is who keyed it


@dataclass(frozen=True)
class Subject:
    """The subject of an approval as it stands now: the person, the content to be written, and the approvals that it excludes."""

    atena_no: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    rivals: tuple[Waiting, ...] = ()


@dataclass(frozen=True)
class Decided:
    """The outcome of an approval, and the rivals that it superseded."""

    result: Decision
    rivals: tuple[Waiting, ...] = ()


@dataclass(frozen=True)
class Handler:
    """``read``: the subjects of many approvals by id, in one go. ``apply``: one approved; Refused NP-2032 when its content is another one
    than was put before the second person."""

    read: Callable[[db.Session, Sequence[Item]], dict[int, Subject]]
    apply: Callable[[db.Session, Site, Item, Subject], Decided]
