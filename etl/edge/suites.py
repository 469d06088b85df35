"""検証: Great Expectations runs the checks of ``expectations/<dataset>.yaml``; what comes out are counts, never a value.

Inbound rows are looked at where they are staged (``validate``, PostgreSQL counts, a few statements for all columns together);
outbound rows and the counts of a file in memory (``validate_frame``). GX is not asked for unexpected values at all (``_kind``), and
its exceptions, which do hold statements and values, end here. The connection can only read and is gone afterwards.
"""

from __future__ import annotations

import gc
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

from etl.core.errors import DefinitionError, KokunenError, Unavailable
from etl.core.mapping.city import ZONE
from etl.core.suite.acceptance import Check, measures, on_day, suite
from etl.core.suite.findings import Finding
from etl.core.suite.verdicts import MARK, repeated, rows_query, rows_table, strangers

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SEVERITY = {"fail": "critical", "warn": "warning"}
READ_ONLY = f"-c timezone={ZONE.key} -c default_transaction_read_only=on"
NOISY = ("great_expectations", "sqlalchemy")


def preload() -> None:
    """Import Great Expectations now (2–3 s) and run one check in memory, so that forked workers inherit what that loads. It stays
    to the end: no garbage collection need look through it, and none writes into the pages that a fork shares."""
    nothing = Check("nothing", "", "warn", "metrics", "between", ("data_count",), limits=(0, None))
    with _guarded("metrics"):
        _run(_frame_batch("metrics", measures({"data_count": 0})), [nothing])
    gc.collect()
    gc.freeze()


def validate(url: str, dataset: str, rows: str, counts: Mapping[str, int | None], *, day: date) -> list[Finding]:
    """Findings on the table ``rows`` (staged rows) and the ``counts`` of a file of a business day, in the order of the page.

    DefinitionError NP-3001 (page), NP-3002 (a check cannot be run); Unavailable NP-1020 (no database).
    """
    checks = on_day(suite(dataset), day)
    with _guarded("rows"), _datasource(url) as source:
        found = _run(_staged_batch(source, rows, _on(checks, "rows")), _on(checks, "rows"), in_database=True)
        found |= _run(_frame_batch("metrics", measures(counts)), _on(checks, "metrics"))
        return _findings(dataset, checks, found)


def validate_frame(dataset: str, rows: pa.Table, metrics: Mapping[str, int | None] | None = None, *, day: date) -> list[Finding]:
    """The same for rows in memory (outbound: columns of the mapping) and counts; ``data_count`` is the number of rows by default."""
    checks = on_day(suite(dataset), day)
    counts = {"data_count": rows.num_rows, **(metrics or {})}
    with _guarded("rows"):
        found = _run(_frame_batch("rows", rows_table(rows, _on(checks, "rows"))), _on(checks, "rows"))
        found |= _run(_frame_batch("metrics", measures(counts)), _on(checks, "metrics"))
        return _findings(dataset, checks, found)


def require(dataset: str, rows: pa.Table, file: str, last: int | None, *, day: date) -> list[Finding]:
    """The suite of an outbound file, by its 作成年月日, before it is placed, with the number of rows of the one before it. Returns all findings,
    so that a ``warn`` is shown; DefinitionError NP-2104 names what fails, with counts."""
    findings = validate_frame(dataset, rows, {"last_data_count": last}, day=day)
    failed = [f for f in findings if not f.passed and f.severity == "fail"]
    if failed:
        raise DefinitionError("NP-2104", file=file, failed="、".join(f"{f.label} {f.unexpected} 件" for f in failed))
    return findings


def _on(checks: tuple[Check, ...], batch: str) -> list[Check]:
    return [c for c in checks if c.on == batch]


# ---- Great Expectations ----------------------------------------------------------------------------------------------------


@cache
def _context() -> Any:
    """One context in memory per process: no files, no docs site, no telemetry, no progress bars."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with _silent():
        from great_expectations.data_context import EphemeralDataContext
        from great_expectations.data_context.data_context.context_factory import set_context
        from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults, ProgressBarsConfig

        class Context(EphemeralDataContext):  # type: ignore[misc]
            def _save_project_config(self) -> None:
                """Nothing: the one in memory would be written as YAML at every change, which nobody reads."""

        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            analytics_enabled=False,
        )
        set_context(context := Context(project_config=config))
        return context


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing that GX or SQLAlchemy logs reaches a handler, whatever levels their loggers have; no warnings either."""
    loggers, hush = [(log, log.propagate) for log in map(logging.getLogger, NOISY)], logging.NullHandler()
    for log, _ in loggers:
        log.addHandler(hush)
        log.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, propagate in loggers:
            log.removeHandler(hush)
            log.propagate = propagate


