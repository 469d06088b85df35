"""異動 → 資格: 表の1行が1人の物語。三夜の異動ファイルと夜ごとの承認を全員一緒に流し、提案と資格を一人ずつ確かめる。

夜: 「21 09-20」は異動事由21・異動年月日9月20日の行（「、」で同じ夜に複数、「削」は削除フラグ付き）。承認: 「58」はその事由の
提案だけ、「取消」は取消しの提案だけ、「全」はその人の提案すべて。提案は作られた順。資格は最後に有効な行の喪失日と喪失事由。
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve
from etl.core.dates import reach
from etl.site import Site

STORIES = kit.table("""
| 事例                                         | 第1夜           | 承認1 | 第2夜                     | 承認2 | 第3夜    | 承認3 | 提案                                              | 資格     |
|----------------------------------------------|-----------------|-------|---------------------------|-------|----------|-------|---------------------------------------------------|----------|
| 死亡は翌日に喪失51                           | 23 06-30        | 全    |                           |       |          |       | 喪失51 07-01 承認                                 | 07-01 51 |
| 国外転出は翌日に喪失52                       | 22 06-29        | 全    |                           |       |          |       | 喪失52 06-30 承認                                 | 06-30 52 |
| 国内転出は当日に喪失58                       | 21 09-20        | 全    |                           |       |          |       | 喪失58 09-20 承認                                 | 09-20 58 |
| 承認までは資格のまま                         | 23 09-20        |       |                           |       |          |       | 喪失51 09-21 待                                   | 開       |
| 転出予定は先の日付で直ちに提案               | 21 10-15        |       |                           |       |          |       | 喪失58 10-15 待                                   | 開       |
| 転出確定が同じ日なら何も足さない             | 21 10-15        |       | 21 10-15                  |       |          |       | 喪失58 10-15 待                                   | 開       |
| 転出確定が別の日なら置き換える               | 21 10-15        |       | 21 10-18                  |       |          |       | 喪失58 10-15 取下; 喪失58 10-18 待                | 開       |
| 同じファイルの予定と確定                     | 21 10-15、21 10-18 |    |                           |       |          |       | 喪失58 10-15 取下; 喪失58 10-18 待                | 開       |
| 承認後に別の日なら訂正を提案                 | 21 09-20        | 全    | 21 09-22                  | 全    |          |       | 喪失58 09-20 承認; 訂正58 09-22 承認              | 09-22 58 |
| 承認後に同じ日なら何も足さない               | 21 09-20        | 全    | 21 09-20                  |       |          |       | 喪失58 09-20 承認                                 | 09-20 58 |
| 承認後の死亡日の訂正                         | 23 09-20        | 全    | 23 09-19                  | 全    |          |       | 喪失51 09-21 承認; 訂正51 09-20 承認              | 09-20 51 |
| 承認後の国外転出日の訂正                     | 22 09-20        | 全    | 22 09-21                  |       |          |       | 喪失52 09-21 承認; 訂正52 09-22 待                | 09-21 52 |
| 訂正の提案も置き換える                       | 21 09-20        | 全    | 21 09-22                  |       | 21 09-23 | 全    | 喪失58 09-20 承認; 訂正58 09-22 取下; 訂正58 09-23 承認 | 09-23 58 |
| 訂正の提案が元の日に戻れば取下げだけ         | 21 09-20        | 全    | 21 09-22                  |       | 21 09-20 |       | 喪失58 09-20 承認; 訂正58 09-22 取下              | 09-20 58 |
| 訂正の訂正                                   | 21 09-20        | 全    | 21 09-22                  | 全    | 21 09-23 | 全    | 喪失58 09-20 承認; 訂正58 09-22 承認; 訂正58 09-23 承認 | 09-23 58 |
| 二つの異なる喪失は先に承認した方が勝つ       | 21 09-20        |       | 23 09-22                  | 51    |          |       | 喪失58 09-20 失効; 喪失51 09-23 承認              | 09-23 51 |
| 二つの異なる喪失を一緒に承認すると先の起案   | 21 09-20        |       | 23 09-22                  | 全    |          |       | 喪失58 09-20 承認; 喪失51 09-23 失効              | 09-20 58 |
| 承認済みと別の事由の喪失は何も提案しない     | 21 09-20        | 全    | 23 09-22                  |       |          |       | 喪失58 09-20 承認                                 | 09-20 58 |
| 承認前の取消し28は提案を取り下げる           | 21 10-15        |       | 28 09-24                  |       |          |       | 喪失58 10-15 取下                                 | 開       |
| 同じファイルの喪失と取消し28                 | 21 10-15、28 09-24 |    |                           |       |          |       | 喪失58 10-15 取下                                 | 開       |
| 承認後の取消し28は取消しを提案               | 21 09-20        | 全    | 28 09-24                  |       |          |       | 喪失58 09-20 承認; 取消 待                        | 09-20 58 |
| 取消しを承認すると資格は新しい行で開く       | 21 09-20        | 全    | 28 09-24                  | 全    |          |       | 喪失58 09-20 承認; 取消 承認                      | 開       |
| 取消しの承認後の新しい喪失                   | 21 09-20        | 全    | 28 09-24                  | 全    | 23 09-25 | 全    | 喪失58 09-20 承認; 取消 承認; 喪失51 09-26 承認   | 09-26 51 |
| 取消しの承認前に同じ喪失がまた来る           | 21 09-20        | 全    | 28 09-24                  |       | 21 09-20 |       | 喪失58 09-20 承認; 取消 取下                      | 09-20 58 |
| 取消しの承認前に別の日の喪失が来る           | 21 09-20        | 全    | 28 09-24                  |       | 21 09-25 | 全    | 喪失58 09-20 承認; 取消 取下; 訂正58 09-25 承認   | 09-25 58 |
| 取消しの承認前に別の事由の喪失が来る         | 21 09-20        | 全    | 28 09-24                  |       | 23 09-25 | 全    | 喪失58 09-20 承認; 取消 取下; 訂正51 09-26 承認   | 09-26 51 |
| 承認前の取消し28の後の新しい喪失             | 21 10-15        |       | 28 09-24                  |       | 22 09-25 | 全    | 喪失58 10-15 取下; 喪失52 09-26 承認              | 09-26 52 |
| 取消し28は直前の喪失だけを取り消す           | 21 10-15        |       | 23 09-23                  |       | 28 09-25 |       | 喪失58 10-15 待; 喪失51 09-24 取下                | 開       |
| 間に他の異動があっても直前の21・22・23       | 21 10-15        |       | 41 09-23                  |       | 28 09-25 |       | 喪失58 10-15 取下                                 | 開       |
| 喪失のない人の取消し28                       | 28 09-24        |       |                           |       |          |       |                                                   | 開       |
| 二度目の取消し28は何も足さない               | 21 09-20        | 全    | 28 09-24                  |       | 28 09-25 |       | 喪失58 09-20 承認; 取消 待                        | 09-20 58 |
| 訂正の承認後の取消し28                       | 21 09-20        | 全    | 21 09-22                  | 全    | 28 09-25 | 全    | 喪失58 09-20 承認; 訂正58 09-22 承認; 取消 承認   | 開       |
| 訂正の承認前の取消し28                       | 21 09-20        | 全    | 21 09-22                  |       | 28 09-25 | 全    | 喪失58 09-20 承認; 訂正58 09-22 取下; 取消 承認   | 開       |
| 異動の取消し(増)09は宛名だけ                 | 09 09-20        |       |                           |       |          |       |                                                   | 開       |
| 職権消除(帰化)24は宛名だけ                   | 24 09-20        |       |                           |       |          |       |                                                   | 開       |
| 職権消除(国籍喪失)25は宛名だけ               | 25 09-20        |       |                           |       |          |       |                                                   | 開       |
| 職権消除26は提案しない                       | 26 09-20        |       |                           |       |          |       |                                                   | 開       |
| 改製27は宛名だけ                             | 27 09-20        |       |                           |       |          |       |                                                   | 開       |
| 転居41は提案しない                           | 41 09-20        |       |                           |       |          |       |                                                   | 開       |
| 取消し(修正)59は宛名だけ                     | 59 09-20        |       |                           |       |          |       |                                                   | 開       |
| 喪失日が取得日より前なら提案しない           | 21 2014-04-01   |       |                           |       |          |       |                                                   | 開       |
| 喪失日が取得日と同じなら提案する             | 21 2015-04-01   |       |                           |       |          |       | 喪失58 2015-04-01 待                              | 開       |
| 死亡の翌日が取得日なら提案する               | 23 2015-03-31   |       |                           |       |          |       | 喪失51 2015-04-01 待                              | 開       |
| 削除フラグの行は提案しない                   | 21 09-20 削     |       |                           |       |          |       |                                                   | 開       |
| 削除フラグの喪失の行は28の前の喪失に数えない | 21 10-15        |       | 23 09-23 削               |       | 28 09-25 |       | 喪失58 10-15 取下                                 | 開       |
| 削除フラグの28は何も取り消さない             | 21 10-15        |       | 28 09-24 削               |       |          |       | 喪失58 10-15 待                                   | 開       |
| 事由と状態が食い違えば事由が決める           | 21 09-20 住     |       |                           |       |          |       | 喪失58 09-20 待                                   | 開       |
| 事由が転居なら状態が死亡でも提案しない       | 41 09-20 死     |       |                           |       |          |       |                                                   | 開       |
| 戻った人（予定の取消し後に転居）             | 21 10-15        |       | 28 09-24、41 09-25        |       |          |       | 喪失58 10-15 取下                                 | 開       |
| 年末の死亡は翌年元日に喪失                   | 23 2024-12-31   | 全    |                           |       |          |       | 喪失51 2025-01-01 承認                            | 2025-01-01 51 |
| うるう年の2月28日の国外転出                  | 22 2024-02-28   |       |                           |       |          |       | 喪失52 2024-02-29 待                              | 開       |
""")
for number, story in enumerate(STORIES, 1):
    story["no"] = no(number)

NIGHTS = [date(2025, 9, 24), date(2025, 9, 25), date(2025, 9, 26)]
STATE = {"21": "2", "22": "2", "23": "3", "26": "9"}
MARKS = {"住": {"jumin_jotai_code": "1"}, "死": {"jumin_jotai_code": "3"}, "削": {"sakujo_flag": True}}
ACTIONS = {"loss": "喪失", "correct": "訂正", "undo": "取消"}
DECISIONS = {None: "待", "approved": "承認", "withdrawn": "取下", "superseded": "失効", "rejected": "否認"}


def _day(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"2025-{text}")


def _rows(story: dict[str, Any], night: int) -> list[dict[str, Any]]:
    """The rows of one person in one night's file; 履歴番号 goes on from night to night."""
    before = sum(len((story[f"第{n}夜"] or "").split("、")) for n in range(1, night) if story[f"第{n}夜"])
    rows = []
    for i, text in enumerate((story[f"第{night}夜"] or "").split("、") if story[f"第{night}夜"] else [], before + 2):
        jiyu, on, *marks = text.split()
        row = {
            "atena_no": story["no"],
            "rireki_no": i,
            "idou_jiyu_code": jiyu,
            "idou_on": _day(on),
            "jumin_jotai_code": STATE.get(jiyu, "1"),
        }
        rows.append(row | {k: v for m in marks for k, v in MARKS[m].items()})
    return rows


