"""移転台帳: 出たファイルは、誰について、どこへ、何の根拠で知らせたかが残り、本人からの問合せに答えられる（P78）。"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, no

from etl import approve, ichiran, jobs
from etl import run as runs
from etl import site as sites
from etl.cli import common, main
from etl.core.mapping.city import ZONE
from etl.core.mapping.transfers import transfers
from etl.edge import db
from etl.site import Site
from tests.conftest import After
from tests.paper.papers import cells

NEXT, MONTH_END = date(2025, 9, 25), date(2025, 9, 30)
Type = Callable[..., tuple[int, str, str]]
NAMED = {
    "T01-JUMIN": "都度1", "T02-SEIHO": "都度2", "T03-JIDOU": "都度3", "T04-IRYOHOKEN": "国保4", "T05-SHUNOU": "国保5",
    "S01-JUKI": "住基", "S02-SHOTOKU": "所得",
}  # fmt: skip


def month(site: Site) -> None:
    """Three insured persons, of whom one has two 資格; one asked for; what changed; the month, and a second version of it that waits."""
    kit.insured(site, [
        {"atena_no": no(1)}, {"atena_no": no(2), "acquired_on": date(2010, 4, 1), "lost_on": date(2025, 9, 10)}, {"atena_no": no(3)},
    ])  # fmt: skip
    kit.ikou(site, "ikou_shikaku", [
        {"atena_no": no(2), "kiso_nenkin_no": kit.kiso(2), "shubetsu_code": "1", "acquired_on": date(2025, 9, 10), "shutoku_jiyu_code": "01"},
    ], NEXT)  # fmt: skip
    kit.run(site, "ikou_once", NEXT)
    kit.juki(site, [{"atena_no": no(n)} for n in (1, 2, 3)], kubun="1")
    assert kit.run(site, "juki_daily", DAY)["error"] is None
    assert kit.run(site, "iten_event", DAY)["error"] is None
    assert kit.month(site)["error"] is None
    kit.uketsuke(site, [{"uketsuke_no": no(7), "atena_no": no(7)}], on=NEXT)
    for job in ("uketsuke_daily", "juki_shoukai_daily"):
        assert kit.run(site, job, NEXT)["error"] is None


def of(site: Site, person: str) -> list[str]:
    with site.session() as session:
        return sorted(NAMED[row["transfer_id"]] for row in session.rows("ichiran/iten_saki", atena_no=person))


def run_of(site: Site, job: str, user: str = "sousa01") -> Any:
    run_id = runs.start(
        site, job, str(site.today), user, "本人からの問合せ", business_on=site.today, as_known_at=None, run_key=None
    )
    return runs.get(site, run_id)


# ---- 誰に渡したか -----------------------------------------------------------------------------------------------------------

GIVEN = kit.table("""
| 事例                       | 人 | 渡した先                      |
|----------------------------|----|-------------------------------|
| 資格のある人               | 1  | 国保4 国保5 都度1 都度2 都度3 |
| 資格が二つある人           | 2  | 国保4 国保5 都度1 都度2 都度3 |
| 宛名を尋ねた人             | 7  | 住基                          |
| 誰でもない人               | 99 |                               |
""")


@pytest.mark.parametrize("case", GIVEN, ids=[str(c["事例"]) for c in GIVEN])
def test_その人について知らせたファイルがすべて分かる(once: Any, case: dict[str, str | None]) -> None:
    assert of(once(month), no(str(case["人"]))) == sorted((case["渡した先"] or "").split())


def test_ファイルごとの人数は_その人の行の数と同じ(once: Any) -> None:
    counted = kit.query(once(month), kit.TOLD)
    assert len(counted) == 6 and all(left and said == kept > 0 for left, said, kept in counted)


def test_行が二つある人も一度だけ(once: Any) -> None:
    rows = kit.query(once(month), "select o.rows, k.persons from ledger.output as o join ledger.iten_kiroku as k using (output_id)"
                                  " where k.transfer_id = 'T04-IRYOHOKEN'")  # fmt: skip
    assert rows == [(4, 3)]


def test_承認を待つ版は出ていない_出たときから分かる(after: After) -> None:
    site = after(month)
    kit.insured(site, [{"atena_no": no(4)}], on=MONTH_END)
    kit.juki(site, [{"atena_no": no(4)}], on=MONTH_END, seq=2)
    kit.run(site, "juki_daily", MONTH_END)
    made = kit.run(site, "kokuho_monthly", "2025-09", reason="取得の反映")
    assert made["proposals"] == 2 and of(site, no(4)) == []
    approve.decide(site, "kokuho", None, "shounin01")
    jobs.step(site, made["run_id"], "release")
    assert of(site, no(4)) == ["国保4", "国保5"]
    assert of(site, no(1)) == ["国保4", "国保4", "国保5", "国保5", "都度1", "都度2", "都度3"], (
        "each version is a file that it was in"
    )
    with site.session() as session:
        (one, _) = session.rows("ichiran/iten_saki", atena_no=no(4))
    assert (one["version"], one["checker"], one["user_name"]) == (2, "shounin01", "sousa01")


def test_同じ日をもう一度実行しても_再現しても_増えない(after: After) -> None:
    site = after(month)
    before = kit.query(site, "select * from ledger.iten_soufu order by 1, 2")
    kit.run(site, "iten_event", DAY)
    kit.run(site, "kokuho_monthly", "2025-09")
    kit.run(site, "kokuho_monthly", "2025-09", as_known_at=datetime.now(ZONE))
    assert list(site.outbox.rglob("reproduced-*/*.dat"))
    assert kit.query(site, "select * from ledger.iten_soufu order by 1, 2") == before


def test_月次の全件も_取り消したものの知らせも_その人に渡したもの(after: After, owner_url_of: Callable[[Site], str]) -> None:
    site, october = after(month), date(2025, 10, 1)
    kit.run(site, "iten_event", MONTH_END)
    assert kit.run(site, "iten_monthly", "2025-09")["error"] is None
    assert of(site, no(3)) == ["国保4", "国保5", "都度1", "都度2", "都度2", "都度3", "都度3"], (
        "the whole of the month is a file, too"
    )
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute("update pension.shikaku set superseded_at = now() where atena_no = %s", (no(3),))
    (made, *_) = kit.run(site, "iten_event", october)["outputs"]
    assert made["rows"] == 1
    assert of(site, no(3)) == ["国保4", "国保5", "都度1", "都度1", "都度2", "都度2", "都度2", "都度3", "都度3", "都度3"]
    assert of(site, no(1)) == ["国保4", "国保5", "都度1", "都度2", "都度2", "都度3", "都度3"]
    assert all(said == kept for _, said, kept in kit.query(site, kit.TOLD))


def test_個人番号だけで尋ねた人は_宛名番号が分かれば出てくる(site: Site) -> None:
    kit.kekka(site, [{"kojin_no": kit.kojin_no(5), "kiso_nenkin_no": kit.kiso(5)}])
    assert kit.run(site, "kikou_kekka", DAY)["error"] is None
    (made,) = kit.run(site, "juki_shoukai_daily", DAY)["outputs"]
    assert made["rows"] == 1 and kit.query(site, "select persons from ledger.iten_kiroku") == [(0,)]
    assert of(site, no(5)) == []
    kit.insured(site, [{"atena_no": no(5)}, {"atena_no": no(6)}], on=NEXT)
    kit.juki(site, [{"atena_no": no(5), "kojin_no": kit.kojin_no(5)}, {"atena_no": no(6), "kojin_no": kit.kojin_no(6)}], on=NEXT)
    assert kit.run(site, "juki_daily", NEXT)["error"] is None
    assert (of(site, no(5)), of(site, no(6))) == (["住基"], [])


def test_出られなかったファイルは何も残さない(after: After, owner_url_of: Callable[[Site], str]) -> None:
    site = after(month)
    kit.insured(site, [{"atena_no": no(4)}], on=MONTH_END)
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute("create function audit.no_more() returns trigger language plpgsql as $$ begin raise exception 'x'; end $$;"
                      "create trigger no_more before insert on audit.event for each row when (new.operation = '移転')"
                      " execute function audit.no_more()")  # fmt: skip
    kit.juki(site, [{"atena_no": no(4)}], on=MONTH_END, seq=2)
    kit.run(site, "juki_daily", MONTH_END)
    assert kit.run(site, "iten_event", MONTH_END)["error"] is not None
    assert of(site, no(4)) == []


def test_登録簿が後で変わっても_出たときの内容が残る(once: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = transfers()["T04-IRYOHOKEN"]
    monkeypatch.setitem(
        transfers(), row.id, row.model_copy(update={"recipient": "別の課", "purpose": "別の目的", "basis": ("別の根拠",)})
    )
    with once(month).session() as session:
        found = next(r for r in session.rows("ichiran/iten_saki", atena_no=no(1)) if r["transfer_id"] == row.id)
    assert (found["recipient"], found["purpose"], tuple(found["basis"])) == (row.recipient, row.purpose, row.basis)
    assert (found["permission_no"], found["row_sha256"], found["items"]) == (row.permission.no, row.sha256, list(row.items))


# ---- 速さ -------------------------------------------------------------------------------------------------------------------


def test_本人からの問合せは索引だけで答える(site: Site, owner_url: str) -> None:
    """At ten million rows in 2 ms (docs/decisions.md); here a few, with the plan that makes it so."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "insert into ledger.iten_soufu select lpad((n % 20000)::text, 15, '0'), n / 20000 from generate_series(0, 199999) as n"
        )
        owner.execute("vacuum analyze ledger.iten_soufu")
        plan = _plan(owner, db.statement("ichiran/iten_saki"))
    assert "Index Only Scan using iten_soufu_pkey" in plan and "Seq Scan on iten_soufu" not in plan
    assert not [table for table in ("iten_soufu", "kojin_no", "output") if f"Seq Scan on {table}" in plan]


