"""進達の頁: what a run opened waits for our own table, and nothing that Airflow is told lets a medium be made."""

from __future__ import annotations

import pytest

from demo import people
from demo import shintatsu as office_work
from etl.core.states import Shintatsu
from etl.shintatsu import freeze, review
from tests.dags.office import DAYS, Office
from tests.dags.test_2_asking import listed, soon

pytestmark = pytest.mark.timeout(900)  # the first of them may run the city
DAG, DAY, WAITING = "shintatsu", DAYS[-1], ("up_for_reschedule",)


def states(city: Office) -> set[Shintatsu]:
    return {report.state for report in review.listed(city.site)}


def media(city: Office) -> list[str]:
    return sorted(path.name for path in (city.site.outbox / DAG).rglob("KNTODOKE_*.zip"))


def test_確定と承認を待つ間に成功とされても_媒体はできない(city: Office) -> None:
    run = city.start(DAG, DAY)
    assert city.operator.wait(DAG, run, task="window", states=WAITING) == "up_for_reschedule"
    assert city.operator.tasks(DAG, run)["report"] == "success" and states(city) == {Shintatsu.OPENED}
    assert city.mark(DAG, run, "window", "success")[0] == 200
    assert city.operator.wait(DAG, run) == "success"
    assert states(city) == {Shintatsu.OPENED} and media(city) == []


def test_命令で確定したものを画面で承認すると_媒体ができる(city: Office) -> None:
    office = next(
        r.jimusho_code for r in review.listed(city.site) if any(c.goes for c in review.show(city.site, r.jimusho_code)[1])
    )
    with people.acting(city.site, DAG, "sousa01", "試験") as run:
        freeze.freeze(city.site, run, office)
    assert soon(lambda: [body for body in listed(city).values() if "開始の進達" in body])
    asked = next(run for run, body in listed(city).items() if "開始の進達" in body)
    assert soon(lambda: city.approver.answer(asked, "承認する", "確認した")[0] in (200, 409))
    assert city.operator.wait("shounin", asked) == "success"
    assert states(city) == {Shintatsu.OPENED, Shintatsu.MADE} and len(media(city)) == 1


def test_別の職員が承認すると_待っていた実行が媒体を作る(city: Office) -> None:
    run = city.runs[DAG, DAY][0]
    city.clear(DAG, run, "window")
    assert city.operator.wait(DAG, run, task="window", states=WAITING) == "up_for_reschedule"
    assert city.mark(DAG, run, "make", "success")[0] == 200 and len(media(city)) == 1
    city.clear(DAG, run, "make")
    list(office_work.fixed(city.site))
    assert city.operator.wait(DAG, run) == "success"
    assert states(city) <= {Shintatsu.MADE, Shintatsu.CANCELLED}
    assert len(media(city)) == sum(report.state is Shintatsu.MADE for report in review.listed(city.site))
    assert not list((city.site.outbox / DAG).rglob("*.CSV"))


def test_時刻は毎月1日と15日(city: Office) -> None:
    found = city.operator.get(f"/dags/{DAG}")
    assert (found["timetable_summary"] or "").startswith("0 8 1,15 * *") and not found["is_paused"]