@contextmanager
def _guarded(item: str) -> Iterator[None]:
    """Silent; and whatever GX or SQLAlchemy raise becomes ours, without its text and its chain."""
    try:
        with _silent():
            yield
    except KokunenError:
        raise
    except Exception as error:
        raise _wrapped(error, item) from None


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
    """GX runs our own queries as they stand, only to learn column names or to throw all the rows away; so it gets none."""
    from great_expectations.compatibility.sqlalchemy import sqlalchemy as sa

    def without_rows(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return (f"{statement} limit 0" if statement.startswith(MARK) else statement), parameters

    sa.event.listen(engine, "before_cursor_execute", without_rows, retval=True)


def _staged_batch(source: Any, table: str, checks: list[Check]) -> Any:
    return source.add_query_asset("rows", query=rows_query(table, checks)).add_batch_definition_whole_table("rows").get_batch()


def _frame_batch(name: str, rows: pa.Table | Mapping[str, float | None]) -> Any:
    """A batch in memory: dates as numbers of days, so that they compare by column."""
    import pandas as pd

    frame = rows.to_pandas(date_as_object=False) if isinstance(rows, pa.Table) else pd.DataFrame([rows], dtype="float64")
    return _memory(name).get_batch({"dataframe": frame})


@cache
def _memory(name: str) -> Any:
    """The definition of a batch in memory, made once."""
    source = _context().data_sources.add_or_update_pandas(f"memory_{name}")
    return source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)


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

    expectations = [_expectation(c, in_database) for c in checks]
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


# ---- verb -> expectation ---------------------------------------------------------------------------------------------------


@cache
def _kind(name: str) -> Any:
    """GX's expectation ``name``, which remembers the metrics that it needs, the unexpected values not among them: only counts are told.

    GX asks each expectation for them twice per validation, and makes the same twenty copies of its configuration to answer. They
    depend on what the expectation says (batch and result format included) and on where it runs, on nothing in the data.
    """
    import great_expectations as gx

    known: dict[Any, Any] = {}

    def get_validation_dependencies(self: Any, execution_engine: Any = None, runtime_configuration: Any = None) -> Any:
        key = type(execution_engine), repr(vars(self)), repr(runtime_configuration)
        if key not in known:
            needed = known[key] = parent.get_validation_dependencies(self, execution_engine, runtime_configuration)
            for metric in [m for m in needed.get_metric_names() if m.endswith(".unexpected_values")]:
                needed.remove_metric_configuration(metric)
        return replace(known[key], result_format=dict(known[key].result_format))

    parent = getattr(gx.expectations, name)
    return type(f"Kept{name}", (parent,), {"__module__": __name__, "get_validation_dependencies": get_validation_dependencies})


def _expectation(c: Check, in_database: bool) -> Any:
    common = {"severity": SEVERITY[c.severity], "meta": {"name": c.name}}
    column = c.columns[0]
    if c.verdict:
        return _kind("ExpectColumnValuesToBeInSet")(column=c.verdict, value_set=[1], **common)
    if c.verb == "required":
        return _kind("ExpectColumnValuesToNotBeNull")(column=column, **common)
    if c.verb in ("codes", "among"):
        return _kind("ExpectColumnValuesToBeInSet")(column=column, value_set=list(c.values), **common)
    if c.verb == "between":
        return _kind("ExpectColumnValuesToBeBetween")(column=column, min_value=c.limits[0], max_value=c.limits[1], **common)
    if in_database:
        return _kind("UnexpectedRowsExpectation")(unexpected_rows_query=strangers(c.known) if c.known else repeated(c), **common)
    if len(c.columns) == 1:
        return _kind("ExpectColumnValuesToBeUnique")(column=column, **common)
    return _kind("ExpectCompoundColumnsToBeUnique")(column_list=list(c.columns), ignore_row_if="any_value_is_missing", **common)
