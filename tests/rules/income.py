"""所得照会の事例のための道具: an application, its question, answers to it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
from kit import DAY, no

from etl.site import Site

NEXT, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)
FIRST = f"{DAY:%Y%m%d}0000001"


def given(text: str | None, person: int) -> dict[str, Any]:
    """Cells; persons are numbered within a case: 1 本人, 2 配偶者, 3 世帯主."""
    found: dict[str, Any] = {}
    for cell in (text or "").split():
        name, value = cell.split("=")
        if name.endswith("atena_no"):
            found[name] = no(person + int(value)) if value else None
        elif name.endswith(("_on", "_month")):
            found[name] = date.fromisoformat(value) if value else None
        else:
            found[name] = int(value) if name == "menjo_year" else value or None
    return found


def intake(person: int, todoke: str = "41", text: str | None = None, **more: Any) -> dict[str, Any]:
    both = {"setainushi_atena_no": no(person + 3), "haiguusha_atena_no": no(person + 2)}
    return {
        "uketsuke_no": no(person), "atena_no": no(person + 1), "todoke_code": todoke, "menjo_code": "20", **both, **given(text, person), **more,
    }  # fmt: skip


def answers(site: Site, *rows: dict[str, Any], **more: Any) -> Path:
    return kit.kaitou(site, [{"shoukai_no": FIRST, **r} for r in rows], **{"on": NEXT, **more})


def ask(site: Site, *known: dict[str, Any]) -> None:
    """One open application of a person whose 宛名 is known: the question FIRST. Of several: the persons 1, 11, 21 … with these cells."""
    alone = {"setainushi_atena_no": None, "haiguusha_atena_no": None}
    people = {10 * n: cells for n, cells in enumerate(known or ({},))}
    kit.uketsuke(site, [intake(person, menjo_from_month=date(2025, 7, 1), **alone) for person in people])
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(site, [{"atena_no": no(person + 1), **cells} for person, cells in people.items()])
    kit.run(site, "juki_daily", DAY)
    assert kit.run(site, "shotoku_shoukai_daily", DAY)["requested"] == len(people)


def question(at: int) -> str:
    """照会番号 of the question about the person ``10 * at + 1`` of ``ask``."""
    return f"{DAY:%Y%m%d}{at + 1:07}"


def answered(site: Site) -> None:
    """The question is answered as it was asked."""
    assert take(site, {}) == {"stored": 1, "refused": 0, "held": 0}


def take(site: Site, *rows: dict[str, Any], on: date = NEXT, seq: int = 1, version: int = 1) -> dict[str, Any]:
    answers(site, *rows, on=on, seq=seq, version=version)
    result = kit.run(site, "shotoku_kaitou_daily", on)
    assert result["error"] is None and kit.query(site, "select * from pension.shotoku_unasked") == []
    return result["answers"]


def stored(site: Site) -> list[tuple[Any, ...]]:
    return kit.query(
        site, "select soutou_year, fuka_year, kaitou_code, goukei_shotoku_yen from pension.shotoku where superseded_at is null"
    )
