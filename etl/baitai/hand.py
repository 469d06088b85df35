"""媒体の引渡し: the medium goes out of the register and what is on it is handed over, in one act; then it comes back."""

from __future__ import annotations

from datetime import date

from etl import hokan
from etl.audit import record
from etl.baitai import held
from etl.core.errors import Refused
from etl.core.paper.daichou import STATES
from etl.core.states import Daichou, Operation
from etl.daichou import register
from etl.daichou.register import Row
from etl.edge import db
from etl.run import Run
from etl.site import Site


def hand(site: Site, run: Run, serial: str, to: str, slip: str, on: date, due_on: date | None = None) -> list[held.Archive]:
    """The medium of this serial to somebody, until a day (that of its kind, where none is said); what was handed over with it.

    Refused NP-4143, NP-4144, NP-4154 (nothing is on it, or it was not read back), NP-3281 for what was typed, and as ``hokan.hand_over``: then
    nothing is registered.
    """
    with site.session() as session:
        row = held.one(session, serial)
        number = row.entry.number
        assert number
        going = [one for one in held.on_media(session, number) if not one.given]
    if row.state != Daichou.HELD:
        raise Refused("NP-4144", why=STATES[row.state])
    if not going or not all(one.verified for one in going):
        raise Refused("NP-4154")

    def out(session: db.Session) -> None:
        register.move_within(session, site.today, run, number, "out", on, to, due_on, going[-1].medium_no)
        for one in going:
            if one.handed_on:  # a second time, by an approval: its period is that of the first
                record(
                    session,
                    run,
                    Operation.HIKIWATASHI,
                    one.name,
                    {"receiver": to, "receipt_no": slip, "handed_on": on.isoformat()},
                )

    hokan.hand_over_with(site, run, [hokan.Handed(one.name, on, to, slip) for one in going if not one.handed_on], out)
    return going


def back(site: Site, run: Run, serial: str, on: date, by: str | None = None) -> Row:
    """The medium is here again; what is on it stays on it until it is wiped. Refused NP-4143, NP-3281, NP-3283, NP-3285."""
    with site.session() as session:
        number = held.one(session, serial).entry.number
    assert number
    register.move(site, run, number, "in", on, by, None)
    return register.of(site, held.REGISTER, number)
