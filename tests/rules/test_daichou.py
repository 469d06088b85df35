"""台帳の書き方: 紙・媒体・委託先の複製。期限は保存期間の末日で、翌日から期限超過。12桁の数字・住所・保有している方の氏名は書けない。"""

from __future__ import annotations

from datetime import date
from io import BytesIO

import kit
import pytest
from kit import code_of, no
from openpyxl import Workbook

from etl import approve
from etl.attest.status import status
from etl.core.errors import Refused
from etl.core.mapping.daichou import registers
from etl.core.mapping.keep import Period
from etl.daichou import entries as e
from etl.daichou import register
from etl.site import Site
from tests.rules.daichou import GIVEN, REPORT, TODAY, enter, now, run_of


def flaws(name: str, **cells: str) -> str:
    return " ".join(flaw.item for flaw in e.typed(name, 0, {**GIVEN[name], **cells}, TODAY).flaws)


# ---- 書き方 -------------------------------------------------------------------------------------------------------------------

CELLS = kit.table("""
| 事例                         | 台帳    | 項目     | 書き方             | 誤り     |
|------------------------------|---------|----------|--------------------|----------|
| 紙                           | kami    |          |                    |          |
| 媒体                         | baitai  |          |                    |          |
| 委託先の複製                 | fukusei |          |                    |          |
| 種類を題で                   | kami    | 種類     | 届書・申請書の控え |          |
| 種類の幅と大きさ             | baitai  | 種類     | ｕｓｂ             |          |
| ない種類                     | kami    | 種類     | 手紙               | 種類     |
| 種類がない                   | kami    | 種類     |                    | 種類     |
| 区を番号で                   | kami    | 区       | 141313             |          |
| 支所                         | kami    | 区       | 大師支所           |          |
| ない区                       | kami    | 区       | 横浜               | 区       |
| 箱番号がない                 | kami    | 箱番号   |                    | 箱番号   |
| 和暦                         | kami    | 初日     | 令和3年4月1日      |          |
| 暦にない日                   | kami    | 末日     | 2022-02-29         | 末日     |
| 末日が初日より前             | kami    | 末日     | 2021-03-31         | 末日     |
| 一日だけ                     | kami    | 末日     | 2021-04-01         |          |
| 期間を日本語で               | kami    | 保存期間 | 10年               |          |
| 期間を月で                   | kami    | 保存期間 | 6か月              |          |
| 恒久                         | kami    | 保存期間 | 恒久               |          |
| 単位のない期間               | kami    | 保存期間 | 90                 | 保存期間 |
| 0年                          | kami    | 保存期間 | 0年                | 保存期間 |
| 10000年を超える期間          | kami    | 保存期間 | 9999年             | 保存期間 |
| 数えられない期間             | kami    | 保存期間 | 99999999999日      | 保存期間 |
| 期限が和暦で表せない         | kami    | 末日     | 2117-12-31         | 保存期間 |
| 媒体の長すぎる期間           | baitai  | 保存期間 | 9999年             | 保存期間 |
| 数量がない                   | fukusei | 数量     |                    | 数量     |
| 数量が0                      | kami    | 数量     | 0                  | 数量     |
| 数量が数でない               | kami    | 数量     | 三                 | 数量     |
| 12桁                         | kami    | 箱番号   | 000012345678       | 箱番号   |
| 区切った12桁                 | baitai  | 製造番号 | 0000-1234-5678     | 製造番号 |
| 全角の12桁                   | fukusei | 内容     | ００００１２３４５６７８ | 内容 |
| 20桁の製造番号               | baitai  | 製造番号 | 00001234567800001234 |        |
| 住所                         | kami    | 箱番号   | 神奈川県川崎市川崎区架空町１－１ | 箱番号 |
| 町名と丁目                   | fukusei | 内容     | 架空町1丁目の方    | 内容     |
| 改行                         | kami    | 箱番号   | A\\nB              | 箱番号   |
| 保管者がない                 | baitai  | 保管者   |                    | 保管者   |
| 登録日が今日より後           | baitai  | 登録日   | 2028-01-01         | 登録日   |
| 期限が引渡日より前           | fukusei | 期限     | 2027-11-30         | 期限     |
| 期限のない複製               | fukusei | 保存期間 | 恒久               | 期限     |
| 紙にはない項目               | kami    | 鍵       | 1                  | 鍵       |
""")


@pytest.mark.parametrize("case", CELLS, ids=[str(c["事例"]) for c in CELLS])
def test_項目の書き方(case: dict[str, str | None]) -> None:
    given = {str(case["項目"]): (case["書き方"] or "").replace("\\n", "\n")} if case["項目"] else {}
    assert flaws(str(case["台帳"]), **given) == (case["誤り"] or "")


