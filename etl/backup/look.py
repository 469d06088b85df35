"""バックアップの状態: for the status: how old the last good one and the last trial are, whether WAL comes to its place, what room there is. Looks and
changes nothing, and says what it cannot find out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from etl.backup import catalog
from etl.core import backup as rules
from etl.core.errors import KokunenError
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.paper.backup import KINDS
from etl.edge import db
from etl.hokan import key_copies
from etl.platform import postgres, wal
from etl.site import Site

LATE = timedelta(minutes=15)  # for a segment on its way
ROOM = 2 << 30  # bytes: below, somebody has to make room


@dataclass(frozen=True)
class State:
    """``own``: the server is an office's, and so are its backups. ``warnings``: what somebody has to do something about."""

    own: bool
    last: datetime | None = None
    kind: str = ""
    verified: datetime | None = None
    wal_waiting: int = 0
    warnings: tuple[str, ...] = ()

    def line(self) -> str:
        """As people read it."""
        if self.own:
            return "市の手順による（自前の PostgreSQL）"
        if self.last is None:
            return "なし"
        tried = f"検証 {self.verified:%Y-%m-%d}" if self.verified else "未検証"
        return f"{self.last:%Y-%m-%d %H:%M}（{KINDS[self.kind]}、{tried}）"

    def as_json(self) -> dict[str, Any]:
        return {
            "own": self.own,
            "last": self.last,
            "verified": self.verified,
            "wal_waiting": self.wal_waiting,
            "warnings": list(self.warnings),
        }


def look(site: Site, session: db.Session, now: datetime) -> State | None:
    """Nothing of an office's own server, but that it was restored and waits, and what lacks of the keys, which are ours."""
    closed = ["復旧の確認が終わっていないため、業務は始まりません。kokunen restore check を実行してください（手順書16章）。"]
    warnings = closed if session.value("ledger/fukkyu_closed") else []
    if not postgres.own_data(site.home):
        warnings += _keys(site, now)
        return State(True, warnings=tuple(warnings)) if warnings else None
    waiting = wal.waiting(site.home)
    try:
        known = catalog.known(catalog.shelf(site.home))
    except KokunenError as error:
        return State(False, wal_waiting=waiting.segments, warnings=(*warnings, f"{error}　{error.remedy}"))
    last = rules.newest(known)
    verified = max((b.verified for b in known if b.verified), default=None)
    first = min((b.moment for b in known), default=None)
    warnings += [
        *_ages(now, last.moment if last else None, verified or first),
        *_wal(session, waiting, now),
        *_room(site),
        *_keys(site, now),
    ]
    return State(False, last.moment if last else None, last.kind if last else "", verified, waiting.segments, tuple(warnings))


def _ages(now: datetime, last: datetime | None, tried: datetime | None) -> Iterator[str]:
    """``tried``: the last trial; before the first one, the first backup."""
    rule = registry.hokan().backup
    if last is None:
        yield "バックアップがありません。kokunen backup を実行してください（手順書16章）。"
    elif now - last > timedelta(days=rule.warn):
        yield f"最後のバックアップから {(now - last).days} 日たっています。backup_daily の実行を確かめてください（手順書16章）。"
    if tried and now - tried > timedelta(days=rule.verify):
        yield f"バックアップの検証が {(now - tried).days} 日ありません。kokunen backup verify を実行してください（手順書16章）。"


def _wal(session: db.Session, waiting: wal.Waiting, now: datetime) -> Iterator[str]:
    if not wal.kept():
        yield "WAL を残していません（KOKUNEN_WAL=off）。事故のとき、最後のバックアップの後は戻せません。"
    elif waiting.since and now - (since := datetime.fromtimestamp(waiting.since, ZONE)) > LATE:
        yield f"WAL {waiting.segments} 本が {since:%m-%d %H:%M} から保存先へ移っていません。立ち上げるか、kokunen backup wal を実行してください。"
    if session.value("backup/failing"):
        yield "PostgreSQL が WAL を渡せません。環境のディスクの空きを確かめてください（手順書16章「ディスクが一杯のとき」）。"


def _room(site: Site) -> Iterator[str]:
    for label, folder in (("環境", site.home), ("バックアップの保存先", catalog.place(site.home))):
        free = shutil.disk_usage(_there(folder)).free
        if free < ROOM:
            yield f"{label}のディスクの空きが {free / (1 << 30):.1f} GB です（手順書16章「ディスクが一杯のとき」）。"


def _keys(site: Site, now: datetime) -> Iterator[str]:
    """Every night the keys of archived objects go to another medium; a key of two days ago that lies nowhere else is told of."""
    if alone := key_copies.lacking(site.home, now - timedelta(days=registry.hokan().backup.warn)):
        yield f"保管物の鍵 {alone:,} 個の写しが別の媒体にありません。KOKUNEN_KEYS の媒体を確かめてください（手順書16章）。"


def _there(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.exists())
