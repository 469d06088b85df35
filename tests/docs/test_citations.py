"""Every citation leads somewhere: what a statement, a mapping, a word or a comment rests on can be opened by whoever reads the repository.

A ground is a statute (``mappings/statutes.yaml``), a part of the 評価書, a promise (P53), a fault (F16, I5), a chapter of the specification (spec 4)
or a heading of a page (``decisions, Scope``; also a bold beginning of a paragraph or the first cell of a table).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.core.mapping.layout import layouts
from etl.core.mapping.promises import promises
from etl.core.mapping.statutes import statutes

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("etl", "dags", "city", "demo", "tools", "tests", "benchmarks", "sql", "mappings", "expectations", "docs")
PAGES = {name: ROOT / "docs" / f"{name}.md" for name in ("spec", "decisions", "faults", "interfaces")} | {
    "architecture": ROOT / "ARCHITECTURE.md"
}
CITED = re.compile(r"\b(decisions|faults|interfaces|architecture), (?=[A-Z0-9\u3000-\u9fff])(.*)")
INVENTED = "架空法"  # of a test that a wrong page is refused
KANJI = re.compile(r"[\u4e00-\u9fff\u30a1-\u30fa々ー]")


@cache
def page(name: str) -> str:
    return PAGES[name].read_text(encoding="utf-8")


@cache
def headings(name: str) -> tuple[str, ...]:
    return tuple(
        h for found in re.findall(r"^#+ (.+)$|^\*\*(.+?)\.?\*\*|^\| `?([^|`]+?)`? \|", page(name), flags=re.M) for h in found if h
    )


def heads(name: str, text: str) -> bool:
    """Whether the text begins with a heading of the page."""
    return any(text.startswith(h) and not text[len(h) : len(h) + 1].isalnum() for h in headings(name))


def numbered(kind: str, number: str) -> bool:
    """P53 stands in the promises, F16 and I5 in the faults."""
    return int(number) in {p.no for p in promises()} if kind == "P" else f"{kind}{number}" in headings("faults")


def chapter(number: str) -> bool:
    return any(h.startswith(f"{number}. ") for h in headings("spec"))


def statute(text: str) -> bool:
    """Begins with the name of a statute; what is named by one or two characters, only with its article."""
    names = [n for n in statutes().names if text.startswith(n)]
    return any(re.match(r"第[0-9]+条|附則" if len(n) < 3 else r"第|附則|の|[ （(・、「]|$", text[len(n) :]) for n in names)


def leads(ground: str) -> bool:
    if found := re.match(r"([PFI])([0-9]+)\b", ground):
        return numbered(found[1], found[2])
    if found := re.match(r"spec ([0-9]+)\b", ground):
        return chapter(found[1])
    if found := CITED.match(ground):
        return heads(found[1], found[2])
    return statutes().hyoukasho.has(ground.removeprefix("評価書 ")) if ground.startswith("評価書 ") else statute(ground)


def grounds(text: str) -> list[str]:
    """The parts of a basis: between ; and 、 that stand in no brackets."""
    bare = re.sub(r"[(（「][^()（）「」]*[)）」]", lambda m: re.sub(r"[;、]", " ", m[0]), text)
    return [part.strip() for part in re.split(r"[;、]", bare)]


@pytest.mark.parametrize("text", [
    "P53", "F16", "I5", "spec 4", "spec 10 (処理日時; 職員)", "decisions, 異動 -> 資格 (open)", "decisions, 照会番号", "interfaces, Arrival",
    "faults, Promise 1", "architecture, Approvals live in our table (approved)", "評価書 Ⅲ-2 リスク1", "評価書 別添2 (免除)", "国民年金法第90条の3",
    "法附則第5条", "川崎市番号利用条例第3条第2項", "住民記録システム標準仕様書 3.4 (支援措置)",
])  # fmt: skip
def test_a_ground_leads_somewhere(text: str) -> None:
    assert [leads(g) for g in grounds(text)] == [True]


@pytest.mark.parametrize("text", [
    "P99", "F31", "I9", "spec 13", "spec", "decisions", "decisions, Scopes", "decisions, speed", "faults, Promise 9", "評価書", "評価書 Ⅶ-1", "別添2",
    "国民年金法施行細則第1条", "法律第1条", "規則による", "performance", "issue: kokunen status", "what a second person approves is what was found",
])  # fmt: skip
def test_a_ground_that_leads_nowhere_is_seen(text: str) -> None:
    assert not any(map(leads, grounds(text)))


def files(*ends: str) -> Iterator[Path]:
    for top in TOPS:
        yield from (p for p in sorted((ROOT / top).rglob("*")) if p.suffix in ends and "golden" not in p.parts)


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


STATEMENTS = [where(p) for p in files(".sql") if "schema" not in p.parts]


@pytest.mark.parametrize("file", STATEMENTS)
def test_a_statement_rests_on_something(file: str) -> None:
    found = re.search(r"^-- basis: +(.+)$", (ROOT / file).read_text(encoding="utf-8"), flags=re.M)
    assert found and not [g for g in grounds(found[1]) if not leads(g)]


def said(node: Any, *keys: str) -> Iterator[str]:
    """What stands under these keys, wherever."""
    if isinstance(node, list):
        for one in node:
            yield from said(one, *keys)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in keys:
                yield from map(str, value if isinstance(value, list) else [value])
            else:
                yield from said(value, *keys)


@pytest.mark.parametrize("file", [p.name for p in sorted((ROOT / "mappings").glob("*.yaml"))])
def test_a_page_of_the_mappings_rests_on_something(file: str) -> None:
    """``basis``; of the 期日 ``article`` (市: the city sets it); comments that say a basis."""
    text = (ROOT / "mappings" / file).read_text(encoding="utf-8")
    told = [*said(yaml.safe_load(text), "basis", "article"), *re.findall(r"^# basis: (.+?)[;,]", text, flags=re.M)]
    assert not [g for line in told for g in grounds(line) if not leads(g) and not g.startswith("市（")]


def test_a_word_and_a_layout_say_where_they_come_from() -> None:
    """``source``: besides a ground, the conventions of the interfaces, the datasets that have the item, or this system itself."""
    pages = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "mappings").glob("*.yaml"))]
    known = {*layouts(), "interfaces v1", "本システム"}
    assert not {s for s in said(pages, "source") if not leads(s) and not set(s.split(", ")) <= known}
    assert "interfaces v1" in page("interfaces")


def unknown_numbers(text: str) -> Iterator[str]:
    for kind, number in re.findall(r"\b(P(?=[1-9])|F(?=[0-9]{2}\b)|I(?=[1-9]\b))([0-9]{1,2})\b", text):
        if not numbered(kind, number):
            yield f"{kind}{number}"


def unknown_headings(text: str) -> Iterator[str]:
    yield from (f"spec {n}" for n in re.findall(r"\bspec ([0-9]+)\b", text) if not chapter(n))
    yield from (f"仕様{n}章" for n in re.findall(r"仕様([0-9]+)章", text) if not chapter(n))
    yield from (f"{name}, {rest[:30]}" for name, rest in CITED.findall(text) if not heads(name, rest))
    yield from re.findall(r"spec [§]|(?<!docs/)\b(?:spec|decisions|domain|reliability)\.md §?[0-9]", text)


def unknown_laws(text: str) -> Iterator[str]:
    """Parts of the 評価書, and each 第n条: after the name of a statute, or going on after another article."""
    yield from (part for part in re.findall(r"[Ⅰ-Ⅵ]-[0-9]|別添[0-9]", text) if not statutes().hyoukasho.has(part))
    for found in re.finditer(r"第[0-9]+条", text):
        before = re.sub(r"(附則)? ?$", "", text[max(0, found.start() - 40) : found.start()])
        named = [n for n in statutes().names if before.endswith(n) and not KANJI.match(before[-len(n) - 1 : -len(n)] or " ")]
        if not named and not re.search(rf"(条[の0-9]*|項|号)(から|[・、–]\s*)$|{INVENTED}$", before):
            yield before[-12:] + found[0]


@pytest.mark.parametrize("check", [unknown_numbers, unknown_headings, unknown_laws])
def test_comments_and_pages_cite_what_there_is(check: Any) -> None:
    """Everywhere but here, where wrong ones stand on purpose."""
    cited = [p for p in (*files(".py", ".sql", ".yaml", ".md"), *ROOT.glob("*.md")) if p != Path(__file__)]
    assert not {where(p): wrong for p in cited if (wrong := [*check(p.read_text(encoding="utf-8"))])}


def test_each_fault_is_told_with_the_tests_that_hold_it() -> None:
    rows = re.findall(r"^\| ([FI][0-9]+) \|(.+)$", page("faults"), flags=re.M)
    assert [name for name, _ in rows] == [f"I{n}" for n in range(1, 9)] + [f"F{n:02}" for n in range(1, 31)]
    assert not [name for name, row in rows if "`tests/" not in row and "yet" not in row]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_files_that_are_there(name: str) -> None:
    named = re.findall(rf"`((?:{'|'.join(TOPS)})/[\w./]+\.\w+)`", page(name))
    assert not [path for path in named if not (ROOT / path).exists()]


def test_a_promise_is_shown_by_files_that_are_there() -> None:
    assert not [f"P{p.no} {path}" for p in promises() for path in p.where if not (ROOT / path).is_file()]
