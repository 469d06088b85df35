"""架空の市の一か月: the files of a city go through all jobs of the office; 育児期間免除, and 60歳到達 that meets another loss, are seen at the end."""

from __future__ import annotations

from datetime import date

import kit
import pytest

from city import answer, answer_income, synth
from demo.account import account
from demo.month import FIRST, LAST, nights
from etl import approve
from etl.core.law.eigyoubi import business_days
from etl.core.mapping import registry
from etl.site import Site

pytestmark = pytest.mark.timeout(600)
DAYS = business_days(FIRST, LAST)


@pytest.fixture(scope="module")
def lived(town: Site) -> Site:
    """The demonstration's month without a scheduler: every night all jobs, then everything that waits is approved."""
    synth(town.home, 1000, 5, FIRST, LAST)
    assert kit.run(town, "ikou_once", DAYS[0])["error"] is None
    for day, following in zip(DAYS, [*DAYS[1:], None], strict=True):
        for job in (job.name for jobs in nights() for job in jobs):
            result = kit.run(town, job, day)
            assert result["error"] is None, (job, day, result["error"])
            for kind in registry.approvals():
                approve.decide(town, kind, None, "shounin01") if approve.pending(town, kind) else None
        if following:
            answer(town.home, day, following)
            answer_income(town.home, day, following)
    return town


def test_x(lived: Site) -> None:
    print(*account(lived, LAST), sep="\n")
    print(kit.query(lived, "select kind, count(*) from pension.worklist group by 1"))
    print(
        kit.query(
            lived,
            "select outcome, todoke_code, count(*) from pension.totsugo join pension.kikou_kekka using (kikou_kekka_id) where totsugo.superseded_at is null group by 1, 2 order by 1,2",
        )
    )
    print(
        kit.query(
            lived,
            "select missing, findings, todoke_code, count(*) from pension.uketsuke_check join pension.uketsuke using (uketsuke_id) where missing <> '{}' or findings <> '{}' group by 1,2,3",
        )
    )
    print(
        kit.query(
            lived,
            "select menjo_code, kettei_flag, count(*) from pension.menjo where superseded_at is null group by 1,2 order by 1,2",
        )
    )
    assert 0
