"""架空の市の一か月: the files of a city go through all jobs of the office; 育児期間免除, and 60歳到達 that meets another loss, are seen at the end."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import kit
import pytest

from city import Kikou, answer, answer_income, mend, synth
from city.kikou import INCOMPLETE
from city.todoke_reader import Medium
from demo import shintatsu
from demo.account import account
from demo.month import FIRST, LAST, LATE, REPORTED, nights
from demo.story import deliver
from etl import approve, jobs
from etl.core.law.eigyoubi import business_days
from etl.core.mapping import registry
from etl.core.mapping.layout import codes_on
from etl.site import Site

pytestmark = pytest.mark.timeout(600)
DAYS = business_days(FIRST, LAST)


class Careful(Kikou):
    """Is given each medium twice, and takes it once."""

    def take(self, image: Path, password: str, on: date) -> tuple[str, Medium]:
        taken = super().take(image, password, on)
        with pytest.raises(ValueError, match="taken before"):
            super().take(image, password, on)
        return taken


@pytest.fixture(scope="module")
def lived(town: Site) -> Site:
    """The demonstration's month without a scheduler: every night all jobs, then everything that waits is approved; twice 進達."""
    synth(town.home, 1000, 7, FIRST, LAST)
    kikou = Careful(town.home)
    assert kit.run(town, "ikou_once", DAYS[0])["error"] is None
    for day, following in zip(DAYS, [*DAYS[1:], None], strict=True):
        list(deliver(town.home, LATE, day))
        for job in (job.name for night in nights() for job in night):
            result = kit.run(town, job, day)
            assert result["error"] is None, (job, day, result["error"])
            for kind in registry.approvals():
                approve.decide(town, kind, None, "shounin01") if approve.pending(town, kind) else None
        if day in REPORTED:
            run_id = shintatsu.opened(town, day)
            list(shintatsu.fixed(town))
            jobs.step(town, run_id, "make")
            list(shintatsu.handed(town, kikou))
        if following:
            mend(town.home, kikou.returned, following)
            kikou.answer(following)
            answer(town.home, day, following)
            answer_income(town.home, day, following)
    return town


def test_育児期間免除は受付から結果を経て免除になる(lived: Site) -> None:
    found = kit.query(lived, """
        select u.todoke_code, s.outcome, m.menjo_code, min(m.from_month), count(*)
        from pension.menjo as m
        join pension.kekka_touroku as d using (approval_id)
        join pension.totsugo as s using (kikou_kekka_id)
        left join pension.uketsuke_standing as u on u.uketsuke_no = s.uketsuke_no
        where m.superseded_at is null and s.superseded_at is null and m.kettei_flag and m.menjo_code in ('50', '60')
        group by 1, 2, 3
    """)  # fmt: skip
    counts = {tuple(row[:3]): row[4] for row in found}
    assert counts["34", "matched", "60"] >= 4 and counts["33", "matched", "50"] >= 1
    assert counts[None, "expected_without_intake", "60"] >= 1
    assert min(row[3] for row in found if row[2] == "60") == date(2026, 10, 1)


def test_すべての届書が進達され_結果が登録される(lived: Site) -> None:
    with lived.session() as session:
        found = {r["todoke_code"]: r for r in session.rows("attest/todoke_keii")}
    assert set(found) == set(codes_on("todoke", DAYS[0]))
    assert [kind for kind, r in found.items() if not (r["reported"] and r["results"] and r["registered"])] == []


def test_返戻された届書は改訂して再び進達され_登録される(lived: Site) -> None:
    found = kit.query(lived, """
        select u.todoke_code, u.rev, u.jotai_code, count(distinct o.file_name), array_agg(distinct s.outcome order by s.outcome)
        from pension.uketsuke_ima as u
        join pension.shintatsu_okutta as o using (uketsuke_no)
        join pension.totsugo as s using (uketsuke_no)
        where s.superseded_at is null and u.todoke_code = any(:kinds) and exists (
            select from pension.totsugo as r where r.uketsuke_no = u.uketsuke_no and r.superseded_at is null and r.outcome = 'returned'
        )
        group by 1, 2, 3
    """, kinds=list(INCOMPLETE))  # fmt: skip
    assert sorted(found) == [(kind, 2, "5", 2, ["matched", "returned"]) for kind in INCOMPLETE]
    left = kit.query(lived, "select count(*) from pension.shintatsu_kouho as k where k.again")
    assert left == [(0,)]


def test_重なった喪失は一つだけ提案される(lived: Site) -> None:
    with lived.session() as session:
        met = session.rows("attest/soushitsu_kasanari", age=60, within=7)
    found = {(r["idou_jiyu_code"], r["is_before"], r["soushitsu_jiyu_code"], r["persons"], r["proposals"]) for r in met}
    assert found == {("22", False, "53", 1, 1), ("23", False, "53", 1, 1), ("23", True, "51", 1, 1)}
    lost = kit.query(lived, """
        select s.soushitsu_jiyu_code, s.lost_on from pension.shikaku as s
        join pension.atena_ima as a using (atena_no)
        where s.superseded_at is null and s.approval_id is not null and a.idou_jiyu_code in ('22', '23') and a.birth_on between '1966-10-24' and '1966-10-31'
        order by 2, 1
    """)  # fmt: skip
    assert lost == [("53", DAYS[1]), ("51", DAYS[3]), ("53", DAYS[3])]


def test_65歳に達した任意加入被保険者は要確認に載る(lived: Site) -> None:
    found = kit.query(lived, """
        select count(distinct w.atena_no) from pension.worklist as w join pension.shikaku as s using (atena_no)
        where w.kind = '要確認' and s.superseded_at is null and s.lost_on is null and s.shubetsu_code = '4'
    """)  # fmt: skip
    assert found[0][0] >= 2


def test_遅れて届いた受付ファイルも取り込まれる(lived: Site) -> None:
    found = kit.query(lived, "select business_on from ledger.file where dataset = 'uketsuke' and outcome = 'accepted' order by 1")
    assert [on for (on,) in found] == DAYS and not list((lived.home / "late").iterdir())


def test_監査者に示す件数に個人のことはない(lived: Site) -> None:
    lines = list(account(lived, LAST))
    text = "\n".join(lines)
    assert "育児期間免除該当届" in text and "60歳到達と死亡・国外転出が重なった 3件" in text
    assert not re.search(r"\d{5}", text)
