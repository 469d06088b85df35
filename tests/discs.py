"""Discs in the tests: what the programs of others show of an image, and every medium of 届書 read by a reader that is not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kit
import pytest

from city import todoke_reader
from city.todoke_reader import Medium
from etl.baitai import disc
from etl.edge import iso
from etl.site import Site

DATASET = "shintatsu"


def shown(program: str, *arguments: str | Path) -> str:
    """What a program says of an image. Where it is not installed the test is passed over; where changes are checked (CI) it fails."""
    found = shutil.which(program)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{program} is not installed")
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=True).stdout


def media(site: Site) -> list[dict[str, Any]]:
    """The media of 届書 that were made, oldest first: name, hash, archive, password, where it left."""
    rows = kit.query(
        site, "select o.name, o.sha256, o.rows, o.period, m.archive_name, m.key_name from ledger.medium as m join ledger.output as o using (output_id)"
        " where o.dataset = 'shintatsu' and o.released_at is not null order by medium_no",
    )  # fmt: skip
    return [dict(zip(("name", "sha256", "rows", "period", "archive", "key"), row, strict=True)) for row in rows]


def read(site: Site, of: dict[str, Any], into: Path) -> Medium | None:
    """The medium in an image of its own, as 日本年金機構 of the city reads it; None when its archive or its password lies here no longer."""
    archive, key = site.outbox / DATASET / of["period"] / of["archive"], site.keys.folder / "media" / of["key"]
    if not (archive.is_file() and key.is_file()):
        return None
    by = disc.prescribed(DATASET, of["name"])
    image = into / (disc.image_name(by) or "")
    image.unlink(missing_ok=True)
    iso.make(image, image.stem, disc.contents(archive, archive, by), plain=True)
    found = todoke_reader.read(image, key.read_text())
    image.unlink()
    assert len(found.records) == of["rows"] and f"_{found.office}_{found.created_on:%Y%m%d}_{found.number}." in of["name"]
    return found


def check(site: Site) -> None:
    """Every medium of 届書 that this Site has made and still has can be read by somebody else."""
    if any((site.outbox / DATASET).rglob("*.zip")):
        for one in media(site):
            read(site, one, site.home)
