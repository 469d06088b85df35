"""職員の名前: 書き方が違っても一人の職員。見た目が同じで文字の違う名前と、名前のない職員は、だれでもない。"""

from __future__ import annotations

import kit
import pytest

from etl import run as runs
from etl.core.codec import users
from etl.core.errors import Refused
from etl.edge import db

NAMES = kit.table(r"""
| 事例                       | 名前                     | 記録に残る形 | 比べる形   |
|----------------------------|--------------------------|--------------|------------|
| 利用者名                   | tanaka                   | tanaka       | tanaka     |
| 大文字                     | Tanaka                   | Tanaka       | tanaka     |
| 全角                       | ｔａｎａｋａ             | tanaka       | tanaka     |
| 前後の空白                 | \u0020tanaka\u3000       | tanaka       | tanaka     |
| 中の空白                   | ta\u0020naka             | ta naka      | tanaka     |
| 見えない空白               | ta\u200bnaka             | tanaka       | tanaka     |
| 右から左への上書き         | \u202etanaka             | tanaka       | tanaka     |
| 結合しない印               | tanaka\u2060             | tanaka       | tanaka     |
| ハングルの埋め草           | tanaka\u3164             | tanaka       | tanaka     |
| 異体字セレクタ             | 葛\U000e0100飾           | 葛飾         | 葛飾       |
| 制御文字                   | tanaka\u001f             | tanaka       | tanaka     |
| 改行                       | tanaka\n                 | tanaka       | tanaka     |
| 記号のある利用者名         | t.tanaka-01_a@city       | t.tanaka-01_a@city | t.tanaka-01_a@city |
| 氏名                       | 架空　太郎               | 架空 太郎    | 架空太郎   |
| 互換漢字                   | \ufa19山                 | 神山         | 神山       |
| 片仮名のロと漢字の口       | 山ロ                     | 山ロ         | 山口       |
| 半角片仮名                 | ﾀﾅｶ                      | タナカ       | 夕ナ力     |
| 長音と横棒                 | サート                   | サート       | サ-卜      |
| キリル文字                 | t\u0430naka              |              |            |
| ギリシャ文字               | t\u03b1naka              |              |            |
| ラテン文字の付加記号       | tan\u00e4ka              |              |            |
| 上に重ねる記号             | tanaka\u0301             |              |            |
| ハイフンに似た記号         | ta\u2010naka             |              |            |
| 名前がない                 |                          |              |            |
| 空白だけ                   | \u0020                   |              |            |
| 全角の空白だけ             | \u3000                   |              |            |
| 見えない文字だけ           | \u200b\u2060             |              |            |
""")


def _said(case: dict[str, str | None]) -> str:
    return (case["名前"] or "").encode("ascii", "backslashreplace").decode("unicode_escape")


@pytest.mark.parametrize("case", NAMES, ids=[c["事例"] for c in NAMES])
def test_名前は形をそろえて比べ_名前でないものは断る(case: dict[str, str | None]) -> None:
    assert users.person(_said(case)) == case["比べる形"]
    if case["記録に残る形"]:
        assert runs.check_user(_said(case)) == case["記録に残る形"]
        return
    with pytest.raises(Refused, match="NP-1015"):
        runs.check_user(_said(case))


def test_データベースも同じに比べる(session: db.Session) -> None:
    said = [_said(case) for case in NAMES]
    found = session.driver.execute(
        "select ledger.person(n) from unnest(%s::text[]) with ordinality as u (n, i) order by i", (said,)
    )
    assert [form for (form,) in found] == [case["比べる形"] for case in NAMES]


def test_どの文字も同じに比べる(session: db.Session) -> None:
    """Every character of the first planes by itself: none is a letter here and none there. What one of the two does not know yet is left out."""
    chars = [chr(c) for c in (*range(1, 0xD800), *range(0xE000, 0x10000)) if users.person(chr(c))]
    found = session.driver.execute(
        "select ledger.person(n) from unnest(%s::text[]) with ordinality as u (n, i) order by i", (chars,)
    )
    assert [form for (form,) in found] == [users.person(c) for c in chars]


@pytest.mark.parametrize(
    ("one", "other", "whether"),
    [("tanaka", "TANAKA ", True), ("tanaka", "suzuki", False), ("tanaka", "t\u0430naka", True), ("", "suzuki", True)],
)
def test_だれか分からない名前は別の職員ではない(one: str, other: str, whether: bool) -> None:
    assert users.same(one, other) is whether


@pytest.mark.parametrize("name", ["000012345678", "甲0000-1234-5678", "a" * 65])
def test_番号や長い名前は断る(name: str) -> None:
    with pytest.raises(Refused, match=r"NP-10(02|15)") as refused:
        runs.check_user(name)
    assert name not in str(refused.value)


@pytest.mark.parametrize("said", ["a\x1fb", "一行目\n二行目", "a\tb", "a\u200bb", "\u202e00", "a\u2028b"])
@pytest.mark.parametrize("place", ["reason", "KOKUNEN_UNIT", "KOKUNEN_TERMINAL"])
def test_記録に残る言葉に制御文字は書けない(said: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if place != "reason":
        monkeypatch.setenv(place, said)
    with pytest.raises(Refused, match="NP-1016"):
        runs.check_reason(said) if place == "reason" else runs.here()
