"""控え: lines that one process leaves for another to record, none lost and none read half."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def of_pages(home: Path) -> Path:
    """Where the pages leave what they refused."""
    return home / "airflow" / "refused.jsonl"


def leave(path: Path, said: dict[str, Any]) -> None:
    """One more line, on disk when this returns."""
    with _held(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, json.dumps(said, ensure_ascii=False).encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)


def take(path: Path) -> tuple[Path, list[dict[str, Any]]]:
    """What was left until now, in a file of its own that the caller deletes when it has recorded it; one that was not deleted comes first."""
    taken = path.with_suffix(".taken")
    with _held(path):
        if not taken.exists() and path.exists():
            path.rename(taken)
    return taken, [json.loads(line) for line in taken.read_text(encoding="utf-8").splitlines()] if taken.exists() else []


@contextmanager
def _held(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
