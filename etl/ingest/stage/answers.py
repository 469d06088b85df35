"""回答 (所得照会): only what was asked and is still open is staged; everything else is counted and forgotten (評価書 Ⅲ-2 リスク1).

A row whose 4情報 do not agree with 宛名 is held back: it is quarantined, encrypted, and its question stays open until a second person confirms
that the answer belongs to the person asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from etl.core.codec.decode import Decoder, RowError, hash_total, row_errors
from etl.core.codec.shukutai import reduced
from etl.edge import db, inbox
from etl.edge.keys import Keys
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Horyuu, Staged, check_edges, check_read, check_total
from etl.site import Site

KEY = ("shoukai_no", "atena_no", "soutou_year")
COMPARED = ("name_kana", "birth_on", "sex_code", "address")
ADDRESS_CHARS = 40  # of the answer's field
OTHER = "shimei4"  # kind of a row whose 4情報 do not agree
Key = tuple[Any, ...]


def read(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """SourceError NP-1103, NP-2006, NP-2008, NP-2009 when the file disagrees with itself."""
    layout = inbound.layout
    waiting = {tuple(row[item] for item in KEY): row for row in session.rows("ingest/asked_shotoku", **inbound.numbers)}
    work = _Answers(inbound, Decoder(layout.data), waiting, site.keys)
    columns = [*(f.name for f in layout.columns), "line"]
    with inbox.open_fixed(inbound.path, layout) as opened, session.copy_in(f"staging.{layout.dataset}", columns) as copy:
        check_edges(inbound, opened)
        for first_line, block in opened.blocks():
            copy.write(db.csv_bytes(work.take(first_line, block).select(columns)))
        check_total(inbound, opened, work.total)
        check_read(inbound, opened)
    work.staged.out_of_scope = work.staged.refused.total()
    session.commit()
    return work.staged


@dataclass
class _Answers:
    """Turns blocks of answers into staged batches. ``waiting``: the questions that may be answered, with the 4情報 of their persons."""

    inbound: Inbound
    decoder: Decoder
    waiting: dict[Key, dict[str, Any]]
    keys: Keys
    staged: Staged = field(default_factory=Staged)
    total: int = 0

    def take(self, first_line: int, block: np.ndarray) -> pa.RecordBatch:
        """The answers of a block that are staged; the rest is counted or set aside."""
        self.staged.data += len(block)
        self.total = (self.total + hash_total(self.decoder.numbers(block, "atena_no"))) % 10**18
        keys = list(zip(*(self.decoder.column(block, item).to_pylist() for item in KEY), strict=True))
        asked = np.array([key in self.waiting for key in keys], bool)
        self.staged.refused.update(_number(keys[row][0]) for row in np.flatnonzero(~asked))
        wrong = self._set_aside(first_line, block, np.flatnonzero(asked), keys)
        good = np.setdiff1d(np.flatnonzero(asked), wrong)
        self.staged.staged += len(good)
        self.staged.count_gaiji(good + first_line, self.decoder.gaiji(block, good))
        return self.decoder.decode(block, good).append_column("line", pa.array((good + first_line).astype(np.int32)))

    def _set_aside(self, first_line: int, block: np.ndarray, rows: np.ndarray, keys: list[Key]) -> list[int]:
        """隔離: of the rows that were asked for those with errors, and those that seem to be of somebody else."""
        errors = row_errors(first_line, self.decoder.check(block, rows))
        bad = {e.line for e in errors}
        people = self.decoder.decode(block, rows).select(COMPARED).to_pylist()
        for row, said in zip(rows, people, strict=True):
            line = int(first_line + row)
            if line not in bad and (other := _differing(said, self.waiting[keys[row]])):
                errors.append(RowError(line, other, (OTHER,) * len(other)))
                self.staged.horyuu[line] = Horyuu(keys[row][0], self.keys.seal(block[row].tobytes()))
        cipher = self.keys.cipher("row")
        self.staged.ciphers |= {e.line: cipher.encrypt(block[e.line - first_line].tobytes()) for e in errors}
        self.staged.set_aside(self.inbound, sorted(errors))
        return [e.line - first_line for e in errors]


def _differing(said: dict[str, Any], known: dict[str, Any]) -> tuple[str, ...]:
    """Names of the given items that are not those of 宛名 (all that are given, when there is no 宛名); a birth date that is 不詳 there is not
    compared."""
    compared = (name for name in COMPARED if not (name == "birth_on" and known["birth_fusho_flag"]))
    return tuple(name for name in compared if said[name] is not None and _form(name, said[name]) != _form(name, known[name]))


def _form(name: str, value: Any) -> Any:
    """A value as it is compared: texts by their 縮退, an address by what the answer has room for."""
    text = reduced(value) if isinstance(value, str) else value
    return text[:ADDRESS_CHARS] if name == "address" and text else text


def _number(text: str | None) -> str:
    """A 照会番号 as we give them, else nothing that could be somebody's number."""
    return text if text and re.fullmatch(r"20\d{6}\d{7}", text) else "（照会番号の形でない）"
