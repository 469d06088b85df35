"""A code that is valid from a day on: a row of the day before is set aside, one of that day is taken, whatever the day of its file; what leaves
is asked for the day on which it is made."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from etl.definitions import DEFINITIONS
from etl.site import Site
from tests import forked

IN = """
import json, sys, kit
from datetime import date
from pathlib import Path
from etl.site import Site
site, told = Site(home=Path(sys.argv[1]), url=sys.argv[2]), []
days = date(2026, 9, 30), date(2026, 10, 1)
for seq, on in enumerate((date(2026, 9, 30), date(2026, 10, 2)), 1):
    rows = [{"uketsuke_no": kit.no(10 * seq + n), "atena_no": kit.no(1), "todoke_code": "09", "juri_on": day} for n, day in enumerate(days)]
    kit.uketsuke(site, rows, on=on, seq=seq)
    [file] = kit.run(site, "uketsuke_daily", on)["files"]
    told.append([file["outcome"], file["counts"]["new"], file["counts"]["quarantined"]])
told += map(list, kit.query(site, "select line, fields, kinds from ledger.quarantine order by file_id"))
print(json.dumps(told))
"""
OUT = """
import json
from datetime import date
from etl.edge import suites
from tests.suites.filling import OUTBOUND, SAMPLES, fixed_rows
name = "kokuho_shikaku_hoken"
rows = fixed_rows(SAMPLES / OUTBOUND[name], name)
of_days = [suites.validate_frame(name, rows, day=day) for day in (date(2026, 9, 30), date(2026, 10, 1))]
print(json.dumps([[f.expectation for f in found if not f.passed and f.severity == "fail"] for found in of_days]))
"""


@pytest.fixture
def definitions(tmp_path: Path) -> Path:
    """Ours, but that 本人確認 1 and 変更区分 3 come into use in October 2026."""
    for name in ("mappings", "expectations", "sql"):
        shutil.copytree(DEFINITIONS / name, tmp_path / "law" / name)
    for codes, code in (("honnin_kakunin", "1"), ("henkou_kbn", "3")):
        page = tmp_path / "law" / "mappings" / "codes" / f"{codes}.yaml"
        lines = [
            f'"{code}": {{label: 新, from: 2026-10-01}}' if line.startswith(f'"{code}"') else line
            for line in page.read_text("utf-8").splitlines()
        ]
        page.write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "law"


def said(definitions: Path, script: str, *args: str) -> Any:
    path = os.pathsep.join((str(DEFINITIONS), str(DEFINITIONS / "tests")))
    env = {**os.environ, "KOKUNEN_DEFINITIONS": str(definitions), "PYTHONPATH": path}
    status, out, err = forked.python(script, args, DEFINITIONS, env)
    assert status == 0, err
    return json.loads(out.splitlines()[-1])


def test_each_row_is_asked_by_its_own_day(site: Site, definitions: Path) -> None:
    set_aside = [2, ["honnin_kakunin_code"], ["unknown_code"]]
    assert said(definitions, IN, str(site.home), site.url) == [["accepted", 1, 1]] * 2 + [set_aside] * 2


def test_an_outbound_file_is_asked_by_the_day_it_is_made(definitions: Path) -> None:
    assert said(definitions, OUT) == [["codes.henkou_kbn"], []]
