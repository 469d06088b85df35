"""都度の移転の性質: 何が起きても、日ごとのファイルを順に当てたあて先は、渡してよいものをちょうど持つ。"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import kit
import pytest
from kit import no

from etl.core.law.eigyoubi import business_days
from etl.site import Site
from tests import iten
from tests.iten import Recipient

PEOPLE = range(1, 13)
DAYS = business_days(date(2025, 9, 19), date(2025, 9, 30))


def months(rng: random.Random) -> tuple[str, str]:
    first = rng.randrange(24)
    last = first + rng.randrange(1, 14)
    return tuple(f"{2024 + m // 12}-{m % 12 + 1:02}" for m in (first, last))  # type: ignore[return-value]


def some_act(rng: random.Random, on: date) -> str:
    """One of what may happen to one of the persons; some of it has nothing to act on."""
    person, near = rng.choice(PEOPLE), on + timedelta(rng.randrange(-9, 4))
    first, last = months(rng)
    return rng.choice([
        f"取得日訂正 {person} {near}", f"取得日訂正 {person} 2015-04-01", f"取得日訂正 {person} 2015-04-01", f"喪失 {person} {near}",
        f"喪失訂正 {person}", f"取消 {person}", f"種別 {person} {rng.choice('145')} {near}", f"備考 {person} {rng.random()}",
        f"免除 {person} {rng.choice(['10', '20', '40'])} {first} {last}", f"免除却下 {person} 20 {first} {last}",
        f"免除受付 {person} 30 {first} {last}", f"免除消滅 {person} 10 {first} {near}", f"付加 {person} {near}",
        f"付加脱退 {person} {near} {near + timedelta(2)}", f"裁定 {person} {rng.choice(['1150', '5350'])} 2025-09-0{rng.randrange(1, 4)}",
        f"裁定結果 {person} 1150 2025-09-01 {rng.choice(['01', '04'])}",
    ])  # fmt: skip


def now(site: Site, table: str) -> list[dict[str, Any]]:
    with iten.owner(site) as connection:
        return [
            dict(r) for r in connection.exec_driver_sql(f"select * from pension.{table} where superseded_at is null").mappings()
        ]


def permitted(site: Site, on: date) -> list[dict[str, Any]]:
    """What 生保 and 児童 may have on a day, said once more in Python."""
    insured = {
        (s["atena_no"], s["kiso_nenkin_no"])
        for s in now(site, "shikaku") if s["acquired_on"] <= on and (s["lost_on"] is None or s["lost_on"] > on)
    }  # fmt: skip
    paying = {
        f["kiso_nenkin_no"] for f in now(site, "fuka") if f["kanyu_on"] <= on and (f["dattai_on"] is None or f["dattai_on"] > on)
    }
    nothing = dict.fromkeys(
        ("menjo_code", "from_month", "to_month", "fuka_flag", "nenkin_code", "saitei_uketsuke_on", "saitei_kekka_code")
    )
    found = []
    for atena_no, kiso in insured:
        person = {"shichoson_code": "141305", "atena_no": atena_no, "kiso_nenkin_no": kiso, **nothing}
        found.append({**person, "fuka_flag": kiso in paying})
        for m in now(site, "menjo"):
            if m["kiso_nenkin_no"] == kiso and m["kettei_flag"] and m["saitei_kekka_code"] not in ("04", "05", "06"):
                ends = [e for e in (m["to_month"], m["shoumetsu_on"] and m["shoumetsu_on"].replace(day=1)) if e]
                last = min(ends, default=None)
                if last is None or last >= m["from_month"]:
                    said = {name: m[name] for name in ("menjo_code", "from_month", "saitei_kekka_code")}
                    found.append({**person, **said, "to_month": last})
        for s in now(site, "saitei_rorei"):
            if s["atena_no"] == atena_no:
                said = {
                    "nenkin_code": s["nenkin_code"],
                    "saitei_uketsuke_on": s["uketsuke_on"],
                    "saitei_kekka_code": s["kekka_code"],
                }
                found.append({**person, **said})
    return sorted(found, key=str)


@pytest.mark.parametrize("seed", [1, 2])
def test_あて先は渡してよいものをちょうど持つ(site: Site, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    recipients = {name: Recipient(name) for name in ("iten_juminhyo", "iten_seiho", "iten_jidou")}
    for on in DAYS:
        iten.act(site, *(some_act(rng, on) for _ in range(14)))
        told = iten.lines(iten.day(site, on))
        for name, recipient in recipients.items():
            recipient.apply(told.get(name, []))
        has = sorted(recipients["iten_seiho"].has.values(), key=str)
        assert has == permitted(site, on) and recipients["iten_jidou"].has == recipients["iten_seiho"].has
        held = {
            (line["atena_no"], line["kiso_nenkin_no"], line["acquired_on"]): line["lost_on"]
            for line in recipients["iten_juminhyo"].has.values()
        }
        rows = {(s["atena_no"], s["kiso_nenkin_no"], s["acquired_on"]): s["lost_on"] for s in now(site, "shikaku")}
        assert {k: v for k, v in rows.items() if k in held} == held, "what it has stands, as it is now"
        assert {k for k, lost in rows.items() if k[2] <= on and (lost is None or lost > on)} <= set(held)
    made = kit.run(site, "iten_monthly", "2025-09", business_on=date(2025, 10, 3))
    assert (made["error"], {o["rows"] for o in made["outputs"]}) == (None, {len(has)})
    assert sum(
        r[0] for r in kit.query(site, "select count(*) from ledger.iten_jotai where ended_by is null and dataset = 'iten_seiho'")
    ) == len(has)
    assert not [n for n in PEOPLE if no(n) in "".join(p.name for p in site.outbox.rglob("*"))]
