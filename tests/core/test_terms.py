"""One word per thing: every field has a term, every term one code name, and the glossary is the page of today's terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.core.errors import DefinitionError
from etl.core.mapping import terms

ROOT = Path(__file__).resolve().parents[2]


def test_全ての項目に用語がある() -> None:
    assert terms.missing() == []


def test_用語集は今の用語から作られている() -> None:
    assert (ROOT / "GLOSSARY.md").read_text(encoding="utf-8") == terms.page()


def test_読みはひらがな() -> None:
    rows = [t for section in terms.terms().values() for t in section]
    assert all(all("ぁ" <= c <= "ゖ" or c == "ー" for c in t.reading) for t in rows)


@pytest.mark.parametrize(
    "text", ["words: [{term: 異動}]", "words: 異動", "a: &x [{term: a, reading: a, code: a, gloss: a, source: a}]\nb: *x"]
)
def test_欠けた用語や同じ名前は拒む(tmp_path: Path, text: str) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError):
        terms.terms(path)
