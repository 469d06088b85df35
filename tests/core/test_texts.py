"""文字の項目: Unicodeのどの文字も、そのまま読めるか誤りになる。比べるときだけ形をそろえる。"""

from __future__ import annotations

import unicodedata
from typing import Any

import kit
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.core.codec import chars
from etl.core.codec.cells import parser
from etl.core.codec.decode import Decoder
from etl.core.codec.digits import holds_kojin_no, typed_kojin_no
from etl.core.codec.keyed import keyed_medium, written
from etl.core.codec.kinds import KINDS
from etl.core.codec.shukutai import reduced
from etl.core.mapping.fields import IN_ERAS, SIZES, Field
from etl.core.mapping.layout import layouts

UNICODE = kit.table("""
| 事例                                 | 符号          | 誤り         | 外字 |
|--------------------------------------|---------------|--------------|------|
| 漢字                                 | 6F22          |              | 0    |
| 第2面の漢字                          | 20BB7         |              | 0    |
| 第3面の漢字（拡張H、Unicode 15.0）   | 31350         |              | 0    |
| 拡張I（Unicode 15.1）                | 2EBF0         |              | 0    |
| 全角の空白                           | 3000          |              | 0    |
| 改行しない空白                       | A0            |              | 0    |
| 結合する濁点                         | 3099          |              | 0    |
| 外字（第0面、CP932のF040）           | E000          |              | 1    |
| 外字（第0面の終わり）                | F8FF          |              | 1    |
| 外字（第15面の初め）                 | F0000         |              | 1    |
| 外字（第15面の終わり）               | FFFFD         |              | 1    |
| 外字（第16面の初め、MJ+）            | 100000        |              | 1    |
| 外字（第16面の終わり）               | 10FFFD        |              | 1    |
| 異体字セレクタ（標準）の初め         | FE00          |              | 1    |
| 異体字セレクタ（標準）の終わり       | FE0F          |              | 1    |
| 漢字異体字セレクタの初め             | E0100         |              | 1    |
| 漢字異体字セレクタの終わり           | E01EF         |              | 1    |
| 改行                                 | A             | control_char |      |
| 復帰                                 | D             | control_char |      |
| タブ                                 | 9             | control_char |      |
| 削除                                 | 7F            | control_char |      |
| 次の行                               | 85            | control_char |      |
| 見えないハイフン                     | AD            | control_char |      |
| 幅のない空白                         | 200B          | control_char |      |
| 幅のない接合子                       | 200D          | control_char |      |
| 右から左への上書き                   | 202E          | control_char |      |
| 行の区切り                           | 2028          | control_char |      |
| 段落の区切り                         | 2029          | control_char |      |
| 途中のBOM                            | FEFF          | control_char |      |
| 札の文字                             | E0041         | control_char |      |
| 置換文字                             | FFFD          | bad_char     |      |
| 割り当てのない符号                   | 378           | bad_char     |      |
| 漢字の面の割り当てのない符号         | 2FFF0         | bad_char     |      |
| 漢字異体字セレクタの次               | E01F0         | bad_char     |      |
| 文字でない符号（第0面）              | FDD0          | bad_char     |      |
| 文字でない符号（第0面の終わり）      | FFFF          | bad_char     |      |
| 文字でない符号（第15面の終わり）     | FFFFE         | bad_char     |      |
| 文字でない符号（第16面の終わり）     | 10FFFF        | bad_char     |      |
| 片割れの代理符号                     | D800          | bad_char     |      |
| 片割れの代理符号の終わり             | DFFF          | bad_char     |      |
""")
CSV_TEXT = parser(Field(name="x", label="x", type="text"))


def _read(parse: object, text: str) -> tuple[str | None, str | None]:
    """(value, kind of the error); any other exception, and a kind that is none, fails the test."""
    try:
        return parse(text), None  # type: ignore[operator]
    except ValueError as error:
        return None, next(kind for kind in KINDS if kind == str(error))


