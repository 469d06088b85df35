"""住基照会: 誰をどの事由で尋ね、いつ尋ね直さず、どの回答を受け入れるか。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.codec.decode import Decoder, split
from etl.core.mapping.layout import layouts
from etl.site import Site
from tests.conftest import copied, new_site

NEXT, THIRD = date(2025, 9, 25), date(2025, 9, 26)

PEOPLE = kit.table("""
| 事例                                   | 知られていること           | 事由 | 根拠   |
|----------------------------------------|----------------------------|------|--------|
| 受付の本人                             | 受付01                     | 01   | 受付   |
| 取下げた受付の本人                     | 取下げ                     | 01   | 受付   |
| 未確認の受付の本人                     | 未確認                     | 01   | 受付   |
| 免除申請の世帯主                       | 世帯主41                   | 02   | 受付   |
| 免除申請の配偶者                       | 配偶者41                   | 02   | 受付   |
| 学生納付特例の世帯主                   | 世帯主42                   | 02   | 受付   |
| 資格取得届に書かれた世帯主             | 世帯主01                   |      |        |
| 本人でも世帯主でもある人は先の事由     | 受付01、世帯主41           | 01   | 受付   |
| 移行した年金基本                       | 年金基本                   | 04   |        |
| 移行した資格                           | 資格                       | 04   |        |
| 移行した裁定受付                       | 裁定                       | 04   |        |
| 移行した人の受付                       | 資格、受付01               | 01   | 受付   |
| 移行した人が世帯主                     | 資格、世帯主41             | 02   | 受付   |
| 宛名のある受付の本人                   | 受付01、宛名               |      |        |
| 宛名のある移行した人                   | 資格、宛名                 |      |        |
| 宛名が削除フラグの行だけの人           | 資格、宛名削除             |      |        |
| 誰でもない人                           |                            |      |        |
""")
for number, person in enumerate(PEOPLE, 1):
    person["no"] = no(700 - number)  # so that the order of the table is not the order of 宛名番号


def _known(word: str) -> list[dict[str, Any]]:
    return [p for p in PEOPLE if word in (p["知られていること"] or "").split("、")]


@pytest.fixture(scope="module")
def asked(town: Site) -> dict[str, Any]:
    """The run that asks on the first day."""
    kit.ikou(town, "ikou_nenkin_kihon", [{"atena_no": p["no"], "kiso_nenkin_no": kit.kiso(p["no"])} for p in _known("年金基本")])
    shikaku = {"shubetsu_code": "1", "acquired_on": date(2015, 4, 1), "shutoku_jiyu_code": "01"}
    kit.ikou(
        town, "ikou_shikaku", [{"atena_no": p["no"], "kiso_nenkin_no": kit.kiso(p["no"]), **shikaku} for p in _known("資格")]
    )
    kit.ikou(
        town, "ikou_saitei", [{"atena_no": p["no"], "todoke_code": "51", "uketsuke_on": date(2010, 4, 1)} for p in _known("裁定")]
    )
    kit.run(town, "ikou_once", DAY)
    kit.juki(
        town,
        [{"atena_no": p["no"], "sakujo_flag": False} for p in _known("宛名")]
        + [{"atena_no": p["no"], "sakujo_flag": True} for p in _known("宛名削除")],
    )
    other = {"atena_no": no(800)}
    rows = [{"atena_no": p["no"]} for p in _known("受付01")] + [
        {"atena_no": p["no"], "jotai_code": "3"} for p in _known("取下げ")
    ]
    rows += [{"atena_no": p["no"], "kakunin_user": None} for p in _known("未確認")]
    rows += [
        {**other, "todoke_code": t, "setainushi_atena_no": p["no"]} for t in ("41", "42", "01") for p in _known(f"世帯主{t}")
    ]
    rows += [{**other, "todoke_code": "41", "haiguusha_atena_no": p["no"]} for p in _known("配偶者41")]
    kit.uketsuke(town, [{"uketsuke_no": no(i), **r} for i, r in enumerate(rows, 1)])
    for job in ("uketsuke_daily", "juki_daily"):
        assert kit.run(town, job, DAY)["error"] is None
    return kit.run(town, "juki_shoukai_daily", DAY)


def questions(result: dict[str, Any]) -> list[dict[str, Any]]:
    layout = layouts()["juki_shoukai"]
    return [
        q
        for o in result["outputs"]
        for q in Decoder(layout.data).decode(split(Path(o["path"]).read_bytes(), layout, "").records).to_pylist()
    ]


@pytest.mark.parametrize("person", PEOPLE, ids=[p["事例"] for p in PEOPLE])
def test_誰をどの事由で尋ねるか(asked: dict[str, Any], person: dict[str, Any]) -> None:
    found = [q for q in questions(asked) if q["atena_no"] == person["no"]]
    assert [q["shoukai_jiyu_code"] for q in found] == ([person["事由"]] if person["事由"] else [])
    assert all((q["konkyo_no"] is not None) == (person["根拠"] == "受付") for q in found)
    assert all(q["kojin_no"] is None for q in found)


def test_照会番号は業務日と連番で宛名番号の順(asked: dict[str, Any]) -> None:
    found = questions(asked)
    assert [q["shoukai_no"] for q in found] == [f"20250924{i:07}" for i in range(1, len(found) + 1)]
    assert [q["atena_no"] for q in found] == sorted(q["atena_no"] for q in found)
    assert [q["atena_no"] for q in found].count(no(800)) == 1  # one row per person, whatever their intakes


def test_回答がない間は尋ね直さず_新しい人だけ尋ねる(town: Site, asked: dict[str, Any]) -> None:
    """The same day again gives the same file; a new intake of the day makes a second file; the next day nothing."""
    again = kit.run(town, "juki_shoukai_daily", DAY)
    assert again["outputs"] == asked["outputs"]
    kit.uketsuke(town, [{"uketsuke_no": no(90), "atena_no": no(900)}, {"uketsuke_no": no(91), "atena_no": no(899)}], seq=2)
    kit.run(town, "uketsuke_daily", DAY)
    second = kit.run(town, "juki_shoukai_daily", DAY)
    assert [o["path"] for o in second["outputs"]][:1] == [o["path"] for o in asked["outputs"]]
    last = len(questions(asked))
    new = [(q["shoukai_no"], q["atena_no"]) for q in questions(second)[last:]]
    assert new == [(f"20250924{last + 1:07}", no(899)), (f"20250924{last + 2:07}", no(900))]
    assert [Path(o["path"]).name.removeprefix("JUKISHOK_141305_") for o in second["outputs"]] == [
        "20250924_000001_01.dat",
        "20250924_000002_01.dat",
    ]
    assert kit.run(town, "juki_shoukai_daily", NEXT)["outputs"] == []


def test_尋ねる人がなければファイルを作らない(site: Site) -> None:
    result = kit.run(site, "juki_shoukai_daily", DAY)
    assert (result["outputs"], result["error"]) == ([], None)
    assert not list(site.outbox.rglob("*.dat"))


# ---- 回答 -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three_asked(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Persons 1, 2, 3 were asked for."""
    with new_site(house, tmp_path_factory.mktemp("asked")) as site:
        kit.insured(site, [{"atena_no": no(n)} for n in (1, 2, 3)])
        assert len(questions(kit.run(site, "juki_shoukai_daily", DAY))) == 3
        yield site


