"""期日の表: 条文ごとに一つ、適用の日から、単位を取り違えない。法律が変わればこの表だけを直す。"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.core.errors import DefinitionError
from etl.core.law.kijitsu import kijitsu
from etl.definitions import DEFINITIONS, MAPPINGS, SQL
from etl.ichiran import kinds

PAGE = MAPPINGS / "kijitsu.yaml"
DAY = date(2025, 9, 30)


def test_適用の日から次の数になる() -> None:
    assert [kijitsu().age("yuyo", day) for day in (date(2016, 6, 30), date(2016, 7, 1), date(2035, 6, 30))] == [30, 50, 50]


def test_終わりの日の後は数がない() -> None:
    assert [kijitsu().holds("yuyo", day) for day in (date(2035, 6, 30), date(2035, 7, 1))] == [True, False]
    with pytest.raises(LookupError, match="ended on 2035-06-30"):
        kijitsu().age("yuyo", date(2035, 7, 1))


def test_単位を取り違えると断られる() -> None:
    assert kijitsu().years("shinsei_sokyuu", DAY) == 2
    with pytest.raises(ValueError, match="said in years, asked for in days"):
        kijitsu().days("shinsei_sokyuu", DAY)


def test_表の行はすき間なく並ぶ() -> None:
    rows = [(r.from_on, r.until_on, r.amount) for r in kijitsu().rows() if r.name == "yuyo"]
    assert rows == [(date.min, date(2016, 6, 30), 30), (date(2016, 7, 1), date(2035, 6, 30), 50)]


GOOD = {"name": "a", "amount": 1, "unit": "days", "article": "架空法第1条", "from": None}
BAD: dict[str, list[dict[str, Any]]] = {
    "条文がない": [{k: v for k, v in GOOD.items() if k != "article"}], "適用の日が書かれていない": [{k: v for k, v in GOOD.items() if k != "from"}],
    "知らない単位": [{**GOOD, "unit": "weeks"}], "数でない": [{**GOOD, "amount": "多い"}], "負の数": [{**GOOD, "amount": -1}],
    "知らない項目": [{**GOOD, "note": "架空"}], "初めの数に適用の日がある": [{**GOOD, "from": date(2020, 1, 1)}], "二度書かれている": [GOOD, GOOD],
    "途中で単位が変わる": [GOOD, {**GOOD, "from": date(2020, 1, 1), "unit": "months"}],
    "始まる前に終わる": [GOOD, {**GOOD, "from": date(2020, 1, 1), "until": date(2019, 12, 31)}],
    "順でない": [GOOD, {**GOOD, "from": date(2021, 1, 1)}, {**GOOD, "from": date(2020, 1, 1)}],
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_整わない表は断られる(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "kijitsu.yaml"
    path.write_text(yaml.safe_dump(BAD[bad], allow_unicode=True), encoding="utf-8")
    with pytest.raises(DefinitionError, match="NP-1101"):
        kijitsu(path)


def test_文の使う名は表にある() -> None:
    used = {
        name
        for p in SQL.rglob("*.sql")
        if "schema" not in p.parts  # what stands there may be replaced since: tests/sql/test_names.py asks the database
        for call in re.findall(r"kijitsu_on\(([^)]*)\)", p.read_text(encoding="utf-8"))
        for name in re.findall(r"'(\w{3,})'", call)
    }
    assert used and used <= set(kijitsu().entries)


def test_一覧の注記の日数は表のもの() -> None:
    notes = "".join(note for kind in kinds().values() for note in kind.notes)
    assert set(re.findall(r"受理の日から(\d+)日", notes)) == {str(kijitsu().days("shintatsu", DAY))}
    assert set(re.findall(r"進達から(\d+)日", notes)) == {str(kijitsu().days("kekka_choka", DAY))}


def changed(folder: Path, **amounts: int) -> dict[str, str]:
    """The environment of an installation whose law says these numbers, and all else as here."""
    for name in ("mappings", "expectations", "sql"):
        shutil.copytree(DEFINITIONS / name, folder / name)
    page = [
        {**entry, "amount": amounts.get(entry["name"], entry["amount"])}
        for entry in yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    ]
    (folder / "mappings" / "kijitsu.yaml").write_text(yaml.safe_dump(page, allow_unicode=True), encoding="utf-8")
    return {**os.environ, "KOKUNEN_DEFINITIONS": str(folder)}


LOST = 'from datetime import date; from etl.core.law.soushitsu import Shikaku; print(Shikaku("a", date(1985, 4, 1)).ends_on(date(1965, 4, 2), date(2025, 9, 30)))'


def test_年齢が変われば喪失の日も変わる(tmp_path: Path) -> None:
    said = [
        subprocess.run([sys.executable, "-c", LOST], env=env, cwd=DEFINITIONS, check=True, capture_output=True, text=True).stdout.strip()
        for env in (os.environ, changed(tmp_path, soushitsu=61))
    ]  # fmt: skip
    assert said == ["2025-04-01", "2026-04-01"]
