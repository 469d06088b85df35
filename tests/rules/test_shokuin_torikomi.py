"""職員の一覧の取込み: 書面で申請されたものを、申請者とは別の管理者が CSV で付与する。誤りは行と項目ですべて言い、一つでもあれば何もしない。"""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import kit
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit import code_of

from etl.core.errors import KokunenError, Refused
from etl.shokuin import entries as e
from etl.shokuin import register
from etl.site import Site
from tests import people

ROW = {
    e.WHO: "shinjin", e.UNIT: "川崎区役所", e.ROLES: "操作者", e.OS_USER: "", e.NUMBERS: "", e.FIRST: "2026-04-01", e.LAST: "", e.ORDER: "",
    e.TOTP: "", e.ASKED_BY: "課長", e.REASON: "異動",
}  # fmt: skip


def page(*rows: dict[str, str], encoding: str = "utf-8", ends: str = "\r\n", heads: tuple[str, ...] = e.HEADS) -> bytes:
    out = io.StringIO(newline="")
    book = csv.DictWriter(out, heads, extrasaction="ignore", lineterminator=ends)
    book.writeheader()
    book.writerows([{**ROW, **row} for row in rows])
    return out.getvalue().encode(encoding)


def flaws(site: Site, data: bytes) -> list[str]:
    """line and item of everything that is wrong."""
    try:
        register.take_in(site, "kanri01", data, dry=True)
    except register.Flawed as error:
        return [f"{flaw.line} {flaw.item}" for flaw in error.flaws]
    return []


# 2行目だけが違う。1行目（職員 moto）は正しい
LINES = kit.table("""
| 事例                       | 項目           | 書き方        | 誤り             |
|----------------------------|----------------|---------------|------------------|
| 正しい                     |                |               |                  |
| 名前がない                 | 職員           |               | 3 職員           |
| 前の行と同じ職員           | 職員           | ＭＯＴＯ      | 3 職員           |
| 共用の名前                 | 職員           | root          | 3 職員           |
| 付与する管理者自身         | 職員           | kanri01       | 3 職員           |
| 申請者がない               | 申請者         |               | 3 申請者         |
| 申請者が付与する管理者     | 申請者         | Kanri01       | 3 申請者         |
| 申請者が共用の名前         | 申請者         | admin         | 3 申請者         |
| 本人の申請                 | 申請者         | shinjin       |                  |
| 理由がない                 | 理由           |               | 3 理由           |
| 部署がない                 | 部署           |               | 3 部署           |
| 知らない役割               | 役割           | 課長          | 3 役割           |
| 役割が二つ                 | 役割           | 操作者・承認者 |                 |
| 初日がない                 | 有効期間の初日 |               | 3 有効期間の初日 |
| 暦にない初日               | 有効期間の初日 | 2026-04-31    | 3 有効期間の初日 |
| 末日が初日より前           | 末日           | 2026-03-31    | 3 末日           |
| 委託先に契約と末日がない   | 役割           | 作業者        | 3 末日 3 契約番号 |
| 前の行と同じ OS 利用者     | OS利用者       | moto-os       | 3 OS利用者       |
| 共用の OS 利用者           | OS利用者       | root          | 3 OS利用者       |
| 個人番号の欄がほかの言葉   | 個人番号       | 見る          | 3 個人番号       |
| TOTP の欄がほかの言葉      | TOTP           | ?             | 3 TOTP           |
| 理由に12桁                 | 理由           | 000012345678  | 3 理由           |
| 改行                       | 部署           | 川崎\\n区役所 | 3 部署           |
""")


@pytest.mark.parametrize("case", LINES, ids=[str(c["事例"]) for c in LINES])
def test_行ごとの誤り(site: Site, case: dict[str, str | None]) -> None:
    other = {case["項目"]: (case["書き方"] or "").replace("\\n", "\n")} if case["項目"] else {}
    found = flaws(site, page({e.WHO: "moto", e.OS_USER: "moto-os"}, other))
    assert " ".join(found) == (case["誤り"] or "")


def test_誤りはすべて一度に言い_何も残さない(site: Site) -> None:
    data = page({e.WHO: "ichi"}, {e.WHO: "root", e.ROLES: "長", e.ASKED_BY: "kanri01"}, {e.WHO: "ni", e.FIRST: "きのう"})
    assert flaws(site, data) == ["3 職員", "3 役割", "3 申請者", "4 有効期間の初日"]
    assert "ichi" not in [row.user_name for row in register.rows_of(site, "kanri01")]


