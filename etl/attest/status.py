"""今の状態: persons held, what waits, what is quarantined, the end of the chain, the last runs, the server. Numbers and names of
jobs, nobody's data."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from etl.backup.look import State
from etl.backup.look import look as look_at_backup
from etl.core.law.shintatsu import next_opened, review_ends
from etl.core.mapping import registry
from etl.core.mapping.city import ZONE
from etl.core.mapping.daichou import registers
from etl.core.mapping.postgresql import Postgres, postgres
from etl.core.mapping.transfers import WARN, transfers, unagreed
from etl.core.paper.tourokubo import ending
from etl.door.look import Amiss, look
from etl.site import Site

#: what the JSON has only if there are any
SELDOM = (
    "files",
    "unreleased",
    "sent",
    "unsent",
    "unconfirmed",
    "people_overdue",
    "daichou_overdue",
    "months_open",
    "holds_overdue",
    "registry_pending",
    "permissions_ending",
    "reports_overdue",
    "reports_due",
    "reports_unconfirmed",
    "backup",
)


@dataclass(frozen=True)
class LastRun:
    """One of the last runs."""

    run_id: str
    job: str
    period: str
    user_name: str
    state: str
    error_code: str | None
    started_at: datetime
    finished_at: datetime | None
    late: int = 0  # files that had come late (遅れて届いたファイル), and that it took in


@dataclass(frozen=True)
class Lying:
    """A file of the inbox that is not in: ``refused`` or ``waiting``, as it was found when it was looked at last."""

    dataset: str
    name: str
    outcome: str
    code: str | None
    business_on: date


@dataclass(frozen=True)
class Unreleased:
    """A version that a second person approved and that has not left: the work stopped in between."""

    kind: str
    run_id: str
    name: str


@dataclass(frozen=True)
class Unconfirmed:
    """A file that was sent, and the recipient does not say that it has it (``sql/soushin/mikakunin``)."""

    name: str
    partner: str
    state: str
    due_on: date | None


@dataclass(frozen=True)
class Handed:
    """A report that was handed to 日本年金機構, and no receipt came (未確認)."""

    name: str
    jimusho_code: str
    handed_on: date


@dataclass(frozen=True)
class Status:
    """``pending``: kind of approval -> how many wait (every kind of the registry). ``worklist``: kind -> open entries.
    ``files``: those that lie in the inbox and are not in. ``unreleased``: what was approved and has not left. ``sent``: what has left and was
    changed, or is missing and not told so yet. ``unsent``: files that are to go to a partner's server; ``unconfirmed``: those that went.
    ``people_overdue``: entries of the register of people that nobody has looked at for a whole 年度. ``daichou_overdue``: paper, media and copies
    past their limit. ``months_open``: whose media nobody closed. ``holds_overdue``: 保全 past its review date. ``registry_pending``: rows of the
    registry that are written otherwise than two people agreed to. ``permissions_ending``: whose end has to be thought of, in words.
    ``reports_overdue``: what should have been reported to 日本年金機構 by now; ``reports_due``: what will be too late for the next report by the
    calendar; ``reports_unconfirmed``: media that were handed over, and no receipt came."""

    persons_held: int
    shikaku_open: int
    pending: Mapping[str, int]
    juki_shoukai_open: int
    shotoku_shoukai_open: int
    quarantined_rows: int
    audit_events: int
    audit_head: str
    worklist: Mapping[str, int]
    files: tuple[Lying, ...]
    unreleased: tuple[Unreleased, ...]
    sent: tuple[Amiss, ...]
    unsent: int
    unconfirmed: tuple[Unconfirmed, ...]
    people_overdue: int
    daichou_overdue: int
    months_open: tuple[str, ...]
    holds_overdue: int
    registry_pending: int
    permissions_ending: tuple[str, ...]
    reports_overdue: int
    reports_due: int
    reports_unconfirmed: tuple[Handed, ...]
    runs: tuple[LastRun, ...]
    postgres: Postgres
    backup: State | None

    def as_json(self) -> dict[str, Any]:
        """In the order of the fields; instead of ``pending`` a key for each kind of approval: ``pending_<kind>``; those of ``SELDOM`` only
        if there are any."""
        found: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if name in SELDOM and not value:
                continue
            if name == "backup" and self.backup:
                value = self.backup.as_json()
            found |= {f"pending_{kind}": n for kind, n in value.items()} if name == "pending" else {name: value}
        return found

    def labelled(self) -> Iterator[tuple[str, int]]:
        """(label, number), as people read them."""
        yield "保有者", self.persons_held
        yield "資格（喪失日なし）", self.shikaku_open
        for kind, about in registry.approvals().items():
            yield f"未決裁（{about.label}）", self.pending[kind]
        yield "承認済みで未出力のファイル", len(self.unreleased)
        yield "住基照会（未回答）", self.juki_shoukai_open
        yield "所得照会（未回答）", self.shotoku_shoukai_open
        yield "隔離行", self.quarantined_rows
        for outcome, label in (("refused", "拒否されたままのファイル"), ("waiting", "待機しているファイル")):
            yield label, sum(f.outcome == outcome for f in self.files)
        yield "渡した後に変わった、又は無くなったファイル", len({(a.dataset, a.name) for a in self.sent})
        yield "相手先へ未送信のファイル", self.unsent
        yield "受領が確認できない送信", len(self.unconfirmed)
        yield "職員登録の点検の期限切れ", self.people_overdue
        yield "期限の過ぎた紙・媒体・委託先の複製", self.daichou_overdue
        yield "媒体を締めていない月", len(self.months_open)
        yield "見直しの期限を過ぎた保全", self.holds_overdue
        yield "承認されていない登録簿の変更", self.registry_pending
        yield f"{WARN}日以内に終わる、又は終わった許可", len(self.permissions_ending)
        yield "進達の期限を過ぎたもの", self.reports_overdue
        yield "次の進達では期限を過ぎるもの", self.reports_due
        yield "受領が確認できない進達", len(self.reports_unconfirmed)
        yield "記録", self.audit_events


def status(site: Site) -> Status:
    """As it is now."""
    today = datetime.now(ZONE).date()
    with site.session() as session:
        counts = session.one("attest/status", today=site.today) or {}
        waiting = {row["kind"]: row["n"] for row in session.rows("attest/status_pending")}
        worklist = {row["kind"]: row["n"] for row in session.rows("attest/status_worklist")}
        files = tuple(Lying(**row) for row in session.rows("attest/status_files"))
        unreleased = tuple(Unreleased(**row) for row in session.rows("ledger/unreleased", kind=None))
        daichou_overdue = session.value("daichou/overdue", today=site.today)
        kinds, until = registers()["baitai"].month_end, site.today.replace(day=1) - timedelta(days=1)
        months_open = tuple(row["month"] for row in session.rows("baitai/open_months", kinds=kinds, until=until))
        agreed = {row["row_id"]: row["content"] for row in session.rows("tourokubo/on", day=date.max)}
        reports = session.one("attest/status_shintatsu", today=site.today, next_report=review_ends(next_opened(site.today))) or {}
        handed = session.rows("attest/status_mikakunin")
        runs = tuple(LastRun(**row) for row in session.rows("attest/status_runs"))
        sent = tuple(look(session, site, [row.dataset for row in transfers().values()]))
        by_sftp = [row.dataset for row in transfers().values() if row.channel.to]
        unsent = len(session.rows("soushin/waiting", datasets=by_sftp))
        late = session.rows("soushin/mikakunin", datasets=None, today=site.today)
        server = postgres(
            **(session.one("attest/status_server", bundled=site.bundled) or {}),
            source="bundled" if site.bundled else "own",
            today=today,
        )
    with site.session("people") as session:
        people_overdue = session.value("shokuin/okure")
        backup = look_at_backup(site, session, datetime.now(ZONE))
    pending = dict.fromkeys(registry.approvals(), 0) | waiting
    lying = tuple(f for f in files if os.path.lexists(site.inbox / f.dataset / f.name))
    return Status(
        **counts,
        pending=pending,
        worklist=worklist,
        files=lying,
        unreleased=unreleased,
        sent=sent,
        unsent=unsent,
        unconfirmed=tuple(Unconfirmed(row["name"], row["partner"], row["state"], row["due_on"]) for row in late),
        people_overdue=people_overdue,
        daichou_overdue=daichou_overdue,
        months_open=months_open,
        registry_pending=len(unagreed(agreed)),
        permissions_ending=tuple(ending(transfers().values(), site.today)),
        **reports,
        reports_unconfirmed=tuple(Handed(**row) for row in handed),
        runs=runs,
        postgres=server,
        backup=backup,
    )
