"""What the kill tests of 消去 begin with: things that are due, a list that was approved, a database that was put back."""

from __future__ import annotations

from datetime import date

import kit

from etl import jobs, retire
from etl.edge import retired
from etl.retire import hold
from etl.site import Site
from tests import kept


def due(site: Site) -> None:
    """Three originals whose period is over, a file that was never taken in, a file that was never finished."""
    kept.sealed(site, date(2026, 1, 1), 3)
    kept.aged(kit.put(site, "uketsuke", "UKETSUKE_141305_20260101_0001_01.csv", b"x", 1), date(2026, 1, 1))
    half = site.home / "numbers" / ".half.1.part"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"x")
    kept.aged(half, date(2026, 1, 1))


def approved(site: Site) -> None:
    """A list of them that another person approved."""
    due(site)
    retire.ask(site, kept.run_of(site), ("C",))
    kit.approve_all(site, "shoukyo")


def destroy(site: Site) -> None:
    """To the certificate; nothing of the list is there then."""
    run_id = kit.query(site, "select run_id::text from ledger.retirement")[0][0]
    jobs.step(site, run_id, "shred")
    assert (site.home / "retired").is_dir() and list(site.home.rglob("消去証明書_第1号.pdf"))
    keys = [key for (key,) in kit.query(site, "select object_key from ledger.object where key_gone_at is not null")]
    assert len(keys) >= 3
    assert not [path for key in keys for path in kept.places(site, key) if path.exists()]


def put_back(site: Site) -> None:
    """Destroyed, then an older database and older files are there again."""
    approved(site)
    files = {
        path: path.read_bytes()
        for folder in ("archive", "keys/objects")
        for path in (site.home / folder).glob("*")
        if path.is_file()
    }
    destroy(site)
    with site.session("owner") as session:
        from sqlalchemy import text

        session.connection.execute(text("update ledger.object set gone_at = null, key_gone_at = null, retirement_id = null"))
        session.commit()
    for path, content in files.items():
        path.write_bytes(content)


def again(site: Site) -> None:
    """Everything that was destroyed is destroyed again."""
    retire.reapply(site, kept.run_of(site))


def gone(site: Site) -> None:
    """Nothing of what was destroyed is there, and the database says so."""
    destroyed = [str(line["key"]) for line in retired.read(site.home) if line["kind"] == "object"]
    known = {key for (key,) in kit.query(site, "select object_key from ledger.object where gone_at is not null")}
    assert len(destroyed) >= 3 and set(destroyed) <= known
    assert not any(path.exists() for key in destroyed for path in kept.places(site, key))


def held(site: Site) -> None:
    """Somebody sets a hold, if it does not stand yet."""
    if not hold.holds(site):
        hold.set_hold(site, kept.run_of(site), hold.Wanted("監査", "試験", date(2028, 1, 1), atena_no=kit.no(1)))


def waits(site: Site) -> None:
    """One list of everything that is due waits; what the policy takes is gone."""
    assert kit.query(site, "select kind, count(*) from ledger.approval where decision is null group by kind") == [("shoukyo", 1)]
    assert retire.plan(site, site.today, "C")[0].count == 0 and not list((site.home / "numbers").glob(".*.part"))
