"""The suites on a real PostgreSQL: good rows pass, every ``fail`` can fail, what the rules accept is a warning."""

from __future__ import annotations

import pyarrow as pa
import pytest
from sqlalchemy import Engine, event

from etl.core.errors import Unavailable
from etl.core.mapping.layout import layouts
from etl.core.suite.acceptance import suite
from etl.core.suite.findings import Finding
from etl.edge import db, suites
from etl.site import Site
from tests.suites.filling import DAY, INBOUND, OUTBOUND, SAMPLES, connections, counted, fixed_rows, put, run, sample_rows


def failed(findings: list[Finding], severity: str = "fail") -> dict[str, int]:
    """name -> unexpected, of the findings of this severity that are not as expected."""
    return {f.expectation: f.unexpected for f in findings if not f.passed and f.severity == severity}


@pytest.mark.parametrize("dataset", INBOUND)
def test_good_rows_pass(site: Site, session: db.Session, dataset: str) -> None:
    rows = sample_rows(dataset)
    found = suites.validate(site.url, dataset, *put(session, dataset, rows), day=DAY)
    assert [f.expectation for f in found] == [c.name for c in suite(dataset)]
    assert not failed(found)
    assert {f.checked for f in found if f.expectation.startswith("required")} == {rows.num_rows}


@pytest.mark.parametrize("dataset", INBOUND)
def test_no_rows_and_an_empty_file_are_no_failure(site: Site, session: db.Session, dataset: str) -> None:
    found = suites.validate(site.url, dataset, *put(session, dataset, sample_rows(dataset).slice(0, 0)), day=DAY)
    assert not failed(found)
    assert failed(found, "warn") == {"not_empty": 1}


@pytest.mark.parametrize("dataset", INBOUND)
def test_every_fail_can_fail(site: Site, session: db.Session, dataset: str) -> None:
    tables = put(session, dataset, sample_rows(dataset), staged_count=10**6)
    columns = layouts()[dataset].columns
    run(session, f"update staging.{dataset} set {', '.join(f'{f.name} = null' for f in columns if f.required)} where line = 2")
    if coded := [f.name for f in columns if f.codes]:
        run(session, f"update staging.{dataset} set {', '.join(f'{name} = :wrong' for name in coded)} where line = 3", wrong="?")
    found = suites.validate(site.url, dataset, *tables, day=DAY)
    assert failed(found) == {c.name: 1 for c in suite(dataset) if c.severity == "fail"}


def test_what_the_rules_accept_is_a_warning(site: Site, session: db.Session) -> None:
    rows = sample_rows("ikou_shikaku")
    tables = put(session, "ikou_shikaku", pa.concat_tables([rows, rows.slice(0, 1)]), last_data_count=5)
    changes = "acquired_on = '2020-04-01', lost_on = '2019-03-31', soushitsu_jiyu_code = null"
    run(session, f"update staging.ikou_shikaku set {changes} where line = 3")
    found = suites.validate(site.url, "ikou_shikaku", *tables, day=DAY)
    assert not failed(found)
    warned = failed(found, "warn")
    assert warned["key_once"] == 2
    assert warned["acquired_before_lost"] == 1
    assert warned["loss_has_reason.soushitsu_jiyu_code"] == 1
    assert warned["kiso_known"] == rows.num_rows + 1
    assert warned["volume"] == 1
    fewer = counted(data_count=3, staged_count=3, last_data_count=0)
    assert "volume" not in failed(suites.validate(site.url, "ikou_shikaku", tables[0], fewer, day=DAY), "warn")


def test_heads_of_households(site: Site, session: db.Session) -> None:
    rows = sample_rows("juki_idou").slice(0, 20)
    tables = put(session, "juki_idou", rows)
    for line, head in ((2, "000000000000001"), (3, None)):
        run(session, "update staging.juki_idou set setainushi_atena_no = :head where line = :line", line=line, head=head)
    run(session, "update staging.juki_idou set setainushi_atena_no = atena_no where line > 3")
    run(session, "update staging.juki_idou set zokugara_code = '02000000'")
    found = suites.validate(site.url, "juki_idou", *tables, day=DAY)
    assert failed(found) == {"required.setainushi_atena_no": 1}
    assert failed(found, "warn") | {"head_is_self": 1, "head_known": 1} == failed(found, "warn")
    assert {f.expectation: f.checked for f in found}["head_is_self"] == 19


