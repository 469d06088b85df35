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


def check(session: db.Session, user: str, act: str, here: Mapping[str, Any]) -> None:
    """Refused NP-1083, recorded, when ``user`` is not registered today in a role that may do this. In no transaction of the caller's."""
    about = rights().acts[act]
    if user == SERVICE or session.value("shokuin/may", user_name=user, yakuwari=list(about.by)):
        return
    with session.transaction():
        session.run("shokuin/refused", user_name=user, act=act, why=f"{about.title}の権限がない", **here)
    raise Refused("NP-1083", item=about.title, roles="、".join(about.by))
