"""Write the generated parts of the documents: ``python tools/write_docs.py`` (``--check`` only says what is out of date).

The error table of docs/手順書.md comes from mappings/errors.yaml, GLOSSARY.md from mappings/terms.yaml.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANUAL, GLOSSARY = ROOT / "docs" / "手順書.md", ROOT / "GLOSSARY.md"
BEGIN, END = "<!-- 誤り一覧: ここから（tools/write_docs.py が作る） -->", "<!-- 誤り一覧: ここまで -->"
#: class -> (who mends it, exit status of the command line)
WHO = {"SourceError": ("提供元", 10), "DefinitionError": ("開発担当", 11), "Refused": ("操作者・承認者", 12), "Unavailable": ("運用担当", 13)}


def error_table() -> str:
    """All codes of the catalogue in order of number: code, sentence, who mends it (exit status), what to do."""
    from etl.core.errors import catalogue

    rows = ["| 番号 | 画面に出る文 | 直す人（終了コード） | すること |", "|---|---|---|---|"]
    for code, entry in sorted(catalogue().items()):
        who, status = WHO[entry["who"]]
        rows.append(f"| {code} | {entry['sentence']} | {who}（{status}） | {entry['remedy']} |")
    return "\n".join(rows)


def manual() -> str:
    """The 手順書 with today's error table between its two marks."""
    text = MANUAL.read_text(encoding="utf-8")
    return re.sub(f"(?s){re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n\n{error_table()}\n\n{END}", text)


def generated() -> dict[Path, str]:
    """Every document with a generated part, as it should be."""
    from etl.core.mapping import terms

    return {MANUAL: manual(), GLOSSARY: terms.page()}


def main() -> int:
    sys.path.insert(0, str(ROOT))
    old = {path: text for path, text in generated().items() if not path.exists() or path.read_text(encoding="utf-8") != text}
    for path, text in old.items():
        print(path.relative_to(ROOT))
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
    return 1 if old and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