def _approve(site: Site, night: int) -> None:
    ids = []
    for atena_no, approval_id, action, jiyu in kit.query(site, PENDING):
        wanted = next((s[f"承認{night}"] for s in STORIES if s["no"] == atena_no), None)
        if wanted and wanted in ("全", jiyu, ACTIONS[action]):
            ids.append(approval_id)
    assert ids or not any(s[f"承認{night}"] for s in STORIES)
    approve.decide(site, "idou", ids, "shounin01")


PENDING = """select p.atena_no, p.approval_id, p.action, p.soushitsu_jiyu_code
    from pension.idou_proposal as p join ledger.approval as a using (approval_id) where a.decision is null order by 2"""


@pytest.fixture(scope="module")
def told(town: Site) -> Site:
    """All stories, night by night."""
    kit.insured(town, [{"atena_no": s["no"]} for s in STORIES])
    kit.juki(town, [{"atena_no": s["no"], "idou_on": date(2010, 4, 1)} for s in STORIES], on=date(2025, 9, 22), kubun="1")
    kit.run(town, "juki_daily", "2025-09-22")
    for night, on in enumerate(NIGHTS, 1):
        kit.juki(town, [r for s in STORIES for r in _rows(s, night)], on=on, seq=night + 1)
        assert kit.run(town, "juki_daily", on)["error"] is None
        _approve(town, night)
    return town


