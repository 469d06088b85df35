"""進達の命令: 始める、見る、除く、戻す、確定する、取り消す、受領を登録する（kokunen shintatsu）。言うことは短く、氏名も個人番号も出さない。"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import kit
import pytest

from etl import jobs
from etl.cli import common
from etl.cli.main import main
from etl.core.mapping.layout import codes
from etl.core.states import ACTS, Shintatsu
from etl.site import Site
from tests import shintatsu
from tests.shintatsu import DAY, OFFICE, filed

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())


@pytest.fixture
def typed(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """``typed("show", OFFICE)``: exit status and what was said."""
    monkeypatch.setattr(common, "ready_site", lambda: site)

    def run(*words: str, by: str = "sousa01") -> tuple[int, str]:
        status = main(["shintatsu", *words, "--as", by])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def test_始めてから受領まで(site: Site, typed: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    people = [{"atena_no": kit.no(n), "kojin_no": kit.kojin_no(n)} for n in (1, 2, 3)]
    shintatsu.take_in(site, [filed(1), filed(2, jiyu_code=None), filed(3)], people)
    status, said = typed("list")
    assert (status, said) == (0, "進達の回はありません\n")
    status, said = typed("show", OFFICE)
    assert (status, "NP-4201" in said) == (12, True)
    status, said = typed("open")
    assert (
        status == 0
        and "進達　川崎年金事務所　候補 3 件（保留 1、除外 0、確認事項 0、期限超過 0）" in said
        and "2026-11-24 までに" in said
    )
    status, said = typed("show", OFFICE)
    assert status == 0 and "川崎区役所　資格取得届　3 件" in said
    assert f"{filed(2)['uketsuke_no']}　資格取得届　期限 2026-11-24　保留 必要な項目がない（事由）" in said
    assert "架空" not in said and not any(kit.kojin_no(n) in said for n in (1, 2, 3))

    no = filed(3)["uketsuke_no"]
    assert "NP-1003" in typed("leave-out", OFFICE, "--no", no)[1]
    assert "NP-4207" in typed("leave-out", OFFICE, "--no", "1", "--reason", "試験")[1]
    assert (
        typed("leave-out", OFFICE, "--no", no, "--reason", "原本を確認中")[1] == "川崎年金事務所 2026-11-18: 1 件を除きました\n"
    )
    assert "除外 原本を確認中" in typed("show", OFFICE)[1]
    assert typed("put-back", OFFICE, "--no", no, "--reason", "確認した")[0] == 0
    assert "除外" not in typed("show", OFFICE)[1]

    assert "NP-4202" in typed("thaw", OFFICE, "--reason", "試験")[1]
    status, said = typed("freeze", OFFICE)
    assert status == 0 and "確定（承認待ち）" in said and "kokunen approve shintatsu" in said
    assert "NP-4202" in typed("freeze", OFFICE)[1] and "NP-4202" in typed("leave-out", OFFICE, "--no", no, "--reason", "試験")[1]
    assert "内容確認中" in typed("thaw", OFFICE)[1]
    shown = json.loads(typed("show", OFFICE, "--json")[1])
    assert [c["goes"] for c in shown["candidates"]] == [True, False, True]
    typed("freeze", OFFICE)
    assert main(["approve", "shintatsu", "--all", "--as", "sousa01"]) == 12  # whoever fixed it
    assert main(["approve", "shintatsu", "--all", "--as", "shounin01"]) == 0
    name = f"KNTODOKE_{OFFICE}_{TODAY:%Y%m%d}_001.CSV"
    assert f"作成済（引渡し待ち）　{name} 2 件" in typed("list")[1]
    assert "NP-4202" in typed("receive", name, "--number", "受-1")[1]
    assert "NP-4204" in typed("receive", "x.CSV", "--number", "受-1")[1]


def rows(site: Site) -> list[tuple[Any, ...]]:
    return kit.query(site, "select approval_id, uketsuke_no from pension.shintatsu_kiroku order by 1, 2")


def test_確定の後に変われば_承認も作成もできない(site: Site) -> None:
    """A later revision of a 届書 that was fixed: another person cannot approve it any more; fixed anew, he can."""
    shintatsu.take_in(site, [filed(1), filed(2)])
    shintatsu.opened(site)
    run = shintatsu.run_of(site)
    shintatsu.freeze.freeze(site, run, OFFICE)
    shintatsu.take_in(site, [filed(2, rev=2, gaitou_on=date(2026, 11, 2))], on=date(2026, 11, 17), seq=2)
    assert kit.code_of(lambda: kit.approve_all(site, "shintatsu")) == "NP-2032"
    shintatsu.freeze.thaw(site, shintatsu.run_of(site), OFFICE)
    report = shintatsu.made(site)
    assert report.rows == 2 and ",9,081102," in shintatsu.content(site, report).decode("cp932").splitlines()[-1]


def test_承認の後に宛名が変われば_作成できない(site: Site) -> None:
    shintatsu.take_in(site, [filed(1)])
    shintatsu.opened(site)
    run = shintatsu.run_of(site)
    shintatsu.freeze.freeze(site, run, OFFICE)
    kit.approve_all(site, "shintatsu")
    kit.juki(site, [{"atena_no": kit.no(1), "rireki_no": 2, "address": "川崎市幸区架空町２"}], date(2026, 11, 17), 2)
    assert kit.run(site, "juki_daily", date(2026, 11, 17))["error"] is None
    assert kit.code_of(lambda: jobs.step(site, run.run_id, "make")) == "NP-4205"
    assert not list((site.outbox / "shintatsu").rglob("*.zip"))
    shintatsu.freeze.thaw(site, shintatsu.run_of(site), OFFICE)
    assert "架空町２" in shintatsu.content(site, shintatsu.made(site)).decode("cp932")


def test_確定の後に届いた別の届書は_その回には入らない(site: Site) -> None:
    shintatsu.take_in(site, [filed(1)])
    shintatsu.opened(site)
    run = shintatsu.run_of(site)
    shintatsu.freeze.freeze(site, run, OFFICE)
    shintatsu.take_in(site, [filed(2)], on=date(2026, 11, 17), seq=2)
    kit.approve_all(site, "shintatsu")
    jobs.step(site, run.run_id, "make")
    assert [no for _, no in rows(site)] == [filed(1)["uketsuke_no"]]
    first = kit.query(site, "select sha256, name from ledger.output where dataset = 'shintatsu'")
    jobs.step(site, run.run_id, "make")  # again: the same
    assert kit.query(site, "select sha256, name from ledger.output where dataset = 'shintatsu'") == first


def test_空の回は確定できない(site: Site) -> None:
    shintatsu.opened(site)
    assert kit.code_of(lambda: shintatsu.fixed(site)) == "NP-4203"


def test_状態の名前は全てにある() -> None:
    from etl.cli.shintatsu import STATES

    assert set(STATES) == set(Shintatsu) and {s for states in ACTS.values() for s in states} <= set(Shintatsu)
    assert set(codes("nenkin_jimusho")) == {OFFICE, shintatsu.OTHER} and DAY.weekday() == 0
