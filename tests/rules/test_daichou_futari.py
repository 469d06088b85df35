"""台帳と二人: 廃棄・消去・返却は、証明書の番号のある報告を別の職員が確認して初めて廃棄済になる。訂正・取消しも同じ。それまで期限は残る。"""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import code_of

from etl import approve, asking, ichiran
from etl.attest.status import status
from etl.cli import common, main
from etl.daichou import entries as e
from etl.daichou import register
from etl.site import Site
from tests.rules.daichou import REPORT, TODAY, enter, now, report, run_of

# ---- 二人 -------------------------------------------------------------------------------------------------------------------

SECOND = kit.table("""
| 事例               | 誰が      | 決裁     | 結果    | 状態  |
|--------------------|-----------|----------|---------|-------|
| 別の職員が確認     | shounin01 | approved |         | gone  |
| 報告した本人       | sousa01   | approved | NP-2030 | asked |
| 名前の書き方だけ違う本人 | ＳＯＵＳＡ０１ | approved | NP-2030 | asked |
| 承認者でない者     | kanri01   | approved | NP-1083 | asked |
| 別の職員が否認     | shounin01 | rejected |         | held  |
""")


@pytest.mark.parametrize("case", SECOND, ids=[str(c["事例"]) for c in SECOND])
def test_報告は別の職員が確認する(site: Site, case: dict[str, str | None]) -> None:
    number = enter(site)
    approval = report(site, number)
    assert (now(site, number).state, now(site, number).limit_on) == ("asked", date(2027, 3, 31))
    decided = code_of(lambda: approve.decide(site, "haiki", [approval], str(case["誰が"]), str(case["決裁"]), "証明書と照合"))
    row = now(site, number)
    assert (decided, row.state) == (case["結果"], case["状態"])
    assert (row.limit_on is None, row.confirmed_by) == ((True, "shounin01") if row.state == "gone" else (False, None))
    assert status(site).daichou_overdue == (row.state != "gone")


def test_何を確認するかは一行で分かる(site: Site) -> None:
    report(site, enter(site))
    (item,) = approve.pending(site, "haiki")
    for word in ("紙 第1号", "届書・申請書の控え", "R3-届-01", "1 箱", "溶解処理", "2027-12-20", "環境業者 山本", "溶証第5号"):
        assert word in item.subject


def test_期限の切れた報告は_無かったことになり_もう一度報告できる(site: Site, owner_url: str) -> None:
    number = enter(site)
    first = report(site, number)
    with psycopg.connect(owner_url) as owner:
        owner.execute("update ledger.approval set expires_at = now() - interval '1 day'")
    assert now(site, number).state == "held"
    assert code_of(lambda: approve.decide(site, "haiki", [first], "shounin01")) == "NP-2031"
    approve.decide(site, "haiki", [report(site, number)], "shounin01")
    assert now(site, number).state == "gone"


STATES = kit.table("""
| 事例                   | 先に            | 次に    | 結果    |
|------------------------|-----------------|---------|---------|
| 保管中を報告           |                 | report  |         |
| 確認待ちを報告         | report          | report  | NP-3283 |
| 廃棄済を報告           | report approve  | report  | NP-3283 |
| 否認の後に報告         | report reject   | report  |         |
| 保管中を訂正           |                 | correct |         |
| 確認待ちを訂正         | report          | correct | NP-3283 |
| 訂正待ちを報告         | correct         | report  | NP-3283 |
| 訂正待ちを訂正         | correct         | correct | NP-3283 |
| 訂正の後に報告         | correct approve | report  |         |
| 廃棄済を訂正           | report approve  | correct | NP-3283 |
| 廃棄済を取消し         | report approve  | void    | NP-3283 |
| 取消しの後に報告       | void approve    | report  | NP-3283 |
| 保管中と同じものを登録 |                 | enter   | NP-3281 |
| 確認待ちと同じもの     | report          | enter   | NP-3281 |
| 廃棄済と同じもの       | report approve  | enter   |         |
| 取消しと同じもの       | void approve    | enter   |         |
""")


@pytest.mark.parametrize("case", STATES, ids=[str(c["事例"]) for c in STATES])
def test_状態ごとにできること(site: Site, case: dict[str, str | None]) -> None:
    number = enter(site)
    acts: dict[str, Any] = {
        "report": lambda: report(site, number), "enter": lambda: enter(site), "approve": lambda: approve.decide(site, "haiki", None, "shounin01"),
        "correct": lambda: register.correct(site, run_of(site), "kami", number, {e.TO: "2022-03-30"}),
        "void": lambda: register.correct(site, run_of(site), "kami", number, {}, void=True),
        "reject": lambda: approve.decide(site, "haiki", None, "shounin01", "rejected", "控えがない"),
    }  # fmt: skip
    for act in (case["先に"] or "").split():
        acts[act]()
    assert code_of(acts[str(case["次に"])]) == case["結果"]


