"""鍵のバックアップ: the keys of a home, apart from its data, in one file under a password. With it and the data's backup everything is
readable; with either alone nothing is.

It holds the keys as they are on that day, also those of archived objects: one that is destroyed later still opens its object with
this file, until the file is replaced and wiped. Those of later objects come every night into a folder apart (``mirror``): they are
wrapped, so they need no password, and what is destroyed goes there in the same night. Without any copy of the keys 個人番号, the archive
and the backups are lost for good.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import secrets
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from etl import run as runs
from etl.audit import record
from etl.backup import catalog
from etl.core.errors import KokunenError, Refused, Unavailable
from etl.core.states import Operation
from etl.edge import atomic
from etl.edge.crypt.stream import Broken, Opening, Sealing
from etl.edge.keys import Keys, proof
from etl.hokan import key_copies
from etl.run import Run
from etl.site import Site

KDF = {"n": 1 << 15, "r": 8, "p": 1}
SHORTEST = 12  # characters of a password
LINE = 4096


@dataclass(frozen=True)
class Made:
    """The file, how many keys are in it, how many of them open one object each; ``password`` when it was made here (shown once)."""

    path: Path
    keys: int
    objects: int
    password: str | None


def make(site: Site, run: Run, to: Path, password: str | None) -> Made:
    """A new file in ``to``. Refused NP-3270 when that lies with the data, NP-3271 when the password is short; Unavailable NP-1026."""
    folder = to.resolve()
    _require_apart(site.home, folder)
    if password is not None and len(password) < SHORTEST:
        raise Refused("NP-3271", shortest=SHORTEST)
    word, files = password or secrets.token_urlsafe(24), list(_files(site.home / "keys"))
    path = folder / f"kokunen-keys-{runs.now():%Y%m%dT%H%M%S}.keys"
    objects = sum(name.startswith("objects/") for name, _ in files)
    atomic.write(path, lambda out: _seal(out, word, files), mode=0o600)
    with site.session() as session, session.transaction():
        record(session, run, Operation.KAGI_BACKUP, path.name, {"keys": len(files), "objects": objects})
    return Made(path, len(files), objects, None if password else word)


def mirror(home: Path, destroyed: Collection[str]) -> int | None:
    """The keys of archived objects, wrapped as they are, onto another medium (``key_copies``): those that are new or wrapped anew are
    copied, those that were destroyed go there too. What the house has lost or can no longer open stays there as it was: it is the only one left.
    How many there are; None when none is named. Refused NP-3270 when it lies with the data."""
    folder = key_copies.told()
    if folder is None:
        return None
    _require_apart(home, folder)
    here, there = key_copies.wrapped(home / "keys" / key_copies.OBJECTS), key_copies.wrapped(folder)
    for name, path in sorted(here.items()):
        if name not in there or (there[name].read_bytes() != path.read_bytes() and _opens(home, name)):
            atomic.write(folder / name, path.read_bytes(), mode=0o600)
    for name in (there.keys() - here.keys()) & set(destroyed):
        there[name].unlink()
    return len(here)


def _opens(home: Path, name: str) -> bool:
    try:
        Keys(home / "keys").unwrap(name)
    except KokunenError:
        return False
    return True


def _require_apart(home: Path, folder: Path) -> None:
    for data in (home.resolve(), catalog.place(home).resolve()):
        if folder == data or data in folder.parents:
            raise Refused("NP-3270")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".part"):
            yield path.relative_to(folder).as_posix(), path


def _seal(out: BinaryIO, word: str, files: list[tuple[str, Path]]) -> None:
    said: dict[str, Any] = {
        "kind": "keys",
        "kdf": KDF,
        "salt": os.urandom(16).hex(),
        "at": runs.now().isoformat(),
        "files": len(files),
    }
    key = _key(word, said)
    line = json.dumps({**said, "proof": proof(key, said)}, sort_keys=True).encode() + b"\n"
    out.write(line)
    stream, content = Sealing(out, key, line), io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, path in files:
            tar.add(path, arcname=name, recursive=False)
    stream.write(content.getvalue())
    stream.finish()


def put_back(path: Path, word: str, keys: Path) -> datetime:
    """The keys of a file into a folder that has none; when they were copied. Refused NP-3272 (another password), NP-3251 (damaged);
    Unavailable NP-3253."""
    try:
        with path.open("rb") as raw:
            line = raw.readline(LINE)
            said = _said(line, path)
            key = _key(word, said)
            if not hmac.compare_digest(str(said.pop("proof")), proof(key, said)):
                raise Refused("NP-3272", file=path.name)
            reader = Opening(raw, key, line)
            content = io.BytesIO(b"".join(iter(reader.read, b"")))
    except Broken:
        raise Refused("NP-3251", file=path.name) from None
    except FileNotFoundError:
        raise Unavailable("NP-3253", file=path.name) from None
    with tarfile.open(fileobj=content, mode="r:") as tar:
        for member in tar:
            inside = tar.extractfile(member)
            if inside and member.isfile() and ".." not in Path(member.name).parts and not member.name.startswith("/"):
                target = keys / member.name
                for folder in reversed([target.parent, *(p for p in target.parent.parents if keys in p.parents), keys]):
                    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                atomic.write(target, inside.read(), mode=0o600)
    return datetime.fromisoformat(said["at"])


def _said(line: bytes, path: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(line)
        good = said["kind"] == "keys" and said["kdf"] == KDF and bool(said["proof"]) and bool(bytes.fromhex(said["salt"]))
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise Refused("NP-3251", file=path.name)
    return said


def _key(word: str, said: dict[str, Any]) -> bytes:
    return hashlib.scrypt(word.encode(), salt=bytes.fromhex(said["salt"]), dklen=32, maxmem=1 << 26, **KDF)
