"""保管物の鍵の写し: 別の媒体に写しのない鍵は警告し、消去した鍵は写しからも消える。"""

from __future__ import annotations

import os
from datetime import date, timedelta

import kit
import pytest

from etl import jobs, retire
from etl.attest.status import status
from etl.backup import keys
from etl.site import Site
from tests import kept

TODAY = date(2026, 11, 28)


def test_鍵は別の媒体の写しからも同時に消え_写しのない鍵は警告する(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOKUNEN_TODAY", TODAY.isoformat())
    goes, stays = kept.put(site, TODAY - timedelta(days=1)), kept.put(site, TODAY)
    for key in (goes, stays):
        os.utime(site.home / "keys" / "objects" / key, (0, 0))
    told = status(site).backup
    assert told and [w for w in told.warnings if "保管物の鍵 2 個" in w]
    monkeypatch.setenv("KOKUNEN_KEYS", str(place := tmp_path_factory.mktemp("usb")))
    keys.mirror(site.home, ())
    assert status(site).backup is None
    run = kept.run_of(site)
    retire.ask(site, run, ("C",))
    kit.approve_all(site, "shoukyo")
    jobs.step(site, run.run_id, "shred")
    assert [path.name for path in (place / "objects").iterdir()] == [stays]
