"""The whole register as blocks of records: everybody's newest row, for some people the earlier ones too."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from city import rows
from city.city import City
from city.files import BLOCK
from city.numbers import below

FULL_HISTORY = 13  # of a hundred people with several rows
DAMAGES: tuple[tuple[str, bytes], ...] = (
    ("idou_on", b"20250230"),
    ("sex_code", b"7"),
    ("name", b" "),
    ("kojin_no", b""),
    ("filler", b"X"),
    ("shori_at", b"20250101256060"),
    ("ku_code", b"141400"),
    ("birth_fusho_flag", b" "),
    ("name_kana", b"\xfd"),
    ("rireki_no", b"   1 "),
)


def blocks(
    city: City, without: np.ndarray, changed: dict[int, bytes], bad: list[int], changed_share: float = 0.0
) -> Iterator[np.ndarray]:
    """Records by 宛名番号 and 履歴番号. ``without``: people left out; ``changed``: people whose only record is given;
    ``bad``: people whose newest record is damaged; ``changed_share``: people with one more row (benchmarks)."""
    order = {p: n for n, p in enumerate(bad)}
    for start in range(0, city.residents, BLOCK):
        person = np.arange(start, min(start + BLOCK, city.residents))
        who, stage, newest = _stages(city, np.setdiff1d(person, without, assume_unique=True), changed_share)
        block = rows.build(city, who, stage, newest)
        for n in np.flatnonzero(np.isin(who, [*changed, *order])).tolist():
            if (p := int(who[n])) in changed:
                block[n] = np.frombuffer(changed[p] + b"\r\n", dtype=rows.dtype())[0]
            if p in order and newest[n]:
                block[n] = damaged(block[n], order[p])
        yield block


def _stages(city: City, person: np.ndarray, changed_share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(person, stage, is newest) of every record to be written, sorted."""
    last = rows.last_stage(city, person)
    again = (below(person, 72, 1_000_000) < changed_share * 1_000_000) & (last != rows.GONE)
    every = below(person, 71, 100) < FULL_HISTORY
    had = (np.ones(len(person), dtype=bool), city.moved(person), city.fixed_code[person] > 0, city.gone_code[person] > 0, again)
    last = np.where(again, rows.AGAIN, last)
    keys = [
        person[own] * 8 + stage
        for stage, has in enumerate(had, 1)
        if (own := (stage == last) | (every & has & (stage < last))).any()
    ]
    key = np.sort(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
    who, stage = key // 8, key % 8
    return who, stage, np.append(who[1:] != who[:-1], True)[: len(who)]


def damaged(record: np.void, number: int) -> np.void:
    """The record with one field spoiled, a kind of damage after the other; the 宛名番号 stays (the hash total must hold)."""
    name, raw = DAMAGES[number % len(DAMAGES)]
    field = rows.layout().data.field(name)
    data = bytearray(record.tobytes())
    if name == "kojin_no":  # the check digit is wrong; the number still begins with 0000
        raw = bytes(data[field.slice][:11]) + bytes([48 + (data[field.slice][11] - 47) % 10])
    data[field.slice.start : field.slice.start + len(raw)] = raw
    spoiled: np.void = np.frombuffer(bytes(data), dtype=rows.dtype())[0]
    return spoiled
