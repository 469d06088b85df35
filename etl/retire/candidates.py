"""候補抽出: what is due, by class. The dry run and the request ask the same, so that both find the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.core import shoukyo
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.mapping.keep import Period
from etl.core.mapping.layout import Layout, arriving
from etl.core.mapping.names import parse_name
from etl.core.shoukyo import Kind, Thing
from etl.edge import db, shred
from etl.site import Site

#: the classes that two people let go, in the order of the page
BY_TWO = tuple(name for name, about in registry.hokan().classes.items() if about.by == "two")
KOUHO, ORIGINALS = "A2", "C"
END, _UNNAMED = ".end", "#"
LINK = hashlib.sha256(b"link").hexdigest()  # what stands for the content of a link


@dataclass(frozen=True)
class Candidate:
    """A thing that is due. ``held``: it stays; ``asked``: a request that goes on names it; ``row``: by what the database knows it."""

    thing: Thing
    held: bool
    asked: bool
    row: dict[str, Any]
    name: str | None = None  # of an object


def check_class(name: str) -> str:
    """Refused NP-3226 for a class that goes in another way, or never."""
    if name not in BY_TWO:
        raise Refused("NP-3226", item=name)
    return name


def due(session: db.Session, site: Site, name: str, as_of: date) -> list[Candidate]:
    """What of a class is over before this day, oldest first. Unavailable NP-3225 when a file of the inbox cannot be read."""
    if check_class(name) == KOUHO:
        found = [_of_person(site, row) for row in session.rows("retire/due_kouho", as_of=as_of)]
    else:
        found = [_of_object(row) for row in session.rows("retire/due_objects", name=name, as_of=as_of)]
    if name == ORIGINALS:
        found += [c for layout in arriving().values() for c in _clear(session, site, layout, as_of)]
    session.commit()
    return found


def _of_object(row: dict[str, Any]) -> Candidate:
    about = {k: row[k] for k in ("key", "sha256", "dataset", "bytes", "kept_from", "due_on")}
    return Candidate(Thing(Kind.OBJECT, **about), row["held"], row["asked"], {"object_id": row["object_id"]}, row["name"])


def _of_person(site: Site, row: dict[str, Any]) -> Candidate:
    """By keyed hashes: a list leaves the database, a 宛名番号 does not."""
    no = row["atena_no"]
    key = site.keys.seal(shoukyo.person(no))
    content = site.keys.seal(shoukyo.of_kouho(no, row["due_on"], row["rows"]))
    thing = Thing(Kind.KOUHO, key, content, "juki_idou", 0, row["kept_from"], row["due_on"])
    return Candidate(thing, row["held"], row["asked"], {"atena_no": no})


# ---- 受信フォルダー -----------------------------------------------------------------------------------------------------------


def _clear(session: db.Session, site: Site, layout: Layout, as_of: date) -> list[Candidate]:
    """Files of an inbox that were never taken in (refused, misnamed, without ``.end``, an ``.end`` alone) and have lain there longer than an
    original is kept."""
    found = {path: thing for path in _old(site, layout, as_of) if (thing := _thing(layout, path))}
    if not found:
        return []
    names, keys = [path.name for path in found], [t.key for t in found.values()]
    about: dict[str, Any] = {
        "keys": keys,
        "sha256s": [t.sha256 for t in found.values()],
        "days": [t.kept_from for t in found.values()],
    }
    known = {row["key"]: row for row in session.rows("retire/clear_in", dataset=layout.dataset, listed=names, **about)}
    told = [(thing, known[thing.key]) for thing in found.values()]
    return [Candidate(thing, row["held"], row["asked"], {}) for thing, row in told if not row["taken_in"]]


def _old(site: Site, layout: Layout, as_of: date) -> Iterator[Path]:
    """An ``.end`` goes with its file; one that lies alone, by itself."""
    keep, folder = layout.keep["file"], site.inbox / layout.dataset
    names = {entry.name for entry in os.scandir(folder)} if folder.is_dir() else set()
    for name in sorted(n for n in names if n.removesuffix(END) == n or n.removesuffix(END) not in names):
        path = folder / name
        if (path.is_file() or path.is_symlink()) and keep.ends_on(lain_since(path)) < as_of:
            yield path


def _thing(layout: Layout, path: Path) -> Thing | None:
    """The file as it lies there; one that goes in this moment is none."""
    try:
        since, size = lain_since(path), path.lstat().st_size
    except FileNotFoundError:
        return None
    content = shred.content_of(path) or LINK
    return Thing(
        Kind.CLEAR, place_of(layout, path.name), content, layout.dataset, size, since, layout.keep["file"].ends_on(since)
    )


def lain_since(path: Path) -> date:
    """The day on which it was put there (its last change), in the city's time. Its sender may say any moment: none after the one at which it came
    here, and none before files had one."""
    about = path.lstat()
    return datetime.fromtimestamp(max(0.0, min(about.st_mtime, about.st_ctime)), ZONE).date()


def place_of(layout: Layout, name: str) -> str:
    """``dataset/name``; a name that no file of the dataset can have may say anything, and stands there as a hash."""
    forms = (layout.file.name, *((layout.file.form,) if layout.file.form else ()))
    if any(parse_name(form, name.removesuffix(END)) is not None for form in forms):
        return f"{layout.dataset}/{name}"
    return f"{layout.dataset}/{_UNNAMED}{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"


def found_at(site: Site, key: str) -> Path | None:
    """The file of a place; None when it is not there (any more)."""
    dataset = key.partition("/")[0]
    folder, layout = site.inbox / dataset, arriving().get(dataset)
    if layout is None or not folder.is_dir():
        return None
    return next((path for path in sorted(folder.iterdir()) if place_of(layout, path.name) == key), None)


def policy_of(name: str) -> str:
    """The period of a class, as people read it."""
    about = registry.hokan().classes[name]
    plain = in_words(about.keep)
    if name == ORIGINALS:
        own = sorted({in_words(layout.keep["file"]) for layout in arriving().values()})
        return f"受信原本 {'・'.join(own)}"
    if name == KOUHO:
        return f"取得候補 {in_words(arriving()['juki_idou'].keep['kouho'])}（業務日から）"
    return f"{plain}（本人が分かるもの {in_words(about.personal)}）" if about.personal else plain


def in_words(keep: Period) -> str:
    if keep.unit == "permanent":
        return "恒久"
    return f"{keep.amount}{ {'days': '日', 'months': 'か月', 'years': '年'}[keep.unit] }"
