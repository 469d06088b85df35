"""権限の確認: whether somebody may do something now: in force in the register, in a role that ``mappings/rights.yaml`` names for it (P50, P51)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etl.core.errors import Refused
from etl.core.mapping.rights import rights
from etl.edge import db

SERVICE = "airflow"  # the scheduler's own runs; nobody can log in by that name


def act_of(job: str) -> str:
    """The act that a run of this name is: lists and papers have their own, every job of the registries is ``run``."""
    return job if job in rights().acts else "run"


#: what may be done in a database that was restored, before somebody has accepted it: look, save, find out what is missing
BEHIND_THE_GATE = ("fukkyu", "backup", "backup_keys", "shokuin_list", "db_url")


def gate(session: db.Session, act: str) -> None:
    """Refused NP-3276 in a database that was restored and that nobody but who restored it has accepted (``backup.check``)."""
    if act not in BEHIND_THE_GATE and session.value("ledger/fukkyu_closed"):
        raise Refused("NP-3276")


def check(session: db.Session, user: str, act: str, here: Mapping[str, Any], *, about: str | None = None) -> None:
    """Refused NP-3276 behind the gate of a restore; NP-1083, recorded, when ``user`` is not registered today in a role that may do this.
    ``about``: what it is done to, where the gate lets one through (the approval that opens it). In no transaction of the caller's."""
    gate(session, about or act)
    allowed = rights().acts[act]
    if user == SERVICE or session.value("shokuin/may", user_name=user, yakuwari=list(allowed.by)):
        return
    with session.transaction():
        session.run("shokuin/refused", user_name=user, act=act, why=f"{allowed.title}の権限がない", **here)
    raise Refused("NP-1083", item=allowed.title, roles="、".join(allowed.by))
