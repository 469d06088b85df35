"""突合 of 60,000 results with 300,000 intakes: passes, comparison, outcomes, stored and put before a second person, committed.

The peers do the four passes and compare the same items, on the same rows that they already hold in memory: pandas by merges, DuckDB by SQL.
They neither hold double numbers nor keep, propose or record anything.

``python benchmarks/reconcile.py [results] [intakes]`` (default 60,000 and 300,000).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psycopg

from benchmarks.load import settle
from etl import jobs, reconcile
from etl import run as runs
from etl.core.receipts import Reconciled
from etl.platform import postgres
from etl.site import init, open_site

DAY = date(2025, 9, 30)
ITEMS = ("todoke_code", "kiso_nenkin_no", "name_kana", "birth_on", "sex_code", "hmac", "gaitou_on", "jiyu_code")
RUN = """
    insert into ledger.run (job, period, user_name, unit, terminal, reason, business_on, definition_hash)
    values ('bench', '2025-09-30', 'bench', '-', '-', '計測', '2025-09-30', '-')
"""
FILE = """
    insert into ledger.file (run_id, dataset, stream, name, business_on, seq, bytes, sha256, outcome, data_count, new_count)
    select run_id, '{dataset}', 'main', '{dataset}', '2025-09-30', 1, 0, '{dataset}', 'accepted', {rows}, {rows} from ledger.run
"""
VAULT = """
    insert into vault.kojin_no (atena_no, hmac, cipher, key_id)
    select lpad(i::text, 15, '0'), sha256(i::text::bytea), '', '-' from generate_series(1, {intakes}) as i
"""
KIHON = """
    insert into pension.nenkin_kihon (atena_no, kiso_nenkin_no, row_key)
    select lpad(i::text, 15, '0'), '31' || lpad(i::text, 8, '0'), i::text from generate_series(1, {intakes}) as i
"""
INTAKES = """
    insert into pension.uketsuke (uketsuke_no, todoke_code, juri_on, uketsuke_ku_code, atena_no, kojin_id, kiso_nenkin_no,
        name_kana, birth_on, sex_code, gaitou_on, jiyu_code, honnin_kakunin_code,
        nyuryoku_user, kakunin_user, jotai_code, rev, row_key, file_id, line)
    select lpad(i::text, 15, '0'), '01', '2025-08-01', '141313', lpad(i::text, 15, '0'), k.kojin_id, '31' || lpad(i::text, 8, '0'),
        'ｶｸｳ ' || i % 5000, date '1970-01-01' + i % 11000, (1 + i % 2)::text, date '2025-08-01' - i % 20,
        '03', '1', 'u1', 'u2', '4', 1, i::text, f.file_id, i
    from generate_series(1, {intakes}) as i
    join vault.kojin_no as k on k.atena_no = lpad(i::text, 15, '0')
    join ledger.file as f on f.dataset = 'uketsuke'
"""
# one in two by 受付番号, then by 基礎年金番号, by 個人番号, by name; one in twenty has no intake; one in ten differs
RESULTS = """
    insert into pension.kikou_kekka (kiso_nenkin_no, birth_on, sex_code, name_kana, todoke_code, kekka_code, shori_on, gaitou_on,
        jiyu_code, uketsuke_no, kojin_id, shokken_flag, row_key, file_id, line)
    select case when j % 20 in (14, 15, 16, 17, 18, 19) then null else u.kiso_nenkin_no end, u.birth_on, u.sex_code, u.name_kana, u.todoke_code, '01',
        date '2025-09-29', u.gaitou_on, case when j % 10 = 3 then '04' else u.jiyu_code end,
        case when j % 20 < 10 then u.uketsuke_no end, case when j % 20 < 17 then u.kojin_id end, j % 20 = 19, 'r' || j, f.file_id, j
    from generate_series(1, {results}) as j
    join pension.uketsuke as u on u.uketsuke_id = j * {step}
    join ledger.file as f on f.dataset = 'kikou_kekka'