def test_訂正は別の職員が承認して効き_前の版は残る(site: Site, owner_url: str) -> None:
    number = enter(site)
    register.correct(site, run_of(site), "kami", number, {e.KEEP: "10年"})
    assert now(site, number).limit_on == date(2027, 3, 31)
    assert code_of(lambda: approve.decide(site, "haiki", None, "sousa01")) == "NP-2030"
    approve.decide(site, "haiki", None, "shounin01")
    assert (now(site, number).limit_on, now(site, number).entry.keep) == (date(2032, 3, 31), "10 years")
    with psycopg.connect(owner_url) as owner:
        assert owner.execute("select version, keep from ledger.daichou order by 1").fetchall() == [
            (1, "5 years"),
            (2, "10 years"),
        ]
    assert code_of(lambda: register.correct(site, run_of(site), "kami", number, {e.KEEP: "10年"})) == "NP-3281"
    assert code_of(lambda: register.correct(site, run_of(site), "kami", 99, {})) == "NP-3282"


QUANTITIES = kit.table("""
| 事例             | 数量 | 結果    |
|------------------|------|---------|
| 台帳のとおり     | 3    |         |
| 一つ足りない     | 2    | NP-3286 |
| 一つ多い         | 4    | NP-3286 |
| 報告書にない     |      | NP-3281 |
""")


@pytest.mark.parametrize("case", QUANTITIES, ids=[str(c["事例"]) for c in QUANTITIES])
def test_委託先の報告書の数量は台帳と合う(site: Site, case: dict[str, str | None]) -> None:
    number, given = enter(site, "fukusei"), case["数量"]
    cells = {**REPORT, e.METHOD: "消去"}
    assert (
        code_of(lambda: register.report(site, run_of(site), "fukusei", number, cells, int(given) if given else None))
        == case["結果"]
    )


# ---- 媒体 -------------------------------------------------------------------------------------------------------------------


def test_媒体は渡すと返却の期限が付き_戻ると消える(site: Site) -> None:
    number = enter(site, "baitai")
    assert now(site, number, "baitai").limit_on is None
    assert register.move(site, run_of(site), number, "out", date(2027, 11, 1), "医療保険課", None) == "医療保険課"
    row = now(site, number, "baitai")
    assert (row.state, row.out_to, row.limit_on) == ("out", "医療保険課", date(2027, 12, 1))
    assert status(site).daichou_overdue == 1
    for act, on, code in (("out", 2, "NP-3283"), ("in", -1, "NP-3285"), ("in", 1, None), ("in", 2, "NP-3283")):
        day = date(2027, 11, on) if on > 0 else date(2027, 10, 31)
        assert code_of(partial(register.move, site, run_of(site), number, act, day, None, None)) == code, (act, on)
    row = now(site, number, "baitai")
    assert (row.state, row.in_on, row.limit_on) == ("held", date(2027, 11, 1), None)
    assert (
        code_of(lambda: register.move(site, run_of(site), number, "out", date(2027, 11, 1), "x", date(2027, 10, 31))) == "NP-3281"
    )


MOVES = kit.table("""
| 事例             | 動き | 日         | 相手                             | 媒体番号             | 結果    |
|------------------|------|------------|----------------------------------|----------------------|---------|
| 今日             | out  | 2027-12-31 | 医療保険課                       |                      |         |
| 明日             | out  | 2028-01-01 | 医療保険課                       |                      | NP-3281 |
| 明日に戻る       | in   | 2028-01-01 |                                  |                      | NP-3281 |
| 相手が空白       | out  | 2027-12-31 | 　                               |                      | NP-3281 |
| 相手が住所       | out  | 2027-12-31 | 神奈川県川崎市川崎区架空町１－１ |                      | NP-3281 |
| 相手が12桁       | out  | 2027-12-31 | 000012345678                     |                      | NP-3281 |
| 相手に改行       | out  | 2027-12-31 | A\\nB                            |                      | NP-3281 |
| ない媒体番号     | out  | 2027-12-31 | 医療保険課                       | 999                  | NP-3281 |
| 大きな媒体番号   | out  | 2027-12-31 | 医療保険課                       | 99999999999999999999 | NP-3281 |
""")


@pytest.mark.parametrize("case", MOVES, ids=[str(c["事例"]) for c in MOVES])
def test_媒体の動きの書き方(site: Site, case: dict[str, str | None]) -> None:
    number = enter(site, "baitai")
    if case["動き"] == "in":
        register.move(site, run_of(site), number, "out", date(2027, 12, 1), "医療保険課", None)
    on, medium = date.fromisoformat(str(case["日"])), int(case["媒体番号"]) if case["媒体番号"] else None
    to = "　" if case["事例"] == "相手が空白" else (case["相手"] or "").replace("\\n", "\n") or None
    assert code_of(lambda: register.move(site, run_of(site), number, str(case["動き"]), on, to, None, medium)) == case["結果"]


