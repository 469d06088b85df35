"""Write the records of a period as CSV on stdout: ``audit_export.py [FIRST [LAST]]`` (YYYY-MM-DD, both included; default all).

4情報 stay encrypted in it; 宛名番号 and the names of staff are in clear, so the file is for the auditor only.
"""

from __future__ import annotations

import csv
import sys
from datetime import date
from typing import Any, TextIO

from etl.core.errors import KokunenError
from etl.site import open_site


def write(events: list[dict[str, Any]], out: TextIO) -> None:
    """What tools/audit_verify.py reads."""
    sheet = csv.DictWriter(out, ("event_id", "prev_hash", "hash", "text"), lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(events)


def main(first: str = "0001-01-01", last: str = "9999-12-31") -> int:
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    days = {"first_on": date.fromisoformat(first), "last_on": date.fromisoformat(last)}
    try:
        with open_site().session() as session:
            write(session.rows("attest/audit_events", **days), sys.stdout)
    except KokunenError as error:
        print(f"{error}\n  → {error.remedy}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
