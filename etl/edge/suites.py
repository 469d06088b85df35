"""検証: Great Expectations runs the checks of ``expectations/<dataset>.yaml``; what comes out are counts, never a value.

Inbound rows are looked at where they are staged (``validate``, PostgreSQL counts, a few statements for all columns together);
outbound rows and the counts of a file in memory (``validate_frame``). GX collects no values when ``partial_unexpected_count`` is 0,
and its exceptions, which do hold statements and values, end here. The connection can only read and is gone afterwards.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.core.acceptance import Check, Finding, Known, measures, suite
from etl.core.errors import DefinitionError, KokunenError, Unavailable
from etl.core.layout import layouts

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SEVERITY = {"fail": "critical", "warn": "warning"}
READ_ONLY = "-c timezone=Asia/Tokyo -c default_transaction_read_only=on"
OURS = "select /* suite */"
NOISY = ("great_expectations", "sqlalchemy")


def preload() -> None:
    """Import Great Expectations now (2–3 s), so that forked workers inherit it."""
    _context()


def validate(url: str, dataset: str, tables: Mapping[str, str]) -> list[Finding]:
    """Findings on the table ``tables["rows"]`` (staged rows) and the one row of ``tables["metrics"]``, in the order of the page.

    DefinitionError NP-3001 (page), NP-3002 (a check cannot be run), NP-3003 (no counts); Unavailable NP-1020 (no database).
    """
    checks = suite(dataset)
    with _quiet("rows"), _datasource(url) as source:
        counts = _counts(source, tables["metrics"])
        found = _run(_staged_batch(source, tables["rows"], _on(checks, "rows")), _on(checks, "rows"), in_database=True)
        found |= _run(_frame_batch("metrics", measures(counts)), _on(checks, "metrics"))
        return _findings(dataset, checks, found)


def validate_frame(dataset: str, rows: pa.Table, metrics: Mapping[str, int | None] | None = None) -> list[Finding]:
    """The same for rows in memory (outbound: columns of the mapping) and counts; ``data_count`` is the number of rows if not given."""
    checks = suite(dataset)
    counts = {"data_count": rows.num_rows, **(metrics or {})}
    with _quiet("rows"):
        found = _run(_frame_batch("rows", _rows_table(rows, _on(checks, "rows"))), _on(checks, "rows"))
        found |= _run(_frame_batch("metrics", measures(counts)), _on(checks, "metrics"))
        return _findings(dataset, checks, found)


def _on(checks: tuple[Check, ...], batch: str) -> list[Check]:
    return [c for c in checks if c.on == batch]


def report_html(findings: list[Finding], path: Path) -> None:
    """A page of its own (no script, no outside asset): what was expected, how many rows were looked at, how many are not so."""
    pages = "".join(_section(d, [f for f in findings if f.dataset == d]) for d in dict.fromkeys(f.dataset for f in findings))
    path.write_text(_PAGE.replace("{sections}", pages), encoding="utf-8")


def _section(dataset: str, findings: list[Finding]) -> str:
    rows = "".join(
        f'<tr class="{"" if f.passed else f.severity}"><td>{escape(f.label)}</td><td>{KIND[f.severity]}</td>'
        f"<td>{'適' if f.passed else '否'}</td><td>{f.checked:,}</td><td>{f.unexpected:,}</td></tr>\n"
        for f in findings
    )
    head = "<tr><th>検証項目</th><th>区分</th><th>結果</th><th>確認件数</th><th>該当件数</th></tr>\n"
    return f"<h2>{escape(layouts()[dataset].title)}</h2>\n<table>\n{head}{rows}</table>\n"


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


# ---- Great Expectations ----------------------------------------------------------------------------------------------------


@cache
def _context() -> Any:
    """One context without files, telemetry and progress bars per process."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


@contextmanager
def _quiet(item: str) -> Iterator[None]:
    """Nothing of GX or SQLAlchemy is logged; whatever they raise becomes ours, without its text and its chain."""
    loggers = [(log, log.level) for log in map(logging.getLogger, NOISY)]
    for log, _ in loggers:
        log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    except KokunenError:
        raise
    except Exception as error:
        raise _wrapped(error, item) from None
    finally:
        for log, level in loggers:
            log.setLevel(level)


