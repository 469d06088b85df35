"""The migration files: 年金基本, 資格, 免除, 付加, 裁定受付 as rows of text, from the columns of ``pension``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from city import words
from city.city import NOT_SET, City, reach
from city.pension import LEGAL, SCHOOL, Pension


def iso(day: int) -> str:
    """A day as YYYY-MM-DD; NOT_SET as nothing."""
    return "" if day == NOT_SET else date.fromordinal(day + 719_163).isoformat()


def kihon_rows(city: City, pension: Pension) -> Iterator[dict[str, str]]:
    """年金基本, by 宛名番号."""
    for n, (person, kiso) in enumerate(zip(pension.person.tolist(), pension.kiso.tolist(), strict=True)):
        tel = f"044-{900 + n % 97}-{(kiso * 7) % 10_000:04}" if n % 3 else ""
        old = f"{4000 + n % 900}-{(kiso * 13) % 100_000:05}" if n % 11 == 0 else ""
        yield {"atena_no": f"{city.atena[person]:015}", "kiso_nenkin_no": f"{kiso}", "tel_no": tel, "kyu_nenkin_no": old}


def shikaku_rows(city: City, pension: Pension) -> Iterator[dict[str, str]]:
    """資格, by 宛名番号 and 取得日."""
    atena, kiso = city.atena[pension.person].tolist(), pension.kiso.tolist()
    columns = (pension.q_row, pension.q_kind, pension.q_from, pension.q_why, pension.q_changed, pension.q_to, pension.q_lost)
    for n, (row, kind, start, why, changed, end, lost) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        yield {
            "atena_no": f"{atena[row]:015}",
            "kiso_nenkin_no": f"{kiso[row]}",
            "shubetsu_code": f"{kind}",
            "acquired_on": iso(start),
            "shutoku_jiyu_code": f"{why:02}",
            "shubetsu_henkou_on": iso(changed),
            "lost_on": iso(end),
            "soushitsu_jiyu_code": f"{lost:02}" if lost else "",
            "soushitsu_riyu": "届出による" if lost and n % 9 == 0 else "",
        }


def exemption_year(day: date, code: int) -> int:
    """The year an exemption that holds on this day began in: July to June, students April to March."""
    return day.year - (day.month < (4 if code == SCHOOL else 7))


def menjo_rows(city: City, pension: Pension, today: date) -> list[dict[str, str]]:
    """免除, by 基礎年金番号 and start: 法定 mostly without end, the others for the current and up to two earlier years (the current
    one not yet where 継続審査 waits)."""
    rows = []
    for n in np.flatnonzero(pension.exempt > 0).tolist():
        code, kiso = int(pension.exempt[n]), {"kiso_nenkin_no": f"{pension.kiso[n]}"}
        if code == LEGAL:
            rows.append(kiso | _legal(n, today))
        else:
            newest = exemption_year(today, code) - int(pension.continued[n])
            rows += [kiso | _granted(n, code, year, today) for year in range(newest - n % 3, newest + 1)]
    return rows


def _legal(n: int, today: date) -> dict[str, str]:
    """法定免除 since some year; one in twelve has ended."""
    ended = {"to_month": f"{today.year - 1}-03", "shoumetsu_on": f"{today.year - 1}-03-{1 + n % 28:02}"} if n % 12 == 0 else {}
    return {"menjo_code": "10", "from_month": f"{today.year - 1 - n % 9}-{1 + n % 12:02}", **ended}


def _granted(n: int, code: int, year: int, today: date) -> dict[str, str]:
    """An exemption granted for one year, students from April, the others from July."""
    first = 4 if code == SCHOOL else 7
    return {
        "menjo_code": f"{code}",
        "from_month": f"{year}-{first:02}",
        "to_month": f"{year + 1}-{first - 1:02}",
        "saitei_kekka_code": "03" if n % 5 == 0 else "02",
        "soufu_on": min(date(year, first + 1 + n % 2, 1 + n % 28), today).isoformat(),
        "gakko_name": words.SCHOOLS[n % len(words.SCHOOLS)] if code == SCHOOL else "",
    }


def fuka_rows(pension: Pension) -> list[dict[str, str]]:
    """付加: one payer in fifty of those without exemption, some of them ended."""
    rows = []
    newest = np.flatnonzero(np.append(pension.q_row[1:] != pension.q_row[:-1], True))
    for n, q in enumerate(newest[pension.is_open & (pension.exempt == 0)][::50].tolist()):
        start = int(pension.q_from[q]) + 1
        rows.append(
            {
                "kiso_nenkin_no": f"{pension.kiso[pension.q_row[q]]}",
                "kanyu_on": iso(start),
                "dattai_on": iso(start + 3) if n % 6 == 5 else "",
            }
        )
    return rows


def saitei_rows(city: City, pension: Pension, today: date) -> list[dict[str, str]]:
    """裁定受付: old-age claims of every fortieth person over 65, some of whom nothing else is known; a few other claims."""
    kiso = dict(zip(pension.person.tolist(), pension.kiso.tolist(), strict=True))
    everyone = np.arange(city.residents)
    old = everyone[(city.age(everyone) >= 66) & ~city.fusho & (city.gone_code == 0)][::40].tolist()
    rows = [_claim(city, kiso, p, 51, "1150", int(reach(city.birth[p : p + 1], 65)[0]) + 30 + p % 300) for p in old]
    for n, p in enumerate(pension.person[:: max(40, len(pension.person) // 4000)].tolist()):
        todoke, code = ((52, "5350"), (53, "6450"), (55, ""), (56, ""))[n % 4]
        rows.append(_claim(city, kiso, p, todoke, code, city.day - 40 - p % 1800))
    return sorted((r for r in rows if r["uketsuke_on"] < today.isoformat()), key=lambda r: (r["atena_no"], r["todoke_code"]))


def _claim(city: City, kiso: dict[int, int], person: int, todoke: int, code: str, on: int) -> dict[str, str]:
    row = {
        "atena_no": f"{city.atena[person]:015}",
        "kiso_nenkin_no": f"{kiso[person]}" if person in kiso else "",
        "todoke_code": f"{todoke}",
        "nenkin_code": code,
        "uketsuke_on": iso(on),
        "kekka_code": ("01", "02", "02", "04")[person % 4],
    }
    if todoke == 52:
        row["shindansho_flag"] = "1"
    if todoke in (53, 55, 56):
        row |= {"seikyusha_name": "請求　花子", "shibou_on": iso(on - 20 - person % 200)}
    return row
