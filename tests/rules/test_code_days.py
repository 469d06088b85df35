"""コードの使える日: 受付は受理年月日、処理結果と移行は該当年月日又は始期（どちらかの日に使えればよい）で、行ごとに見る。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest
from kit import day, no

from etl.site import Site

FILE_ON = date(2026, 11, 5)

ROWS = kit.table("""
| 事例                                                 | ファイル | コード        | 該当・受理 | 始期    | 受け入れる |
|------------------------------------------------------|----------|---------------|------------|---------|------------|
| 受付　育児は施行日の前日の受理では使えない           | 受付     | todoke_code=34 | 2026-09-30 |         |            |
| 受付　育児は施行日から                               | 受付     | todoke_code=34 | 2026-10-01 |         | 可         |
| 受付　産前産後は施行日の前日の受理では使えない       | 受付     | todoke_code=33 | 2019-03-31 |         |            |
| 受付　産前産後は施行日から                           | 受付     | todoke_code=33 | 2019-04-01 |         | 可         |
| 受付　法定免除期間の納付申出は施行日の前日は使えない | 受付     | todoke_code=36 | 2014-03-31 |         |            |
| 受付　法定免除期間の納付申出は施行日から             | 受付     | todoke_code=36 | 2014-04-01 |         | 可         |
| 受付　いつからと定めのないコードはいつでも           | 受付     | todoke_code=35 | 2014-03-31 |         | 可         |
| 受付　免除種類も受理日で見る                         | 受付     | menjo_code=60 | 2026-09-30 |         |            |
| 受付　免除種類も施行日から                           | 受付     | menjo_code=60 | 2026-10-01 |         | 可         |
| 結果　該当日が施行日の前日                           | 結果     | todoke_code=34 | 2026-09-30 |         |            |
| 結果　該当日が施行日                                 | 結果     | todoke_code=34 | 2026-10-01 |         | 可         |
| 結果　施行日前に生まれた子は始期が施行月             | 結果     | todoke_code=34 | 2026-01-01 | 2026-10 | 可         |
| 結果　該当日も始期も施行日前                         | 結果     | todoke_code=34 | 2026-01-01 | 2026-09 |            |
| 結果　施行日前の出産の産前産後は始期が施行月         | 結果     | todoke_code=33 | 2019-02-15 | 2019-04 | 可         |
| 結果　出産日が施行日で始期はその前の月               | 結果     | todoke_code=33 | 2019-04-01 | 2019-03 | 可         |
| 結果　日がなければ作成年月日で見る                   | 結果     | todoke_code=34 |            |         | 可         |
| 結果　免除種類も同じ                                 | 結果     | menjo_code=50 | 2019-03-31 | 2019-03 |            |
| 移行　始期が施行月の前月                             | 移行     | menjo_code=60 |            | 2026-09 |            |
| 移行　始期が施行月                                   | 移行     | menjo_code=60 |            | 2026-10 | 可         |
| 移行　産前産後の始期が施行月の前月                   | 移行     | menjo_code=50 |            | 2019-03 |            |
| 移行　産前産後の始期が施行月                         | 移行     | menjo_code=50 |            | 2019-04 | 可         |
""")


def row(case: dict[str, Any], n: int) -> dict[str, Any]:
    name, code = (case["コード"] or "").split("=")
    month = date.fromisoformat(f"{case['始期']}-01") if case["始期"] else None
    if case["ファイル"] == "受付":
        return {"uketsuke_no": no(n), "atena_no": no(n), "todoke_code": "09", name: code, "juri_on": day(case["該当・受理"])}
    if case["ファイル"] == "移行":
        return {"kiso_nenkin_no": kit.kiso(n), name: code, "from_month": month}
    return {"kiso_nenkin_no": kit.kiso(n), name: code, "gaitou_on": day(case["該当・受理"]), "from_month": month}


@pytest.fixture(scope="module")
def set_aside(town: Site) -> dict[str, list[Any]]:
    """One file of each kind with all its cases: those that were set aside, with the item and the kind of the error."""
    jobs = {"受付": "uketsuke_daily", "結果": "kikou_kekka", "移行": "ikou_once"}
    found: dict[str, list[Any]] = {}
    for of, job in jobs.items():
        cases = [c for c in ROWS if c["ファイル"] == of]
        rows = [row(c, n) for n, c in enumerate(cases, 1)]
        if of == "受付":
            kit.uketsuke(town, rows, on=FILE_ON)
        elif of == "結果":
            kit.kekka(town, rows, on=FILE_ON)
        else:
            kit.ikou(town, "ikou_menjo", rows, on=FILE_ON)
        file = kit.only(kit.run(town, job, FILE_ON))
        assert (file["outcome"], file["counts"]["data"]) == ("accepted", len(cases))
        wrong = kit.query(
            town,
            "select line, fields, kinds from ledger.quarantine join ledger.file using (file_id) where name = :n",
            n=file["name"],
        )
        found |= {cases[line - 2]["事例"] or "": [fields, kinds] for line, fields, kinds in wrong}  # line 1: header or labels
    return found


@pytest.mark.parametrize("case", ROWS, ids=lambda c: c["事例"])
def test_コードは行の日に使えるものだけ受け入れる(set_aside: dict[str, list[Any]], case: dict[str, Any]) -> None:
    item = (case["コード"] or "").split("=")[0]
    assert set_aside.get(case["事例"]) == (None if case["受け入れる"] else [[item], ["unknown_code"]])
