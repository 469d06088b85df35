"""許可: whether a parcel may leave, by its row of the registry. Every reason to refuse has a code of its own."""

from __future__ import annotations

from datetime import date

from etl.core.errors import Refused
from etl.door.parcel import Parcel


def permit(parcel: Parcel, day: date) -> None:
    """Returns when it may leave on this day. Refused NP-2105 (a column that was not permitted), NP-2106 (no permission in force)."""
    row = parcel.row
    if strange := set(parcel.rows.column_names) - set(row.items):
        raise Refused("NP-2105", file=parcel.name, item="・".join(sorted(strange)))
    if not row.permission.in_force(day):
        raise Refused("NP-2106", file=parcel.name, item=row.permission.no)
