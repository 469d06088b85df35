"""控えの目録: what lies in the backup folder. It is beside the backups and not in the database, because it is read when there is none.

    base/<id>.base       the cluster as an encrypted tar           manifest/<id>.manifest   its list of files, for the next incremental one
    base/<id>.json       what it is, with a proof under the key    wal/<segment>            encrypted WAL
    besides/<id>.tar     numbers/, retired/, manifests             archive/<object>         the objects, encrypted already

The record is written last: what has none is no backup. No data of anybody is in it: names of tables, counts and hashes.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from etl.core.backup import Backup
from etl.core.errors import Refused
from etl.edge import atomic
from etl.edge.keys import Keys, proof

OURS = 0o700


@dataclass(frozen=True)
class Shelf:
    """The backup folder with the keys that open it."""

    folder: Path
    keys: Keys

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def base(self, backup_id: str) -> Path:
        return self.folder / "base" / f"{backup_id}.base"

    def record(self, backup_id: str) -> Path:
        return self.folder / "base" / f"{backup_id}.json"

    def manifest(self, backup_id: str) -> Path:
        return self.folder / "manifest" / f"{backup_id}.manifest"

    def besides(self, backup_id: str) -> Path:
        return self.folder / "besides" / f"{backup_id}.tar"

    def verified(self, backup_id: str) -> Path:
        return self.folder / "base" / f"{backup_id}.verified"

    def parts(self, backup_id: str) -> list[Path]:
        """All that goes with a backup, its record first: without that it is none any more."""
        return [
            self.record(backup_id), self.verified(backup_id), self.manifest(backup_id), self.besides(backup_id), self.base(backup_id)
        ]  # fmt: skip


def place(home: Path) -> Path:
    """Where the backups of a home lie: KOKUNEN_BACKUP (another disk), else ``backup/`` of the home."""
    told = os.environ.get("KOKUNEN_BACKUP")
    return Path(told).resolve() if told else home / "backup"


def shelf(home: Path) -> Shelf:
    return Shelf(place(home), Keys(home / "keys"))


def prepare(found: Shelf) -> None:
    """Its folders, for us alone."""
    for folder in (found.folder, *(found.folder / name for name in ("base", "manifest", "besides", "wal", "archive"))):
        folder.mkdir(parents=True, exist_ok=True, mode=OURS)


def put(found: Shelf, backup: Backup) -> None:
    """The record of a backup; from now on it is one."""
    content: dict[str, Any] = TypeAdapter(Backup).dump_python(replace(backup, verified=None), mode="json")
    _put(found, found.record(backup.id), content, backup.key)


def put_verified(found: Shelf, backup: Backup, at: datetime) -> None:
    _put(found, found.verified(backup.id), {"id": backup.id, "sha256": backup.sha256, "at": at.isoformat()}, backup.key)


def known(found: Shelf) -> list[Backup]:
    """All that is there, oldest first. Refused NP-3252 when its key is another one, NP-3254 when a record is not as it was written; Unavailable
    NP-1031 without its key."""
    records = sorted((found.folder / "base").glob("*.json")) if found.folder.is_dir() else []
    return [_read(found, path) for path in records]


def _read(found: Shelf, path: Path) -> Backup:
    content, at = _get(found, path), found.verified(path.stem)
    try:
        backup = TypeAdapter(Backup).validate_python(content)
    except ValidationError:
        raise Refused("NP-3254", file=path.name) from None
    if not at.exists() or (said := _get(found, at))["sha256"] != backup.sha256:
        return backup
    return replace(backup, verified=datetime.fromisoformat(said["at"]))


def _put(found: Shelf, path: Path, content: dict[str, Any], key: str) -> None:
    kept = {**content, "key": key, "key_told": found.keys.told(key)}
    atomic.write(path, json.dumps({**kept, "proof": _proof(found, kept)}, ensure_ascii=False, indent=1).encode(), mode=0o600)


def _get(found: Shelf, path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        told, key = str(content.pop("proof")), content["key"]
        if not re.fullmatch(r"backup-[0-9][0-9]", key):
            raise ValueError
        good = hmac.compare_digest(told, _proof(found, content)) and content["id"] == path.stem
        if not good and content["key_told"] != found.keys.told(key):
            raise Refused("NP-3252", file=path.name, item=key)
    except (ValueError, KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise Refused("NP-3254", file=path.name)
    return content


def _proof(found: Shelf, content: dict[str, Any]) -> str:
    return proof(found.keys.derived(str(content["key"]), b"record"), content)


def as_json(backup: Backup, days: int) -> dict[str, Any]:
    """As ``--json`` tells it."""
    shown = asdict(backup)
    del shown["counts"], shown["system"], shown["point"]
    return {**shown, "kept_until": backup.kept_until(days)}
