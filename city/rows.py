"""Rows of the resident register as bytes: (person, stage) -> one data record of 住民異動連携, by columns.

Stage 1 how the person came, 2 the household's move, 3 a correction, 4 how the person went, 5 one more row (benchmarks).
The positions come from ``mappings/juki_idou.yaml``; the result is one numpy record per row, CRLF included.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from city import tables, words
from city.city import NOT_SET, City
from city.numbers import ascii_digits, below
from etl.core.mapping.layout import Layout, layouts

CAME, MOVED, FIXED, GONE, AGAIN = 1, 2, 3, 4, 5
CITY = b"141305"
# 続柄 by role (head, spouse, child, parent, other) and sex (unknown, male, female)
ZOKUGARA = np.array([[c.encode() + b"000000" for c in row] for row in (
    ("02", "02", "02"), ("12", "11", "12"), ("20", "20", "20"), ("51", "51", "52"), ("99", "99", "99"))])  # fmt: skip
FIRST_DAY = int(np.datetime64("1890-01-01", "D").astype(int))


def layout() -> Layout:
    return layouts()["juki_idou"]


@cache
def dtype() -> np.dtype:
    """One data record as a numpy structure, every field an ``S<size>``; no gap may be left, numpy does not copy gaps."""
    fields = layout().data.fields
    size = layout().data.size or 0
    return np.dtype({
        "names": [*(f.name for f in fields), "crlf"], "formats": [*(f"S{f.size}" for f in fields), "S2"],
        "offsets": [*((f.at or 1) - 1 for f in fields), size], "itemsize": size + 2,
    })  # fmt: skip


@cache
def blank_record() -> bytes:
    """A record with every field not set: U+3000 in two-byte fields, spaces elsewhere, the constants in place."""
    out = bytearray(b" " * (layout().data.size or 0))
    for f in layout().data.fields:
        fill = b"\x81\x40" * ((f.size or 0) // 2) if f.type == "zenkaku" else (f.value or "").encode().ljust(f.size or 0)
        out[f.slice] = fill
    return bytes(out) + b"\r\n"


def blank(count: int) -> np.ndarray:
    """``count`` records with every field not set."""
    return np.frombuffer(blank_record() * count, dtype=dtype()).copy()


@cache
def day_table() -> np.ndarray:
    """Day number - FIRST_DAY -> YYYYMMDD."""
    days = np.arange(FIRST_DAY, FIRST_DAY + 70_000).astype("M8[D]")
    return np.char.replace(np.datetime_as_string(days).astype("S10"), b"-", b"").astype("S8")


def day8(days: np.ndarray) -> np.ndarray:
    """Days as YYYYMMDD; NOT_SET as spaces."""
    unset = days == NOT_SET
    return np.where(unset, b" " * 8, day_table()[np.where(unset, 0, days - FIRST_DAY)])


def last_stage(city: City, person: np.ndarray) -> np.ndarray:
    """The newest stage of each person."""
    stage = np.where(city.moved(person), MOVED, CAME)
    stage = np.where(city.fixed_code[person] > 0, FIXED, stage)
    return np.where(city.gone_code[person] > 0, GONE, stage)


def rireki(city: City, person: np.ndarray, stage: np.ndarray) -> np.ndarray:
    """履歴番号 of a stage: how many stages the person has had up to it."""
    number: np.ndarray = (
        1 + ((stage >= MOVED) & city.moved(person)) + ((stage >= FIXED) & (city.fixed_code[person] > 0))
        + ((stage >= GONE) & (city.gone_code[person] > 0)) + (stage >= AGAIN)
    )  # fmt: skip
    return number


def build(city: City, person: np.ndarray, stage: np.ndarray, newest: np.ndarray | None = None) -> np.ndarray:
    """The records of these (person, stage) pairs; ``newest`` says which are the newest of their person (default: by stage)."""
    out = blank(len(person))
    out["shichoson_code"] = CITY
    _numbers(out, city, person, stage, newest)
    _events(out, city, person, stage)
    _people(out, city, person)
    _homes(out, city, person, stage)
    _foreigners(out, city, person)
    for flag, share in (("shien_sochi_flag", 3000), ("shori_teishi_flag", 400), ("sakujo_flag", 0)):
        out[flag] = np.where(below(person, 11 + share, 1_000_000) < share, b"1", b"0")
    return out


def _numbers(out: np.ndarray, city: City, person: np.ndarray, stage: np.ndarray, newest: np.ndarray | None) -> None:
    house = city.household[person]
    head = city.h_start[house]
    before = city.moved(person) & (stage < MOVED)
    other_ward = _ward(city.h_old_town[house]) != _ward(city.h_town[house])
    out["atena_no"] = ascii_digits(city.atena[person], 15)
    out["setainushi_atena_no"] = ascii_digits(city.atena[head], 15)
    out["setai_no"] = ascii_digits(city.setai[house + np.where(before & other_ward, len(city.h_start), 0)], 15)
    out["rireki_no"] = ascii_digits(rireki(city, person, stage), 5)
    newest = (stage >= last_stage(city, person)) if newest is None else newest
    out["saishin_flag"] = np.where(newest, b"1", b"0")
    out["kojin_no"] = np.where(without_number(person), b" " * 12, ascii_digits(city.kojin(person), 12))


def without_number(person: np.ndarray) -> np.ndarray:
    """One person in four hundred has no 個人番号 in the register yet."""
    without: np.ndarray = below(person, 5, 400) == 0
    return without


def _ward(town: np.ndarray) -> np.ndarray:
    ward: np.ndarray = tables.places().ward[town]
    return ward


def _events(out: np.ndarray, city: City, person: np.ndarray, stage: np.ndarray) -> None:
    """異動事由, its dates, and what follows from it for 住民状態 and 消除."""
    came, moved, salt = city.came_on[person], city.h_moved_on[city.household[person]], person * 8 + stage
    last = np.maximum(np.maximum(came, np.where(city.moved(person), moved, NOT_SET)), city.fixed_on[person])
    again = np.maximum(np.maximum(last, city.gone_on[person]), city.day - 1)
    on = np.choose(stage - 1, [came, moved, city.fixed_on[person], city.gone_on[person], again])
    code = np.choose(stage - 1, [city.came_code[person], 41, city.fixed_code[person], city.gone_code[person], 42]).astype(
        np.int64
    )
    filed = np.where(code == 43, NOT_SET, np.minimum(on + below(salt, 21, 12), np.maximum(city.day - 1, on)))
    second = 9 * 3600 + below(salt, 22, 8 * 3600)
    clock = second // 3600 * 10_000 + second // 60 % 60 * 100 + second % 60
    out["idou_jiyu_code"] = ascii_digits(code, 2)
    out["idou_on"], out["todokede_on"] = day8(on), day8(filed)
    out["shori_at"] = np.char.add(day8(np.where(filed == NOT_SET, on, filed)), ascii_digits(clock, 6))
    gone = (stage >= GONE) & (city.gone_code[person] > 0)
    out["jumin_jotai_code"] = np.where(~gone, b"1", np.where(city.gone_code[person] == 23, b"3", b"2"))
    out["shoujo_jiyu_code"] = np.where(gone, ascii_digits(city.gone_code[person], 2), b"  ")
    out["shoujo_on"] = day8(np.where(gone, city.gone_on[person], NOT_SET))
    out["tenshutsu_saki_kbn"] = np.where(gone & (city.gone_code[person] != 23), b"2", b" ")
    away = np.where(
        gone & (city.gone_code[person] == 21), tables.places().outside[0] + below(person, 31, tables.places().outside[1]), 0
    )
    far = tables.places().abroad[0] + below(person, 32, tables.places().abroad[1])
    away = np.where(gone & (city.gone_code[person] == 22), far, away)
    out["tenshutsu_saki_address"] = address(away, np.where(city.gone_code[person] == 21, 1 + below(person, 33, 18_000), 0))


def _people(out: np.ndarray, city: City, person: np.ndarray) -> None:
    known, house = tables.names(), city.household[person]
    head, role = city.h_start[house], city.role[person]
    foreign = city.h_foreign[house] > 0
    out["jumin_shubetsu_code"] = np.where(foreign, b"2", b"1")
    out["name"], out["name_kana"] = known.text[city.name[person]], known.kana[city.name[person]]
    out["setainushi_name"] = known.text[city.name[head]]
    out["hittousha_name"] = np.where(foreign, tables.wide("", tables.NAME), known.text[city.name[head]])
    out["sex_code"] = ascii_digits(city.sex[person], 1)
    out["birth_on"], out["birth_fusho_flag"] = day8(city.birth[person]), np.where(city.fusho[person], b"1", b"0")
    out["birth_on"] = np.where(city.fusho[person] & (below(person, 41, 2) == 0), b" " * 8, out["birth_on"])
    out["zokugara_code"] = ZOKUGARA[role, city.sex[person]]
    out["jumin_on"], out["jumin_jiyu_code"] = day8(city.came_on[person]), ascii_digits(city.came_code[person], 2)


def _homes(out: np.ndarray, city: City, person: np.ndarray, stage: np.ndarray) -> None:
    house, moved = city.household[person], city.moved(person)
    before = moved & (stage < MOVED)
    town = np.where(before, city.h_old_town[house], city.h_town[house])
    where = tables.places()
    out["ku_code"], out["postal_code"] = where.ward[town], where.postal[town]
    out["address"] = address(town, np.where(before, city.h_old_lot[house], city.h_lot[house]))
    out["katagaki"] = tables.katagaki()[np.where(before, city.h_old_room[house], city.h_room[house])]
    after = moved & (stage >= MOVED)
    out["prev_address"] = address(np.where(after, city.h_old_town[house], 0), np.where(after, city.h_old_lot[house], 0))
    out["jusho_on"] = day8(np.where(after, city.h_moved_on[house], city.came_on[person]))
    from_far = city.came_code[person] != 3
    out["tennyu_moto_address"] = address(
        np.where(from_far, city.h_from_town[house], 0), np.where(from_far, city.h_from_lot[house], 0)
    )


def address(town: np.ndarray, lot: np.ndarray) -> np.ndarray:
    """Town and house number in one field of 80 bytes: the number follows the town's name without a gap."""
    where, numbers = tables.places(), tables.lots()
    out = np.frombuffer(b"\x81\x40" * (40 * len(town)), dtype=np.uint8).reshape(-1, tables.PLACE).copy()
    width, tail = where.prefix.dtype.itemsize, numbers.dtype.itemsize
    names, tails = where.prefix.view(np.uint8).reshape(-1, width), numbers.view(np.uint8).reshape(-1, tail)
    lengths = where.length[town]
    for length in np.unique(lengths):
        own = np.flatnonzero(lengths == length)
        out[own, :width] = names[town[own]]
        out[own, length : length + tail] = tails[lot[own]]
    return out.view(f"S{tables.PLACE}").reshape(-1)


def _foreigners(out: np.ndarray, city: City, person: np.ndarray) -> None:
    """国籍, 在留資格 and its end, 通称; blank for Japanese."""
    nation = city.h_foreign[city.household[person]]
    own = np.flatnonzero(nation)
    who = person[own]
    out["nationality_code"][own] = np.array([b"", *(n.encode() for n in words.FOREIGN)], dtype="S3")[nation[own]]
    codes = np.array([z[0].encode() for z in words.ZAIRYU], dtype="S3")
    ends = np.array([z[1] for z in words.ZAIRYU])
    status = below(who, 51, len(codes))
    out["zairyu_shikaku_code"][own] = codes[status]
    out["zairyu_manryo_on"][own] = day8(np.where(ends[status] == 1, city.day + 60 + below(who, 52, 1500), NOT_SET))
    out["tsusho"][own] = tables.tsusho()[np.where(below(who, 53, 3) == 0, 1 + below(who, 54, len(words.TSUSHO)), 0)]
