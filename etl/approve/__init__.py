"""承認: a second person's decision, recorded in our own table and applied with it (P53: maker ≠ checker).

Nothing else lets anything through: a decision is one row, of another person than the maker, on content whose hash is looked at
again, before it expires.
"""

from __future__ import annotations

from typing import Any

from etl import run as runs
from etl.approve import kaitou, kekka
from etl.core.errors import Refused
from etl.core.law.shikaku import content_hash
from etl.door import papers
from etl.door.papers import Shelf
from etl.edge import db, failpoint, paper
from etl.run import Run, record, shimei4
from etl.site import Site

KINDS = ("idou", "teisei", "kokuho", "kikou_kekka", "shotoku_kaitou")
AFFECTED = "承認した内容により、次の移転済みファイルの内容が変わります。kokuho_monthly をその月で再実行すると、訂正版が起案されます。"
PERSONS = ("idou", "kikou_kekka", "shotoku_kaitou")  # kinds that change what is recorded of a person


def pending(site: Site, kind: str, run_id: str | None = None) -> list[dict[str, Any]]:
    """What waits for a decision: id, subject (never a person), maker, made_at, expires_at."""
    with site.session() as session:
        return session.rows("approve/pending", kind=kind, run_id=run_id)


def decide(
    site: Site, kind: str, ids: list[int] | None, user: str, decision: str = "approved", reason: str | None = None, run_id: str | None = None
) -> dict[str, Any]:
    """Decide these (or all pending ones of ``kind``, or of a run) in one transaction. Returns how many of each outcome.

    Refused NP-2030 when the checker is the maker of any, NP-2031 when one has expired, NP-2032 when content changed, NP-2034 when
    an id is not pending.
    """
    runs.check_reason(reason)
    loads = ("shotoku_kaitou",) if kind == "shotoku_kaitou" else ()  # no answer file and no approval decide the same question at once
    with site.session() as session, db.locked(session, "pension:shared", "approve", *loads), session.transaction():
        if kind in PERSONS:  # the 4情報 of the record are encrypted
            runs.check_keys(session, site)
        waiting = session.rows("approve/pending", kind=kind, run_id=run_id)
        chosen = [w for w in waiting if ids is None or w["id"] in ids]
        if ids is not None and len(chosen) != len(set(ids)):
            raise Refused("NP-2034")
        _check(chosen, user, decision)
        outcome: dict[str, Any] = {"approved": 0, "rejected": 0, "superseded": 0, "runs": sorted({w["run_id"] for w in chosen})}
        done: set[int] = set()
        for item in chosen:
            if item["id"] in done:  # a rival of one that was approved just now
                continue
            made_in = Run(**{**(session.one("ledger/run", run_id=item["run_id"]) or {}), **runs.here()})
            result, rivals = _decide_one(session, site, made_in, item, user, decision, reason)
            outcome[result] += 1
            outcome["superseded"] += len(rivals)
            done.update(rivals)
        if kind in PERSONS:
            outcome["affected"] = _affected(session, site, chosen)
        failpoint.reached("approvals written")
    return outcome


