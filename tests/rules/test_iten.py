"""都度の移転: あて先がまだ持たないもの、変わったもの、取り消されたもの・渡せなくなったものだけを、業務日に一つのファイルで渡す。"""

from __future__ import annotations

from datetime import date

import kit
import pytest
from kit import no
from sqlalchemy import text

from etl.site import Site
from tests import iten

D1, D2, D3 = date(2025, 9, 24), date(2025, 9, 25), date(2025, 9, 26)
CASES = kit.table("""
| 事例                                       | 前の日まで                                            | この日                        | 住民票                        | 生保・児童                              |
| 新しい資格                                 |                                                       | 取得 1 2015-04-01             | 1:1 lost_on=None              | 1:1 fuka_flag=False                     |
| 何も変わらない                             | 取得 1 2015-04-01                                     |                               |                               |                                         |
| これから始まる資格はまだ                   |                                                       | 取得 1 2025-09-26             |                               |                                         |
| この日に始まる資格                         |                                                       | 取得 1 2025-09-25             | 1:1                           | 1:1                                     |
| 喪失は、住民票に更新、ほかに削除           | 取得 1 2015-04-01                                     | 喪失 1 2025-09-20             | 2:1 lost_on=2025-09-20        | 3:1                                     |
| この日の喪失                               | 取得 1 2015-04-01                                     | 喪失 1 2025-09-25             | 2:1 lost_on=2025-09-25        | 3:1                                     |
| これからの喪失はまだ被保険者               | 取得 1 2015-04-01                                     | 喪失 1 2025-09-26             | 2:1 lost_on=2025-09-26        |                                         |
| 渡す前に終わった資格は渡さない             |                                                       | 取得 1 2015-04-01; 喪失 1 2025-09-20 |                        |                                         |
| 喪失の取消し                               | 取得 1 2015-04-01; 喪失 1 2025-09-20                  | 喪失訂正 1                    | 1:1 lost_on=None              | 1:1                                     |
| 渡した喪失の取消し                         | 取得 1 2015-04-01; 日; 喪失 1 2025-09-20              | 喪失訂正 1                    | 2:1 lost_on=None              | 1:1                                     |
| 渡した喪失の日の訂正                       | 取得 1 2015-04-01; 日; 喪失 1 2025-09-20              | 喪失 1 2025-09-10             | 2:1 lost_on=2025-09-10        |                                         |
| 資格の取消し                               | 取得 1 2015-04-01                                     | 取消 1                        | 3:1 acquired_on=2015-04-01    | 3:1                                     |
| 渡していない資格の取消し                   |                                                       | 取得 1 2015-04-01; 取消 1     |                               |                                         |
| 取得日の訂正は削除と追加                   | 取得 1 2015-04-01                                     | 取得日訂正 1 2015-05-01       | 3:1 acquired_on=2015-04-01, 1:1 acquired_on=2015-05-01 |                |
| 種別変更                                   | 取得 1 2015-04-01                                     | 種別 1 4 2025-09-01           | 2:1 shubetsu_code=4 shubetsu_henkou_on=2025-09-01 |                     |
| 渡さない項目だけの変更                     | 取得 1 2015-04-01                                     | 備考 1 転出                   |                               |                                         |
| 元に戻った変更                             | 取得 1 2015-04-01                                     | 種別 1 4 2025-09-01; 取消 1; 取得 1 2015-04-01 |              |                                         |
| 免除                                       | 取得 1 2015-04-01                                     | 免除 1 20 2025-07 2026-06     |                               | 1:1 menjo_code=20 to_month=2026-06-01   |
| 受付だけの免除                             | 取得 1 2015-04-01                                     | 免除受付 1 20 2025-07 2026-06 |                               |                                         |
| 却下の免除                                 | 取得 1 2015-04-01                                     | 免除却下 1 20 2025-07 2026-06 |                               |                                         |
| 免除の終期の変更                           | 取得 1 2015-04-01; 免除 1 20 2025-07 2026-06          | 免除 1 20 2025-07 2025-12     |                               | 2:1 to_month=2025-12-01                 |
| 法定免除の消滅                             | 取得 1 2015-04-01; 免除 1 10 2025-07 2030-06          | 免除消滅 1 10 2025-07 2025-09-20 |                            | 2:1 to_month=2025-09-01                 |
| 免除が却下に変わる                         | 取得 1 2015-04-01; 免除 1 20 2025-07 2026-06          | 免除却下 1 20 2025-07 2026-06 |                               | 3:1 menjo_code=20                       |
| 被保険者でない者の免除                     |                                                       | 免除 1 20 2025-07 2026-06     |                               |                                         |
| 免除のある者の喪失はすべて削除             | 取得 1 2015-04-01; 免除 1 20 2025-07 2026-06          | 喪失 1 2025-09-20             | 2:1                           | 3:1 menjo_code=20, 3:1 menjo_code=None  |
| 付加加入                                   | 取得 1 2015-04-01                                     | 付加 1 2025-09-01             |                               | 2:1 fuka_flag=True                      |
| これからの付加                             | 取得 1 2015-04-01                                     | 付加 1 2025-10-01             |                               |                                         |
| 付加脱退                                   | 取得 1 2015-04-01; 付加 1 2025-09-01                  | 付加脱退 1 2025-09-01 2025-09-25 |                            | 2:1 fuka_flag=False                     |
| 裁定請求の受付                             | 取得 1 2015-04-01                                     | 裁定 1 1150 2025-09-20        |                               | 1:1 nenkin_code=1150 saitei_kekka_code=None |
| 裁定の結果                                 | 取得 1 2015-04-01; 裁定 1 1150 2025-09-20             | 裁定結果 1 1150 2025-09-20 02 |                               | 2:1 saitei_kekka_code=02                |
| 被保険者でない受給権者                     |                                                       | 裁定 1 1150 2025-09-20        |                               |                                         |
| 二人の変更は宛名番号の順                   | 取得 2 2015-04-01                                     | 取得 1 2015-04-01; 取消 2     | 1:1, 3:2                      | 1:1, 3:2                                |
""")  # fmt: skip


