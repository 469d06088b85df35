"""進達の改ざんと中断: the jobs' own log-in can neither add to what another person approved, nor put an old approval in its place; what changed between
number and medium makes no medium; what was cut off goes on, and what ended holds up nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import kit
import pytest
from sqlalchemy import text

from etl import jobs
from etl.attest.status import status
from etl.cli import common
from etl.cli.main import main
from etl.core.states import Shintatsu
from etl.edge import db, failpoint
from etl.shintatsu import after, bango, freeze
from etl.shintatsu.reports import Report
from etl.site import Site
from tests import shintatsu
from tests.conftest import Once
from tests.shintatsu import DAY, OFFICE, OTHER, filed

COPIED = """insert into pension.shintatsu_kiroku select (jsonb_populate_record(k, '{"place": 9, "uketsuke_no": "202611199999999"}')).*
    from pension.shintatsu_kiroku as k where k.approval_id = :approval and k.place = 1"""
ACT = "select ledger.shintatsu_suru(:report, :act, :day, :approval, null, null, null, cast(:run as uuid), 'sousa01', 'x', 'T1', '試験')"


def as_jobs(site: Site, said: str, **more: Any) -> None:
    """What the jobs' log-in does by hand."""
    with site.session() as session, session.transaction():
        session.connection.execute(text(said), more)


def approved(site: Site) -> Report:
    """A report that another person approved; its medium is not made yet."""
    shintatsu.take_in(site, [filed(1), filed(2)])
    assert not shintatsu.opened(site)["error"]
    report = shintatsu.fixed(site)
    kit.approve_all(site, "shintatsu")
    return shintatsu.now(site, report)


def run_id_of(site: Site, report: Report) -> str:
    ((run_id,),) = kit.query(site, "select run_id::text from ledger.approval where approval_id = :a", a=report.approval_id)
    return str(run_id)


def make(site: Site, report: Report) -> Report:
    jobs.step(site, run_id_of(site, report), "make")
    return shintatsu.now(site, report)


def test_承認された記録に_後から書き足せない(once: Once) -> None:
    site = once(approved)
    (report,) = shintatsu.reports_of(site, OFFICE)
    assert kit.code_of(lambda: as_jobs(site, COPIED, approval=report.approval_id)) == "NP-2032"
    assert kit.code_of(lambda: as_jobs(site, "update pension.shintatsu_kiroku set name = 'x'")) is not None
    assert kit.code_of(lambda: as_jobs(site, "delete from pension.shintatsu_kiroku")) is not None
    ((n,),) = kit.query(site, "select count(*) from pension.shintatsu_kiroku where name <> 'x'")
    assert n == 2


def test_承認のハッシュと違う記録から_媒体はできない(site: Site) -> None:
    """Whoever can change the rows themselves still has no medium of it."""
    report = approved(site)
    change = "update pension.shintatsu_kiroku set address = address || '１' where approval_id = :a and place = 1 returning 1"
    engine = db.engine(site.url_of("owner"))
    with db.session(engine) as session, session.transaction():
        session.connection.execute(text(change), {"a": report.approval_id})
    engine.dispose()
    assert kit.code_of(lambda: make(site, report)) == "NP-4205"
    assert not list(site.outbox.rglob("*.zip")) and shintatsu.now(site, report).baitai_no is None


@pytest.mark.parametrize("kind", ["進達", "異動"])
def test_前の承認を_新しい回の確定にできない(once: Once, kind: str) -> None:
    site = once(approved)
    (report,) = shintatsu.reports_of(site, OFFICE)
    (other,) = shintatsu.reports_of(site, OTHER)
    approval = report.approval_id
    with site.session() as session, session.transaction():
        if kind == "異動":
            put = """insert into ledger.approval (kind, run_id, subject, content_hash, maker, expires_at)
                values ('idou', cast(:run as uuid), 's', 'h', 'sousa01', now() + interval '1 day') returning approval_id"""
            approval = session.connection.execute(text(put), {"run": report.run_id}).scalar()
    done = {"report": other.shintatsu_id, "act": "freeze", "day": DAY, "approval": approval, "run": report.run_id}
    assert kit.code_of(lambda: as_jobs(site, ACT, **done)) == "NP-2032"


def test_番号を付けた後に取り下げられたものの媒体はできない(site: Site) -> None:
    """Cut off between the number and the medium; then the person takes the 届 back. It is opened again, and the number is not used again."""
    report = approved(site)
    with site.session() as session:
        assert bango.of(session, site, report) == 1
    shintatsu.take_in(site, [filed(2, rev=2, jotai_code="3")], seq=2)
    assert kit.code_of(lambda: make(site, report)) == "NP-4205"
    freeze.thaw(site, shintatsu.run_of(site), OFFICE)
    found = shintatsu.made(site)
    assert (found.state, found.rows, found.baitai_no) == (Shintatsu.MADE, 1, 2)


