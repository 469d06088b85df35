"""取込: land → load (decode, validate, merge: one transaction per file) → check → propose. What a run takes lies in the inbox."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from etl.core.errors import KokunenError, Refused, SourceError
from etl.core.mapping import registry
from etl.edge import db
from etl.ingest import arrive, idou
from etl.ingest.kaitou import notify
from etl.ingest.merge import merge
from etl.ingest.stage import stage
from etl.ingest.uketsuke import check
from etl.run import Run, check_keys, take_fences
from etl.site import Site

__all__ = ["check", "land", "load", "notify", "propose"]

WAITING = ("NP-2020", "NP-2021", "NP-2022", "NP-2026")
NOTHING = {"data": 0, "new": 0, "updated": 0, "unchanged": 0, "quarantined": 0, "out_of_scope": 0}


def land(site: Site, run: Run) -> dict[str, Any]:
    """Which files there are. Nothing is moved or opened: the inbox stays as the sender left it."""
    with site.session() as session:
        found = {d: arrive.candidates(session, site, d, run.day) for d in registry.jobs()[run.job].reads}
    here = [{"dataset": d, "name": n, "arrived": arrive.arrived(site, d, n)} for d, names in found.items() for n in names]
    return {"files": here, "misnamed": {d: arrive.misnamed(site, d) for d in found}}


def load(site: Site, run: Run) -> dict[str, Any]:
    """Each file in its turn; a refused one leaves everything as it was and the next goes on. Unavailable NP-1021 if one is being loaded."""
    results: list[dict[str, Any]] = []
    datasets = registry.jobs()[run.job].reads
    with site.session() as session, db.locked(session, "pension:shared", *datasets):
        with session.transaction():
            check_keys(session, site)
        fences = take_fences(session, list(datasets))
        for dataset in datasets:
            results += _load_dataset(session, site, run, dataset, fences)
    return {"files": results, "proposals": sum(r.pop("made", 0) for r in results)}


def _load_dataset(session: db.Session, site: Site, run: Run, dataset: str, fences: dict[str, int]) -> list[dict[str, Any]]:
    """Open what lies there, then load in the order of the counters. Files of other days that still wait are not mentioned."""
    found, whole = [], []
    for name in arrive.candidates(session, site, dataset, run.day):
        session.commit()
        try:
            if not arrive.arrived(site, dataset, name):
                raise Refused("NP-2020", file=name)
            whole.append(arrive.open_file(site, dataset, name))
        except (SourceError, Refused) as error:
            found.append(_not_loaded(session, run, dataset, name, error))
    found += [_load_file(session, site, run, inbound, fences) for inbound in arrive.in_order(whole)]
    if whole:  # nothing of a person stays behind in staging
        session.run("ingest/clear", names={"dataset": dataset})
        session.commit()
    return [f for f in found if f["outcome"] != "waiting" or arrive.day_of(dataset, f["name"]) == run.day]


def _load_file(session: db.Session, site: Site, run: Run, inbound: arrive.Inbound, fences: dict[str, int]) -> dict[str, Any]:
    dataset = inbound.layout.dataset
    first = arrive.duplicate_of(session, inbound)
    session.commit()
    if first:
        error = Refused("NP-2023", file=inbound.name, first=first["name"])
        arrive.put_outcome(session, run, dataset, inbound.name, "duplicate", error, inbound=inbound, first_file_id=first["file_id"])
        return _result(dataset, inbound.name, "duplicate", error, inbound.arrival.count)
    try:
        arrive.turn(session, run, inbound)
        staged = stage(session, site, inbound)
        done = merge(session, site, run, inbound, staged, fences)
    except (SourceError, Refused) as error:
        if error.code == "NP-1025":  # another run took over: this one stops altogether
            raise
        return _not_loaded(session, run, dataset, inbound.name, error, inbound)
    result = _result(dataset, inbound.name, "accepted", None, 0)
    result |= {k: done[k] for k in ("counts", "last", "made", "withdrawn")}
    result["findings"] = [asdict(f) for f in done["findings"]]
    result["gaiji"] = [staged.gaiji_characters, staged.gaiji_rows]
    result["refused"] = dict(sorted(staged.refused.items()))
    result["quarantined"] = [[e.line, list(e.fields), list(e.kinds)] for e in staged.errors[:20]]
    return result


def _not_loaded(
    session: db.Session, run: Run, dataset: str, name: str, error: KokunenError, inbound: arrive.Inbound | None = None
) -> dict[str, Any]:
    outcome = "waiting" if error.code in WAITING else "refused"
    arrive.put_outcome(session, run, dataset, name, outcome, error, inbound=inbound)
    return _result(dataset, name, outcome, error, inbound.arrival.count if inbound else 0)


def _result(dataset: str, name: str, outcome: str, error: KokunenError | None, data: int) -> dict[str, Any]:
    return {
        "dataset": dataset, "name": name, "outcome": outcome, "code": error.code if error else None,
        "error": error.to_json() if error else None, "counts": {**NOTHING, "data": data},
    }  # fmt: skip


def propose(site: Site, run: Run) -> dict[str, Any]:
    """What the calendar proposes (60歳到達), whether or not a file came; and again what nobody decided in time."""
    with site.session() as session, db.locked(session, "pension:shared", "juki_idou"):
        return {"proposals": idou.renew(session, run) + idou.sixty(session, run)}
