"""Nothing of a value in findings, in GX's own result, in exceptions, in logs or on the terminal (spec 11)."""

from __future__ import annotations

import gc
import json
import logging
import traceback

import psycopg
import pytest

from etl.core.errors import DefinitionError
from etl.core.suite.acceptance import suite
from etl.edge import db, suites
from etl.site import Site
from tests.suites.filling import DAY, INBOUND, OUTBOUND, SAMPLES, fixed_rows, put, run, sample_rows

CANARY = "カナリア鳥"


def poison(session: db.Session, dataset: str) -> dict[str, str]:
    """Every column of every row but its line says the canary, so that hardly any check holds."""
    rows = sample_rows(dataset)
    tables = put(session, dataset, rows)
    changes = ", ".join(f"{name} = :canary" for name in rows.column_names if name != "line")
    run(session, f"update staging.{dataset} set {changes}", canary=CANARY)
    return tables


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for name in suites.NOISY:
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def test_preload_says_nothing(everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    suites.preload()
    assert not everything_logged.records and capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dataset", INBOUND)
def test_no_value_in_findings_logs_or_on_the_terminal(
    site: Site, session: db.Session, dataset: str, everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    tables = poison(session, dataset)
    gc.collect()  # a pool that an earlier test left says so when it goes, which is not ours to hear
    everything_logged.clear()
    found = suites.validate(site.url, dataset, *tables, day=DAY)
    assert any(not f.passed for f in found)
    assert CANARY not in repr(found) and not everything_logged.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("dataset", ["juki_idou", "uketsuke"])
def test_no_value_in_what_gx_returns(site: Site, session: db.Session, dataset: str) -> None:
    tables = poison(session, dataset)
    checks = [c for c in suite(dataset) if c.on == "rows"]
    with suites._datasource(site.url) as source:
        raw = suites._raw(suites._staged_batch(source, tables[0], checks), checks, in_database=True)
    told = json.dumps(raw.to_json_dict(), ensure_ascii=False)
    assert '"unexpected_count"' in told and "unexpected_list" not in told, "values are not even asked for"
    assert CANARY not in told and json.dumps(CANARY)[1:-1] not in told


def test_no_value_in_what_gx_returns_for_rows_in_memory() -> None:
    rows = fixed_rows(SAMPLES / OUTBOUND["juki_shoukai"], "juki_shoukai")
    numbers = [n for name in ("shoukai_no", "atena_no", "konkyo_no") for n in rows[name].to_pylist() if n]
    rows = rows.slice(0, 1).from_batches([*rows.to_batches(), *rows.to_batches()])
    checks = [c for c in suite("juki_shoukai") if c.on == "rows"]
    raw = suites._raw(suites._frame_batch("rows", suites.rows_table(rows, checks)), checks, in_database=False)
    assert not raw.success and numbers
    assert not [n for n in numbers if n in json.dumps(raw.to_json_dict(), ensure_ascii=False)]


def test_no_value_in_exceptions(
    site: Site,
    session: db.Session,
    owner_url: str,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """PostgreSQL prints the value that it cannot read as a number; nobody gets to see it."""
    tables = poison(session, "ikou_fuka")
    with psycopg.connect(owner_url) as owner:
        columns = "line, kiso_nenkin_no, kanyu_on::integer::text as kanyu_on, dattai_on"
        owner.execute(f"create view staging.broken as select {columns} from staging.ikou_fuka")
        owner.execute("grant select on staging.broken to kokunen_app")
    everything_logged.clear()
    with pytest.raises(DefinitionError) as caught:
        suites.validate(site.url, "ikou_fuka", "staging.broken", tables[1], day=DAY)
    assert caught.value.code == "NP-3002" and caught.value.__cause__ is None
    assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.facts)
    assert not everything_logged.records and capfd.readouterr() == ("", "")