@pytest.mark.parametrize("case", UNICODE, ids=[c["事例"] for c in UNICODE])
def test_文字の項目に置ける文字(case: dict[str, str]) -> None:
    char = chr(int(case["符号"], 16))
    for text in (f"架{char}空", f"{char}空", f"架{char}"):
        assert _read(CSV_TEXT, text) == ((None, case["誤り"]) if case["誤り"] else (text, None))
    if not case["誤り"]:
        assert pc.count_substring_regex(pa.array([f"架{char}空"]), chars.GAIJI).to_pylist() == [int(case["外字"])]


ANY = st.text(st.characters(exclude_categories=()) | st.sampled_from("\u200b\ufeff\ufffd\ud800\u3000 \n\ue000\U000e0100０0-/"))


@settings(deadline=None, max_examples=300)
@given(text=ANY)
@example("\U0002fffe")
def test_文字の項目はそのまま読めるか誤りになる(text: str) -> None:
    value, kind = _read(CSV_TEXT, text)
    if kind:
        unseen = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cn", "Cs", "Zl", "Zp") or c == "\ufffd"}
        assert unseen
    else:
        assert value == (text.rstrip(" ") if text.strip() else None)
        text.encode("utf-8")


@pytest.mark.parametrize(
    "kind", [*sorted(set(SIZES) - {"const", "filler", "shift_in", "shift_out", "zenkaku", "jis", "digits", *IN_ERAS}), "digits10"]
)
@settings(deadline=None, max_examples=100)
@given(text=ANY)
def test_どの型もどの文字で誤り以外の例外を起こさない(kind: str, text: str) -> None:
    codes = {"codes": "ku"} if kind == "code" else {}
    _read(parser(Field(name="x", label="x", type=kind, **codes)), text)


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(ANY, min_size=20, max_size=20))
def test_入力票はどの文字でも媒体になる(texts: list[str]) -> None:
    layout = layouts()["kikou_kekka"]
    fields = [f for f in layout.columns if f.name not in ("created_on", "tsuchi_code", "shichoson_code5")]
    row = {f.name: written(f, text) for f, text in zip(fields, texts, strict=False)}
    head = {"created_on": "20261101", "baitai_no": "901", "shichoson_code5": "14130", "count": "1", "tsuchi_code": "70"}
    made = keyed_medium(layout, head, [row])
    data = np.frombuffer(made, np.uint8)[layout.preamble.size :].reshape(-1, 500)[1:2]
    decoder = Decoder(layout.data)
    wrong = {name for _, name, _ in decoder.check(data)}
    for name, value in decoder.decode(data).to_pylist()[0].items():
        if isinstance(value, str) and name in row and name not in wrong:
            assert value == row[name].rstrip(" \u3000")