def _short(on: date) -> str:
    return f"{on:%m-%d}" if on.year == 2025 and on.month > 5 else f"{on}"


def _proposals(site: Site, atena_no: str) -> str:
    rows = kit.query(
        site,
        "select p.action, p.soushitsu_jiyu_code, p.lost_on, a.decision from pension.idou_proposal as p "
        "join ledger.approval as a using (approval_id) where p.atena_no = :n order by p.approval_id",
        n=atena_no,
    )
    words = [
        [f"{ACTIONS[action]}{jiyu or ''}", _short(on) if on else "", DECISIONS[decision]] for action, jiyu, on, decision in rows
    ]
    return "; ".join(" ".join(w for w in word if w) for word in words)


@pytest.mark.parametrize("story", STORIES, ids=[s["事例"] for s in STORIES])
def test_異動から資格へ(told: Site, story: dict[str, Any]) -> None:
    assert _proposals(told, story["no"]) == (story["提案"] or "")
    ((lost_on, jiyu),) = kit.query(
        told,
        "select lost_on, soushitsu_jiyu_code from pension.shikaku where atena_no = :n and superseded_at is null",
        n=story["no"],
    )
    assert (f"{_short(lost_on)} {jiyu}" if lost_on else "開") == story["資格"]


def test_資格の履歴は上書きされない(told: Site) -> None:
    """Every approved proposal made one new version; the earlier versions stand, with the moment they ended."""
    approved = kit.query(told, "select count(*) from ledger.approval where kind = 'idou' and decision = 'approved'")[0][0]
    assert kit.query(told, "select count(*), count(superseded_at) from pension.shikaku")[0] == (len(STORIES) + approved, approved)


