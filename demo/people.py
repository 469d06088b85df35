"""架空の市の職員: registered as an office does it: the first administrator, then each asked for by one and granted by another."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from etl import run as runs
from etl.core.states import RunState
from etl.edge import atomic
from etl.run import Run
from etl.service import shown
from etl.shokuin import gamen, proof, register
from etl.shokuin.entries import Entry
from etl.site import Site

UNIT = "国民年金・福祉医療課"
PEOPLE = {"kanri01": "管理者", "kanri02": "管理者", "sousa01": "操作者", "shounin01": "承認者", "kansa01": "監査者"}
WHY = "架空の市の準備"
FROM = date(2020, 4, 1)  # before every day that is played


def enter(site: Site, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """user -> password of the city's people and of ``more`` (user -> 役割, several with ・); nobody twice. Each password is kept before it is
    set: a kill between leaves nobody without one that is known. Refused NP-1087 where an office's own people are registered."""
    kept = _kept(site, PEOPLE | dict(more or {}))
    there = {person.name for person in gamen.people(site)}
    first, second = list(PEOPLE)[:2]  # the second asks on paper for whoever comes, also for himself
    for name, about in kept.items():
        if name in there:
            continue
        if name == first:
            register.first(site, first, about["password"])
            continue
        register.enter(site, first, second, Entry(name, UNIT, tuple(about["role"].split("・")), from_on=FROM), WHY)
        proof.set_password(site, first, name, about["password"], WHY)
    return {name: about["password"] for name, about in kept.items()}


def _kept(site: Site, people: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """user -> role and password, as kept in the home; those that are not there yet are added."""
    path = shown(site.home)
    kept: dict[str, dict[str, str]] = json.loads(path.read_bytes()) if path.exists() else {}
    fresh = {name: {"role": role, "password": secrets.token_urlsafe(12)} for name, role in people.items()}
    if fresh.keys() - kept.keys():
        kept = fresh | kept
        atomic.write(path, json.dumps(kept, ensure_ascii=False).encode(), mode=0o600)
    return kept


def log_in(site: Site, more: Mapping[str, str]) -> list[str]:
    """All of them, for the commands of this terminal's user; who they are."""
    for name, word in enter(site, more).items():
        proof.keep(name, proof.log_in(site, name, word)[0])
    return [f"{name}（{about['role']}）" for name, about in _kept(site, {}).items()]


@contextmanager
def acting(site: Site, act: str, user: str, why: str) -> Iterator[Run]:
    """A run around what somebody does by a command."""
    run_id = runs.start(site, act, str(site.today), user, why, business_on=site.today, as_known_at=None, run_key=None)
    yield runs.get(site, run_id)
    runs.finish(site, run_id, RunState.DONE)
