"""住基: a register is compared by hash with what is held, masked by scope, and only what is left is checked, decoded and sent.

Decoding and COPY overlap: one thread decodes the next block while another sends the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from etl.core.codec.decode import Decoder, FixedFile, hash_total, row_errors
from etl.core.law import scope, shikaku
from etl.core.mapping.city import city
from etl.edge import db, failpoint, inbox
from etl.edge.keys import Cipher
from etl.ingest.held import Known, known
from etl.ingest.hide import Secret, hex_column, secret, without_kojin_no
from etl.ingest.inbound import Inbound
from etl.ingest.staged import Staged, check_edges, check_limit, check_read, check_total
from etl.site import Site


def read(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """SourceError NP-1103, NP-2006, NP-2008, NP-2009 when the file disagrees with itself, NP-2012 when too much of it is wrong."""
    layout = inbound.layout
    decoder = Decoder(layout.data, city=city()["code"])
    with inbox.open_fixed(inbound.path, layout) as opened:
        check_edges(inbound, opened)
        work = _Register(inbound, decoder, known(session, site, inbound, opened, decoder), secret(site), site.keys.cipher("row"))
        with session.copy_in(f"staging.{layout.dataset}", work.columns) as copy, ThreadPoolExecutor(1) as sender:
            _feed(work, opened, copy, sender)
            failpoint.reached("rows sent")
        session.commit()
        check_limit(inbound, work.staged.errors)
        check_total(inbound, opened, work.total)
        check_read(inbound, opened)
    work.staged.suspects = work.suspects
    return work.staged


def _feed(work: _Register, opened: FixedFile, copy: db.Copy, sender: ThreadPoolExecutor) -> None:
    """Decode here, encrypt and send there; one block waits at most."""
    sent: Future[None] | None = None
    for first_line, block in opened.blocks():
        batch = work.take(first_line, block)
        if sent:
            sent.result()
        sent = sender.submit(work.send, copy, batch) if batch else None
    if sent:
        sent.result()


@dataclass
class _Register:
    """Turns blocks of 住基 records into staged batches, in file order."""

    inbound: Inbound
    decoder: Decoder
    known: Known
    secret: Secret
    row_cipher: Cipher
    staged: Staged = field(default_factory=Staged)
    total: int = 0
    keys: list[np.ndarray] = field(default_factory=list)  # of the rows that enter, to see whether one stands twice
    brought: set[int] = field(default_factory=set)  # persons whom a kouho row of this file brought in, in earlier blocks

    @property
    def columns(self) -> list[str]:
        stored = [f.name for f in self.inbound.layout.columns if f.name != "kojin_no"]
        return [*stored, "kojin_hmac", "kojin_cipher", "line", "row_hash", "kouho"]

    @property
    def suspects(self) -> bool:
        """Whether the key of a row that enters is held already or stands twice."""
        keys = np.concatenate([np.empty(0, np.uint64), *self.keys])
        return len(np.unique(keys)) < len(keys) or bool(scope.is_member(keys, self.known.rows.key).any())

    def take(self, first_line: int, block: np.ndarray) -> pa.RecordBatch | None:
        """The rows of a block that may enter, decoded; the rest is counted."""
        self.staged.data += len(block)
        atena_no = self.decoder.numbers(block, "atena_no")
        self.total = (self.total + hash_total(atena_no)) % 10**18
        scoped = scope.is_member(atena_no, self.known.in_scope)
        hashes, same = self._compare(block, atena_no, scoped)
        wrong = self._set_aside(first_line, block, atena_no, ~same)
        kouho = self._kouho(block, atena_no, ~(same | wrong))
        scoped |= scope.from_first(atena_no, kouho) | np.isin(atena_no, list(self.brought))
        self.brought.update(atena_no[kouho].tolist())
        enter = np.flatnonzero(scoped & ~same & ~wrong)
        self.staged.unchanged += int(same.sum())
        self.staged.out_of_scope += int((~scoped & ~wrong).sum())
        self.staged.staged += len(enter)
        self.keys.append(scope.HeldRows.mix(atena_no[enter], self.decoder.numbers(block, "rireki_no")[enter]))
        return self._batch(first_line, block, enter, hashes, kouho) if len(enter) else None

    def _compare(self, block: np.ndarray, atena_no: np.ndarray, scoped: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hashes of the rows in scope, and which of them are held just so. 最新フラグ is no content but must still be a flag.

        訂正 and answers are staged whole: there the order within the file, and who was answered, counts.
        """
        hashes = np.zeros((len(block), scope.HASH_BYTES), np.uint8)
        same = np.zeros(len(block), bool)
        rows = np.flatnonzero(scoped)
        if len(rows):
            layout = self.inbound.layout
            ignored = tuple(layout.data.field(n).slice for n in layout.not_content)
            hashes[rows] = scope.row_hashes(block, rows, ignored, self.secret.row_hash)
            rireki_no = self.decoder.numbers(block, "rireki_no")[rows]
            flags = np.isin(np.concatenate([block[rows, s] for s in ignored], axis=1), (48, 49)).all(axis=1)
            if self.inbound.version == 1 and self.inbound.kubun != "3":
                same[rows] = self.known.rows.same(atena_no[rows], rireki_no, hashes[rows]) & flags
        return hashes, same

    def _set_aside(self, first_line: int, block: np.ndarray, atena_no: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """隔離: rows with errors, whoever they are about; the record itself, encrypted, only of persons held. TooMuchWrong."""
        found = row_errors(first_line, self.decoder.check(block, np.flatnonzero(rows)))
        wrong = np.zeros(len(block), bool)
        for error in found:
            at = error.line - first_line
            wrong[at] = True
            if scope.is_member(atena_no[at : at + 1], self.known.persons)[0]:
                self.staged.ciphers[error.line] = self.row_cipher.encrypt(block[at].tobytes())
        self.staged.set_aside(self.inbound, found)
        return wrong

    def _kouho(self, block: np.ndarray, atena_no: np.ndarray, good: np.ndarray) -> np.ndarray:
        """Rows of an 異動 file that may start an obligation of a person without open 資格 (spec 1)."""
        mask = np.zeros(len(block), bool)
        if self.inbound.kubun != "2":
            return mask
        rows = np.flatnonzero(good & ~scope.is_member(atena_no, self.known.insured))
        column: Callable[[str], np.ndarray] = lambda n: self.decoder.column(block, n, rows).to_numpy(zero_copy_only=False)  # noqa: E731
        birth_on = column("birth_on").astype("datetime64[D]")
        known = ~np.isnat(birth_on) & ~column("birth_fusho_flag").astype(bool)
        mask[rows] = shikaku.may_start_obligation(
            column("idou_jiyu_code"), column("jumin_jotai_code"), column("idou_on").astype("datetime64[D]"),
            birth_on, known, column("sakujo_flag").astype(bool),
        )  # fmt: skip
        return mask

    def _batch(
        self, first_line: int, block: np.ndarray, rows: np.ndarray, hashes: np.ndarray, kouho: np.ndarray
    ) -> pa.RecordBatch:
        lines = (rows + first_line).astype(np.int32)
        self.staged.count_gaiji(lines, self.decoder.gaiji(block, rows))
        batch = self.decoder.decode(block, rows)
        batch = batch.append_column("line", pa.array(lines))
        batch = batch.append_column("row_hash", hex_column(hashes[rows].tobytes(), len(rows)))
        return batch.append_column("kouho", pa.array(["t" if k else None for k in kouho[rows]], pa.string()))

    def send(self, copy: db.Copy, batch: pa.RecordBatch) -> None:
        """Runs in the sending thread: 個人番号 to HMAC and ciphertext, Arrow to CSV, CSV to COPY."""
        copy.write(db.csv_bytes(without_kojin_no(batch, self.secret).select(self.columns)))
