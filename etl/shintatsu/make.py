"""作成: what was approved goes onto its medium: 媒体通番, 個人番号 in clear for the file alone, the file sealed in memory, its papers. The file exists
nowhere but in its encrypted archive (P83).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from etl.core.codec import todokefile
from etl.core.errors import Refused
from etl.core.mapping import registry, views
from etl.core.mapping.city import city
from etl.core.mapping.houkoku import houkoku
from etl.core.mapping.layout import leaving
from etl.core.mapping.transfers import Transfer
from etl.core.receipts import Output, Sent
from etl.core.states import Koui, Shintatsu
from etl.door import in_clear
from etl.door.parcel import Chosen, Parcel, folder, pack
from etl.door.seen import seen
from etl.door.send import send
from etl.edge import atomic, db
from etl.run import Run
from etl.shintatsu import bango, candidates, kami, reports
from etl.shintatsu.reports import LOCK, Report
from etl.site import Site


def make(site: Site, run: Run) -> Sent:
    """The media of what this run fixed and another person approved. Again: the same. Refused NP-4205 when something changed since it was fixed;
    NotPermitted, and as ``door.send``."""
    (row,) = registry.sent_by(run.job)
    outputs = []
    with site.session() as session, db.locked(session, "pension:shared", LOCK):
        atomic.sweep(folder(site, row.dataset))
        for report in _fixed_by(session, run):
            if report.state is Shintatsu.APPROVED:
                outputs.append(_made(session, site, run, row, report))
            elif report.name:
                path = folder(site, row.dataset, run.period) / report.name
                outputs.append(Output(row.dataset, str(path), report.rows or 0, report.sha256 or "", 1))
    return Sent(tuple(outputs))


def _fixed_by(session: db.Session, run: Run) -> list[Report]:
    """The reports that this run fixed, as they are now."""
    mine = session.rows("shintatsu/fixed_by", run_id=run.run_id)
    found = [r for one in mine for r in reports.find(session, approval_id=one["approval_id"])]
    session.commit()
    return sorted(found, key=lambda r: r.jimusho_code)


def _made(session: db.Session, site: Site, run: Run, row: Transfer, report: Report) -> Output:
    content = _require_same(session, report)
    parcel = _parcel(site, run, row, report, bango.of(session, site, report))
    medium, forms = kami.of_medium(session, run, report, parcel)

    def also(output_id: int) -> None:
        reports.act(session, run, report, Koui.MAKE, run.day, output_id=output_id, counts={"records": parcel.rows.num_rows})

    return send(
        session,
        site,
        run,
        parcel,
        {"rows": parcel.rows.num_rows},
        also=also,
        content=content,
        approval_id=report.approval_id,
        with_it=lambda sheaf, sha256: kami.lay(sheaf, run, medium, forms, sha256),
    )


def _require_same(session: db.Session, report: Report) -> str:
    """What was fixed is kept as it was approved, and is what would be fixed now of the same 届書; its hash. Also when the number was given
    already: nothing has gone yet. Refused NP-4205."""
    fixed = session.rows("shintatsu/fixed", approval_id=report.approval_id)
    nos = {r["uketsuke_no"] for r in fixed}
    now = [c for c in candidates.look(session, report) if c.no in nos and c.goes]
    session.commit()
    content = candidates.fixed_hash(fixed)
    if not content == candidates.content_hash(now) == report.content_hash:
        raise Refused("NP-4205", item=report.title)
    return content


def _parcel(site: Site, run: Run, row: Transfer, report: Report, number: int) -> Parcel:
    with seen(site, row, kakutei=str(report.approval_id)) as session:
        records: list[dict[str, Any]] = session.rows("transfer/permitted", names=views.names(row))
    with site.session() as session:
        told = session.rows("shintatsu/fixed", approval_id=report.approval_id)
    clear = in_clear.numbers(site, run, [r["kojin_id"] for r in records], row.operation)
    rows = todokefile.as_written(leaving()[row.dataset], candidates.as_table(records, clear))
    persons = pa.chunked_array([pa.array([t["atena_no"] for t in told], pa.string())])
    sender = houkoku().teishutsu
    assert report.frozen_on and report.decided_at
    parcel = pack(
        Chosen(row, rows, rows.slice(0, 0), persons), period=run.period, created_on=report.frozen_on, known_at=run.started_at, version=1,
        seq=int(f"{report.jimusho_code}{number:03}"),  # an office may get a second one on the same day
        more={
            "jimusho": int(report.jimusho_code), "baitai_no": number, "city": city()["code"], "todofuken": sender.todofuken,
            "gunshiku": sender.gunshiku, "yubin3": sender.yubin[:3], "yubin4": sender.yubin[3:], "shozaichi": sender.shozaichi,
            "meishou": sender.meishou, "shozokuchou": sender.shozokuchou,
        },
    )  # fmt: skip
    return replace(parcel, seal=site.keys.seal)  # a plain hash of it would be as good as a 個人番号 of which the rest is known


def fixers(site: Site, run_id: str) -> list[str]:
    """The runs that fixed what this run opened and another person approved."""
    with site.session() as session:
        return [str(row["run_id"]) for row in session.rows("shintatsu/fixers", run_id=run_id)]


def waits(site: Site, run_id: str) -> bool:
    """Whether a report that this run opened is still looked through, or waits for another person."""
    with site.session() as session:
        return any(r.state in (Shintatsu.OPENED, Shintatsu.FROZEN) for r in reports.find(session, run_id=run_id))
