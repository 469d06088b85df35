"""突合の一覧: 結果を理由まで数え、二つ目の結果は先の結果と並べ、結果のない受付は未進達・結果未着のどちらか一方に載せる。"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import kit
import openpyxl
import pytest
from kit import DAY, no

from etl import ichiran
from etl.core.dates import wareki
from etl.run import get
from etl.site import Site

NEXT = DAY + timedelta(days=1)
#: 番号 -> what its intake says besides: 1–3 have results, 4–9 have none
INTAKES: dict[int, dict[str, Any]] = {
    1: {"jotai_code": "4"}, 2: {"jotai_code": "4"}, 3: {"jotai_code": "4"}, 4: {"jotai_code": "4"}, 5: {"jotai_code": "1"},
    6: {"jotai_code": "2"}, 7: {"jotai_code": "5"}, 8: {"jotai_code": "3"}, 9: {"jotai_code": "1", "kakunin_user": None},
}  # fmt: skip
GAITOU = date(2025, 9, 1)


def _about(person: int, **more: Any) -> dict[str, Any]:
    return {"uketsuke_no": no(person), "kiso_nenkin_no": kit.kiso(person), "todoke_code": "03", "gaitou_on": GAITOU, **more}


@pytest.fixture(scope="module")
def office(town: Site) -> tuple[Site, dict[str, Any]]:
    """A day with results of every kind, and its result object."""
    kit.uketsuke(
        town,
        [
            {
                "uketsuke_no": no(n),
                "atena_no": no(n),
                "kiso_nenkin_no": kit.kiso(n),
                "todoke_code": "03",
                "gaitou_on": GAITOU,
                **more,
            }
            for n, more in INTAKES.items()
        ],
    )
    kit.run(town, "uketsuke_daily", DAY)
    kit.kekka(town, [
        _about(1), _about(1, name="別　一郎"), _about(1, kekka_code="04", shori_on=NEXT, shokken_flag=True),
        _about(2, gaitou_on=NEXT), _about(3, kekka_code="05", henrei_code="02"),
        *({"kiso_nenkin_no": kit.kiso(20 + n), "todoke_code": t} for n, t in enumerate(("05", "04", "41", "02"))),
        {"kiso_nenkin_no": kit.kiso(30), "todoke_code": "02", "shokken_flag": True},
    ])  # fmt: skip
    found = kit.run(town, "kikou_kekka", DAY)
    assert found["error"] is None
    return town, found


def rows(office: tuple[Site, dict[str, Any]], name: str, on: date = DAY) -> dict[str, list[tuple[Any, ...]]]:
    """title -> the rows of the list, heads and notes too."""
    made = ichiran.make(office[0], get(office[0], office[1]["run_id"]), name, on, on)
    return {m.title: list(openpyxl.load_workbook(m.path).active.iter_rows(values_only=True)) for m in made}


def test_結果と理由を数えて返す(office: tuple[Site, dict[str, Any]]) -> None:
    assert office[1]["outcomes"] == {
        "matched": 1, "duplicate": 1, "differs": 2, "returned": 1, "expected_without_intake": 4, "unexplained": 1, "waiting": 1, "not_sent": 3,
    }  # fmt: skip
    assert office[1]["causes"] == {"jlis": 2, "chokusetsu": 1, "shokken": 1}


def test_処理結果表は結果を理由まで数える(office: tuple[Site, dict[str, Any]]) -> None:
    [sheet] = (office[0].outbox / "shori_kekka").rglob("処理結果表_処理結果の取込・突合_*.txt")
    text = "".join(line.strip() for line in Path(sheet).read_text(encoding="utf-8").splitlines())
    assert "突合した処理結果 10 件（一致 1、不一致 2、職権等 4、受付不明 1、返戻 1、重複 1）" in text
    assert "職権等の理由（職権区分 1、住民票の異動（J-LIS） 2、機構への申請・継続 1）" in text
    assert "結果のない受付 4 件（未進達 3、結果待ち 1）" in text


def test_職権等一覧は理由を示し_理由別に数える(office: tuple[Site, dict[str, Any]]) -> None:
    found = rows(office, "kikou_kekka")["職権等一覧（受付のない結果）"]
    remarks = {row[0]: row[-1] for row in found if row[0] and str(row[0]).startswith("1-")}
    assert remarks == {
        "1-7": "理由：住民票の異動（J-LIS）", "1-8": "理由：住民票の異動（J-LIS）", "1-9": "理由：機構への申請・継続", "1-11": "理由：職権区分",
    }  # fmt: skip
    assert any("理由別の件数：職権区分 1、住民票の異動（J-LIS） 2、機構への申請・継続 1" in str(c) for row in found for c in row)


def test_二つ目の結果は先の結果と並べる(office: tuple[Site, dict[str, Any]]) -> None:
    found = rows(office, "kikou_kekka")
    [later] = [r for r in found["不一致一覧"] if r[0] == "1-4"]
    assert later[-4].split("\n") == ["処理結果", "処理年月日", "職権区分"]
    assert later[-3].split("\n") == ["01 処理済", wareki(DAY), "0"]
    assert later[-2].split("\n") == ["04 却下", wareki(NEXT), "1"] and later[-1] == "先の結果（1-2）との相違"
    [first] = [r for r in found["不一致一覧"] if r[0] == "1-5"]
    assert first[-4:-1] == ("該当年月日", wareki(GAITOU), wareki(NEXT)) and not first[-1]
    [again] = [r for r in found["重複一覧"] if r[0] == "1-3"]
    assert again[-1].startswith("先の結果（1-2）と同じ内容")


def test_登録の起案一覧は誰の何を登録するかを日本語で示す(office: tuple[Site, dict[str, Any]]) -> None:
    found = rows(office, "kekka_kian")["処理結果登録起案一覧"]
    head = next(r for r in found if r[0] == "承認番号")
    told = [dict(zip(head, r, strict=True)) for r in found if isinstance(r[0], int)]
    waiting = kit.query(office[0], "select count(*) from ledger.approval where kind = 'kikou_kekka' and decision is null")
    assert [(len(told),)] == waiting and {t["突合"] for t in told} <= {"一致", "不一致", "職権等", "返戻", "受付不明"}
    assert all(t["決めること"] in ("登録", "候補の確認") and t["届書種別"] and t["一覧の行"] for t in told)


MISSING = kit.table("""
| 日           | 未進達    | 結果未着 |
|--------------|-----------|----------|
| 2025-09-24   | 5 6 7 9   | 4:待ち   |
| 2025-11-23   | 5 6 7 9   | 4:待ち   |
| 2025-11-24   | 5 6 7 9   | 4:超過   |
""")


@pytest.mark.parametrize("case", MISSING, ids=lambda c: c["日"])
def test_結果のない受付は未進達か結果未着のどちらかに載る(office: tuple[Site, dict[str, Any]], case: dict[str, str]) -> None:
    on = date.fromisoformat(case["日"])
    known = {no(n): str(n) for n in INTAKES}
    [unsent] = rows(office, "mishintatsu", on).values()
    assert [known[r[0]] for r in unsent if r[0] in known] == case["未進達"].split()
    [late] = rows(office, "kekka_michaku", on).values()
    assert [f"{known[r[1]]}:{r[0]}" for r in late if len(r) > 1 and r[1] in known] == case["結果未着"].split()


def test_差異の推移は重複を除いた結果に対する割合と_理由別の件数(office: tuple[Site, dict[str, Any]]) -> None:
    [found] = rows(office, "sai_shihyou").values()
    head, row = next((a, b) for a, b in pairwise(found) if a[0] == "作成年月日")
    told = dict(zip(head, row, strict=True))
    assert (told["結果"], told["うち対象"], told["職権等"], told["重複"], told["差異率（％）"]) == (10, 9, 4, 1, "33.3")
    assert told["職権等の理由"].split("\n") == ["職権区分 1", "住民票の異動（J-LIS） 2", "機構への申請・継続 1"]
