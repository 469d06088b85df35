"""媒体: a month that has left in archives, media of the register, a drive that is mounted (a small disk in memory), for the tests of media."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import kit
import pytest
from kit import no

from etl import run as runs
from etl.baitai import write
from etl.run import Run
from etl.site import Site
from tests.rules.daichou import TODAY, enter

HERE = "NENKIN-KANRI-1"  # of mappings/terminals.yaml
HOKEN, SHUNOU = "KOKUHO_141305_202509_01.dat", "KOKUHO_SHUNOU_141305_202509_01.dat"


def month(site: Site) -> None:
    """A month has left for both recipients; two drives are in the register."""
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1), "kojin_no": kit.kojin_no(1)}])
    kit.run(site, "juki_daily", kit.DAY)
    assert len(kit.month(site)["outputs"]) == 2
    for n in (1, 2):
        enter(site, "baitai", 製造番号=f"SN-000{n}")


def outputs(site: Site) -> list[str]:
    """The files that left: for 医療保険課 and for 収納管理課."""
    return [
        name
        for (name,) in kit.query(site, "select o.name from ledger.medium join ledger.output as o using (output_id) order by 1")
    ]


def run_of(site: Site, act: str = write.ACT, user: str = "sousa01", on: date = TODAY) -> Run:
    return runs.get(site, runs.start(site, act, str(on), user, "随時", business_on=on, as_known_at=None, run_key=None))


@contextmanager
def mounted(folder: Path, size: str = "1m") -> Iterator[Path]:
    """An empty drive, mounted there for the block."""
    folder.mkdir(exist_ok=True)
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True).returncode
    ):
        pytest.skip("may mount no small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def written(site: Site, drive: Path, serial: str = "SN-0001", which: int = 0) -> write.Plan:
    """The archive of one of the outputs is on a drive, and was read back."""
    run = run_of(site)
    plan = write.plan(site, run, serial, outputs(site)[which])
    assert write.write(site, run, plan, to=drive)
    return plan