def test_番号を付けた後に区が変わっても_二つの年金事務所に報告しない(site: Site) -> None:
    report = approved(site)
    with site.session() as session:
        bango.of(session, site, report)
    shintatsu.take_in(site, [filed(2, rev=2, uketsuke_ku_code="141330")], seq=2)
    other = shintatsu.made(site, OTHER)
    assert (other.state, other.rows) == (Shintatsu.MADE, 1)
    assert kit.code_of(lambda: make(site, report)) == "NP-4205"
    after.cancel(site, shintatsu.run_of(site), OFFICE)
    assert shintatsu.now(site, report).state is Shintatsu.CANCELLED


def test_承認の直後に止まっても_同じ命令で媒体ができる(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Approved, and cut off before the medium: the command of the approval goes on, and the first page tells of it until then."""
    report = approved(site)
    (waiting,) = status(site).unreleased
    assert OFFICE in waiting.name
    monkeypatch.setattr(common, "ready_site", lambda: site)
    assert main(["approve", "shintatsu", "--all", "--as", "shounin01"]) == 0
    assert shintatsu.now(site, report).state is Shintatsu.MADE and not status(site).unreleased


def test_期限の切れた確定は_次の確定で取り下げられ_承認を妨げない(site: Site) -> None:
    shintatsu.take_in(site, [filed(1)])
    assert not shintatsu.opened(site)["error"]
    first = shintatsu.fixed(site)
    end = "update ledger.approval set expires_at = now() - interval '1 hour' where approval_id = :a returning 1"
    engine = db.engine(site.url_of("owner"))
    with db.session(engine) as session, session.transaction():
        session.connection.execute(text(end), {"a": first.approval_id})
    engine.dispose()
    assert kit.code_of(lambda: kit.approve_all(site, "shintatsu")) == "NP-2031"
    found = shintatsu.made(site)
    assert (found.state, found.rows) == (Shintatsu.MADE, 1)
    assert kit.query(site, "select decision from ledger.approval where approval_id = :a", a=first.approval_id) == [("withdrawn",)]


def test_一つの年金事務所の内容が変わっても_もう一つの媒体はできる(site: Site) -> None:
    """The waiting job goes on with both; what is refused to the first holds up no other, and is said at the end."""
    shintatsu.take_in(site, [filed(1), filed(2, uketsuke_ku_code="141330")])
    opener = shintatsu.run_of(site)
    jobs.step(site, opener.run_id, "open")
    for office in (OFFICE, OTHER):
        shintatsu.fixed(site, office)
    kit.approve_all(site, "shintatsu")
    shintatsu.take_in(site, [filed(1, rev=2, gaitou_on=DAY)], seq=2)
    assert kit.code_of(lambda: jobs.step(site, opener.run_id, "make")) == "NP-4205"
    states = [shintatsu.reports_of(site, office)[0].state for office in (OFFICE, OTHER)]
    assert states == [Shintatsu.APPROVED, Shintatsu.MADE]


def test_過ぎた業務日に始めた回も_順を追って報告される(site: Site) -> None:
    """A report of a day gone by, opened when a later one had been there before: its medium is of that day, its number the next."""
    shintatsu.take_in(site, [filed(1)])
    assert not shintatsu.opened(site)["error"]
    first = shintatsu.made(site)
    before = DAY - timedelta(days=3)
    shintatsu.take_in(site, [filed(2)], seq=2)
    assert not kit.run(site, "shintatsu", before, reason="試験")["error"]
    second = shintatsu.made(site, on=before)
    assert (first.baitai_no, second.baitai_no, second.rows) == (1, 2, 1)
    assert second.name == f"KNTODOKE_{OFFICE}_{before:%Y%m%d}_002.CSV"
    shintatsu.take_in(site, [filed(3)], seq=3)
    assert not shintatsu.opened(site)["error"]
    assert shintatsu.made(site).baitai_no == 3


def test_作成が途中の媒体は_内容が変われば取り止めるだけ(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off with the sealed archive in its place and nothing recorded; then the 届書 changes. It can neither go on nor be opened again; given up,
    the 届書 goes with the next number, and the archive of before is on no list of media."""

    def cut(name: str) -> None:
        if name == "manifest placed":
            raise OSError(28, "full", str(site.outbox))

    report = approved(site)
    with monkeypatch.context() as patch:
        patch.setattr(failpoint, "reached", cut)
        assert kit.code_of(lambda: make(site, report)) == "NP-1026"
    assert list(site.outbox.rglob("KNTODOKE_*_001.zip")) and shintatsu.now(site, report).state is Shintatsu.APPROVED
    shintatsu.take_in(site, [filed(2, rev=2, gaitou_on=DAY)], seq=2)
    assert kit.code_of(lambda: make(site, report)) == "NP-4205"
    assert kit.code_of(lambda: freeze.thaw(site, shintatsu.run_of(site), OFFICE)) == "NP-4206"
    after.cancel(site, shintatsu.run_of(site), OFFICE)
    assert not shintatsu.opened(site)["error"]
    found = shintatsu.made(site)
    assert (found.state, found.rows, found.baitai_no) == (Shintatsu.MADE, 2, 2)
    assert kit.query(site, "select count(*) from ledger.medium") == [(1,)]
