"""保留した所得照会回答: 4情報が宛名と異なる回答を、別の職員が本人のものと認めるか。"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import kit
import openpyxl
import psycopg
import pytest
from kit import no

from etl import approve
from etl.core.errors import Refused
from etl.site import Site
from tests.conftest import After, Once
from tests.rules.income import FIRST, NEXT, THIRD, answered, answers, ask, intake, question, stored, take


def hold(site: Site) -> None:
    """The answer is held: its 性別 is another one."""
    assert take(site, {"sex_code": "2"}) == {"stored": 0, "refused": 0, "held": 1}


def test_保留した回答は別の職員が認めれば入り_照会が閉じる(after: After) -> None:
    site = after(ask)
    assert take(site, {"sex_code": "2", "name_kana": "ｶｸｳ"})["held"] == 1
    [item] = approve.pending(site, "shotoku_kaitou")
    assert "氏名フリガナ・性別" in item.subject and FIRST in item.subject and "ｶｸｳ" not in item.subject
    with pytest.raises(Refused, match="NP-2030"):
        approve.decide(site, "shotoku_kaitou", None, "sousa01")
    assert kit.approve_all(site, "shotoku_kaitou")["approved"] == 1
    assert stored(site) == [(2025, 2025, "1", 670_000)]
    assert kit.query(site, "select s.approval_id, s.row_key, q.answered_by_file = s.file_id from pension.shotoku s join pension.shotoku_shoukai q using (shoukai_no)") == [
        (item.id, f"{FIRST}-{no(1)}-2025", True),
    ]  # fmt: skip
    assert kit.query(site, "select atena_no, shimei4 is not null from audit.event where operation = '承認'") == [(no(1), True)]
    assert take(site, {}, on=THIRD, seq=2) == {"stored": 0, "refused": 1, "held": 0}


def test_否認した回答は入らず_照会は開いたまま(after: After) -> None:
    site = after(ask, hold)
    assert approve.decide(site, "shotoku_kaitou", None, "shounin01", "rejected", "誤り")["rejected"] == 1
    assert stored(site) == []
    assert take(site, {}, on=THIRD, seq=2)["stored"] == 1


def hold_other_income(site: Site) -> None:
    take(site, {"sex_code": "2", "goukei_shotoku_yen": 1})


@pytest.mark.parametrize("how", ["正しい再送", "訂正", "受付の取下げ"])
def test_待つ間に片付いた回答は承認しても入らない(after: After, how: str) -> None:
    site = after(ask, hold_other_income)
    if how == "正しい再送":
        take(site, {}, on=THIRD, seq=2)
    elif how == "訂正":
        answers(site, {}, version=2)
        kit.run(site, "shotoku_kaitou_daily", NEXT)
        kit.approve_all(site, "teisei")
        kit.run(site, "shotoku_kaitou_daily", NEXT)
    else:
        kit.uketsuke(site, [intake(0, menjo_from_month=date(2025, 7, 1), rev=2, jotai_code="3")], on=NEXT, seq=2)
        kit.run(site, "uketsuke_daily", NEXT)
    decided = kit.approve_all(site, "shotoku_kaitou")
    assert (decided["approved"], decided["superseded"]) == (0, int(how == "受付の取下げ"))
    assert stored(site) == ([] if how == "受付の取下げ" else [(2025, 2025, "1", 670_000)])


def test_訂正でも異なる回答は_認めれば前の回答と置き換わる(after: After) -> None:
    site = after(ask, answered)
    answers(site, {"sex_code": "2", "goukei_shotoku_yen": 1}, version=2)
    kit.run(site, "shotoku_kaitou_daily", NEXT)
    kit.approve_all(site, "teisei")
    assert kit.run(site, "shotoku_kaitou_daily", NEXT)["answers"]["held"] == 1
    assert stored(site) == [(2025, 2025, "1", 670_000)]
    assert kit.approve_all(site, "shotoku_kaitou")["approved"] == 1
    assert stored(site) == [(2025, 2025, "1", 1)] and kit.query(site, "select count(*) from pension.shotoku") == [(2,)]


def test_二度保留した回答は後のものだけが承認を待つ(after: After) -> None:
    site = after(ask, hold)
    take(site, {"sex_code": "2", "goukei_shotoku_yen": 2}, on=THIRD, seq=2)
    decided = kit.approve_all(site, "shotoku_kaitou")
    assert (decided["approved"], decided["superseded"]) == (1, 0)
    assert stored(site) == [(2025, 2025, "1", 2)]


def test_後の業務日の訂正でも保留は新しいものだけになる(after: After) -> None:
    site = after(ask, hold)
    answers(site, {"sex_code": "2", "goukei_shotoku_yen": 2}, on=THIRD, version=2)
    kit.run(site, "shotoku_kaitou_daily", THIRD)
    kit.approve_all(site, "teisei")
    kit.run(site, "shotoku_kaitou_daily", THIRD)
    assert kit.approve_all(site, "shotoku_kaitou")["approved"] == 1
    assert stored(site) == [(2025, 2025, "1", 2)]


def test_期限が過ぎた保留は_ファイルの来ない夜にも取り下げられる(after: After, owner_url_of: Callable[[Site], str]) -> None:
    site = after(ask, hold)
    with psycopg.connect(owner_url_of(site), autocommit=True) as owner:
        owner.execute("update ledger.approval set expires_at = now() - interval '1 day'")
    assert kit.run(site, "shotoku_kaitou_daily", THIRD)["error"] is None
    assert approve.pending(site, "shotoku_kaitou") == []


def test_一つのファイルで良い行が入れば_保留の行は残らない(after: After) -> None:
    site = after(ask, answered)
    answers(site, {"goukei_shotoku_yen": 3}, {"sex_code": "2", "goukei_shotoku_yen": 4}, version=2)
    kit.run(site, "shotoku_kaitou_daily", NEXT)
    kit.approve_all(site, "teisei")
    kit.run(site, "shotoku_kaitou_daily", NEXT)
    assert approve.pending(site, "shotoku_kaitou") == [] and stored(site) == [(2025, 2025, "1", 3)]


def test_一覧は待っているものを全部_いつの夜にも並べる(after: After) -> None:
    site = after(ask, hold)
    kit.run(site, "shotoku_kaitou_daily", THIRD)
    [path] = (site.outbox / "ichiran" / THIRD.isoformat()).glob("所得回答保留一覧*.xlsx")
    assert FIRST in "".join(str(v) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True) for v in row)


def hold_addresses(site: Site) -> None:
    """Of the persons 1 and 11, in two households, the second is protected; their answers come with another 性別 and 住所."""
    people = [{"atena_no": no(1)}, {"atena_no": no(11), "setai_no": no(52)}]
    ask(site, *people)
    same = {"rireki_no": 2, "idou_jiyu_code": "59"}
    kit.juki(site, [{**p, **same, "shien_sochi_flag": p["atena_no"] == no(11)} for p in people], on=NEXT, seq=2)
    kit.run(site, "juki_daily", NEXT)
    other = {"sex_code": "2", "address": "神奈川県川崎市幸区別町１－１"}
    take(site, *({"shoukai_no": question(at), "atena_no": p["atena_no"], **other} for at, p in enumerate(people)))


@pytest.mark.parametrize("protected", [False, True], ids=["", "支援措置"])
def test_保留一覧は宛名と回答を並べ_支援措置の住所は出さない(once: Once, protected: bool) -> None:
    [path] = (once(hold_addresses).outbox / "ichiran" / NEXT.isoformat()).glob("所得回答保留一覧*.xlsx")
    asked = question(int(protected))
    [row] = [r for r in openpyxl.load_workbook(path).active.iter_rows(values_only=True) if asked in map(str, r)]
    assert row[8] == "性別\n住所" and row[7] == "令和7年度"
    known, said = (v.split("\n") for v in row[9:11])
    assert (known[0], said[0]) == ("1 男", "2 女")
    assert (known[1], said[1]) == (
        ("支援措置のため表示しません",) * 2 if protected else ("神奈川県川崎市川崎区架空町１－１", "神奈川県川崎市幸区別町１－１")
    )


def test_隔離の行が書き換わっていれば承認できない(after: After, owner_url_of: Callable[[Site], str]) -> None:
    site = after(ask, hold)
    other = site.keys.cipher("row").encrypt(b" " * 302)
    with psycopg.connect(owner_url_of(site), autocommit=True) as owner:
        owner.execute("update ledger.quarantine set row_cipher = %s", (other,))
    with pytest.raises(Refused, match="NP-2032"):
        kit.approve_all(site, "shotoku_kaitou")
    assert stored(site) == []