def test_消去して使い続ける媒体は台帳に残る(site: Site) -> None:
    number = enter(site, "baitai")
    cells = {**REPORT, e.METHOD: "Clear"}
    register.report(site, run_of(site), "baitai", number, cells, None, reuse=True)
    assert now(site, number, "baitai").state == "asked"
    approve.decide(site, "haiki", None, "shounin01")
    row = now(site, number, "baitai")
    assert (row.state, row.wiped_on, row.method) == ("held", date(2027, 12, 20), None)


# ---- 記録と権限 ---------------------------------------------------------------------------------------------------------------


def test_どの操作も記録が一つ(site: Site, owner_url: str) -> None:
    number = enter(site, "baitai")
    register.move(site, run_of(site), number, "out", date(2027, 12, 1), "医療保険課", None)
    register.move(site, run_of(site), number, "in", date(2027, 12, 2), None, None)
    register.correct(site, run_of(site), "baitai", number, {e.KEY: "鍵2"})
    approve.decide(site, "haiki", None, "shounin01")
    report(site, number, "baitai", **{e.METHOD: "Purge"})
    approve.decide(site, "haiki", None, "shounin01", "rejected", "番号違い")
    with psycopg.connect(owner_url) as owner:
        rows = owner.execute(
            "select operation, object, user_name from audit.event where object ~ '^(daichou|approval)/' order by event_id"
        ).fetchall()
    assert [(r[0], r[2]) for r in rows] == [
        ("台帳登録", "sousa01"), ("媒体持出", "sousa01"), ("媒体返却", "sousa01"), ("台帳訂正起案", "sousa01"), ("承認", "shounin01"),
        ("廃棄報告", "sousa01"), ("否認", "shounin01"),
    ]  # fmt: skip
    assert {r[1] for r in rows if r[0] not in ("承認", "否認")} == {"daichou/baitai/1"}


RIGHTS = kit.table("""
| 誰が      | 登録    | 見る |
|-----------|---------|------|
| sousa03   |         |      |
| kanri01   |         |      |
| shounin01 | NP-1083 |      |
| kansa01   | NP-1083 |      |
| dare      | NP-1083 | NP-1083 |
""")


@pytest.mark.parametrize("case", RIGHTS, ids=[str(c["誰が"]) for c in RIGHTS])
def test_台帳に登録できる者(site: Site, case: dict[str, str | None]) -> None:
    who = str(case["誰が"])
    assert code_of(lambda: run_of(site, who)) == case["登録"]
    assert code_of(lambda: register.listed(site, who)) == case["見る"]


