"""Loads the tasks' imports into the scheduler: its workers are forked from it, so a task starts without seconds of importing."""

from __future__ import annotations

import sys
from importlib import import_module

TASKS = (
    "airflow.providers.standard.operators.hitl",
    "airflow.providers.standard.decorators.python",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "etl.approve",
    "etl.jobs",
    "great_expectations",
)

if "scheduler" in sys.argv:
    for name in TASKS:
        import_module(name)
