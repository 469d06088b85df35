"""Checks as columns and queries, on staged rows (SQL) and on rows in memory (Arrow).

A check about more than one column becomes a column of verdicts: 1 as expected, 0 not, nothing where it does not apply; so all
checks of a suite are counted in one pass. Names, codes and tables come from our pages, whose model admits nothing else.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from etl.core.suite.acceptance import Check, Known

MARK = "select /* suite */"  # how our queries begin

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


def rows_query(table: str, checks: list[Check]) -> str:
    """The staged rows with their verdicts, so that GX counts all of them in one pass."""
    verdicts = [f"{_verdict_sql(c)} as {c.verdict}" for c in checks if c.verdict]
    return f"{MARK} {', '.join(['s.*', *verdicts])} from {table} as s"


def rows_table(rows: pa.Table, checks: list[Check]) -> pa.Table:
    """The same in memory: the columns that the checks speak of, and the verdicts."""
    verbs = {"in_order": pc.less_equal, "same": pc.equal, "differ": pc.not_equal, "required": pc.is_valid, "empty": pc.is_null}
    for check in checks:
        if check.verdict:
            verdict = verbs[check.verb](*(rows[c] for c in check.columns))
            for column, wanted in check.when:
                given = rows[column]
                holds = pc.is_in(given, pa.array(wanted)) if not isinstance(wanted, str) else pc.is_valid(given)
                verdict = pc.if_else(pc.invert(holds) if wanted == "absent" else holds, verdict, None)
            rows = rows.append_column(check.verdict, pc.cast(verdict, pa.float32()))
    return rows.select(sorted({c.verdict for c in checks if c.verdict} | {n for c in checks if not c.verdict for n in c.columns}))


def strangers(known: Known) -> str:
    """Rows whose value is not there; GX counts them."""
    query = (
        f"{MARK} s.line from (select * from {{batch}}) as s where s.{known.column} is not null and not exists "
        f"(select from {known.table} as t where t.{known.of} = s.{known.column})"
    )
    if known.or_here:
        query += f" and not exists (select from (select * from {{batch}}) as h where h.{known.or_here} = s.{known.column})"
    return query


def repeated(check: Check) -> str:
    """Lines of the rows that share their key; GX's own form of this sorts whole rows."""
    whole = " and ".join([_when_sql(check), *(f"{c} is not null" for c in check.columns)])
    return f"{MARK} unnest(array_agg(line)) from {{batch}} where {whole} group by {', '.join(check.columns)} having count(*) > 1"