REPORTS = kit.table("""
| 事例               | 台帳    | 種類     | 項目       | 書き方     | 誤り       |
|--------------------|---------|----------|------------|------------|------------|
| 溶解               | kami    | 届書     |            |            |            |
| 証明書の番号がない | kami    | 届書     | 証明書番号 |            | 証明書番号 |
| 証明書の番号が空白 | kami    | 届書     | 証明書番号 | 　         | 証明書番号 |
| 担当者がない       | kami    | 届書     | 担当者名   |            | 担当者名   |
| 処理日がない       | kami    | 届書     | 処理日     |            | 処理日     |
| 処理日が明日       | kami    | 届書     | 処理日     | 2028-01-01 | 処理日     |
| 処理日が今日       | kami    | 届書     | 処理日     | 2027-12-31 |            |
| 報告日が処理日の前 | kami    | 届書     | 報告日     | 2027-12-19 | 報告日     |
| 末日より前の処理日 | kami    | 届書     | 処理日     | 2022-03-30 | 処理日     |
| 末日の処理日       | kami    | 届書     | 処理日     | 2022-03-31 |            |
| 紙を上書き         | kami    | 届書     | 方法       | Clear      | 方法       |
| USBを上書き        | baitai  | USB      | 方法       | clear      |            |
| CD-Rを上書き       | baitai  | CD-R     | 方法       | Clear      | 方法       |
| CD-Rを破壊         | baitai  | CD-R     | 方法       | Destroy    |            |
| ディスクを上書き   | baitai  | ディスク | 方法       | Clear      | 方法       |
| 複製を返却         | fukusei | 抽出     | 方法       | 返却       |            |
""")


@pytest.mark.parametrize("case", REPORTS, ids=[str(c["事例"]) for c in REPORTS])
def test_報告の書き方(case: dict[str, str | None]) -> None:
    name = str(case["台帳"])
    said = {e.METHOD: "溶解" if name != "baitai" else "Destroy"} | (
        {str(case["項目"]): case["書き方"] or ""} if case["項目"] else {}
    )
    found = e.typed(name, 0, {**GIVEN[name], e.KIND: str(case["種類"]), **REPORT, **said}, TODAY)
    assert " ".join(flaw.item for flaw in found.flaws) == (case["誤り"] or "")


MOVED = kit.table("""
| 事例                     | 持出し     | 返却       | 処理日     | 数量        | 結果    |
|--------------------------|------------|------------|------------|-------------|---------|
| 返却の日                 | 2027-12-01 | 2027-12-05 | 2027-12-05 | 1           |         |
| 返却の前                 | 2027-12-01 | 2027-12-05 | 2027-12-04 | 1           | NP-3285 |
| 持ち出した先で           | 2027-12-01 |            | 2027-12-01 | 1           |         |
| 持ち出す前               | 2027-12-01 |            | 2027-11-30 | 1           | NP-3285 |
| 数量が数えられない       | 2027-12-01 |            | 2027-12-01 | 99999999999 | NP-3286 |
""")


@pytest.mark.parametrize("case", MOVED, ids=[str(c["事例"]) for c in MOVED])
def test_媒体は最後に動いた日より前に廃棄できない(site: Site, case: dict[str, str]) -> None:
    number = enter(site, "baitai")
    for act, day in (("out", kit.day(case["持出し"])), ("in", kit.day(case["返却"]))):
        if day:
            register.move(site, run_of(site), number, act, day, "医療保険課", None)
    cells = {**REPORT, e.METHOD: "Purge", e.DONE_ON: case["処理日"]}
    found = code_of(lambda: register.report(site, run_of(site), "baitai", number, cells, int(case["数量"])))
    assert found == case["結果"]


# ---- 期限 -------------------------------------------------------------------------------------------------------------------

DUE = kit.table("""
| 事例                                 | 台帳    | 末日       | 期間      | 期限       |
|--------------------------------------|---------|------------|-----------|------------|
| 紙は翌年度の4月1日から数える         | kami    | 2022-03-31 | 5 years   | 2027-03-31 |
| 年度の初日                           | kami    | 2022-04-01 | 5 years   | 2028-03-31 |
| 閏日                                 | kami    | 2024-02-29 | 1 years   | 2025-03-31 |
| 年末                                 | kami    | 2021-12-31 | 1 years   | 2023-03-31 |
| 元号の終わり                         | kami    | 2019-04-30 | 1 years   | 2021-03-31 |
| 紙の日数も年度から                   | kami    | 2022-03-31 | 30 days   | 2022-04-30 |
| 恒久の紙                             | kami    | 2022-03-31 | permanent |            |
| 複製は引渡しの翌日から               | fukusei | 2027-11-30 | 30 days   | 2027-12-30 |
| 複製を閏日に                         | fukusei | 2028-02-29 | 1 years   | 2029-02-28 |
| 媒体を月末に                         | baitai  | 2027-01-30 | 1 months  | 2027-02-28 |
""")


@pytest.mark.parametrize("case", DUE, ids=[str(c["事例"]) for c in DUE])
def test_期限(case: dict[str, str]) -> None:
    assert registers()[case["台帳"]].due(Period.parse(case["期間"]), date.fromisoformat(case["末日"])) == kit.day(case["期限"])


OVERDUE = kit.table("""
| 日         | 一覧に | 超過 |
|------------|--------|------|
| 2026-12-30 |        |      |
| 2026-12-31 | 載る   |      |
| 2027-03-30 | 載る   |      |
| 2027-03-31 | 載る   |      |
| 2027-04-01 | 載る   | 超過 |
""")