def _wrapped(error: BaseException, item: str) -> KokunenError:
    """Unavailable when the database was not there, else DefinitionError; of the database only its SQLSTATE."""
    seen: BaseException | None = error
    state = None
    while seen is not None and state is None:
        orig = getattr(seen, "orig", None) or seen
        if type(orig).__module__.startswith("psycopg"):
            state = getattr(orig, "sqlstate", None) or "08000"
        seen = seen.__cause__ or seen.__context__
    if state and state[:2] in ("08", "40", "53", "55", "57", "58"):
        return Unavailable("NP-1020", item=item, sqlstate=state)
    return DefinitionError("NP-3002", item=item, why=state or type(error).__name__)


@contextmanager
def _datasource(url: str) -> Iterator[Any]:
    """A datasource for this call only, on an engine that can only read and keeps no transaction open."""
    context = _context()
    source = context.data_sources.add_or_update_postgres(
        "kokunen",
        connection_string=url.replace("postgresql://", "postgresql+psycopg://", 1),
        kwargs={
            "isolation_level": "AUTOCOMMIT",  # else a reader idle in transaction blocks the next truncate
            "hide_parameters": True,
            "connect_args": {"application_name": "kokunen-suite", "options": READ_ONLY},
        },
    )
    try:
        _bring_no_rows(source.get_execution_engine().engine)
        yield source
    finally:
        for engine in (source.get_execution_engine().engine, source.get_engine()):
            engine.dispose()
        context.data_sources.delete("kokunen")