"""
MERGED = """
    with one as (select uketsuke_no from i join r using (uketsuke_no)),
    p1 as (select r.id, i.* from r join i using (uketsuke_no)),
    l1 as (select * from r where id not in (select id from p1)),
    p2 as (select l1.id, i.* from l1 join (select * from i qualify count(*) over (partition by kiso_nenkin_no, todoke_code, gaitou_on) = 1) as i
        using (kiso_nenkin_no, todoke_code, gaitou_on)),
    l2 as (select * from l1 where id not in (select id from p2)),
    p3 as (select l2.id, i.* from l2 join (select * from i qualify count(*) over (partition by hmac, todoke_code) = 1) as i
        using (hmac, todoke_code)),
    l3 as (select * from l2 where id not in (select id from p3)),
    p4 as (select l3.id, i.* from l3 join (select * from i qualify count(*) over (partition by name_kana, birth_on, sex_code, todoke_code) = 1) as i
        using (name_kana, birth_on, sex_code, todoke_code)),
    tied as (select * from p1 union all by name select * from p2 union all by name select * from p3 union all by name select * from p4)
    select r.id, t.uketsuke_no, {differs} from r left join tied as t using (id)
"""


def fill(url: str, results: int, intakes: int) -> None:
    """Rows straight into the tables, as a year of the office would leave them."""
    sizes: dict[str, Any] = {"results": results, "intakes": intakes, "step": intakes // results}
    with psycopg.connect(url) as connection:
        connection.execute(RUN)
        for dataset, rows in (("uketsuke", intakes), ("kikou_kekka", results)):
            connection.execute(FILE.format(dataset=dataset, rows=rows))
        for statement in (VAULT, KIHON, INTAKES, RESULTS):
            connection.execute(statement.format(**sizes))


def frames(url: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same rows for the peers."""
    results = "select kikou_kekka_id as id, k.uketsuke_no, {items} from pension.kikou_kekka as k left join vault.kojin_no as v using (kojin_id)"
    intakes = "select k.uketsuke_no, {items} from pension.uketsuke as k left join vault.kojin_no as v using (kojin_id)"
    items = ", ".join("encode(v.hmac, 'hex') as hmac" if i == "hmac" else f"k.{i}" for i in ITEMS)
    with psycopg.connect(url) as connection:
        found = []
        for query in (results, intakes):
            cursor = connection.execute(query.format(items=items))
            found.append(pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description or ()]))
    return found[0], found[1]


def by_pandas(results: pd.DataFrame, intakes: pd.DataFrame) -> pd.DataFrame:
    """Four merges, each on what the ones before left."""
    left, tied = results, []
    keys = (["uketsuke_no"], ["kiso_nenkin_no", "todoke_code", "gaitou_on"], ["hmac", "todoke_code"],
            ["name_kana", "birth_on", "sex_code", "todoke_code"])  # fmt: skip
    for key in keys:
        known = intakes.dropna(subset=key).drop_duplicates(key, keep=False)
        found = left.dropna(subset=key)[["id", *key]].merge(known, on=key)
        tied.append(found)
        left = left[~left["id"].isin(found["id"])]
    both = results.merge(pd.concat(tied), on="id", how="left", suffixes=("", "_i"))
    for item in ITEMS:
        theirs = both[f"{item}_i"]
        both[f"differs_{item}"] = both[item].notna() & theirs.notna() & (both[item] != theirs)
    return both


def by_duckdb(results: pd.DataFrame, intakes: pd.DataFrame) -> pd.DataFrame:
    """The same as one statement."""
    with duckdb.connect() as connection:
        connection.register("r", results)
        connection.register("i", intakes)
        return connection.execute(MERGED.format(differs=", ".join(f"r.{i} <> t.{i} as differs_{i}" for i in ITEMS))).df()


def ours(home: Path) -> Reconciled:
    """The step of the job."""
    site = open_site(home)
    run_id = jobs.start(site, "kikou_kekka", DAY.isoformat(), "bench", "計測")
    return reconcile.reconcile(site, runs.get(site, run_id))


def timed(work: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work(*args)
    return time.perf_counter() - began, result


def main(results: int, intakes: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="kokunen-bench-"))
    try:
        init(home)
        url = postgres.ensure(home).admin_url.rsplit("/", 1)[0] + "/kokunen"
        fill(url, results, intakes)
        rows = frames(url)
        settle(home)
        pandas, _ = timed(by_pandas, *rows)
        duck, _ = timed(by_duckdb, *rows)
        print(f"{results:,} results x {intakes:,} intakes: pandas merge {pandas:.2f} s, DuckDB {duck:.2f} s, rows in memory, nothing kept")
        first, receipt = timed(ours, home)
        print(f"突合, stored and proposed: {receipt.outcomes}, {receipt.proposals:,} proposals; {first / pandas:.2f} x pandas")
        again, _ = timed(ours, home)
        print(f"again, nothing new: {again:.2f} s")
        print(f"突合 of {results:,} results {first:.2f} s (at most 5.0)")
    finally:
        postgres.stop(home)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*(given or [60_000, 300_000]))
