"""The command line itself, in processes of its own on a server of its own: killed, the server killed too, and simply run again."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import kit
import pytest
from kit import DAY, no

from etl.edge import db
from etl.platform import postgres
from etl.site import Site, open_site
from tests import forked, people
from tests.faults import crash

ROOT = Path(__file__).resolve().parents[2]
Kokunen = Callable[..., tuple[int, str, str]]


@pytest.fixture
def kokunen(tmp_path: Path) -> Iterator[Kokunen]:
    def call(*argv: str, **more: str) -> tuple[int, str, str]:
        return forked.kokunen(argv, ROOT, {**os.environ, "KOKUNEN_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **more})

    yield call
    postgres.stop(tmp_path)


def test_止めても落としても_もう一度打てばよい(kokunen: Kokunen, tmp_path: Path) -> None:
    assert kokunen("init")[0] == 0
    people.register(postgres.urls(tmp_path)["owner"])
    site: Site = open_site(tmp_path)
    crash.know(tmp_path)
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "kojin_no": kit.kojin_no(1)}])
    load = ("run", "juki_daily", "--period", DAY.isoformat(), "--as", "sousa01", "--json")

    assert kokunen(*load, KOKUNEN_FAILPOINT="7") == (-signal.SIGKILL, "", "failpoint validated\n")
    site.engine.dispose()
    crash.kill_server(site)

    status, out, err = kokunen(*load)
    assert (status, err) == (0, "")
    assert [f["outcome"] for f in json.loads(out)["files"]] == ["accepted"]
    crash.assert_sound(site)
    assert json.loads(kokunen(*load)[1])["files"] == []
    with site.session() as session, db.locked(session, "juki_idou"):
        status, _, err = kokunen(*load)
    assert status == 13 and "既に処理中です" in err and "NP-1021" in err
    site.engine.dispose()
