"""渡したもの: what tells, outside of the database, what has left and what was recorded: manifests, numbers that were given, printed
heads. After a restore the database may know less than these do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from etl.core.mapping.layout import leaving
from etl.door import numbers
from etl.door.papers import Shelf
from etl.door.parcel import folder
from etl.site import Site

_EVENT, _HASH = re.compile(r"監査記録\s+第([\d,]+)号"), re.compile(r"監査連鎖の先頭\s+([0-9a-f]{64})")


@dataclass(frozen=True)
class Head:
    """The head of the chain of records as a 処理結果表 has it."""

    event_id: int
    hash: str
    sheet: str


def files(site: Site) -> set[tuple[str, str]]:
    """(dataset, name) of every file that has left: its manifest lies there, or its name was given."""
    found = set()
    for dataset in leaving():
        found |= {(dataset, path.name.removesuffix(".end")) for path in folder(site, dataset).rglob("*.end")}
        found |= {(dataset, name) for name in numbers.given(site, dataset)}
    return found


def heads(site: Site) -> Iterator[Head]:
    """Of the 処理結果表 that lie in the outbox."""
    for path in sorted((site.outbox / Shelf.SHORI_KEKKA).rglob("*.txt")):
        text = path.read_text(encoding="utf-8", errors="replace")
        event, digest = _EVENT.search(text), _HASH.search(text)
        if event and digest:
            yield Head(int(event[1].replace(",", "")), digest[1], path.name)
