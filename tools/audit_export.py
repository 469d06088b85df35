"""Write the records of a period as CSV on stdout: ``audit_export.py [FIRST [LAST]]`` (YYYY-MM-DD, both included; default all).

For the auditor only (``etl.attest.export`` says why).
"""

from __future__ import annotations

import sys
from datetime import date

from etl.attest.export import export
from etl.core.errors import KokunenError
from etl.site import open_site


def main(days: list[str]) -> int:
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    try:
        export(open_site(), sys.stdout, *(date.fromisoformat(day) for day in days))
    except KokunenError as error:
        print(f"{error}\n  → {error.remedy}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:3]))
