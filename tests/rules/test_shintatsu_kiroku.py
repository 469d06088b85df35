"""進達の記録: 届書ごとに報告してよい項目だけを入れる（施行規則）。本人を示す番号は、要る方だけ。期間は届書のとおりか、そこから決まるもの。"""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest

from etl.core.law import shintatsu
from etl.core.law.todoke import todoke
from etl.core.mapping.layout import codes, leaving

COLUMNS = [f.name for f in leaving()["shintatsu"].columns]
#: everything that we could know of a person and a 届書; what a record has of it is the question
EVERYTHING: dict[str, Any] = {
    "uketsuke_no": "202611100000001", "uketsuke_id": 1, "idou_approval_id": None, "ku_code": "141313", "juri_on": date(2026, 11, 10),
    "due_on": date(2026, 11, 24), "again": False, "atena_no": "000000000000001", "kojin_id": 5, "kiso_nenkin_no": "3100000001",
    "name_kana": "ｶｸｳ ｲﾁﾛｳ", "birth_on": date(1990, 1, 1), "sex_code": "1", "gaitou_on": date(2026, 11, 1), "jiyu_code": "03",
    "shubetsu_code": "1", "menjo_code": "20", "menjo_year": 2026, "menjo_from_month": date(2026, 7, 1), "menjo_to_month": date(2027, 6, 1),
    "keizoku_flag": True, "shitsugyo_flag": False, "gakko_name": "架空大学", "nenkin_code": "5350", "shousho_no": "１", "seikyusha_name": "架空　二郎",
    "seikyusha_zokugara": "子", "shibou_on": date(2026, 10, 30), "shoshin_on": date(2020, 5, 1), "shindansho_flag": True,
    "new_name": "新名　一郎", "new_name_kana": "ｼﾝﾒｲ ｲﾁﾛｳ", "name": "架空　一郎", "postal_code": "2108577", "address": "川崎市", "prev_name": "旧名　一郎",
    "prev_address": "横浜市", "shien_flag": False, "rev": 1, "nendo_from": 7, "missing": [], "findings": [], "left_out": None,
    "left_out_why": None, "unchecked": False,
}  # fmt: skip
SAID = {
    "性別": "sex_code", "該当": "gaitou_on", "事由": "jiyu_code", "種別": "shubetsu_code", "免除種類": "menjo_code", "始期": "from_month",
    "終期": "to_month", "継続": "keizoku_flag", "失業": "shitsugyo_flag", "学校": "gakko_name", "年金": "nenkin_code", "証書": "shousho_no",
    "請求者": "seikyusha_name", "続柄": "seikyusha_zokugara", "死亡": "shibou_on", "初診": "shoshin_on", "診断書": "shindansho_flag",
    "変更後": "new_name", "変更後カナ": "new_name_kana", "変更前": "prev_name", "前住所": "prev_address",
}  # fmt: skip
ALWAYS = {"youshiki_code", "uketsuke_no", "todoke_code", "juri_on", "name_kana", "name", "birth_on", "postal_code", "address"}

# 届書ごとに入る項目（氏名・生年月日・住所・受付番号などは、どれにも入る）
ITEMS = kit.table("""
| 届書 | 入る項目                                   |
|------|--------------------------------------------|
| 01   | 性別 該当 事由 種別 変更前                 |
| 02   | 該当 事由                                  |
| 03   | 性別 該当 事由 種別 変更前                 |
| 04   | 該当 変更後 変更後カナ 変更前              |
| 05   | 該当 前住所                                |
| 06   | 死亡 請求者 続柄                           |
| 07   | 性別 該当 事由 種別                        |
| 08   | 該当 事由                                  |
| 09   |                                            |
| 21   | 該当                                       |
| 22   | 該当                                       |
| 23   | 該当                                       |
| 31   | 該当 事由 免除種類 始期 終期               |
| 32   | 該当 事由 始期 終期                        |
| 33   | 該当 免除種類 始期 終期                    |
| 34   | 該当 免除種類 始期 終期                    |
| 35   | 該当 免除種類                              |
| 36   | 始期 終期                                  |
| 41   | 免除種類 始期 終期 継続 失業               |
| 42   | 免除種類 始期 終期 失業 学校               |
| 51   | 年金                                       |
| 52   | 年金 初診 診断書                           |
| 53   | 年金 死亡 請求者 続柄                      |
| 54   | 年金 死亡 請求者 続柄                      |
| 55   | 死亡 請求者 続柄                           |
| 56   | 年金 死亡 請求者 続柄                      |
| 57   | 証書                                       |
| 58   | 年金 診断書                                |
| 59   | 年金 証書                                  |
| 60   | 年金 診断書                                |
| 61   | 年金                                       |
| 62   | 年金 証書 該当                             |
| 63   |                                            |
""")


