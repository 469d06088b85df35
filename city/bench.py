"""Files of any size for the benchmarks: the whole register, the same again with changes, a busy night."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from city import events, files, migration, pension, people
from city.register import Register, Row
from city.register_file import blocks


def write_full(
    path: Path, residents: int, seed: int, business_on: date, seq: int = 100, version: int = 1, held_share: float = 0.25,
    changed_share: float = 0.0, city_on: date | None = None,
) -> dict[str, files.Info]:  # fmt: skip
    """A 全件 file under ``path/juki_idou`` and the migration files of the held share beside it.

    ``city_on`` is the day the city was made for (default ``business_on``): give the first file's day to write the same city again
    on a later day, with ``changed_share`` of its people having one more row.
    """
    made = people.build(seed, residents, city_on or business_on)
    held = pension.build(made, held_share)
    day = city_on or business_on
    out = {"ikou_nenkin_kihon": files.write_csv(path, "ikou_nenkin_kihon", day, migration.kihon_rows(made, held)),
           "ikou_shikaku": files.write_csv(path, "ikou_shikaku", day, migration.shikaku_rows(made, held))}  # fmt: skip
    whole = blocks(made, np.empty(0, dtype=np.int64), {}, [], changed_share)
    return {**out, "juki_idou": files.write_fixed(path, "1", business_on, seq, version, whole)}


def write_idou(
    path: Path, residents: int, seed: int, business_on: date, seq: int, version: int = 1, rows: int = 5000,
    held_share: float = 0.25, city_on: date | None = None,
) -> files.Info:  # fmt: skip
    """A night's 異動 file of the same city with exactly ``rows`` rows (fewer only if the city is too small for so many)."""
    made = people.build(seed, residents, city_on or business_on)
    register = Register(made, pension.build(made, held_share))
    written: list[Row] = []
    scale, number = rows / max(1.0, residents * 1.5e-3) + 0.1, 1
    while len(written) < rows and number < 50:
        written += events.happen(register, number, business_on, scale)
        number += 1
    written = sorted(written[:rows], key=lambda r: (r["atena_no"], r["rireki_no"]))
    return files.write_rows(path, "2", business_on, seq, version, written)
