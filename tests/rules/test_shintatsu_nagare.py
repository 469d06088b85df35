"""進達の流れ: 候補から、確定・承認を経て、媒体まで。"""

from __future__ import annotations

import kit

from etl.core.states import Shintatsu
from etl.shintatsu import after
from etl.site import Site
from tests import shintatsu
from tests.shintatsu import DAY, OFFICE, filed


def test_受付から媒体まで(site: Site) -> None:
    intakes = [filed(1), filed(2, kiso_nenkin_no=None), filed(3, uketsuke_ku_code="141330")]
    shintatsu.take_in(site, intakes, [{"atena_no": kit.no(2), "kojin_no": kit.kojin_no(2)}])
    assert not shintatsu.opened(site)["error"]
    report = shintatsu.made(site)
    assert (report.state, report.name) == (Shintatsu.MADE, f"KNTODOKE_{OFFICE}_{DAY:%Y%m%d}_001.CSV")
    lines = shintatsu.content(site, report).decode("cp932").splitlines()
    assert lines[0] == "31,13,141305,001,20261116,22223"
    assert [line.split(",")[5:8] for line in lines[5:]] == [["3100", "000001", ""], ["", "", kit.kojin_no(2)]]
    assert not list(site.outbox.rglob("*.CSV"))
    read = "select e.reason, r.purpose from vault.reading as r join audit.event as e using (event_id)"
    assert kit.query(site, read) == [("進達", "進達")], "what the number was read for"


def test_縮退して書いた名前も読み戻して同じ(site: Site) -> None:
    shintatsu.take_in(site, [filed(1)], [{"atena_no": kit.no(1), "name": "髙橋　一郎"}])
    shintatsu.opened(site)
    assert "高橋　一郎" in shintatsu.content(site, shintatsu.made(site)).decode("cp932")


def test_同じ日に取り止めて_もう一度報告する(site: Site) -> None:
    shintatsu.take_in(site, [filed(1)])
    shintatsu.opened(site)
    first = shintatsu.made(site)
    after.cancel(site, shintatsu.run_of(site), OFFICE)
    shintatsu.opened(site)
    second = shintatsu.made(site)
    assert [(first.baitai_no, first.rows), (second.baitai_no, second.rows)] == [(1, 1), (2, 1)]
    assert shintatsu.now(site, first).state is Shintatsu.CANCELLED
