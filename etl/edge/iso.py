"""CD-R のイメージ: an ISO 9660 image that a writer of the office burns, and its files read back. With Joliet, for long and Japanese names; or of
level 2, ``plain``: for who takes discs of ISO 9660 and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from etl.core.errors import Unavailable
from etl.edge import atomic

LONGEST = {False: 16, True: 32}  # characters of a volume's name: in Joliet, in ISO 9660
VERSION = ";1"


def make(target: Path, volume: str, files: Mapping[str, Path | bytes], *, plain: bool = False) -> None:
    """These files (name -> where it lies, or its bytes) in one image, whole or not at all. Unavailable NP-1026."""
    image = pycdlib.PyCdlib()
    image.new(interchange_level=2 if plain else 3, joliet=None if plain else 3, vol_ident=_plain(volume, plain))
    try:
        with ExitStack() as opened:
            for n, (name, content) in enumerate(files.items(), 1):
                source = BytesIO(content) if isinstance(content, bytes) else opened.enter_context(content.open("rb"))
                size = len(content) if isinstance(content, bytes) else content.stat().st_size
                if plain:
                    image.add_fp(source, size, f"/{name}{VERSION}")
                else:
                    image.add_fp(source, size, f"/F{n:07}.BIN{VERSION}", joliet_path=f"/{name}")
            atomic.write(target, image.write_fp)
    except OSError as error:
        raise atomic.unavailable(error, target.parent) from None
    finally:
        image.close()


def _plain(volume: str, plain: bool) -> str:
    """A volume's name has capital letters, digits and underscores."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in volume.upper())[: LONGEST[plain]]


def contents(target: Path, *, plain: bool = False) -> dict[str, str]:
    """name -> SHA-256 of each file in an image. Unavailable NP-4152 when it is no whole image (of this kind), NP-1026 when it cannot be read."""
    image = pycdlib.PyCdlib()
    try:
        with target.open("rb") as source:
            image.open_fp(source)
            try:
                return _plain_contents(image) if plain else _joliet_contents(image)
            finally:
                image.close()
    except OSError as error:
        raise atomic.unavailable(error, target.parent) from None
    except (PyCdlibException, UnicodeDecodeError, ValueError, IndexError):
        raise Unavailable("NP-4152", file=target.name) from None


def _joliet_contents(image: pycdlib.PyCdlib) -> dict[str, str]:
    names = [c.file_identifier().decode("utf-16-be") for c in image.list_children(joliet_path="/") if c.is_file()]
    return {name: _digest(image, joliet_path=f"/{name}") for name in names}


def _plain_contents(image: pycdlib.PyCdlib) -> dict[str, str]:
    """Whatever the root lists, a folder too; ValueError for an image with more than ISO 9660."""
    if image.has_joliet() or image.has_rock_ridge() or image.has_udf():
        raise ValueError("extensions")
    names = [c.file_identifier().decode("ascii") for c in image.list_children(iso_path="/") if not (c.is_dot() or c.is_dotdot())]
    return {name.removesuffix(VERSION): _digest(image, iso_path=f"/{name}") for name in names}


def _digest(image: pycdlib.PyCdlib, **path: str) -> str:
    out = BytesIO()
    image.get_file_from_iso_fp(out, **path)
    return hashlib.sha256(out.getbuffer()).hexdigest()
