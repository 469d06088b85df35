"""Tells Airflow of our timetables, so that it can keep them in its database."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from partitions import ByHand, Partitions


class KokunenTimetables(AirflowPlugin):
    name = "kokunen_timetables"
    timetables: ClassVar[list[Any]] = [Partitions, ByHand]