# ファイルとして読めるもの、読めないもの
FILES: dict[str, tuple[bytes, str | None]] = {
    "UTF-8": (page({}), None),
    "BOM": (page({}, encoding="utf-8-sig"), None),
    "CP932（表計算の CSV）": (page({}, encoding="cp932"), None),
    "LF": (page({}, ends="\n"), None),
    "空行は行ではない": (page({}) + b"\r\n,,,,,,,,,,\r\n", None),
    "任意の見出しはなくてよい": (page({}, heads=e.NEEDED), None),
    "見出しの順は自由": (page({}, heads=tuple(reversed(e.HEADS))), None),
    "見出しに空白": (page({}).replace("OS利用者".encode(), "OS 利用者".encode()), None),
    "見出しがない": (page({}, heads=e.HEADS[1:]), "NP-1057"),
    "知らない見出し": (page({}, heads=(*e.HEADS, "備考")), "NP-1057"),
    "同じ見出しが二つ": (page({}).replace("契約番号".encode(), "末日".encode()), "NP-1057"),
    "欄が足りない": (page({}) + "shinjin2,課\r\n".encode(), "NP-1057"),
    "引用符が閉じない": (page({}) + b'"shinjin2', "NP-1057"),
    "空": (b"", "NP-1057"),
    "文字でない": (b"\xff\xfe\x00\x01\x81", "NP-1057"),
    "NUL": (page({}) + b"\0", "NP-1057"),
    "大きすぎる": (page({}) + b"\r\n" * (1 << 19), "NP-1057"),
}


@pytest.mark.parametrize("name", FILES)
def test_ファイル(site: Site, name: str) -> None:
    data, code = FILES[name]
    found: list[register.Imported] = []
    assert code_of(lambda: found.append(register.take_in(site, "kanri01", data, dry=True))) == code
    assert code or found[0].added == 1


# 誰が取り込めるか
WHO = kit.table("""
| 事例     | 誰        | 結果    |
|----------|-----------|---------|
| 管理者   | kanri01   |         |
| 操作者   | sousa01   | NP-1083 |
| 承認者   | shounin01 | NP-1083 |
| 監査者   | kansa01   | NP-1083 |
| 登録なし | dareka    | NP-1083 |
""")


@pytest.mark.parametrize("case", WHO, ids=[str(c["事例"]) for c in WHO])
def test_取り込める者(site: Site, case: dict[str, str | None]) -> None:
    assert code_of(lambda: register.take_in(site, case["誰"] or "", page({}))) == case["結果"]


def test_同じ一覧をもう一度取り込むと何も変わらない(site: Site) -> None:
    data = page(
        {}, {e.WHO: "itaku", e.ROLES: "作業者", e.LAST: str(people.today() + timedelta(days=400)), e.ORDER: "指示1", e.TOTP: "○"}
    )
    first = register.take_in(site, "kanri01", data)
    assert (first.added, first.changed, first.unchanged) == (2, 0, 0)
    assert [(m.user, bool(m.password), bool(m.secret)) for m in first.made] == [("shinjin", True, False), ("itaku", True, True)]
    again = register.take_in(site, "kanri02", data)
    assert (again.added, again.changed, again.unchanged, again.made) == (0, 0, 2, ())
    changed = register.take_in(site, "kanri02", page({e.ROLES: "承認者", e.TOTP: "要"}))
    assert (changed.added, changed.changed, changed.unchanged) == (0, 1, 0)
    assert [(m.password, bool(m.secret)) for m in changed.made] == [(None, True)], "only what was lacking"


def test_確認だけなら何も残らない(site: Site) -> None:
    assert register.take_in(site, "kanri01", page({}), dry=True).added == 1
    assert register.take_in(site, "kanri01", page({})).added == 1


def test_パスワードを書けなければ何も登録しない(site: Site) -> None:
    def full(made: object) -> None:
        raise Refused("NP-1075")

    with pytest.raises(KokunenError):
        register.take_in(site, "kanri01", page({}), keep=full)
    assert register.take_in(site, "kanri01", page({})).added == 1


@given(st.dictionaries(st.sampled_from(e.HEADS), st.text(max_size=30)), st.integers(2, 200))
def test_どんな欄でも_誤りは項目で言うか登録できる形になる(cells: dict[str, str], line: int) -> None:
    found = e.asked(line, cells, people.today())
    assert all(flaw.line == line and flaw.item in e.HEADS for flaw in found.flaws)
    assert all(
        len(cell.strip()) < 3 or cell not in str(flaw) for flaw in found.flaws for cell in cells.values() if cell.isascii()
    )
    if not found.flaws:
        assert found.entry.user_name and found.entry.unit and found.entry.yakuwari and found.asked_by and found.reason
        assert found.entry.until_on is None or found.entry.from_on <= found.entry.until_on
        assert found.entry.json


@given(st.binary(max_size=300))
def test_どんなバイト列でも_読めるか番号で断る(data: bytes) -> None:
    assert code_of(lambda: e.read(data)) in (None, "NP-1057")


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), st.text('あいう,"', max_size=9)),
        max_size=5,
    )
)
def test_書いたとおりに読める(rows: list[tuple[str, str]]) -> None:
    given = [{e.REASON: "x" + reason, e.UNIT: unit} for reason, unit in rows]
    assert [{e.REASON: c[e.REASON], e.UNIT: c[e.UNIT]} for _, c in e.read(page(*given))] == given