def _plan(owner: psycopg.Connection, statement: str) -> str:
    """As it is for large tables: reading all of one costs."""
    with owner.cursor() as cursor:
        cursor.execute("set enable_seqscan = off")
        cursor.execute(f"explain {statement.replace(':atena_no', '%s')}", (no(1), no(1)))  # type: ignore[arg-type]
        return "\n".join(line for (line,) in cursor)


# ---- 命令 -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def typed(after: After, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[Site, Type]:
    """A command as somebody types it; its status, what it said and complained of."""
    site = after(month)
    monkeypatch.setattr(common, "ready_site", lambda: site)
    monkeypatch.setattr(sites, "open_site", lambda home=None: site)

    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = main(list(words))
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return site, run


TYPED = kit.table("""
| 事例                     | 宛名番号        | 職員      | 処理事由   | 結果    |
|--------------------------|-----------------|-----------|------------|---------|
| 操作者                   | 000000000000001 | sousa01   | 問合せ     |         |
| 監査者                   | 000000000000001 | kansa01   | 問合せ     |         |
| 渡していない人           | 000000000000099 | sousa01   | 問合せ     |         |
| 承認者だけの者           | 000000000000001 | shounin01 | 問合せ     | NP-1083 |
| 管理者だけの者           | 000000000000001 | kanri01   | 問合せ     | NP-1083 |
| 事由がない               | 000000000000001 | sousa01   |            | NP-1003 |
| 桁が足りない             | 00000000000001  | sousa01   | 問合せ     | NP-4191 |
| 数字でない               | 00000000000000A | sousa01   | 問合せ     | NP-4191 |
| 全角の数字               | ０００００００００００００００ | sousa01 | 問合せ | NP-4191 |
| 12桁は番号かもしれない   | 000000000012    | sousa01   | 問合せ     | NP-1002 |
""")


