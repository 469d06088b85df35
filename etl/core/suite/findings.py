"""Findings: the outcomes of a suite, as values and as a page. Counts only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from etl.core.mapping.layout import layouts
from etl.core.suite.acceptance import Severity


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: ``checked`` rows were examined, ``unexpected`` of them are not as expected."""

    dataset: str
    expectation: str
    label: str
    severity: Severity
    passed: bool
    checked: int
    unexpected: int


def page(about: Iterable[str], files: Iterable[tuple[str, Sequence[Finding]]]) -> str:
    """A page of its own in HTML: no script, no outside asset, no value; the same findings give the same bytes. ``about``: the lines on top (the
    job, the day, the run); ``files``: name of each file with its findings."""
    head = "".join(f"<p>{escape(line)}</p>\n" for line in about)
    return _PAGE.replace("{sections}", head + "".join(_section(name, found) for name, found in files if found))


def _section(name: str, findings: Sequence[Finding]) -> str:
    rows = "".join(
        f'<tr class="{"" if f.passed else f.severity}"><td>{escape(f.label)}</td><td>{KIND[f.severity]}</td>'
        f"<td>{'適' if f.passed else '否'}</td><td>{f.checked:,}</td><td>{f.unexpected:,}</td></tr>\n"
        for f in findings
    )
    head = "<tr><th>検証項目</th><th>区分</th><th>結果</th><th>確認件数</th><th>該当件数</th></tr>\n"
    return f"<h2>{escape(layouts()[findings[0].dataset].title)}　{escape(name)}</h2>\n<table>\n{head}{rows}</table>\n"


KIND = {"fail": "停止", "warn": "注意"}
_PAGE = """<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="utf-8">
<title>検証結果</title>
<style>
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { border: 1px solid #999; padding: 0.2em 0.8em; text-align: left; }
td:nth-child(n+4) { text-align: right; }
tr.warn { background: #fff3c4; }
tr.fail { background: #ffd0d0; }
</style>
</head>
<body>
<h1>検証結果</h1>
<p>件数だけを示します。「停止」が否のとき、ファイルは取り込まれません（出力は止まります）。「注意」は確認のうえ処理を続けます。</p>
{sections}</body>
</html>
"""
