"""喪失の事由が重なるとき: 表の1行が1人の物語（純粋な判定だけ）と、行の順番によらず最後の状態が決めることの性質。

行: 「23 11-20」は異動事由23・異動年月日2026年11月20日の行。履歴番号は順に付く（「3=41 11-20」は履歴番号3の行の訂正）。「日 11-10」はその日の
実行、「生 …」は最新の生年月日（不詳は「生 不詳」）、「承」「否」は待っている提案を今ある順にすべて承認・否認する（「否 11-08」はその日の決裁）。
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import kit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.core.dates import reach
from etl.core.law.shikaku import decide, review
from etl.core.law.soushitsu import Person, Proposal, Row, Shikaku

S = date(2026, 11, 9)  # of who was born on 1966-11-10

STORIES = kit.table("""
| 事例                                         | 生年月日   | 種別 | 取得日     | 物語                                              | 待っている提案   | 資格     |
|----------------------------------------------|------------|------|------------|---------------------------------------------------|------------------|----------|
| 60歳の2日前の死亡                            | 1966-11-10 | 1    | 1990-04-01 | 23 11-07                                          | 喪失51 11-08     | 開       |
| 60歳の前日の死亡は同じ日の51                 | 1966-11-10 | 1    | 1990-04-01 | 23 11-08、日 11-09                                | 喪失51 11-09     | 開       |
| 60歳の日の死亡は53                           | 1966-11-10 | 1    | 1990-04-01 | 23 11-09                                          | 喪失53 11-09     | 開       |
| 60歳の翌日の死亡は53                         | 1966-11-10 | 1    | 1990-04-01 | 23 11-10                                          | 喪失53 11-09     | 開       |
| 60歳より後の死亡は53                         | 1966-11-10 | 1    | 1990-04-01 | 23 11-20                                          | 喪失53 11-09     | 開       |
| 60歳の日の国外転出は当日に53                 | 1966-11-28 | 1    | 1990-04-01 | 22 11-27                                          | 喪失53 11-27     | 開       |
| 60歳の前日の国外転出は52                     | 1966-11-28 | 1    | 1990-04-01 | 22 11-26                                          | 喪失52 11-27     | 開       |
| 60歳より後の国内転出も53                     | 1966-11-10 | 1    | 1990-04-01 | 21 11-20                                          | 喪失53 11-09     | 開       |
| 60歳の日の国内転出も53                       | 1966-11-10 | 1    | 1990-04-01 | 21 11-09                                          | 喪失53 11-09     | 開       |
| 60歳の前日の国内転出は58                     | 1966-11-10 | 1    | 1990-04-01 | 21 11-08、日 11-09                                | 喪失58 11-08     | 開       |
| 60歳より後の国外転出予定は先に53             | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、22 11-20                                | 喪失53 11-09     | 開       |
| その予定の取消しで提案は消える               | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、22 11-20、28 11-02                      |                  | 開       |
| 取消しの後も60歳の日に53                     | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、22 11-20、28 11-02、日 11-09            | 喪失53 11-09     | 開       |
| 待っている53に死亡は何も足さない             | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、23 11-20                                | 喪失53 11-09     | 開       |
| 待っている53に後から届いた前の死亡           | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、23 11-01                                | 喪失51 11-02     | 開       |
| 承認した53の後の死亡                         | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、23 11-20                            |                  | 11-09 53 |
| 承認した53に後から届いた前の死亡             | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、23 11-01                            | 訂正51 11-02     | 11-09 53 |
| 承認した53に後から届いた前の国内転出         | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、21 11-01                            | 訂正58 11-01     | 11-09 53 |
| 後の死亡が前の日に訂正される                 | 1966-11-10 | 1    | 1990-04-01 | 23 11-20、23 11-07                                | 喪失51 11-08     | 開       |
| 前の死亡が後の日に訂正される                 | 1966-11-10 | 1    | 1990-04-01 | 23 11-07、23 11-20                                | 喪失53 11-09     | 開       |
| 承認した51が後の日に訂正される               | 1966-11-10 | 1    | 1990-04-01 | 23 11-07、承、23 11-20                            | 訂正53 11-09     | 11-08 51 |
| 承認した53が前の死亡に訂正される             | 1966-11-10 | 1    | 1990-04-01 | 23 11-20、承、2=23 11-07                          | 訂正51 11-08     | 11-09 53 |
| 死亡の取消しの後は60歳の53                   | 1966-11-10 | 1    | 1990-04-01 | 23 11-07、28 11-20、日 11-21                      | 喪失53 11-09     | 開       |
| 60歳より後の死亡の取消しで53は残る           | 1966-11-10 | 1    | 1990-04-01 | 23 11-20、28 11-21                                | 喪失53 11-09     | 開       |
| 承認した51の取消しは60歳なら53に訂正         | 1966-11-10 | 1    | 1990-04-01 | 23 11-07、承、28 11-20                            | 訂正53 11-09     | 11-08 51 |
| 承認した51の取消しは60歳前なら取消し         | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、23 10-20、承、28 11-02                  | 取消             | 10-21 51 |
| その取消しの承認の後は60歳の日に53           | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、23 10-20、承、28 11-02、承、日 11-09    | 喪失53 11-09     | 開       |
| 国外転出の後の死亡は先の喪失だけ             | 1966-11-10 | 1    | 1990-04-01 | 22 11-01、23 11-20                                | 喪失52 11-02     | 開       |
| 国外転出を否認すれば60歳の53                 | 1966-11-10 | 1    | 1990-04-01 | 22 11-01、否、日 11-21                            | 喪失53 11-09     | 開       |
| 前の二つの喪失は二つとも                     | 1966-11-10 | 1    | 1990-04-01 | 21 11-01、23 11-05、日 11-21                      | 喪失58 11-01; 喪失51 11-06 | 開 |
| 生年月日が遅い日に訂正_60歳前なら取下げ      | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、生 1967-11-10、日 11-11                 |                  | 開       |
| 生年月日が遅い日に訂正_60歳なら正しい日で    | 1966-11-10 | 1    | 1990-04-01 | 日 11-19、生 1966-11-20、日 11-19                 | 喪失53 11-19     | 開       |
| 生年月日が早い日に訂正                       | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、生 1966-11-05、日 11-10                 | 喪失53 11-04     | 開       |
| 生年月日が不詳になれば取下げ                 | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、生 不詳、日 11-11                       |                  | 開       |
| 承認した53の生年月日の訂正                   | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、生 1966-11-20、日 11-19             | 訂正53 11-19     | 11-09 53 |
| 承認した53の生年月日の訂正_60歳前            | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、生 1967-11-10、日 11-19             | 取消             | 11-09 53 |
| 承認した53の生年月日が不詳になる             | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、生 不詳、日 11-19                   |                  | 11-09 53 |
| 待っている51が生年月日の訂正で60歳より後     | 1966-12-10 | 1    | 1990-04-01 | 23 11-15、生 1966-11-10、日 11-16                 | 喪失53 11-09     | 開       |
| 承認した51が生年月日の訂正で60歳より後       | 1966-12-10 | 1    | 1990-04-01 | 23 11-15、承、生 1966-11-10、日 11-16             | 訂正53 11-09     | 11-16 51 |
| 待っている53が生年月日の訂正で死亡より後     | 1966-11-10 | 1    | 1990-04-01 | 23 11-15、生 1966-12-10、日 11-16                 | 喪失51 11-16     | 開       |
| 承認した53が生年月日の訂正で死亡より後       | 1966-11-10 | 1    | 1990-04-01 | 23 11-15、承、生 1966-12-10、日 11-16             | 訂正51 11-16     | 11-09 53 |
| 生年月日が分からなければ死亡のまま           |            | 1    | 1990-04-01 | 23 11-20、日 11-21                                | 喪失51 11-21     | 開       |
| 生年月日が分かって60歳より後の死亡           |            | 1    | 1990-04-01 | 23 11-20、承、生 1966-11-10、日 11-21             | 訂正53 11-09     | 11-21 51 |
| 60歳より後に始まった資格は前のとおり         | 1966-11-10 | 1    | 2026-11-10 | 23 11-20、日 11-21                                | 喪失51 11-21     | 開       |
| 60歳の日に始まった資格は53                   | 1966-11-10 | 1    | 2026-11-09 | 23 11-20                                          | 喪失53 11-09     | 開       |
| 60歳の日の前に否認すればその日にまた         | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、22 11-20、否 11-02、日 11-03            |                  | 開       |
| 前の否認はその日を黙らせない                 | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、22 11-20、否 11-02、日 11-09            | 喪失53 11-09     | 開       |
| その日の否認は黙らせる                       | 1966-11-10 | 1    | 1990-04-01 | 日 11-09、否 11-09、日 11-10                      |                  | 開       |
| 否認の後に届いた死亡はまた提案する           | 1966-11-10 | 1    | 1990-04-01 | 日 11-09、否 11-09、23 11-20                      | 喪失53 11-09     | 開       |
| 否認した58は確定が来ればまた                 | 1990-01-01 | 1    | 2015-04-01 | 21 11-20、否、21 11-20                            | 喪失58 11-20     | 開       |
| 否認した58は他の異動では来ない               | 1990-01-01 | 1    | 2015-04-01 | 21 11-20、否、22 11-25                            | 喪失52 11-26     | 開       |
| 否認した58は他の異動の取消しでも来ない       | 1990-01-01 | 1    | 2015-04-01 | 21 11-20、否、22 11-25、28 11-26                  |                  | 開       |
| 訂正で後の転出がなくなれば前の転出           | 1990-01-01 | 1    | 2015-04-01 | 21 11-20、21 11-22、3=41 11-22                    | 喪失58 11-20     | 開       |
| 承認の訂正で後の転出がなくなれば前の転出     | 1990-01-01 | 1    | 2015-04-01 | 21 11-20、21 11-22、承、3=41 11-22                | 訂正58 11-20     | 11-22 58 |
| 遅れて届いた低い履歴番号は決めない           | 1990-01-01 | 1    | 2015-04-01 | 5=21 11-20、4=21 11-18                            | 喪失58 11-20     | 開       |
| 前の日の実行をやり直しても53は残る           | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、日 11-01                                | 喪失53 11-09     | 開       |
| 訂正した53も前の日のやり直しで残る           | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、生 1966-11-20、日 11-19、日 11-12   | 訂正53 11-19     | 11-09 53 |
| 前の日のやり直しで届いた行でも53は残る       | 1966-11-10 | 1    | 1990-04-01 | 日 11-10、承、日 11-01、22 11-20、28 11-21        |                  | 11-09 53 |
| 先に承認した53も予定の取消しで取消し         | 1966-11-10 | 1    | 1990-04-01 | 日 11-01、22 11-20、承、28 11-02                  | 取消             | 11-09 53 |
| 任意加入の死亡                               | 1964-11-10 | 4    | 2024-11-09 | 23 11-20                                          | 喪失51 11-21     | 開       |
| 任意加入の国外転出                           | 1964-11-10 | 4    | 2024-11-09 | 22 11-20                                          | 喪失52 11-21     | 開       |
| 国外で始まった任意加入は国外では終わらない   | 1980-01-01 | 4    | 2026-11-21 | 22 11-20                                          |                  | 開       |
| 国外で始まった任意加入の死亡                 | 1980-01-01 | 4    | 2026-11-21 | 22 11-20、23 12-10                                | 喪失51 12-11     | 開       |
| 国外で始まった任意加入_転出日の訂正          | 1980-01-01 | 4    | 2026-11-21 | 22 11-20、22 11-22                                |                  | 開       |
| 国外で始まった任意加入_帰国してまた国外転出  | 1980-01-01 | 4    | 2026-11-05 | 22 11-01、02 11-10、22 11-20                      | 喪失52 11-21     | 開       |
| 国外転出が取り消された後の任意加入の国外転出 | 1980-01-01 | 4    | 2026-11-05 | 22 11-01、28 11-03、22 11-20                      | 喪失52 11-21     | 開       |
| 前に帰国した人の任意加入の国外転出           | 1980-01-01 | 4    | 2026-11-05 | 22 2020-04-01、02 2024-04-01、22 11-20            | 喪失52 11-21     | 開       |
| 前から国外にいる人の任意加入にまた国外転出   | 1980-01-01 | 4    | 2026-11-05 | 22 2020-04-01、22 11-20                           |                  | 開       |
| 国外転出の日に始まった任意加入の国外転出     | 1980-01-01 | 4    | 2026-11-20 | 22 11-20                                          | 喪失52 11-21     | 開       |
| 65歳の前日の任意加入の死亡                   | 1961-11-10 | 4    | 2024-11-09 | 23 11-08                                          | 喪失51 11-09     | 開       |
| 65歳の日の任意加入の死亡                     | 1961-11-10 | 4    | 2024-11-09 | 23 11-09                                          | 喪失51 11-10     | 開       |
| 65歳の翌日の任意加入の死亡                   | 1961-11-10 | 4    | 2024-11-09 | 23 11-10                                          |                  | 開       |
| 65歳より後の任意加入の国外転出               | 1961-11-10 | 4    | 2024-11-09 | 22 11-20                                          |                  | 開       |
| 65歳より後の任意加入の国内転出は58           | 1961-11-10 | 4    | 2024-11-09 | 21 11-20                                          | 喪失58 11-20     | 開       |
| 70歳の日の特例任意加入の死亡                 | 1956-11-10 | 5    | 2024-11-09 | 23 11-09                                          | 喪失51 11-10     | 開       |
| 70歳の翌日の特例任意加入の死亡               | 1956-11-10 | 5    | 2024-11-09 | 23 11-10                                          |                  | 開       |
| 65歳の特例任意加入の死亡                     | 1961-11-10 | 5    | 2024-11-09 | 23 11-20                                          | 喪失51 11-21     | 開       |
| 任意加入に53はない                           | 1966-11-10 | 4    | 2020-04-01 | 日 11-20                                          |                  | 開       |
| 承認した死亡は生年月日の訂正で65歳でも残る   | 1964-11-10 | 4    | 2024-11-09 | 23 11-20、承、生 1961-11-10、日 11-21             |                  | 11-21 51 |
""")
WORDS = {"loss": "喪失", "correct": "訂正", "undo": "取消"}


def _on(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


class Office:
    """A person, the day, and a clock that only goes on."""

    def __init__(self, birth_on: date | None, shubetsu: str, acquired_on: date, today: date) -> None:
        self.person = Person("1", birth_on, [Shikaku("a", acquired_on, shubetsu, acquired_on)])
        self.today, self.at, self.rireki = today, datetime(2026, 10, 1, tzinfo=UTC), 1

    def tick(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def row(self, jiyu: str, on: date, rireki: int | None = None) -> None:
        self.rireki = max(self.rireki + 1, rireki or 0) if rireki is None else max(self.rireki, rireki)
        no = rireki or self.rireki
        decide(self.person, Row(no, no, jiyu, on, self.tick()), self.today)

    def decided(self, approved: bool, on: date | None) -> None:
        self.at = max(self.at, datetime(on.year, on.month, on.day, tzinfo=UTC) if on else self.at)
        at = self.tick()
        for p in list(self.person.pending):
            if p not in self.person.pending:
                continue
            self.person.pending.remove(p)
            if approved:
                (s,) = self.person.shikaku
                s.lost_on, s.lost_by, s.lost_for = p.lost_on, p.soushitsu_jiyu_code, p.atena_id
            else:
                self.person.rejected.append(replace(p, decided_at=at))

    def does(self, word: str) -> None:
        match word.split():
            case ["日", on]:
                self.today = _on(on)
                review(self.person, self.today)
            case ["生", on]:
                self.person.birth_on = None if on == "不詳" else _on(on)
            case [("承" | "否") as what, *on]:
                self.decided(what == "承", _on(on[0]) if on else None)
            case [jiyu, on]:
                no, _, code = jiyu.rpartition("=")
                self.row(code, _on(on), int(no) if no else None)


def _said(p: Proposal) -> str:
    return f"{WORDS[p.action]}{p.soushitsu_jiyu_code or ''}" + (f" {p.lost_on:%m-%d}" if p.lost_on else "")


@pytest.mark.parametrize("story", STORIES, ids=[s["事例"] for s in STORIES])
def test_重なる喪失(story: dict[str, Any]) -> None:
    born = kit.day(story["生年月日"])
    office = Office(born, story["種別"], date.fromisoformat(story["取得日"]), date(2026, 11, 27))
    for word in story["物語"].split("、"):
        office.does(word)
    (s,) = office.person.shikaku
    assert "; ".join(_said(p) for p in office.person.pending) == (story["待っている提案"] or "")
    assert (f"{s.lost_on:%m-%d} {s.lost_by}" if s.lost_on else "開") == story["資格"]
    again = review(office.person, office.today)
    assert (again.made, again.withdrawn) == ((), ())


AGAIN = kit.table("""
| 事例                                       | 次の資格   | 物語                          | 待っている提案           |
|--------------------------------------------|------------|-------------------------------|--------------------------|
| 戻った人がまた転出すれば今の資格だけ       | 開         | 3=21 11-20                    | b 喪失58 11-20           |
| 次の資格を失った後の転出は前の資格と無関係 | 閉         | 3=21 11-20                    |                          |
| 前の転出の訂正は前の資格だけ               | 開         | 2=21 2025-09-25               | a 訂正58 09-25           |
| 前の転出がなくなれば前の資格の取消し       | 閉         | 2=41 2025-09-20               | a 取消                   |
| 今の転出の取消しは前の資格を開かない       | 開         | 3=21 11-20、4=28 11-21        |                          |
""")


@pytest.mark.parametrize("story", AGAIN, ids=[s["事例"] for s in AGAIN])
def test_二つ目の資格(story: dict[str, Any]) -> None:
    """a was lost by moving away on 2025-09-20, b began on 2026-02-01 (``閉``: 日本年金機構 has closed it, so it is not on the list)."""
    office = Office(date(1990, 1, 1), "1", date(2015, 4, 1), date(2026, 11, 27))
    (a,) = office.person.shikaku
    a.lost_on, a.lost_by, a.lost_for, a.until_on = date(2025, 9, 20), "58", 2, date(2026, 2, 1)
    office.person.take(Row(2, 2, "21", date(2025, 9, 20), office.tick()))
    if story["次の資格"] == "開":
        office.person.shikaku.append(Shikaku("b", date(2026, 2, 1)))
    for word in story["物語"].split("、"):
        office.does(word)
    assert "; ".join(f"{p.shikaku_key} {_said(p)}" for p in office.person.pending) == (story["待っている提案"] or "")


def test_ほかで閉じた資格の提案は事由がなくなれば取り下げる() -> None:
    office = Office(date(1990, 1, 1), "1", date(2015, 4, 1), date(2026, 11, 27))
    office.row("21", date(2026, 11, 20))
    office.person.shikaku.clear()
    office.row("23", date(2026, 11, 21))
    assert [_said(p) for p in office.person.pending] == ["喪失58 11-20"]
    office.row("28", date(2026, 11, 22))
    assert [_said(p) for p in office.person.pending] == ["喪失58 11-20"]
    office.row("41", date(2026, 11, 20), 2)
    assert office.person.pending == []


# ---- 行の順番によらない ----------------------------------------------------------------------------------------------------------

DAYS = st.dates(S - timedelta(days=4), S + timedelta(days=4))
CODES = st.sampled_from(["21", "22", "23", "28", "41", "01"])
ROWS = st.lists(st.tuples(CODES, DAYS), min_size=1, max_size=7)
ADDED = {"23": ("51", 1), "22": ("52", 1), "21": ("58", 0)}


def _final(rows: list[tuple[str, date]], birth_on: date | None, today: date) -> set[tuple[str, date]]:
    """What the last state of the register says, told without any proposal: {(喪失事由, 喪失日)}."""
    left: dict[str, date] = {}
    last = None
    for code, on in rows:
        if code in ADDED:
            left[code], last = on, code
        elif code == "28" and last:
            left.pop(last, None)
    day = reach(birth_on, 60) if birth_on else None
    found = {(ADDED[code][0], on + timedelta(days=ADDED[code][1])) for code, on in left.items() if day is None or on < day}
    return found or ({("53", day)} if day and (left or today >= day) else set())


@settings(max_examples=400, deadline=None)
@given(
    rows=ROWS, data=st.data(), today=DAYS, birth_on=st.sampled_from([date(1966, 11, 10), date(1966, 11, 12), None]),
    first=st.sampled_from([date(1966, 11, 10), date(1966, 11, 7), None]),
)  # fmt: skip
def test_提案は最後の状態の言うとおり(
    rows: list[tuple[str, date]], data: Any, today: date, birth_on: date | None, first: date | None
) -> None:
    """Rows in any order, some first said otherwise and corrected, runs of the calendar between them, birth dates that change."""
    office = Office(first, "1", date(1990, 4, 1), today)
    known = [(no, *row) for no, row in enumerate(rows, 2)]
    wrong = [
        (no, *data.draw(st.tuples(CODES, DAYS)))
        for no in data.draw(st.lists(st.sampled_from(range(2, len(rows) + 2)), unique=True))
    ]
    for no, code, on in [*data.draw(st.permutations(wrong)), *data.draw(st.permutations(known))]:
        office.row(code, on, no)
        if data.draw(st.booleans()):
            review(office.person, today)
    office.person.birth_on = birth_on
    review(office.person, today)
    assert {(p.soushitsu_jiyu_code, p.lost_on) for p in office.person.pending} == _final(rows, birth_on, today)
    assert {p.action for p in office.person.pending} <= {"loss"}
    again = review(office.person, today)
    assert (again.made, again.withdrawn) == ((), ())


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(
        st.one_of(st.tuples(CODES, DAYS), st.sampled_from(["承", "否", "日", "生 1966-11-12", "生 1966-11-10", "生 1967-11-10"]))
    ),
    today=DAYS,
)
def test_承認と否認がどう混ざっても二度目は何もしない(words: list[Any], today: date) -> None:
    """At most one change of a closed 資格 stands, a 53 stands alone, and looking again changes nothing."""
    office = Office(date(1966, 11, 10), "1", date(1990, 4, 1), today)
    for word in words:
        match word:
            case (code, on):
                office.row(code, on)
            case "日":
                review(office.person, today)
            case _:
                office.does(word)
    review(office.person, today)
    again = review(office.person, today)
    assert (again.made, again.withdrawn) == ((), ())
    (s,) = office.person.shikaku
    standing = office.person.pending
    assert {p.action for p in standing} <= ({"loss"} if s.lost_on is None else {"correct", "undo"})
    assert len(standing) <= 1 or (s.lost_on is None and all(p.soushitsu_jiyu_code != "53" for p in standing))
