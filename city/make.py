"""``synth``: the inbox of a synthetic city. ``answer``: the resident register's answers to our 住基照会 (those to 所得照会: ``tax``;
to 進達: ``kikou``). ``mend``: what the counters mend after a 返戻.

``home/synth.json`` remembers the arguments and the counters of the answers, and nothing about a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from city import files, migration
from city.register import Row, record
from city.register_file import blocks
from city.world import Plan, World
from etl.core.errors import Refused
from etl.core.law.eigyoubi import business_days
from etl.core.mapping.layout import layouts

FIRST_SEQ = 100  # of the first 全件 file; the nights count on from it
MEMORY = "synth.json"
MENDED, LISTS = "mended", "lists"  # of the memory: 受付番号 by the day of their revision, numbers of lists


def synth(home: Path, residents: int, seed: int, first: date, last: date, bad: int = 0, canaries: int = 0) -> dict[str, Any]:
    """Writes every file that arrives from ``first`` to ``last`` into ``home/inbox``; the same arguments give the same bytes.

    Refused: NP-9101 no business day in the period, NP-9102 another city lives in this home, NP-9103 too few residents.
    """
    days = business_days(first, last)
    if not days:
        raise Refused("NP-9101")
    plan = Plan(residents, seed, days[0], bad, canaries)
    world = World(plan)
    _remember(home, plan, days[-1])
    inbox, out, mended = home / "inbox", [], _memory(home).get(MENDED, {})
    for number, day, intakes, rows, results in world.days(days[-1]):
        out += _migration(inbox, world) if number == 0 else []
        intakes += [world.desk.mend(no) for no in mended.get(day.isoformat(), ())]
        out.append(files.write_csv(inbox, "uketsuke", day, intakes, bom=number % 2 == 0, seq=number + 1, version=1))
        if number == 0:
            changed = {p: record(row) for p, row in world.first_rows.items()}
            whole = blocks(world.city, world.pension.late, changed, world.bad)
            out.append(files.write_fixed(inbox, "1", day, FIRST_SEQ, 1, whole))
        else:
            out.append(files.write_rows(inbox, "2", day, FIRST_SEQ + number, 1, rows))
            out.append(files.write_medium(inbox, day, results))
    return {
        "residents": residents,
        "seed": seed,
        "days": [d.isoformat() for d in days],
        "kihon": len(world.pension.person),
        "open": int(world.pension.is_open.sum()),
        "files": out,
    }


def _migration(inbox: Path, world: World) -> list[files.Info]:
    city, held, day = world.city, world.pension, world.plan.first
    phones = world.phones
    kihon = ({**row, **phones.get(row["kiso_nenkin_no"], {})} for row in migration.kihon_rows(city, held))
    tables: dict[str, Iterable[Row]] = {
        "ikou_nenkin_kihon": kihon,
        "ikou_shikaku": migration.shikaku_rows(city, held),
        "ikou_menjo": migration.menjo_rows(city, held, day),
        "ikou_fuka": migration.fuka_rows(held),
        "ikou_saitei": migration.saitei_rows(city, held, day),
    }
    return [files.write_csv(inbox, dataset, day, rows, bom=dataset == "ikou_shikaku") for dataset, rows in tables.items()]


def answer(home: Path, asked_on: date, answer_on: date) -> Path | None:
    """Answers to the questions in ``home/outbox/juki_shoukai/<asked_on>/``, by the newest rows on ``answer_on``; None without any.

    One row per person; people unknown to the register are left out. The same arguments give the same file.
    """
    asked = sorted((home / "outbox" / "juki_shoukai" / asked_on.isoformat()).glob("*.dat"))
    if not asked:
        return None
    world = world_on(home, answer_on)
    people = {
        p
        for path in asked
        for atena, kojin in _questions(path.read_bytes())
        if (p := world.register.find(atena, kojin)) is not None
    }
    seq = answer_seq(home, "answers", answer_on)
    rows = [world.register.row(p) | {"saishin_flag": "1"} for p in sorted(people)]
    info = files.write_rows(home / "inbox", "3", answer_on, seq, 1, rows)
    return home / "inbox" / "juki_idou" / str(info["name"])


def mend(home: Path, nos: Iterable[str], day: date) -> Path | None:
    """The counters' file of a day, which nobody has taken in yet, also has the next revisions of these intakes; None without any, or when it has
    them already."""
    memory, nos = _memory(home), list(nos)
    rows = [world_on(home, day).desk.mend(no) for no in nos]
    if not rows or day.isoformat() in memory.setdefault(MENDED, {}):
        return None
    memory[MENDED][day.isoformat()] = nos
    _write_memory(home, memory)
    (path,) = (home / "inbox" / "uketsuke").glob(f"*_{day:%Y%m%d}_*.csv")
    files.add_csv(path, "uketsuke", rows)
    return path


def world_on(home: Path, day: date) -> World:
    """The city of this home as it is at the end of a day."""
    memory = _memory(home)
    plan = Plan(memory["residents"], memory["seed"], date.fromisoformat(memory["first"]), memory["bad"], memory["canaries"])
    return _lived(plan, day)


@lru_cache(maxsize=1)
def _lived(plan: Plan, day: date) -> World:
    """Kept while it is asked about the same day; whoever asks changes nothing."""
    world = World(plan)
    for _ in world.days(day):
        pass
    return world


def answer_seq(home: Path, stream: str, day: date) -> int:
    """The 連番 of a day's file of answers: each day has its own, in whatever order the days are asked for."""
    memory = _memory(home)
    numbers = memory.setdefault(stream, {})
    seq: int = numbers.setdefault(day.isoformat(), len(numbers) + 1)
    _write_memory(home, memory)
    return seq


def list_no(home: Path, day: date) -> int:
    """The 媒体通番 of one more list of 処理結果 of a day; the first is written by ``synth``."""
    memory = _memory(home)
    lists = memory.setdefault(LISTS, {})
    lists[day.isoformat()] = number = int(lists.get(day.isoformat(), 1)) + 1
    _write_memory(home, memory)
    return number


def _questions(data: bytes) -> list[tuple[str, str]]:
    """(宛名番号, 個人番号) of every data record of a juki_shoukai file; '' where not asked by it."""
    record_ = layouts()["juki_shoukai"].data
    lines = [line for line in data.split(b"\r\n") if line[:1] == b"2"]
    return [
        (line[record_.field("atena_no").slice].decode().strip(), line[record_.field("kojin_no").slice].decode().strip())
        for line in lines
    ]


def _remember(home: Path, plan: Plan, last: date) -> None:
    """Notes the city in ``synth.json``; Refused NP-9102 when another one is there (a longer period of the same city is fine)."""
    page = {**plan._asdict(), "first": plan.first.isoformat()}
    path, counters = home / MEMORY, dict[str, Any](answers={})
    if path.exists():
        old = _memory(home)
        if {k: old.get(k) for k in page} != page:
            raise Refused("NP-9102", file=MEMORY)
        counters, last = {k: old[k] for k in old if k not in (*page, "last")}, max(last, date.fromisoformat(old["last"]))
    _write_memory(home, {**page, "last": last.isoformat(), **counters})


def _memory(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / MEMORY).read_text(encoding="utf-8"))
    return found


def _write_memory(home: Path, page: dict[str, Any]) -> None:
    home.mkdir(parents=True, exist_ok=True)
    beside = home / f".{MEMORY}.part"
    beside.write_text(json.dumps(page, sort_keys=True, indent=1), encoding="utf-8")
    beside.replace(home / MEMORY)
