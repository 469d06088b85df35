"""A new key for 個人番号: every number of a vault encrypted anew by ``keys rotate``, against a script that takes a row at a time.

``python -m benchmarks.keys [numbers] [rounds]``. Both decrypt and encrypt each number and change the same rows under the same indexes.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import psycopg

from benchmarks.measure import Cost, cost, ratio, typical
from benchmarks.office import admin_of, open_house, open_office
from etl import kagi
from etl import run as runs
from etl.site import Site

DAY, WHO = date(2026, 4, 1), "keisoku"


def fill(url: str, site: Site, numbers: int) -> None:
    """A vault of synthetic numbers (0000…), and somebody who may change its key."""
    plain = [f"0000{n:08}".encode() for n in range(numbers)]
    cipher, matcher = site.keys.cipher(kagi.KOJIN_NO), site.keys.matcher()
    with psycopg.connect(url) as owner:
        with owner.cursor().copy("copy vault.kojin_no (atena_no, hmac, cipher, key_id) from stdin") as copy:
            for n, row in enumerate(zip(matcher.digests(plain), cipher.encrypt_many(plain), strict=True)):
                copy.write_row((f"{n:015}", *row, cipher.key_id))
        owner.execute(
            "insert into shokuin.touroku (user_name, unit, yakuwari, sees_numbers, from_on, totp, reason, asked_by, granted_by, granted_at)"
            " values (%s, '', '{管理者}', false, '2020-04-01', false, '', 'x', 'y', now())",
            (WHO,),
        )
    runs.require_keys(site)


def rotate(home: Path, url: str, _owner_url: str) -> int:
    """Ours."""
    site = Site(home, url)
    run_id = runs.start(site, "keys_rotate", str(DAY), WHO, "計測", business_on=DAY, as_known_at=None, run_key=None)
    done = kagi.rotate(site, runs.get(site, run_id), kagi.KOJIN_NO)
    site.engine.dispose()
    return done.written


def by_row(home: Path, url: str, owner_url: str) -> int:
    """The same as one would write it: read a row, open it, encrypt it, write it; no record, no end to go on from."""
    site = Site(home, url)
    old = site.keys.current_id(kagi.KOJIN_NO)
    cipher = site.keys.cipher(site.keys.add(kagi.KOJIN_NO)[:-3])
    with psycopg.connect(owner_url) as reading, psycopg.connect(owner_url) as writing, reading.cursor("numbers") as rows:
        rows.itersize, done = 10_000, 0
        for kojin_id, kept in rows.execute(
            "select kojin_id, cipher from vault.kojin_no where key_id = %s order by kojin_id", (old,)
        ):
            made = cipher.encrypt(site.keys.decrypt(old, bytes(kept)))
            writing.execute(
                "update vault.kojin_no set cipher = %s, key_id = %s where kojin_id = %s", (made, cipher.key_id, kojin_id)
            )
            done += 1
    return done


def measure(house: Path, folder: Path, numbers: int, rounds: int) -> None:
    ours, theirs = list[Cost](), list[Cost]()
    for turn in range(rounds):
        for name, costs in (("ours", ours), ("theirs", theirs)):
            with open_office(house, folder / f"{name}{turn}", f"keys_{name}{turn}") as site:
                fill(admin_of(house, site), site, numbers)
                site.engine.dispose()
                work = rotate if name == "ours" else by_row
                costs.append(cost(work, site.home, site.url, admin_of(house, site), house=house))
                assert costs[-1].result == numbers
    print(f"keys rotate, {numbers:,} numbers: {typical(ours)}; a row at a time: {typical(theirs)}")
    print(f"of a row at a time {ratio(ours, theirs):.2f} x (at most 0.4)")


def main(numbers: int = 100_000, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory(prefix="kokunen-bench-") as folder, open_house() as house:
        measure(house, Path(folder), numbers, rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