def test_期限の翌日から超過し_九十日前から期限の一覧に載る(site: Site) -> None:
    row = now(site, enter(site))
    assert row.limit_on == date(2027, 3, 31)
    for case in OVERDUE:
        day = date.fromisoformat(str(case["日"]))
        assert (row.due(day), row.overdue(day)) == (case["一覧に"] == "載る", case["超過"] == "超過"), day
    assert (status(site).daichou_overdue, status(site).as_json()["daichou_overdue"]) == (1, 1)
    assert ("期限の過ぎた紙・媒体・委託先の複製", 1) in list(status(site).labelled())


# ---- 保有している方の名前 -----------------------------------------------------------------------------------------------------

NAMES = kit.table("""
| 事例               | 項目     | 書き方               | 誤り     |
|--------------------|----------|----------------------|----------|
| 氏名               | 箱番号   | 架空　一郎           | 箱番号   |
| 空白のない氏名     | 箱番号   | 架空一郎             | 箱番号   |
| ほかの言葉の間     | 箱番号   | R3・架空 一郎・届書  | 箱番号   |
| カナ氏名           | 箱番号   | カクウ イチロウ      | 箱番号   |
| 半角のカナ氏名     | 箱番号   | ｶｸｳ ｲﾁﾛｳ              | 箱番号   |
| 保有しない方の氏名 | 箱番号   | 架空　二郎           |          |
""")


def test_保有している方の氏名は書けない(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}])
    kit.run(site, "juki_daily", kit.DAY)
    for case in NAMES:
        try:
            enter(site, **{str(case["項目"]): str(case["書き方"])})
            found = None
        except register.Flawed as error:
            found = " ".join(flaw.item for flaw in error.flaws)
        assert found == case["誤り"], case["事例"]


# ---- 今までの台帳 --------------------------------------------------------------------------------------------------------------


def page(*rows: dict[str, str], name: str = "kami", encoding: str = "utf-8") -> bytes:
    heads = e.heads(name)
    lines = [heads, *([{**GIVEN[name], **row}.get(h, "") for h in heads] for row in rows)]
    return "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode(encoding)


def take_in(site: Site, data: bytes, file: str = "kami.csv") -> register.Entered:
    return register.enter(site, run_of(site), register.read("kami", file, data, TODAY))


def test_台帳の取込みは_誤りを行と項目ですべて言い_一つでもあれば何もしない(site: Site) -> None:
    data = page({}, {"箱番号": "B", e.TO: "2020-01-01"}, {"箱番号": "B", e.KIND: "?"}, {})
    with pytest.raises(register.Flawed) as error:
        take_in(site, data)
    assert [f"{flaw.line} {flaw.item}" for flaw in error.value.flaws] == ["3 末日", "4 種類", "5 箱番号"]
    assert register.listed(site, "sousa01") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_台帳の取込みは_二度目は何もしない(site: Site, encoding: str) -> None:
    data = page({}, {"箱番号": "R3-届-02"}, encoding=encoding)
    assert take_in(site, data).numbers == (1, 2)
    assert code_of(lambda: take_in(site, data)) == "NP-3281"
    assert [row.entry.mark for row in register.listed(site, "kansa01", "kami")] == ["R3-届-01", "R3-届-02"]


def test_廃棄済と書かれた行も_別の職員が確認するまで廃棄済ではない(site: Site) -> None:
    made = take_in(site, page({**REPORT}, {"箱番号": "R3-届-02"}))
    assert len(made.approvals) == 1 and [now(site, n).state for n in made.numbers] == ["asked", "held"]
    approve.decide(site, "haiki", list(made.approvals), "shounin02")
    assert now(site, 1).state == "gone"


def test_xlsxの台帳も同じ(site: Site) -> None:
    book = Workbook()
    heads = [h for h in e.heads("kami") if h in GIVEN["kami"] or h == e.QUANTITY]
    book.active.append(heads)
    book.active.append([{**GIVEN["kami"], e.QUANTITY: 2, e.FROM: date(2021, 4, 1)}.get(h) for h in heads])
    out = BytesIO()
    book.save(out)
    take_in(site, out.getvalue(), "kami.xlsx")
    assert (now(site, 1).entry.quantity, now(site, 1).entry.from_on) == (2, date(2021, 4, 1))
    book.active["A2"] = "=1+1"
    out = BytesIO()
    book.save(out)
    assert code_of(lambda: take_in(site, out.getvalue(), "kami.xlsx")) == "NP-1147"
    assert code_of(lambda: take_in(site, b"PK\x03\x04", "kami.xlsx")) == "NP-1147"


@pytest.mark.parametrize("data", [b"", b"a,b\r\n", b"\xff\xff", '箱番号,種類,区,初日,末日\r\n"'.encode()])
def test_台帳でないファイル(data: bytes) -> None:
    with pytest.raises(Refused, match="NP-3281"):
        register.read("kami", "x.csv", data, TODAY)
