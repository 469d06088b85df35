"""The words of the house: ``mappings/terms.yaml`` as rows, and as the page ``GLOSSARY.md``.

``python -m etl.core.mapping.terms > GLOSSARY.md``
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from etl.core.errors import DefinitionError
from etl.core.mapping.fields import Frozen
from etl.core.mapping.layout import layouts, read_page
from etl.definitions import MAPPINGS

_HEAD = """# 用語集 Glossary

Generated from `mappings/terms.yaml`; change the words there. Nouns of the law are Japanese in Latin letters, verbs and shapes English.
Suffixes: `_no` identifier as text, `_code` and `_kbn` with a list in `mappings/codes/`, `_on` day, `_at` time, `_yen` yen, `_year` 年度,
`_flag` yes or no.
"""
_TITLES = {"words": "業務の言葉 Words of the domain", "items": "項目 Items of the records"}


class Term(Frozen):
    """One word: Japanese, its reading in hiragana, its name in code, an English gloss, its source."""

    term: str
    reading: str
    code: str
    gloss: str
    source: str


@cache
def terms(path: Path = MAPPINGS / "terms.yaml") -> dict[str, tuple[Term, ...]]:
    """section -> rows. DefinitionError NP-1101 for a row that is not whole or a code name that stands twice."""
    found: dict[str, tuple[Term, ...]] = read_page(path, dict[str, tuple[Term, ...]])
    names = [t.code for rows in found.values() for t in rows]
    if doubled := sorted({n for n in names if names.count(n) > 1}):
        raise DefinitionError("NP-1101", file=path.name, why=f"code name twice: {', '.join(doubled)}")
    return found


def missing() -> list[str]:
    """Field names of the mappings that have no term."""
    known = {t.code for rows in terms().values() for t in rows}
    return sorted({f.name for x in layouts().values() for r in x.records for f in r.fields} - known)


def page() -> str:
    """GLOSSARY.md: one table per section, by reading."""
    lines = [_HEAD]
    for section, rows in terms().items():
        lines += [f"\n## {_TITLES.get(section, section)}\n", "| 用語 | 読み | code | English | 出典 |", "|---|---|---|---|---|"]
        lines += [
            f"| {t.term} | {t.reading} | `{t.code}` | {t.gloss} | {t.source} |" for t in sorted(rows, key=lambda t: t.reading)
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
