"""バックアップの規則: which kind is due, what a backup rests on, what has expired, which WAL is missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import kit
import pytest

from etl.core import backup as rules
from etl.core.backup import Backup
from etl.core.mapping.city import ZONE

SUNDAY = 7


def made(name: str, parent: str | None = None, timeline: int = 1) -> Backup:
    """``1101`` is taken on 1 November 2026, a Sunday; its name is its day, with a letter for the second of a day."""
    at = datetime(2026, int(name[:2]), int(name[2:4]), 23, tzinfo=ZONE) + timedelta(minutes=len(name))
    return Backup(
        name, "incremental" if parent else "full", parent, at, at, name, "1", timeline, "0" * 24, "0" * 24, 180004, 1, "", 1, "backup-01"
    )  # fmt: skip


def all_of(text: str) -> list[Backup]:
    """``1101 1102<1101``: the second rests on the first; ``*``: of another timeline."""
    found = []
    for word in text.split():
        name, _, parent = word.rstrip("*").partition("<")
        found.append(made(name, parent or None, 2 if word.endswith("*") else 1))
    return found


DUE = kit.table("""
| 題                                   | あるもの                  | 日   | 元     |
|--------------------------------------|---------------------------|------|--------|
| 一つも無ければ全体                   |                           | 1101 |        |
| 日曜に全体を取った翌日は増分         | 1101                      | 1102 | 1101   |
| 増分は最後のものから                 | 1101 1102<1101            | 1103 | 1102   |
| 土曜もまだ増分                       | 1101 1102<1101            | 1107 | 1102   |
| 次の日曜は全体                       | 1101 1102<1101            | 1108 |        |
| 日曜に取れなければ月曜に全体         | 1101 1102<1101            | 1109 |        |
| 日曜に二度目なら増分                 | 1101                      | 1101 | 1101   |
| 週の途中の全体からも増分             | 1104                      | 1105 | 1104   |
| 復旧して別の時系列になれば全体       | 1101*                     | 1102 |        |
| 元の元が欠けていれば全体             | 1102<1101                 | 1103 |        |
""")


@pytest.mark.parametrize("row", DUE, ids=lambda row: row["題"])
def test_全体か増分か(row: dict[str, str]) -> None:
    day = date(2026, int(row["日"][:2]), int(row["日"][2:]))
    found = rules.parent(all_of(row["あるもの"] or ""), day, SUNDAY, "1", 1)
    assert (found.id if found else None) == row["元"]


def test_別のサーバーのバックアップからは増分を取らない() -> None:
    assert rules.parent([made("1101")], date(2026, 11, 2), SUNDAY, "2", 1) is None


EXPIRY = kit.table("""
| 題                                           | あるもの                          | 日   | 消す                |
|----------------------------------------------|-----------------------------------|------|---------------------|
| 35日目はまだある                             | 1001 1002                         | 1105 |                     |
| 36日目に消える                               | 1001 1002                         | 1106 | 1001                |
| 新しい増分が要る全体は残る                   | 0901 0902<0901 1001<0902 1101     | 1101 |                     |
| 要るものだけが残る                           | 0901 0902<0901 0903<0902 1005<0902 1101 | 1101 | 0903          |
| 最後の一つは古くても残る                     | 0901                              | 1101 |                     |
| 最後のものの元も残る                         | 0901 0902<0901                    | 1101 |                     |
| 元の欠けた古いものは消える                   | 0902<0901 1101                    | 1101 | 0902                |
| 最後が不完全なら、その前の完全なものが残る   | 0801 0905<0904                    | 1101 | 0905                |
""")


@pytest.mark.parametrize("row", EXPIRY, ids=lambda row: row["題"])
def test_期限切れ(row: dict[str, str]) -> None:
    day = date(2026, int(row["日"][:2]), int(row["日"][2:]))
    assert [b.id for b in rules.expired(all_of(row["あるもの"]), day, 35)] == (row["消す"] or "").split()


def test_その時点の前の完全なものを選ぶ() -> None:
    known = all_of("1101 1102<1101 1104<1103")
    assert rules.newest(known) is not None and rules.newest(known).id == "1102"  # type: ignore[union-attr]
    before = rules.newest(known, made("1102").moment - timedelta(seconds=1))
    assert before and before.id == "1101"
    assert rules.newest(known, made("1101").moment - timedelta(seconds=1)) is None


def name(place: int, timeline: int = 1) -> str:
    return f"{timeline:08X}{place // 256:08X}{place % 256:08X}"


GAPS = kit.table("""
| 題                             | ある番号      | 最初 | 最後 | 欠け    |
|--------------------------------|---------------|------|------|---------|
| 続いている                     | 3 4 5         | 3    | 5    |         |
| 途中が欠ける                   | 3 5           | 3    | 5    | 4       |
| 最初が欠ける                   | 4 5           | 3    | 5    | 3       |
| 最後が欠ける                   | 3 4           | 3    | 5    | 5       |
| 最後を言わなければ、あるだけ   | 3 4           | 3    |      |         |
| 一本も無い                     |               | 3    |      | 3       |
| 名前の中ほどが繰り上がる       | 254 255 256   | 254  | 256  |         |
| 繰り上がりで欠ける             | 254 256       | 254  | 256  | 255     |
""")


@pytest.mark.parametrize("row", GAPS, ids=lambda row: row["題"])
def test_欠けたWAL(row: dict[str, str]) -> None:
    names = [name(int(n)) for n in (row["ある番号"] or "").split()]
    last = name(int(row["最後"])) if row["最後"] else None
    assert rules.gaps(names, name(int(row["最初"])), last) == [name(int(n)) for n in (row["欠け"] or "").split()]


def test_時系列が替わっても番号は続く() -> None:
    assert rules.gaps([name(3), name(4), name(4, 2), name(5, 2)], name(3)) == []


def test_要らなくなったWAL() -> None:
    names = [name(3), f"{name(3)}.00000028.backup", f"{name(4)}.partial", name(5), "00000002.history"]
    assert rules.before(names, name(5)) == [name(3), f"{name(3)}.00000028.backup", f"{name(4)}.partial"]