def _bring_no_rows(engine: Any) -> None:
    """GX runs our own queries as they stand, all rows of them, only to learn column names or to throw the rows away; it gets none."""
    from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa

    @sa.event.listens_for(engine, "before_cursor_execute", retval=True)
    def without_rows(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        return (f"{statement} limit 0" if statement.startswith(OURS) else statement), parameters


def _counts(source: Any, table: str) -> dict[str, int | None]:
    """The one row of counts about the file."""
    with source.get_engine().connect() as connection:
        row = connection.exec_driver_sql(f"select * from {table}").mappings().first()
    if row is None:
        raise DefinitionError("NP-3003", item=table)
    return dict(row)


def _staged_batch(source: Any, table: str, checks: list[Check]) -> Any:
    return source.add_query_asset("rows", query=_rows_query(table, checks)).add_batch_definition_whole_table("rows").get_batch()


def _frame_batch(name: str, rows: pa.Table | Mapping[str, float | None]) -> Any:
    """A batch in memory: dates as numbers of days, so that they compare by column."""
    import pandas as pd

    frame = rows.to_pandas(date_as_object=False) if isinstance(rows, pa.Table) else pd.DataFrame([rows], dtype="float64")
    source = _context().data_sources.add_or_update_pandas("memory")
    definition = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    return definition.get_batch({"dataframe": frame})


def _run(batch: Any, checks: list[Check], in_database: bool = False) -> dict[str, tuple[bool, int, int]]:
    """name -> (passed, checked, unexpected). DefinitionError NP-3002 names the check that could not be run."""
    found: dict[str, tuple[bool, int, int]] = {}
    for result in _raw(batch, checks, in_database).results:
        name = result.expectation_config.meta["name"]
        _raise_if_broken(name, result.exception_info)
        facts = result.result
        checked = (facts.get("element_count") or 0) - (facts.get("missing_count") or 0)
        unexpected = facts.get("unexpected_count", facts.get("observed_value")) or 0
        found[name] = (bool(result.success), checked, int(unexpected))
    rows = max((checked for _, checked, _ in found.values()), default=0)
    by_query = {c.name for c in checks if in_database and c.verb in ("known", "unique")}
    return {n: (ok, rows if n in by_query else checked, wrong) for n, (ok, checked, wrong) in found.items()}


def _raw(batch: Any, checks: list[Check], in_database: bool) -> Any:
    """GX's own result: verdicts and counts."""
    import great_expectations as gx

    expectations = [_expectation(gx.expectations, c, in_database) for c in checks]
    return batch.validate(gx.ExpectationSuite(name="suite", expectations=expectations), result_format=RESULT_FORMAT)


def _raise_if_broken(name: str, info: dict[str, Any]) -> None:
    """GX tells of exceptions in its result, either flat or by metric; their text may hold values and is not passed on."""
    told = [i for i in (info, *info.values()) if isinstance(i, dict) and i.get("raised_exception")]
    if any("OperationalError" in str(i.get("exception_traceback")) for i in told):
        raise Unavailable("NP-1020", item=name, sqlstate="08000")
    if told:
        raise DefinitionError("NP-3002", item=name, why="Great Expectations")


def _findings(dataset: str, checks: tuple[Check, ...], found: dict[str, tuple[bool, int, int]]) -> list[Finding]:
    return [Finding(dataset, c.name, c.label, c.severity, *found[c.name]) for c in checks]


# ---- verb -> column of verdicts: 1 as expected, 0 not, nothing where the check does not apply --------------------------------

_SQL = {
    "in_order": '{0} collate "C" <= {1} collate "C"', "same": "{0} = {1}", "differ": "{0} <> {1}",
    "required": "{0} is not null", "empty": "{0} is null",
}  # fmt: skip
_WHEN = {"present": "{0} is not null", "absent": "{0} is null"}


def _when_sql(check: Check) -> str:
    """The condition as SQL. Names and codes come from our page, whose model admits only words and codes."""
    parts = [
        _WHEN[wanted].format(column) if isinstance(wanted, str) else f"{column} in ({', '.join(repr(code) for code in wanted)})"
        for column, wanted in check.when
    ]
    return " and ".join(parts) or "true"


def _verdict_sql(check: Check) -> str:
    answer = f"({_SQL[check.verb].format(*check.columns)})::int"
    return f"case when {_when_sql(check)} then {answer} end" if check.when else answer


def _rows_query(table: str, checks: list[Check]) -> str:
    """The staged rows with their verdicts, so that GX counts all of them in one pass."""
    verdicts = [f"{_verdict_sql(c)} as {c.verdict}" for c in checks if c.verdict]
    return f"{OURS} {', '.join(['s.*', *verdicts])} from {table} as s"


def _rows_table(rows: pa.Table, checks: list[Check]) -> pa.Table:
    """The same in memory."""
    verbs = {"in_order": pc.less_equal, "same": pc.equal, "differ": pc.not_equal, "required": pc.is_valid, "empty": pc.is_null}
    for check in checks:
        if check.verdict:
            verdict = verbs[check.verb](*(rows[c] for c in check.columns))
            for column, wanted in check.when:
                given = rows[column]
                holds = pc.is_in(given, pa.array(wanted)) if not isinstance(wanted, str) else pc.is_valid(given)
                verdict = pc.if_else(pc.invert(holds) if wanted == "absent" else holds, verdict, None)
            rows = rows.append_column(check.verdict, pc.cast(verdict, pa.float32()))
    return rows


# ---- verb -> expectation ---------------------------------------------------------------------------------------------------


def _expectation(gxe: Any, c: Check, in_database: bool) -> Any:
    common = {"severity": SEVERITY[c.severity], "meta": {"name": c.name}}
    column = c.columns[0]
    if c.verdict:
        return gxe.ExpectColumnValuesToBeInSet(column=c.verdict, value_set=[1], **common)
    if c.verb == "required":
        return gxe.ExpectColumnValuesToNotBeNull(column=column, **common)
    if c.verb in ("codes", "among"):
        return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(c.values), **common)
    if c.verb == "between":
        return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=c.limits[0], max_value=c.limits[1], **common)
    if in_database:
        return gxe.UnexpectedRowsExpectation(unexpected_rows_query=_strangers(c.known) if c.known else _repeated(c), **common)
    if len(c.columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=column, **common)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(c.columns), ignore_row_if="any_value_is_missing", **common)


def _strangers(known: Known) -> str:
    """Rows whose value is not there; GX counts them."""
    query = (
        f"{OURS} s.line from (select * from {{batch}}) as s where s.{known.column} is not null and not exists "
        f"(select from {known.table} as t where t.{known.of} = s.{known.column})"
    )
    return query + (f" and not exists (select from (select * from {{batch}}) as h where h.{known.or_here} = s.{known.column})" if known.or_here else "")


def _repeated(check: Check) -> str:
    """Lines of the rows that share their key; GX's own form of this sorts whole rows."""
    whole = " and ".join([_when_sql(check), *(f"{c} is not null" for c in check.columns)])
    return f"{OURS} unnest(array_agg(line)) from {{batch}} where {whole} group by {', '.join(check.columns)} having count(*) > 1"
