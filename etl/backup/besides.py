"""データベースの外のもの: what a restore needs besides the databases: the encrypted objects of the archive, which numbers were given and what
was destroyed. Never a key: keys have a backup of their own (``keys``), so that what was destroyed stays destroyed.

An object is written once and never changes, so its copy is made once, as it is: it is encrypted already. One that is gone (消去) keeps its
copy in ``gone/<day>`` as long as a backup is kept, without a key that opens it.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from etl.backup import box
from etl.backup.catalog import Shelf
from etl.core.backup import Backup
from etl.core.errors import Refused
from etl.edge import atomic

#: folders of the home that are taken as a whole, each time; of ``outbox`` the manifests alone (what was handed over, by name and hash)
WHOLE = ("numbers", "retired")
GONE = "gone"
#: what the objects are, as the newest backup knew it
LABELS, HEADS = "fukkyu/objects.json", "fukkyu/heads.json"


def mirror(shelf: Shelf, home: Path, today: date, destroyed: Collection[str]) -> int:
    """Copies of the objects that have none yet, those of what was destroyed aside; how many objects there are. The copy of one that was lost stays in
    its place. Unavailable NP-1026."""
    there, here = _objects(home / "archive"), _objects(shelf.archive)
    for name in sorted(there.keys() - here.keys()):
        _copy(there[name], shelf.archive / name)
    for name in (here.keys() - there.keys()) & set(destroyed):
        atomic.move(here[name], shelf.archive / GONE / today.isoformat() / name)
    return len(there)


def _objects(folder: Path) -> dict[str, Path]:
    found = folder.glob("*") if folder.is_dir() else ()
    return {path.name: path for path in found if path.is_file() and not path.name.startswith(".")}


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as content:
        atomic.write(target, partial(shutil.copyfileobj, content), mode=0o600)


def expire(shelf: Shelf, today: date, days: int) -> int:
    """The copies of objects that went longer ago than a backup is kept; how many."""
    gone = shelf.archive / GONE
    over = [f for f in gone.glob("*") if date.fromisoformat(f.name) + timedelta(days=days) < today] if gone.is_dir() else []
    count = sum(len(list(folder.glob("*"))) for folder in over)
    for folder in over:
        shutil.rmtree(folder)
    return count


def take(shelf: Shelf, home: Path, backup_id: str, objects: Sequence[Mapping[str, Any]]) -> box.Sealed:
    """The rest, encrypted; with what the objects of the archive are, which the database alone knows."""

    def content(out: box.Writer) -> None:
        with tarfile.open(fileobj=out, mode="w|") as tar:  # type: ignore[call-overload]
            told = json.dumps(list(objects), ensure_ascii=False, default=str).encode()
            about = tarfile.TarInfo(LABELS)
            about.size, about.mode = len(told), 0o600
            tar.addfile(about, io.BytesIO(told))
            for path in _rest(home):
                tar.add(path, arcname=path.relative_to(home).as_posix(), recursive=False)

    return box.write(shelf.keys, shelf.besides(backup_id), {"kind": "besides", "name": backup_id}, content)


def labels(home: Path) -> dict[str, dict[str, Any]]:
    """object_key -> class, dataset, period, name, as the newest backup knew them; in a home that was restored."""
    kept = home / LABELS
    rows = json.loads(kept.read_bytes()) if kept.exists() else []
    return {row["object_key"]: row for row in rows}


def keep_heads(home: Path, known: Sequence[Backup]) -> None:
    """What the backups say of the chain of records, for who compares a restored home with it."""
    told = [[*b.head, b.id] for b in known]
    atomic.write(home / HEADS, json.dumps(told).encode(), mode=0o600)


def heads(home: Path) -> list[tuple[int, str, str]]:
    """Event, hash and backup of each head of the chain that the backups knew; in a home that was restored."""
    kept = home / HEADS
    return [
        (int(event), str(digest), str(backup))
        for event, digest, backup in (json.loads(kept.read_bytes()) if kept.exists() else [])
    ]


def _rest(home: Path) -> Iterator[Path]:
    for name in WHOLE:
        yield from (path for path in sorted((home / name).rglob("*")) if path.is_file())
    yield from sorted((home / "outbox").rglob("*.end"))


def put_back(shelf: Shelf, home: Path, backup_id: str) -> int:
    """All of it into a fresh home; how many objects. Refused NP-3251, NP-3252."""
    with box.opening(shelf.keys, shelf.besides(backup_id)) as (said, reader):
        if (said["kind"], said["name"]) != ("besides", backup_id):
            raise Refused("NP-3251", file=shelf.besides(backup_id).name)
        content = io.BytesIO(b"".join(iter(reader.read, b"")))
    with tarfile.open(fileobj=content, mode="r:") as tar:
        tar.extractall(home, filter="data")
    objects = _objects(shelf.archive)
    (home / "archive").mkdir(exist_ok=True, mode=0o700)
    for name, path in objects.items():
        if not (home / "archive" / name).exists():
            _copy(path, home / "archive" / name)
    return len(objects)