NUMBERS = kit.table(r"""
| 事例                     | 書かれたもの                          | 番号 |
|--------------------------|---------------------------------------|------|
| 12桁                     | 000000000060                          | ○    |
| 空白で区切る             | 0000 0000 0060                        | ○    |
| 全角の空白で区切る       | 0000　0000　0060                      | ○    |
| ハイフンで区切る         | 0000-0000-0060                        | ○    |
| 全角のハイフンで区切る   | 0000－0000－0060                      | ○    |
| 長音で区切る             | 甲0000ー0000ー0060乙                  | ○    |
| 見えない文字と別の横棒   | 0000\u200b0000\u20110060              | ○    |
| 改行とタブで区切る       | 0000\n0000\t0060                      | ○    |
| 読点・中点・点・斜線     | 0000、0000・0060                      | ○    |
| 点で区切る               | 0000.0000.0060                        | ○    |
| 下線で四桁ずつ           | 0000_0000_0060                        | ○    |
| 一桁ずつ                 | 0 0 0 0 0 0 0 0 0 0 6 0               | ○    |
| 六桁ずつ                 | 000000-000060                         | ○    |
| 全角                     | ００００００００００６０              | ○    |
| アラビアの数字           | \u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0666\u0660 | ○ |
| 丸で囲んだ数字           | ⓪⓪⓪⓪⓪⓪⓪⓪⓪⓪⑥⓪                | ○    |
| 漢数字                   | 〇〇〇〇〇〇〇〇〇〇六〇              | ○    |
| 続けて年がある           | 0000 0000 0060 2026年                 | ○    |
| 番号が二つ               | 000000000060000000000060              | ○    |
| 11桁                     | 00000000006                           |      |
| 13桁                     | 0000000000060                         |      |
| 宛名番号                 | 000000012003609 の件                  |      |
| 受付番号                 | 202509250000044 の取下げ              |      |
| 月次のファイル           | KOKUHOHK_141305_202509_01.dat         |      |
| 日次のファイル           | JUKIIDOU_141305_20250924_000012_01.dat |     |
| 処理結果のファイル       | KIKOUKEKKA_20260101_001.DTA           |      |
| 実行番号                 | 12345678-1234-1234-1234-000000000012  |      |
| 画面の実行               | manual__2026-11-28T01:00:29.123456+00:00 |   |
| 日と時刻                 | 2026-11-28 01:00:29 の再実行          |      |
| 二つの日                 | 2026-11-01～2026-11-30                |      |
| 斜線の日                 | 2026/11/1～2026/11/30                 |      |
| 和暦の日                 | 令和8年11月1日から令和8年11月30日まで |      |
| 電話番号                 | 044-200-0000                          |      |
| 利用者名                 | sousa01                               |      |
| 空                       |                                       |      |
""")


@pytest.mark.parametrize("case", NUMBERS, ids=[c["事例"] for c in NUMBERS])
def test_12桁の数字はどう書いても個人番号とみなす(case: dict[str, str | None]) -> None:
    text = (case["書かれたもの"] or "").encode("ascii", "backslashreplace").decode("unicode_escape")
    assert holds_kojin_no(text) is bool(case["番号"])


@pytest.mark.parametrize(
    ("said", "whether"),
    [({"conf": {"reason": "0000 0000 0060"}}, True), ({"note": "０" * 12}, True), ([{"000000000060": 1}], True), (60_000_000_000, False),
     (123_456_789_012, True), ({"a": "000000", "b": "000060"}, False), ({"dag_run_id": "manual__2026-11-28T01:00:29.123456+00:00"}, False),
     ({"conf": None, "dry_run": False, "limit": 100}, False), ("id=000000000060", True)],
)  # fmt: skip
def test_要求の一つ一つの値を見る(said: Any, whether: bool) -> None:
    assert typed_kojin_no(said) is whether


SAME = kit.table("""
| 事例                       | 一方         | 他方           | 同じ |
|----------------------------|--------------|----------------|------|
| 字形の違い（縮退の表）     | 髙﨑         | 高崎           | ○    |
| 異体字セレクタ             | 葛\U000e0100飾 | 葛飾        | ○    |
| 標準の異体字               | 神\ufe00    | 神             | ○    |
| 互換漢字                   | \ufa19      | 神             | ○    |
| 合成と分解                 | か\u3099    | が             | ○    |
| セレクタの後の濁点         | か\ufe00\u3099 | が         | ○    |
| 別の字                     | 高崎         | 高橋           |      |
| 全角と半角                 | Ａ           | A              |      |
| 外字                       | \ue000      | 高             |      |
""")


@pytest.mark.parametrize("case", SAME, ids=[c["事例"] for c in SAME])
def test_文字の比べ方(case: dict[str, str]) -> None:
    one, other = (case[side].encode("ascii", "backslashreplace").decode("unicode_escape") for side in ("一方", "他方"))
    assert (reduced(one) == reduced(other)) is bool(case["同じ"])


@settings(deadline=None, max_examples=200)
@given(text=ANY)
def test_比べる形はもう一度作っても同じ(text: str) -> None:
    assert reduced(reduced(text)) == reduced(text)
