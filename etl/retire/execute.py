"""実行と検証: each thing of an approved list is looked at once more, written down, then destroyed: its key first, then its file.

    looked at (hash; hold and approval by the database) → ledger row and event, committed → ``retired/<year>.jsonl`` → key → file → gone, committed

in batches, so that a hold that is set meanwhile keeps all that was not begun. Whatever cut it off, it goes on from the ledger: what was begun and is
not gone is destroyed again, which changes nothing where it is gone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from etl.audit import acting
from etl.core import shoukyo
from etl.core.errors import DefinitionError, KokunenError, Refused
from etl.core.shoukyo import Kind
from etl.edge import db, failpoint, retired, shred
from etl.hokan import key_copies
from etl.retire import candidates
from etl.run import Run, now
from etl.site import Site

BATCH = 100
SECONDS = 2.0  # between two lines of the progress
Row = dict[str, Any]


def execute(site: Site, run: Run, number: int) -> None:
    """An approved request, to its end. Refused NP-3222 when it is not approved as it stands, Unavailable NP-3225 when something cannot be destroyed,
    DefinitionError NP-3224 when something of it is there still."""
    with site.session() as session, site.session("retire") as retiring:
        rows = session.rows("retire/items", retirement_id=number)
        session.commit()
        list_hash = shoukyo.list_hash(_thing(row) for row in rows)
        if not rows or rows[0]["list_hash"] != list_hash:
            raise Refused("NP-3222", item=f"第{number}号")
        told = _Progress(number, len(rows))
        open_ = [row for row in rows if row["gone_at"] is None and row["left_why"] is None]
        told.at(len(rows) - len(open_))
        for at in range(0, len(open_), BATCH):
            batch = open_[at : at + BATCH]
            _batch(site, run, session, retiring, number, list_hash, batch)
            told.more(len(batch))
        _verify(site, run, session, retiring, number)


def _thing(row: Row) -> shoukyo.Thing:
    return shoukyo.Thing(Kind(row["kind"]), *(row[k] for k in ("key", "sha256", "dataset", "bytes", "kept_from", "due_on")))


def _batch(
    site: Site, run: Run, session: db.Session, retiring: db.Session, number: int, list_hash: str, batch: Sequence[Row]
) -> None:  # fmt: skip
    persons = _persons(session, site, batch)
    changed = [row["item"] for row in batch if row["begun_at"] is None and _is_another(site, row, persons)]
    failpoint.reached("looked at")
    with retiring.transaction():
        begun = retiring.value(
            "retire/begin", retirement_id=number, items=[row["item"] for row in batch], changed=changed, reason=run.reason, **acting(run)
        )  # fmt: skip
    failpoint.reached("destruction written")
    going = [row for row in batch if row["item"] in set(begun)]
    if not going:
        return
    about = {"request": number, "list_hash": list_hash}
    lines = [{**about, **{k: row[k] for k in ("class", "kind", "key", "sha256")}} for row in going]
    retired.append(site.home, now(), lines)
    failpoint.reached("destruction noted")
    _destroy(site, going)
    with retiring.transaction():
        retiring.run("retire/gone", retirement_id=number, items=[row["item"] for row in going])
    failpoint.reached("destroyed")


def _persons(session: db.Session, site: Site, batch: Sequence[Row]) -> dict[str, str]:
    """宛名番号 -> what a 取得候補 is now, of those who are still one."""
    numbers = [row["atena_no"] for row in batch if row["atena_no"]]
    rows = session.rows("retire/kouho_now", atena_nos=numbers) if numbers else []
    session.commit()
    return {r["atena_no"]: site.keys.seal(shoukyo.of_kouho(r["atena_no"], r["until_on"], r["rows"])) for r in rows}


def _is_another(site: Site, row: Row, persons: dict[str, str]) -> bool:
    """Whether it is another one than was asked for: other bytes, another term, a file of the inbox that somebody took away. An object whose file
    alone is lost is none: its key goes. Whoever is no 取得候補 any more is the database's to leave."""
    if row["kind"] == Kind.KOUHO:
        return persons.get(row["atena_no"], row["sha256"]) != str(row["sha256"])
    content = _content(_file(site, row))
    return content != str(row["sha256"]) and (content is not None or row["kind"] == Kind.CLEAR)


def _content(path: Path | None) -> str | None:
    return (shred.content_of(path) or (candidates.LINK if path.is_symlink() else None)) if path else None


def _file(site: Site, row: Row) -> Path | None:
    if row["kind"] == Kind.OBJECT:
        return site.home / "archive" / str(row["key"])
    return candidates.found_at(site, row["key"]) if row["kind"] == Kind.CLEAR else None


