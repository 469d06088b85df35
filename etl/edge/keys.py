"""鍵: the keys of the vault and of the archive, kept outside both databases (spec 2: a key file or the environment).

One key per purpose, 32 random bytes each, made once, mode 600, never overwritten. ``key_id`` names the file, so that old rows
stay readable after a rotation: the newest ``<purpose>-NN.key`` encrypts, any decrypts. A key that was used is never made anew:
``used`` is, for each of them, the proof that the vault keeps from its first use on.

Each object of the archive has a key of its own, in ``objects/<object_key>``, wrapped by the newest ``archive-NN.key``: the file names the key
that wraps it, and is bound to the object. So the wrapping key is changed without an object being written anew, and where the file is gone
every copy of the object is unreadable.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_ssh_private_key

from etl.core.errors import Refused, Unavailable
from etl.edge import atomic

PURPOSES = ("kojin-no", "kojin-no-hmac", "row", "row-hash", "archive", "backup")
ARCHIVE = "archive"
LAST = 99  # number of a key of one purpose


def proof(key: bytes, said: Mapping[str, Any]) -> str:
    """What nobody can write down beside ``said`` without the key."""
    return hmac.digest(key, json.dumps(said, sort_keys=True, ensure_ascii=False).encode(), "sha256").hex()


def _read(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Unavailable("NP-1031", item=path.name)
    return key


def _bound(key_id: str, object_key: str) -> bytes:
    """What a wrapped key is bound to: so that one file in the place of another does not open."""
    return f"{key_id} {object_key}".encode()


@dataclass(frozen=True)
class Keys:
    """The keys of one installation (folder ``keys/``); reads at use, so that a lost key is an error and never plaintext."""

    folder: Path
    pinned: Mapping[str, str] = field(default_factory=dict)  # purpose -> the key that stays its newest here

    def of_now(self) -> Keys:
        """The same keys, whose newest stay those of this moment: what began under one ends under it, whoever makes another meanwhile (F29)."""
        return Keys(self.folder, {purpose: self.current_id(purpose) for purpose in PURPOSES})

    def create(self, used: Mapping[str, bytes]) -> None:
        """A first key for each purpose that has none. Refused NP-1032 when one that was used is not there, or is another: nothing is made then."""
        for key_id, proof in used.items():
            if not self._is(key_id, proof):
                raise Refused("NP-1032", file=f"{key_id}.key")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for purpose in PURPOSES:
            if not list(self.folder.glob(f"{purpose}-[0-9][0-9].key")):
                atomic.write(self.folder / f"{purpose}-01.key", base64.b64encode(secrets.token_bytes(32)), mode=0o600, once=True)

    def current_id(self, purpose: str) -> str:
        if purpose in self.pinned:
            return self.pinned[purpose]
        found = sorted(self.folder.glob(f"{purpose}-[0-9][0-9].key"))
        if not found:
            raise Unavailable("NP-1031", item=purpose)
        return found[-1].stem

    def _key(self, key_id: str) -> bytes:
        try:
            return _read(self.folder / f"{key_id}.key")
        except FileNotFoundError:
            raise Unavailable("NP-1031", item=key_id) from None

    def cipher(self, purpose: str) -> Cipher:
        key_id = self.current_id(purpose)
        return Cipher(key_id, AESGCM(self._key(key_id)))

    def decrypt(self, key_id: str, blob: bytes) -> bytes:
        """Raises Unavailable NP-1031 when the key is not the one that encrypted."""
        return self.decrypt_many(key_id, [blob])[0]

    def decrypt_many(self, key_id: str, blobs: Sequence[bytes]) -> list[bytes]:
        """The same for a column."""
        decrypt, name = AESGCM(self._key(key_id)).decrypt, key_id.encode()
        try:
            return [decrypt(blob[:12], blob[12:], name) for blob in blobs]
        except InvalidTag:
            raise Unavailable("NP-1031", item=key_id) from None

    def ids(self, purpose: str) -> list[str]:
        """The keys of a purpose that are there, oldest first."""
        return sorted(path.stem for path in self.folder.glob(f"{purpose}-[0-9][0-9].key"))

    def add(self, purpose: str) -> str:
        """A new key for a purpose; from now on it is the one that encrypts. Its id. Refused NP-3211 when no number is left."""
        number = int(self.current_id(purpose)[-2:]) + 1
        if number > LAST:
            raise Refused("NP-3211", item=purpose)
        key_id = f"{purpose}-{number:02}"
        atomic.write(self.folder / f"{key_id}.key", base64.b64encode(secrets.token_bytes(32)), mode=0o600, once=True)
        return key_id

    def object_file(self, object_key: str) -> Path:
        """Where the wrapped key of an object lies."""
        return self.folder / "objects" / object_key

    def objects(self) -> list[str]:
        """The objects that have a key here."""
        folder = self.folder / "objects"
        return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) if folder.is_dir() else []

    def sweep(self) -> None:
        """Remove what a killed change of keys left half-written: of objects whose key is there, since a first one is its writer's."""
        for part in (self.folder / "objects").glob(".*.part"):
            if self.object_file(part.name.split(".")[1]).exists():
                part.unlink(missing_ok=True)

    def wrap(self, object_key: str, data_key: bytes) -> str:
        """The key of an object, wrapped by the newest key and written down; the id of that one. Unavailable NP-1031, NP-1026."""
        key_id = self.current_id(ARCHIVE)
        self.object_file(object_key).parent.mkdir(mode=0o700, exist_ok=True)
        nonce = os.urandom(12)
        wrapped = nonce + AESGCM(self._key(key_id)).encrypt(nonce, data_key, _bound(key_id, object_key))
        atomic.write(self.object_file(object_key), f"{key_id} {base64.b64encode(wrapped).decode()}\n".encode(), mode=0o600)
        return key_id

    def unwrap(self, object_key: str) -> bytes:
        """The key of an object. Unavailable NP-3201 when it is not there, or is no such file; NP-1031 when the key that wraps it is missing;
        Refused NP-3203 when that is another one, or the file another object's."""
        key_id, wrapped = self._wrapped(object_key)
        try:
            return AESGCM(self._key(key_id)).decrypt(wrapped[:12], wrapped[12:], _bound(key_id, object_key))
        except InvalidTag:
            raise Refused("NP-3203", item=key_id) from None

    def wrapped_by(self, object_key: str) -> str:
        """The id of the key that wraps the key of an object. Unavailable NP-3201."""
        return self._wrapped(object_key)[0]

    def _wrapped(self, object_key: str) -> tuple[str, bytes]:
        try:
            key_id, text = self.object_file(object_key).read_text(encoding="ascii").split()
            wrapped = base64.b64decode(text, validate=True)
        except (OSError, ValueError):
            raise Unavailable("NP-3201", item=object_key) from None
        if not re.fullmatch(rf"{ARCHIVE}-[0-9][0-9]", key_id) or len(wrapped) != 12 + 32 + 16:
            raise Unavailable("NP-3201", item=object_key)
        return key_id, wrapped

    def drop(self, key_id: str) -> bool:
        """A key that was given up goes: written over, then away. Whether it was there."""
        path = self.folder / f"{key_id}.key"
        if not path.exists():
            return False
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        return True

    def proofs(self, used: Mapping[str, bytes]) -> dict[str, bytes]:
        """A value for each key in use by which another key under the same name is noticed; it says nothing about the key. Unavailable NP-1031
        when one of these, or one that was ``used`` before, is missing or another one."""
        now = {self.current_id("kojin-no"), "kojin-no-hmac-01", self.current_id("row"), "row-hash-01", self.current_id(ARCHIVE)}
        found = {key_id: self._proof(key_id) for key_id in sorted({*used, *now})}
        if others := [key_id for key_id, proof in used.items() if found[key_id] != proof]:
            raise Unavailable("NP-1031", item=min(others))
        return found

    def told(self, key_id: str) -> str:
        """A value by which another key under this name is noticed; it says nothing about the key. Unavailable NP-1031."""
        return self._proof(key_id).hex()

    def lost(self, used: Mapping[str, bytes]) -> list[str]:
        """Of the keys that were used those that are not there, or are others."""
        return sorted(key_id for key_id, kept in used.items() if not self._is(key_id, kept))

    def _proof(self, key_id: str) -> bytes:
        return hmac.digest(self._key(key_id), b"kokunen key check " + key_id.encode(), "sha256")

    def _is(self, key_id: str, proof: bytes) -> bool:
        try:
            return self._proof(key_id) == proof
        except Unavailable:
            return False

    def matcher(self) -> Matcher:
        """HMAC-SHA256 for matching 個人番号. Its key is fixed (01): a new one would match nothing that is held."""
        return Matcher(self._key("kojin-no-hmac-01"))

    def row_hash(self) -> bytes:
        """The key of the records' hashes: without a key, anyone holding a row and its hash could brute-force the 個人番号. Fixed (01) as above."""
        return self._key("row-hash-01")

    def derived(self, key_id: str, salt: bytes) -> bytes:
        """A key for one use (one file of a backup), from this key and a salt that is kept beside it. Unavailable NP-1031."""
        return hmac.digest(self._key(key_id), b"kokunen derived key " + salt, "sha256")

    def seal(self, record: bytes) -> str:
        """A keyed hash of one record: what a second person approves is what was put before them."""
        return hmac.digest(self.row_hash(), record, "sha256").hex()