@pytest.fixture
def open_questions(house: Path, three_asked: Site, tmp_path: Path) -> Iterator[Site]:
    with copied(house, three_asked, tmp_path / "open") as site:
        yield site


def _open(site: Site) -> list[str]:
    return [n for (n,) in kit.query(site, "select atena_no from pension.juki_shoukai where answered_at is null order by 1")]


def test_回答は履歴ごと受け入れ_ファイルとともに閉じる(open_questions: Site) -> None:
    site = open_questions
    rows = [{"atena_no": no(1), "rireki_no": i, "idou_jiyu_code": j} for i, j in ((1, "03"), (2, "41"), (4, "41"))]
    kit.juki(site, [*rows, {"atena_no": no(9)}], on=NEXT, kubun="3")
    first = kit.only(kit.run(site, "juki_daily", NEXT))["counts"]
    assert (first["new"], first["updated"], first["out_of_scope"]) == (1, 2, 1)
    assert _open(site) == [no(2), no(3)]
    kit.juki(site, [{"atena_no": no(1), "rireki_no": 5, "idou_jiyu_code": "41"}, {"atena_no": no(2)}], on=THIRD, seq=2, kubun="3")
    second = kit.only(kit.run(site, "juki_daily", THIRD))["counts"]  # in scope, but no longer asked for
    assert (second["new"], second["out_of_scope"]) == (1, 1)
    assert _open(site) == [no(3)]


