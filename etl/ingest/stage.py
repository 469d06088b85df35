"""取込の前半: a file's records become staged rows. Out of scope is dropped, unchanged is counted, errors are set aside.

Nothing is kept of a person who is not held but the number of such rows. 個人番号 never reaches staging: it is turned into HMAC
and ciphertext on the way. Decoding and COPY overlap: one thread decodes the next block while another sends the last one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from etl.core.codec.csvtext import read_csv
from etl.core.codec.decode import Decoder, FixedFile, hash_total, open_fixed, row_errors
from etl.core.errors import SourceError
from etl.core.law import scope, shikaku
from etl.edge import db, failpoint
from etl.edge.form import open_medium
from etl.edge.keys import Cipher
from etl.ingest.arrive import Inbound
from etl.ingest.hide import Secret, hex_column, secret, without_kojin_no
from etl.ingest.kaitou import stage_answers
from etl.ingest.staged import Staged, check_count, check_edges, check_total
from etl.site import Site, city

SHOWN = 20  # row errors named when a file is refused for them
FEW = 50_000  # persons of a file up to which the database is asked about just these


@dataclass(frozen=True)
class Known:
    """What the database knows about the persons of a file, as sorted arrays of 宛名番号."""

    held: scope.HeldRows
    persons: np.ndarray
    in_scope: np.ndarray
    insured: np.ndarray


def stage(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Fill ``staging.<dataset>`` with the rows that may enter. SourceError when header, trailer, .end and records disagree."""
    session.run("ingest/clear", names={"dataset": inbound.layout.dataset})
    session.commit()
    failpoint.reached("staging emptied")
    reader = {"by_hash": _fixed, "medium": _medium, "csv": _csv, "asked": stage_answers}[inbound.layout.load.reader]
    staged = reader(session, site, inbound)
    if staged.suspects:  # else nothing but scans follows, and those need no statistics
        session.run("ingest/analyze", names={"table": f"staging.{inbound.layout.dataset}"})
    session.commit()
    failpoint.reached("staged")
    return staged


# ---- csv: 移行, 受付 -------------------------------------------------------------------------------------------------------


