"""伺い: the page's list of what waits for a second person follows our own table, wherever it was proposed or decided.

A run of the page asks by itself when it ends (``policies.Asked``). What a command proposed is asked here; what was decided, withdrawn or
overtaken elsewhere leaves the list, because the page is made to look again. ``etl.service`` does so every few seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from etl.core.mapping import registry
from etl.core.mapping.rights import rights
from etl.platform import pages
from etl.site import Site

#: a run's number in letters: names are sent back by the pages, and twelve digits in one of them would be refused (NP-1002)
LETTERS = str.maketrans("0123456789", "ghijklmnop", "-")


def question(job: str, period: str, run_id: str, kinds: Iterable[str]) -> pages.Question:
    """The run of ``shounin`` that asks about what this run, a job's or a command's, let wait."""
    about = registry.jobs().get(job) or rights().acts[job]
    conf = {"run_id": run_id, "kinds": list(kinds), "title": f"{about.title} {period}"}
    return pages.Question(f"{job}__{period}__{run_id.translate(LETTERS)}", conf)


def follow(site: Site) -> None:
    """Ask what nobody was asked, and look again where what waits is no longer what is shown. Raises KokunenError."""
    with site.session() as session:
        rows = session.rows("approve/waiting_runs")
    waiting: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for row in rows:
        waiting[row["run_id"]][row["kind"]] = row["ids"]
    by_hand = {row["run_id"]: row for row in rows if row["by_hand"]}
    shown = pages.questions(site.home, list(by_hand))
    pages.look_again(site.home, [q.name for q in shown if q.open and not _same(q, waiting.get(q.conf["run_id"], {}))])
    asked = {q.conf["run_id"] for q in shown}
    fresh = [question(r["job"], r["period"], run, waiting[run]) for run, r in by_hand.items() if run not in asked]
    if fresh:
        pages.ask(site.home, fresh)


def _same(shown: pages.Question, waiting: dict[str, list[int]]) -> bool:
    """Whether exactly what the page shows still waits, of the kinds that it was to ask about."""
    now: dict[str, Any] = {kind: ids for kind, ids in waiting.items() if kind in shown.conf["kinds"]}
    return {kind: sorted(ids) for kind, ids in shown.shown.items()} == now
