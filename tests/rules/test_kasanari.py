"""喪失の重なり: 60歳到達と死亡・転出が重なるとき、生年月日が訂正されるとき、任意加入が65歳・70歳になるとき。

夜ごとの異動ファイルと実行を全員一緒に流し、提案と資格を一人ずつ確かめます。「23 11-20」は異動事由23・異動年月日2026年11月20日の行
（「、」で同じ夜に複数）、「生 1966-11-20」は生年月日だけが違う行（異動事由44）、「訂 …」は前の夜の行の訂正です。承認と否認は夜の後に、
その人の待っている提案すべて。実行日は第1夜が11月9日、第2夜が11月20日、第3夜が11月25日です。
"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest
from kit import no

from etl import approve
from etl.site import Site

STORIES = kit.table("""
| 事例                                       | 生年月日   | 種別 | 取得日     | 第1夜    | 決裁1 | 第2夜         | 決裁2 | 第3夜         | 提案                                              | 資格     |
|--------------------------------------------|------------|------|------------|----------|-------|---------------|-------|---------------|---------------------------------------------------|----------|
| 60歳の前日の死亡は51                       | 1966-11-10 | 1    | 1990-04-01 | 23 11-08 | 承認  |               |       |               | 喪失51 11-09 承認                                 | 11-09 51 |
| 60歳の日の死亡は53_同じ夜                  | 1966-11-10 | 1    | 1990-04-01 | 23 11-09 | 承認  |               |       |               | 喪失53 11-09 承認                                 | 11-09 53 |
| 60歳より後の死亡                           | 1966-11-10 | 1    | 1990-04-01 |          |       | 23 11-20      |       |               | 喪失53 11-09 待                                   | 開       |
| 60歳の承認の後の死亡は何も足さない         | 1966-11-10 | 1    | 1990-04-01 |          | 承認  | 23 11-20      |       |               | 喪失53 11-09 承認                                 | 11-09 53 |
| 国外転出の日に60歳                         | 1966-11-28 | 1    | 1990-04-01 |          |       |               |       | 22 11-27      | 喪失53 11-27 待                                   | 開       |
| 60歳の前日の国外転出                       | 1966-11-28 | 1    | 1990-04-01 |          |       |               |       | 22 11-26      | 喪失52 11-27 待                                   | 開       |
| 国外転出予定が60歳より後                   | 1966-12-10 | 1    | 1990-04-01 | 22 12-15 |       |               |       |               | 喪失53 12-09 待                                   | 開       |
| その予定の取消し                           | 1966-12-10 | 1    | 1990-04-01 | 22 12-15 |       | 28 11-19      |       |               | 喪失53 12-09 取下                                 | 開       |
| その予定の確定が60歳より前                 | 1966-12-10 | 1    | 1990-04-01 | 22 12-15 |       | 22 11-18      |       |               | 喪失53 12-09 取下; 喪失52 11-19 待                | 開       |
| 国内転出が60歳より後                       | 1966-11-10 | 1    | 1990-04-01 |          |       | 21 11-15      |       |               | 喪失53 11-09 待                                   | 開       |
| 国内転出予定の間に60歳                     | 1966-11-15 | 1    | 1990-04-01 | 21 11-12 |       |               |       |               | 喪失58 11-12 待                                   | 開       |
| 待っている53より前の死亡が遅れて届く       | 1966-11-10 | 1    | 1990-04-01 |          |       | 23 11-05      | 承認  |               | 喪失53 11-09 取下; 喪失51 11-06 承認              | 11-06 51 |
| 承認した53より前の死亡が遅れて届く         | 1966-11-10 | 1    | 1990-04-01 |          | 承認  | 23 11-05      | 承認  |               | 喪失53 11-09 承認; 訂正51 11-06 承認              | 11-06 51 |
| 承認した51の死亡日が60歳より後に           | 1966-11-10 | 1    | 1990-04-01 | 23 11-07 | 承認  | 23 11-12      | 承認  |               | 喪失51 11-08 承認; 訂正53 11-09 承認              | 11-09 53 |
| 訂正ファイルで死亡日が60歳より前に         | 1966-11-10 | 1    | 1990-04-01 |          |       | 23 11-12      | 承認  | 訂 23 11-07   | 喪失53 11-09 承認; 訂正51 11-08 待                | 11-09 53 |
| 承認前の死亡の取消しで60歳の53             | 1966-11-10 | 1    | 1990-04-01 | 23 11-07 |       | 28 11-19      |       |               | 喪失51 11-08 取下; 喪失53 11-09 待                | 開       |
| 承認した死亡の取消しで60歳の53             | 1966-11-10 | 1    | 1990-04-01 | 23 11-07 | 承認  | 28 11-19      | 承認  |               | 喪失51 11-08 承認; 訂正53 11-09 承認              | 11-09 53 |
| 60歳の後の死亡の取消しで53は残る           | 1966-11-10 | 1    | 1990-04-01 |          |       | 23 11-12、28 11-19 |  |               | 喪失53 11-09 待                                   | 開       |
| 取消しの承認の後に60歳                     | 1966-11-22 | 1    | 1990-04-01 | 23 11-07 | 承認  | 28 11-19      | 承認  |               | 喪失51 11-08 承認; 取消 承認; 喪失53 11-21 待     | 開       |
| 生年月日の訂正_60歳前になれば取下げ        | 1966-11-10 | 1    | 1990-04-01 |          |       | 生 1967-11-10 |       |               | 喪失53 11-09 取下                                 | 開       |
| 生年月日の訂正_正しい日で作り直す          | 1966-11-10 | 1    | 1990-04-01 |          |       | 生 1966-11-20 |       |               | 喪失53 11-09 取下; 喪失53 11-19 待                | 開       |
| 生年月日の訂正_その日が来てから            | 1966-11-10 | 1    | 1990-04-01 |          |       | 生 1966-11-24 |       |               | 喪失53 11-09 取下; 喪失53 11-23 待                | 開       |
| 生年月日の訂正_承認済みは訂正              | 1966-11-10 | 1    | 1990-04-01 |          | 承認  | 生 1966-11-20 | 承認  |               | 喪失53 11-09 承認; 訂正53 11-19 承認              | 11-19 53 |
| 生年月日の訂正_承認済みで60歳前なら取消し  | 1966-11-10 | 1    | 1990-04-01 |          | 承認  | 生 1967-11-10 | 承認  |               | 喪失53 11-09 承認; 取消 承認                      | 開       |
| 訂正ファイルで生年月日が60歳前に           | 1966-11-10 | 1    | 1990-04-01 |          |       | 生 1966-11-20 |       | 訂 生 1967-11-10 | 喪失53 11-09 取下; 喪失53 11-19 取下           | 開       |
| 生年月日の訂正_待っている51が53に          | 1966-12-10 | 1    | 1990-04-01 | 23 11-08 |       | 生 1966-11-05 |       |               | 喪失51 11-09 取下; 喪失53 11-04 待                | 開       |
| 生年月日の訂正_承認した51が53に            | 1966-12-10 | 1    | 1990-04-01 | 23 11-08 | 承認  | 生 1966-11-05 | 承認  |               | 喪失51 11-09 承認; 訂正53 11-04 承認              | 11-04 53 |
| 生年月日が不詳になる                       | 1966-11-10 | 1    | 1990-04-01 |          |       | 生 不詳       |       |               | 喪失53 11-09 取下                                 | 開       |
| 否認した53はまた来ない                     | 1966-11-10 | 1    | 1990-04-01 |          | 否認  |               |       |               | 喪失53 11-09 否認                                 | 開       |
| 否認した53の後に生年月日の訂正_死亡は51    | 1966-11-10 | 1    | 1990-04-01 | 23 11-09 | 否認  | 生 1967-11-10 |       |               | 喪失53 11-09 否認; 喪失51 11-10 待                | 開       |
| 否認した53の後に生年月日が不詳_転出は52    | 1966-11-10 | 1    | 1990-04-01 | 22 11-09 | 否認  | 生 不詳       |       |               | 喪失53 11-09 否認; 喪失52 11-10 待                | 開       |
| 否認した53の後に生年月日の訂正_何もなければ待つ | 1966-11-10 | 1 | 1990-04-01 |         | 否認  | 生 1967-11-10 |       |               | 喪失53 11-09 否認                                 | 開       |
| 任意加入の死亡                             | 1964-11-10 | 4    | 2024-11-09 | 23 11-08 |       |               |       |               | 喪失51 11-09 待                                   | 開       |
| 国外で始まった任意加入                     | 1980-01-01 | 4    | 2026-11-02 | 22 11-01 |       |               |       |               |                                                   | 開       |
| 国内で始まった任意加入の国外転出           | 1964-11-10 | 4    | 2026-11-01 | 22 11-01 |       |               |       |               | 喪失52 11-02 待                                   | 開       |
| 65歳の翌日の任意加入の死亡                 | 1961-11-10 | 4    | 2024-11-09 |          |       | 23 11-10      |       |               |                                                   | 開       |
| 70歳の翌日の特例任意加入の国外転出         | 1956-11-10 | 5    | 2024-11-09 |          |       | 22 11-10      |       |               |                                                   | 開       |
| 65歳の後の任意加入の国内転出               | 1961-11-10 | 4    | 2024-11-09 |          |       | 21 11-10      |       |               | 喪失58 11-10 待                                   | 開       |
""")
NIGHTS = [date(2026, 11, 9), date(2026, 11, 20), date(2026, 11, 25)]
ACTIONS = {"loss": "喪失", "correct": "訂正", "undo": "取消"}
DECISIONS = {None: "待", "approved": "承認", "withdrawn": "取下", "rejected": "否認"}
JOTAI = {"21": "2", "22": "2", "23": "3"}
for number, story in enumerate(STORIES, 1):
    story["no"] = no(7000 + number)


def _row(story: dict[str, Any], rireki: int, text: str) -> dict[str, Any]:
    jiyu, on = text.split()
    row = {"atena_no": story["no"], "rireki_no": rireki, "birth_on": kit.day(story["生年月日"])}
    if jiyu != "生":
        return row | {
            "idou_jiyu_code": jiyu,
            "idou_on": date.fromisoformat(f"2026-{on}"),
            "jumin_jotai_code": JOTAI.get(jiyu, "1"),
        }
    born = {"birth_fusho_flag": True, "birth_on": None} if on == "不詳" else {"birth_on": kit.day(on)}
    return row | {"idou_jiyu_code": "44", "idou_on": date(2026, 11, 10)} | born


def _night(night: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """New rows of a night, and corrections of the rows of the night before."""
    new, corrected = [], []
    for story in STORIES:
        before = sum(len(story[f"第{n}夜"].split("、")) for n in range(1, night) if story[f"第{n}夜"])
        for i, text in enumerate(story[f"第{night}夜"].split("、") if story[f"第{night}夜"] else [], before + 2):
            if text.startswith("訂 "):
                corrected.append(_row(story, before + 1, text.removeprefix("訂 ")))
            else:
                new.append(_row(story, i, text))
    return new, corrected


def _decide(site: Site, night: int) -> None:
    waiting = kit.query(
        site,
        "select p.atena_no, p.approval_id from pension.idou_proposal as p join ledger.approval as a using (approval_id) "
        "where a.decision is null order by 2",
    )
    for word, decision in (("承認", "approved"), ("否認", "rejected")):
        wanted = {s["no"] for s in STORIES if s.get(f"決裁{night}") == word}
        assert wanted <= {n for n, _ in waiting}
        if ids := [i for n, i in waiting if n in wanted]:
            approve.decide(site, "idou", ids, "shounin01", decision, "確認のうえ")


@pytest.fixture(scope="module")
def told(town: Site) -> Site:
    """All stories, night by night; each night's run is made twice, and every run before once more."""
    kit.insured(
        town,
        [{"atena_no": s["no"], "shubetsu_code": s["種別"], "acquired_on": kit.day(s["取得日"])} for s in STORIES],
        on=date(2026, 11, 2),
    )
    first = [
        {
            "atena_no": s["no"],
            "birth_on": kit.day(s["生年月日"]),
            "idou_on": date(2010, 4, 1),
            "birth_fusho_flag": not s["生年月日"],
        }
        for s in STORIES
    ]
    kit.juki(town, first, on=date(2026, 11, 2), kubun="1")
    kit.run(town, "juki_daily", "2026-11-02")
    for night, on in enumerate(NIGHTS, 1):
        new, corrected = _night(night)
        kit.juki(town, new, on=on, seq=night + 1)
        if corrected:
            kit.juki(town, corrected, on=on, seq=night, version=2)
        _run(town, on)
        _decide(town, night)
        before = _all(town)
        for earlier in [date(2026, 11, 2), *NIGHTS[: night - 1]]:
            assert kit.run(town, "juki_daily", earlier)["proposals"] == 0
        assert _all(town) == before
    _run(town, date(2026, 11, 26))
    return town


