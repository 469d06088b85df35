"""相手先: whose servers files go to and come from (``mappings/partners.yaml``)."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import StringConstraints

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen, Word
from etl.core.mapping.layout import arriving, read_page
from etl.definitions import MAPPINGS

PartnerName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]


class Partner(Frozen):
    """One of them, in people's words. ``gives``: inbound datasets that are fetched from its server."""

    title: str
    gives: tuple[Word, ...] = ()


@cache
def partners() -> dict[str, Partner]:
    """name -> partner, in the order of the page; a dataset is given by one at most. DefinitionError NP-1101."""
    found: dict[str, Partner] = read_page(MAPPINGS / "partners.yaml", dict[PartnerName, Partner])
    given = [dataset for partner in found.values() for dataset in partner.gives]
    if wrong := {d for d in given if given.count(d) > 1 or d not in arriving()}:
        raise DefinitionError("NP-1101", file="partners.yaml", item="gives", why="、".join(sorted(wrong)))
    return found


def giver(dataset: str) -> str | None:
    """The partner from whose server a dataset is fetched."""
    return next((name for name, partner in partners().items() if dataset in partner.gives), None)
