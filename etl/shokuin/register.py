"""登録: the register of people: asked for by one, granted by another, ended at once (P50, P51, P61, P64)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from etl import rights
from etl import run as runs
from etl.core.codec import users
from etl.core.errors import Refused
from etl.core.typed import Flaw
from etl.edge import db
from etl.shokuin import entries, proof
from etl.shokuin.entries import ASKED_BY, OS_USER, WHO, Asked, Entry
from etl.site import Site

#: what the register refuses because of who asks: recorded, as every try
BECAUSE_OF_WHO = ("NP-1083", "NP-2030", "NP-1056")
NOBODYS = "共用の名前は誰のものでもありません"


@dataclass(frozen=True)
class Row:
    """An entry of the register as it is today. ``state``: in_force, coming, over, asked, ended; ``expires``: within 60 days; ``reviewed``: this
    年度; ``overdue``: not looked at for a whole 年度; ``proof``, ``second``: a password, a second factor is set."""

    touroku_id: int
    user_name: str
    person: str
    os_user: str | None
    unit: str
    yakuwari: list[str]
    sees_numbers: bool
    from_on: date
    until_on: date | None
    order_no: str | None
    totp: bool
    reason: str
    asked_by: str
    granted_by: str | None
    ended_by: str | None
    ended_on: date | None
    state: str
    contractor: bool
    expires: bool
    reviewed: bool
    overdue: bool
    proof: bool
    second: bool

    @property
    def entry(self) -> Entry:
        """What was asked for."""
        return Entry(**{f.name: getattr(self, f.name) for f in fields(Entry)} | {"yakuwari": tuple(self.yakuwari)})


@dataclass(frozen=True)
class Imported:
    """What became of a file of people: how many are new, changed, as before; what was made for those who had none."""

    added: int
    changed: int
    unchanged: int
    made: tuple[proof.Made, ...]


class Flawed(Refused):
    """NP-1057 with all that is wrong, in the order of the lines."""

    def __init__(self, flaws: list[Flaw]):
        self.flaws = sorted(flaws, key=lambda flaw: (flaw.line, entries.HEADS.index(flaw.item)))
        super().__init__("NP-1057", why=f"{len(flaws)} か所")


@contextmanager
def acting(site: Site, by: str, act: str) -> Iterator[db.Session]:
    """The log-in that changes the register. Who may not is refused (NP-1083 …), and the try recorded."""
    with site.session("people") as session:
        rights.check(session, by, act, runs.here())
        try:
            yield session
        except Refused as error:
            if error.code in BECAUSE_OF_WHO:
                session.connection.rollback()
                with session.transaction():
                    session.run("shokuin/refused", user_name=by, act=act, why=error.sentence, **runs.here())
            raise


def first(site: Site, user: str, password: str | None = None, os_user: str | None = None) -> proof.Made:
    """The first administrator, once, with the password that was given or is made. Refused NP-1087 when there is anybody already, NP-1057 for a
    name of many, NP-1086."""
    user, word = runs.check_user(user), proof.check_word(password or proof.new_word())
    with site.session("people") as session, session.transaction():
        for item, name in ((WHO, user), (OS_USER, os_user)):
            if name and session.rows("shokuin/shared", accounts=[name]):
                raise Refused("NP-1057", item=item, why=NOBODYS)
        session.run("shokuin/first", user_name=user, os_user=os_user, terminal=runs.here()["terminal"])
        proof.put(session, site, user, user, "初期設定", password=word)
    return proof.Made(user, None if password else word, None)


def ask(site: Site, by: str, entry: Entry, reason: str) -> None:
    """Changes nothing until somebody else grants it. Refused NP-1057 (a name of many), NP-1083 (``by`` is not in force)."""
    runs.check_reason(reason)
    one = Asked(0, entry, by, reason)
    with acting(site, by, "shokuin_shinsei") as session:
        if flaws := _taken(session, [one], []):
            raise Flawed(flaws)
        with session.transaction():
            session.run("shokuin/ask", by=by, entry=entry.json, reason=reason, **runs.here())


def ask_typed(site: Site, by: str, cells: Mapping[str, str]) -> Entry:
    """The same, as it was typed: item -> text. Refused NP-1057 with all that is wrong."""
    one = entries.asked(0, {ASKED_BY: by, **cells}, runs.now().date())
    if one.flaws:
        with acting(site, by, "shokuin_shinsei") as session:
            raise Flawed([*one.flaws, *_taken(session, [one], [])])
    ask(site, by, one.entry, one.reason)
    return one.entry


def enter(site: Site, by: str, asked_by: str, entry: Entry, reason: str) -> proof.Made | None:
    """What ``asked_by`` asked for on paper, granted by ``by``. Refused as ``grant``."""
    runs.check_reason(reason)
    with acting(site, by, "shokuin") as session, session.transaction():
        return _enter(session, site, by, Asked(0, entry, asked_by, reason))


def grant(site: Site, by: str, user: str, reason: str, number: int | None = None) -> tuple[Row, proof.Made | None]:
    """What was asked for somebody is in force; a password and a second factor for whoever has none yet.

    Refused NP-1083 (no 管理者 of the section), NP-2030 (the same who asked), NP-1056 (his own), NP-1059, NP-1089 (nothing was asked for).
    """
    runs.check_reason(reason)
    with acting(site, by, "shokuin") as session, session.transaction():
        granted = session.value("shokuin/grant", by=by, user_name=user, touroku_id=number, reason=reason, **runs.here())
        row = next(r for r in _rows(session) if r.touroku_id == granted)
        return row, _lacking(session, site, by, row)


def take_in(site: Site, by: str, data: bytes, *, dry: bool = False, keep: proof.Keep | None = None) -> Imported:
    """A file of people, asked for on paper by others and granted by ``by``: all of it, or nothing. ``dry``: nothing, but what would be said.
    ``keep``: takes what was made before anything is committed.

    Refused NP-1057 with every line and item that is wrong; NP-1083.
    """
    lines = [entries.asked(line, cells, runs.now().date()) for line, cells in entries.read(data)]
    with acting(site, by, "shokuin") as session, session.transaction():
        rows = _rows(session)
        held = {row.person: row for row in rows if row.state in ("in_force", "coming")}
        todo = [one for one in lines if not ((row := held.get(_person(one))) and entries.same(one.entry, row.entry))]
        flaws = [flaw for one in lines for flaw in one.flaws]
        if flaws := flaws + entries.together(lines) + _own(todo, by) + _taken(session, lines, rows):
            raise Flawed(flaws)
        made = [m for one in todo if (m := _enter(session, site, by, one))]
        found = Imported(
            sum(_person(one) not in held for one in todo),
            sum(_person(one) in held for one in todo),
            len(lines) - len(todo),
            tuple(made),
        )
        if dry:
            session.connection.rollback()
        elif keep and made:
            keep(made)
    return found


def finish(site: Site, by: str, user: str, reason: str) -> None:
    """Somebody leaves: out of everything at this moment. Refused NP-1083, NP-1089 (nobody of this name), NP-1090 (the last 管理者)."""
    runs.check_reason(reason)
    with acting(site, by, "shokuin") as session, session.transaction():
        session.run("shokuin/finish", by=by, user_name=user, reason=reason, **runs.here())


def check(site: Site, by: str, act: str) -> None:
    """For what is no run and changes nothing here. Refused NP-1083, recorded."""
    with acting(site, by, act):
        pass


def rows_of(site: Site, by: str, act: str = "shokuin_list") -> list[Row]:
    """The register, by unit and name. Refused NP-1083."""
    with acting(site, by, act) as session:
        return _rows(session)


def _own(todo: list[Asked], by: str) -> list[Flaw]:
    """Lines that the administrator asked for himself, or that are about himself."""
    flaws = []
    for one in todo:
        if one.asked_by and users.same(one.asked_by, by):
            flaws.append(Flaw(one.line, ASKED_BY, "付与する管理者と同じです"))
        if one.entry.user_name and users.same(one.entry.user_name, by):
            flaws.append(Flaw(one.line, WHO, "自分の登録は、自分では付与できません"))
    return flaws


def _taken(session: db.Session, lines: list[Asked], rows: list[Row]) -> list[Flaw]:
    """Names that many share, and users of the operating system that are somebody else's."""
    names = [name for one in lines for name in (one.entry.user_name, one.asked_by, one.entry.os_user) if name]
    shared = {row["name"] for row in session.rows("shokuin/shared", accounts=names)}
    owners = {row.os_user: row.person for row in rows if row.state in ("in_force", "coming") and row.os_user}
    flaws = []
    for one in lines:
        named = ((WHO, one.entry.user_name), (ASKED_BY, one.asked_by), (OS_USER, one.entry.os_user))
        flaws += [Flaw(one.line, item, NOBODYS) for item, name in named if name in shared]
        if one.entry.user_name and one.entry.os_user and owners.get(one.entry.os_user, _person(one)) != _person(one):
            flaws.append(Flaw(one.line, OS_USER, "別の職員のものです"))
    return flaws


