"""再送: the same file once more, by its name, when two people say so; the next run of its job sends it. And what waits, for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from etl.audit import close, record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.layout import leaving
from etl.core.mapping.partners import partners
from etl.core.mapping.transfers import transfers
from etl.core.states import Decision, Operation
from etl.run import Run
from etl.site import Site

KIND = "saisou"  # of approval


@dataclass(frozen=True)
class Waits:
    """A file that is to be sent, or that was and is unconfirmed. ``state``: unsent, again, or a word of ``ledger.soushin_ima``."""

    dataset: str
    name: str
    partner: str
    state: str
    attempt: int
    due_on: date | None = None


def propose(site: Site, run: Run, name: str) -> int:
    """The approval that waits; what waited for this file before is overtaken. Refused NP-4124 (it was not sent), NP-4125 (agreed to already)."""
    with site.session() as session, session.transaction():
        about = session.one("soushin/saisou_about", name=name)
        if about is None or about["sent_at"] is None:
            raise Refused("NP-4124", item=name)
        if about["agreed"]:
            raise Refused("NP-4125", file=name)
        for waiting in about["waiting"]:
            close(session, run, waiting, Decision.SUPERSEDED, "後の起案による")
        title = partners()[about["partner"]].title
        subject = f"{leaving()[about['dataset']].title}　{name}　{title}へ{about['attempt'] + 1}回目"
        approval: int = session.value(
            "ledger/approval_put", kind=KIND, run_id=run.run_id, subject=subject, content_hash=about["sha256"], maker=run.user_name,
            days=registry.approvals()[KIND].term,
        )  # fmt: skip
        session.run("soushin/saisou_put", approval_id=approval, output_id=about["output_id"])
        record(session, run, Operation.SAISOU_KIAN, name, {"attempt": about["attempt"] + 1, "sha256": about["sha256"]})
    return approval


def waiting(site: Site) -> list[Waits]:
    """What the next runs would send, in their order; then what is unconfirmed."""
    to = {row.dataset: row.channel.to for row in transfers().values() if row.channel.to}
    with site.session() as session:
        unsent = session.rows("soushin/waiting", datasets=list(to))
        late = session.rows("soushin/mikakunin", datasets=None, today=site.today)
    states = {True: "again", False: "unsent"}
    found = [Waits(o["dataset"], o["name"], to[o["dataset"]] or "", states[bool(o["approval_id"])], o["attempt"]) for o in unsent]
    return found + [Waits(o["dataset"], o["name"], o["partner"], o["state"], o["attempt"], o["due_on"]) for o in late]
