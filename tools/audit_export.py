"""Write the records of a period as CSV on stdout: ``audit_export.py [FIRST [LAST]]`` (YYYY-MM-DD, both included; default all).

4情報 stay encrypted in it; 宛名番号 and the names of staff are in clear, so the file is for the auditor only.
"""

from __future__ import annotations

import sys
from datetime import date

from etl.core.errors import KokunenError
from etl.edge import db
from etl.site import open_site


def main(first: str = "0001-01-01", last: str = "9999-12-31") -> int:
    days = {"first_on": date.fromisoformat(first), "last_on": date.fromisoformat(last)}
    try:
        with open_site().session() as session:
            sys.stdout.buffer.write(session.copy_out(db.statement("attest/audit_events"), days, "format csv, header"))
    except KokunenError as error:
        print(f"{error}\n  → {error.remedy}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
