"""相手先: whose servers files go to (``mappings/partners.yaml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import StringConstraints

from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_page
from etl.definitions import MAPPINGS

PartnerName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]


class Partner(Frozen):
    """One of them, in people's words."""

    title: str


@cache
def partners() -> dict[str, Partner]:
    """name -> partner, in the order of the page. DefinitionError NP-1101."""
    found: dict[str, Partner] = read_page(MAPPINGS / "partners.yaml", dict[PartnerName, Partner])
    return found
