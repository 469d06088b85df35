"""ディスクの中身: what lies on a medium: the archive with its 送受書; or, for who prescribes its disc (``file.disc`` of the mapping), what is
prescribed and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from etl.core.errors import Refused
from etl.core.mapping.city import city
from etl.core.mapping.fields import Disc
from etl.core.mapping.layout import leaving
from etl.core.mapping.names import filled, parse_name
from etl.edge import atomic

CRLF = "\r\n"
Prescribed = tuple[Disc, dict[str, Any]]  # a disc, and what its slots say


def prescribed(dataset: str, name: str) -> Prescribed | None:
    """The disc of a file of this name; None where nothing is prescribed."""
    file = leaving()[dataset].file
    said = parse_name(file.name, name)
    return (file.disc, {**said, "city": city()["code"]}) if file.disc and said else None


def contents(archive: Path, slip: Path, by: Prescribed | None) -> dict[str, Path | bytes]:
    """name on the medium -> what it is."""
    if by is None:
        return {archive.name: archive, slip.name: slip}
    disc, said = by
    readme = "".join(filled(line, **said) + CRLF for line in disc.lines)
    return {disc.archive: archive, disc.readme: readme.encode("ascii")}


def image_name(by: Prescribed | None) -> str | None:
    """How its image must be called."""
    return filled(by[0].image, **by[1]) if by else None


def size(what: Path | bytes) -> int:
    return len(what) if isinstance(what, bytes) else what.stat().st_size


def lying(folder: Path, names: Collection[str]) -> dict[str, Path]:
    """Where each lies on a disc that is mounted: systems show a name of ISO 9660 in small letters, or with its version. Refused NP-4151 when
    something else lies there; Unavailable NP-1026."""
    try:
        found = {entry: _plain(entry.name) for entry in folder.iterdir()}
    except OSError as error:
        raise atomic.unavailable(error, folder) from None
    if strange := [entry for entry, name in found.items() if name not in names or not entry.is_file()]:
        raise Refused("NP-4151", found=len(strange))
    return {name: next((entry for entry, plain in found.items() if plain == name), folder / name) for name in names}


def _plain(name: str) -> str:
    return name.partition(";")[0].rstrip(".").upper()
