"""突合 of many results with many intakes: passes, comparison, outcomes, stored and put before a second person, committed.

The peers do the four passes and compare the same items, on the same rows that they already hold in memory: pandas by merges, DuckDB by SQL.
They neither hold double numbers nor keep, propose or record anything.

``python -m benchmarks.reconcile [results] [intakes] [rounds]``.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psycopg

from benchmarks.measure import Cost, cost, least, ratio, typical
from benchmarks.office import admin_of, open_house, open_office, settle
from etl import jobs, reconcile
from etl import run as runs
from etl.core.receipts import Reconciled
from etl.rights import SERVICE
from etl.site import Site

DAY = date(2025, 9, 30)
ITEMS = ("todoke_code", "kiso_nenkin_no", "name_kana", "birth_on", "sex_code", "hmac", "gaitou_on", "jiyu_code")
RUN = """
    insert into ledger.run (job, period, user_name, unit, terminal, reason, business_on, definition_hash)
    values ('bench', '2025-09-30', 'airflow', '-', '-', '計測', '2025-09-30', '-')
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
    p1 as (select r.id, 1 as tied, i.* from r join i using (uketsuke_no)),
    l1 as (select * from r where id not in (select id from p1)),
    p2 as (select l1.id, 2 as tied, i.* from l1
        join (select * from i qualify count(*) over (partition by kiso_nenkin_no, todoke_code, gaitou_on) = 1) as i
        using (kiso_nenkin_no, todoke_code, gaitou_on)),
    l2 as (select * from l1 where id not in (select id from p2)),
    p3 as (select l2.id, 3 as tied, i.* from l2
        join (select * from i qualify count(*) over (partition by hmac, todoke_code) = 1) as i
        using (hmac, todoke_code)),
    l3 as (select * from l2 where id not in (select id from p3)),
    p4 as (select l3.id, 4 as tied, i.* from l3
        join (select * from i qualify count(*) over (partition by name_kana, birth_on, sex_code, todoke_code) = 1) as i
        using (name_kana, birth_on, sex_code, todoke_code)),
    tied as (select * from p1 union all by name select * from p2 union all by name select * from p3 union all by name select * from p4)
    select r.id, t.tied, {differs} from r left join tied as t using (id)
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
    for number, key in enumerate(keys, 1):
        known = intakes.dropna(subset=key).drop_duplicates(key, keep=False)
        found = left.dropna(subset=key)[["id", *key]].merge(known, on=key)
        tied.append(found.assign(tied=number))
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


def ours(site: Site) -> Reconciled:
    """The step of the job."""
    run_id = jobs.start(site, "kikou_kekka", DAY.isoformat(), SERVICE, "計測")
    return reconcile.reconcile(site, runs.get(site, run_id))


def agree(receipt: Reconciled, pandas: pd.DataFrame, duck: pd.DataFrame, results: int) -> None:
    """All three found the same: how many results have an intake by a number, and how many of those differ from it."""
    differs = [f"differs_{item}" for item in ITEMS]
    for peer in (pandas, duck):
        tied = peer[peer["tied"] <= 3]
        unlike = int(tied[differs].fillna(False).astype(bool).any(axis=1).sum())
        assert len(peer) == results, len(peer)
        found = receipt.outcomes["differs"], receipt.outcomes["matched"]
        assert found == (unlike, len(tied) - unlike), (receipt.outcomes, unlike, len(tied))


def one_round(house: Path, folder: Path, number: int, rows: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, Cost]:
    """way -> cost, in an office that has reconciled nothing yet."""
    with open_office(house, folder / f"office{number}", f"bench_{number}", template="bench_filled") as site:
        settle(admin_of(house, site))
        found = {
            "pandas": least(3, by_pandas, *rows),
            "突合": cost(ours, site, house=house),
            "DuckDB": least(3, by_duckdb, *rows),
        }
        agree(found["突合"].result, found["pandas"].result, found["DuckDB"].result, len(rows[0]))
        found["again"] = cost(ours, site, house=house)
        assert found["again"].result.stored == 0
    return found


def measure(house: Path, folder: Path, results: int, intakes: int, rounds: int) -> None:
    """Rounds of every way; then the figures that are held to a limit."""
    with open_office(house, folder / "filled", "bench_filled") as filled:
        fill(admin_of(house, filled), results, intakes)
        rows = frames(admin_of(house, filled))
        turns = [one_round(house, folder, number, rows) for number in range(rounds)]
    costs = {way: [turn[way] for turn in turns] for way in turns[0]}
    print(
        f"{results:,} results x {intakes:,} intakes, peers with rows in memory and nothing kept: {turns[0]['突合'].result.outcomes}"
    )
    for way, found in costs.items():
        print(f"{way}: {typical(found)}")
    print(f"突合 / pandas merge {ratio(costs['突合'], costs['pandas']):.2f} x (at most 9.5)")
    print(f"突合 / DuckDB {ratio(costs['突合'], costs['DuckDB']):.2f} x (at most 3.4)")
    print(f"突合 again / pandas merge {ratio(costs['again'], costs['pandas']):.2f} x (at most 8.2)")


def main(results: int = 20_000, intakes: int = 100_000, rounds: int = 3) -> None:
    with open_house() as house:
        measure(house, house / "files", results, intakes, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