def test_承認の記録(told: Site) -> None:
    """Maker, checker and content hash of each decision are on the record, with 4情報 encrypted."""
    rows = kit.query(
        told,
        "select a.maker, e.user_name, a.content_hash, e.counts::jsonb, e.shimei4 is not null and position('架空' in encode(e.shimei4, 'escape')) = 0 "
        "from ledger.approval as a join audit.event as e on e.object = 'approval/' || a.approval_id where a.decision = 'approved'",
    )
    assert rows
    for maker, checker, content_hash, counts, encrypted in rows:
        assert (maker, checker, encrypted) == ("sousa01", "shounin01", True)
        assert counts == {"maker": maker, "content_hash": content_hash}


# ---- 60歳到達 --------------------------------------------------------------------------------------------------------------------

SIXTIES = kit.table("""
| 事例                                   | 生年月日   | 不詳 | 種別 | 取得日     | 喪失日     | 実行日     | 提案             |
|----------------------------------------|------------|------|------|------------|------------|------------|------------------|
| 5月1日生まれ_到達日の前日              | 1965-05-01 | 0    | 1    | 1985-05-01 |            | 2025-04-29 |                  |
| 5月1日生まれ_到達日                    | 1965-05-01 | 0    | 1    | 1985-05-01 |            | 2025-04-30 | 2025-04-30       |
| 到達日が休みなら次の実行日に           | 1965-05-04 | 0    | 1    | 1985-05-01 |            | 2025-05-07 | 2025-05-03       |
| 2月29日生まれ_うるう年                 | 1964-02-29 | 0    | 1    | 1984-05-01 |            | 2024-02-28 | 2024-02-28       |
| 2月29日生まれ_うるう年の前日           | 1964-02-29 | 0    | 1    | 1984-05-01 |            | 2024-02-27 |                  |
| 3月1日生まれ_うるう年は2月29日         | 1964-03-01 | 0    | 1    | 1984-05-01 |            | 2024-02-28 |                  |
| 3月1日生まれ_平年は2月28日             | 1965-03-01 | 0    | 1    | 1985-05-01 |            | 2025-02-28 | 2025-02-28       |
| 1月1日生まれは前年の大みそか           | 1965-01-01 | 0    | 1    | 1985-05-01 |            | 2024-12-31 | 2024-12-31       |
| 任意加入は到達で失わない               | 1965-05-01 | 0    | 4    | 1985-05-01 |            | 2025-05-07 |                  |
| 特例任意加入は到達で失わない           | 1965-05-01 | 0    | 5    | 1985-05-01 |            | 2025-05-07 |                  |
| 喪失済みの資格                         | 1965-05-01 | 0    | 1    | 1985-05-01 | 2020-01-01 | 2025-05-07 |                  |
| 取得日が到達日より後                   | 1965-05-01 | 0    | 1    | 2025-05-02 |            | 2025-05-07 |                  |
| 取得日が到達日と同じ                   | 1965-05-01 | 0    | 1    | 2025-04-30 |            | 2025-05-07 | 2025-04-30       |
| 生年月日なし                           |            | 0    | 1    | 1985-05-01 |            | 2025-05-07 |                  |
| 生年月日不詳フラグ                     | 1965-05-01 | 1    | 1    | 1985-05-01 |            | 2025-05-07 |                  |
""")