def test_データベースは_命令を通らない廃棄を拒む(site: Site) -> None:
    """No log-in adds a row by itself, or decides for itself."""
    number = enter(site)
    approval = report(site, number)
    with psycopg.connect(site.url, autocommit=True) as jobs:
        for statement in (
            "insert into ledger.daichou_houkoku (approval_id) values (1)", "update ledger.daichou set due_on = null", "delete from ledger.daichou",
            "truncate ledger.daichou_ido", f"update ledger.approval set decision = 'approved' where approval_id = {approval}",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                jobs.execute(statement)
        decide = "select ledger.decide(%s, 'approved', 'shounin01', '', null, '', '', null, null, (select content_hash from ledger.approval))"
        assert jobs.execute(decide, (approval,)).fetchone() == (None,)
    assert now(site, number).state == "asked"


def test_画面の承認待ちにも題が付く(site: Site) -> None:
    """What a command proposed is asked about by the page, too."""
    report(site, enter(site))
    with site.session() as session:
        (waits,) = session.rows("approve/waiting_runs")
    asked = asking.question(waits["job"], waits["period"], waits["run_id"], [waits["kind"]])
    assert asked.conf["title"].startswith("紙・媒体・複製の台帳 ")
    assert (
        asking.question("retire_monthly", "2026-11", waits["run_id"], ["shoukyo"])
        .conf["title"]
        .startswith("保存期間の管理（月次）")
    )


def test_否認した報告は_それで済む(site: Site) -> None:
    """The page's question about it ends green: nothing waits for it any more."""
    report(site, enter(site))
    (item,) = approve.pending(site, "haiki")
    assert code_of(lambda: approve.require(site, item.run_id)) == "NP-2033"
    approve.decide(site, "haiki", None, "shounin01", "rejected", "控えがない")
    assert approve.require(site, item.run_id) == {"approved": 0}


# ---- 命令と一覧 --------------------------------------------------------------------------------------------------------------

TYPED = "add kami --kind 届書 --ku 川崎区 --mark R3-01 --from 2021-04-01 --to 2022-03-31"
COMMANDS = kit.table("""
| 事例             | 命令                                    | 終了 | 言うこと               |
|------------------|-----------------------------------------|------|------------------------|
| 登録             | TYPED                                   | 0    | 登録しました: 紙       |
| 同じもの         | TYPED                                   | 12   | NP-3281                |
| 書き誤り         | add kami --kind 手紙 --mark A           | 12   | 種類：届書、処理結果   |
| 一覧             | list                                    | 0    | 【期限超過 1 件】      |
| 媒体だけ         | list baitai                             | 0    | 該当なし               |
| 期限             | due --on 2026-12-31                     | 0    | 1 件                   |
| 期限の前の日     | due --on 2026-12-30                     | 0    | 該当なし               |
| 媒体の登録       | add baitai --kind USB --mark S1 --holder 庶務 | 0 | 保管中              |
| 渡す             | out 1 --to 医療保険課                   | 0    | → 医療保険課           |
| 戻る             | in 1                                    | 0    | 保管中                 |
| ない媒体         | in 9                                    | 12   | NP-3282                |
| 証明書がない     | destroyed kami 1 --method 溶解 --on 2027-12-01 --by 山本 | 12 | 証明書番号：ありません |
| 報告             | destroyed kami 1 --method 溶解 --on 2027-12-01 --by 山本 --certificate 第1号 | 0 | 別の職員 |
| 訂正             | correct baitai 1 --key 鍵9              | 0    | 別の職員               |
| ない台帳         | list denshi                             | 2    | NP-1001                |
| 12桁             | add kami --mark 000012345678            | 12   | NP-1002                |
""")


def test_命令(site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(common, "ready_site", lambda: site)
    monkeypatch.setenv("KOKUNEN_TOKEN", "token of sousa01")
    for case in COMMANDS:
        typed = str(case["命令"]).replace("TYPED", TYPED)
        try:
            ended = main(["register", *typed.split()])
        except SystemExit as usage:
            ended = int(usage.code or 0)
        said = "".join(capsys.readouterr())
        assert (ended, str(case["言うこと"]) in said) == (int(str(case["終了"])), True), (case["事例"], said)
    assert main(["register", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["overdue"], [row["state"] for row in found["rows"]]) == (1, ["asked", "held"])
    assert found["rows"][0]["limit_on"] == "2027-03-31"


def test_今までの台帳を命令で取り込む(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(common, "ready_site", lambda: site)
    monkeypatch.setenv("KOKUNEN_TOKEN", "token of sousa01")
    file = tmp_path / "kami.csv"
    file.write_text(
        "箱番号,種類,区,初日,末日\nA,届書,幸区,令和3年4月1日,令和4年3月31日\nB,?,幸区,2021-04-01,2022-03-31\n", encoding="cp932"
    )
    assert main(["register", "import", "kami", str(file)]) == 12
    assert "行3 種類：" in capsys.readouterr().err and register.listed(site, "sousa01") == []
    file.write_text(file.read_text(encoding="cp932").replace("?", "一覧"), encoding="utf-8")
    assert main(["register", "import", "kami", str(file), "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"lines": 2, "dry_run": True, "numbers": [], "approvals": []}
    assert main(["register", "import", "kami", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["numbers"] == [1, 2]
    assert main(["register", "import", "kami", str(tmp_path / "nai.csv")]) == 13


def test_一覧は廃棄済も載せ_期限一覧は期限の近いものと過ぎたものだけ(site: Site) -> None:
    gone, late, later = enter(site), enter(site, **{"箱番号": "B"}), enter(site, **{"箱番号": "C", e.KEEP: "10年"})
    usb = enter(site, "baitai")
    register.move(site, run_of(site), usb, "out", TODAY, "医療保険課", None)
    enter(site, "fukusei")
    report(site, gone)
    approve.decide(site, "haiki", None, "shounin01")
    run, counts = run_of(site), {}
    for name in ("daichou_kami", "daichou_baitai", "daichou_fukusei", "daichou_kigen"):
        (made,) = ichiran.make(site, run, name, TODAY, TODAY)
        assert {Path(made.path).exists(), Path(made.path).with_suffix(".pdf").exists()} == {True}
        counts[name] = made.rows
    assert counts == {"daichou_kami": 3, "daichou_baitai": 1, "daichou_fukusei": 1, "daichou_kigen": 3}
    with site.session() as session:
        rows = session.rows("ichiran/daichou_kigen", last_on=TODAY, ahead='{"kami": 90, "baitai": 29, "fukusei": 0}')
    assert [(row["register"], row["number"], row["overdue"]) for row in rows] == [("kami", late, True), ("fukusei", 1, False)]
    assert later not in {row["number"] for row in rows}
