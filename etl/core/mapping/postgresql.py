"""PostgreSQL の版: when each minor version came out (``mappings/postgresql.yaml``), and what is said of a server that is old or
unknown, or whose log may hold values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as Attr
from pydantic import ValidationError

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import read_yaml
from etl.definitions import MAPPINGS

Source = Literal["bundled", "own"]
OLD = 365  # days; minor versions come out every three months
LABELS: dict[Source, str] = {"bundled": "同梱", "own": "自前"}


class Page(Frozen):
    """Day -> the versions that came out on it."""

    released: dict[date, tuple[Annotated[str, Attr(pattern=r"^\d+\.\d+$")], ...]]


@cache
def releases(path: Path = MAPPINGS / "postgresql.yaml") -> dict[str, date]:
    """Version -> day. DefinitionError NP-1101 when the table is wrong, or a version stands in it twice."""
    try:
        rows = [(version, day) for day, versions in Page(**read_yaml(path)).released.items() for version in versions]
    except ValidationError as error:
        raise DefinitionError("NP-1101", file=path.name, why=error.errors()[0]["msg"]) from None
    if len(dict(rows)) != len(rows):
        raise DefinitionError("NP-1101", file=path.name, why="a version stands in the table once")
    return dict(rows)


@dataclass(frozen=True)
class Postgres:
    """The server that is used. ``bundled``: its binaries came with the locked environment; ``own``: the office keeps it up to date."""

    version: str
    source: Source
    released_on: date | None
    days: int | None  # since then
    warning: str | None

    def line(self) -> str:
        """As people read it."""
        since = f"{self.released_on} 公開、{self.days:,} 日前" if self.released_on else "公開日不明"
        return f"{self.version}（{LABELS[self.source]}、{since}）"


def postgres(number: int, telling: str, source: Source, today: date) -> Postgres:
    """Of ``server_version_num`` (180004 is 18.4), on a day. ``telling``: its settings by which values enter its log."""
    version = f"{number // 10_000}.{number % 10_000}"
    released_on = releases().get(version)
    log = f"サーバーの記録に値が残る設定です（{telling}）。手順書12章のとおりに直してください。" if telling else None
    days = (today - released_on).days if released_on else None
    return Postgres(version, source, released_on, days, "".join(filter(None, (_age(version, days), log))) or None)


def _age(version: str, days: int | None) -> str | None:
    if days is None:
        return f"PostgreSQL {version} は版の表（mappings/postgresql.yaml）にありません。公開日を確かめ、表に加えてください。"
    if days > OLD:
        return f"PostgreSQL {version} は公開から1年を超えています。同じメジャー版の新しいマイナー版に上げてください。"
    return None
