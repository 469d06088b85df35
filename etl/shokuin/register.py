"""登録: the register of people: asked for by one, granted by another, ended at once, looked through every year (P50, P51, P61, P64, P65)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from etl import run as runs
from etl.site import Site


@dataclass(frozen=True)
class Entry:
    """What is asked for somebody. ``order_no``: the contract of a 作業者; ``totp``: a second factor is demanded."""

    user_name: str
    of_unit: str
    yakuwari: tuple[str, ...]
    from_on: date
    os_user: str | None = None
    sees_numbers: bool = False
    until_on: date | None = None
    order_no: str | None = None
    totp: bool = False


def first(site: Site, user: str, os_user: str | None = None) -> None:
    """The first administrator, once. Refused NP-1087 when there is anybody already."""
    with site.session("people") as session, session.transaction():
        session.run("shokuin/first", user_name=runs.check_user(user), os_user=os_user, **runs.here())


def ask(site: Site, by: str, entry: Entry, reason: str) -> None:
    """Changes nothing until somebody else grants it. Refused NP-1088 (no such role), NP-1083 (``by`` is not in force)."""
    runs.check_reason(reason)
    asked = asdict(entry) | {"user_name": runs.check_user(entry.user_name), "yakuwari": list(entry.yakuwari)}
    with site.session("people") as session, session.transaction():
        session.run("shokuin/ask", by=by, reason=reason, **asked, **runs.here())


def grant(site: Site, by: str, user: str, reason: str) -> None:
    """What was asked for somebody is in force. Refused NP-1083 (no 管理者), NP-2030 (the same who asked), NP-1089 (nothing was asked for)."""
    runs.check_reason(reason)
    with site.session("people") as session, session.transaction():
        session.run("shokuin/grant", by=by, user_name=user, reason=reason, **runs.here())


def finish(site: Site, by: str, user: str, reason: str) -> None:
    """Somebody leaves: out of everything at this moment. Refused NP-1083, NP-1089 (nobody of this name), NP-1090 (the last 管理者)."""
    runs.check_reason(reason)
    with site.session("people") as session, session.transaction():
        session.run("shokuin/finish", by=by, user_name=user, reason=reason, **runs.here())
