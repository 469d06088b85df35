"""点検: the register is looked through every 年度, unit by unit, and signed off (P22, P65, P71)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from etl import run as runs
from etl.core.errors import Refused
from etl.core.mapping.rights import rights
from etl.shokuin import register
from etl.shokuin.register import Row
from etl.site import Site


@dataclass(frozen=True)
class Sheet:
    """What is looked through: the entries of a unit that are in force, and the hash that is signed."""

    unit: str
    content_hash: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Summary:
    """The register in numbers. ``users``: people in force, contractors apart; ``fits``: as many as the 評価書 says."""

    users: int
    fits: bool
    contractors: int
    by_unit: dict[str, int]
    asked: int
    expiring: int
    unreviewed: int
    overdue: int


def summary(rows: list[Row]) -> Summary:
    """Of all rows, whatever is shown of them."""
    there = [row for row in rows if row.state == "in_force"]
    own, said = [row for row in there if not row.contractor], rights().users
    return Summary(
        users=len(own),
        fits=said.at_least <= len(own) < said.below,
        contractors=len(there) - len(own),
        by_unit=dict(sorted(Counter(row.unit for row in own).items())),
        asked=sum(row.state == "asked" for row in rows),
        expiring=sum(row.expires for row in there),
        unreviewed=sum(not row.reviewed for row in there),
        overdue=sum(row.overdue for row in there),
    )


def sheets(site: Site, by: str, unit: str | None = None) -> list[Sheet]:
    """The list of each unit, or of one. Refused NP-1083, NP-1089 (nobody there)."""
    with register.acting(site, by, "shokuin_tenken") as session:
        rows = [Row(**row) for row in session.rows("shokuin/listed")]
        there = [row for row in rows if row.state == "in_force" and unit in (None, row.unit)]
        if not there:
            raise Refused("NP-1089")
        units = dict.fromkeys(row.unit for row in there)
        return [
            Sheet(u, session.value("shokuin/tenken_hash", listed=u), tuple(row for row in there if row.unit == u)) for u in units
        ]


def sign(site: Site, by: str, sheet: Sheet, reason: str) -> int:
    """Signs what was looked at; how many entries. Refused NP-1083 (neither 管理者 of the section nor 承認者 of the unit), NP-1056 (only his own),
    NP-1058 (the list is another one by now)."""
    runs.check_reason(reason)
    with register.acting(site, by, "shokuin_tenken") as session, session.transaction():
        signed: int = session.value(
            "shokuin/sign", by=by, listed=sheet.unit, hash=sheet.content_hash, reason=reason, **runs.here()
        )
    return signed


def as_json(sheet: Sheet) -> dict[str, Any]:
    return {"unit": sheet.unit, "content_hash": sheet.content_hash, "rows": [register.as_json(row) for row in sheet.rows]}
