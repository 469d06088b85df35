"""Loads what the tasks need into the scheduler, whose workers are forked from it: a task then starts without 3 s of imports."""

from __future__ import annotations

import sys

if "scheduler" in sys.argv:
    import etl.approve
    import etl.jobs  # noqa: F401
