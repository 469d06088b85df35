"""日本年金機構の読取り（city/todoke_reader）: 定めに合う媒体だけを読み、合わないものは、どこが何に合わないかを言う。値は言わない。"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import kit
import pycdlib
import pytest
import pyzipper

from city import todoke_reader
from city.todoke_lines import CELLS
from etl.edge import iso, media

PASSWORD = "a" * 24
NAME = "KNTODOKE_3101_001.iso"
README = b"KNTODOKE 3101 001\r\nDATA.ZIP\r\n"
HEAD = [
    "31,13,141305,001,20261116,22223",
    "[kanri]",
    ",001",
    "31,13,141305,210,8577,川崎市川崎区宮本町１番地,川崎市,川崎市長",
    "[data]",
]
ONE = {
    "youshiki_code": "9010000", "uketsuke_no": "202611100000001", "todoke_code": "01", "juri_on": "9,081110", "kiso_nenkin_no": "3100,000001",
    "name_kana": "ﾔﾏﾀﾞ ﾀﾛｳ", "name": "山田　太郎", "birth_on": "7,010203", "sex_code": "1", "postal_code": "210,0001", "address": "川崎市川崎区本町１－１",
    "gaitou_on": "9,081101", "jiyu_code": "03", "shubetsu_code": "1",
}  # fmt: skip


def record(**cells: str) -> str:
    said = ONE | cells
    return ",".join(said.get(item) or "," * (width - 1) for item, (width, _) in CELLS.items())


def text(*records: str, head: list[str] | None = None) -> bytes:
    return "".join(line + "\r\n" for line in [*(head or HEAD), *records]).encode("cp932")


def image(folder: Path, content: bytes, name: str = NAME, readme: bytes = README, **files: bytes) -> Path:
    media.seal(content, folder / "a.zip", PASSWORD)
    archive = {"DATA.ZIP": (folder / "a.zip").read_bytes(), "README.TXT": readme}
    iso.make(
        folder / name, "KNTODOKE_3101_001", {**archive, **{n.replace("_", "."): what for n, what in files.items()}}, plain=True
    )
    return folder / name


def wrong(work: Callable[[], object]) -> str:
    """What the reader says is wrong, or nothing."""
    try:
        work()
    except ValueError as error:
        return str(error)
    return ""


def test_定めどおりの媒体は読める(tmp_path: Path) -> None:
    found = todoke_reader.read(image(tmp_path, text(record(), record(uketsuke_no="202611100000002"))), PASSWORD)
    assert (found.office, found.number, found.created_on.isoformat()) == ("3101", "001", "2026-11-16")
    assert [r["uketsuke_no"][-1] for r in found.records] == ["1", "2"]
    first = found.records[0]
    assert (first["juri_on"], first["birth_on"], first["kiso_nenkin_no"], first["kojin_no"]) == (
        "2026-11-10",
        "1989-02-03",
        "3100000001",
        "",
    )


SAYS = kit.table("""
| 事例                       | 項目                                              | 言うこと       |
|----------------------------|---------------------------------------------------|----------------|
| 基礎年金番号だけ           |                                                   |                |
| 個人番号だけ               | kiso_nenkin_no= kojin_no=000000000019             |                |
| 個人番号の検査数字         | kiso_nenkin_no= kojin_no=000000000018             | kojin_no: its check |
| 両方がある                 | kojin_no=000000000019                             | not one of     |
| どちらもない               | kiso_nenkin_no=                                   | not one of     |
| 住所がない                 | address=                                          | address: missing |
| 住所が長い                 | address=あああああああああああああああああああああああああああああああああああああ | |
| 住所が1文字長い            | address=ああああああああああああああああああああああああああああああああああああああ | address: too many |
| 漢字氏名の空白が半角       | name=山田 太郎                                    | name: not one space |
| 漢字氏名の空白が二つ       | name=山田　太　郎                                 | name: not one space |
| カナが全角                 | name_kana=ヤマダ　タロウ                          | name_kana:     |
| カナに空白がない           | name_kana=ﾔﾏﾀﾞﾀﾛｳ                                 | name_kana: not one space |
| 元号にない日               | birth_on=7,310501                                 | birth_on: not a day of its era |
| 暦にない日                 | birth_on=7,010230                                 | birth_on: no such day |
| 知らない元号               | birth_on=2,010203                                 | birth_on: not an era |
| 元号だけ                   | birth_on=7,                                       | birth_on: not an era |
| 作成の後に受理             | juri_on=9,081117                                  | juri_on: after |
| 取得届に免除種類           | menjo_code=20                                     | menjo_code: its 届書 does not |
| 取得届に該当年月日がない   | gaitou_on=,                                       | gaitou_on: its 届書 must |
| 事由にない符号             | jiyu_code=07                                      | jiyu_code:     |
| 様式コードが違う           | youshiki_code=9020000                             | youshiki_code: |
| 受付番号が短い             | uketsuke_no=20261110000001                        | uketsuke_no:   |
| 基礎年金番号の区切り       | kiso_nenkin_no=31000,00001                        | kiso_nenkin_no: |
| 備考                       | bikou=至急                                        | bikou:         |
| 職権の取得届               | uketsuke_no=900000000000001 bikou=職権            | uketsuke_no: the city |
| 死亡の喪失届               | todoke_code=02 youshiki_code=9020000 jiyu_code=51 sex_code= shubetsu_code= | jiyu_code: nobody |
| 国外転出の喪失届           | todoke_code=02 youshiki_code=9020000 jiyu_code=52 sex_code= shubetsu_code= | |
| 職権の国外転出             | todoke_code=02 youshiki_code=9020000 jiyu_code=52 sex_code= shubetsu_code= uketsuke_no=900000000000001 bikou=職権 | |
| 引用符                     | address="川崎市"                                  | address: in quotes |
| コンマ                     | address=川崎,市                                   | not 42 cells   |
""")


@pytest.mark.parametrize("case", SAYS, ids=[str(c["事例"]) for c in SAYS])
def test_記録の定め(tmp_path: Path, case: dict[str, str | None]) -> None:
    cells = dict(pair.split("=", 1) for pair in re.findall(r"\w+=.*?(?= \w+=|$)", case["項目"] or ""))
    found = wrong(lambda: todoke_reader.read(image(tmp_path, text(record(**cells))), PASSWORD))
    assert found.startswith(f"line 6: {case['言うこと']}") if case["言うこと"] else not found
    assert not any(len(value) > 3 and value in found for value in cells.values()), "a value is said"


LINES = kit.table("""
| 事例                       | もと             | あと             | 言うこと |
|----------------------------|------------------|------------------|----------|
| 日本の府県符号             | 31,13            | 14,13            | line 1: 都道府県 |
| ほかの媒体通番             | ,001,2026        | ,002,2026        | line 1: 媒体通番 |
| 暦にない作成年月日         | 20261116         | 20261131         | line 1: 作成年月日 |
| 代表届書コード             | 22223            | 22224            | line 1: 作成年月日 |
| 事業所が二つ               | ,001\\r\\n31       | ,002\\r\\n31       | file: not [kanri] |
| 提出元が違う               | 31,13,141305,210 | 31,13,141313,210 | line 4: not the office |
| 郵便番号の区切り           | ,210,8577,       | ,2108,577,       | line 4: 郵便番号 |
| 所属長がない               | ,川崎市長        | ,                | line 4: 所属長 |
| 記録がない                 | \\[data\\]\\r\\n9.*  | [data]\\r\\n       | file: no records |
| 行の終わりが LF            | \\[kanri\\]\\r     | [kanri]          | line 2: a character |
| 最後の行が終わらない       | \\r\\n$            |                  | file: its last line |
| 受付番号が二度             | (9010000.*)      | \\1\\1             | file: a 受付番号 |
| NEC の文字                 | 川崎市,          | ①,               | line 4: a character of none |
| IBM の文字                 | 川崎市,          | 髙,              | line 4: a character of none |
""")


@pytest.mark.parametrize("case", LINES, ids=[str(c["事例"]) for c in LINES])
def test_行の定め(tmp_path: Path, case: dict[str, str | None]) -> None:
    plain = text(record()).decode("cp932")
    old, new = str(case["もと"]), str(case["あと"] or "")
    old = old if re.search(r"[\\*(]", old) else re.escape(old)
    changed = re.sub(old, new.replace("\\r\\n", "\r\n"), plain, count=1, flags=re.DOTALL)
    assert changed != plain
    found = wrong(lambda: todoke_reader.read(image(tmp_path, changed.encode("cp932")), PASSWORD))
    assert found.startswith(str(case["言うこと"])), found


def joliet(path: Path, content: bytes) -> Path:
    media.seal(content, path / "a.zip", PASSWORD)
    iso.make(path / NAME, "KNTODOKE_3101_001", {"DATA.ZIP": (path / "a.zip").read_bytes(), "README.TXT": README})
    return path / NAME


def rock_ridge(path: Path, content: bytes) -> Path:
    made = pycdlib.PyCdlib()
    made.new(interchange_level=2, rock_ridge="1.09", vol_ident="KNTODOKE_3101_001")
    made.add_fp(io.BytesIO(README), len(README), "/README.TXT;1", rr_name="README.TXT")
    made.write(str(path / NAME))
    made.close()
    return path / NAME


def archived(folder: Path, content: bytes, **options: object) -> Path:
    """The same with an archive that is not as it must be."""
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=options.get("nbits", 256))
        for name in options.get("names", ("data.dat",)):  # type: ignore[attr-defined]
            archive.writestr(name, content)
    iso.make(folder / NAME, "KNTODOKE_3101_001", {"DATA.ZIP": out.getvalue(), "README.TXT": README}, plain=True)
    return folder / NAME


MEDIA: dict[str, tuple[Callable[[Path, bytes], Path], str]] = {
    "別の名前のイメージ": (lambda f, c: image(f, c, name="KNTODOKE_3102_001.iso"), "image: its name"),
    "ほかのファイルがある": (lambda f, c: image(f, c, X_TXT=b"x"), "image: not exactly"),
    "Joliet の付いたもの": (joliet, "image: not one primary"),
    "Rock Ridge の付いたもの": (rock_ridge, "image: an entry has fields"),
    "説明書が英数字でない": (lambda f, c: image(f, c, readme="説明".encode()), "README.TXT: not lines"),
    "説明書に番号がない": (lambda f, c: image(f, c, readme=b"KNTODOKE\r\n"), "README.TXT: does not say"),
    "説明書に長い番号": (lambda f, c: image(f, c, readme=README + b"000000000019\r\n"), "README.TXT: has a long"),
    "AES-128": (lambda f, c: archived(f, c, nbits=128), "DATA.ZIP: not AES-256"),
    "二つのファイル": (lambda f, c: archived(f, c, names=("a.dat", "b.dat")), "DATA.ZIP: not exactly one"),
    "名前が何かを言う": (lambda f, c: archived(f, c, names=("KNTODOKE_3101.CSV",)), "DATA.ZIP:"),
}


@pytest.mark.parametrize("case", MEDIA)
def test_媒体の定め(tmp_path: Path, case: str) -> None:
    make, says = MEDIA[case]
    path = make(tmp_path, text(record()))
    found = wrong(lambda: todoke_reader.read(path, PASSWORD))
    assert found.startswith(says), found


def test_パスワードが違えば開かない(tmp_path: Path) -> None:
    path = image(tmp_path, text(record()))
    assert wrong(lambda: todoke_reader.read(path, "b" * 24)).startswith("DATA.ZIP: does not open")
    assert wrong(lambda: todoke_reader.read(path, "short")).startswith("password:")


def test_どこで切れても_どの一バイトが違っても_黙って読まない(tmp_path: Path) -> None:
    """A cut is always told; a byte that is another one either is told or changes nothing that is read."""
    path = image(tmp_path, text(record()))
    whole, wanted = path.read_bytes(), todoke_reader.read(path, PASSWORD)
    for cut in (0, 2047, 16 * 2048, 17 * 2048, 20 * 2048, len(whole) - 2048, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert wrong(lambda: todoke_reader.read(path, PASSWORD)), cut
    used = [at for at in range(0, len(whole), 61) if whole[at]]
    for at in used:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            found = todoke_reader.read(path, PASSWORD)
        except ValueError:
            continue
        assert found == wanted, at
    assert len(used) > 20
