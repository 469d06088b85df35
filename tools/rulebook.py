"""規則: the rule book, docs/規則.md, from the tests of ``tests/rules`` as they are written (read by ast, never run).

A module is a chapter: its docstring is title and introduction. A test with a pipe table is a section with that table and what a comment above it
says in Japanese; a test without one is a rule of one line, its name. What is written in English is for engineers and stays in the tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES = Path(__file__).resolve().parents[1] / "tests" / "rules"
#: part -> its chapters, in the order of a record's way; a module that is not here stands in the last part
PARTS: dict[str, tuple[str, ...]] = {
    "受領": ("sequence", "arrival", "late", "late_zenken", "files", "misnamed", "form", "kekka_files", "counts", "staging"),
    "対象者と履歴": ("scope", "history", "secret"),
    "受付": ("uketsuke",),
    "異動と資格": ("idou", "kasanari", "worklist"),
    "照会と審査": ("shoukai", "shotoku_shoukai", "shotoku", "horyuu", "shinsa", "shinseisho"),
    "処理結果": ("totsugo", "totsugo_causes", "totsugo_again", "totsugo_lists", "touroku"),
    "承認": ("approval", "approval_keys"),
    "進達": ("shintatsu_nagare", "shintatsu_kiroku", "shintatsu_kouho", "shintatsu_joutai", "shintatsu_ato", "shintatsu_meirei"),
    "外へ出すもの": ("months", "versions", "door"),
    "職員": ("shokuin_touroku", "shokuin_torikomi", "shokuin_login", "shokuin_tenken", "shokuin_meirei"),
    "命令": ("cli",),
}
REST = "そのほか"
HEAD = """# 規則

このシステムが何をどう決めるかを、試験（`tests/rules`）のとおりに書いたものです。表の1行が1つの事例で、試験はこの表をそのまま読んで確かめます。
この頁は試験から作ります（tools/write_docs.py）。直すときは試験を直してください。なぜそう決めたかは [spec.md](spec.md) と [decisions.md](decisions.md) に、
事由や種別などの番号の意味は `mappings/codes/` に、NP- で始まる番号の意味は [手順書](手順書.md) の11章にあります。
"""
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
SENTENCE = re.compile(r"[ぁ-ん]")
WORD = re.compile(r"(?<![\w.])[A-Za-z][a-z][a-z0-9_]+(?!\w)")
#: words of the tables that are no items of a record
WORDS = {
    "accept": "受理", "accepted": "受理", "wait": "待ち", "waiting": "待ち", "refuse": "拒否", "refused": "拒否", "overdue": "超過",
    "matched": "一致", "differs": "不一致", "expected_without_intake": "職権等", "unexplained": "受付不明", "returned": "返戻", "duplicate": "重複",
    "not_sent": "未進達",
    "loss": "喪失", "correct": "訂正", "undo": "取消し", "approved": "承認", "withdrawn": "取下げ", "superseded": "失効", "None": "未決", "true": "有",
    "kekka_code": "処理結果", "kekka_kihon": "年金基本を作る", "kekka_shutoku": "資格を作る", "kekka_soushitsu": "資格を閉じる", "kekka_shubetsu": "種別を変える",
    "kekka_fuka": "付加に加入", "kekka_fuka_dattai": "付加を脱退", "kekka_menjo": "免除を決定", "kekka_menjo_shoumetsu": "免除を消滅",
    "kekka_menjo_kyakka": "却下を記録", "kekka_saitei": "裁定結果を記録",
    "saitei_rorei": "老齢裁定受付", "saitei_shogai": "障害裁定受付", "saitei_izoku": "遺族裁定受付", "saitei_rofuku": "老齢福祉裁定受付",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A pipe table of a module: its lines, and what stands above it."""

    legend: str
    lines: tuple[str, ...]