def test_references_look_into_the_database(site: Site, session: db.Session) -> None:
    rows = sample_rows("ikou_fuka")
    tables = put(session, "ikou_fuka", rows)
    known = "select lpad(line::text, 15, '0'), kiso_nenkin_no, line::text from staging.ikou_fuka"
    run(session, f"insert into pension.nenkin_kihon (atena_no, kiso_nenkin_no, row_key) {known}")
    assert "kiso_known" not in failed(suites.validate(site.url, "ikou_fuka", *tables, day=DAY), "warn")


@pytest.mark.parametrize("dataset", OUTBOUND)
def test_outbound_rows(dataset: str) -> None:
    rows = fixed_rows(SAMPLES / OUTBOUND[dataset], dataset)
    found = suites.validate_frame(dataset, rows, {"last_data_count": rows.num_rows}, day=DAY)
    assert [f.expectation for f in found] == [c.name for c in suite(dataset)]
    assert not failed(found) and not failed(found, "warn")
    assert not failed(suites.validate_frame(dataset, rows.slice(0, 0), day=DAY))


@pytest.mark.parametrize("dataset", OUTBOUND)
def test_every_fail_of_an_outbound_file_can_fail(dataset: str) -> None:
    rows = fixed_rows(SAMPLES / OUTBOUND[dataset], dataset).slice(0, 1)
    fields = {f.name: f for f in layouts()[dataset].columns}
    nothing = dict.fromkeys(fields)
    wrong = {n: "?" if f.codes else None for n, f in fields.items()}
    kojin = [{**rows.to_pylist()[0], "atena_no": "0" * 15, "kojin_no": "0" * 12}] if "kojin_no" in fields else []
    changed = [{**nothing, "henkou_kbn": kbn} for kbn in ("2", "4")] if "henkou_kbn" in fields else []
    bad = pa.Table.from_pylist([*rows.to_pylist(), *kojin, *kojin, nothing, wrong, *changed], rows.schema)
    twice = pa.concat_tables([bad, rows])
    assert set(failed(suites.validate_frame(dataset, twice, day=DAY))) == {c.name for c in suite(dataset) if c.severity == "fail"}


def test_no_row_comes_to_us_and_nothing_stays_open(site: Site, session: db.Session) -> None:
    rows = sample_rows("juki_idou")
    tables = put(session, "juki_idou", rows)
    run(session, "update staging.juki_idou set name = null, sex_code = '?', idou_on = '0001-01-01', setainushi_atena_no = '-'")
    fetched: list[int] = []
    listener = lambda *told: fetched.append(told[1].rowcount) if "staging.juki_idou" in told[2] else None  # noqa: E731
    event.listen(Engine, "after_cursor_execute", listener)
    try:
        found = suites.validate(site.url, "juki_idou", *tables, day=DAY)
    finally:
        event.remove(Engine, "after_cursor_execute", listener)
    assert failed(found)["required.name"] == rows.num_rows
    assert fetched and max(fetched) <= 1
    assert connections(site) == 0
    run(session, "set lock_timeout = '1s'")
    run(session, "truncate staging.juki_idou")


def test_the_same_table_is_looked_at_anew(site: Site, session: db.Session) -> None:
    tables = put(session, "ikou_fuka", sample_rows("ikou_fuka"))
    assert not failed(suites.validate(site.url, "ikou_fuka", *tables, day=DAY))
    run(session, "update staging.ikou_fuka set kanyu_on = null")
    assert failed(suites.validate(site.url, "ikou_fuka", *tables, day=DAY)) == {
        "required.kanyu_on": sample_rows("ikou_fuka").num_rows
    }


def test_no_database() -> None:
    with pytest.raises(Unavailable, match="NP-1020"):
        suites.validate("postgresql://kokunen_app:secret@127.0.0.1:1/kokunen", "ikou_fuka", "staging.ikou_fuka", {}, day=DAY)