def test_誤りのある回答では閉じない(open_questions: Site) -> None:
    site = open_questions
    data = bytearray(kit.juki_bytes([{"atena_no": no(1)}], NEXT, 1, 1, "3"))
    at = layouts()["juki_idou"].data.field("idou_jiyu_code").slice
    data[822 + at.start : 822 + at.stop] = b"99"
    kit.put(site, "juki_idou", f"JUKIIDOU_{kit.CITY}_{NEXT:%Y%m%d}_000001_01.dat", bytes(data), 1)
    assert kit.only(kit.run(site, "juki_daily", NEXT))["counts"]["quarantined"] == 1
    assert _open(site) == [no(1), no(2), no(3)]


def test_異動ファイルは照会を閉じず_回答はなお受け入れる(open_questions: Site) -> None:
    """The same night's 異動 brings the person first; the answer, which was asked for, is then unchanged or a further row."""
    site = open_questions
    kit.juki(site, [{"atena_no": no(1)}, {"atena_no": no(2), "rireki_no": 2, "idou_jiyu_code": "41"}], on=NEXT, seq=1)
    kit.juki(site, [{"atena_no": no(1)}, {"atena_no": no(2)}], on=NEXT, seq=901, kubun="3")
    files = kit.run(site, "juki_daily", NEXT)["files"]
    assert [f["counts"]["new"] for f in files] == [2, 0]
    assert {k: files[1]["counts"][k] for k in ("unchanged", "updated", "out_of_scope")} == {
        "unchanged": 1,
        "updated": 1,
        "out_of_scope": 0,
    }
    assert _open(site) == [no(3)]


def test_回答のない人は尋ね直さず_閉じた人は保有したら尋ねない(open_questions: Site) -> None:
    site = open_questions
    kit.juki(site, [{"atena_no": no(1)}], on=NEXT, kubun="3")
    kit.run(site, "juki_daily", NEXT)
    assert kit.run(site, "juki_shoukai_daily", THIRD)["outputs"] == []


def test_回答の異動も提案になり_候補にはならない(open_questions: Site) -> None:
    site = open_questions
    rows = [
        {"atena_no": no(1)},
        {"atena_no": no(1), "rireki_no": 2, "idou_jiyu_code": "23", "idou_on": date(2025, 9, 20), "jumin_jotai_code": "3"},
    ]
    kit.juki(site, rows, on=NEXT, kubun="3")
    assert kit.run(site, "juki_daily", NEXT)["proposals"] == 1
    assert kit.query(site, "select count(*) from pension.worklist where kind = '取得候補'") == [(0,)]


def test_回答の訂正は同じ人について受け入れる(open_questions: Site) -> None:
    """Version 02 of an answer file is about the persons whom version 01 answered, though their questions are closed."""
    site = open_questions
    kit.juki(site, [{"atena_no": no(1)}], on=NEXT, kubun="3")
    kit.run(site, "juki_daily", NEXT)
    kit.juki(site, [{"atena_no": no(1), "name": "架空　二郎"}, {"atena_no": no(9)}], on=NEXT, kubun="3", version=2)
    kit.run(site, "juki_daily", NEXT)
    kit.approve_all(site, "teisei")
    counts = kit.run(site, "juki_daily", NEXT)["files"][-1]["counts"]
    assert (counts["updated"], counts["out_of_scope"]) == (1, 1)
