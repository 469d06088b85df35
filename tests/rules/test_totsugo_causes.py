"""受付のない結果: 届け出る人のいない理由があるか。職権区分、事由、届書の順に問い、どれもなければ説明のつかない結果。"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.mapping.layout import codes_on
from etl.site import Site
from tests.conftest import Once

# 届=届書種別 事=事由 種=種別 結=処理結果 職=職権区分。理由が空なら説明のつかない結果
WITHOUT = kit.table("""
| 事例                             | 結果           | 理由       |
|----------------------------------|----------------|------------|
| 職権区分1                        | 届=02 事=55 職=1 | shokken  |
| 職権区分1は事由より先            | 届=01 事=01 職=1 | shokken  |
| 職権区分1は届書より先            | 届=05 職=1     | shokken    |
| 職権区分1ならどの届書でも        | 届=51 職=1     | shokken    |
| 職権区分0                        | 届=02 事=55 職=0 |          |
| 20歳到達                         | 届=01 事=01    | hatachi    |
| 60歳到達                         | 届=02 事=53    | rokuju     |
| 厚生年金等の取得                 | 届=02 事=54    | kounen     |
| 厚生年金等の喪失                 | 届=01 事=03    |            |
| 被扶養配偶者となった             | 届=02 事=55    |            |
| 事由は届書より先                 | 届=06 事=53    | rokuju     |
| 取得届                           | 届=01          |            |
| 喪失届                           | 届=02          |            |
| 種別変更届                       | 届=03 種=1     |            |
| 種別変更届_種別4の人ではない     | 届=03 種=5     |            |
| 氏名変更届                       | 届=04          | jlis       |
| 住所変更届                       | 届=05          | jlis       |
| 死亡届                           | 届=06          | koseki     |
| 任意加入                         | 届=07 種=4     |            |
| 任意加入_種別4の人ではない       | 届=07 種=5     |            |
| 任意加入喪失                     | 届=08          |            |
| 通知書再交付                     | 届=09          |            |
| 付加の申出                       | 届=21          |            |
| 付加の辞退                       | 届=22          |            |
| 付加の該当非該当                 | 届=23          |            |
| 法定免除該当                     | 届=31          | kakunin    |
| 法定免除消滅                     | 届=32          | kakunin    |
| 産前産後免除                     | 届=33          | shussan    |
| 免除取消                         | 届=35          | minashi    |
| 法定免除期間の納付               | 届=36          |            |
| 免除の継続                       | 届=41          | chokusetsu |
| 免除の却下                       | 届=41 結=04    | chokusetsu |
| 免除の返戻                       | 届=41 結=05    | chokusetsu |
| 学生納付特例                     | 届=42          | chokusetsu |
| 老齢の裁定                       | 届=51          |            |
| 障害の裁定                       | 届=52          |            |
| 遺族の裁定                       | 届=53          |            |
| 寡婦の裁定                       | 届=54          |            |
| 死亡一時金                       | 届=55          |            |
| 未支給                           | 届=56          |            |
| 老齢福祉                         | 届=57          |            |
| 額改定                           | 届=58          |            |
| 受給権者届出                     | 届=59          |            |
| 現況届                           | 届=60          |            |
| 所得状況届                       | 届=61          |            |
| 支給停止                         | 届=62          |            |
| 特別一時金                       | 届=63          |            |
| 届書種別がない                   | 届=            |            |
""")
NAMES = {"届": "todoke_code", "事": "jiyu_code", "種": "shubetsu_code", "結": "kekka_code", "職": "shokken_flag"}


def _result(person: int, text: str) -> dict[str, Any]:
    told: dict[str, Any] = {NAMES[mark]: value or None for mark, value in (token.split("=") for token in text.split())}
    return {"kiso_nenkin_no": kit.kiso(person), "gaitou_on": None, **told, "shokken_flag": told.get("shokken_flag") == "1"}


def outcomes(site: Site) -> dict[int, tuple[str, str | None]]:
    """line of the list -> (outcome, cause)."""
    rows = kit.query(
        site, "select k.line, t.outcome, t.cause from pension.totsugo t join pension.kikou_kekka k using (kikou_kekka_id)"
    )
    return {line: (outcome, cause) for line, outcome, cause in rows}


@pytest.fixture(scope="module")
def judged(town: Site) -> dict[int, tuple[str, str | None]]:
    kit.kekka(town, [_result(n, case["結果"] or "") for n, case in enumerate(WITHOUT, 1)])
    found = kit.run(town, "kikou_kekka", DAY)
    assert found["error"] is None and sum(found["causes"].values()) == found["outcomes"]["expected_without_intake"]
    return outcomes(town)


@pytest.mark.parametrize("at", range(len(WITHOUT)), ids=lambda at: WITHOUT[at]["事例"])
def test_受付のない結果の理由(judged: dict[int, tuple[str, str | None]], at: int) -> None:
    cause = WITHOUT[at]["理由"]
    assert judged[at + 2] == ("expected_without_intake" if cause else "unexplained", cause)


def test_どの届書にも事例がある() -> None:
    told = {t.removeprefix("届=") for case in WITHOUT for t in (case["結果"] or "").split() if t.startswith("届=")}
    assert told == {*codes_on("todoke", DAY), ""}


def test_育児期間免除は始まってから(site: Site) -> None:
    on = date(2026, 10, 30)
    kit.kekka(site, [{"todoke_code": "34", "gaitou_on": date(2026, 10, 1), "menjo_code": "60"}], on=on)
    assert kit.run(site, "kikou_kekka", on)["causes"] == {"shussan": 1}


TOKUREI = kit.table("""
| 事例                                   | 届書 | 種別 | 資格の種別 | 喪失日     | 結果                    |
|----------------------------------------|------|------|------------|------------|-------------------------|
| 種別4から種別5への種別変更             | 03   | 5    | 4          |            | expected_without_intake |
| 種別4から種別5への任意加入             | 07   | 5    | 4          |            | expected_without_intake |
| 該当日に種別4を失った人                | 07   | 5    | 4          | 2025-09-01 | expected_without_intake |
| 前の日に種別4を失っていた人            | 07   | 5    | 4          | 2025-08-31 | unexplained             |
| 種別1の人                              | 03   | 5    | 1          |            | unexplained             |
| 種別5の人                              | 07   | 5    | 5          |            | unexplained             |
| 種別4から種別1                         | 03   | 1    | 4          |            | unexplained             |
| ほかの届書                             | 01   | 5    | 4          |            | unexplained             |
""")


def tokurei(site: Site) -> None:
    """A person of each case with a 資格, and their results in one list."""
    cases = list(enumerate(TOKUREI, 1))
    kit.insured(site, [{"atena_no": no(n), "shubetsu_code": c["資格の種別"], "lost_on": kit.day(c["喪失日"])} for n, c in cases])
    same = {"gaitou_on": date(2025, 9, 1)}
    kit.kekka(
        site, [{"kiso_nenkin_no": kit.kiso(n), "todoke_code": c["届書"], "shubetsu_code": c["種別"], **same} for n, c in cases]
    )
    found = kit.run(site, "kikou_kekka", DAY)
    assert found["outcomes"] == Counter(c["結果"] for c in TOKUREI)
    assert found["causes"] == {"tokurei": found["outcomes"]["expected_without_intake"]}


@pytest.mark.parametrize("case", TOKUREI, ids=lambda c: c["事例"])
def test_種別4の人の種別5は受付がなくてよい(once: Once, case: dict[str, str | None]) -> None:
    cause = "tokurei" if case["結果"] == "expected_without_intake" else None
    assert outcomes(once(tokurei))[2 + TOKUREI.index(case)] == (case["結果"], cause)
