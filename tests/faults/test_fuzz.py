"""千の変異: whatever lies in the inbox refuses itself by name and code; no file beside it is lost, and memory has a limit.

Seeded: the same mutants on every machine. ``make fuzz`` takes other seeds (KOKUNEN_FUZZ=seed, KOKUNEN_FUZZ_EACH=mutants of a kind).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import kit
import pytest
from kit import no

from etl.core.codec.encode import end_file
from etl.ingest import merge, turn
from etl.site import Site
from tests.conftest import new_site
from tests.faults import crash, damage, mutants
from tests.faults.mutants import ANY, Change
from tests.rules.test_form import TWO, filled

SEED = int(os.environ.get("KOKUNEN_FUZZ", "1"))
EACH = int(os.environ.get("KOKUNEN_FUZZ_EACH", "160"))
MOST_MEMORY = 300 << 10  # kB that loading adds: a job has 200 MB before its first file, the process of all tests has more
DAY = date(2025, 9, 30)
UNKNOWN = ("NP-1099", "NP-1022", "NP-2027", "NP-2014")  # an error that nobody thought of


class Kind(NamedTuple):
    """An inbound kind: its job, what writes a good file (site, day, number), and how its content is changed."""

    job: str
    write: Callable[[Site, date, int], Path]
    changes: tuple[Change, ...]


def _juki(site: Site, on: date, n: int) -> Path:
    rows = [
        {"atena_no": no(1), "rireki_no": n, "kojin_no": kit.kojin_no(1)},
        {"atena_no": no(2), "rireki_no": n},
        {"atena_no": no(9)},
    ]
    return kit.juki(site, rows, on=on, seq=n)


def _uketsuke(site: Site, on: date, n: int) -> Path:
    rows = [{"uketsuke_no": no(10 * n + k), "atena_no": no(1), "kojin_no": kit.kojin_no(k), "gakko_name": "架空"} for k in (1, 2)]
    return kit.uketsuke(site, rows, on=on, seq=n)


def _form(site: Site, on: date, n: int) -> Path:
    """A form filled in once, with another day and number."""
    path, once = site.inbox / "kikou_kekka" / f"KIKOUKEKKA_{on:%Y%m%d}_{n:03}.xlsx", site.home / "form.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not once.exists():
        filled(once, TWO, None, 作成年月日="2019-12-31", 媒体通番="777")
    path.write_bytes(once.read_bytes())
    said = {b"2019-12-31": on.isoformat().encode(), b">777<": b">%d<" % n}
    change: Callable[[bytes], bytes] = lambda xml: reduce(lambda x, pair: x.replace(*pair), said.items(), xml)  # noqa: E731
    damage.repack(path, dict.fromkeys(("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"), change))
    return path


def _kihon(site: Site, on: date, n: int) -> Path:
    return kit.ikou(
        site, "ikou_nenkin_kihon", [{"atena_no": no(10 * n + k), "kiso_nenkin_no": kit.kiso(10 * n + k)} for k in (1, 2)], on
    )


def _menjo(site: Site, on: date, n: int) -> Path:
    return kit.ikou(site, "ikou_menjo", [{"kiso_nenkin_no": kit.kiso(n), "menjo_code": "10", "from_month": date(2025, 4, 1)}], on)


FIXED, CSV = (
    (*ANY, mutants.lines, mutants.encoding),
    (*ANY, mutants.lines, mutants.cell, mutants.cell, mutants.cell, mutants.encoding),
)
KINDS = {
    "住基": Kind("juki_daily", _juki, (*FIXED, *[mutants.record(822)] * 6)),
    "受付": Kind("uketsuke_daily", _uketsuke, CSV),
    "処理結果": Kind(
        "kikou_kekka", lambda site, on, n: kit.kekka(site, [{"kiso_nenkin_no": kit.kiso(n)}] * 2, on=on, baitai_no=n),
        (*FIXED, *[mutants.record(500, 96)] * 6),
    ),
    "入力票": Kind("kikou_kekka", _form, (mutants.xlsx,)),
    "所得": Kind(
        "shotoku_kaitou_daily", lambda site, on, n: kit.kaitou(site, [{"shoukai_no": f"{on:%Y%m%d}{k:07}"} for k in (1, 2)], on=on, seq=n),
        (*FIXED, *[mutants.record(302)] * 6),
    ),
    "移行（基本）": Kind("ikou_once", _kihon, CSV),
    "移行（免除）": Kind("ikou_once", _menjo, CSV),
}  # fmt: skip


def mutate(kind: str, path: Path, n: int) -> None:
    """The N-th mutant of a kind, in the place of a good file. Mostly its ``.end`` agrees, so that the mutant gets further."""
    r, end = mutants.seeded(SEED, kind, n), path.with_name(f"{path.name}.end")
    data = r.choice(KINDS[kind].changes)(r, path.read_bytes())
    path.write_bytes(data)
    if not end.exists():
        return
    if r.random() < 0.15:
        end.write_bytes(mutants.end(r, end.read_bytes()))
    elif r.random() < 0.95:
        end.write_bytes(end_file(path.name, data, max(data.count(b"\r\n") - (1 if path.suffix == ".csv" else 2), 0)))


@contextmanager
def in_any_order() -> Iterator[None]:
    """Numbers do not hold a file back here, nor does an approval: each mutant is to come as far as it can. The suite, which asks counts of the
    database and takes longest, looks at one in ten."""
    validate, nth = merge.validate, itertools.count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turn, "require", lambda *_: None)
        patch.setattr(merge, "validate", lambda *args: [] if next(nth) % 10 else validate(*args))
        yield


def load(site: Site, kind: str) -> None:
    """All mutants of a kind in one run, good files before, between and behind them."""
    about, good, before = KINDS[kind], [], crash.peak()
    site.inbox.mkdir(exist_ok=True)
    for n in range(1, EACH + 1):
        path = about.write(site, DAY - timedelta(days=EACH - n), n)
        if n % 20 == 1 or n == EACH:
            good.append(path.name)
        else:
            mutate(kind, path, n)
    with in_any_order():
        files = {f["name"]: f for f in kit.run(site, about.job, DAY)["files"]}
    assert len(files) == EACH, f"{len(files)} of {EACH} are told of"
    unknown = {name: f["code"] for name, f in files.items() if f["code"] in UNKNOWN}
    assert not unknown, [
        (name, kit.query(site, "select facts::text from ledger.file where name = :n", n=name)) for name in unknown
    ]
    assert {name: files[name]["code"] for name in good} == dict.fromkeys(good)
    assert kit.query(site, "select count(distinct name) from ledger.file") == [(EACH,)]
    staged = [
        row[0]
        for row in kit.query(site, "select relname from pg_class where relnamespace = 'staging'::regnamespace and relkind = 'r'")
    ]
    assert all(kit.query(site, f"select count(*) from staging.{name}") == [(0,)] for name in staged)
    assert crash.peak() - before < MOST_MEMORY, f"{crash.peak() - before} kB"


@pytest.mark.parametrize("kind", KINDS)
def test_変異したファイルはそれだけを名前とコードで断る(house: Path, tmp_path: Path, kind: str) -> None:
    with new_site(house, tmp_path) as site:
        site.engine.dispose()
        status, told = crash.in_child(lambda: load(crash.fresh(site), kind))
        assert status == 0, told[-4000:]


def test_千を超える変異を試す() -> None:
    mutated = sum(n % 20 != 1 and n != EACH for n in range(1, EACH + 1)) * len(KINDS)
    assert mutated > 1_000 or "KOKUNEN_FUZZ_EACH" in os.environ
    assert isinstance(SEED, int) and all(isinstance(k, Kind) for k in KINDS.values())


def test_種が同じなら変異も同じ() -> None:
    data: Any = bytes(range(256)) * 20
    one, two = (mutants.flip(mutants.seeded(SEED, "x", 1), data) for _ in range(2))
    assert one == two != mutants.flip(mutants.seeded(SEED + 1, "x", 1), data)
