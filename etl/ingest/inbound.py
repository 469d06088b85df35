"""受信ファイル: a file as it is known so far: first by its name, then, once it is whole, with its bytes and its header. Read once, carried on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from etl.core.mapping.layout import Arriving
from etl.core.mapping.names import parse_name
from etl.edge.inbox import Arrival


@dataclass(frozen=True)
class Candidate:
    """A file of the inbox, known by its name. ``slots``: the parts of the name, by our words for them."""

    layout: Arriving
    path: Path
    slots: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def business_on(self) -> date:
        day: date = self.slots["business_on"]
        return day

    @property
    def seq(self) -> int | None:
        return self.slots.get("seq")

    @property
    def version(self) -> int:
        version: int = self.slots.get("version", 1)
        return version

    @property
    def numbers(self) -> dict[str, Any]:
        return {"dataset": self.layout.dataset, "business_on": self.business_on, "seq": self.seq, "version": self.version}

    @property
    def as_row(self) -> dict[str, Any]:
        """The file in the ledger; of one that was not taken in, only the name."""
        nothing = {"bytes": 0, "sha256": "", "end_sha256": "", "data_count": 0}
        return {**self.numbers, "name": self.name, "stream": "-", "resets": False, **nothing}


@dataclass(frozen=True)
class Inbound(Candidate):
    """One whole file whose name, header and ``.end`` agree. ``keyed_by``: who keyed the form that stands for a medium of 日本年金機構 (another
    person approves it)."""

    arrival: Arrival
    header: Mapping[str, Any] = field(default_factory=dict)
    keyed_by: str | None = None

    @property
    def kubun(self) -> str | None:
        """全件異動区分, where it says which counter the number belongs to."""
        return self.header[self.layout.stream.by] if self.layout.stream else None

    @property
    def stream(self) -> str:
        """The counter of its number."""
        return self.layout.stream.names[self.kubun or ""] if self.layout.stream else "main"

    @property
    def resets(self) -> bool:
        """Whether it sets the counter: a 全件 file does, and a medium, which stands alone."""
        return self.layout.file.format == "jps500" or bool(self.layout.stream and self.kubun in self.layout.stream.resets)

    @property
    def as_row(self) -> dict[str, Any]:
        found = self.arrival
        counter = {"stream": self.stream, "resets": self.resets}
        hashes = {"bytes": found.bytes, "sha256": found.sha256, "end_sha256": found.end_sha256}
        return {**super().as_row, **counter, **hashes, "data_count": found.count}


def by_name(layout: Arriving, path: Path) -> Candidate | None:
    """None if it is no name of the dataset."""
    told = parse_name(layout.file.name, path.name) or (parse_name(layout.file.form, path.name) if layout.file.form else None)
    return Candidate(layout, path, {layout.numbers.get(slot, slot): value for slot, value in told.items()}) if told else None
