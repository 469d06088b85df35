"""鍵: runs, and a small town with something encrypted of every kind, for the tests of keys."""

from __future__ import annotations

from datetime import date
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve, kagi
from etl import run as runs
from etl.edge import failpoint
from etl.run import Run
from etl.shokuin import proof
from etl.site import Site
from tests.faults import damage

NEXT = date(2025, 9, 25)
PEOPLE = range(1, 6)


def run_of(site: Site, job: str = "keys_rotate", user: str = "kanri01") -> Run:
    run_id = runs.start(site, job, str(DAY), user, "年次", business_on=DAY, as_known_at=None, run_key=None)
    return runs.get(site, run_id)


def rotate(site: Site, purpose: str) -> kagi.Rotated:
    return kagi.rotate(site, run_of(site), purpose)


def retire(site: Site, key_id: str, days: int = 0) -> kagi.Given:
    return kagi.retire(site, run_of(site, "keys_retire"), key_id, days)


def night(site: Site, on: date = NEXT, seq: int = 2) -> None:
    """A new person with a number, and a bad row of somebody held."""
    numbers = (100 + seq, 1)
    rows = [
        {"atena_no": no(numbers[0]), "kojin_no": kit.kojin_no(numbers[0]), "idou_on": on},
        {"atena_no": no(1), "rireki_no": seq},
    ]
    damage.spoil(kit.juki(site, rows, on=on, seq=seq), 2, "sex_code", b"7")


def fill(town: Site) -> Site:
    """Five numbers, a quarantined record, a second factor, a record with 4情報."""
    kit.insured(town, [{"atena_no": no(n)} for n in PEOPLE])
    kit.juki(town, [{"atena_no": no(n), "kojin_no": kit.kojin_no(n)} for n in PEOPLE], kubun="1")
    assert kit.run(town, "juki_daily", DAY)["error"] is None
    night(town)
    gone = {"atena_no": no(2), "rireki_no": 2, "idou_jiyu_code": "21", "idou_on": NEXT, "jumin_jotai_code": "2"}
    assert kit.run(town, "juki_daily", NEXT)["error"] is None
    kit.juki(town, [gone], on=date(2025, 9, 26), seq=3)
    assert kit.run(town, "juki_daily", date(2025, 9, 26))["error"] is None
    assert approve.decide(town, "idou", None, "shounin01")["approved"] == 1
    proof.set_password(town, "kanri01", "sousa01", "himitsu no kotoba", "試験", totp="JBSWY3DPEHPK3PXP")
    return town


def clear(site: Site) -> dict[str, list[bytes]]:
    """Everything that is encrypted, in clear."""
    found = {}
    for what, query in {
        "個人番号": "select key_id, cipher from vault.kojin_no order by kojin_id",
        "隔離": "select key_id, row_cipher from ledger.quarantine where row_cipher is not null order by file_id, line",
        "TOTP": "select key_id, totp_cipher from shokuin.kakunin where totp_cipher is not null order by person",
    }.items():
        found[what] = [site.keys.decrypt(key_id, bytes(cipher)) for key_id, cipher in kit.query(site, query)]
    events = [
        bytes(row[0]) for row in kit.query(site, "select shimei4 from audit.event where shimei4 is not null order by event_id")
    ]
    found["4情報"] = [site.keys.decrypt(blob.split(b":", 1)[0].decode(), blob.split(b":", 1)[1]) for blob in events]
    return found


def needed(site: Site) -> dict[str, dict[str, int]]:
    return {key.key_id: {use.what: use.n for use in key.uses} for key in kagi.listed(site)}


def at(monkeypatch: pytest.MonkeyPatch, name: str, work: Any) -> None:
    """``work`` happens once, at that point of whatever runs."""
    todo = [work]

    def reached(point: str) -> None:
        if point == name and todo:
            todo.pop()()

    monkeypatch.setattr(failpoint, "reached", reached)
