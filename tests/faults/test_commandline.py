"""The command line itself, in processes of its own on a server of its own: killed, the server killed too, and simply run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import kit
import pytest
from kit import DAY, no

from etl.edge import db
from etl.platform import postgres
from etl.site import Site, open_site
from tests import people
from tests.faults import crash

ROOT = Path(__file__).resolve().parents[2]
Kokunen = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kokunen(tmp_path: Path) -> Iterator[Kokunen]:
    def call(*argv: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "KOKUNEN_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **more}
        return subprocess.run([sys.executable, "-m", "etl.cli", *argv], cwd=ROOT, env=environment, capture_output=True, text=True)

    yield call
    postgres.stop(tmp_path)


def test_止めても落としても_もう一度打てばよい(kokunen: Kokunen, tmp_path: Path) -> None:
    assert kokunen("init").returncode == 0
    people.register(postgres.urls(tmp_path)["owner"])
    site: Site = open_site(tmp_path)
    crash.know(tmp_path)
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "kojin_no": kit.kojin_no(1)}])
    load = ("run", "juki_daily", "--period", DAY.isoformat(), "--as", "sousa01", "--json")

    killed = kokunen(*load, KOKUNEN_FAILPOINT="6")
    assert (killed.returncode, killed.stdout, killed.stderr) == (-signal.SIGKILL, "", "failpoint validated\n")
    site.engine.dispose()
    crash.kill_server(site)

    again = kokunen(*load)
    assert (again.returncode, again.stderr) == (0, "")
    assert [f["outcome"] for f in json.loads(again.stdout)["files"]] == ["accepted"]
    crash.assert_sound(site)
    assert json.loads(kokunen(*load).stdout)["files"] == []
    with site.session() as session, db.locked(session, "juki_idou"):
        busy = kokunen(*load)
    assert busy.returncode == 13 and "既に処理中です" in busy.stderr and "NP-1021" in busy.stderr
    site.engine.dispose()
