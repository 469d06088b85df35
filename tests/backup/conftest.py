"""One home whose server keeps its WAL, with backups of a small city: made once, looked at by all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import kit
import pytest
from kit import DAY, no

from etl import run as runs
from etl.backup import keys, take, wal
from etl.platform import postgres
from etl.run import Run
from etl.site import Site, init
from tests import people
from tests.faults.crash import NEXT

#: whose name, address and 個人番号 may lie nowhere in clear
CANARY = {"name": "秘匿　鳥子", "address": "神奈川県川崎市川崎区秘匿町９－９", "kojin_no": kit.kojin_no(77)}
WORD = "fukkyu no rensyuu"  # of the keys' own backup


@dataclass
class Kept:
    """``before``: a moment between the first day, which all backups know, and the second, which only WAL and later backups do."""

    site: Site
    keys: Path
    before: datetime
    full: str
    second: str

    @property
    def folder(self) -> Path:
        return self.site.home / "backup"


def a_run(site: Site, user: str = "sousa01") -> Run:
    about = site.today.isoformat()
    return runs.get(site, runs.start(site, "backup", about, user, "試験", business_on=site.today, as_known_at=None, run_key=None))


@pytest.fixture(scope="package", autouse=True)
def _wal_is_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOKUNEN_WAL", "on")
        yield


@pytest.fixture(scope="package")
def kept(tmp_path_factory: pytest.TempPathFactory, _wal_is_kept: None) -> Iterator[Kept]:
    """Day one; a full backup; day two and a month that leaves; an incremental backup."""
    home = tmp_path_factory.mktemp("kept") / "home"
    site = init(home)
    try:
        people.register(postgres.urls(home)["owner"])
        kit.insured(site, [{"atena_no": no(n)} for n in range(1, 4)])
        kit.juki(
            site,
            [{"atena_no": no(n), "kojin_no": kit.kojin_no(n)} for n in (1, 2)] + [{"atena_no": no(3), **CANARY}],
            seq=1,
            kubun="1",
        )
        assert kit.run(site, "juki_daily", DAY)["error"] is None
        full = take.take(site, a_run(site)).id
        before = runs.now()
        kit.juki(site, [{"atena_no": no(1), "rireki_no": 2}], on=NEXT, seq=2)
        assert kit.run(site, "juki_daily", NEXT)["error"] is None
        assert kit.month(site)["outputs"]
        second = take.take(site, a_run(site)).id
        wal.seal(home)
        made = keys.make(site, a_run(site), tmp_path_factory.mktemp("safe"), WORD)
        yield Kept(site, made.path, before, full, second)
    finally:
        site.engine.dispose()
        postgres.stop(home)
