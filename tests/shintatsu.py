"""進達 in the tests: a day on which it is worked on, persons who filed, the steps from a report to its medium."""

from __future__ import annotations

from datetime import date
from typing import Any

import kit

from etl import jobs
from etl import run as runs
from etl.core.mapping import registry
from etl.edge import media
from etl.run import Run
from etl.shintatsu import freeze, reports
from etl.site import Site

DAY = date(2026, 11, 16)  # Monday
OFFICE, OTHER = "3101", "3102"


def filed(number: int, **cells: Any) -> dict[str, Any]:
    """An intake of person ``number``: a 資格取得届 of 川崎区, confirmed, unless said otherwise."""
    return {
        "uketsuke_no": f"2026111{number:08}", "atena_no": kit.no(number), "juri_on": date(2026, 11, 10), "kiso_nenkin_no": kit.kiso(number),
        "gaitou_on": date(2026, 11, 1), "jiyu_code": "03", "shubetsu_code": "1", **cells,
    }  # fmt: skip


def take_in(
    site: Site, intakes: list[dict[str, Any]], people: list[dict[str, Any]] | None = None, on: date = DAY, seq: int = 1
) -> None:
    """These intakes with the persons that they are about (``people``: what 住基 says of some), as a night does."""
    known = {p["atena_no"]: p for p in people or []}
    persons = {i["atena_no"]: known.get(i["atena_no"], {"atena_no": i["atena_no"]}) for i in intakes}
    kit.uketsuke(site, intakes, on, seq)
    first = kit.run(site, "uketsuke_daily", on)
    kit.juki(site, list(persons.values()), on, seq)
    second = kit.run(site, "juki_daily", on)
    assert not first["error"] and not second["error"], (first["error"], second["error"])


def opened(site: Site, on: date = DAY) -> dict[str, Any]:
    return kit.run(site, "shintatsu", on)


def run_of(site: Site, on: date = DAY, user: str = "sousa01", job: str = "shintatsu") -> Run:
    """A run of a command."""
    return runs.get(site, jobs.start(site, job, on.isoformat(), user, "試験"))


def fixed(site: Site, office: str = OFFICE, on: date = DAY, user: str = "sousa01") -> reports.Report:
    return freeze.freeze(site, run_of(site, on, user), office)


def made(site: Site, office: str = OFFICE, on: date = DAY, user: str = "sousa01", checker: str = "shounin01") -> reports.Report:
    """Fixed, approved by another person, and on its medium."""
    run = run_of(site, on, user)
    report = freeze.freeze(site, run, office)
    kit.approve_all(site, "shintatsu", checker)
    jobs.step(site, run.run_id, "make")
    return now(site, report)


def made_now(site: Site, office: str = OFFICE) -> str:
    """The medium of what was fixed and approved last; its file's name."""
    (approval_id,) = {r.approval_id for r in reports_of(site, office)[:1]}
    ((run_id,),) = kit.query(site, "select run_id from ledger.approval where approval_id = :a", a=approval_id)
    jobs.step(site, str(run_id), "make")
    return reports_of(site, office)[0].name or ""


def now(site: Site, report: reports.Report) -> reports.Report:
    with site.session() as session:
        (found,) = reports.find(session, shintatsu_id=report.shintatsu_id)
    return found


def reports_of(site: Site, office: str) -> list[reports.Report]:
    with site.session() as session:
        return [report for report in reports.find(session) if report.jimusho_code == office]


def content(site: Site, report: reports.Report) -> bytes:
    """The file in the archive of its medium."""
    (row,) = registry.sent_by("shintatsu")
    ((archive, key),) = kit.query(
        site, "select archive_name, key_name from ledger.medium where output_id = :o", o=report.output_id
    )
    (path,) = (site.outbox / row.dataset).rglob(archive)
    return media.unseal(path, (site.keys.folder / "media" / key).read_text())