@dataclass(frozen=True)
class Cipher:
    """AES-256-GCM: 12 bytes of nonce, then ciphertext and tag; bound to its key's name."""

    key_id: str
    aead: AESGCM

    def encrypt(self, plain: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self.aead.encrypt(nonce, plain, self.key_id.encode())

    def encrypt_many(self, plains: list[bytes]) -> list[bytes]:
        """The same for a column; the nonces are drawn at once (a system call per row costs as much as its encryption)."""
        random, name, encrypt = os.urandom(12 * len(plains)), self.key_id.encode(), self.aead.encrypt
        nonces = [random[i : i + 12] for i in range(0, len(random), 12)]
        return [nonce + encrypt(nonce, plain, name) for nonce, plain in zip(nonces, plains, strict=True)]


@dataclass(frozen=True)
class Matcher:
    """HMAC-SHA256 under one key."""

    key: bytes

    def digests(self, plains: list[bytes]) -> list[bytes]:
        key, digest = self.key, hmac.digest
        return [digest(key, plain, "sha256") for plain in plains]

    def digest(self, plain: bytes) -> bytes:
        return hmac.digest(self.key, plain, "sha256")


def partner_key(path: Path, comment: str) -> str:
    """The key that proves us to one partner (ed25519, mode 600), made once; its public line, to be given to the partner."""
    fresh = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    atomic.write(path, fresh, mode=0o600, once=True)
    public = load_ssh_private_key(path.read_bytes(), None).public_key()
    return f"{public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()} {comment}"
