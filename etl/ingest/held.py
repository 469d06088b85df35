"""保有: the persons of a file as the database knows them, in sorted arrays of 宛名番号, so that a whole register is compared at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from etl.core.codec.decode import Decoder, FixedFile
from etl.core.law import scope
from etl.edge.db import Session
from etl.ingest.inbound import Inbound
from etl.site import Site

FEW = 50_000  # persons of a file up to which the database is asked about just these
ROW = np.dtype([("atena_no", ">i8"), ("rireki_no", ">i4"), ("row_hash", "u1", (scope.HASH_BYTES,))])
NOBODY = np.empty(0, np.int64)


@dataclass(frozen=True)
class Known:
    """``rows``: 宛名 rows in force, ``persons``: their persons; ``in_scope``: persons whose rows may enter; ``insured``: those with an open 資格."""

    rows: scope.HeldRows
    persons: np.ndarray
    in_scope: np.ndarray
    insured: np.ndarray


@dataclass(frozen=True)
class _About:
    """The persons asked about: these, or everybody (None)."""

    session: Session
    numbers: np.ndarray | None

    def packed(self, name: str, **params: Any) -> bytes:
        texts = [f"{n:015}" for n in (NOBODY if self.numbers is None else self.numbers) if n >= 0]
        return self.session.packed(name, everyone=self.numbers is None, numbers=texts, **params)

    def persons(self, name: str, **params: Any) -> np.ndarray:
        """A set of 宛名番号, sorted (one may stand twice in it)."""
        return np.sort(np.frombuffer(self.packed(name, **params), ">i8").astype(np.int64))

    def rows(self) -> scope.HeldRows:
        rows = np.frombuffer(self.packed("ingest/held_rows"), ROW)
        return scope.HeldRows.of(rows["atena_no"].astype(np.int64), rows["rireki_no"].astype(np.int64), rows["row_hash"])


def persons(session: Session, numbers: np.ndarray) -> np.ndarray:
    """Those of the numbers whose 宛名 is held, sorted."""
    return np.unique(_About(session, numbers).rows().atena_no)


def known(session: Session, site: Site, inbound: Inbound, opened: FixedFile, decoder: Decoder) -> Known:
    """Asked about the persons of the file when they are few, about everybody when it is the whole register."""
    numbers = None
    if opened.count <= FEW:
        numbers = np.unique(np.concatenate([NOBODY, *(decoder.numbers(block, "atena_no") for _, block in opened.blocks())]))
    about = _About(session, numbers)
    rows = about.rows()
    if inbound.kubun == "3":
        asked = about.persons("ingest/asked", business_on=inbound.business_on, seq=inbound.seq)
        in_scope = np.union1d(asked, _asked_by_number(session, site, inbound, opened, decoder))
    else:
        in_scope = about.persons("ingest/scope", business_on=inbound.business_on)
    insured = about.persons("ingest/open_shikaku") if inbound.kubun == "2" else NOBODY
    return Known(rows, np.unique(rows.atena_no), in_scope, insured)


def _asked_by_number(session: Session, site: Site, inbound: Inbound, opened: FixedFile, decoder: Decoder) -> np.ndarray:
    """宛名番号 of rows whose 個人番号 was asked for: their persons had none when the question was put."""
    asked = {bytes(row["hmac"]) for row in session.rows("ingest/asked_kojin", business_on=inbound.business_on, seq=inbound.seq)}
    found: list[int] = []
    matcher = site.keys.matcher()
    for _, block in opened.blocks() if asked else ():
        people = decoder.numbers(block, "atena_no").tolist()
        numbers = decoder.column(block, "kojin_no").to_pylist()
        found += [p for p, n in zip(people, numbers, strict=True) if n and matcher.digest(n.encode()) in asked]
    return np.array(found, np.int64)
