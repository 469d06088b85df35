"""復元: a cluster made again from its backups, decrypted on the way, ready to read its WAL up to a moment.

What is decrypted lies where a database lies: under ``pg/`` of a home, for the server's user alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from etl.backup import box, wal
from etl.backup.catalog import Shelf
from etl.core import backup as rules
from etl.core.backup import Backup
from etl.core.errors import Refused
from etl.core.mapping.city import ZONE
from etl.edge import atomic, failpoint
from etl.platform import scratch
from etl.platform.scratch import Place

Say = Callable[[str], None]


def chain_of(known: Sequence[Backup], last: Backup) -> list[Backup]:
    """The full one and the increments up to ``last``. Refused NP-3265 when one of them is missing."""
    found = rules.chain(rules.by_id(known), last)
    if found[0].kind != "full":
        raise Refused("NP-3265", item=found[0].parent)
    return found


def rebuild(shelf: Shelf, place: Place, chain: Sequence[Backup], segments: Sequence[str], say: Say) -> None:
    """The cluster of ``chain`` under ``place``, compared with its list of files, and these segments beside it. Refused NP-3251 and NP-3252
    (a damaged file, another key), NP-3256 (PostgreSQL finds it otherwise than it was); Unavailable NP-1026 (no room), NP-1031, NP-3253."""
    place.make()
    try:
        for number, backup in enumerate(chain):
            say(f"復号 {number + 1}/{len(chain)}  {backup.id}（{backup.content:,} バイト）")
            with box.opening(shelf.keys, shelf.base(backup.id)) as (said, reader):
                if (said["kind"], said["name"]) != ("base", backup.id):
                    raise Refused("NP-3251", file=shelf.base(backup.id).name)
                scratch.unpack(place, number, reader)
            failpoint.reached("base unpacked")
        say("結合と照合（pg_combinebackup、pg_verifybackup）")
        scratch.combine(place, len(chain))
        failpoint.reached("base combined")
        say(f"WAL の復号（{len(segments)} 本）")
        for name in segments:
            wal.unseal(shelf, name, place.wal)
    except OSError as error:
        raise atomic.unavailable(error, place.folder) from None


def segments(shelf: Shelf, last: Backup, until: datetime | None) -> tuple[list[str], datetime]:
    """The WAL from a backup on, up to the first segment that was finished after ``until`` (None: all), with what tells of timelines; and
    how far it reaches. Refused NP-3266 when one in between is missing, NP-3267 when it does not reach so far."""
    names = wal.names(shelf)
    if missing := rules.gaps(names, last.first_wal):
        raise Refused("NP-3266", item=missing[0], count=len(missing))
    ours = [
        name
        for name in names
        if (rules.number(name) or 0) >= (rules.number(last.first_wal) or 0) and rules.number(name) is not None
    ]
    chosen, reached = [], last.moment
    for name in sorted(ours, key=lambda n: (rules.number(n), n)):
        chosen.append(name)
        reached = max(reached, wal.finished_at(shelf, name))
        if until and reached > until:
            break
    if until and reached < until:
        raise Refused("NP-3267", until=f"{reached.astimezone(ZONE):%Y-%m-%d %H:%M:%S}")
    return [*chosen, *(name for name in names if name.endswith(".history"))], reached


def up_to(shelf: Shelf, last: Backup) -> list[str]:
    """The WAL of a backup up to its own moment. Refused NP-3266."""
    names = wal.names(shelf)
    if missing := rules.gaps(names, last.first_wal, last.last_wal):
        raise Refused("NP-3266", item=missing[0], count=len(missing))
    first, end = rules.number(last.first_wal) or 0, rules.number(last.last_wal) or 0
    return [name for name in names if (place := rules.number(name)) is not None and first <= place <= end]


def place_of(home: Path, name: str) -> Place:
    """A folder under ``pg/`` for it."""
    return Place(home, home / "pg" / name)
