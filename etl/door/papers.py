"""紙の棚: the places under ``outbox/`` for lists and sheets. The caller makes the content; it is placed here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from etl.core.paper.cells import Heading
from etl.edge import atomic
from etl.run import Run
from etl.site import Site


class Shelf(StrEnum):
    """The shelves, each with what lies on it."""

    SHORI_KEKKA = "shori_kekka"  # 処理結果表, by period
    ICHIRAN = "ichiran"  # lists for people, by period; ``shounin``: what an approval affects
    SHINSEISHO = "shinseisho"  # printed forms, by period
    SHOTOKU_TSUCHI = "shotoku_tsuchi"  # notices to the sender of answers, by period
    TEISEI_IRAI = "teisei_irai"  # what a source office is asked to mend, by period
    FORM = "form"  # empty forms to be keyed


def heading(run: Run, about: str = "") -> tuple[str, ...]:
    """The lines over a list that a run makes."""
    return Heading(run.unit, run.user_name, run.started_at, run.reason, run.run_id, about).lines


def put(site: Site, shelf: Shelf, place: str, name: str, content: bytes) -> Path:
    """Place a sheet under ``outbox/<shelf>/<place>/``, whole or not at all; a sheet of the same name is replaced. Unavailable NP-1026."""
    path = at(site, shelf, place, name)
    atomic.write(path, content)
    return path


def at(site: Site, shelf: Shelf, place: str, name: str) -> Path:
    """Where a sheet lies."""
    return site.outbox / shelf / place / name