def _affected(session: db.Session, site: Site, chosen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Monthly files that were handed over already and would be other now (F16), and a list of them for the section."""
    rows = session.rows("approve/affected", approvals=[c["id"] for c in chosen])
    if rows:
        cells = [(r["period"], r["name"], f"第{r['version']:02}版", r["rows"]) for r in rows]
        sheet = paper.meisai("影響する移転一覧", ("月", "渡したファイル", "版", "行数"), cells, (AFFECTED,))
        papers.put(site, Shelf.ICHIRAN, "shounin", f"影響する移転一覧_{max(c['id'] for c in chosen)}.xlsx", sheet)
    return rows


def _check(chosen: list[dict[str, Any]], user: str, decision: str) -> None:
    if any(item["maker"].casefold() == user.casefold() for item in chosen):
        raise Refused("NP-2030")
    if decision == "approved" and any(item["expired"] for item in chosen):
        raise Refused("NP-2031")


def _decide_one(
    session: db.Session, site: Site, made_in: Run, item: dict[str, Any], user: str, decision: str, reason: str | None
) -> tuple[str, list[int]]:
    """(outcome, approvals that this one superseded)."""
    person: dict[str, Any] = {}
    rivals: list[dict[str, Any]] = []
    result = decision
    if item["kind"] == "kikou_kekka":
        found = kekka.found(session, item) if decision == "approved" else session.one("approve/kekka", approval_id=item["id"]) or {}
        person = {"atena_no": found["atena_no"], "shimei4": shimei4(session, site, found["atena_no"])}
        if decision == "approved":
            kekka.register(session, item["id"], found)
    if item["kind"] == "shotoku_kaitou":
        answer = session.one("approve/horyuu", approval_id=item["id"]) or {}
        person = {"atena_no": answer["atena_no"], "shimei4": shimei4(session, site, answer["atena_no"])}
        if decision == "approved":
            result = kaitou.accept(session, site, item, answer)
    if item["kind"] == "idou":
        proposal = session.one("approve/proposal", approval_id=item["id"]) or {}
        person = {"atena_no": proposal["atena_no"], "shimei4": shimei4(session, site, proposal["atena_no"])}
        if decision == "approved":
            result = _apply(session, item, proposal)
            if result == "approved":
                rivals = session.rows("approve/rivals", shikaku_key=proposal["shikaku_key"], approval_id=item["id"])
    _write(session, made_in, item, result, user, reason, person)
    for rival in rivals:
        _write(session, made_in, rival, "superseded", user, f"承認番号 {item['id']} が先に承認されたため", person)
    return result, [r["id"] for r in rivals]


def _apply(session: db.Session, item: dict[str, Any], p: dict[str, Any]) -> str:
    """A new version of the 資格; ``superseded`` when it is no longer open (loss) or no longer lost (correct, undo)."""
    if content_hash(p["atena_no"], p["shikaku_key"], p["action"], p["lost_on"], p["soushitsu_jiyu_code"]) != item["content_hash"]:
        raise Refused("NP-2032")
    if p["shikaku_id"] is None or (p["action"] == "loss") != (p["lost_now"] is None):
        return "superseded"
    session.run(
        "approve/shikaku_version", shikaku_id=p["shikaku_id"], approval_id=item["id"], lost_on=p["lost_on"],
        soushitsu_jiyu_code=p["soushitsu_jiyu_code"],
    )  # fmt: skip
    return "approved"


def _write(
    session: db.Session, made_in: Run, item: dict[str, Any], decision: str, user: str, reason: str | None, person: dict[str, Any]
) -> None:
    """The decision and its record: maker, checker, content hash (spec §10)."""
    session.run("ledger/approval_decide", approval_id=item["id"], decision=decision, checker=user, reason=reason)
    label = {"approved": "承認", "rejected": "否認", "superseded": "失効"}[decision]
    what = {"maker": item["maker"], "content_hash": item["content_hash"]}
    record(session, made_in, label, f"approval/{item['id']}", what, user=user, reason=reason, **person)


def require(site: Site, run_id: str) -> dict[str, Any]:
    """Passes only when every proposal of the run is decided in our table, by another person, in time. Refused NP-2033.

    A rejected 異動 or 処理結果 changes nothing and needs nothing more; a rejected file or version lets nothing go on.
    """
    with site.session() as session:
        rows = session.rows("approve/of_run", run_id=run_id)
    good = [r for r in rows if r["decision"] == "approved" and r["checker"].casefold() != r["maker"].casefold() and not r["late"]]
    rejected = [r for r in rows if r["decision"] == "rejected"]
    settled = [r for r in rejected if r["kind"] in PERSONS]
    if len(good) + len(settled) != len(rows):
        raise Refused("NP-2033", pending=len(rows) - len(good) - len(rejected), rejected=len(rejected))
    return {"approved": len(good)}