def page() -> str:
    """docs/規則.md."""
    there = {path.stem.removeprefix("test_"): path for path in sorted(RULES.glob("test_*.py"))}
    named = {name for names in PARTS.values() for name in names}
    parts = {title: [n for n in names if n in there] for title, names in PARTS.items()} | {
        REST: [n for n in there if n not in named]
    }
    lines = [HEAD]
    for number, (title, names) in enumerate(((t, n) for t, n in parts.items() if n), 1):
        lines.append(f"## {number}. {title}\n")
        for nth, name in enumerate(names, 1):
            lines += _chapter(there[name], f"{number}.{nth}")
    return "\n".join(lines)


def _chapter(path: Path, number: str) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    title, _, said = (ast.get_docstring(tree) or path.stem).partition(": ")
    yield f"### {number} {title}\n"
    yield f"{said.strip()}\n\n（{path.relative_to(RULES.parents[1]).as_posix()}）\n"
    tables, tests = _tables(tree, source), [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    shown: set[str] = set()
    plain, sections = [], []
    for test in tests:
        used = [n.id for n in ast.walk(test) if isinstance(n, ast.Name) and n.id in tables and n.id not in shown]
        shown.update(used)
        if used:
            sections.append((test, [tables[name] for name in dict.fromkeys(used)]))
        else:
            plain.append(f"- {_title(test)}{_cases(test, tree)}")
    if plain:
        yield "\n".join(plain) + "\n"
    for test, of_it in sections:
        yield f"#### {_title(test)}\n"
        yield from map(_markdown, of_it)


def _title(test: ast.FunctionDef) -> str:
    """The name of a test as a sentence: each underscore is a pause (``_end``: the file of that name)."""
    return test.name.removeprefix("test_").replace("_end", "、.end ").replace("_", "、")


def _cases(test: ast.FunctionDef, tree: ast.Module) -> str:
    """The cases that the test is given by name: strings in Japanese, or the keys of a dict of the module."""
    named = {t.id: a.value for a in tree.body if isinstance(a, ast.Assign) for t in a.targets if isinstance(t, ast.Name)}
    given = [
        a
        for d in test.decorator_list
        if isinstance(d, ast.Call)
        for a in (*d.args[1:], *(k.value for k in d.keywords if k.arg == "ids"))
    ]
    nodes = [named.get(node.id) if isinstance(node, ast.Name) else node for node in given]
    texts = [
        x
        for node in nodes
        for x in (node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.List) else [])
    ]
    names = [x.value for x in texts if isinstance(x, ast.Constant) and isinstance(x.value, str) and JAPANESE.search(x.value)]
    return f"（{'、'.join(names)}）" if names else ""


def _tables(tree: ast.Module, source: str) -> dict[str, Table]:
    """Name -> the table that ``kit.table`` makes of a text; the comment lines right above it, if they are Japanese, are its legend."""
    lines, found = source.splitlines(), {}
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Attribute(attr="table"), args=[ast.Constant(value=str(text))]),
            ):
                above = node.lineno - 1
                while above and lines[above - 1].startswith("#"):
                    above -= 1
                legend = "\n".join(line.lstrip("#: ") for line in lines[above : node.lineno - 1])
                found[name] = Table(legend if SENTENCE.search(legend) else "", tuple(text.strip().splitlines()))
    return found


def _markdown(table: Table) -> str:
    """The table without the spaces that align it in the source."""
    heads, _, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.lines]
    cells = [heads, ["---"] * len(heads), *([_cell(c) for c in row] for row in rows)]
    legend = [table.legend, ""] if table.legend else []
    return "\n".join([*legend, *(f"| {' | '.join(row)} |" for row in cells)]) + "\n"


def _cell(text: str) -> str:
    """Items and words by their Japanese names when the cell has no others; what is typed stands as it is typed."""
    known = _words()
    told = WORD.findall(text)
    if " --" in text or (text.isascii() and not all(word in known for word in told)):
        return f"`{text}`"
    if all(word in known for word in told):
        text = WORD.sub(lambda m: known[m[0]], text)
    return re.sub(r"([*<])", r"\\\1", text.replace("_", "、"))


@cache
def _words() -> dict[str, str]:
    from etl.core.mapping.terms import terms

    return {t.code: t.term for rows in terms().values() for t in rows} | WORDS
