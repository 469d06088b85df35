"""The rule book is made from the tests as they are written: no table is left out, nothing is run, engineers' English stays behind."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import rulebook  # noqa: E402

MODULE = '''"""料理: 何をいつ出すか。"""
raise SystemExit("never run")
# 「冷」は冷たい皿
MENU = kit.table("""
| 事例       | 皿          | 結果     | 打つもの          |
|------------|-------------|----------|-------------------|
| 夏_昼      | name=冷     | accepted | run x --period 1  |
""")
#: in English, for whoever changes this
MORE = kit.table("""
| 事例 | 結果 |
|------|------|
| 冬   | wait |
""")


@pytest.mark.parametrize("case", MENU)
def test_夏は冷たいものを出す(case): ...


@pytest.mark.parametrize("how", ["雨", "雪"])
def test_客が来なければ_出さない(how):
    """Said in English."""


def test_冬は待つ():
    assert MORE
'''


def test_a_module_is_a_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_dishes.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(rulebook, "RULES", tmp_path)
    assert (
        rulebook.page().removeprefix(rulebook.HEAD).strip()
        == f"""## 1. そのほか

### 1.1 料理

何をいつ出すか。

（{(tmp_path / "test_dishes.py").relative_to(tmp_path.parents[1]).as_posix()}）

- 客が来なければ、出さない（雨、雪）

#### 夏は冷たいものを出す

「冷」は冷たい皿

| 事例 | 皿 | 結果 | 打つもの |
| --- | --- | --- | --- |
| 夏、昼 | 氏名=冷 | 受理 | `run x --period 1` |

#### 冬は待つ

| 事例 | 結果 |
| --- | --- |
| 冬 | 待ち |"""
    )


def test_every_table_of_the_rules_is_in_the_book() -> None:
    tables = sum(path.read_text(encoding="utf-8").count("= kit.table(") for path in rulebook.RULES.glob("test_*.py"))
    assert len(re.findall(r"^\|(?: --- \|)+$", rulebook.page(), flags=re.M)) == tables


def test_every_chapter_begins_in_japanese() -> None:
    heads = re.findall(r"^#{2,4} (.+)\n\n(.*)", rulebook.page(), flags=re.M)
    assert heads and not [title for title, _ in heads if not rulebook.JAPANESE.search(title)]
