"""画面と登録: the pages' users are the register's, and what the pages refuse is in the chain of records (P50, P51, P57, P58).

The pages know no secret of the business database: they leave a line of what they refused, whoever watches over them takes it into the chain.
"""

from __future__ import annotations

from typing import Any

from etl.edge import db, spool
from etl.platform import gamen
from etl.platform.gamen import Person
from etl.site import Site

UNIT = "画面"
NOBODY = "（登録のない名前）"


def people(site: Site) -> list[Person]:
    """Who may log in to the pages now."""
    with site.session("people") as session:
        return [Person(r["user_name"], tuple(r["yakuwari"]), r["password_hash"]) for r in session.rows("shokuin/gamen")]


def sync(site: Site) -> list[str]:
    """The pages' users as the register has them, after a change of it and every few seconds while the pages are up."""
    return gamen.sync_people(site.home, people(site))


def record(site: Site) -> int:
    """What the pages refused, into the chain; how many. One transaction for all that was left: a kill before its file is gone tells it twice
    rather than not at all."""
    taken, lines = spool.take(spool.of_pages(site.home))
    if lines:
        names = gamen.names(site.home)
        with site.session("people") as session, session.transaction():
            for line in lines:
                _record(session, line, names)
    taken.unlink(missing_ok=True)
    return len(lines)


def _record(session: db.Session, line: dict[str, Any], names: dict[str, str]) -> None:
    where = {"unit": UNIT, "terminal": line["terminal"]}
    if line["what"] == "failed":
        session.run("shokuin/failed", user_name=line["user"], why="パスワード（画面）", **where)
    else:
        user = names.get(line["user"], NOBODY)
        session.run(
            "shokuin/refused", user_name=user, act=f"画面 {line['method']} {line['path']}", why="権限がない（画面）", **where
        )


def look(site: Site) -> list[str]:
    """Every few seconds: who may log in (lines of what was otherwise), and what was refused."""
    record(site)
    return sync(site)