def short(told: list[iten.Line], wanted: str | None) -> tuple[list[str], list[str]]:
    """Both as ``更新区分:person item=value``, the told lines with the items that are wanted of them."""
    asked = [w.split() for w in (wanted or "").split(", ") if w]
    found = []
    for at, line in enumerate(told):
        items = [i.partition("=")[0] for i in asked[at][1:]] if at < len(asked) else []
        found.append(" ".join([f"{line['koshin_kbn']}:{int(line['atena_no'])}", *(f"{i}={line[i]}" for i in items)]))
    return found, [" ".join(a) for a in asked]


@pytest.mark.parametrize("case", CASES, ids=[c["事例"] for c in CASES])
def test_渡すもの(site: Site, case: dict[str, str | None]) -> None:
    before = D1
    for part in (case["前の日まで"] or "").split("; 日; "):
        iten.act(site, *filter(None, part.split("; ")))
        iten.day(site, before.replace(day=before.day - 1))
        before = before.replace(day=before.day + 1)
    iten.act(site, *filter(None, (case["この日"] or "").split("; ")))
    told = iten.lines(iten.day(site, date(2025, 9, 25)))
    for dataset, column in (("iten_juminhyo", "住民票"), ("iten_seiho", "生保・児童"), ("iten_jidou", "生保・児童")):
        found, wanted = short(told.get(dataset, []), case[column])
        assert found == wanted, dataset


def test_もう一度は何も出ず_後の日の後の前の日も出ない(site: Site) -> None:
    """F25."""
    iten.act(site, "取得 1 2015-04-01")
    first = iten.day(site, D2)
    iten.act(site, "取得 2 2015-04-01")
    again = iten.day(site, D2, user="sousa02")
    assert again == first and len(first.outputs) == 3, "a day is one file"
    third = iten.day(site, D3)
    assert [t.added for t in third.told] == [1, 1, 1]
    iten.act(site, "取消 1")
    old = iten.day(site, D1)
    assert old.outputs == () and all(t.overtaken for t in old.told)
    assert len(list(site.outbox.rglob("ITEN*.csv"))) == 6
    assert [r[0] for r in kit.query(site, "select seq from ledger.output where dataset = 'iten_seiho' order by 1")] == [1, 2]


def test_業務日が離れた実行では渡さない(site: Site) -> None:
    kit.juki(site, [{"atena_no": no(1)}], on=D1)
    kit.run(site, "juki_daily", D1)
    iten.act(site, "取得 1 2015-04-01")
    made = kit.run(site, "iten_event", date(2026, 9, 24), reason="確認")
    assert (made["error"].code, made["outputs"], list(site.outbox.rglob("ITEN*"))) == ("NP-2114", [], [])


def test_月次の全件は日々の合計と同じ(site: Site) -> None:
    iten.act(site, "取得 1 2015-04-01", "取得 2 2015-04-01", "免除 1 20 2025-07 2026-06", "取得 3 2015-04-01")
    iten.day(site, D2)
    iten.act(site, "取消 3")
    early = kit.run(site, "iten_monthly", "2025-09", business_on=date(2025, 10, 1))
    assert early["error"].code == "NP-2112"
    iten.day(site, date(2025, 9, 30))
    iten.act(site, "取得 4 2015-04-01")
    iten.day(site, date(2025, 10, 1))
    made = kit.run(site, "iten_monthly", "2025-09", business_on=date(2025, 10, 3))
    assert (made["error"], [o["rows"] for o in made["outputs"]]) == (None, [3, 3])
    again = kit.run(site, "iten_monthly", "2025-09", business_on=date(2025, 10, 6))
    assert again["outputs"] == made["outputs"] and len(list(site.outbox.rglob("ITENSEIH*.csv"))) == 4


def test_全件が合計と異なるあて先には出ず_ほかのあて先には出て_最後に赤くなる(site: Site) -> None:
    """Whatever made them differ: here somebody changed the ledger by hand."""
    iten.act(site, "取得 1 2015-04-01")
    iten.day(site, date(2025, 9, 30))
    with iten.owner(site) as connection:
        connection.execute(text("update ledger.iten_jotai set hash = 'x' where dataset = 'iten_seiho'"))
    made = kit.run(site, "iten_monthly", "2025-09", business_on=date(2025, 10, 3))
    assert (made["error"].code, made["error"].facts["n"]) == ("NP-2113", 1)
    assert [o["dataset"] for o in made["outputs"]] == ["iten_jidou"]
    assert "report" in {r[0] for r in kit.query(site, "select step from ledger.receipt")}, "every step was done"