def made(code: str, **cells: Any) -> dict[str, Any]:
    return shintatsu.record({**EVERYTHING, "todoke_code": code, **cells})


@pytest.mark.parametrize("case", ITEMS, ids=[f"{c['届書']} {codes('todoke')[c['届書'] or '']}" for c in ITEMS])
def test_届書に入る項目(case: dict[str, str | None]) -> None:
    code = case["届書"] or ""
    record = made(code)
    filled = {name for name, value in record.items() if value is not None}
    wanted = ALWAYS | {"kiso_nenkin_no"} | {SAID[word] for word in (case["入る項目"] or "").split()}
    assert filled == wanted
    assert record["youshiki_code"] == f"9{code}0000"
    assert list(record) == ["kojin_id" if name == "kojin_no" else name for name in COLUMNS]


def test_届書はどれも報告の表にある() -> None:
    assert [c["届書"] for c in ITEMS] == sorted(todoke())


# 本人を示す番号。死亡届は基礎年金番号に限る（規則第4条）
NUMBERS = kit.table("""
| 事例                         | 届書 | 基礎年金番号 | 個人番号 | 入る番号     |
|------------------------------|------|--------------|----------|--------------|
| 両方分かる                   | 01   | ある         | ある     | 基礎年金番号 |
| 基礎年金番号だけ             | 01   | ある         |          | 基礎年金番号 |
| 個人番号だけ                 | 01   |              | ある     | 個人番号     |
| 喪失届、個人番号だけ         | 02   |              | ある     | 個人番号     |
| 死亡届、両方分かる           | 06   | ある         | ある     | 基礎年金番号 |
| 死亡届、個人番号だけ         | 06   |              | ある     |              |
| どちらも分からない           | 41   |              |          |              |
""")


@pytest.mark.parametrize("case", NUMBERS, ids=[str(c["事例"]) for c in NUMBERS])
def test_本人を示す番号(case: dict[str, str | None]) -> None:
    kiso, number = ("3100000001" if case["基礎年金番号"] else None), (5 if case["個人番号"] else None)
    row = {**EVERYTHING, "todoke_code": case["届書"], "kiso_nenkin_no": kiso, "kojin_id": number}
    record = shintatsu.record(row)
    found = {name for name, item in (("基礎年金番号", "kiso_nenkin_no"), ("個人番号", "kojin_id")) if record[item] is not None}
    assert found == {case["入る番号"]} - {None}
    assert any(p.said == shintatsu.UNIDENTIFIED and p.holds for p in shintatsu.points(row, record)) == (not found)


# 始期と終期。書かれたとおりか、届書から決まるもの
MONTHS = kit.table("""
| 事例                               | 届書 | 免除年度 | 始期    | 終期    | 該当       | 記録の始期 | 記録の終期 |
|------------------------------------|------|----------|---------|---------|------------|------------|------------|
| 書かれたとおり                     | 41   | 2026     | 2026-09 | 2027-03 |            | 2026-09    | 2027-03    |
| 免除年度だけ                       | 41   | 2026     |         |         |            | 2026-07    | 2027-06    |
| 始期だけ、年度の途中               | 41   | 2026     | 2026-12 |         |            | 2026-12    | 2027-06    |
| 始期だけ、年明け                   | 41   | 2026     | 2027-02 |         |            | 2027-02    | 2027-06    |
| 学生、年度だけ                     | 42   | 2026     |         |         |            | 2026-04    | 2027-03    |
| 学生、年明けから                   | 42   | 2025     | 2026-01 |         |            | 2026-01    | 2026-03    |
| 終期だけ                           | 41   | 2026     |         | 2026-12 |            | 2026-07    | 2026-12    |
| どれもない                         | 41   |          |         |         |            |            |            |
| 法定免除、該当の前月から           | 31   |          |         |         | 2026-11-05 | 2026-10    |            |
| 法定免除、1月の前月は前年12月      | 31   |          |         |         | 2026-01-31 | 2025-12    |            |
| 法定免除、書かれたとおり           | 31   |          | 2026-08 |         | 2026-11-05 | 2026-08    |            |
| 産前産後、書かれたとおり           | 33   |          | 2026-09 | 2026-12 | 2026-10-15 | 2026-09    | 2026-12    |
| 育児、書かれたものだけ             | 34   |          |         |         | 2026-10-15 |            |            |
""")


