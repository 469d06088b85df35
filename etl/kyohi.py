"""拒否の収集: what our own server refused to a log-in (SQLSTATE 42501; 28P01: its password was wrong), from its log into the chain of records, each once.

An office's own server keeps its log elsewhere: there it is its administrator's to look at (手順書 12).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from etl.platform import logins, server_log
from etl.site import Site

MOST = 1000  # at a time: a flood delays nobody; the rest comes with the next commands


def collect(site: Site) -> int:
    """How many refusals were recorded; nothing where the records are read by another account than ours."""
    log = site.home / "pg" / "server.log"
    if not log.exists() or not logins.known(site.home / "keys", "kokunen_audit"):
        return 0
    found = 0
    for before in server_log.earlier(log)[-1:]:
        while more := _collect(site, before, ended=True):  # all of it: the next position is another log's
            found += more
    return found + _collect(site, log)


def _collect(site: Site, log: Path, *, ended: bool = False) -> int:
    """Where it stopped is kept with the events, in one transaction. ``ended``: a log of a month before, whose rest is read if it is the one
    that was read last; else it was read whole before the next one was begun."""
    with log.open("rb") as source, site.session("audit") as session, session.transaction():
        first_line = hashlib.sha256(source.readline()).hexdigest()
        from_byte = session.value("ledger/refusals_from", first_line=first_line)
        if ended and not from_byte:
            return 0
        source.seek(from_byte)
        found, upto = server_log.refusals(source, MOST)
        if upto == from_byte:
            return 0
        recorded: int = session.value(
            "ledger/refusals_put",
            first_line=first_line,
            from_byte=from_byte,
            upto=upto,
            logins=[refusal.login for refusal in found],
            sqlstates=[refusal.sqlstate for refusal in found],
            ats=[refusal.at for refusal in found],
        )
    return recorded
