""".end・ヘッダー・トレーラー・件数の食い違い: ファイルごと拒否し、両方の数字を示し、何も変えない。表の1行が1通。"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import no

from etl.core.mapping.layout import layouts
from etl.site import Site

FIRST = date(2025, 1, 6)
WIDTH = 822


def _field(part: str, name: str) -> slice:
    return getattr(layouts()["juki_idou"], part).field(name).slice


def _header(name: str, value: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        at = _field("header", name)
        return data[: at.start] + value.encode() + data[at.stop :]

    return change


def _trailer(name: str, value: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        at, start = _field("trailer", name), len(data) - WIDTH
        return data[: start + at.start] + value.encode() + data[start + at.stop :]

    return change


def _end(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda end: {k: v for k, v in {**end, **values}.items() if v is not None}


#: what is done to the bytes before .end is written, or to .end itself
BYTES: dict[str, Callable[[bytes], bytes]] = {
    "市コード": _header("shichoson_code", "141500"),
    "業務日": _header("business_on", "20250105"),
    "連番": _header("seq", "000777"),
    "版": _header("version", "09"),
    "連携ID": _header("link_id", "JUKIXXXX"),
    "区分": _header("zenken_idou_kbn", "7"),
    "区分が空白": _header("zenken_idou_kbn", " "),
    "見出しの予備": _header("filler", "X" + " " * 773),
    "トレーラー市": _trailer("shichoson_code", "141500"),
    "トレーラー件数": _trailer("count", "000000009"),
    "合計": _trailer("hash_total", "000000000000000009"),
    "見出しなし": lambda data: data[WIDTH:],
    "トレーラーなし": lambda data: data[:-WIDTH],
    "二つ目の見出し": lambda data: data[:WIDTH] + data,
    "LFだけ": lambda data: data.replace(b"\r\n", b"\n"),
    "余分な改行": lambda data: data + b"\r\n",
    "余分なEOF": lambda data: data + b"\x1a",
    "余分な1件": lambda data: data + data[WIDTH : 2 * WIDTH],
    "途中で切れる": lambda data: data[: WIDTH + 400],
    "文字の途中": lambda data: data[: WIDTH + _field("data", "name").start + 1],
    "空": lambda data: b"",
    "長い1件": lambda data: data[: WIDTH + 820] + b" " + data[WIDTH + 820 :],
    "最後の改行なし": lambda data: data[:-2],
}
END: dict[str, Callable[[dict[str, Any]], Any]] = {
    "JSONでない": lambda end: "file=x",
    "空の.end": lambda end: "",
    "一覧": lambda end: [end],
    "file欠け": _end(file=None),
    "bytes欠け": _end(bytes=None),
    "sha256欠け": _end(sha256=None),
    "count欠け": _end(count=None),
    "別の名前": _end(file="OTHER.dat"),
    "bytes違い": _end(bytes=1),
    "bytes文字": _end(bytes="2466"),
    "sha256違い": _end(sha256="0" * 64),
    "count違い": _end(count=5),
    "count負": _end(count=-1),
    "count小数": _end(count=1.0),
    "余分なキー": _end(note="x"),
    "大文字のsha256": lambda end: {**end, "sha256": end["sha256"].upper()},
}

CASES = kit.table("""
| 事例                               | 細工           | 結果     | コード  | 示す数字 |
|------------------------------------|----------------|----------|---------|----------|
| 良いファイル                       |                | accepted |         |          |
| 最後の改行がないだけ               | 最後の改行なし | accepted |         |          |
| .endに知らないキーがある           | 余分なキー     | accepted |         |          |
| .endのハッシュが大文字             | 大文字のsha256 | accepted |         |          |
| .endがJSONでない                   | JSONでない     | refused  | NP-2001 |          |
| .endが空                           | 空の.end       | refused  | NP-2001 |          |
| .endがオブジェクトでない           | 一覧           | refused  | NP-2001 |          |
| .endにfileがない                   | file欠け       | refused  | NP-2001 |          |
| .endにbytesがない                  | bytes欠け      | refused  | NP-2001 |          |
| .endにsha256がない                 | sha256欠け     | refused  | NP-2001 |          |
| .endにcountがない                  | count欠け      | refused  | NP-2001 |          |
| .endが別のファイルの名前           | 別の名前       | refused  | NP-2001 |          |
| .endのbytesが文字列                | bytes文字      | refused  | NP-2001 |          |
| .endのcountが負                    | count負        | refused  | NP-2001 |          |
| .endのcountが小数                  | count小数      | refused  | NP-2001 |          |
| .endのバイト数が違う               | bytes違い      | refused  | NP-2004 | 1 2466   |
| .endのハッシュが違う               | sha256違い     | refused  | NP-2002 | 000000000000 |
| .endの件数が違う                   | count違い      | refused  | NP-1103 | 5 1      |
| ヘッダーの市が違う                 | 市コード       | refused  | NP-2007 | 141305 141500 |
| ヘッダーの業務日が違う             | 業務日         | refused  | NP-2007 | 2025-01-05 |
| ヘッダーの連番が違う               | 連番           | refused  | NP-2007 | 777      |
| ヘッダーの版が違う                 | 版             | refused  | NP-2007 | 1 9      |
| ヘッダーの連携IDが違う             | 連携ID         | refused  | NP-1113 |          |
| ヘッダーの全件異動区分がコード表にない | 区分       | refused  | NP-1114 |          |
| ヘッダーの全件異動区分が空白       | 区分が空白     | refused  | NP-1114 |          |
| ヘッダーの予備が空白でない         | 見出しの予備   | refused  | NP-1114 |          |
| トレーラーの市が違う               | トレーラー市   | refused  | NP-2006 | 141305 141500 |
| トレーラーの件数が違う             | トレーラー件数 | refused  | NP-2008 | 9 1      |
| トレーラーの宛名番号合計が違う     | 合計           | refused  | NP-2009 | 9        |
| ヘッダーがない                     | 見出しなし     | refused  | NP-1113 |          |
| トレーラーがない                   | トレーラーなし | refused  | NP-1113 |          |
| ヘッダーが二つある                 | 二つ目の見出し | refused  | NP-1103 | 1 2      |
| 改行がLFだけ                       | LFだけ         | refused  | NP-1110 | 2463 820 |
| 最後の改行の後に空行               | 余分な改行     | refused  | NP-1111 | 2        |
| 最後の改行の後にEOF文字            | 余分なEOF      | refused  | NP-1111 | 1        |
| トレーラーの後に1件                | 余分な1件      | refused  | NP-1113 |          |
| レコードの途中で切れる             | 途中で切れる   | refused  | NP-1110 |          |
| 全角文字の途中で切れる             | 文字の途中     | refused  | NP-1110 |          |
| 0バイト                            | 空             | refused  | NP-1113 |          |
| 1件だけ1バイト長い                 | 長い1件        | refused  | NP-1110 |          |
""")


@pytest.fixture(scope="module")
def results(town: Site) -> list[dict[str, Any]]:
    """One business day and number per case; a refused number comes again as a good file, so that the next is in turn."""
    kit.insured(town, [{"atena_no": no(1)}], on=FIRST)
    found = []
    for i, case in enumerate(CASES, 1):
        found.append(_one(town, case["細工"], FIRST + timedelta(days=i), 1000 * i))
    return found


def _one(site: Site, what: str | None, on: date, seq: int) -> dict[str, Any]:
    """Each file is a 全件 file, so its number is always in turn."""
    rows = [{"atena_no": no(1), "rireki_no": seq // 1000}]
    path = kit.juki(site, rows, on=on, seq=seq, kubun="1")
    data = BYTES.get(what or "", bytes)(path.read_bytes())
    kit.put(site, "juki_idou", path.name, data, 1)
    if what in END:
        end = Path(f"{path}.end")
        made = END[what](json.loads(end.read_text()))
        end.write_text(made if isinstance(made, str) else json.dumps(made))
    before = kit.query(site, "select count(*) from pension.atena")
    result = kit.run(site, "juki_daily", on)
    return result | {"rows": (before, kit.query(site, "select count(*) from pension.atena"))}


@pytest.mark.parametrize("i", range(len(CASES)), ids=[c["事例"] for c in CASES])
def test_食い違うファイルは丸ごと拒否(results: list[dict[str, Any]], i: int) -> None:
    case, result = CASES[i], results[i]
    file = kit.only(result)
    assert (file["outcome"], file["code"]) == (case["結果"], case["コード"])
    if case["結果"] == "refused":
        error, (before, after) = result["error"], result["rows"]
        assert (error.exit_status, before) == (10, after)
        assert file["name"] in str(error)
        assert all(number in error.sentence for number in (case["示す数字"] or "").split())
        assert sum(v for k, v in file["counts"].items() if k != "data") == 0


def test_拒否は台帳と記録に残る(town: Site, results: list[dict[str, Any]]) -> None:
    refused = sum(c["結果"] == "refused" for c in CASES)
    assert kit.query(town, "select count(*) from ledger.file where outcome = 'refused' and code is not null") == [(refused,)]
    assert kit.query(town, "select count(*) from audit.event where operation = '受入拒否'") == [(refused,)]


def test_別の市の名前のファイル(site: Site) -> None:
    path = kit.juki(site, [{"atena_no": no(1)}])
    other = path.name.replace(kit.CITY, "141500")
    kit.put(site, "juki_idou", other, path.read_bytes(), 1)
    path.unlink()
    Path(f"{path}.end").unlink()
    result = kit.run(site, "juki_daily", kit.DAY)
    assert (kit.only(result)["code"], result["error"].exit_status) == ("NP-2006", 10)


def test_リンクは受け取らない(site: Site, tmp_path: Path) -> None:
    path = kit.juki(site, [{"atena_no": no(1)}])
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert kit.only(kit.run(site, "juki_daily", kit.DAY))["code"] == "NP-2005"


# ---- csv ----------------------------------------------------------------------------------------------------------------------

CSV: dict[str, Callable[[bytes], bytes]] = {
    "BOM付き": lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
    "BOMなし": lambda data: data.removeprefix(b"\xef\xbb\xbf"),
    "LF": lambda data: data.replace(b"\r\n", b"\n"),
    "見出し違い": lambda data: data.replace("届書種別".encode(), "届書".encode(), 1),
    "見出しの順": lambda data: data.replace("届書種別,受理年月日".encode(), "受理年月日,届書種別".encode(), 1),
    "見出しなし": lambda data: data.split(b"\r\n", 1)[1],
    "cp932": lambda data: data.decode("utf-8-sig").encode("cp932"),
    "NUL": lambda data: data.replace(b"u001", b"u\x001", 1),
    "空": lambda data: b"",
    "列が少ない": lambda data: data.rstrip(b"\r\n").rsplit(b",", 1)[0] + b"\r\n",
    "引用符": lambda data: data.replace(b"u001", b'u"001', 1),
}
CSV_CASES = kit.table("""
| 事例                   | 細工       | 結果     | コード  | 隔離 |
|------------------------|------------|----------|---------|------|
| 良いファイル           |            | accepted |         | 0    |
| BOMがある              | BOM付き    | accepted |         | 0    |
| BOMがない              | BOMなし    | accepted |         | 0    |
| 改行がLF               | LF         | refused  | NP-1122 |      |
| 見出しが違う           | 見出し違い | refused  | NP-1121 |      |
| 見出しの順が違う       | 見出しの順 | refused  | NP-1121 |      |
| 見出しがない           | 見出しなし | refused  | NP-1121 |      |
| UTF-8でない            | cp932      | refused  | NP-1120 |      |
| NULがある              | NUL        | refused  | NP-1120 |      |
| 0バイト                | 空         | refused  | NP-1121 |      |
| 引用符の使い方が違う   | 引用符     | refused  | NP-1123 |      |
| 1行だけ列の数が違う    | 列が少ない | accepted |         | 1    |
""")


@pytest.fixture(scope="module")
def csv_results(town: Site, results: Any) -> list[dict[str, Any]]:
    found = []
    for i, case in enumerate(CSV_CASES, 1):
        on = FIRST + timedelta(days=i)
        seq = 1 + sum(r["files"][0]["outcome"] == "accepted" for r in found)
        path = kit.uketsuke(town, [{"uketsuke_no": no(i), "atena_no": no(1)}], on=on, seq=seq)
        kit.put(town, "uketsuke", path.name, CSV.get(case["細工"] or "", bytes)(path.read_bytes()), 1)
        found.append(kit.run(town, "uketsuke_daily", on))
    return found


@pytest.mark.parametrize("i", range(len(CSV_CASES)), ids=[c["事例"] for c in CSV_CASES])
def test_CSVの受入(csv_results: list[dict[str, Any]], i: int) -> None:
    case, file = CSV_CASES[i], kit.only(csv_results[i])
    assert (file["outcome"], file["code"]) == (case["結果"], case["コード"])
    if case["結果"] == "accepted":
        assert file["counts"]["quarantined"] == int(case["隔離"])
    else:
        assert csv_results[i]["error"].exit_status == 10