def month(text: str | None) -> date | None:
    return date.fromisoformat(f"{text}-01") if text else None


@pytest.mark.parametrize("case", MONTHS, ids=[str(c["事例"]) for c in MONTHS])
def test_期間(case: dict[str, str | None]) -> None:
    record = made(
        case["届書"] or "", menjo_year=int(case["免除年度"]) if case["免除年度"] else None, menjo_from_month=month(case["始期"]),
        menjo_to_month=month(case["終期"]), gaitou_on=kit.day(case["該当"]), nendo_from=4 if case["届書"] == "42" else 7,
    )  # fmt: skip
    assert (record["from_month"], record["to_month"]) == (month(case["記録の始期"]), month(case["記録の終期"]))


# 免除種類を書かない届書は、その届書の種類
@pytest.mark.parametrize(
    ("code", "said", "wanted"),
    [("31", None, "10"), ("33", None, "50"), ("34", None, "60"), ("41", "30", "30"), ("41", None, None)],
)
def test_免除種類(code: str, said: str | None, wanted: str | None) -> None:
    assert made(code, menjo_code=said)["menjo_code"] == wanted


def test_職権の報告は備考に書く() -> None:
    record = made("02", uketsuke_id=None, idou_approval_id=7, jiyu_code="52")
    assert (record["bikou"], record["jiyu_code"]) == ("職権", "52")
    assert made("02")["bikou"] is None


# 論理チェック。保留は出さず、確認は人が見る
POINTS = kit.table("""
| 事例                             | 届書 | 違い                               | 結果 | 言うこと |
|----------------------------------|------|------------------------------------|------|----------|
| 何もない                         | 01   |                                    |      |          |
| 必要な項目がない                 | 01   | missing=該当年月日                 | 保留 | 必要な項目がない（該当年月日） |
| 番号の不足は宛名で補う           | 02   | missing=個人番号又は基礎年金番号   |      |          |
| 突合1の指摘                      | 01   | findings=氏名フリガナの空白        | 確認 | 氏名フリガナの空白 |
| 該当が生年月日より前             | 01   | gaitou_on=1989-12-31               | 確認 | 該当年月日が生年月日より前 |
| 該当が受理の後                   | 01   | gaitou_on=2026-11-11               | 確認 | 該当年月日が受理年月日より後 |
| 該当が受理の日                   | 01   | gaitou_on=2026-11-10               |      |          |
| 出産予定日は受理の後でよい       | 33   | gaitou_on=2026-12-20               |      |          |
| 任意加入は先の日でよい           | 07   | gaitou_on=2026-12-01               |      |          |
| 死亡が受理の後                   | 06   | shibou_on=2026-11-11               | 確認 | 死亡年月日が受理年月日より後 |
| 死亡が生年月日より前             | 06   | shibou_on=1989-01-01               | 確認 | 死亡年月日が生年月日より前 |
| 初診日が生年月日より前           | 52   | shoshin_on=1980-01-01              | 確認 | 初診日が生年月日より前 |
| 終期が始期より前                 | 41   | menjo_to_month=2026-06-01          | 確認 | 終期が始期より前 |
| 届書にない項目は見ない           | 02   | shoshin_on=1980-01-01              |      |          |
| 個人番号で報告                   | 01   | kiso_nenkin_no=                    | 確認 | 基礎年金番号が分からない（個人番号で報告する） |
| 突合1の点検がまだ                | 01   | unchecked=はい                     | 保留 | 突合1 の点検がまだ済んでいない |
| 支援措置の世帯                   | 01   | shien_flag=はい                    | 確認 | 支援措置対象者の世帯（紙には住所を出さない） |
""")


def typed(item: str, text: str) -> Any:
    if item in ("missing", "findings"):
        return [text]
    if item in ("shien_flag", "unchecked"):
        return bool(text)
    return date.fromisoformat(text) if text and item.endswith(("_on", "_month")) else text or None


@pytest.mark.parametrize("case", POINTS, ids=[str(c["事例"]) for c in POINTS])
def test_論理チェック(case: dict[str, str | None]) -> None:
    item, _, text = (case["違い"] or "").partition("=")
    row = {**EVERYTHING, "todoke_code": case["届書"], **({item: typed(item, text)} if item else {})}
    found = shintatsu.points(row, shintatsu.record(row))
    assert [(("保留" if p.holds else "確認"), p.said) for p in found] == (
        [(case["結果"], case["言うこと"])] if case["結果"] else []
    )
