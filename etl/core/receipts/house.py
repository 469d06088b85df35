"""受領証 of what the house makes for itself, keeps and lets go: lists, archive, deletion, backups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class List:
    """A list that was made."""

    title: str
    path: str
    rows: int


@dataclass(frozen=True)
class Listed:
    lists: tuple[List, ...] = ()


@dataclass(frozen=True)
class Archived:
    """保管: originals that were taken into the archive, clear files that went."""

    originals: int = 0
    cleared: int = 0


@dataclass(frozen=True)
class BackedUp:
    """A backup: its id, its kind, the bytes of its file, those that are in it, and the objects of the archive that are kept beside it. Without
    an id there is none: the server is an office's."""

    id: str = ""
    kind: str = ""
    bytes: int = 0
    content: int = 0
    objects: int = 0


@dataclass(frozen=True)
class Verified:
    """A trial restore: the backup, how many it rests on (itself too), tables and rows that were compared, the head of the chain of records. Without
    an id none was due."""

    id: str = ""
    chain: int = 0
    tables: int = 0
    rows: int = 0
    head: int = 0


@dataclass(frozen=True)
class Pruned:
    """What was over: backups, segments of WAL, copies of archived objects that had been destroyed."""

    backups: int
    segments: int
    objects: int


@dataclass(frozen=True)
class Reapplied:
    """What had been destroyed and came back with a restore: how many objects the ledger outside of the database names, and how many were there.
    ``taken``: objects of the archive that the ledger took up again."""

    listed: int
    again: int
    taken: int = 0


@dataclass(frozen=True)
class Compared:
    """復旧の照合: entries by kind, and the list. ``proposals``: how many restores wait for a second person."""

    kinds: Mapping[str, int]
    lists: tuple[List, ...] = ()
    proposals: int = 0


@dataclass(frozen=True)
class Gone:
    """What went by the policy alone (作業域, 基盤): its class, what it is, how many, how large; ``held``: what stays for a hold. ``note``: what
    was not done, and why."""

    name: str
    title: str
    count: int
    bytes: int
    held: int = 0
    note: str = ""


@dataclass(frozen=True)
class Expired:
    gone: tuple[Gone, ...] = ()


@dataclass(frozen=True)
class Request:
    """A list of a class that waits for a second person: its number, things, bytes; ``held``: what is due and stays."""

    name: str
    number: int
    items: int
    bytes: int
    held: int


@dataclass(frozen=True)
class Retiring:
    """消去の申請 of a run; ``lists``: the monthly report. ``proposals``: how many wait."""

    requests: tuple[Request, ...] = ()
    lists: tuple[List, ...] = ()
    proposals: int = 0


@dataclass(frozen=True)
class Destroyed:
    """A request that was carried out: class, number, what went, what stayed and why; ``path``: its certificate."""

    name: str
    number: int
    gone: int
    bytes: int
    held: int
    changed: int
    needed: int
    path: str | None = None


@dataclass(frozen=True)
class Shredded:
    done: tuple[Destroyed, ...] = ()
