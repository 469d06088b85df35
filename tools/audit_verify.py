"""Check an exported chain of records offline: ``python3 audit_verify.py RECORDS.csv [--head HASH]``.

Standard library only, and nothing of this system: it can be run on another machine by another person. Each record's hash is
SHA-256 over the previous record's hash and the record's own text; changing, dropping or inserting a record breaks the chain there.
``--head`` is a hash kept elsewhere (at the foot of a 処理結果表): it must be in the chain, else the end was cut off or replaced.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

GENESIS = hashlib.sha256(b"kokunen").hexdigest()


def number_of(text: str) -> str:
    """The number in a record's own text: of a JSON array the second item, behind the version; of a text of before (U+001F between its
    fields) the first field."""
    if not text.startswith("["):
        return text.split("\x1f", 1)[0]
    try:
        return str(json.loads(text)[1])
    except (ValueError, IndexError):
        return ""


def check(records: Iterable[dict[str, str]], head: str = "") -> tuple[int, str]:
    """(number of records, what is wrong or nothing)."""
    count, last, seen = 0, None, not head
    for record in records:
        event_id, digest = int(record["event_id"]), record["hash"]
        if number_of(record["text"]) != str(event_id):
            return count, f"記録 {event_id}: 番号と本文が一致しません"
        if event_id == 1 and record["prev_hash"] != GENESIS:
            return count, "記録 1: 連鎖の始まりが正しくありません"
        if last and (event_id, record["prev_hash"]) != (last[0] + 1, last[1]):
            return count, f"記録 {event_id}: 前の記録とつながっていません"
        if hashlib.sha256(bytes.fromhex(record["prev_hash"]) + record["text"].encode()).hexdigest() != digest:
            return count, f"記録 {event_id}: 本文がハッシュと一致しません"
        seen = seen or digest == head
        count, last = count + 1, (event_id, digest)
    return count, "" if seen else "控えのハッシュがこの記録の中にありません"


def main() -> int:
    parser = argparse.ArgumentParser(description="記録の連鎖を確かめる")
    parser.add_argument("records", help="audit_export.py の出力")
    parser.add_argument("--head", default="", help="控えておいたハッシュ（処理結果表の「監査連鎖の先頭」）")
    args = parser.parse_args()
    csv.field_size_limit(10_000_000)
    with Path(args.records).open(encoding="utf-8", newline="") as handle:
        count, wrong = check(csv.DictReader(handle), args.head.lower())
    print(f"異状あり: {wrong}（{count:,} 件目までは正しい）" if wrong else f"連鎖は正しい: {count:,} 件")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
