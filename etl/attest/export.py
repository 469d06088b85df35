"""記録の書出し: the chain of records as CSV, in the very text that was hashed; tools/audit_verify.py checks it on another machine.

4情報 stay encrypted in it; 宛名番号 and the names of staff are in clear, so the file is for the auditor only.
"""

from __future__ import annotations

import csv
from datetime import date
from typing import TextIO

from etl.site import Site

COLUMNS = ("event_id", "prev_hash", "hash", "text")


def export(site: Site, out: TextIO, first_on: date = date.min, last_on: date = date.max) -> None:
    """The records of these business days (both included; default all)."""
    with site.session("audit") as session:
        events = session.rows("attest/audit_events", first_on=first_on, last_on=last_on)
    sheet = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(events)
