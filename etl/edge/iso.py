"""CD-R のイメージ: an ISO 9660 image (with Joliet, for long and Japanese names) that a writer of the office burns, and its files read back."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path

import pycdlib
from pycdlib.pycdlibexception import PyCdlibException

from etl.core.errors import Unavailable
from etl.edge import atomic

LONGEST = 16  # characters of a volume's name in Joliet


def make(target: Path, volume: str, files: list[Path]) -> None:
    """These files in one image, whole or not at all. Unavailable NP-1026."""
    image = pycdlib.PyCdlib()
    image.new(interchange_level=3, joliet=3, vol_ident=_plain(volume))
    try:
        with ExitStack() as opened:
            for n, path in enumerate(files, 1):
                source = opened.enter_context(path.open("rb"))
                image.add_fp(source, path.stat().st_size, f"/F{n:07}.BIN;1", joliet_path=f"/{path.name}")
            atomic.write(target, image.write_fp)
    except OSError as error:
        raise atomic.unavailable(error, target.parent) from None
    finally:
        image.close()


def _plain(volume: str) -> str:
    """A volume's name has capital letters, digits and underscores."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in volume.upper())[:LONGEST]


def contents(target: Path) -> dict[str, str]:
    """name -> SHA-256 of each file in an image. Unavailable NP-4152 when it is no whole image, NP-1026 when it cannot be read."""
    image = pycdlib.PyCdlib()
    try:
        with target.open("rb") as source:
            image.open_fp(source)
            try:
                names = [c.file_identifier().decode("utf-16-be") for c in image.list_children(joliet_path="/") if c.is_file()]
                return {name: _digest(image, name) for name in names}
            finally:
                image.close()
    except OSError as error:
        raise atomic.unavailable(error, target.parent) from None
    except (PyCdlibException, UnicodeDecodeError, ValueError, IndexError):
        raise Unavailable("NP-4152", file=target.name) from None


def _digest(image: pycdlib.PyCdlib, name: str) -> str:
    out = BytesIO()
    image.get_file_from_iso_fp(out, joliet_path=f"/{name}")
    return hashlib.sha256(out.getbuffer()).hexdigest()
