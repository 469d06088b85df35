"""所得照会の回答: どの回答を受け入れ、受け入れないものは何も残さない。"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl.site import Site
from tests.conftest import After, Once, Step
from tests.rules.income import NEXT, THIRD, answered, answers, ask, intake, question, stored, take

TAKEN = kit.table("""
| 事例                                   | 行                                | 受入 | 拒否 | 保留 |
|----------------------------------------|-----------------------------------|------|------|------|
| 聞いたとおりの行                       |                                   | 1    | 0    | 0    |
| 遅れて賦課された年度                   | fuka_year=2026                    | 1    | 0    | 0    |
| 課税資料なし                           | kaitou_code=2                     | 1    | 0    | 0    |
| 照会番号が違う                         | shoukai_no=202509240009999        | 0    | 1    | 0    |
| 別の人                                 | atena_no=2                        | 0    | 1    | 0    |
| 別の年度                               | soutou_year=2024                  | 0    | 1    | 0    |
| 氏名フリガナが宛名と違う               | name_kana=ｶｸｳ                     | 0    | 0    | 1    |
| 生年月日が宛名と違う                   | birth_on=1990-01-02               | 0    | 0    | 1    |
| 性別が宛名と違う                       | sex_code=2                        | 0    | 0    | 1    |
| 住所が宛名と違う                       | address=神奈川県川崎市            | 0    | 0    | 1    |
| 与えられない項目は比べない             | birth_on= address=                | 1    | 0    | 0    |
""")

BROKEN = kit.table("""
| 事例                                     | 行             | 位置 | 値       | 拒否 | 隔離 |
|------------------------------------------|----------------|------|----------|------|------|
| 聞いた行の回答区分                       |                | 45   | 9        | 0    | 1    |
| 聞いていない行の回答区分                 | atena_no=2     | 45   | 9        | 1    | 0    |
| 聞いていない行の生年月日                 | atena_no=2     | 86   | 20251399 | 1    | 0    |
| 聞いていない行の金額                     | atena_no=2     | 213  | abc      | 1    | 0    |
| 聞いていない行の予備                     | atena_no=2     | 290  | x        | 1    | 0    |
| 照会番号が数字でない                     |                | 2    | A        | 1    | 0    |
| 相当年度が数字でない                     |                | 32   | 20x5     | 1    | 0    |
""")


Became = dict[str, tuple[int, int, int, bool]]


def row(at: int, text: str | None) -> dict[str, Any]:
    """The answer about the person of the case ``at``, with the cells of the case."""
    cells: dict[str, Any] = {"shoukai_no": question(at), "atena_no": no(10 * at + 1)}
    for cell in (text or "").split():
        name, value = cell.split("=")
        cells[name] = (
            no(10 * at + int(value))
            if name == "atena_no"
            else int(value)
            if name.endswith("year")
            else kit.day(value)
            if name == "birth_on"
            else value or None
        )
    return cells


def total(head: str, table: list[dict[str, Any]]) -> int:
    return sum(int(case[head]) for case in table)


@pytest.fixture(scope="module")
def became(town: Site) -> Became:
    """Each case is a person of whom one question is open. The answers of the first table come in one file, those of the second in the
    next. By case: rows stored, refused and quarantined, and whether the question is closed."""
    cases = [*TAKEN, *BROKEN]
    ask(town, *({} for _ in cases))
    rows = [row(at, case["行"]) for at, case in enumerate(cases)]
    answers(town, *rows[: len(TAKEN)])
    result = kit.run(town, "shotoku_kaitou_daily", NEXT)
    assert result["answers"] == {k: total(v, TAKEN) for k, v in {"stored": "受入", "refused": "拒否", "held": "保留"}.items()}
    assert kit.query(town, "select * from pension.shotoku_unasked") == []

    path = answers(town, *rows[len(TAKEN) :], on=THIRD, seq=2)
    data = bytearray(path.read_bytes())
    for line, case in enumerate(BROKEN, 1):
        at, value = 302 * line + int(case["位置"] or "") - 1, (case["値"] or "").encode()
        data[at : at + len(value)] = value
    kit.put(town, "shotoku_kaitou", path.name, bytes(data), len(BROKEN))
    counts = kit.only(kit.run(town, "shotoku_kaitou_daily", THIRD))["counts"]
    assert (counts["out_of_scope"], counts["quarantined"]) == (total("拒否", BROKEN), total("隔離", BROKEN))
    assert len(stored(town)) == total("受入", TAKEN)

    refused = {}
    for (numbers,) in kit.query(town, "select facts -> 'refused' from ledger.file where dataset = 'shotoku_kaitou'"):
        refused |= numbers
    kept = Counter(
        int(who) // 10 for (who,) in kit.query(town, "select atena_no from pension.shotoku where superseded_at is null")
    )
    bad = kit.query(town, "select f.business_on, q.line - 2 from ledger.quarantine q join ledger.file f using (file_id)")
    quarantined = Counter(line + (len(TAKEN) if on == THIRD else 0) for on, line in bad)
    closed = kit.query(town, "select answered_at is not null from pension.shotoku_shoukai order by shoukai_no")
    numbers = [
        "（照会番号の形でない）" if case.get("値") == "A" else row["shoukai_no"] for case, row in zip(cases, rows, strict=True)
    ]
    return {
        str(case["事例"]): (kept[at], refused.get(numbers[at], 0), quarantined[at], closed[at][0])
        for at, case in enumerate(cases)
    }


@pytest.mark.parametrize("case", TAKEN, ids=lambda c: c["事例"])
def test_受け入れる行と受け入れない行(became: Became, case: dict[str, str]) -> None:
    assert became[case["事例"]] == (int(case["受入"]), int(case["拒否"]), int(case["保留"]), case["受入"] == "1")


@pytest.mark.parametrize("case", BROKEN, ids=lambda c: c["事例"])
def test_聞いていない行は項目の誤りがあっても対象外(became: Became, case: dict[str, str]) -> None:
    assert became[case["事例"]] == (0, int(case["拒否"]), int(case["隔離"]), False)


def ask_of_unknown_birth(site: Site) -> None:
    ask(site, {"birth_fusho_flag": True})


@pytest.mark.parametrize(("asked", "held"), [(ask_of_unknown_birth, 0), (ask, 1)], ids=["不詳", "不詳でない"])
def test_宛名で不詳の生年月日は比べない(after: After, asked: Step, held: int) -> None:
    assert take(after(asked), {"birth_on": date(1985, 5, 5)}) == {"stored": 1 - held, "refused": 0, "held": held}


def test_不詳でもほかの4情報は比べる(after: After) -> None:
    site = after(ask_of_unknown_birth)
    assert take(site, {"birth_on": date(1985, 5, 5), "sex_code": "2"})["held"] == 1
    [(fields,)] = kit.query(site, "select fields from ledger.quarantine")
    assert fields == ["sex_code"]


def test_閉じた照会への後の回答は拒否する(after: After) -> None:
    site = after(ask, answered)
    assert take(site, {"rireki_no": 2, "fuka_year": 2026}, on=THIRD, seq=2) == {"stored": 0, "refused": 1, "held": 0}
    assert stored(site) == [(2025, 2025, "1", 670_000)]


ENDED = {"取下げ": "3", "進達済": "4", "結果登録済": "6"}


def answer_ended(site: Site) -> None:
    """A question of each case, whose intake ends before the answers come."""
    ask(site, *({} for _ in ENDED))
    same = {"menjo_from_month": date(2025, 7, 1), "rev": 2}
    kit.uketsuke(site, [intake(10 * at, jotai_code=code, **same) for at, code in enumerate(ENDED.values())], on=NEXT, seq=2)
    kit.run(site, "uketsuke_daily", NEXT)
    assert take(site, *(row(at, None) for at in range(len(ENDED)))) == {"stored": 0, "refused": len(ENDED), "held": 0}


@pytest.mark.parametrize("at", range(len(ENDED)), ids=ENDED)
def test_受付が終わった照会への回答は拒否する(once: Once, at: int) -> None:
    site = once(answer_ended)
    assert kit.query(
        site, "select facts -> 'refused' ->> :asked from ledger.file where name like 'SHOTOKKT%'", asked=question(at)
    ) == [("1",)]
    assert stored(site) == []


def test_宛名が直った後の回答は受け入れる(after: After) -> None:
    site = after(ask)
    assert take(site, {"sex_code": "2"})["held"] == 1
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 2, "sex_code": "2", "idou_jiyu_code": "59"}], on=NEXT, seq=2)
    kit.run(site, "juki_daily", NEXT)
    assert take(site, {"sex_code": "2"}, on=THIRD, seq=2)["stored"] == 1


def test_同じキーが二度ならたたみ_食い違えば隔離する(after: After) -> None:
    site = after(ask)
    assert take(site, {}, {}) == {"stored": 2, "refused": 0, "held": 0}
    assert len(stored(site)) == 1


def test_食い違う二行は先の行だけ入る(after: After) -> None:
    site = after(ask)
    assert take(site, {}, {"goukei_shotoku_yen": 1}) == {"stored": 1, "refused": 0, "held": 1}
    assert stored(site) == [(2025, 2025, "1", 670_000)]


def test_訂正は承認を経て置き換わり前の行も残る(after: After) -> None:
    site = after(ask, answered)
    answers(site, {"goukei_shotoku_yen": 680_000}, version=2)
    assert [f["code"] for f in kit.run(site, "shotoku_kaitou_daily", NEXT)["files"]] == ["NP-2022"]
    kit.approve_all(site, "teisei")
    assert kit.run(site, "shotoku_kaitou_daily", NEXT)["answers"]["stored"] >= 1
    assert stored(site) == [(2025, 2025, "1", 680_000)]
    assert kit.query(site, "select count(*) from pension.shotoku") == [(2,)]


def test_通知には件数と照会番号だけがある(after: After) -> None:
    site = after(ask)
    take(
        site,
        {},
        {"atena_no": no(2), "name_kana": "ﾀﾆﾝ", "shoukai_no": f"{DAY:%Y%m%d}0000009"},
        {"atena_no": no(3), "shoukai_no": "999999999999999"},
    )
    [path] = (site.outbox / "shotoku_tsuchi" / NEXT.isoformat()).glob("*.xlsx")
    said = "\n".join(
        str(v) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True) for v in row if v is not None
    )
    assert f"{DAY:%Y%m%d}0000009" in said and "照会番号の形でない" in said
    assert not any(word in said for word in (no(2), no(3), "ﾀﾆﾝ", "999999999999999", "670"))


def test_聞いていない行ばかりでもファイルは受け入れる(after: After) -> None:
    site = after(ask)
    rows = [{"atena_no": no(n), "shoukai_no": f"{DAY:%Y%m%d}{n:07}"} for n in range(2, 60)]
    assert take(site, *rows) == {"stored": 0, "refused": 58, "held": 0}


CHANGES = {
    "本人の世帯変更": (1, "50", True),
    "配偶者の世帯変更": (2, "51", True),
    "世帯主の世帯変更": (3, "52", True),
    "住所の変更": (2, "41", False),
    "関係のない人": (9, "50", False),
}


def change_households(site: Site) -> None:
    """By case: 本人 10n+1, 配偶者 10n+2, 世帯主 10n+3; 10n+9 has nothing to do with them."""
    cases = range(0, 10 * len(CHANGES), 10)
    applications = [intake(n, menjo_from_month=date(2025, 7, 1)) for n in cases]
    kit.uketsuke(site, applications + [{"uketsuke_no": no(n + 9), "atena_no": no(n + 9)} for n in cases])
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(site, [{"atena_no": no(n + who)} for n in cases for who in (1, 2, 3, 9)])
    kit.run(site, "juki_daily", DAY)
    changed = {n + who: code for n, (who, code, _) in zip(cases, CHANGES.values(), strict=True)}
    cells = {"rireki_no": 2, "idou_on": NEXT}
    kit.juki(site, [{"atena_no": no(who), "idou_jiyu_code": code, **cells} for who, code in changed.items()], on=NEXT, seq=2)
    assert kit.run(site, "juki_daily", NEXT)["error"] is None


@pytest.mark.parametrize("at", range(len(CHANGES)), ids=CHANGES)
def test_申請の後の世帯の変更は再確認になる(once: Once, at: int) -> None:
    site, n, (who, _, flagged) = once(change_households), 10 * at, list(CHANGES.values())[at]
    found = kit.query(
        site, "select atena_no, row_key from pension.worklist where kind = '免除再確認' and closed_at is null "
        "and atena_no between :first and :last", first=no(n), last=no(n + 9),
    )  # fmt: skip
    assert found == ([(no(n + who), f"受付-{no(n)}")] if flagged else [])
