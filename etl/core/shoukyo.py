"""消去の一覧: what is to go, frozen as a list whose hash another person approves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What stands on a list (``ledger.retirement_item.kind``)."""

    OBJECT = "object"  # 保管物: its key, then its file
    CLEAR = "clear"  # a file of the inbox that was never taken in
    KOUHO = "kouho"  # 宛名 of a 取得候補 who was never confirmed


@dataclass(frozen=True)
class Thing:
    """One of the list. ``key``: the name of an object, the place of a clear file, of a person a keyed hash of the 宛名番号 (nobody is named outside
    the database); ``sha256``: what it is, so that another one in its place is noticed; ``due_on``: the last day of its period."""

    kind: Kind
    key: str
    sha256: str
    dataset: str
    bytes: int
    kept_from: date
    due_on: date


@dataclass(frozen=True)
class Due:
    """What is due of one kind that goes by the policy: its class, what it is, how long it is kept, how many and how large, from when to when;
    ``held``: what stays."""

    name: str
    title: str
    policy: str
    count: int
    bytes: int
    oldest: date | None
    newest: date | None
    held: int = 0


def list_hash(things: Iterable[Thing]) -> str:
    """SHA-256 over the list in its order: kind, key, content, size and last day of each."""
    lines = (f"{n}\t{t.kind}\t{t.key}\t{t.sha256}\t{t.bytes}\t{t.due_on.isoformat()}\n" for n, t in enumerate(things, 1))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def of_kouho(atena_no: str, until_on: date, rows: int) -> bytes:
    """What a 取得候補 is, to be sealed with a key: another term or another row of 宛名 is another one."""
    return f"kouho {atena_no} {until_on.isoformat()} {rows}".encode()


def person(atena_no: str) -> bytes:
    """A person, to be sealed with a key."""
    return f"kouho {atena_no}".encode()


def hold_hash(hold: Mapping[str, Any]) -> str:
    """What is released: the hold as it stands."""
    kept = {k: str(hold[k]) for k in ("hold_id", "kind", "object_id", "of_person", "first_on", "last_on", "reason", "review_on")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def percent(done: int, total: int) -> int:
    """Whole percent, never 100 before the last."""
    return 100 if done >= total else done * 100 // total
