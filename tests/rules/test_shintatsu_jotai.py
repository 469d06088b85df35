"""進達の状態: どの状態でどの行為ができるかは一つの表（``ACTS``）で、Python も データベースも同じことを言う。飛ばせる状態はない。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import kit
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from etl import approve, jobs
from etl.core.states import ACTS, Koui, Shintatsu
from etl.edge import db
from etl.shintatsu import after, freeze, review
from etl.shintatsu.reports import Report
from etl.site import Site
from tests import shintatsu
from tests.conftest import Once
from tests.rules import sono_go
from tests.shintatsu import OFFICE, filed

ON = date(2027, 11, 9)
CELLS = [(state, act) for state in Shintatsu for act in Koui]


def filed_by_two(site: Site) -> None:
    shintatsu.take_in(site, [filed(1), filed(2)], on=ON)
    assert not shintatsu.opened(site, ON)["error"]


# ---- the database --------------------------------------------------------------------------------------------------------------

STEPS: dict[Shintatsu, tuple[str, ...]] = {
    Shintatsu.OPENED: (), Shintatsu.FROZEN: ("freeze",), Shintatsu.APPROVED: ("freeze", "approve"), Shintatsu.MADE: ("freeze", "approve", "make"),
    Shintatsu.HANDED: ("freeze", "approve", "make", "hand"), Shintatsu.RECEIVED: ("freeze", "approve", "make", "hand", "receive"),
    Shintatsu.REFUSED: ("freeze", "approve", "make", "hand", "refuse"), Shintatsu.CANCELLED: ("cancel",),
}  # fmt: skip
DO = """select ledger.shintatsu_suru(:report, :act, :day, :approval, :output, null, null, cast(:run as uuid), :user, '国民年金係', 'T1', '試験')"""
APPROVAL = """insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
    values ('shintatsu', cast(:run as uuid), 's', 'h', 'sousa01', now() + interval '1 day') returning approval_id"""
OUTPUT = """insert into ledger.output (run_id, dataset, period, seq, version, name, rows, sha256, body_sha256, created_on, known_at, reason, approval_id)
    values (cast(:run as uuid), 'shintatsu', 'x', :approval, 1, 'x' || :approval, 0, '', '', :day, now(), '', :approval) returning output_id"""
HANDED = "insert into ledger.hikiwatashi (output_id, handed_on, receiver, receipt_no, run_id) values (:output, :day, 'x', 'x', cast(:run as uuid))"
DECIDED = (
    "update ledger.approval set decision = 'approved', checker = 'shounin01', decided_at = now() where approval_id = :approval"
)


class Done:
    """A report of its own in the database, and what is done to it; nothing of it is kept."""

    def __init__(self, session: db.Session, run: str) -> None:
        self.session = session
        self.about: dict[str, Any] = {"run": run, "day": ON, "user": "sousa01", "approval": None, "output": None}
        opened = "select ledger.shintatsu_hiraku('9999', :day, :day, cast(:run as uuid), :user, '国民年金係', 'T1', '試験')"
        self.about["report"] = self.sql(opened)

    def sql(self, said: str, **more: Any) -> Any:
        found = self.session.connection.execute(text(said), self.about | more)
        return found.scalar() if found.returns_rows else None

    def step(self, name: str) -> None:
        if name == "approve":
            self.sql(DECIDED)
        elif name == "hand":
            self.sql(HANDED)
        else:
            self.act(Koui(name))

    def act(self, act: Koui, day: date = ON) -> None:
        if act is Koui.FREEZE or self.about["approval"] is None:
            self.about["approval"] = self.sql(APPROVAL)
        if act is Koui.MAKE and self.about["output"] is None:
            self.about["output"] = self.sql(OUTPUT)
        approval = self.about["approval"] if act is Koui.FREEZE else None
        output = self.about["output"] if act is Koui.MAKE else None
        self.sql(DO, act=str(act), day=day, approval=approval, output=output)

    @property
    def state(self) -> str:
        return str(self.sql("select state from ledger.shintatsu_ima where shintatsu_id = :report"))


@contextmanager
def report(site: Site, state: Shintatsu) -> Iterator[Done]:
    """A report in this state."""
    ((run,),) = kit.query(site, "select run_id::text from ledger.run where job = 'shintatsu' limit 1")
    engine = db.engine(site.url_of("owner"))
    try:
        with db.session(engine) as session:
            made = Done(session, run)
            for step in STEPS[state]:
                made.step(step)
            assert made.state == state
            yield made
    finally:
        engine.dispose()


@pytest.mark.parametrize(("state", "act"), CELLS, ids=[f"{state}-{act}" for state, act in CELLS])
def test_データベースは表にある行為だけを受ける(once: Once, state: Shintatsu, act: Koui) -> None:
    with report(once(filed_by_two), state) as found:
        if state in ACTS[act]:
            found.act(act)
            return
        with pytest.raises(DBAPIError) as refused:
            found.act(act)
        assert getattr(refused.value.orig, "sqlstate", None) == "KN081"


def test_データベースの表は状態の表と同じ(once: Once) -> None:
    kept = set(kit.query(once(filed_by_two), "select act, state from ledger.shintatsu_michi"))
    assert kept == {(act, state) for act, states in ACTS.items() for state in states}


BAD = kit.table("""
| 事例                             | 状態     | 行為    | 変えること                | 番号  |
|----------------------------------|----------|---------|---------------------------|-------|
| 始めた日より前の確定             | opened   | freeze  | 日=2027-11-08             | KN024 |
| 始めた日より前の取消し           | frozen   | thaw    | 日=2027-11-08             | KN024 |
| 渡した日より前の受領             | handed   | receive | 日=2027-11-08             | KN024 |
| 渡した日より前の不受理           | handed   | refuse  | 日=2027-11-08             | KN024 |
| 別の承認のファイルの作成         | approved | make    | 別の承認                  | KN005 |
| 名簿にない者の確定               | opened   | freeze  | 者=nobody                 | KN010 |
| 名簿にない者の受領               | handed   | receive | 者=nobody                 | KN010 |
""")


@pytest.mark.parametrize("case", BAD, ids=lambda c: c["事例"])
def test_データベースが断るもの(once: Once, case: dict[str, str]) -> None:
    with report(once(filed_by_two), Shintatsu(case["状態"])) as found:
        name, _, value = case["変えること"].partition("=")
        if name == "別の承認":
            found.about["approval"] = found.sql(APPROVAL)
        elif name == "者":
            found.about["user"] = value
        day = date.fromisoformat(value) if name == "日" else ON
        with pytest.raises(DBAPIError) as refused:
            found.act(Koui(case["行為"]), day)
        assert getattr(refused.value.orig, "sqlstate", None) == case["番号"]


# ---- the commands --------------------------------------------------------------------------------------------------------------


def _acts(site: Site, name: str) -> dict[Koui, Callable[[], object]]:
    run = shintatsu.run_of(site, ON)
    return {
        Koui.FREEZE: lambda: freeze.freeze(site, run, OFFICE), Koui.THAW: lambda: freeze.thaw(site, run, OFFICE),
        Koui.RECEIVE: lambda: after.received(site, run, name, "受-1", sono_go.SENT),
        Koui.REFUSE: lambda: after.received(site, run, name, "受-1", sono_go.SENT, refused=True),
    }  # fmt: skip


def _refused(site: Site, report: Report) -> None:
    """What is not possible in the state that the report has is refused and changes nothing; nothing but the last step can be looked through."""
    report = shintatsu.now(site, report)
    for act, do in _acts(site, report.name or "KNTODOKE.CSV").items():
        if report.state not in ACTS[act]:
            assert kit.code_of(do) == ("NP-4202" if report.name or act in (Koui.FREEZE, Koui.THAW) else "NP-4204"), (
                report.state,
                act,
            )
    if report.state is not Shintatsu.OPENED:
        no = filed(1)["uketsuke_no"]
        code = kit.code_of(lambda: review.leave_out(site, shintatsu.run_of(site, ON), OFFICE, [no], "試験"))
        assert code in ("NP-4202", "NP-4207"), "no candidate any more, once its medium is made"
    assert shintatsu.now(site, report).state is report.state


def test_どの状態でも表にない命令は断られ_何も変わらない(site: Site) -> None:
    filed_by_two(site)
    run = shintatsu.run_of(site, ON)
    (report,) = shintatsu.reports_of(site, OFFICE)
    _refused(site, report)
    assert jobs.step(site, run.run_id, "make").outputs == (), "nothing was fixed"  # type: ignore[attr-defined]
    report = freeze.freeze(site, run, OFFICE)
    _refused(site, report)
    assert jobs.step(site, run.run_id, "make").outputs == (), "nobody approved it"  # type: ignore[attr-defined]
    assert kit.code_of(lambda: approve.decide(site, "shintatsu", None, "sousa01")) == "NP-2030", "whoever fixed it"
    assert shintatsu.now(site, report).state is Shintatsu.FROZEN
    kit.approve_all(site, "shintatsu")
    _refused(site, report)
    jobs.step(site, run.run_id, "make")
    _refused(site, report)
    sono_go.handed(site, shintatsu.now(site, report))
    _refused(site, report)
    assert kit.code_of(lambda: after.cancel(site, shintatsu.run_of(site, ON), OFFICE)) == "NP-4202", "it is with 日本年金機構"
    sono_go.received(site, shintatsu.now(site, report))
    _refused(site, report)
    assert len(jobs.step(site, run.run_id, "make").outputs) == 1, "the same medium again, not another one"  # type: ignore[attr-defined]
    done = kit.query(
        site, "select act from ledger.shintatsu_koui where shintatsu_id = :r order by event_id", r=report.shintatsu_id
    )
    assert [act for (act,) in done] == ["freeze", "make", "receive"]


def test_取り消した確定の承認で媒体はできない(site: Site) -> None:
    """Approved, then opened again: what another person said yes to is gone with it."""
    filed_by_two(site)
    run = shintatsu.run_of(site, ON)
    report = freeze.freeze(site, run, OFFICE)
    kit.approve_all(site, "shintatsu")
    freeze.thaw(site, shintatsu.run_of(site, ON), OFFICE)
    assert jobs.step(site, run.run_id, "make").outputs == ()  # type: ignore[attr-defined]
    again = freeze.freeze(site, shintatsu.run_of(site, ON), OFFICE)
    assert (again.shintatsu_id, again.state) == (report.shintatsu_id, Shintatsu.FROZEN)
    assert again.approval_id != report.approval_id and again.content_hash == report.content_hash
    assert jobs.step(site, run.run_id, "make").outputs == ()  # type: ignore[attr-defined]
