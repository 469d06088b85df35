"""番号と文字: 0だけの番号はどなたのものでもなく、空白だけの項目は未設定、見えない文字は誤り、外字は数える。値は誰にも示さない。"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.core.codec.shukutai import reduced, shukutai
from etl.core.mapping.layout import layouts
from etl.site import Site
from tests.conftest import Once
from tests.rules.income import ask, question, take

#: an item of a 受付 as it stands in the file, and what becomes of the row: 誤りの種類, or 外字 of the row
ROWS = kit.table(r"""
| 事例                             | 項目       | 書いた文字                | 誤り         | 外字 | 値 |
|----------------------------------|------------|---------------------------|--------------|------|----|
| 宛名番号が0だけ                  | 宛名番号   | 000000000000000           | zeros        |      |    |
| 世帯主宛名番号が0だけ            | 世帯主宛名番号 | 000000000000000       | zeros        |      |    |
| 配偶者宛名番号が0だけ            | 配偶者宛名番号 | 000000000000000       | zeros        |      |    |
| 基礎年金番号が0だけ              | 基礎年金番号 | 0000000000              | zeros        |      |    |
| 個人番号が0だけ                  | 個人番号   | 000000000000              | zeros        |      |    |
| 0でない番号                      | 基礎年金番号 | 0000000001              |              | 0    | 0000000001 |
| 空白だけの学校名                 | 学校名     | ␣␣                        |              | 0    |    |
| 全角の空白だけの学校名           | 学校名     | □␣□                       |              | 0    |    |
| 空白だけの必須項目               | 入力者     | ␣                         | required     |      |    |
| 全角の空白だけの必須項目         | 入力者     | □                         | required     |      |    |
| 空白だけの必須項目（半角）       | 氏名フリガナ | ␣                       | required     |      |    |
| 前の空白は残る                   | 学校名     | □架空大学                 |              | 0    | □架空大学 |
| 項目の中の改行                   | 学校名     | 架空\n大学                | control_char |      |    |
| 項目の中の改行（CRLF）           | 学校名     | 架空\r\n大学              | control_char |      |    |
| 項目の中のタブ                   | 学校名     | 架空\t大学                | control_char |      |    |
| 幅のない空白                     | 請求者氏名 | 架\u200b空                | control_char |      |    |
| 右から左への上書き               | 請求者氏名 | \u202e架空                | control_char |      |    |
| 途中のBOM                        | 請求者氏名 | 架空\ufeff                | control_char |      |    |
| 行の区切り                       | 請求者氏名 | 架\u2028空                | control_char |      |    |
| 置換文字                         | 請求者氏名 | 架\ufffd空                | bad_char     |      |    |
| 片割れの代理符号                 | 請求者氏名 | 架\ud800空                | bad_char     |      |    |
| 片割れの代理符号（数字の項目）   | 年金コード | 535\udfff                 | not_number   |      |    |
| 文字でない符号                   | 請求者氏名 | 架\ufdd0空                | bad_char     |      |    |
| 割り当てのない符号               | 請求者氏名 | 架\u0378空                | bad_char     |      |    |
| 漢字異体字セレクタ               | 請求者氏名 | 葛\U000e0100空            |              | 1    | 葛\U000e0100空 |
| 外字（第0面と第15面と第16面）    | 変更後氏名 | \ue000\U000f0000\U00100000 |             | 3    | \ue000\U000f0000\U00100000 |
| 分解した濁点はそのまま           | 学校名     | か\u3099                  |              | 0    | か\u3099 |
""")


def spelled(text: str) -> str:
    """A text of a table: ␣ and □ are spaces, ``\\u`` and ``\\n`` as in Python."""
    plain = text.replace("␣", " ").replace("□", "\u3000")
    return plain.encode("ascii", "backslashreplace").decode("unicode_escape")


@pytest.fixture(scope="module")
def taken(town: Site) -> dict[str, Any]:
    """One file with a row per case; 2,000 good rows more, so that the bad ones stay below the limit."""
    layout, rows = layouts()["uketsuke"], [{"uketsuke_no": no(i), "atena_no": no(1)} for i in range(1, len(ROWS) + 2001)]
    path = kit.uketsuke(town, rows)
    lines = path.read_bytes().decode("utf-8-sig").split("\r\n")
    labels = lines[0].split(",")
    assert labels == [f.label for f in layout.columns]
    for at, case in enumerate(ROWS, 1):
        cells = lines[at].split(",")
        cells[labels.index(str(case["項目"]))] = '"' + spelled(str(case["書いた文字"])) + '"'
        lines[at] = ",".join(cells)
    kit.put(town, "uketsuke", path.name, "\r\n".join(lines).encode("utf-8", "surrogatepass"), len(rows))
    return kit.run(town, "uketsuke_daily", DAY)


@pytest.mark.parametrize("at", range(len(ROWS)), ids=[c["事例"] for c in ROWS])
def test_番号と文字の項目(town: Site, taken: dict[str, Any], at: int) -> None:
    case, layout = ROWS[at], layouts()["uketsuke"]
    item = next(f.name for f in layout.columns if f.label == case["項目"])
    bad = kit.query(town, "select fields[1], kinds[1] from ledger.quarantine where line = :line", line=at + 2)
    assert bad == ([(item, case["誤り"])] if case["誤り"] else [])
    if not case["誤り"]:
        found = kit.query(town, f"select {item} from pension.uketsuke where uketsuke_no = :no", no=no(at + 1))
        assert found == [(spelled(case["値"]) if case["値"] else None,)]


def test_外字は文字と行で数えられ_誤りの文は値を示さない(town: Site, taken: dict[str, Any]) -> None:
    count = [int(c["外字"]) for c in ROWS if c["外字"] and c["外字"] != "0"]
    assert kit.query(town, "select gaiji_characters, gaiji_rows from ledger.file where outcome = 'accepted'") == [
        (sum(count), len(count))
    ]
    assert kit.only(taken)["counts"]["quarantined"] == sum(bool(c["誤り"]) for c in ROWS)
    told = str(taken)
    assert not any(spelled(str(c["書いた文字"])) in told for c in ROWS if len(str(c["書いた文字"])) > 9)


#: the bytes of a record, before and after; by dataset
RECORDS: dict[str, tuple[Callable[[Site, list[dict[str, Any]]], Any], dict[str, Any], str, str, str]] = {
    "住基の宛名番号": (kit.juki, {"atena_no": no(1)}, "juki_idou", "atena_no", "juki_daily"),
    "住基の世帯主宛名番号": (kit.juki, {"atena_no": no(1)}, "juki_idou", "setainushi_atena_no", "juki_daily"),
    "住基の個人番号": (kit.juki, {"atena_no": no(1), "kojin_no": kit.kojin_no(1)}, "juki_idou", "kojin_no", "juki_daily"),
    "処理結果の基礎年金番号": (kit.kekka, {"kiso_nenkin_no": kit.kiso(1)}, "kikou_kekka", "kiso_nenkin_no", "kikou_kekka"),
    "処理結果の個人番号": (kit.kekka, {"kojin_no": kit.kojin_no(1)}, "kikou_kekka", "kojin_no", "kikou_kekka"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_0だけの番号の行は隔離され_誰の行にもならない(site: Site, name: str) -> None:
    write, row, dataset, item, job = RECORDS[name]
    path, data = write(site, [row]), layouts()[dataset].data
    content = bytearray(path.read_bytes())
    first = 96 + 500 if dataset == "kikou_kekka" else 822
    where = data.field(item).slice
    content[first + where.start : first + where.stop] = b"0" * (where.stop - where.start)
    if item == "atena_no":
        total = layouts()[dataset].trailer.field("hash_total").slice
        content[1644 + total.start : 1644 + total.stop] = b"0" * 18
    path.write_bytes(content)
    if dataset != "kikou_kekka":
        kit.put(site, dataset, path.name, bytes(content), 1)
    result = kit.run(site, job, DAY)
    assert (kit.only(result)["outcome"], kit.only(result)["counts"]["quarantined"]) == ("accepted", 1)
    assert kit.query(site, "select fields, kinds from ledger.quarantine") == [([item], ["zeros"])]
    assert kit.query(site, "select count(*) from vault.kojin_no") == [(0,)]


ADDRESSES = kit.table(r"""
| 事例                         | 宛名の住所           | 回答の住所     | 保留 |
|------------------------------|----------------------|----------------|------|
| 同じ                         | 架空町高崎           | 架空町高崎     |      |
| 字形の違い（縮退の表）       | 架空町高崎           | 架空町髙﨑     |      |
| 互換漢字                     | 架空町神             | 架空町\ufa19   |      |
| 別の字                       | 架空町高崎           | 架空町高橋     | ○    |
| 外字                         | 架空町高崎           | 架空町\ue000崎 | ○    |
""")


def compare(site: Site) -> None:
    """A question about a person of each case, and the answers in one file."""
    addresses = [(10 * at + 1, spelled(str(c["宛名の住所"])), spelled(str(c["回答の住所"]))) for at, c in enumerate(ADDRESSES)]
    ask(site, *({} for _ in ADDRESSES))
    kit.juki(site, [{"atena_no": no(person), "rireki_no": 2, "address": known} for person, known, _ in addresses], seq=2)
    kit.run(site, "juki_daily", DAY)
    rows = [{"shoukai_no": question(at), "atena_no": no(n), "address": said} for at, (n, _, said) in enumerate(addresses)]
    held = sum(bool(case["保留"]) for case in ADDRESSES)
    assert take(site, *rows) == {"stored": len(ADDRESSES) - held, "refused": 0, "held": held}


@pytest.mark.parametrize("at", range(len(ADDRESSES)), ids=[c["事例"] for c in ADDRESSES])
def test_4情報の文字は縮退して比べ_元の文字を保つ(once: Once, at: int) -> None:
    site = once(compare)
    held = kit.query(site, "select fields from ledger.quarantine where line = :line", line=at + 2)
    assert held == ([(["address"],)] if ADDRESSES[at]["保留"] else [])
    stored = kit.query(site, "select count(*) from pension.shotoku where atena_no = :no", no=no(10 * at + 1))
    assert stored == [(0 if ADDRESSES[at]["保留"] else 1,)]


def test_データベースの比べ方も同じ(site: Site) -> None:
    table = shukutai()
    texts = [*table.forms, *table.plain, "葛\U000e0100飾", "\ufa19", "か\ufe00\u3099", "\ue000", "\U00100000", "ｶﾞ", "Ａ'"]
    found = kit.query(
        site, "select pension.shukutai(t) from unnest(cast(:texts as text[])) with ordinality as x (t, n) order by n", texts=texts
    )
    assert [row[0] for row in found] == [reduced(t) for t in texts]
