"""The city that this installation serves, and the clock on its wall: ``mappings/city.yaml``."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS


@cache
def city() -> dict[str, str]:
    """code (地方公共団体コード, 6 digits), name, timezone."""
    page: dict[str, str] = read_yaml(MAPPINGS / "city.yaml")
    return page


#: business days begin and end here; ``ZONE.key`` is what PostgreSQL and Airflow call it
ZONE = ZoneInfo(city()["timezone"])
