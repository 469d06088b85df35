"""The offline verifier of the records: a true chain passes; changed, dropped, inserted or cut ones do not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from pathlib import Path

import kit
import pytest

from etl import jobs
from etl.attest.export import export
from etl.core.mapping import registry
from etl.site import Site

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from audit_verify import GENESIS, check


def chain(n: int, first: int = 1, previous: str = GENESIS) -> list[dict[str, str]]:
    records = []
    for event_id in range(first, first + n):
        text = f"{event_id}\x1f2025-09-24T00:00:00.000000Z\x1f操作者\x1f取込\x1f{event_id % 3}"
        digest = hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()
        records.append({"event_id": str(event_id), "prev_hash": previous, "hash": digest, "text": text})
        previous = digest
    return records


@pytest.mark.parametrize("records", [[], chain(1), chain(50), chain(9, first=120, previous="ab" * 32)])
def test_a_true_chain_passes(records: list[dict[str, str]]) -> None:
    assert check(records) == (len(records), "")


def test_the_kept_hash_must_be_in_the_chain() -> None:
    records = chain(10)
    assert check(records, records[6]["hash"]) == (10, "")
    assert check(records[:6], records[6]["hash"])[1]


def test_a_changed_text_is_found_where_it_is() -> None:
    records = chain(10)
    records[4]["text"] += "0"
    assert check(records) == (4, "記録 5: 本文がハッシュと一致しません")


def test_a_record_changed_with_its_hash_breaks_the_next() -> None:
    records = chain(10)
    records[4:5] = [{**chain(1, 5, records[3]["hash"])[0], "text": "5\x1fother"}]
    records[4]["hash"] = hashlib.sha256(bytes.fromhex(records[4]["prev_hash"]) + records[4]["text"].encode()).hexdigest()
    assert check(records) == (5, "記録 6: 前の記録とつながっていません")


@pytest.mark.parametrize("broken", [chain(10)[:4] + chain(10)[5:], chain(4) + chain(10)[3:], chain(10)[:4] + chain(3, 5)])
def test_dropped_doubled_and_inserted_records_are_found(broken: list[dict[str, str]]) -> None:
    assert check(broken)[1]


def test_a_record_of_either_version_passes_and_none_of_the_other() -> None:
    """A record of before is cut at U+001F; one of today is a JSON array, whose second item is its number."""
    records = chain(3)
    for event_id, text in ((4, '[2, 4, "操作者", "取込"]'), (5, '[2, 5, "a\\u001fb", null]')):
        digest = hashlib.sha256(bytes.fromhex(records[-1]["hash"]) + text.encode()).hexdigest()
        records.append({"event_id": str(event_id), "prev_hash": records[-1]["hash"], "hash": digest, "text": text})
    assert check(records) == (5, "")
    for wrong in ('[2, 5, "操作者", "取込"]', "[2", "[]", "4", '{"2": 4}'):
        assert check([*records[:3], {**records[3], "text": wrong}])[0] == 3


def test_no_two_records_have_one_text(site: Site) -> None:
    """A field that ends where another one begins: cut elsewhere it is another text, also with the separator of before in it."""
    fields = ("a", "b\x1fc", "d"), ("a\x1fb", "c", "d"), ("a", "b", "c\x1fd"), ('a","b', "c", "d"), ("a", "b", "c,d")
    texts = set()
    for user, unit, terminal in fields:
        told = {"event_id": 1, "at": "2026-11-01T00:00:00Z", "user_name": user, "unit": unit, "terminal": terminal, "version": 2}
        ((text,),) = kit.query(
            site,
            "select audit.canonical(jsonb_populate_record(null::audit.event, cast(:told as jsonb)))",
            told=json.dumps(told),
        )
        texts.add(text)
    assert len(texts) == len(fields)


def test_the_records_of_a_real_run_verify_and_a_changed_one_does_not(site: Site) -> None:
    """What the database hashed is what the verifier, which knows nothing of it, hashes."""
    for day in ("2025-09-24", "2025-09-25"):
        run_id = jobs.start(site, "juki_daily", day, "tanaka", '再処理（\\n と"引用符"、外字 ）')
        for name in registry.jobs()["juki_daily"].steps:
            jobs.step(site, run_id, name)
    exported = io.StringIO(newline="")
    export(site, exported)
    with site.session() as session:
        head = (session.one("ledger/audit_head") or {})["hash"]
    records = list(csv.DictReader(io.StringIO(exported.getvalue(), newline="")))
    assert check(records, head) == (len(records), "") and len(records) >= 2
    records[1]["text"] = records[1]["text"].replace("tanaka", "suzuki")
    assert check(records)[1] == "記録 2: 本文がハッシュと一致しません"
