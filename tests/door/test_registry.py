"""登録簿の変更: 二人が決めて翌開庁日から有効。それまで、変えた行のものは何も出ず、変えていない行は出る。"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, code_of, no

from etl import approve, cli, tourokubo
from etl import run as runs
from etl.approve import tourokubo as handler
from etl.attest import status as attest
from etl.core.law.eigyoubi import next_business_day
from etl.core.mapping import registry as lists
from etl.core.mapping import transfers as pages
from etl.core.mapping.transfers import Permission, Transfer, change_hash, transfers
from etl.core.paper import tourokubo as sheets
from etl.door import hantei
from etl.run import Run
from etl.site import Site

SEIHO = "T02-SEIHO"
USERS = (tourokubo, handler, hantei, lists, pages, attest)  # who reads the page
ALL = ["iten_jidou", "iten_juminhyo", "iten_seiho"]
Write = Callable[..., None]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes another page: rows by id with what is changed, None: taken out."""

    def write(**changed: dict[str, Any] | None) -> None:
        said = {name.replace("_", "-"): change for name, change in changed.items()}
        rows = {
            name: row.model_copy(update=said.get(name) or {}) for name, row in known.items() if said.get(name, {}) is not None
        }
        for user in USERS:
            monkeypatch.setattr(user, "transfers", lambda: MappingProxyType(rows))

    known = transfers()
    return write


def run_of(site: Site, user: str = "kanri01", act: str = "tourokubo") -> Run:
    day = site.today
    return runs.get(
        site, runs.start(site, act, str(day), user, "事務が増えるため", business_on=day, as_known_at=None, run_key=None)
    )


def come(site: Site, *days: date) -> None:
    """Each of these days has somebody who is insured from then on."""
    kit.insured(site, [{"atena_no": no(n), "acquired_on": day} for n, day in enumerate(days, 1)])


def sent(site: Site, on: date) -> tuple[str | None, list[str]]:
    """What a night of iten_event ended with, and the datasets that left."""
    error = kit.run(site, "iten_event", on, reason="試験")["error"]
    left = kit.query(
        site, "select dataset from ledger.output where created_on = :on and released_at is not null order by 1", on=on
    )
    return error and error.code, [dataset for (dataset,) in left]


def agreed(site: Site) -> date:
    tourokubo.propose(site, run_of(site))
    assert approve.decide(site, "tourokubo", None, "shounin01")["approved"] == 1
    since = tourokubo.entries(site)[0].from_on
    assert since
    return since


def test_変えた行だけが止まり_二人が決めた翌開庁日から出る(site: Site, written: Write) -> None:
    since = next_business_day(runs.now().date() + timedelta(days=1))
    first, second, third = (since - timedelta(days=n) for n in (20, 10, 1))
    come(site, first, second, third, since)
    assert sent(site, first) == (None, ALL)
    written(T02_SEIHO={"purpose": "生活保護の決定及び実施"})
    assert tourokubo.pending(site) == attest.status(site).registry_pending == 1
    assert sent(site, second) == ("NP-4172", ["iten_jidou", "iten_juminhyo"])
    tourokubo.propose(site, run_of(site))
    (waiting,) = approve.pending(site, "tourokubo")
    assert waiting.subject == f"登録簿の変更 1 行（{SEIHO} 利用の目的）"
    assert agreed(site) == since and tourokubo.pending(site) == 0
    assert sent(site, third) == ("NP-4172", ["iten_jidou", "iten_juminhyo"])
    assert sent(site, since) == (None, ALL)
    hashes = kit.query(
        site, "select count(distinct registry_sha256), count(*) filter (where registry_sha256 is null) from ledger.output"
    )
    assert hashes == [(2, 0)]
    told = kit.query(site, "select answer, code, count(*) from ledger.iten_hantei group by 1, 2 order by 1, 2")
    assert told == [("拒否", "NP-4172", 2), ("許可", None, 10)]


def test_自分では決められず_否認されれば前のまま(site: Site, written: Write) -> None:
    written(T02_SEIHO={"purpose": "ほかの事務"})
    tourokubo.propose(site, run_of(site, "sousa01"))
    assert code_of(lambda: approve.decide(site, "tourokubo", None, "sousa01")) in ("NP-2030", "NP-1083")
    assert approve.decide(site, "tourokubo", None, "shounin01", "rejected", "根拠がない")["rejected"] == 1
    assert tourokubo.pending(site) == 1 and tourokubo.agreed(site, tourokubo.EVER)[SEIHO]["purpose"] != "ほかの事務"


