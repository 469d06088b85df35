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
KEYS = ("file", "sha256", "rows", "received_at", "result")


@dataclass(frozen=True)
class About:
    """The file that was sent."""

    name: str
    sha256: str
    rows: int


def judge(content: bytes, about: About) -> tuple[Juryou, datetime | None]:
    """What it says of this file, and when that came. It counts only when file, hash and rows are those that were sent."""
    try:
        said: Any = json.loads(content.decode("utf-8"))
        named = (said["file"], said["sha256"].lower(), said["rows"])
        at, result = datetime.fromisoformat(said["received_at"]), Juryou(said["result"])
        whole = result in (Juryou.ACCEPTED, Juryou.REFUSED) and type(said["rows"]) is int and isinstance(said["file"], str)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Juryou.UNREADABLE, None
    if not whole:
        return Juryou.UNREADABLE, None
    if named != (about.name, about.sha256, about.rows):
        return Juryou.FOREIGN, None
    return result, at if at.tzinfo else at.replace(tzinfo=ZONE)