def _enter(session: db.Session, site: Site, by: str, one: Asked) -> proof.Made | None:
    try:
        granted = session.value(
            "shokuin/enter", by=by, asked_by=one.asked_by, entry=one.entry.json, reason=one.reason, **runs.here()
        )
    except Refused as error:
        raise Refused(error.code, line=one.line or None) from None
    return _lacking(session, site, by, next(r for r in _rows(session) if r.touroku_id == granted))


def _lacking(session: db.Session, site: Site, by: str, row: Row) -> proof.Made | None:
    """A password for whoever has none, and a second factor for whoever needs one and has none."""
    if row.proof and (row.second or not row.totp):
        return None
    word = None if row.proof else proof.new_word()
    secret = proof.new_secret() if row.totp and not row.second else None
    proof.put(session, site, by, row.user_name, "初回", password=word, secret=secret)
    return proof.Made(row.user_name, word, secret)


def _person(one: Asked) -> str:
    return users.person(one.entry.user_name) or "-"


def _rows(session: db.Session) -> list[Row]:
    return [Row(**row) for row in session.rows("shokuin/listed")]


def as_json(row: Row) -> dict[str, Any]:
    """A row for machines: what people may read of it."""
    return {f.name: getattr(row, f.name) for f in fields(Row) if f.name != "person"}
