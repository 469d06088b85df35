"""Statements and schema: what a file says of itself, PostgreSQL's own grammar, and the habits that a grammar cannot know."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import postgast
import pytest
from postgast import pg_query_pb2 as pg

from tests.house import ROOT, header, statements

SCHEMA = [p.relative_to(ROOT).as_posix() for p in sorted((ROOT / "sql" / "schema").rglob("*.sql"))]
#: folders whose statements fill a file or a list: the same rows must come in the same order every time
ORDERED = ("attest", "ichiran", "inquire", "shinseisho", "transfer")
BY_KEY = "sql/inquire/kojin_no.sql"  # one row
LISTS = [s for s in statements() if s.split("/")[1] in ORDERED and s != BY_KEY]


@cache
def tree(file: str) -> Any:
    """The file as PostgreSQL understands it: parameters as ``$name`` are none of its grammar, so they get numbers, and a name to be filled
    in a name of its own. postgast.PgQueryError where it is not SQL."""
    return postgast.parse(_plain(file))


def _plain(file: str) -> str:
    text = (ROOT / file).read_text(encoding="utf-8")
    if file in SCHEMA:
        return text
    numbered = re.sub(r"(?<![:\w]):([a-z_]\w*)", "$1", text)
    return re.sub(r"(?<!\{)\{([a-z_]\w*)\}", r"_\1", numbered)


def found(file: str, kind: Any) -> list[Any]:
    return list(postgast.find_nodes(tree(file), kind))


def whole(file: str) -> Any:
    """The statement itself."""
    statement = tree(file).stmts[0].stmt
    return getattr(statement, statement.WhichOneof("node"))


@pytest.mark.parametrize("file", statements())
def test_a_statement_says_what_it_is(file: str) -> None:
    head, body = header(file)
    assert list(head)[:4] == ["what", "basis", "grain", "params"] and list(head)[4:] in ([], ["decides"])
    assert ";" not in re.sub(r"--.*", "", body).rstrip().rstrip(";"), "one statement per file"
    assert re.search(r"\breturns\b", head["grain"]) is None, "the grain is what one row is"


@pytest.mark.parametrize("file", statements())
def test_a_statement_lists_its_parameters(file: str) -> None:
    head, body = header(file)
    bare = re.sub(r"'[^']*'|--.*", "", body)
    bound = set(re.findall(r"(?<![:\w]):([a-z_]\w*)", bare)) | set(re.findall(r"(?<!\{)\{([a-z_]\w*)\}", bare))
    told = set(re.findall(r"[a-z_]\w*", re.sub(r"\b(none|names)\b", "", head["params"])))
    assert bound <= told, f"not in the header: {sorted(bound - told)}"


def test_statements_fit_on_a_page() -> None:
    wide = [
        f"{file}:{i}"
        for file in statements()
        for i, s in enumerate((ROOT / file).read_text("utf-8").splitlines(), 1)
        if len(s) > 130
    ]
    assert not wide


def deciding() -> dict[str, str]:
    """Name -> what it decides, of statements (their headers) and of views and functions of the schema (the comment above them)."""
    found = {
        file.removeprefix("sql/").removesuffix(".sql"): head["decides"]
        for file in statements()
        if "decides" in (head := header(file)[0])
    }
    for path in sorted((ROOT / "sql" / "schema").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        found |= {
            name: what
            for what, name in re.findall(r"^-- decides: (.+)\n(?:--.*\n)*create .*?(?:view|function) ([\w.]+)", text, flags=re.M)
        }
    return found


def test_what_decides_is_told_and_has_its_cases() -> None:
    section = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## Which statements decide")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([\w./]+)` \|", section, flags=re.M)) == set(deciding())
    assert {"reconcile/judge", "pension.shotoku_needed"} <= set(deciding())
    without = [name for name in deciding() if not (ROOT / "tests" / "sql" / f"{name.replace('/', '.')}.yaml").exists()]
    assert not without, "given, when, then"


@pytest.mark.parametrize("file", [*statements(), *SCHEMA])
def test_postgresql_can_read_it(file: str) -> None:
    assert len(tree(file).stmts) == 1 or file in SCHEMA, "one statement per file"
    words = {_plain(file).encode()[t.start : t.end].decode() for t in postgast.scan(_plain(file)).tokens if t.keyword_kind}
    assert all(word.islower() for word in words), "keywords are written small"


@pytest.mark.parametrize("file", [*statements(), *SCHEMA])
def test_a_named_set_is_read_or_changes_something(file: str) -> None:
    read = {table.relname for table in found(file, pg.RangeVar)}
    idle = [
        w.ctename
        for w in found(file, pg.CommonTableExpr)
        if w.ctename not in read and w.ctequery.WhichOneof("node") == "select_stmt"
    ]
    assert not idle


@pytest.mark.parametrize("file", [*statements(), *SCHEMA])
def test_the_first_rows_are_the_first_of_an_order(file: str) -> None:
    assert all(s.sort_clause for s in found(file, pg.SelectStmt) if s.HasField("limit_count"))


@pytest.mark.parametrize("file", statements())
def test_columns_are_named(file: str) -> None:
    """What comes out and what goes in; inside a statement ``*`` may carry a set on."""
    statement = whole(file)
    assert not isinstance(statement, pg.InsertStmt) or statement.cols
    out = [t.res_target.val for t in getattr(statement, "target_list", ())]
    assert not [
        v
        for v in out
        if v.WhichOneof("node") == "column_ref" and any(f.WhichOneof("node") == "a_star" for f in v.column_ref.fields)
    ]


@pytest.mark.parametrize("file", LISTS)
def test_what_becomes_a_list_has_an_order(file: str) -> None:
    statement = whole(file)
    if not isinstance(statement, pg.SelectStmt):
        return
    kinds = {t.res_target.val.WhichOneof("node") for t in statement.target_list}
    one_row = not statement.from_clause or kinds <= {"func_call", "coalesce_expr"} or header(file)[0]["grain"] == "one row"
    assert statement.sort_clause or one_row


@pytest.mark.parametrize("file", statements())
def test_nothing_is_deleted(file: str) -> None:
    """ARCHITECTURE, Nothing is deleted: rows end, only staging is emptied."""
    assert not found(file, pg.DeleteStmt) and not found(file, pg.DropStmt)
    emptied = {t.range_var.schemaname for statement in found(file, pg.TruncateStmt) for t in statement.relations}
    assert emptied <= {"staging"}