def _run(site: Site, on: date) -> None:
    """Twice, with the approval of corrections between; then nothing more comes."""
    assert kit.run(site, "juki_daily", on)["error"] is None
    approve.decide(site, "teisei", None, "shounin01")
    assert kit.run(site, "juki_daily", on)["error"] is None
    before = _all(site)
    assert kit.run(site, "juki_daily", on)["proposals"] == 0
    assert _all(site) == before


def _all(site: Site) -> Any:
    return kit.query(site, "select approval_id, decision, content_hash from ledger.approval order by 1")


def _short(on: date | None) -> str:
    return f"{on:%m-%d}" if on else ""


@pytest.mark.parametrize("story", STORIES, ids=[s["事例"] for s in STORIES])
def test_喪失の重なり(told: Site, story: dict[str, Any]) -> None:
    rows = kit.query(
        told,
        "select p.action, p.soushitsu_jiyu_code, p.lost_on, a.decision from pension.idou_proposal as p "
        "join ledger.approval as a using (approval_id) where p.atena_no = :n order by p.approval_id",
        n=story["no"],
    )
    said = [
        "　".join(w for w in (ACTIONS[a] + (j or ""), _short(on), DECISIONS[d]) if w).replace("　", " ") for a, j, on, d in rows
    ]
    assert "; ".join(said) == (story["提案"] or "")
    ((lost_on, jiyu),) = kit.query(
        told,
        "select lost_on, soushitsu_jiyu_code from pension.shikaku where atena_no = :n and superseded_at is null",
        n=story["no"],
    )
    assert (f"{_short(lost_on)} {jiyu}" if lost_on else "開") == story["資格"]


def test_任意加入は誕生日の前日に要確認へ載る(told: Site) -> None:
    found = kit.query(
        told,
        "select atena_no, opened_on, remark from pension.worklist where kind = '要確認' and closed_at is null order by 1",
    )
    wanted = {s["no"]: s for s in STORIES if s["種別"] in "45" and s["生年月日"] in ("1961-11-10", "1956-11-10")}
    assert [n for n, _, _ in found] == sorted(wanted)
    assert {on for _, on, _ in found} == {NIGHTS[0]}
    for n, _, remark in found:
        assert ("65歳到達" in remark, "みなされる" in remark) == ((wanted[n]["種別"] == "4",) * 2)
