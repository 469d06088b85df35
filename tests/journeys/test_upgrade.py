"""An installation of before the ten files (tests/golden/before) is upgraded: no row changes, its month stays its month, its days go on."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import kit
import psycopg
import pytest
from catalog import catalog, differences
from conftest import new_site

from etl.core.errors import Refused
from etl.edge.db.migrate import migrate
from etl.platform import postgres
from etl.site import Site
from tests import people
from tests.journeys.test_sample_city import EXPECTED, asked, check_again, check_counts, check_day
from tools.audit_verify import check

BEFORE = Path(__file__).parents[1] / "golden" / "before"
COLUMNS = """
    select c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('pension', 'vault', 'ledger', 'audit') group by c.oid"""


@dataclass(frozen=True)
class Upgraded:
    """The installation after ``kokunen init``; what was in each table before (columns, rows as a hash), and what was done."""

    site: Site
    owner_url: str
    columns: dict[str, str]
    before: dict[str, tuple[int, str]]
    done: list[str]


def restore(site: Site, admin_url: str) -> None:
    """The dump and its keys."""
    database = site.url.rsplit("/", 1)[1]
    command = [postgres.binaries() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", f"{admin_url.rsplit('/', 1)[0]}/{database}"]
    subprocess.run(command, input=gzip.decompress((BEFORE / "kokunen.sql.gz").read_bytes()), check=True, capture_output=True)
    for key in (BEFORE / "keys").iterdir():
        (site.home / "keys" / key.name).unlink()
        shutil.copyfile(key, site.home / "keys" / key.name)
        (site.home / "keys" / key.name).chmod(0o600)


def rows(url: str, columns: dict[str, str]) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a hash over all of them."""
    with psycopg.connect(url) as connection:
        found = {}
        for table, names in columns.items():
            whole = f"select count(*), md5(coalesce(string_agg(r, E'\\n' order by r), '')) from (select row({names})::text as r from {table}) as t"
            [found[table]] = connection.execute(whole.encode()).fetchall()
        return found


@pytest.fixture(scope="module")
def office(house: Path, tmp_path_factory: pytest.TempPathFactory, owner_url_of: Callable[[Site], str]) -> Iterator[Upgraded]:
    with new_site(house, tmp_path_factory.mktemp("office"), template="template0") as site:
        restore(site, postgres.ensure(house).admin_url)
        url = owner_url_of(site)
        with psycopg.connect(url) as connection:
            columns = dict(connection.execute(COLUMNS).fetchall())
        before = rows(url, columns)
        done = migrate(url)
        people.register(url)  # what an office does next: it tells who works there
        yield Upgraded(site, url, columns, before, done)


#: a claim of which it had asked for one year, by the rule of before: now it asks for the other one. The answer of the samples to that one
#: has a number that a new house gave; here nobody asked for it
BESIDES = ("202509250000044", "000000012010036", 2024)


def told(day: dict) -> dict:
    """The day as expected, but for that answer."""
    files = [{**f, "new": 1, "out_of_scope": 1} if f["name"].startswith("SHOTOKKT") else f for f in day["files"]]
    return {**day, "files": files}


def questions(paths: list[Path]) -> set[tuple[str, str, int]]:
    rows = [row for path in paths for row in kit.rows_of({"dataset": "shotoku_shoukai", "path": path})]
    return {(row["uketsuke_no"], row["atena_no"], row["soutou_year"]) for row in rows}


def verify(site: Site) -> int:
    """The number of records of the chain, which is whole."""
    with site.session("audit") as session:
        records = session.rows("attest/audit_events", first_on=date.min, last_on=date.max)
    number, wrong = check(records)
    assert not wrong
    return number


def test_it_takes_the_steps_that_were_missing_and_no_row_changes(office: Upgraded) -> None:
    assert office.done[0] == "0014_generated.sql"
    assert len(office.before) > 30 and sum(n for n, _ in office.before.values()) > 2000
    assert rows(office.owner_url, office.columns) == office.before


def test_it_is_like_a_new_one(office: Upgraded, house: Path) -> None:
    new = postgres.urls(house)["owner"]
    assert not (wrong := differences(catalog(new), catalog(office.owner_url))), f"new, then upgraded:\n{wrong}"


def test_its_records_are_whole_and_its_month_is_the_month_that_left(office: Upgraded) -> None:
    recorded = verify(office.site)
    [(known_at,)] = kit.query(office.site, "select distinct known_at from ledger.output where dataset like 'kokuho%'")
    made = kit.run(office.site, "kokuho_monthly", "2025-09", as_known_at=known_at, business_on=date(2025, 12, 1))
    assert made["error"] is None
    paths = [Path(o["path"]) for o in made["outputs"]]
    assert {p.name: p.read_bytes() for p in paths} == {p.name: p.read_bytes() for p in BEFORE.glob("*.dat")}
    assert verify(office.site) > recorded


def test_what_waited_is_decided_and_the_days_go_on(office: Upgraded) -> None:
    with psycopg.connect(office.owner_url) as connection:  # the golden file grows old; an approval must not
        connection.execute("update ledger.approval set expires_at = now() + interval '1 day' where decision is null")
    with pytest.raises(Refused, match="NP-2030"):
        kit.approve_all(office.site, user="sousa01")
    assert kit.approve_all(office.site, user="shounin02")["approved"] == 2
    later = EXPECTED["days"][4:]
    assert [day["business_day"] for day in later] == ["2025-09-29", "2025-09-30"]
    check_counts(office.site, told(later[0]))
    made, expected = asked(office.site, "shotoku_shoukai", later[0])
    assert questions(made) == questions(expected) | {BESIDES}
    check_day(office.site, later[1])
    assert kit.query(office.site, "select * from pension.shotoku_unasked") == []
    check_again(office.site, later)
    assert migrate(office.owner_url) == []
    verify(office.site)
