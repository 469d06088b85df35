"""What there is in the house: its modules with what they import, its statements with what they say of themselves."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ("etl", "dags", "city", "demo", "benchmarks", "tools")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {name_of(p): p for top in HOUSE for p in sorted((ROOT / top).rglob("*.py"))}


@cache
def imports(name: str) -> set[str]:
    """Modules that ``name`` imports anywhere in its text, inside functions too; ``from a import b`` is a.b where that is a module."""
    found = set()
    for node in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            found |= {full if (full := f"{node.module}.{a.name}") in modules() else str(node.module) for a in node.names}
    return found


def statements() -> list[str]:
    return [p.relative_to(ROOT).as_posix() for p in sorted((ROOT / "sql").glob("*/*.sql")) if p.parent.name != "schema"]


def header(file: str) -> tuple[dict[str, str], str]:
    """What a statement says of itself (a line that begins with ``--`` and nine spaces goes on), and the statement."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    ends = next(i for i, line in enumerate(lines) if not re.match(r"-- (\w+:|        )", line))
    head = re.findall(r"^-- (\w+):\s*(\S.*)", re.sub(r"\n-- {9}", " ", "\n".join(lines[:ends])), flags=re.M)
    return dict(head), "\n".join(lines[ends:])
