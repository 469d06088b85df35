"""媒体の引渡し: 渡すと持出しと引渡しが一度に登録され、平文が消える。戻り、消され、次に使われる。命令・一覧・権限。"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import code_of

from etl import approve, ichiran
from etl.attest.status import status
from etl.baitai import hand, held, write
from etl.cli import common, main
from etl.daichou import entries as e
from etl.daichou import register
from etl.hokan import reading
from etl.site import Site
from tests.conftest import After
from tests.rules import baitai
from tests.rules.baitai import HERE, outputs, run_of, written
from tests.rules.daichou import REPORT, TODAY, enter, now


@pytest.fixture(autouse=True)
def _at_an_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TERMINAL", HERE)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    with baitai.mounted(tmp_path / "drive") as made:
        yield made


def give(
    site: Site, serial: str = "SN-0001", on: date = TODAY, to: str = "医療保険課", slip: str = "R9-12", due: date | None = None
) -> Any:
    return hand.hand(site, run_of(site, "baitai_hikiwatashi"), serial, to, slip, on, due)


# ---- 引渡しと返却 -----------------------------------------------------------------------------------------------------------------


def test_渡すと_持出しと引渡しが一度に登録され_平文が消える(after: After, drive: Path) -> None:
    site = after(baitai.month)
    plan = written(site, drive)
    given = give(site)
    row = now(site, 1, "baitai")
    assert (row.state, row.out_to, row.out_on, row.medium_no) == ("out", "医療保険課", TODAY, plan.medium_no)
    assert row.limit_on == date(2028, 1, 30)
    kept = [k for k in reading.listed(site) if k.kind == "D" and k.handed_on]
    assert {k.name for k in kept} == {given[0].name, plan.archive.name, plan.key.name} and not any(k.clear for k in kept)
    assert not plan.archive.exists() and not plan.key.exists() and plan.slip.exists()
    told = kit.query(site, "select operation from audit.event where operation in ('媒体持出', '引渡し') order by 1")
    assert told == [("媒体持出",), ("引渡し",)]
    assert status(site).sent == ()


GIVEN = kit.table("""
| 事例                     | 先に          | 日         | 相手         | 送受書       | 期限       | 結果    |
|--------------------------|---------------|------------|--------------|--------------|------------|---------|
| 今日                     | write         | 2027-12-31 | 医療保険課   | R9-12        |            |         |
| 期限を決める             | write         | 2027-12-31 | 医療保険課   | R9-12        | 2028-01-05 |         |
| 期限が渡す日             | write         | 2027-12-31 | 医療保険課   | R9-12        | 2027-12-31 |         |
| 期限が渡す日より前       | write         | 2027-12-31 | 医療保険課   | R9-12        | 2027-12-30 | NP-3281 |
| 明日渡す                 | write         | 2028-01-01 | 医療保険課   | R9-12        |            | NP-1007 |
| 出た日より前             | write         | 2025-09-01 | 医療保険課   | R9-12        |            | NP-3213 |
| 相手が12桁               | write         | 2027-12-31 | 000012345678 | R9-12        |            | NP-1002 |
| 相手が住所               | write         | 2027-12-31 | 川崎区架空町1丁目 | R9-12   |            | NP-3281 |
| 番号が12桁               | write         | 2027-12-31 | 医療保険課   | 000012345678 |            | NP-1002 |
| 何も書いていない         |               | 2027-12-31 | 医療保険課   | R9-12        |            | NP-4154 |
| 照合が済んでいない       | begin         | 2027-12-31 | 医療保険課   | R9-12        |            | NP-4154 |
| 既に渡した               | write give    | 2027-12-31 | 医療保険課   | R9-12        |            | NP-4144 |
| 戻ったものをそのまま     | write give in | 2027-12-31 | 医療保険課   | R9-12        |            | NP-4154 |
""")


@pytest.mark.parametrize("case", GIVEN, ids=[str(c["事例"]) for c in GIVEN])
def test_渡せるとき(after: After, drive: Path, monkeypatch: pytest.MonkeyPatch, case: dict[str, str | None]) -> None:
    site = after(baitai.month)

    def begin() -> None:
        run = run_of(site)
        plan = write.plan(site, run, "SN-0001", outputs(site)[0])
        with monkeypatch.context() as patch:
            patch.setattr("etl.edge.mount.put", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                write.write(site, run, plan, to=drive)

    acts: dict[str, Callable[[], Any]] = {
        "write": lambda: written(site, drive), "begin": begin, "give": lambda: give(site),
        "in": lambda: hand.back(site, run_of(site, "daichou"), "SN-0001", TODAY),
    }  # fmt: skip
    for act in (case["先に"] or "").split():
        acts[act]()
    moves = "select (select count(*) from ledger.daichou_ido), (select count(*) from ledger.hikiwatashi)"
    before, due = kit.query(site, moves), kit.day(case["期限"])
    found = code_of(
        lambda: give(site, on=date.fromisoformat(str(case["日"])), to=str(case["相手"]), slip=str(case["送受書"]), due=due)
    )
    assert found == case["結果"]
    assert (kit.query(site, moves) == before) == bool(case["結果"])


def test_返した媒体は消すまで中身が残り_消して別のあて先に使える(after: After, drive: Path) -> None:
    site = after(baitai.month)
    written(site, drive)
    give(site)
    row = hand.back(site, run_of(site, "daichou"), "SN-0001", TODAY)
    assert (row.state, row.in_on) == ("held", TODAY)
    assert [on.handed_on for on in held.listed(site, "sousa01")[0][0].on] == [TODAY]
    cells = {**REPORT, e.METHOD: "Clear", e.DONE_ON: str(TODAY), e.RECEIVED: str(TODAY)}
    register.report(site, run_of(site, "daichou"), "baitai", 1, cells, None, reuse=True)
    for path in drive.iterdir():
        path.unlink()
    assert code_of(lambda: written(site, drive, which=1)) == "NP-4144"
    approve.decide(site, "haiki", None, "shounin01")
    assert held.listed(site, "sousa01")[0][0].on == ()
    written(site, drive, which=1)
    assert code_of(lambda: hand.back(site, run_of(site, "daichou"), "SN-0001", TODAY)) == "NP-3283"
    assert code_of(lambda: hand.back(site, run_of(site, "daichou"), "NAI", TODAY)) == "NP-4143"


def test_期限超過が先に並ぶ(after: After) -> None:
    site = after(baitai.month)
    register.move(site, run_of(site, "daichou"), 2, "out", date(2027, 11, 1), "医療保険課", None)
    found, _ = held.listed(site, "sousa01")
    assert [(one.row.entry.mark, one.row.overdue(TODAY)) for one in found] == [("SN-0002", True), ("SN-0001", False)]
    assert code_of(lambda: held.listed(site, "dare")) == "NP-1083"


# ---- 命令と一覧 -------------------------------------------------------------------------------------------------------------------

COMMANDS = kit.table("""
| 事例                 | 命令                                                          | 終了 | 言うこと                 |
|----------------------|---------------------------------------------------------------|------|--------------------------|
| 書く前の一覧         | list                                                          | 0    | 書込み待ち 2 件          |
| 確かめる             | write --serial SN-0001 --output HOKEN --mount DRIVE --dry-run | 0    | 何も書いていません       |
| つないでいない       | write --serial SN-0001 --output HOKEN --mount HERE            | 12   | NP-4149                  |
| 書く                 | write --serial SN-0001 --output HOKEN --mount DRIVE           | 0    | 読み戻し                 |
| フラッシュメモリにイメージはない | write --serial SN-0001 --output HOKEN --image HERE/a.iso | 12 | NP-4145              |
| どちらか             | write --serial SN-0001 --output HOKEN                         | 2    | どれかが要ります         |
| 書いた後の一覧       | list                                                          | 0    | 引渡し待ち               |
| 渡す                 | hand --serial SN-0001 --to 医療保険課 --slip R9-12            | 0    | 平文は消え               |
| 渡した後の一覧       | list                                                          | 0    | 送受書 R9-12             |
| もう一度             | hand --serial SN-0001 --to 医療保険課 --slip R9-12            | 12   | NP-4144                  |
| 書直しの申請         | again HOKEN                                                   | 0    | 承認番号                 |
| 足りない棚卸し       | count --month 2027-12 --none                                  | 0    | 見当たらない: SN-0002    |
| 戻る                 | back --serial SN-0001                                         | 0    | 消去したら               |
| 棚卸し               | count --month 2027-12 --seen SN-0001 --seen SN-0002           | 0    | 差異なし                 |
| ファイルで           | count --month 令和9年12月 --file SERIALS                      | 0    | 差異なし                 |
| 12桁                 | count --month 2027-12 --seen 000012345678                     | 12   | NP-1002                  |
| 締める               | close --month 2027-12                                         | 12   | NP-4156                  |
| ない月               | close --month 2027-13                                         | 12   | NP-1005                  |
""")


def test_命令(
    after: After, drive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = after(baitai.month)
    monkeypatch.setattr(common, "ready_site", lambda: site)
    monkeypatch.setenv("KOKUNEN_TOKEN", "token of sousa01")
    (tmp_path / "serials.txt").write_text("SN-0001\n\nｓｎ-0002\r\n", encoding="cp932")
    words = {"HOKEN": outputs(site)[0], "DRIVE": str(drive), "HERE": str(tmp_path), "SERIALS": str(tmp_path / "serials.txt")}

    def typed(command: str) -> list[str]:
        for word, meant in words.items():
            command = command.replace(word, meant)
        return ["media", *command.split()]

    for case in COMMANDS:
        try:
            ended = main(typed(str(case["命令"])))
        except SystemExit as usage:
            ended = int(usage.code or 0)
        said = "".join(capsys.readouterr())
        assert (ended, str(case["言うこと"]) in said) == (int(str(case["終了"])), True), (case["事例"], said)
    approve.decide(site, "tanaoroshi", None, "shounin01")
    assert main(["media", "close", "--month", "2027-12", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"month": "2027-12", "closed": True}
    assert main(["media", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(m["mark"], [on["name"] for on in m["on"]]) for m in found["media"]] == [
        ("SN-0001", outputs(site)[:1]),
        ("SN-0002", []),
    ]
    assert (found["open_months"], [w["name"] for w in found["waiting"]]) == ([], outputs(site)[1:])


def test_棚卸票と台帳の一覧(after: After, drive: Path) -> None:
    site = after(baitai.month)
    plan = written(site, drive)
    enter(site, "baitai", 製造番号="D-1", 種類="ディスク")
    run, rows = run_of(site, "ichiran"), {}
    for name in ("baitai_tanaoroshi", "daichou_baitai"):
        (made,) = ichiran.make(site, run, name, TODAY, TODAY)
        rows[name] = made.rows
    assert rows == {"baitai_tanaoroshi": 2, "daichou_baitai": 3}
    with site.session() as session:
        assert session.rows("ichiran/daichou_baitai", business_on=TODAY)[0]["on_it"] == plan.archive.name


RIGHTS = kit.table("""
| 誰が      | 書く    | 渡す    | 数える  | 締める  |
|-----------|---------|---------|---------|---------|
| sousa03   |         |         |         |         |
| kanri01   |         | NP-1083 |         |         |
| shounin01 | NP-1083 | NP-1083 | NP-1083 | NP-1083 |
| kansa01   | NP-1083 | NP-1083 | NP-1083 | NP-1083 |
| dare      | NP-1083 | NP-1083 | NP-1083 | NP-1083 |
""")


@pytest.mark.parametrize("case", RIGHTS, ids=[str(c["誰が"]) for c in RIGHTS])
def test_できる者(site: Site, case: dict[str, str | None]) -> None:
    for word, act in (
        ("書く", "baitai_kakikomi"),
        ("渡す", "baitai_hikiwatashi"),
        ("数える", "tanaoroshi"),
        ("締める", "tsukijime"),
    ):
        assert code_of(lambda act=act: run_of(site, act, str(case["誰が"]))) == case[word], word
