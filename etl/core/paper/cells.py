"""What stands in the cells of a list, and over it: who made it, when, why, in which run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from etl.core.dates import wareki
from etl.core.mapping.city import ZONE, city

Cell = str | int | date | datetime | None
CAREFUL = "取扱注意"  # on every page


class Alarm(str):
    """A text of a cell that has to be seen at once: what is overdue."""

    __slots__ = ()


@dataclass(frozen=True)
class Heading:
    """The lines over a list. ``about``: which days or which file it is about; ``made_at``: when its run began, so that the same run makes the
    same bytes again."""

    unit: str
    user: str
    made_at: datetime
    reason: str
    run_id: str
    about: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        made = f"{city()['name']} {self.unit}　作成者 {self.user}　作成日時 {cell_text(self.made_at)}"
        why = f"処理事由 {self.reason}　実行番号 {self.run_id}"
        return (*((self.about,) if self.about else ()), made, why)


def cell_text(value: Cell) -> str:
    """A cell as people read it: days in 和暦 (moments in the time of the city), whole numbers with commas, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(ZONE) if value.tzinfo else value
        return f"{_day(local.date())} {local:%H:%M:%S}"
    if isinstance(value, date):
        return _day(value)
    return f"{value:,}" if isinstance(value, int) else value


def _day(day: date) -> str:
    try:
        return wareki(day)
    except ValueError:  # before 明治
        return day.isoformat()
