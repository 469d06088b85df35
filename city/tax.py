"""市民税管理課 of the synthetic city: its answers to our 所得照会, with every case that 取込 must tell apart.

Most are plain. In turn there are persons without papers (課税資料なし), undeclared ones (未申告), a late levy, 4情報 that are not those of
宛名, questions that stay unanswered, and in each file an answer that nobody asked for.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from city import files
from city.make import answer_seq, world_on
from city.register import Row
from city.world import World
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.codec.decode import Decoder, FixedFile
from etl.core.codec.encode import encode_fixed, totals
from etl.core.mapping.layout import layouts
from etl.core.mapping.names import format_name

Values = dict[str, Any]
TURNS = (
    "plain",
    "plain",
    "plain",
    "no_papers",
    "plain",
    "plain",
    "other_person",
    "plain",
    "undeclared",
    "plain",
    "late",
    "plain",
    "wait",
)
SERIAL = 7  # digits of a 照会番号 that count the questions of a day
MOST_HELD = 5  # of a file; more would be refused as a whole
STRANGER = 9_000_001  # serial of a question that was never asked


def answer_income(home: Path, asked_on: date, answer_on: date) -> Path | None:
    """Answers to the questions in ``home/outbox/shotoku_shoukai/<asked_on>/``; None without any. Same arguments, same file."""
    asked = sorted((home / "outbox" / "shotoku_shoukai" / asked_on.isoformat()).glob("*.dat"))
    if not asked:
        return None
    world, layout = world_on(home, answer_on), layouts()["shotoku_kaitou"]
    questions = [q for path in asked for q in _questions(path)]
    turns = [TURNS[int(q["shoukai_no"][-SERIAL:]) % len(TURNS)] for q in questions]
    others = [n for n, turn in enumerate(turns) if turn == "other_person"]
    turns = ["plain" if n in others[MOST_HELD:] else turn for n, turn in enumerate(turns)]
    answers = [a for turn, q in zip(turns, questions, strict=True) if (a := _answer(world, turn, q))]
    answers.append(_unasked(world, asked_on, {q["atena_no"] for q in questions}))
    columns = [from_values(f, [a.get(f.name) for a in answers]) for f in layout.data.stored]
    data = pa.Table.from_arrays(columns, schema=arrow_schema(layout.data))
    numbers: dict[str, Any] = {"business_on": answer_on, "seq": answer_seq(home, "income", answer_on), "version": 1}
    head = {"zenken_idou_kbn": "3", "created_at": datetime.combine(answer_on, time(20)), **numbers}
    whole = encode_fixed(layout, {"shichoson_code": files.CITY, **head}, data, {"shichoson_code": files.CITY, **totals(data)})
    name = format_name(layout.file.name, city=files.CITY, **numbers)
    files.write_whole(home / "inbox", layout.dataset, name, whole, len(answers))
    return home / "inbox" / layout.dataset / name


def _questions(path: Path) -> list[Values]:
    layout = layouts()["shotoku_shoukai"]
    with path.open("rb") as source:
        return [
            row
            for _, block in FixedFile(source, path.name, layout).blocks()
            for row in Decoder(layout.data).decode(block).to_pylist()
        ]


def _answer(world: World, turn: str, question: Values) -> Values | None:
    """None: not yet known, or nobody of this 宛名番号."""
    person = world.register.find(question["atena_no"], "")
    if turn == "wait" or person is None:
        return None
    year, known = question["soutou_year"], world.register.row(person)
    found = _person(known) | {"shoukai_no": question["shoukai_no"], "atena_no": question["atena_no"], "soutou_year": year}
    found |= {
        "fuka_year": year + (turn == "late"),
        "rireki_no": 1 + (turn == "late"),
        "kaitou_code": "2" if turn == "no_papers" else "1",
    }
    if turn == "other_person":
        found["sex_code"] = "2" if known["sex_code"] == "1" else "1"
    if turn == "no_papers":
        return found
    return (
        found
        | _income(np.random.Generator(np.random.PCG64([world.plan.seed, person, year])))
        | {"mishinkoku_flag": turn == "undeclared"}
    )


def _unasked(world: World, asked_on: date, asked: set[str]) -> Values:
    """Somebody else's income, under a number that was never given."""
    person = next(p for p in world.pension.person.tolist() if world.register.atena(p) not in asked)
    question = {
        "shoukai_no": f"{asked_on:%Y%m%d}{STRANGER:0{SERIAL}}",
        "atena_no": world.register.atena(person),
        "soutou_year": asked_on.year,
    }
    return _answer(world, "plain", question) or {}


def _person(known: Row) -> Values:
    """4情報 as the register has them."""
    day = known["birth_on"]
    birth_on = date(int(day[:4]), int(day[4:6]), int(day[6:])) if day and known["birth_fusho_flag"] != "1" else None
    return {
        "name_kana": known["name_kana"],
        "birth_on": birth_on,
        "sex_code": known["sex_code"],
        "address": known["address"] or None,
    }


def _income(rng: np.random.Generator) -> Values:
    """Income around the limits of 免除, a small family, usual deductions; yen in thousands."""
    goukei = int(rng.choice([0, 320, 670, 1020, 1500, 2400])) * 1000 + int(rng.integers(0, 200)) * 1000
    tokutei, ippan, nensho = (int(rng.random() < share) for share in (0.1, 0.15, 0.25))
    zero = dict.fromkeys(("rojin_fuyo", "shogai_fuyo", "tokubetsu_shogai_fuyo", "nenkin_shunyu_yen", "nenkin_zatsu_yen"), 0)
    losses = dict.fromkeys(("jun_sonshitsu_yen", "zasson_koujo_yen", "haiguu_tokubetsu_koujo_yen"), 0)
    return {
        **zero, **losses, "goukei_shotoku_yen": goukei, "ippan_fuyo": ippan, "tokutei_fuyo": tokutei, "nensho_fuyo": nensho,
        "koujo_haiguu_flag": rng.random() < 0.2, "honnin_shogai_code": str(rng.choice(["0", "1", "2"], p=[0.94, 0.04, 0.02])),
        "honnin_kafu_code": str(rng.choice(["0", "1", "2"], p=[0.93, 0.02, 0.05])), "honnin_gakusei_flag": False,
        "iryohi_koujo_yen": int(rng.random() < 0.1) * 50_000, "shakai_hoken_koujo_yen": goukei // 10_000 * 1000,
    }  # fmt: skip