@pytest.fixture(scope="module")
def sixties(told: Site) -> list[tuple[date, dict[str, date]]]:
    """The persons of the table, and what each run proposed: run day -> 宛名番号 -> 喪失日."""
    people = [{"atena_no": no(2000 + i), **c} for i, c in enumerate(SIXTIES)]
    start = date(2024, 1, 4)
    kit.insured(
        told,
        [
            {"atena_no": p["atena_no"], "shubetsu_code": p["種別"], "acquired_on": kit.day(p["取得日"]), "lost_on": kit.day(p["喪失日"]),
             "soushitsu_jiyu_code": "59" if p["喪失日"] else None}
            for p in people
        ],
        on=start,
    )  # fmt: skip
    rows = [
        {
            "atena_no": p["atena_no"],
            "birth_on": kit.day(p["生年月日"]),
            "birth_fusho_flag": p["不詳"] == "1",
            "idou_on": date(1990, 1, 1),
        }
        for p in people
    ]
    kit.juki(told, rows, on=start, seq=900, kubun="1")
    kit.run(told, "juki_daily", start)
    seen: set[str] = set()
    found = []
    for on in sorted({kit.day(c["実行日"]) for c in SIXTIES if c["実行日"]}):  # days without a 住基 file
        result = kit.run(told, "juki_daily", on)
        rows53 = kit.query(told, "select atena_no, lost_on from pension.idou_proposal where soushitsu_jiyu_code = '53'")
        new = {n: lost_on for n, lost_on in rows53 if n not in seen}
        assert result["proposals"] == len(new)
        assert result["files"] == []
        seen |= set(new)
        found.append((on, new))
    return found


