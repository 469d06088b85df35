"""期間: the timetables of the jobs. A run is about a period (its key), never about the moment at which it was started.

They are here and not in Airflow's words for three reasons. The page sends the days of a backfill as moments, and Airflow's own timetable
reads their UTC clock as if it were ours: whoever chose the 26th got the 25th. A ``start_date`` of a DAG would make a run that names an
earlier 論理日付 end green without a single task. And a job that never starts by itself would ask for a 論理日付 instead of a period.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from airflow.sdk.timezone import coerce_datetime
from airflow.timetables.base import DagRunInfo, TimeRestriction
from airflow.timetables.simple import NullTimetable
from airflow.timetables.trigger import CronPartitionTimetable


def begins() -> datetime | None:
    """運用開始: nothing is scheduled by itself for a time before it (a backfill would else set the clock of the schedule back)."""
    day = os.environ.get("KOKUNEN_SCHEDULE_FROM")
    return datetime.fromisoformat(day) if day else None


class Partitions(CronPartitionTimetable):
    """A run per tick of the cron, from 運用開始 on; the window of a backfill is two moments, both included."""

    @property
    def key_format(self) -> Any:
        return self._key_format

    @property
    def timezone(self) -> Any:
        return self._timezone

    def localize_partition_datetime(self, dt: datetime) -> Any:
        return coerce_datetime(dt)

    def next_dagrun_info_v2(self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction) -> DagRunInfo | None:
        begun = coerce_datetime(begins())
        if begun and (restriction.earliest is None or restriction.earliest < begun):
            restriction = restriction._replace(earliest=begun)
        return super().next_dagrun_info_v2(last_dagrun_info=last_dagrun_info, restriction=restriction)


class ByHand(NullTimetable):
    """Never by itself; whoever starts it names the period."""

    partitioned = True
    description = "自動では動きません"
