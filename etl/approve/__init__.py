"""承認: a second person's decision, recorded in our own table and applied with it (P53: maker ≠ checker).

Nothing else lets anything through: a decision is one row, made before the term ends by someone other than the maker, on content whose hash
is checked again. The handler of a kind knows what its approval changes; a kind without a handler changes nothing about a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from etl import rights
from etl import run as runs
from etl.approve import hozen, idou, kaitou, kekka, shintatsu, shoukyo, tourokubo
from etl.approve.handler import Decided, Handler, Item, Subject, Waiting
from etl.audit import Event, record_all, shimei4
from etl.core.codec import users
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.mapping.transfers import transfers
from etl.core.paper.cells import Heading
from etl.core.paper.pages import NONE, wareki_period
from etl.core.paper.totsugo import subject_in_words
from etl.core.states import Decision, Operation
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, failpoint, paper
from etl.run import Run
from etl.site import Site

HANDLERS: dict[str, Handler] = {
    "idou": idou.HANDLER, "kikou_kekka": kekka.HANDLER, "shotoku_kaitou": kaitou.HANDLER, "shoukyo": shoukyo.HANDLER, "hozen": hozen.HANDLER,
    "tourokubo": tourokubo.HANDLER, "shintatsu": shintatsu.HANDLER,
}  # fmt: skip
OVERTAKEN = "承認番号 {} が先に承認されたため"
AFFECTED = "承認した内容により、次の移転済みファイルの内容が変わります。{} をその月で再実行すると、訂正版が起案されます。"


def pending(site: Site, kind: str, run_id: str | None = None) -> list[Item]:
    """Approvals that wait for a decision."""
    with site.session() as session:
        return _pending(session, kind, run_id)


def unreleased(site: Site, kind: str) -> list[str]:
    """The runs whose approved versions were not sent, because the work stopped between decision and release."""
    with site.session() as session:
        return list(dict.fromkeys(row["run_id"] for row in session.rows("ledger/unreleased", kind=kind)))


def _pending(session: db.Session, kind: str, run_id: str | None) -> list[Item]:
    rows = session.rows("approve/pending", kind=kind, run_id=run_id)
    return [Item(**{**row, "subject": subject_in_words(row["subject"])}) for row in rows]


def decide(
    site: Site, kind: str, ids: Collection[int] | None, user: str, decision: str = Decision.APPROVED, reason: str | None = None,
    run_id: str | None = None, *, leave_decided: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Decide these (or all pending ones of ``kind``, or of a run) in one transaction. Returns how many of each outcome.

    Refused NP-2030 when the checker made any of them or started the run that did, NP-2031 when one has expired, NP-2032 when content
    changed, NP-2034 when an id is not pending (``leave_decided``: that one stays as it was decided elsewhere meanwhile); NP-1002, NP-1015
    and NP-1016 for what was typed.
    """
    runs.check_reason(reason)
    user = runs.check_user(user)
    about, wanted = registry.approvals()[kind], Decision(decision)
    with site.session() as session:
        rights.check(session, user, "approve", runs.here(), about=kind)
    papers.tidy(site)
    with (
        site.session("decide") as session, db.locked(session, "pension:shared", "approve", *about.locks),
        papers.recorded(session, site) as sheaf,
    ):  # fmt: skip
        if about.person:  # the 4情報 of the record are encrypted
            runs.check_keys(session, site)
        waiting = _pending(session, kind, run_id)
        chosen = [w for w in waiting if ids is None or w.id in ids]
        if ids is not None and len(chosen) != len(set(ids)) and not leave_decided:
            raise Refused("NP-2034")
        _check(chosen, user, wanted)
        if wanted is Decision.REJECTED and chosen and not (reason or "").strip():
            raise Refused("NP-2035")
        outcome: dict[str, Any] = {
            Decision.APPROVED: 0,
            Decision.REJECTED: 0,
            Decision.SUPERSEDED: 0,
            "runs": sorted({w.run_id for w in chosen}),
        }
        for result in _write(session, site, kind, chosen, wanted, user, reason):
            outcome[result] += 1
        if about.person:
            session.run("approve/kouho_insured")
            outcome["affected"] = _affected(sheaf, chosen, user, reason)
        failpoint.reached("approvals written")
    return outcome


def _check(chosen: list[Item], user: str, decision: Decision) -> None:
    if any(users.same(user, maker) for item in chosen for maker in (item.maker, item.started_by)):
        raise Refused("NP-2030")
    if decision is Decision.APPROVED and any(item.expired for item in chosen):
        raise Refused("NP-2031")


