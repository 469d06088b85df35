"""送受書と保留一覧: the papers that accompany a file. A list of held rows is headed by the labels of the key."""

from __future__ import annotations

from datetime import date
from typing import Any

from etl.core.dates import wareki, wareki_month
from etl.core.mapping.layout import Layout
from etl.core.paper.pages import Slip
from etl.door import papers
from etl.door.parcel import Parcel
from etl.door.place import Sealed
from etl.edge import paper
from etl.run import Run


def slip(run: Run, parcel: Parcel, medium: str, sealed: Sealed, medium_no: int) -> Slip:
    """The データ送受書 of a medium."""
    return Slip(
        title=parcel.layout.title, recipient=parcel.row.recipient, sender=run.unit, basis="; ".join(parcel.row.basis),
        month=wareki_month(parcel.month) + "分" if parcel.month else "", created_on=wareki(parcel.created_on), version=parcel.version,
        rows=parcel.rows.num_rows, medium_no=medium_no, medium_kind=medium, file_name=parcel.name, sha256="" if parcel.seal else parcel.sha256,
        archive_name=sealed.archive.name, archive_sha256=sealed.sha256, reason=run.reason if parcel.version > 1 else "",
    )  # fmt: skip


def held_list(run: Run, parcel: Parcel) -> bytes:
    """保留一覧: the keys of the rows that could not be written for this recipient, with the reason of the registry."""
    holds = parcel.row.holds
    assert holds
    cells = zip(*(parcel.chosen.held.column(name).to_pylist() for name in parcel.layout.key), strict=True)
    head = papers.heading(run, parcel.name)
    return paper.meisai(holds.title, (*key_labels(parcel.layout), "理由"), [(*row, holds.reason) for row in cells], head=head)


def key_labels(layout: Layout) -> tuple[str, ...]:
    """The labels of the items of the key."""
    return tuple(layout.labels[name] for name in layout.key)


def shown(value: Any) -> str:
    """An item of a key as people read it: days in ISO."""
    return value.isoformat() if isinstance(value, date) else str(value)
