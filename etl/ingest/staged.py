"""The records of one file, sorted before the database decides about keys, and checked against the totals that the file itself gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from etl.core.codec.csvtext import CsvFile
from etl.core.codec.decode import FixedFile, RowError
from etl.core.errors import SourceError
from etl.core.mapping.city import city
from etl.edge.inbox import Arrival
from etl.ingest.inbound import Inbound

LISTED = 1_000  # bad rows of a refused file that are kept to be listed; one with more is read no further


class TooMuchWrong(SourceError):
    """NP-2012: more is wrong than the mapping allows. ``rows``: the first bad rows, by line, items and kinds."""

    def __init__(self, rows: Sequence[RowError], **facts: Any):
        super().__init__("NP-2012", **facts)
        self.rows = rows[:LISTED]


@dataclass(frozen=True)
class Horyuu:
    """保留: an answer that a person has to look at, by its 照会番号; ``seal``: the hash of exactly what that person is shown."""

    shoukai_no: str
    seal: str


@dataclass(frozen=True)
class Followed:
    """Proposals that followed from the rows of a file: made, and withdrawn because of them."""

    made: int = 0
    withdrawn: int = 0


@dataclass
class Staged:
    """Filled record by record. ``ciphers``: quarantined records of persons held, encrypted, by line; ``gaiji``:
    (line, 外字) of staged rows; ``refused``: answers that nobody waited for, by 照会番号; ``horyuu``: by line."""

    data: int = 0
    staged: int = 0
    unchanged: int = 0
    out_of_scope: int = 0
    errors: list[RowError] = field(default_factory=list)
    suspects: bool = True  # whether a key may be held already or stand twice: only then the verdict has to look
    ciphers: dict[int, bytes] = field(default_factory=dict)
    gaiji: list[np.ndarray] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    horyuu: dict[int, Horyuu] = field(default_factory=dict)

    def set_aside(self, inbound: Inbound, found: Sequence[RowError]) -> None:
        """隔離. A file that is over the limit whatever comes is read no further once there is enough to list. TooMuchWrong."""
        self.errors += found
        if len(self.errors) > LISTED:
            check_limit(inbound, self.errors)

    def count_gaiji(self, lines: np.ndarray, found: np.ndarray) -> None:
        """``found``: 外字 in the row of each line."""
        self.gaiji.append(np.column_stack([lines, found])[found > 0])


def check_count(inbound: Inbound, found: int) -> None:
    """SourceError NP-1103 unless the file has as many records as its ``.end`` says."""
    if inbound.arrival.count != found:
        raise SourceError("NP-1103", file=inbound.name, expected=inbound.arrival.count, found=found)


def check_read(inbound: Inbound, opened: FixedFile | CsvFile | Arrival) -> None:
    """SourceError NP-2002 unless the bytes that were read are those that were hashed, approved and looked up as a duplicate."""
    if opened.sha256 != inbound.arrival.sha256:
        raise SourceError("NP-2002", file=inbound.name, expected=inbound.arrival.sha256[:12], found=opened.sha256[:12])


def check_edges(inbound: Inbound, opened: FixedFile) -> None:
    """The same, and the trailer's city and count. SourceError NP-2006, NP-2008."""
    check_count(inbound, opened.count)
    if opened.trailer["shichoson_code"] != city()["code"]:
        raise SourceError("NP-2006", file=inbound.name, expected=city()["code"], found=opened.trailer["shichoson_code"])
    if opened.trailer["count"] != opened.count:
        raise SourceError("NP-2008", file=inbound.name, expected=opened.trailer["count"], found=opened.count)


def check_total(inbound: Inbound, opened: FixedFile, found: int) -> None:
    """SourceError NP-2009 unless the 宛名番号 of the records add up to what the trailer says."""
    if found != opened.trailer["hash_total"]:
        raise SourceError("NP-2009", file=inbound.name, expected=opened.trailer["hash_total"], found=found)


def check_limit(inbound: Inbound, wrong: Sequence[RowError]) -> None:
    """TooMuchWrong (NP-2012) when more is wrong than the mapping allows."""
    limit, data = inbound.layout.quarantine_limit, inbound.arrival.count
    if len(wrong) > max(limit.rows, data * limit.share):
        most = max(limit.rows, int(data * limit.share))
        raise TooMuchWrong(wrong, file=inbound.name, data=data, quarantined=len(wrong), limit=most)