def _csv(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    read = read_csv(inbound.arrival.path, inbound.layout)
    check_count(inbound, read.count)
    staged = Staged(data=read.count, staged=read.table.num_rows, errors=list(read.errors))
    staged.source = read
    keep_raw(session, site, inbound, staged, [e.line for e in read.errors])
    table = without_kojin_no(read.table, secret(site))
    with session.copy_in(f"staging.{inbound.layout.dataset}", table.column_names) as copy:
        copy.write(db.csv_bytes(table))
    session.commit()
    return staged


# ---- media of 日本年金機構: 処理結果 -----------------------------------------------------------------------------------------


def _medium(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Every good record is staged: whom it is about is for the 突合 to say. Each is a row of its own, so nothing is suspect."""
    layout = inbound.layout
    opened, _ = open_medium(inbound.arrival.path, layout, city()["code"][:5])
    decoder, hidden = Decoder(layout.data), secret(site)
    staged = Staged(data=opened.count, suspects=False)
    columns = [*(f.name for f in layout.columns if f.name != "kojin_no"), "kojin_hmac", "kojin_cipher", "line"]
    with session.copy_in(f"staging.{layout.dataset}", columns) as copy:
        for lines, block in opened.blocks():
            found = decoder.check(block)
            good = np.setdiff1d(np.arange(len(block)), [row for row, _, _ in found])
            staged.errors += [e._replace(line=int(lines[e.line])) for e in row_errors(0, found)]
            staged.staged += len(good)
            batch = decoder.decode(block, good).append_column("line", pa.array(lines[good]))
            copy.write(db.csv_bytes(without_kojin_no(batch, hidden).select(columns)))
    session.commit()
    return staged


def keep_raw(session: db.Session, site: Site, inbound: Inbound, staged: Staged, lines: list[int]) -> None:
    """The records of these lines, encrypted, of persons held. A fixed file has them only of 矛盾, whose person is held for sure."""
    row = site.keys.cipher("row")
    if not lines:
        return
    if staged.source is None:
        width = inbound.layout.data.size + 2  # type: ignore[operator]
        with inbound.arrival.path.open("rb") as file:
            staged.raw |= {line: row.encrypt(os.pread(file.fileno(), width, (line - 1) * width)) for line in lines}
    elif any(f.name == "atena_no" for f in inbound.layout.columns):
        named = [staged.source.key_text(line, "atena_no") or "" for line in lines]
        numbers = np.array([int(n) if n.isascii() and n.isdigit() and len(n) <= 15 else -1 for n in named], np.int64)
        held = scope.is_member(numbers, np.unique(_held_rows(session, False, numbers).atena_no))
        staged.raw |= {line: row.encrypt(staged.source.raw(line)) for line, known in zip(lines, held, strict=True) if known}


def uncount_gaiji(inbound: Inbound, staged: Staged, lines: list[int]) -> None:
    """外字 are counted of stored rows: take these lines off, which were staged and did not enter."""
    width = inbound.layout.data.size + 2  # type: ignore[operator]
    with inbound.arrival.path.open("rb") as file:
        records = b"".join(os.pread(file.fileno(), width, (line - 1) * width) for line in lines)
    block = np.frombuffer(records, np.uint8).reshape(-1, width)
    characters, having = Decoder(inbound.layout.data).gaiji(block)
    staged.gaiji_characters -= characters
    staged.gaiji_rows -= having


# ---- fixed: 住基 -----------------------------------------------------------------------------------------------------------


def _fixed(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    layout = inbound.layout
    decoder = Decoder(layout.data, city=city()["code"])
    with open_fixed(inbound.arrival.path, layout) as opened:
        check_edges(inbound, opened)
        known = _known(session, site, inbound, opened, decoder)
        work = _Blocks(inbound, decoder, known, secret(site), site.keys.cipher("row"))
        columns = work.columns
        with session.copy_in(f"staging.{layout.dataset}", columns) as copy, ThreadPoolExecutor(1) as sender:
            _feed(work, opened, copy, sender)
            failpoint.reached("rows sent")
        session.commit()
        check_total(inbound, opened, work.total)
    keys = np.concatenate([np.empty(0, np.uint64), *work.keys])
    work.staged.suspects = len(np.unique(keys)) < len(keys) or bool(scope.is_member(keys, known.held.key).any())
    return work.staged


def _feed(work: _Blocks, opened: FixedFile, copy: db.Copy, sender: ThreadPoolExecutor) -> None:
    """Decode here, encrypt and send there; one block waits at most."""
    sent: Future[None] | None = None
    for first_line, block in opened.blocks():
        batch = work.take(first_line, block)
        if sent:
            sent.result()
        sent = sender.submit(work.send, copy, batch) if batch else None
    if sent:
        sent.result()


def _asked_by_number(session: db.Session, site: Site, inbound: Inbound, opened: FixedFile, decoder: Decoder) -> np.ndarray:
    """宛名番号 of rows whose 個人番号 was asked for: their persons had none when the question was put."""
    asked = {bytes(row["hmac"]) for row in session.rows("ingest/asked_kojin", business_on=inbound.business_on, seq=inbound.seq)}
    found: list[int] = []
    matcher = site.keys.matcher()
    for _, block in opened.blocks() if asked else ():
        people = decoder.numbers(block, "atena_no").tolist()
        numbers = decoder.column(block, "kojin_no").to_pylist()
        found += [p for p, n in zip(people, numbers, strict=True) if n and matcher.digest(n.encode()) in asked]
    return np.array(found, np.int64)


def _known(session: db.Session, site: Site, inbound: Inbound, opened: FixedFile, decoder: Decoder) -> Known:
    """Ask about the persons of the file when they are few, about everybody when it is the whole register."""
    everyone = opened.count > FEW
    numbers = np.empty(0, np.int64)
    if not everyone:
        numbers = np.unique(np.concatenate([np.empty(0, np.int64), *(decoder.numbers(b, "atena_no") for _, b in opened.blocks())]))
    ask: Callable[..., np.ndarray] = lambda name, **more: _numbers(session, name, everyone, numbers, **more)  # noqa: E731
    held = _held_rows(session, everyone, numbers)
    if inbound.kubun == "3":
        in_scope = ask("ingest/asked", business_on=inbound.business_on, seq=inbound.seq)
        in_scope = np.union1d(in_scope, _asked_by_number(session, site, inbound, opened, decoder))
    else:
        in_scope = ask("ingest/scope", business_on=inbound.business_on)
    insured = ask("ingest/open_shikaku") if inbound.kubun == "2" else np.empty(0, np.int64)
    return Known(held, np.unique(held.atena_no), in_scope, insured)


def over_limit(inbound: Inbound, staged: Staged, contradictions: int) -> SourceError:
    """NP-2012 with the first places, never a value."""
    limit = inbound.layout.quarantine_limit
    places = [f"行{e.line} {'・'.join(e.fields)} {'・'.join(e.kinds)}" for e in staged.errors[:SHOWN]]
    return SourceError(
        "NP-2012", file=inbound.name, data=inbound.arrival.count, quarantined=len(staged.errors) + contradictions,
        limit=max(limit.rows, int(inbound.arrival.count * limit.share)), places=places,
    )  # fmt: skip


def _texts(numbers: np.ndarray) -> list[str]:
    return [f"{n:015}" for n in numbers if n >= 0]


def _numbers(session: db.Session, name: str, everyone: bool, numbers: np.ndarray, **params: Any) -> np.ndarray:
    """A set of 宛名番号, sorted (one may stand twice in it)."""
    raw = session.packed(name, everyone=everyone, numbers=_texts(numbers), **params)
    return np.sort(np.frombuffer(raw, ">i8").astype(np.int64))


def _held_rows(session: db.Session, everyone: bool, numbers: np.ndarray) -> scope.HeldRows:
    raw = session.packed("ingest/held_rows", everyone=everyone, numbers=_texts(numbers))
    rows = np.frombuffer(raw, np.dtype([("atena_no", ">i8"), ("rireki_no", ">i4"), ("row_hash", "u1", (scope.HASH_BYTES,))]))
    return scope.HeldRows.of(rows["atena_no"].astype(np.int64), rows["rireki_no"].astype(np.int64), rows["row_hash"])


@dataclass
class _Blocks:
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
                same[rows] = self.known.held.same(atena_no[rows], rireki_no, hashes[rows]) & flags
        return hashes, same

    def _set_aside(self, first_line: int, block: np.ndarray, atena_no: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """隔離: rows with errors, whoever they are about; the record itself, encrypted, only of persons held."""
        found = row_errors(first_line, self.decoder.check(block, np.flatnonzero(rows)))
        wrong = np.zeros(len(block), bool)
        for error in found:
            at = error.line - first_line
            wrong[at] = True
            if scope.is_member(atena_no[at : at + 1], self.known.persons)[0]:
                self.staged.raw[error.line] = self.row_cipher.encrypt(block[at].tobytes())
        self.staged.errors += found
        self._refuse_garbage()
        return wrong

    def _refuse_garbage(self) -> None:
        """Stop reading a file that is over the limit whatever comes (naming what is wrong with every cell would take long)."""
        limit, most = self.inbound.layout.quarantine_limit, self.inbound.arrival.count
        if len(self.staged.errors) > max(limit.rows, most * limit.share):
            raise over_limit(self.inbound, self.staged, 0)

    def _kouho(self, block: np.ndarray, atena_no: np.ndarray, good: np.ndarray) -> np.ndarray:
        """Rows of an 異動 file that may start an obligation of a person without open 資格 (spec §1)."""
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

    def _batch(self, first_line: int, block: np.ndarray, rows: np.ndarray, hashes: np.ndarray, kouho: np.ndarray) -> pa.RecordBatch:
        characters, having = self.decoder.gaiji(block, rows)
        self.staged.gaiji_characters += characters
        self.staged.gaiji_rows += having
        batch = self.decoder.decode(block, rows)
        batch = batch.append_column("line", pa.array((rows + first_line).astype(np.int32)))
        batch = batch.append_column("row_hash", hex_column(hashes[rows].tobytes(), len(rows)))
        return batch.append_column("kouho", pa.array(["t" if k else None for k in kouho[rows]], pa.string()))

    def send(self, copy: db.Copy, batch: pa.RecordBatch) -> None:
        """Runs in the sending thread: 個人番号 to HMAC and ciphertext, Arrow to CSV, CSV to COPY."""
        copy.write(db.csv_bytes(without_kojin_no(batch, self.secret).select(self.columns)))
