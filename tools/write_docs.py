"""Write the generated parts of the documents: ``python tools/write_docs.py`` (``--check`` only says what is out of date).

Between two marks of docs/手順書.md stands a table of the catalogue of errors, of the registries (jobs, approvals, transfers) or of the words
of the chain of records; GLOSSARY.md comes from mappings/terms.yaml, docs/promises.md from mappings/promises.yaml, docs/規則.md
from the tests of tests/rules, docs/licences.md from the lock and the environment.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MANUAL, GLOSSARY, PROMISES, RULES = (
    ROOT / "docs" / "手順書.md",
    ROOT / "GLOSSARY.md",
    ROOT / "docs" / "promises.md",
    ROOT / "docs" / "規則.md",
)
LICENCES = ROOT / "docs" / "licences.md"
#: class -> (who mends it, exit status of the command line)
WHO = {
    "SourceError": ("提供元", 10),
    "DefinitionError": ("開発担当", 11),
    "Refused": ("操作者・承認者", 12),
    "Unavailable": ("運用担当", 13),
}
PERIODS = {"day": "業務日", "month": "月"}
KEPT = {"file": "ファイル", "staging": "受入中の行", "quarantine": "隔離", "rows": "行"}
MEDIA = {"sftp": "連携基盤（SFTP）", "flash": "フラッシュメモリ（暗号化）", "cd-r": "CD-R（暗号化）"}


def _table(heads: str, rows: Iterable[tuple[object, ...]]) -> str:
    names = heads.split()
    return "\n".join(
        [f"| {' | '.join(names)} |", "|---" * len(names) + "|", *(f"| {' | '.join(map(str, row))} |" for row in rows)]
    )


def errors() -> str:
    """All codes of the catalogue in order of number: code (and the word by which a 隔離 row is told), sentence, who mends it, what to do."""
    from etl.core.codec.kinds import KINDS
    from etl.core.errors import catalogue

    words = {number: f"<br>`{kind}`" for kind, number in KINDS.items()}
    rows = [
        (code + words.get(code, ""), e["sentence"], "{}（{}）".format(*WHO[e["who"]]), e["remedy"])
        for code, e in sorted(catalogue().items())
    ]
    return _table("番号 画面に出る文 直す人（終了コード） すること", rows)


def jobs() -> str:
    """The jobs in the order of the registries: what each reads or sends, by title and folder."""
    from etl.core.mapping import registry
    from etl.core.mapping.layout import layouts

    rows = []
    for job in registry.jobs().values():
        datasets = job.reads or [row.dataset for row in registry.sent_by(job.name)]
        about = "<br>".join(f"{layouts()[d].title} `{'inbox' if job.reads else 'outbox'}/{d}/`" for d in datasets)
        what = "読む: " if job.reads else "出す: " if job.sends else "何も受け取らず、出さない"
        rows.append((f"`{job.name}`", job.title, PERIODS[job.period], what + about))
    return _table("業務 名称 期間 読むもの・出すもの", rows)


def approvals() -> str:
    """The kinds that a second person decides: what, and until when."""
    from etl.core.mapping import registry

    rows = []
    for kind, about in registry.approvals().items():
        kept = f"（{KEPT[about.days_of.partition('.')[2]]}の保管期間）" if about.days_of else ""
        rows.append((f"`{kind}`", about.label, about.what, f"{about.term}日{kept}"))
    return _table("種類 名称 何を 期限", rows)


def operations() -> str:
    """The words of the chain of records."""
    from etl.core.states import Operation

    return "、".join(Operation) + "。"


def transfers() -> str:
    """What leaves: to whom, on which ground, for what, by which medium, which items."""
    from etl.core.mapping.layout import leaving
    from etl.core.mapping.transfers import transfers as registered

    rows = []
    for row in registered().values():
        labels = leaving()[row.dataset].labels
        items = "・".join(labels.get(item, item) for item in row.items)
        rows.append((row.id, row.kind, row.recipient, "<br>".join(row.basis), row.purpose, items, MEDIA[row.channel.kind]))
    return _table("番号 種類 あて先 根拠 目的 許された項目 渡し方", rows)


#: name of the marks -> what stands between them
PARTS: dict[str, Callable[[], str]] = {
    "業務": jobs, "承認の種類": approvals, "記録の操作": operations, "外へ出るもの": transfers, "誤り一覧": errors,
}  # fmt: skip


def manual() -> str:
    """The 手順書 with each part between its two marks as it is today; ValueError unless each part has its marks once."""
    text = MANUAL.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        begin, end = f"<!-- {name}: ここから（tools/write_docs.py が作る） -->", f"<!-- {name}: ここまで -->"
        before, _, after = re.split(f"({re.escape(begin)}(?s:.*?){re.escape(end)})", text)  # ValueError unless there once
        text = f"{before}{begin}\n\n{part()}\n\n{end}{after}"
    return text


def generated() -> dict[Path, str]:
    """Every document with a generated part, as it should be."""
    from etl.core.mapping import promises, terms
    from tools import licences, rulebook

    return {
        MANUAL: manual(), GLOSSARY: terms.page(), PROMISES: promises.page(), RULES: rulebook.page(), LICENCES: licences.page(),
    }  # fmt: skip


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
