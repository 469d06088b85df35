"""所得附票の事例のための道具: families, their applications and answers, and the pages that were printed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import kit
from kit import DAY, no
from pypdf import PdfReader

from etl.run import Run, get
from etl.site import Site

NEXT, THIRD = DAY + timedelta(days=1), DAY + timedelta(days=2)
PEOPLE: tuple[dict[str, Any], ...] = (
    {
        "atena_no": no(1),
        "name": "架空　花子",
        "name_kana": "ｶｸｳ ﾊﾅｺ",
        "sex_code": "2",
        "address": "神奈川県川崎市川崎区本人町１－１",
        "katagaki": "架空荘２０１",
    },
    {
        "atena_no": no(2),
        "name": "架空　夫",
        "name_kana": "ｶｸｳ ｵｯﾄ",
        "setai_no": no(52),
        "address": "神奈川県川崎市幸区配偶者町２－２",
    },
    {"atena_no": no(3), "name": "架空　母", "name_kana": "ｶｸｳ ﾊﾊ", "sex_code": "2", "tsusho": "架空　マリア"},
)
APPLICATION: dict[str, Any] = {
    "uketsuke_no": no(70), "atena_no": no(1), "todoke_code": "41", "menjo_code": "20", "sex_code": "2", "name_kana": "ｶｸｳ ﾊﾅｺ",
    "kiso_nenkin_no": kit.kiso(1), "menjo_from_month": date(2025, 7, 1), "menjo_to_month": date(2026, 6, 1), "keizoku_flag": True,
    "haiguusha_atena_no": no(2), "setainushi_atena_no": no(3),
}  # fmt: skip


def of_family(at: int, row: dict[str, Any]) -> dict[str, Any]:
    """The same row for another family, all of whose numbers are 10 * ``at`` higher."""
    numbers = ("uketsuke_no", "atena_no", "haiguusha_atena_no", "setainushi_atena_no", "setai_no")
    return {**row, **{k: no(int(row[k]) + 10 * at) for k in numbers if row.get(k)}}


def application(at: int = 0) -> str:
    """受付番号 of the application of this family."""
    return no(70 + 10 * at)


def questions(site: Site) -> list[tuple[str, str, int]]:
    return kit.query(site, "select shoukai_no, atena_no, soutou_year from pension.shotoku_shoukai order by shoukai_no")


def apply(site: Site, *applications: dict[str, Any], people: tuple[dict[str, Any], ...] = PEOPLE) -> None:
    """Applications of persons whose 宛名 is known; asked for on the same day."""
    kit.uketsuke(site, [{**APPLICATION, **a} for a in applications or ({},)])
    kit.run(site, "uketsuke_daily", DAY)
    kit.juki(site, list(people))
    kit.run(site, "juki_daily", DAY)
    kit.run(site, "shotoku_shoukai_daily", DAY)


def answer(
    site: Site, *chosen: tuple[str, str, int], on: date = NEXT, seq: int = 1, income: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Answers to these questions; the income of person n is n00,000 yen, or that. Returns the receipt of the step that prints."""
    by_no = {p["atena_no"]: {**kit.RESIDENT, **p} for p in PEOPLE}
    same = ("name_kana", "birth_on", "sex_code", "address")
    rows = [
        {**{k: by_no[who][k] for k in same}, "shoukai_no": number, "atena_no": who, "soutou_year": year, "goukei_shotoku_yen": int(who) * 100_000, "ippan_fuyo": 1, **(income or {})}
        for number, who, year in chosen
    ]  # fmt: skip
    kit.kaitou(site, rows, on=on, seq=seq)
    result = kit.run(site, "shotoku_kaitou_daily", on)
    assert result["error"] is None
    return result


def answer_all(site: Site) -> None:
    answer(site, *questions(site))


def night(site: Site, on: date = NEXT) -> Run:
    """The run of a night without a file."""
    return get(site, kit.run(site, "shotoku_kaitou_daily", on)["run_id"])


def texts(path: Path | str) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def printed(site: Site) -> list[str]:
    """The text of every page that was made, file by file."""
    return [page for f in sorted((site.outbox / "shinseisho").rglob("*.pdf")) for page in texts(f)]


def page_of(site: Site, family: int) -> str:
    """The one page of this family's application, without its line breaks."""
    [page] = [page for page in printed(site) if application(family) in page]
    return page.replace("\n", "")


def records(site: Site) -> list[tuple[Any, ...]]:
    return kit.query(
        site,
        "select object, atena_no, user_name, reason <> '', shimei4 is not null, counts from audit.event where operation = '印刷' order by event_id",
    )
