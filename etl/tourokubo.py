"""登録簿: what may leave, as two people agreed to it. What is written in ``mappings/transfers.yaml`` and is not what they agreed to lets nothing of
its row leave (``door.permit``); a change is put before a second person and is in force from the business day after (P79–P81)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.audit import acting, close, record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.transfers import transfers, unagreed
from etl.core.paper import tourokubo as sheets
from etl.core.paper.tourokubo import Said
from etl.core.states import Decision, Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import paper, pdf
from etl.run import Run
from etl.site import Site

APPROVAL = "tourokubo"
EVER = date(9999, 12, 31)


@dataclass(frozen=True)
class Row:
    """A row of the registry as people see it: ``state`` in words, since when it is in force (None: from the beginning) and by whom."""

    id: str
    recipient: str
    state: str
    from_on: date | None
    maker: str | None
    checker: str | None


@dataclass(frozen=True)
class Entry:
    """A change that was put before a second person, and what became of it."""

    approval: int
    row_id: str
    removed: bool
    maker: str
    made_at: datetime
    decision: str | None
    checker: str | None
    decided_at: datetime | None
    from_on: date | None


def page() -> dict[str, Said]:
    """The registry as it is written now."""
    return {row.id: sheets.read(row.text) for row in transfers().values()}


def agreed(site: Site, day: date) -> dict[str, Said]:
    """The registry as it is in force on a day; of ``EVER``: as it will be when all that was agreed to is."""
    return {row["row_id"]: sheets.read(row["content"]) for row in _agreed(site, day)}


def _agreed(site: Site, day: date) -> list[dict[str, Any]]:
    with site.session() as session:
        return session.rows("tourokubo/on", day=day)


def shown(site: Site) -> list[Row]:
    """Every row, of the page or in force."""
    in_force, later = ({r["row_id"]: r for r in _agreed(site, day)} for day in (site.today, EVER))
    written = page()
    return [_row(name, in_force.get(name), later.get(name), written.get(name)) for name in sorted({*in_force, *later, *written})]


def _row(name: str, now: dict[str, Any] | None, later: dict[str, Any] | None, written: Said | None) -> Row:
    texts = [row and sheets.read(row["content"]) for row in (now, later)]
    known = now or later or {}
    said = written or texts[0] or texts[1] or {}
    return Row(
        name,
        said["recipient"],
        _state(texts[0], texts[1], written, later),
        *(known.get(k) for k in ("from_on", "maker", "checker")),
    )


def _state(now: Said | None, later: Said | None, written: Said | None, entry: dict[str, Any] | None) -> str:
    if written == now == later:
        return "有効"
    if written == later:
        return f"承認済み（{entry['from_on']:%Y-%m-%d} から有効）" if entry and entry["from_on"] else "承認済み（まだ有効でない）"
    return "新規（承認がない）" if later is None else "削除（承認がない）" if written is None else "変更（承認がない）"


def pending(site: Site) -> int:
    """How many rows are written otherwise than was agreed to."""
    return len(unagreed({row["row_id"]: row["content"] for row in _agreed(site, EVER)}))


def changes(site: Site, why: str) -> list[tuple[str, ...]]:
    """What is written against what is in force today, as lines of 別添3."""
    return sheets.changes(agreed(site, site.today), page(), sheets.ON_APPROVAL, why)


def propose(site: Site, run: Run) -> int:
    """All that is written otherwise than was agreed to, for a second person: the approval. What waited before is overtaken. Refused NP-4181."""
    known, texts = (
        {row["row_id"]: row["content"] for row in _agreed(site, EVER)},
        {row.id: row.text for row in transfers().values()},
    )
    if not (differ := unagreed(known)):
        raise Refused("NP-4181")
    before, after = ({name: sheets.read(text) for name, text in rows.items()} for rows in (known, texts))
    told = json.dumps([{"row_id": name, "content": texts.get(name)} for name in differ], ensure_ascii=False)
    with site.session() as session, session.transaction():
        for waiting in session.rows("tourokubo/waiting"):
            close(session, run, waiting["approval_id"], Decision.SUPERSEDED, "後の起案による")
        approval: int = session.value(
            "tourokubo/put", entries=told, subject=f"登録簿の変更 {len(differ)} 行（{sheets.in_short(before, after)}）", reason=run.reason,
            days=registry.approvals()[APPROVAL].term, **acting(run),
        )  # fmt: skip
    return approval


def entries(site: Site) -> list[Entry]:
    """Every change that was ever put before a second person, the last ones first."""
    with site.session() as session:
        return [Entry(**row) for row in session.rows("tourokubo/entries")]


def put_changes(site: Site, run: Run) -> list[Path]:
    """変更箇所 as xlsx and PDF."""
    lines, head = changes(site, run.reason), papers.heading(run, "移転等の登録簿")
    made = (
        form(sheets.CHANGES, sheets.CHANGE_HEADS, lines, sheets.CHANGE_NOTES, head) for form in (paper.meisai, pdf.meisai_pdf)
    )
    return _put(site, run, "変更箇所", *made)


def put_manual(site: Site, run: Run) -> list[Path]:
    """取扱マニュアル as xlsx and PDF, of what is in force today."""
    in_force = agreed(site, site.today)
    with site.session() as session:
        sha256 = session.value("tourokubo/hash", day=site.today)
    head = papers.heading(run, f"有効な登録簿（ハッシュ {sha256[:16]}）")
    xlsx = paper.meisai(sheets.MANUAL, sheets.LIST_HEADS, sheets.listed(in_force), sheets.RULES, head)
    return _put(
        site, run, "取扱マニュアル", xlsx, pdf.forms_pdf(sheets.MANUAL, sheets.manual(in_force, run.unit, site.today, sha256))
    )


def _put(site: Site, run: Run, name: str, xlsx: bytes, twin: bytes) -> list[Path]:
    """Both on their shelf, by day, recorded."""
    at = papers.at(site, Shelf.TOUROKUBO, run.period, f"{name}.xlsx")
    with site.session() as session, papers.recorded(session, site) as sheaf:
        made = [sheaf.put(run, at, xlsx), sheaf.put(run, at.with_suffix(".pdf"), twin)]
        record(session, run, Operation.ICHIRAN, f"{run.period}/{name}", {"sha256": [one.sha256 for one in made]})
    return [one.path for one in made]