@pytest.mark.parametrize("case", SIXTIES, ids=[c["事例"] for c in SIXTIES])
def test_60歳到達(sixties: list[tuple[date, dict[str, date]]], case: dict[str, Any]) -> None:
    atena_no, day = no(2000 + SIXTIES.index(case)), kit.day(case["実行日"])
    until = {n: lost_on for on, new in sixties for n, lost_on in new.items() if on <= day}
    assert until.get(atena_no) == kit.day(case["提案"])


def test_60歳到達は承認されるまで一度だけ提案する(told: Site, sixties: Any) -> None:
    assert kit.run(told, "juki_daily", "2025-05-08")["proposals"] == 0
    approve.decide(told, "idou", [i for n, i, _, jiyu in kit.query(told, PENDING) if jiyu == "53"], "shounin01")
    assert kit.run(told, "juki_daily", "2025-05-09")["proposals"] == 0
    assert kit.query(
        told,
        "select distinct soushitsu_jiyu_code from pension.shikaku where approval_id is not null and atena_no >= :n and superseded_at is null",
        n=no(2000),
    ) == [("53",)]


REACHED = kit.table("""
| 事例                          | 生年月日   | 年齢 | 達する日   |
|-------------------------------|------------|------|------------|
| 月初めの誕生日は前の月末      | 1965-05-01 | 60   | 2025-04-30 |
| 1月1日生まれは大みそか        | 1965-01-01 | 60   | 2024-12-31 |
| 3月1日生まれ_平年             | 1965-03-01 | 60   | 2025-02-28 |
| 3月1日生まれ_うるう年         | 1964-03-01 | 60   | 2024-02-29 |
| 2月29日生まれ_うるう年        | 1964-02-29 | 60   | 2024-02-28 |
| 20歳も誕生日の前日            | 2005-04-01 | 20   | 2025-03-31 |
| 20歳_2月29日生まれ_うるう年   | 2004-02-29 | 20   | 2024-02-28 |
| 21歳_2月29日生まれ_平年       | 2004-02-29 | 21   | 2025-02-28 |
""")


@pytest.mark.parametrize("case", REACHED, ids=[c["事例"] for c in REACHED])
def test_年齢に達する日は誕生日の前日(case: dict[str, str]) -> None:
    assert reach(date.fromisoformat(case["生年月日"]), int(case["年齢"])) == date.fromisoformat(case["達する日"])


def test_死亡と転出の後に登録された資格にも喪失を提案する(site: Site) -> None:
    on = {"gaitou_on": date(2025, 9, 1), "jiyu_code": "03", "shubetsu_code": "1"}
    kit.uketsuke(site, [{"uketsuke_no": no(n), "atena_no": no(n), "kiso_nenkin_no": kit.kiso(n), **on} for n in (1, 2, 3)])
    kit.run(site, "uketsuke_daily", DAY)
    left = [
        {"atena_no": no(n), "idou_on": DAY, "idou_jiyu_code": j, "jumin_jotai_code": c}
        for n, j, c in ((1, "23", "3"), (2, "22", "2"))
    ]
    kit.juki(site, [*left, {"atena_no": no(3)}])
    assert kit.run(site, "juki_daily", DAY)["proposals"] == 0
    following = DAY + timedelta(days=1)
    kit.kekka(site, [{"uketsuke_no": no(n), "kiso_nenkin_no": kit.kiso(n), **on} for n in (1, 2, 3)], on=following)
    kit.run(site, "kikou_kekka", following)
    kit.approve_all(site, "kikou_kekka")
    assert [kit.run(site, "juki_daily", following)["proposals"] for _ in range(2)] == [2, 0]
    said = "select atena_no, action, lost_on, soushitsu_jiyu_code from pension.idou_proposal order by 1"
    assert kit.query(site, said) == [(no(1), "loss", following, "51"), (no(2), "loss", following, "52")]
