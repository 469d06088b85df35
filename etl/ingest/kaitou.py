"""所得照会の回答: only what was asked and is still open is staged; everything else is counted and forgotten (評価書 Ⅲ-2 リスク1).

A row whose 4情報 do not agree with 宛名 is held: quarantined, encrypted, its question stays open until a second person says that it is of the
person asked for. What is refused is told to the sender by 照会番号 alone.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from etl.core.codec.decode import Decoder, RowError, hash_total, open_fixed, row_errors
from etl.core.mapping import registry
from etl.core.receipts import Loaded
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, paper
from etl.ingest.arrive import Inbound
from etl.ingest.staged import Staged, check_edges, check_total
from etl.run import Run, receipt, record
from etl.site import Site

KEY = ("shoukai_no", "atena_no", "soutou_year")
COMPARED = ("name_kana", "birth_on", "sex_code", "address")
ADDRESS_CHARS = 40  # of the answer's field
HELD = "shimei4"  # kind of a row whose 4情報 do not agree


def stage_answers(session: db.Session, site: Site, inbound: Inbound) -> Staged:
    """Fill ``staging.shotoku_kaitou``. SourceError NP-2006, NP-2008, NP-2009 when the trailer disagrees."""
    layout, staged = inbound.layout, Staged()
    decoder, cipher = Decoder(layout.data), site.keys.cipher("row")
    waiting = {(r["shoukai_no"], r["atena_no"], r["soutou_year"]): r for r in session.rows("ingest/asked_shotoku", **inbound.numbers)}
    columns = [*(f.name for f in layout.columns), "line"]
    with open_fixed(inbound.arrival.path, layout) as opened, session.copy_in(f"staging.{layout.dataset}", columns) as copy:
        check_edges(inbound, opened)
        total = 0
        for first_line, block in opened.blocks():
            staged.data += len(block)
            total = (total + hash_total(decoder.numbers(block, "atena_no"))) % 10**18
            keys = list(zip(*(decoder.column(block, name).to_pylist() for name in KEY), strict=True))
            asked = np.array([key in waiting for key in keys], bool)
            staged.refused.update(_number(keys[row][0]) for row in np.flatnonzero(~asked))
            errors = row_errors(first_line, decoder.check(block, np.flatnonzero(asked)))
            people = decoder.decode(block, np.flatnonzero(asked)).select(COMPARED).to_pylist()
            bad = {e.line for e in errors}
            for row, said in zip(np.flatnonzero(asked), people, strict=True):
                line = int(first_line + row)
                if line not in bad and (other := _differing(said, waiting[keys[row]])):
                    errors.append(RowError(line, other, (HELD,) * len(other)))
                    staged.held[line] = (keys[row][0], site.keys.seal(block[row].tobytes()))
            staged.raw |= {e.line: cipher.encrypt(block[e.line - first_line].tobytes()) for e in errors}
            staged.errors += sorted(errors)
            good = np.setdiff1d(np.flatnonzero(asked), [e.line - first_line for e in errors])
            staged.staged += len(good)
            batch = decoder.decode(block, good).append_column("line", pa.array((good + first_line).astype(np.int32)))
            copy.write(db.csv_bytes(batch.select(columns)))
        check_total(inbound, opened, total)
    staged.out_of_scope = staged.refused.total()
    session.commit()
    return staged


def _differing(said: dict[str, Any], known: dict[str, Any]) -> tuple[str, ...]:
    """Names of the given items that are not exactly those of 宛名 (all that are given, when there is no 宛名)."""
    known = {**known, "address": (known["address"] or "")[:ADDRESS_CHARS]}
    return tuple(name for name in COMPARED if said[name] is not None and said[name] != known[name])


def _number(text: str | None) -> str:
    """A 照会番号 as we give them, else nothing that could be somebody's number."""
    return text if text and re.fullmatch(r"20\d{6}\d{7}", text) else "（照会番号の形でない）"


def after_load(session: db.Session, run: Run, inbound: Inbound, file_id: int, staged: Staged) -> dict[str, int]:
    """The questions that the file answered are closed, and each held row waits for a second person. In the load's transaction."""
    session.run("ingest/answered_shotoku", file_id=file_id)
    labels = inbound.layout.labels
    days = registry.approvals()[inbound.layout.dataset].term
    for line, fields, _ in (e for e in staged.errors if e.line in staged.held):
        number, seal = staged.held[line]
        subject = f"照会番号 {number}　相違：{'・'.join(labels[f] for f in fields)}　{inbound.name} 行{line}"
        approval_id = session.value(
            "ledger/approval_put", kind=inbound.layout.dataset, run_id=run.run_id, subject=subject, content_hash=seal, maker=run.user_name, days=days
        )
        session.run("ingest/horyuu_put", approval_id=approval_id, file_id=file_id, line=line, shoukai_no=number)
    return {"made": len(staged.held), "withdrawn": session.run("ingest/horyuu_withdraw")}


def notify(site: Site, run: Run) -> dict[str, Any]:
    """A notice to the sender of each file with answers that nobody waited for: counts and 照会番号, nothing else. Files or not, held answers
    that nobody can take in any more are withdrawn."""
    with site.session() as session, session.transaction():
        session.run("ingest/horyuu_withdraw")
    made = []
    for file in (receipt(site, run.run_id, Loaded) or Loaded()).files:
        if not (refused := file.refused):
            continue
        counts, held = file.counts, file.counts.quarantined
        notes = (
            "次の照会番号の回答は、照会していないか、回答済みか、受付が終わっているため受け入れていません（内容は保存していません）。",
            f"データ件数 {counts.data:,} 件、受入 {counts.new + counts.updated:,} 件、保留 {held:,} 件。",
        )
        with site.session() as session, session.transaction():
            sheet = paper.meisai(f"所得照会回答 受入結果通知　{run.period}", ("照会番号", "件数"), list(refused.items()), notes)
            path = papers.put(site, Shelf.SHOTOKU_TSUCHI, run.period, f"{file.name}_受入結果通知.xlsx", sheet)
            record(session, run, "通知出力", path.name, {"refused": sum(refused.values()), "held": held})
        made.append({"path": str(path), "refused": sum(refused.values()), "held": held})
    return {"notices": made}