def _clear(site: Site, row: Row) -> Path | None:
    """The clear file that an object was made of, where it lies there still."""
    path = site.home / row["origin"] if row["origin"] else None
    return path if path and shred.content_of(path) == row["clear_sha256"] else None


def _destroy(site: Site, going: Sequence[Row]) -> None:
    """Every key, on the disk; then every file. What was encrypted under a key that is gone need not be overwritten."""
    objects = [row for row in going if row["kind"] == Kind.OBJECT]
    lying = [key for row in objects for key in key_copies.of_object(site.home, row["key"])]
    for key in lying:
        shred.destroy(key)
    shred.sync(key.parent for key in lying)
    failpoint.reached("keys gone")
    folders = set()
    for row in going:
        if row["kind"] == Kind.CLEAR:
            folders.add(_destroy_clear(site, row))
        elif path := _file(site, row):
            shred.destroy(path, overwrite=False)
            folders.add(path.parent)
        if path := _clear(site, row):
            shred.destroy(path)
            folders.add(path.parent)
    shred.sync(folders)
    failpoint.reached("files gone")


def _destroy_clear(site: Site, row: Row) -> Path:
    """A file of the inbox, its ``.end`` first; its folder. Senders write there: what came under this name since it was looked at stays, so it is
    set aside before it is overwritten, and what lies aside is what was cut off before."""
    shred.destroy(aside := _aside(site, row))
    path = _file(site, row)
    if path and _content(path) == str(row["sha256"]):
        shred.destroy(path.with_name(f"{path.name}{candidates.END}"))
        shred.rename(path, aside)
        shred.destroy(aside)
    return aside.parent


def _aside(site: Site, row: Row) -> Path:
    return site.inbox / str(row["dataset"]) / f".{row['retirement_id']}-{row['item']}.shoukyo"


# ---- 検証 -----------------------------------------------------------------------------------------------------------------


def _verify(site: Site, run: Run, session: db.Session, retiring: db.Session, number: int) -> None:
    """Every thing that went is looked for: its file, its key, an opening of it; the rows are counted. DefinitionError NP-3224."""
    rows = [row for row in session.rows("retire/items", retirement_id=number) if row["gone_at"]]
    left_over = session.value("retire/left_over", retirement_id=number)
    session.commit()
    found = {
        "gone": len(rows),
        "files_there": sum(1 for row in rows if _there(site, row)),
        "clear_there": sum(1 for row in rows if _clear(site, row)),
        "keys_there": sum(1 for row in rows if row["kind"] == Kind.OBJECT and _key_there(site, row)),
        "opened": sum(1 for row in rows if row["kind"] == Kind.OBJECT and _opens(site, row)),
        "rows_there": left_over,
    }
    failpoint.reached("verified")
    if there := [name for name, n in found.items() if name != "gone" and n]:
        raise DefinitionError("NP-3224", item=f"第{number}号 {there[0]} {found[there[0]]}")
    with retiring.transaction():
        retiring.run("retire/done", retirement_id=number, verified=json.dumps(found), reason=run.reason, **acting(run))
    failpoint.reached("verification written")


def _there(site: Site, row: Row) -> bool:
    """Whether its file is: of the inbox the one that was approved, not one that came later."""
    path = _file(site, row)
    if row["kind"] == Kind.CLEAR:
        return _content(path) == str(row["sha256"]) or _aside(site, row).exists()
    return path is not None and path.exists()


def _key_there(site: Site, row: Row) -> bool:
    return any(key.exists() for key in key_copies.of_object(site.home, row["key"]))


def _opens(site: Site, row: Row) -> bool:
    """Whether the object could be opened still (試しの復号): its key is asked for as a reader would."""
    try:
        site.keys.unwrap(str(row["key"]))
    except KokunenError:
        return False
    return True


class _Progress:
    """How far a request is, on stderr: of a task it is the log."""

    def __init__(self, number: int, total: int):
        self.number, self.total, self.done, self.told = number, total, 0, 0.0

    def at(self, done: int) -> None:
        self.done = done

    def more(self, items: int) -> None:
        self.done += items
        if self.done >= self.total or time.monotonic() - self.told > SECONDS:
            self.told = time.monotonic()
            print(
                f"消去 第{self.number}号　{self.done:,}/{self.total:,}（{shoukyo.percent(self.done, self.total)}％）",
                file=sys.stderr,
                flush=True,
            )


def open_requests(session: db.Session) -> Iterator[tuple[int, bool]]:
    """(number, whether it is carried out) of approved requests that are not done or not certified."""
    for row in session.rows("retire/open_requests"):
        yield row["retirement_id"], row["done"]
