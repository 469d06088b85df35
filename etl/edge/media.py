"""媒体: the encrypted archive that goes onto a medium, one per outbound file (AES-256 zip).

What a zip leaves readable without the password is kept empty of meaning: the inner name is neutral, the timestamp is fixed, the
CRC of the plain bytes is left out (format AE-2), and the archive has exactly one member. ZipCrypto is no protection and is never
written nor accepted. The password is a fresh one per archive; the caller keeps it in a key file and tells it by another way.
"""

from __future__ import annotations

import errno
import io
import re
import secrets
import shutil
import zlib
from pathlib import Path
from typing import BinaryIO

import pyzipper

from etl.core.errors import DefinitionError, Refused, Unavailable
from etl.edge import atomic

# Without what the eye confuses when a password is read from paper: 0 O o, 1 I i l, 2 Z z, 5 S s, 8 B.
ALPHABET = "ACDEFGHJKLMNPQRTUVWXYabcdefghjkmnpqrtuvwxy34679"
PASSWORD_LENGTH = 24  # 24 of 47 characters: 133 bits
SHORTEST = 20  # characters of a password (P83)
STAMP = (1980, 1, 1, 0, 0, 0)  # the zip format's zero; tells nothing about when
AES_256, AE_2 = 3, 2  # WinZip AES: strength and version numbers


def new_password() -> str:
    """24 random characters that cannot be misread; from the system's random source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))


def seal(source: Path | bytes, target: Path, password: str, inner_name: str = "data.dat") -> None:
    """Put one file, or what would be one, into an AES-256 zip at ``target``, complete or not at all.

    DefinitionError NP-3105 for a short password or an inner name that is not plain lower case; Unavailable NP-1026 when it cannot be written.
    The salt is random, so two archives of one file differ; compare by ``unseal``, not by bytes.
    """
    if len(password) < SHORTEST or not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", inner_name):
        raise DefinitionError("NP-3105", file=target.name, shortest=SHORTEST)
    atomic.write(target, lambda out: _archive(source, out, password.encode("ascii"), inner_name))


def _archive(source: Path | bytes, out: BinaryIO, password: bytes, inner_name: str) -> None:
    """Stream ``source`` into a new archive."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as plain:
        options = {"nbits": 256, "force_wz_aes_version": AE_2}
        with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES, encryption_kwargs=options) as archive:
            archive.setpassword(password)
            member = archive.zipinfo_cls(inner_name, STAMP)
            member.compress_type, member.create_system, member.external_attr = pyzipper.ZIP_DEFLATED, 0, 0
            member.file_size = len(source) if isinstance(source, bytes) else source.stat().st_size
            with archive.open(member, "w") as inner:
                shutil.copyfileobj(plain, inner, 1 << 20)


def unseal(target: Path, password: str, limit: int = 1 << 30) -> bytes:
    """The plain bytes of the only member, its HMAC verified; never more than ``limit`` bytes are unpacked.

    Refused NP-3101 (wrong password), NP-3102 (not exactly one member), NP-3103 (over the limit), NP-3104 (not AES-256 or damaged);
    Unavailable NP-3106 when the archive cannot be read.
    """
    name = target.name
    try:
        with pyzipper.AESZipFile(target) as archive:
            archive.setpassword(password.encode("utf-8"))
            return _read(archive, name, limit)
    except OSError as error:
        raise Unavailable("NP-3106", file=name, why=errno.errorcode.get(error.errno or 0, "EIO")) from None
    except (pyzipper.BadZipFile, zlib.error, NotImplementedError, EOFError):
        # NotImplementedError is zipfile's word for a version or a compression that it does not know
        raise Refused("NP-3104", file=name) from None


def opens(target: Path, key: Path) -> bool:
    """Whether the password in this file opens the archive; nothing is unpacked."""
    try:
        with pyzipper.AESZipFile(target) as archive:
            archive.setpassword(key.read_bytes())
            archive.open(archive.infolist()[0]).close()
    except (OSError, RuntimeError, ValueError, IndexError, pyzipper.BadZipFile):
        return False
    return True


def _read(archive: pyzipper.AESZipFile, name: str, limit: int) -> bytes:
    members = archive.infolist()
    if len(members) != 1:
        raise Refused("NP-3102", file=name, found=len(members))
    member = members[0]
    if member.wz_aes_strength != AES_256 or not member.is_encrypted:
        raise Refused("NP-3104", file=name)
    # the claim is not authenticated: unpack to see, at most one byte too many
    claimed, member.file_size = member.file_size, limit + 1
    if claimed > limit:
        raise Refused("NP-3103", file=name, limit=limit)
    try:
        inner = archive.open(member)
    except NotImplementedError:  # a RuntimeError, too, but about the archive; told by who calls
        raise
    except RuntimeError:  # pyzipper's only sign of a wrong password
        raise Refused("NP-3101", file=name) from None
    with inner:
        plain: bytes = inner.read()
    if len(plain) != claimed:
        raise Refused("NP-3103" if len(plain) > limit else "NP-3104", file=name, limit=limit)
    return plain