def test_誰が何を調べられるか(typed: tuple[Site, Type]) -> None:
    site, run = typed
    for case in TYPED:
        words = ["transfers", "of", str(case["宛名番号"]), "--as", str(case["職員"]), "--json"]
        status, out, err = run(*words, *(("--reason", str(case["処理事由"])) if case["処理事由"] else ()))
        assert (status == 0, out != "") == (case["結果"] is None,) * 2, case
        assert case["結果"] is None or f"[{case['結果']}]" in err, (case, err)
        assert str(case["宛名番号"]) not in err, case
    looked = kit.query(site, "select atena_no, user_name, reason, shimei4 is not null, counts from audit.event"
                             " where operation = '移転先参照' order by event_id")  # fmt: skip
    assert [row[:4] for row in looked] == [
        (no(1), "sousa01", "問合せ", True), (no(1), "kansa01", "問合せ", True), (no(99), "sousa01", "問合せ", False),
    ]  # fmt: skip
    assert [json.loads(row[4]) if isinstance(row[4], str) else row[4] for row in looked] == [
        {"rows": 5},
        {"rows": 5},
        {"rows": 0},
    ]


def test_答えは_あて先_根拠_目的_日時_媒体を言い_その人の値を言わない(typed: tuple[Site, Type]) -> None:
    site, run = typed
    status, out, _ = run("transfers", "of", no(1), "--as", "sousa01", "--reason", "本人からの問合せ", "--paper")
    assert status == 0 and "5 件" in out
    for word in (
        "戸籍住民サービス課",
        "住民基本台帳法第7条第11号",
        "国年移第4号",
        "媒体第1号",
        "国民健康保険料の収納",
        "令和7年9月",
        "引渡し前",
    ):
        assert word in out, word
    assert no(1) not in out and kit.kiso(1) not in out
    made = Path(out.strip().splitlines()[-1])
    assert made.name == "移転先一覧（本人）.xlsx" and made.with_suffix(".pdf").is_file()
    sheet = cells(made)
    assert any(f"宛名番号 {no(1)}" in str(cell) for row in sheet for cell in row)
    assert not [row for row in sheet if kit.kiso(1) in map(str, row)]
    again = run("transfers", "of", no(2), "--as", "sousa01", "--reason", "本人からの問合せ", "--paper")[1]
    assert Path(again.strip().splitlines()[-1]) != made, "another person's answer takes nobody's place"
    assert f"宛名番号 {no(1)}" in str(cells(made))
    (kept,) = kit.query(site, "select counts from audit.event where operation = '移転先参照' order by event_id limit 1")
    assert len((json.loads(kept[0]) if isinstance(kept[0], str) else kept[0])["sha256"]) == 2


