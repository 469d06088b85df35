"""進達: the report to 日本年金機構. ``opening`` (a report begins, by the calendar) → ``review`` (what is left out, what is looked at) → ``freeze``
(fixed, put before another person) → approval → ``make`` (the medium) → 引渡し → ``after`` (the receipt). What a report is now follows from
what was done (``ledger.shintatsu_ima``); no state is skipped, whatever is marked elsewhere.
"""

from etl.shintatsu.make import fixers, make, waits
from etl.shintatsu.opening import opening

__all__ = ["fixers", "make", "opening", "waits"]
