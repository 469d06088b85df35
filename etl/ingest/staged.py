"""What became of the records of one file before the database decides about keys."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from etl.core.codec.csvtext import CsvRows
from etl.core.codec.decode import FixedFile, RowError
from etl.core.errors import SourceError
from etl.ingest.arrive import Inbound
from etl.site import city


@dataclass
class Staged:
    """``raw``: encrypted records of quarantined rows of persons held. ``refused``: 照会番号 of answers that nobody waited for;
    ``held``: line -> 照会番号 and seal of those that a person has to look at."""

    data: int = 0
    staged: int = 0
    unchanged: int = 0
    out_of_scope: int = 0
    gaiji_characters: int = 0
    gaiji_rows: int = 0
    errors: list[RowError] = field(default_factory=list)
    suspects: bool = True  # whether a key may be held already or stand twice: only then the verdict has to look
    raw: dict[int, bytes] = field(default_factory=dict)
    source: CsvRows | None = None
    refused: Counter[str] = field(default_factory=Counter)
    held: dict[int, tuple[str, str]] = field(default_factory=dict)


def check_count(inbound: Inbound, found: int) -> None:
    """SourceError NP-1103 unless the file has as many records as its ``.end`` says."""
    if inbound.arrival.count != found:
        raise SourceError("NP-1103", file=inbound.name, expected=inbound.arrival.count, found=found)


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