def test_記録の前に出たファイルがあれば_そう言う(typed: tuple[Site, Type], owner_url_of: Callable[[Site], str]) -> None:
    """An installation of before: its files are there, whom they told of is not."""
    site, run = typed
    assert "分かりません" not in run("transfers", "of", no(1), "--as", "sousa01", "--reason", "問合せ")[1]
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute("delete from ledger.iten_soufu")
        owner.execute("delete from ledger.iten_kiroku where transfer_id like 'T0%'")
    status, out, _ = run("transfers", "of", no(1), "--as", "sousa01", "--reason", "問合せ")
    assert status == 0 and "該当なし" in out and "それまでに出た 5 ファイルは、誰を含むかが分かりません" in out
    (made,) = ichiran.make(site, run_of(site, "ichiran"), "iten_daichou", date.min, date.max)
    assert made.rows == 6 and sum("記録なし" in map(str, row) for row in cells(Path(made.path))) == 5


# ---- 移転台帳 ---------------------------------------------------------------------------------------------------------------


def released(site: Site) -> date:
    (found,) = kit.query(site, "select max(released_at at time zone 'Asia/Tokyo')::date from ledger.output")
    day: date = found[0]
    return day


LISTED = kit.table("""
| 事例                         | から | まで | あて先        | 件 |
|------------------------------|------|------|---------------|----|
| 出た日                       | 0    | 0    |               | 6  |
| 前の日                       | -1   | -1   |               | 0  |
| 次の日                       | 1    | 1    |               | 0  |
| 前の日から次の日まで         | -1   | 1    |               | 6  |
| 戸籍住民サービス課           | 0    | 0    | T01-JUMIN     | 2  |
| その照会の行からも同じあて先 | 0    | 0    | S01-JUKI      | 2  |
| 収納管理課                   | 0    | 0    | T05-SHUNOU    | 1  |
| 何も渡していないあて先       | 0    | 0    | S02-SHOTOKU   | 0  |
""")


@pytest.mark.parametrize("case", LISTED, ids=[str(c["事例"]) for c in LISTED])
def test_移転台帳は期間とあて先で作る(after: After, case: dict[str, str | None]) -> None:
    site = after(month)
    day = released(site).toordinal()
    first, last = (date.fromordinal(day + int(case[name] or 0)) for name in ("から", "まで"))
    part = ichiran.of_recipient(case["あて先"]) if case["あて先"] else None
    (made,) = ichiran.make(site, run_of(site, "ichiran"), "iten_daichou", first, last, part)
    assert made.rows == int(case["件"] or 0) and Path(made.path).with_suffix(".pdf").is_file()


def test_移転台帳はあて先ごとの計を載せる(once: Any, after: After) -> None:
    site = after(month)
    (made,) = ichiran.make(site, run_of(site, "ichiran"), "iten_daichou", date.min, date.max)
    told = [str(cell) for row in cells(Path(made.path)) for cell in row]
    assert any("計　市民文化局市民生活部戸籍住民サービス課（システム連携基盤経由）　2 ファイル　4 行" in text for text in told)
    assert any("計　健康福祉局医療保険部収納管理課（フラッシュメモリ）　1 ファイル　4 行" in text for text in told)
    assert not [text for text in told if no(1) in text or kit.kiso(1) in text], "nobody is on it"


def test_本人の一覧は_ほかの一覧のようには作れない(once: Any) -> None:
    site = once(month)
    assert kit.code_of(lambda: ichiran.make(site, run_of(site, "ichiran"), "iten_saki", DAY, DAY)) == "NP-2201"


def test_一覧の命令は期間の終わりとあて先を取る(typed: tuple[Site, Type]) -> None:
    site, run = typed
    year = released(site).year
    words = ("list", "iten_daichou", "--period", f"{year}-01", "--to", f"{year}-12", "--as", "kansa01", "--json")
    status, out, err = run(*words, "--recipient", "T04-IRYOHOKEN")
    assert status == 0, err
    assert [(m["title"], m["rows"]) for m in json.loads(out)["lists"]] == [("移転台帳_健康福祉局医療保険部医療保険課", 1)]
    assert "[NP-1005]" in run("list", "iten_daichou", "--period", f"{year}-02", "--to", f"{year}-01", "--as", "kansa01")[2]
    assert "[NP-1007]" in run("list", "iten_daichou", "--period", f"{year}-01", "--to", "2028-01", "--as", "kansa01")[2]
    assert run(*words, "--recipient", "T01-JUMIN", "--ku", "川崎区")[0] == 2
