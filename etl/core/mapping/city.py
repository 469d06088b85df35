"""The city that this installation serves, and the clock on its wall: ``mappings/city.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field as Attr
from pydantic import field_validator

from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS


class _City(Frozen):
    code: str = Attr(pattern=r"^[0-9]{6}$")
    name: str
    timezone: str

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (LookupError, OSError, ValueError):  # no such file, a folder, a path that leads elsewhere
            raise ValueError("no time zone of this name") from None


@cache
def city(path: Path = MAPPINGS / "city.yaml") -> dict[str, str]:
    """code (地方公共団体コード, 6 digits), name, timezone. DefinitionError NP-1101."""
    page: _City = read_page(path, _City)
    return page.model_dump()


#: business days begin and end here; ``ZONE.key`` is what PostgreSQL and Airflow call it
ZONE = ZoneInfo(city()["timezone"])
