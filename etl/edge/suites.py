"""検証: Great Expectations runs the checks of ``expectations/<dataset>.yaml``; what comes out are counts, never a value.

Inbound rows are looked at where they are staged (``validate``, PostgreSQL counts, a few statements for all columns together);
outbound rows and the counts of a file in memory (``validate_frame``). GX collects no values when ``partial_unexpected_count`` is 0,
and its exceptions, which do hold statements and values, end here. The connection can only read and is gone afterwards.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.core.acceptance import Check, Finding, Known, measures, suite
from etl.core.errors import DefinitionError, KokunenError, Unavailable
from etl.core.layout import layouts

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SEVERITY = {"fail": "critical", "warn": "warning"}
READ_ONLY = "-c timezone=Asia/Tokyo -c default_transaction_read_only=on"
NOISY = ("great_expectations", "sqlalchemy", "py.warnings")


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
        schema, name = tables["rows"].split(".")
        asset = source.add_table_asset("rows", table_name=name, schema_name=schema)
        batch = asset.add_batch_definition_whole_table("rows").get_batch()
        found = _run(batch, _on(checks, "rows"))
        found |= _run(_frame_batch("metrics", measures(counts)), _on(checks, "metrics"))
        return _findings(dataset, checks, found)


def validate_frame(dataset: str, rows: pa.Table, metrics: Mapping[str, int | None] | None = None) -> list[Finding]:
    """The same for rows in memory (outbound: columns of the mapping) and counts; ``data_count`` is the number of rows if not given."""
    checks = suite(dataset)
    counts = {"data_count": rows.num_rows, **(metrics or {})}
    with _quiet("rows"):
        found = _run(_frame_batch("rows", rows), _on(checks, "rows"))
        found |= _run(_frame_batch("metrics", measures(counts)), _on(checks, "metrics"))
        return _findings(dataset, checks, found)


def _on(checks: tuple[Check, ...], batch: str) -> list[Check]:
    return [c for c in checks if c.on == batch]


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
    loggers = [logging.getLogger(name) for name in NOISY]
    before = [(log.level, log.propagate) for log in loggers]
    for log in loggers:
        log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    except KokunenError:
        raise
    except Exception as error:
        raise _wrapped(error, item) from None
    finally:
        for log, (level, propagate) in zip(loggers, before, strict=True):
            log.setLevel(level)
            log.propagate = propagate


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
        yield source
    finally:
        for engine in (source.get_execution_engine().engine, source.get_engine()):
            engine.dispose()
        context.data_sources.delete("kokunen")


def _counts(source: Any, table: str) -> dict[str, int | None]:
    """The one row of counts about the file."""
    with source.get_engine().connect() as connection:
        row = connection.exec_driver_sql(f"select * from {table}").mappings().first()
    if row is None:
        raise DefinitionError("NP-3003", item=table)
    return dict(row)


def _frame_batch(name: str, rows: pa.Table | Mapping[str, float | None]) -> Any:
    """A batch in memory: dates as numbers of days, so that they compare by column."""
    import pandas as pd

    frame = rows.to_pandas(date_as_object=False) if isinstance(rows, pa.Table) else pd.DataFrame([rows], dtype="float64")
    source = _context().data_sources.add_or_update_pandas("memory")
    definition = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    return definition.get_batch({"dataframe": frame})


def _run(batch: Any, checks: list[Check]) -> dict[str, tuple[bool, int, int]]:
    """name -> (passed, checked, unexpected). DefinitionError NP-3002 names the check that could not be run."""
    import great_expectations as gx

    expectations = [_BUILD[c.verb](gx.expectations, c, _common(c)) for c in checks]
    raw = batch.validate(gx.ExpectationSuite(name="suite", expectations=expectations), result_format=RESULT_FORMAT)
    found: dict[str, tuple[bool, int, int]] = {}
    for result in raw.results:
        name = result.expectation_config.meta["name"]
        if _raised(result.exception_info):
            raise DefinitionError("NP-3002", item=name, why="-")
        facts = result.result
        checked = (facts.get("element_count") or 0) - (facts.get("missing_count") or 0)
        unexpected = facts.get("unexpected_count", facts.get("observed_value")) or 0
        found[name] = (bool(result.success), checked, int(unexpected))
    rows = max((checked for _, checked, _ in found.values()), default=0)
    by_query = {c.name for c in checks if c.verb == "known"}
    return {n: (ok, rows if n in by_query else checked, wrong) for n, (ok, checked, wrong) in found.items()}


def _raised(info: dict[str, Any]) -> bool:
    """GX tells of exceptions either flat or by metric."""
    return bool(info.get("raised_exception")) or any(v.get("raised_exception") for v in info.values() if isinstance(v, dict))


def _findings(dataset: str, checks: tuple[Check, ...], found: dict[str, tuple[bool, int, int]]) -> list[Finding]:
    return [Finding(dataset, c.name, c.label, c.severity, *found[c.name]) for c in checks]


# ---- verb -> expectation ---------------------------------------------------------------------------------------------------


def _common(check: Check) -> dict[str, Any]:
    """What every expectation carries: severity, our name, and the rows it is about."""
    from great_expectations.expectations.row_conditions import Column

    common: dict[str, Any] = {"severity": SEVERITY[check.severity], "meta": {"name": check.name}}
    condition = None
    for name, wanted in check.when:
        column = Column(name)
        one = column.is_null() if wanted == "absent" else column.is_not_null() if wanted == "present" else column.is_in(list(wanted))
        condition = one if condition is None else condition & one
    return common if condition is None else {**common, "row_condition": condition}


def _unique(gxe: Any, c: Check, common: dict[str, Any]) -> Any:
    if len(c.columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=c.columns[0], **common)
    return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(c.columns), ignore_row_if="any_value_is_missing", **common)


def _in_order(gxe: Any, c: Check, common: dict[str, Any]) -> Any:
    earlier, later = c.columns
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A=later, column_B=earlier, or_equal=True, ignore_row_if="either_value_is_missing", **common
    )


def _same(gxe: Any, c: Check, common: dict[str, Any]) -> Any:
    one, other = c.columns
    return gxe.ExpectColumnPairValuesToBeEqual(column_A=one, column_B=other, ignore_row_if="either_value_is_missing", **common)


def _differ(gxe: Any, c: Check, common: dict[str, Any]) -> Any:
    return gxe.ExpectSelectColumnValuesToBeUniqueWithinRecord(column_list=list(c.columns), ignore_row_if="any_value_is_missing", **common)


def _known(gxe: Any, c: Check, common: dict[str, Any]) -> Any:
    """Selects only line numbers, and BASIC counts them without showing any. Names come from our page, checked by its model."""
    known: Known = c.known  # type: ignore[assignment]
    query = (
        f"select s.line from (select * from {{batch}}) as s where s.{known.column} is not null and not exists "
        f"(select from {known.table} as t where t.{known.of} = s.{known.column})"
    )
    if known.or_here:
        query += f" and not exists (select from (select * from {{batch}}) as h where h.{known.or_here} = s.{known.column})"
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, **common)


_BUILD: dict[str, Callable[[Any, Check, dict[str, Any]], Any]] = {
    "required": lambda gxe, c, common: gxe.ExpectColumnValuesToNotBeNull(column=c.columns[0], **common),
    "empty": lambda gxe, c, common: gxe.ExpectColumnValuesToBeNull(column=c.columns[0], **common),
    "codes": lambda gxe, c, common: gxe.ExpectColumnValuesToBeInSet(column=c.columns[0], value_set=list(c.values), **common),
    "among": lambda gxe, c, common: gxe.ExpectColumnValuesToBeInSet(column=c.columns[0], value_set=list(c.values), **common),
    "between": lambda gxe, c, common: gxe.ExpectColumnValuesToBeBetween(
        column=c.columns[0], min_value=c.limits[0], max_value=c.limits[1], **common
    ),
    "unique": _unique,
    "in_order": _in_order,
    "same": _same,
    "differ": _differ,
    "known": _known,
}
