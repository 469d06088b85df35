"""受領の知らせ (``NAME.ack``): what a recipient says of a file, as JSON: ``file``, ``sha256``, ``rows``, ``received_at``, ``result`` (interfaces,
Acknowledgements; F27)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etl.core.mapping.city import ZONE
from etl.core.states import Juryou

SUFFIX = ".ack"
YEARS = (2000, 2999)  # of a day on which something was received
KEYS = ("file", "sha256", "rows", "received_at", "result")


@dataclass(frozen=True)
class About:
    """The file that was sent."""

    name: str
    sha256: str
    rows: int


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose items are said once. ValueError."""
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError
    return found


def judge(content: bytes, about: About) -> tuple[Juryou, datetime | None]:
    """What it says of this file, and when that came. It counts only when file, hash and rows are those that were sent."""
    try:
        said: Any = json.loads(content.decode("utf-8"), object_pairs_hook=_once)
        named = (said["file"], said["sha256"].lower(), said["rows"])
        at, result = datetime.fromisoformat(said["received_at"]), Juryou(said["result"])
        whole = result in (Juryou.ACCEPTED, Juryou.REFUSED) and type(said["rows"]) is int and isinstance(said["file"], str)
        whole = whole and YEARS[0] <= at.year <= YEARS[1]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Juryou.UNREADABLE, None
    if not whole:
        return Juryou.UNREADABLE, None
    if named != (about.name, about.sha256, about.rows):
        return Juryou.FOREIGN, None
    return result, at if at.tzinfo else at.replace(tzinfo=ZONE)
