"""約束と根拠: P1–P98 are whole and in order, each in a part of the 評価書; statutes have one name each. Anything else is refused (NP-1101)."""

from __future__ import annotations

from pathlib import Path

import kit
import pytest

from etl.core.errors import DefinitionError
from etl.core.mapping.promises import LAST, promises
from etl.core.mapping.statutes import statutes
from etl.definitions import MAPPINGS

WRONG = kit.table("""
| 事例                     | 頁       | 元                           | 誤り                      | 名指し                |
|--------------------------|----------|------------------------------|---------------------------|-----------------------|
| 番号が抜けている         | promises | no: 53,                      | no: 99,                   | not 1 to 98           |
| 番号が二度ある           | promises | no: 53,                      | no: 52,                   | not 1 to 98           |
| 評価書に無い箇所         | promises | [Ⅲ-2 リスク3], kept: i       | [Ⅶ-2 リスク3], kept: i    | no part of the 評価書 |
| 知らない守り方           | promises | kept: implemented            | kept: mostly              | Input should be       |
| 約束の文が無い           | promises | promise: 必要な地方税        | pledge: 必要な地方税      | Field required        |
| 実装なのに示すものが無い | promises | [Ⅱ-3⑤], kept: organisational | [Ⅱ-3⑤], kept: implemented | but where             |
| 今後なのに何が無いか無い | promises | [Ⅱ-3⑤], kept: organisational | [Ⅱ-3⑤], kept: later       | what is missing       |
| 同じ略称が二つ           | statutes | short: [令]                  | short: [法]               | name twice            |
| 知らないキー             | statutes | short: [令]                  | abbr: [令]                | Extra inputs          |
""")


@pytest.mark.parametrize("case", WRONG, ids=lambda c: c["事例"])
def test_誤った頁は拒む(tmp_path: Path, case: dict[str, str]) -> None:
    path = tmp_path / f"{case['頁']}.yaml"
    text = (MAPPINGS / path.name).read_text(encoding="utf-8")
    assert case["元"] in text
    path.write_text(text.replace(case["元"], case["誤り"], 1), encoding="utf-8")
    with pytest.raises(DefinitionError, match="NP-1101") as refused:
        {"promises": promises, "statutes": statutes}[case["頁"]](path)
    assert case["名指し"] in str(refused.value)


def test_約束は98あり_名は長いものから引く() -> None:
    assert len(promises()) == LAST == 98
    names = statutes().names
    assert names.index("国民年金法施行規則") < names.index("国民年金法") < names.index("法")


@pytest.mark.parametrize(
    ("section", "there"), [("Ⅱ-3⑧", True), ("Ⅲ-2 リスク1", True), ("別添2", True), ("Ⅶ-1", False), ("Ⅱ", False), ("", False)]
)
def test_評価書の箇所(section: str, there: bool) -> None:
    assert statutes().hyoukasho.has(section) is there
