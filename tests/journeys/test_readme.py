"""The example of the README, typed as it stands there on a smaller city: it ends with files that have rows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import kit
import pytest

from etl.cli.main import main
from etl.site import Site

README = Path(__file__).resolve().parents[2] / "README.md"


def test_READMEの例は_行のあるファイルで終わる(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    monkeypatch.setenv("KOKUNEN_HOME", str(site.home))
    first, second, *lines = re.findall(r"^kokunen (.*)$", README.read_text(encoding="utf-8"), re.M)
    assert first == "init" and second.startswith("synth-people")  # the Site of the test, whose people have logged in
    for line in lines:
        assert main(shlex.split(line.replace("20000", "2000"), comments=True)) == 0, line
    outputs = kit.query(site, "select rows > 0, released_at is not null, version from ledger.output where dataset like 'kokuho%'")
    assert outputs == [(True, True, 1)] * 2
    assert kit.query(site, "select count(*) > 0 from ledger.approval where kind = 'idou' and decision = 'approved'") == [(True,)]