def test_起案の後に書き換えたものは承認されず_後の起案が前に代わる(site: Site, written: Write) -> None:
    written(T02_SEIHO={"purpose": "一"})
    tourokubo.propose(site, run_of(site))
    written(T02_SEIHO={"purpose": "二"})
    assert code_of(lambda: approve.decide(site, "tourokubo", None, "shounin01")) == "NP-2032"
    tourokubo.propose(site, run_of(site))
    assert len(approve.pending(site, "tourokubo")) == 1
    written()
    assert code_of(lambda: tourokubo.propose(site, run_of(site))) == "NP-4181"


def test_新しい行も消えた行も承認を要し_別添3の形で示す(site: Site, written: Write) -> None:
    written(T03_JIDOU=None, T04_IRYOHOKEN={"items": transfers()["T04-IRYOHOKEN"].items[:-1]})
    states = {row.id: row.state for row in tourokubo.shown(site)}
    assert (states["T03-JIDOU"], states["T04-IRYOHOKEN"], states[SEIHO]) == ("削除（承認がない）", "変更（承認がない）", "有効")
    lines = tourokubo.changes(site, "事前")
    assert {len(line) for line in lines} == {len(sheets.CHANGE_HEADS)} and {line[5] for line in lines} == {"事前"}
    (items,) = [line for line in lines if line[1].startswith("T04")]
    assert items[1].endswith("　項目") and items[2] == f"{items[3]}、変更区分" and items[0] == sheets.ON_APPROVAL
    gone = [line for line in lines if line[1].startswith("T03")]
    assert len(gone) > 10 and {line[3] for line in gone} == {sheets.GONE}
    agreed(site)
    assert tourokubo.pending(site) == 0 and "T03-JIDOU" not in tourokubo.agreed(site, tourokubo.EVER)
    written()
    assert {row.id: row.state for row in tourokubo.shown(site)}["T03-JIDOU"] in ("変更（承認がない）", "新規（承認がない）")


def test_データベースは_二人でなければ有効にせず_許可の記録がなければ送出済みにしない(
    site: Site, written: Write, owner_url: str
) -> None:
    written(T02_SEIHO={"purpose": "ほかの事務"})
    tourokubo.propose(site, run_of(site))
    output = (
        "insert into ledger.output (run_id, dataset, period, version, name, rows, sha256, body_sha256, created_on, known_at, reason)"
        " select run_id, 'x', 'x', 1, 'x', 0, '', '', '2025-01-01', now(), '' from ledger.run limit 1"
    )
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(output)
        for statement, state in (
            ("update ledger.tourokubo set from_on = '2030-01-01' where approval_id is not null", "KN071"),
            ("update ledger.output set released_at = now()", "KN072"),
            (
                output.replace("known_at, reason)", "known_at, reason, released_at)")
                .replace("'' from", "'', now() from")
                .replace("1, 'x'", "2, 'x'"),
                "KN072",
            ),
        ):
            with pytest.raises(psycopg.Error) as refused:
                owner.execute(statement)
            assert refused.value.sqlstate == state


def test_ハッシュはデータベースも同じに言う(site: Site) -> None:
    with site.session() as session:
        assert session.value("tourokubo/hash", day=DAY) == change_hash({row.id: row.sha256 for row in transfers().values()})


def test_行の項目はどれも言葉になる() -> None:
    known = {"id", *(name for names, _ in sheets.WORDS.values() for name in names)}
    assert set(Transfer.model_fields) == known
    assert {label for part in sheets.PARTS.values() for label in part} <= set(sheets.WORDS)


def test_言葉にならない違いも示す() -> None:
    said = sheets.read(transfers()[SEIHO].text)
    ((_, item, before, after, _, _),) = sheets.changes(
        {SEIHO: said}, {SEIHO: {**said, "promise": said["promise"], "id": "T99-X"}}, "", ""
    )
    assert item.startswith(SEIHO) and json.loads(before)["id"] == SEIHO and json.loads(after)["id"] == "T99-X"


ENDS = kit.table("""
| 事例                 | 末日       | 今の状態 | 断る |
|----------------------|------------|----------|------|
| 61日前               | 2025-11-24 |          |      |
| 60日前               | 2025-11-23 | あと 60  |      |
| 末日                 | 2025-09-24 | あと 0   |      |
| 終わった翌日         | 2025-09-23 | 終わりま | NP-4165 |
| 終わりの定めがない   |            |          |      |
""")