def _write(
    session: db.Session, site: Site, kind: str, chosen: list[Item], decision: Decision, user: str, reason: str | None
) -> list[Decision]:
    """Each decision with its record (maker, checker, content hash), what it changes and what it supersedes, one after another (spec 10)."""
    handler = HANDLERS.get(kind)
    subjects = handler.read(session, chosen) if handler else {}
    known, here = shimei4(session, site, {s.atena_no for s in subjects.values() if s.atena_no}), runs.here()

    def write(item: Waiting, result: Decision, atena_no: str | None, why: str | None) -> Decision:
        session.run(
            "ledger/approval_decide", approval_id=item.id, decision=result, user_name=user, reason=why, run_id=None, atena_no=atena_no,
            shimei4=known.get(atena_no or ""), content_hash=item.content_hash, **here,
        )  # fmt: skip
        return result

    results = []
    for item, atena_no, decided in _applied(session, site, handler, chosen, subjects, decision):
        results.append(write(item, decided.result, atena_no, reason))
        results += [write(r, Decision.SUPERSEDED, atena_no, OVERTAKEN.format(item.id)) for r in decided.rivals]
    return results


def _applied(
    session: db.Session, site: Site, handler: Handler | None, chosen: list[Item], subjects: dict[int, Subject], decision: Decision
) -> Iterator[tuple[Item, str | None, Decided]]:
    """One after another, each with whose it is. A later one of the same person sees what the one before has changed."""
    seen: set[str | None] = set()
    done: set[int] = set()
    for item in chosen:
        if item.id in done:  # a rival of one that was approved just now
            continue
        if handler is None:
            yield item, None, Decided(decision)
            continue
        subject = subjects.get(item.id)
        if subject and subject.atena_no in seen:
            subject = handler.read(session, [item]).get(item.id)
        if subject is None:
            raise Refused("NP-2032")
        seen.add(subject.atena_no)
        decided = handler.apply(session, site, item, subject) if decision is Decision.APPROVED else Decided(decision)
        done.update(rival.id for rival in decided.rivals)
        yield item, subject.atena_no, decided


def _affected(sheaf: papers.Sheaf, chosen: list[Item], user: str, reason: str | None) -> list[dict[str, Any]]:
    """Monthly files that were handed over already and would be other now (F16), and a list of them for the section, with its record."""
    session = sheaf.session
    monthly = {row.dataset: row.job.name for row in transfers().values() if (row.kind, row.job.period) == ("移転", "month")}
    rows = session.rows("approve/affected", approvals=[item.id for item in chosen], datasets=list(monthly))
    if rows:
        cells = [(wareki_period(r["period"]), r["name"], f"第{r['version']:02}版", r["rows"]) for r in rows]
        jobs = "、".join(dict.fromkeys(monthly[r["dataset"]] for r in rows))
        last = max(chosen, key=lambda item: item.id)
        head = Heading(runs.here()["unit"], user, runs.now(), reason or NONE, "、".join(sorted({i.run_id for i in chosen}))).lines
        sheet = paper.meisai("影響する移転一覧", ("月", "渡したファイル", "版", "行数"), cells, (AFFECTED.format(jobs),), head)
        at = papers.at(sheaf.site, Shelf.ICHIRAN, "shounin", f"影響する移転一覧_{last.id}.xlsx")
        run = Run(**{**(session.one("ledger/run", run_id=last.run_id) or {}), **runs.here()})
        made = sheaf.put(run, at, sheet, anew=True)
        counts = {"rows": len(rows), "sha256": made.sha256}
        record_all(session, [Event(run, Operation.ICHIRAN, f"shounin/{made.path.stem}", counts, user=user, reason=reason)])
    return rows


def require(site: Site, run_id: str) -> dict[str, Any]:
    """Passes only when every proposal of the run is decided in our table, by another person, in time. Refused NP-2033.

    A rejected 異動, 処理結果 or report changes nothing and needs nothing more; a rejected file or version lets nothing go on.
    """
    with site.session() as session:
        rows = session.rows("approve/of_run", run_id=run_id)
    good = [r for r in rows if r["decision"] == Decision.APPROVED and r["by_another"] and not r["late"]]
    rejected = [r for r in rows if r["decision"] == Decision.REJECTED]
    settled = [r for r in rejected if (about := registry.approvals()[r["kind"]]).person or about.settles]
    if len(good) + len(settled) != len(rows):
        raise Refused("NP-2033", pending=len(rows) - len(good) - len(rejected), rejected=len(rejected))
    return {"approved": len(good)}
