"""What 日本年金機構 of the city does with a medium of 届書: it takes the disc's image and the password and says what it reads, or what is wrong.

Written from docs/interfaces.md (進達) alone: nothing here knows how the medium was made. Its own walk through ISO 9660 (level 2, no
extensions), its own rules for the archive and (``todoke_lines``) for each line and each cell. ``ValueError`` names the place and the
rule, never a value.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyzipper

from city import todoke_lines
from city.todoke_lines import need

SECTOR, FIRST = 2048, 16
ALLOWED = {"DATA.ZIP;1", "README.TXT;1"}
VOLUME = re.compile(r"KNTODOKE_([0-9]{4})_([0-9]{3})")


@dataclass(frozen=True)
class Medium:
    """What stands on a disc: the 年金事務所 that it is for, its 媒体通番, 作成年月日, and of each record its items (days in ISO, months YYYY-MM, empty
    where it says nothing)."""

    office: str
    number: str
    created_on: date
    records: list[dict[str, str]]


def read(image: Path, password: str) -> Medium:
    """The medium of this image. ValueError with what is wrong."""
    data = image.read_bytes()
    office, number = _volume(data)
    need(image.name == f"KNTODOKE_{office}_{number}.iso", "image: its name is not that of its volume")
    files = dict(_files(data))
    need(set(files) == ALLOWED, "image: not exactly DATA.ZIP and README.TXT")
    _readme(files["README.TXT;1"], office, number)
    created_on, records = todoke_lines.text(_archived(files["DATA.ZIP;1"], password), number)
    return Medium(office, number, created_on, records)


# ---- ISO 9660 --------------------------------------------------------------------------------------------------------------------


def _volume(data: bytes) -> tuple[str, str]:
    """Office and number as the name of the volume has them; one primary descriptor, then the end of the descriptors, no extension."""
    need(len(data) % SECTOR == 0 and len(data) >= (FIRST + 2) * SECTOR, "image: not whole sectors")
    need(not any(data[: FIRST * SECTOR]), "image: the system area is not empty")
    kinds = []
    for at in range(FIRST, len(data) // SECTOR):
        kind, mark, version = struct.unpack_from("<B5sB", data, at * SECTOR)
        need(mark == b"CD001" and version == 1, "image: a volume descriptor is damaged")
        kinds.append(kind)
        if kind == 255:
            break
    need(kinds == [1, 255], "image: not one primary volume descriptor alone")
    head = _descriptor(data)
    need(_both(head, 80, "I") * SECTOR == len(data), "image: not as long as it says")
    need(
        _both(head, 128, "H") == SECTOR and _both(head, 120, "H") == 1 and _both(head, 124, "H") == 1,
        "image: not one volume of sectors",
    )
    found = VOLUME.fullmatch(head[40:72].decode("ascii", "replace").rstrip(" "))
    if found is None or not 1 <= int(found[2]) <= 999:
        raise ValueError("image: the name of the volume")
    return found[1], found[2]


def _descriptor(data: bytes) -> bytes:
    return data[FIRST * SECTOR : (FIRST + 1) * SECTOR]


def _both(data: bytes, at: int, form: str) -> int:
    """A number that stands in both byte orders."""
    little, big = struct.unpack_from(f"<{form}", data, at)[0], struct.unpack_from(f">{form}", data, at + struct.calcsize(form))[0]
    need(little == big, "image: a number differs between its two byte orders")
    return int(little)


def _files(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of what the root directory lists; there is no other directory."""
    place, size, flags, _ = _entry(_descriptor(data)[156:190])
    need(flags & 2 == 2 and size % SECTOR == 0, "image: the root is no directory")
    listed = _stretch(data, place, size)
    at, names = 0, []
    while at < len(listed):
        length = listed[at]
        if length == 0:
            at = (at // SECTOR + 1) * SECTOR
            continue
        place, size, flags, name = _entry(listed[at : at + length])
        need(length == 33 + len(name) + (1 - len(name) % 2), "image: an entry has fields of an extension")
        at += length
        if name in (b"\0", b"\1"):
            continue
        names.append(name)
        need(flags == 0, "image: an entry is hidden, a directory or in parts")
        yield name.decode("ascii", "replace"), _stretch(data, place, size)
    need(names == sorted(names), "image: names are not in order")


def _entry(data: bytes) -> tuple[int, int, int, bytes]:
    """First sector, bytes, flags and name of an entry of a directory."""
    need(len(data) >= 34 and data[1] == 0 and data[26] == data[27] == 0, "image: an entry is damaged or interleaved")
    return _both(data, 2, "I"), _both(data, 10, "I"), data[25], data[33 : 33 + data[32]]


def _stretch(data: bytes, place: int, size: int) -> bytes:
    need((place * SECTOR) + size <= len(data), "image: something lies behind its end")
    return data[place * SECTOR : place * SECTOR + size]


# ---- the two files ---------------------------------------------------------------------------------------------------------------


def _readme(data: bytes, office: str, number: str) -> None:
    need(data.isascii() and data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r\n"), "README.TXT: not lines of ASCII")
    text = data.decode("ascii")
    need(office in text and number in text and "DATA.ZIP" in text, "README.TXT: does not say office, number and what to open")
    need(re.search(r"[0-9]{10}", text) is None, "README.TXT: has a long number")


def _archived(data: bytes, password: str) -> bytes:
    """The one member: AES-256, AE-2 (no checksum of the plain bytes), a name and a day that say nothing."""
    need(len(password) >= 20 and password.isascii() and password.isprintable(), "password: not 20 characters of ASCII")
    try:
        with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            need(len(members) == 1 and not archive.comment and not members[0].comment, "DATA.ZIP: not exactly one member")
            (one,) = members
            need(bool(one.flag_bits & 1) and one.wz_aes_strength == 3 and one.wz_aes_version == 2, "DATA.ZIP: not AES-256")
            need(one.CRC == 0 and one.date_time == (1980, 1, 1, 0, 0, 0), "DATA.ZIP: tells something without its password")
            need(
                re.fullmatch(r"[a-z]{1,8}\.[a-z]{3}", one.filename) is not None, "DATA.ZIP: the name of its member is not neutral"
            )
            archive.setpassword(password.encode("ascii"))
            return bytes(archive.read(one))
    except (pyzipper.BadZipFile, zlib.error, RuntimeError, EOFError, NotImplementedError) as error:
        # NotImplementedError is zipfile's word for a version or a compression that it does not know
        raise ValueError("DATA.ZIP: does not open with this password, or is damaged") from error
