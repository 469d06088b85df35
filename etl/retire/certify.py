"""消去証明書: what was carried out and verified is certified, on paper (PDF) with its list (xlsx). Nothing undone is certified; a request of which nothing
went has none."""

from __future__ import annotations

from datetime import date
from typing import Any

from etl.audit import record
from etl.core.mapping.city import ZONE
from etl.core.mapping.layout import layouts
from etl.core.paper import shoukyo as sheets
from etl.core.paper.shoukyo import Certificate, form
from etl.core.receipts.house import Destroyed
from etl.core.shoukyo import Kind, Thing
from etl.core.states import Decision, Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, failpoint, paper, pdf
from etl.retire.plan import backups_until
from etl.run import Run
from etl.site import Site

LEFT = ("held", "changed", "needed")


def certify(site: Site, run: Run, number: int) -> Destroyed:
    """The certificate of a request that was carried out, once; what became of it."""
    with site.session() as session:
        row = session.one("retire/requests", retirement_id=number, run_id=None) or {}
        session.commit()
        path = None
        if row["gone"] and not row["certified_at"]:
            path = _put(session, site, run, row)
        elif row["gone"]:
            path = str(_at(site, row, "pdf"))
    return Destroyed(
        row["class"], number, row["gone"], row["gone_bytes"], row["left_held"], row["left_changed"], row["left_needed"], path
    )


def _at(site: Site, row: dict[str, Any], suffix: str) -> Any:
    name = {"pdf": "消去証明書", "xlsx": "消去一覧"}[suffix]
    return papers.at(site, Shelf.SHOUKYO, row["period"], f"{name}_第{row['retirement_id']}号.{suffix}")


def _put(session: db.Session, site: Site, run: Run, row: dict[str, Any]) -> str:
    """Both papers and their record; the head of the chain that the certificate names is the one before its own event."""
    items = session.rows("retire/items", retirement_id=row["retirement_id"])
    with papers.recorded(session, site) as sheaf:
        head = session.one("ledger/audit_head") or {}
        about = _certificate(run, row, (head["event_id"], head["hash"]))
        lines = [_line(i) for i in items]
        notes = (f"消去証明書 第{about.number}号 の別紙。一覧のハッシュ（SHA-256） {about.list_hash}",)
        listed = sheaf.put(
            run, _at(site, row, "xlsx"), paper.meisai("消去一覧", sheets.DONE_HEADS, lines, notes, papers.heading(run, sheets.about(about)))
        )  # fmt: skip
        made = sheaf.put(run, _at(site, row, "pdf"), pdf.forms_pdf("消去証明書", [form(about)]))
        session.run("retire/certified", retirement_id=about.number)
        counts = {"gone": about.gone, "list_hash": about.list_hash, "sha256": [made.sha256, listed.sha256], **about.left}
        record(session, run, Operation.SHOUKYO_SHOUMEI, f"retirement/{about.number}", counts)
        failpoint.reached("certificate written")
    return str(made.path)


def _line(i: dict[str, Any]) -> tuple[Any, ...]:
    thing = Thing(Kind(i["kind"]), i["key"], i["sha256"], i["dataset"], i["bytes"], i["kept_from"], i["due_on"])
    return sheets.listed(i["item"], thing, layouts(), i["name"], sheets.LEFT[i["left_why"]] if i["left_why"] else "消去した")


def _certificate(run: Run, row: dict[str, Any], head: tuple[int, str]) -> Certificate:
    """``made_at``: when it was verified, so that the same request makes the same paper again."""
    days: list[date] = [row[k].astimezone(ZONE).date() for k in ("first_gone", "last_gone")]
    return Certificate(
        number=row["retirement_id"], name=row["class"], policy=row["policy"], as_of=row["as_of"], items=row["items"], gone=row["gone"],
        bytes=row["gone_bytes"], oldest=row["oldest"], newest=row["newest"], days=(days[0], days[1]), operator=run.user_name,
        maker=row["maker"], requested_at=row["requested_at"], checker=row["checker"], decided_at=row["decided_at"], approval=row["approval_id"],
        list_hash=row["list_hash"], checked=row["verified"], left={k: row[f"left_{k}"] for k in LEFT}, backups_until=backups_until(days[1]),
        head=head, unit=run.unit, made_at=row["done_at"].astimezone(ZONE),
    )  # fmt: skip


DECIDED = {Decision.REJECTED: Operation.HININ, Decision.WITHDRAWN: Operation.TORISAGE, Decision.SUPERSEDED: Operation.SHIKKOU}


def requests(site: Site) -> list[dict[str, Any]]:
    """Every request with its state, for people and machines."""
    with site.session() as session:
        rows = session.rows("retire/requests", retirement_id=None, run_id=None)
    return [{k: row[k] for k in SHOWN} | {"state": state(row)} for row in rows]


SHOWN = (
    "retirement_id", "class", "as_of", "items", "bytes", "gone", "left_held", "left_changed", "left_needed", "list_hash", "maker", "checker",
    "requested_at", "expires_at", "done_at", "certified_at",
)  # fmt: skip


def state(row: dict[str, Any]) -> str:
    """Where a request is on its way."""
    if row["certified_at"]:
        return "証明済み"
    if row["done_at"]:
        return "実行済み" if row["gone"] else "消去なし"
    if row["decision"] == Decision.APPROVED:
        return "実行中"
    return DECIDED.get(row["decision"], "承認待ち")
