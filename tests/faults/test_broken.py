"""Tests of the tests: loaders broken on purpose. Each check passes for ours and must fail for the one that is broken."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import no

from etl.core.codec.encode import end_file
from etl.core.errors import KokunenError, Unavailable
from etl.door import send
from etl.door.parcel import Parcel
from etl.edge import atomic, db
from etl.ingest import merge, outcome, turn
from etl.run import Run
from etl.site import Site
from tests.faults import crash
from tests.faults.crash import NEXT, THIRD

Patch = pytest.MonkeyPatch
transfer = importlib.import_module("etl.transfer")


# ---- what is held against a loader -----------------------------------------------------------------------------------------


def all_or_nothing(site: Site, patch: Patch) -> None:
    """A load that breaks off before its ledger row leaves no row behind."""
    before = crash.business(site)

    def power_cut() -> None:
        raise Unavailable("NP-1020", item="-", sqlstate="57P01")

    crash.at(patch, "ledger written", power_cut)
    assert kit.run(site, "juki_daily", NEXT)["error"] is not None
    assert crash.business(site) == before


def once(site: Site, patch: Patch) -> None:
    """Two that both looked before either wrote: the file is in the ledger once."""
    patch.setattr(turn, "duplicate_of", lambda *_: None)
    patch.setattr(turn, "require", lambda *_: None)
    (path,) = (site.inbox / "juki_idou").glob(f"*_{NEXT:%Y%m%d}_*.dat")
    whole = {p: p.read_bytes() for p in (path, Path(f"{path}.end"))}
    for _ in range(2):
        for p, data in whole.items():
            p.write_bytes(data)
        try:
            kit.run(site, "juki_daily", NEXT)
        except KokunenError:
            continue
    accepted = kit.query(site, "select count(*) from ledger.file where outcome = 'accepted' and business_on = :d", d=NEXT)
    assert accepted == [(1,)]
    assert crash.changes(site)["取込"] == kit.query(site, "select count(*) from ledger.file where outcome = 'accepted'")[0][0]


def whole_files(site: Site, patch: Patch) -> None:
    """A second writer comes while the first has written and not yet renamed: either content is there, whole, and nothing else."""
    path, one, two = site.outbox / "x" / "X.dat", b"1" * 5000, b"2" * 90
    sync, came = os.fsync, []

    def meanwhile(handle: int) -> None:
        sync(handle)
        if not came:
            came.append(1)
            atomic.write(path, two)

    patch.setattr(os, "fsync", meanwhile)
    try:
        atomic.write(path, one)
    except (OSError, KokunenError) as error:
        raise AssertionError(type(error).__name__) from error
    assert came and path.read_bytes() in (one, two)
    assert [p.name for p in path.parent.iterdir()] == ["X.dat"]


def manifest_last(site: Site, patch: Patch) -> None:
    """However early the placing breaks off, no manifest points to a file that is not there."""
    crash.agreed(site)
    write, calls = atomic.write, []

    def cut(path: Path, content: atomic.Content, **how: Any) -> None:
        calls.append(path.name)
        if len(calls) == 2:
            raise Unavailable("NP-1026", volume="test")
        write(path, content, **how)

    patch.setattr(atomic, "write", cut)
    kit.run(site, "kokuho_monthly", "2025-09")
    assert len(calls) >= 2
    crash.assert_manifests(site)


def business_day(site: Site, patch: Patch) -> None:
    """What is loaded for a day is that day's (or what had come late), whatever the clock says: tomorrow's file stays where it lies."""
    kit.juki(site, [], on=THIRD, seq=3)
    assert [f["outcome"] for f in kit.run(site, "juki_daily", NEXT)["files"]] == ["accepted"]
    assert kit.query(site, "select business_on from ledger.file where outcome = 'accepted' order by file_id desc limit 1") == [
        (NEXT,)
    ]


def first_wins(site: Site, patch: Patch) -> None:
    """Of two rows with one key and other content the first enters and the second is set aside."""
    kit.juki(
        site,
        [{"atena_no": no(6), "rireki_no": 2, "katagaki": "一"}, {"atena_no": no(6), "rireki_no": 2, "katagaki": "二"}],
        on=NEXT,
        seq=2,
    )
    assert kit.only(kit.run(site, "juki_daily", NEXT))["counts"]["quarantined"] == 1
    held = kit.query(
        site, "select katagaki from pension.atena where atena_no = :n and rireki_no = 2 and superseded_at is null", n=no(6)
    )
    assert held == [("一",)]


def placed_whole(site: Site, patch: Patch) -> None:
    """What lies in the outbox after a month is what the manifests say."""
    kit.month(site)
    assert list(site.outbox.rglob("*.end"))
    crash.assert_manifests(site)


def chained(site: Site, patch: Patch) -> None:
    """I5: the records verify, and there is one for each file."""
    kit.run(site, "juki_daily", NEXT)
    crash.assert_sound(site)


# ---- how a loader may be broken ----------------------------------------------------------------------------------------------


def commits_per_chunk(site: Site, patch: Patch, owner_url: str) -> None:
    enter = merge._enter_rows

    def early(session: db.Session, *args: Any) -> int:
        entered = enter(session, *args)
        session.connection.connection.driver_connection.commit()  # type: ignore[union-attr]
        return entered

    patch.setattr(merge, "_enter_rows", early)


def looks_then_inserts(site: Site, patch: Patch, owner_url: str) -> None:
    """A ledger that relies on having looked: nothing in the database holds it."""
    with psycopg.connect(owner_url) as owner:
        owner.execute("drop index ledger.file_once; drop index ledger.file_bytes_once")


def shares_temporary_name(site: Site, patch: Patch, owner_url: str) -> None:
    def write(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)

    patch.setattr(atomic, "write", write)


def writes_manifest_first(site: Site, patch: Patch, owner_url: str) -> None:
    place = send.place

    def early(at: Site, parcel: Parcel, last: int | None) -> Any:
        end = end_file(parcel.name, parcel.content, parcel.rows.num_rows)
        atomic.write(parcel.path(at).with_name(f"{parcel.name}.end"), end)
        return place(at, parcel, last)

    patch.setattr(send, "place", early)


def writes_in_place(site: Site, patch: Patch, owner_url: str) -> None:
    """Straight under the final name; the power is cut after half of it."""
    write = atomic.write

    def half(path: Path, content: Any, **how: Any) -> None:
        write(path, content[: len(content) // 2] if path.suffix == ".dat" else content, **how)

    patch.setattr(atomic, "write", half)
    patch.setattr(send, "read_back", lambda *_: None)


def trusts_the_clock(site: Site, patch: Patch, owner_url: str) -> None:
    patch.setattr(Run, "day", property(lambda _: date(2026, 11, 24)))


def lets_the_last_win(site: Site, patch: Patch, owner_url: str) -> None:
    _rewrite(patch, "ingest/verdict", "order by row_key, line\n", "order by row_key, line desc\n")


def forgets_the_record(site: Site, patch: Patch, owner_url: str) -> None:
    patch.setattr(outcome, "record", lambda *_, **__: None)


def _rewrite(patch: Patch, name: str, old: str, new: str) -> None:
    known = db.statement
    assert old in known(name)
    patch.setattr(db, "statement", lambda n: known(n).replace(old, new) if n == name else known(n))


Check = Callable[[Site, Patch], None]
Break = Callable[[Site, Patch, str], None]
CAUGHT: list[tuple[Break, Check]] = [
    (commits_per_chunk, all_or_nothing),
    (looks_then_inserts, once),
    (shares_temporary_name, whole_files),
    (writes_manifest_first, manifest_last),
    (writes_in_place, placed_whole),
    (trusts_the_clock, business_day),
    (lets_the_last_win, first_wins),
    (forgets_the_record, chained),
]
CHECKS = list(dict.fromkeys(check for _, check in CAUGHT))


@pytest.mark.parametrize("check", CHECKS, ids=[c.__name__ for c in CHECKS])
def test_本物は確認を通る(copies: crash.Copies, monkeypatch: Patch, check: Check) -> None:
    with copies() as site:
        check(site, monkeypatch)


@pytest.mark.parametrize(("breaks", "check"), CAUGHT, ids=[b.__name__ for b, _ in CAUGHT])
def test_わざと壊した取込は見つかる(
    copies: crash.Copies, monkeypatch: Patch, owner_url_of: Callable[[Site], str], breaks: Break, check: Check
) -> None:
    with copies() as site:
        breaks(site, monkeypatch, owner_url_of(site))
        with pytest.raises(AssertionError):
            check(site, monkeypatch)