@pytest.mark.parametrize("case", ENDS, ids=[c["事例"] for c in ENDS])
def test_許可の終わりは60日前から知らせる(case: dict[str, Any]) -> None:
    permission = Permission.model_validate(
        {"no": "国年移第2号", "from": "2016-01-01", "until": case["末日"], "checked_on": "2016-01-01"}
    )
    row = transfers()[SEIHO].model_copy(update={"permission": permission})
    said = "".join(sheets.ending([row], DAY))
    assert (case["今の状態"] or "") in said and bool(said) == bool(case["今の状態"])
    assert permission.in_force(DAY) == (case["断る"] is None)


def test_終わりの近い許可は今の状態と処理結果表に出る(site: Site, written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    until = {"permission": transfers()["T01-JUMIN"].permission.model_copy(update={"until": DAY})}
    written(T01_JUMIN=until)
    monkeypatch.setenv("KOKUNEN_TODAY", DAY.isoformat())
    assert "あと 0 日" in attest.status(site).permissions_ending[0]
    monkeypatch.setenv("KOKUNEN_TODAY", "2027-12-31")
    since = agreed(site)
    result = kit.run(site, "iten_event", since, reason="試験")
    text = "".join(path.read_text(encoding="utf-8") for path in site.outbox.rglob("処理結果表_資格異動*.txt"))
    assert result["error"] is None and "国年移第1号" in text and "に終わりました" in text
    come(site, DAY)
    result = kit.run(site, "iten_event", since + timedelta(days=7), reason="試験")
    assert result["error"].code == "NP-4165"


def test_命令で見て_違いを見て_起案し_冊子を作る(
    site: Site, written: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)

    def said(*words: str) -> dict[str, Any]:
        assert cli.main(["registry", *words, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    assert {row["state"] for row in said("show")["rows"]} == {"有効"} and said("list") == {"entries": []}
    written(T02_SEIHO={"purpose": "ほかの事務"})
    (line,) = said("diff", "--reason", "軽微な変更")["changes"]
    assert (line["変更後の記載"], line["提出時期に係る説明"]) == ("ほかの事務", "軽微な変更")
    assert said("propose", "--as", "kanri01")["approval"] and said("list")["entries"][0]["row_id"] == SEIHO
    made = said("manual", "--as", "kansa01")["papers"] + said("diff", "--paper", "--as", "kansa01")["papers"]
    assert [p.rpartition("/")[2] for p in made] == ["取扱マニュアル.xlsx", "取扱マニュアル.pdf", "変更箇所.xlsx", "変更箇所.pdf"]
    assert [cli.main(["registry", *words]) for words in (["show", SEIHO], ["diff"], ["list"])] == [0, 0, 0]
    told = capsys.readouterr().out
    assert "生活保護・自立支援室" in told and "変更前の記載" in told and "未決裁" in told


@pytest.mark.parametrize(
    ("changed", "recipient", "day", "code"),
    [
        ({}, None, DAY, None),
        (None, None, DAY, "NP-4161"),
        ({}, "ほかの課", DAY, "NP-4162"),
        ({}, None, date(2015, 12, 31), "NP-4164"),
        ({"permission": {"until": DAY - timedelta(days=1)}}, None, DAY, "NP-4165"),
        ({"permission": {"until": DAY}}, None, DAY, "NP-4172"),
    ],
    ids=["出たときのまま", "登録簿から消えた", "別のあて先の媒体", "許可の前", "許可の後", "承認されていない登録簿"],
)
def test_出したものも_線と媒体に載る前にもう一度尋ねる(
    town: Site, written: Write, changed: dict[str, Any] | None, recipient: str | None, day: date, code: str | None
) -> None:
    row = transfers()["T04-IRYOHOKEN"]
    written(
        T04_IRYOHOKEN=None if changed is None else {n: getattr(row, n).model_copy(update=said) for n, said in changed.items()}
    )
    run = replace(run_of(town), business_on=day)
    with town.session() as session:
        assert code_of(lambda: hantei.require_still(session, run, row.dataset, "X.zip", recipient or row.recipient, day)) == code
    told = kit.query(town, "select code from ledger.iten_hantei where run_id = cast(:run as uuid)", run=run.run_id)
    assert told == ([(code,)] if code else [])
