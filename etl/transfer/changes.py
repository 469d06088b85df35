"""都度: what a recipient may have and does not have yet, in one file of a business day: added, changed, taken back (P36–P38).

What it has is kept as a hash of each record's permitted items, so nothing is told twice, and a change of something else not at all. The day is
chosen as known at one moment: again, it makes the same bytes; when a later day is done, it makes nothing (faults F25).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from etl.core.codec.columns import arrow_schema
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping import registry, views
from etl.core.mapping.city import ZONE, city
from etl.core.mapping.layout import leaving
from etl.core.mapping.transfers import Transfer
from etl.core.receipts import Changes, Output, Told
from etl.door.hantei import each
from etl.door.numbers import next_seq
from etl.door.parcel import chosen, folder, pack
from etl.door.place import clear
from etl.door.seen import seen
from etl.door.send import send
from etl.edge import atomic, db, failpoint
from etl.run import Run
from etl.site import Site
from etl.transfer import hadome

ADDED, CHANGED, DELETED = "1", "2", "3"  # 更新区分
GIVEN = ("given_day", "given_known_at")  # of a record that goes: when it was given
MARKS = ("iten_key", "iten_hash")


def changes(site: Site, run: Run) -> Changes:
    """One file for each recipient that something changed for. Holds ``pension`` alone while it chooses the moment. Unavailable NP-1021, Refused
    NP-2114 (業務日が離れた実行). What is refused of one recipient makes the run red when the others have theirs."""
    if run.apart:
        raise Refused("NP-2114", item=run.period)
    rows = registry.sent_by(run.job)
    with site.session() as session, db.locked(session, *(r.dataset for r in rows)):
        with db.locked(session, "pension"), session.transaction():
            for row in rows:
                session.run("transfer/day_fix", dataset=row.dataset, business_on=run.day, user_name=run.user_name)
        failpoint.reached("day fixed")
        made, refused = each(rows, lambda row: _day(session, site, run, row))
    outputs = tuple(output for output, _ in made if output)
    return Changes(outputs, tuple(told for _, told in made), tuple(error.to_json() for error in refused))


def _day(session: db.Session, site: Site, run: Run, row: Transfer) -> tuple[Output | None, Told]:
    day = session.one("transfer/day", dataset=row.dataset, business_on=run.day) or {}
    session.commit()
    if day["done"]:
        return _kept(session, site, run, row)
    if day["overtaken"]:
        return None, Told(row.dataset, overtaken=True)
    atomic.sweep(folder(site, row.dataset))
    clear(site, row.dataset, run.period)
    found = changed(site, row, run.day, day["known_at"], day["user_name"])
    if found.num_rows:
        return _send(session, site, run, row, found, day["known_at"])
    told = Told(row.dataset)
    with session.transaction():
        _end(session, run, told, None)
    return None, told


def _end(session: db.Session, run: Run, told: Told, output_id: int | None) -> None:
    session.run(
        "transfer/day_end", dataset=told.dataset, business_on=run.day, output_id=output_id, added=told.added, changed=told.changed,
        deleted=told.deleted,
    )  # fmt: skip


def _kept(session: db.Session, site: Site, run: Run, row: Transfer) -> tuple[Output | None, Told]:
    """What the day has sent already."""
    sent = session.one("transfer/day_sent", dataset=row.dataset, business_on=run.day)
    session.commit()
    if sent is None:
        return None, Told(row.dataset)
    path = folder(site, row.dataset, run.period) / sent["name"]
    told = Told(row.dataset, sent["added"], sent["changed"], sent["deleted"])
    return Output(row.dataset, str(path), sent["rows"], sent["sha256"], sent["version"]), told


def changed(site: Site, row: Transfer, day: date, known_at: datetime, user: str) -> pa.Table:
    """The records of the file in its order, with ``iten_key`` and ``iten_hash``; of a person first what is taken back. DefinitionError NP-2111."""
    schema = arrow_schema(leaving()[row.dataset].data)
    wanted = pa.schema([*schema, *((name, pa.string()) for name in (*MARKS, *GIVEN))])
    with seen(site, row, day=day, known_at=known_at, shichoson_code=city()["code"]) as session:
        found = session.table("transfer/changes", wanted, names=views.names(row, "p."))
    goes = pc.equal(found["koshin_kbn"], DELETED)
    gone = _as_given(site, row, found.filter(goes), known_at, user)
    every = pa.concat_tables([found.filter(pc.invert(goes)), gone]).drop_columns(list(GIVEN))
    rank = pc.cast(pc.not_equal(every["koshin_kbn"], DELETED), pa.int8())
    order = pc.sort_indices(
        every.append_column("rank", rank), [("atena_no", "ascending"), ("rank", "ascending"), ("iten_key", "ascending")]
    )
    return every.take(order)


def _as_given(site: Site, row: Transfer, gone: pa.Table, known_at: datetime, user: str) -> pa.Table:
    """Records that go, with the items that the recipient got. Each is looked up as it was known when it was given."""
    moments: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in gone.select(["iten_key", *GIVEN]).to_pylist():
        moments[record["given_day"], record["given_known_at"]].append(record["iten_key"])
    parts = [gone.slice(0, 0), *(_of_moment(site, row, gone.schema, moment, keys) for moment, keys in moments.items())]
    whole = pa.concat_tables(parts)
    if whole.num_rows != gone.num_rows:
        raise DefinitionError("NP-2111", item=row.id, expected=gone.num_rows, found=whole.num_rows)
    at = known_at.astimezone(ZONE)
    said = {"koshin_kbn": DELETED, "operator_id": user, "operated_on": at.date(), "operated_time": f"{at:%H:%M:%S}"}
    for name, value in said.items():
        field = whole.schema.field(name)
        whole = whole.set_column(whole.schema.get_field_index(name), field, pa.array([value] * whole.num_rows, field.type))
    return whole


def _of_moment(site: Site, row: Transfer, schema: pa.Schema, moment: tuple[str, str], keys: list[str]) -> pa.Table:
    day, known_at = moment
    shown = [name for name in schema.names if name not in ("koshin_kbn", *GIVEN)]
    with seen(site, row, day=day, known_at=known_at, shichoson_code=city()["code"]) as session:
        found = session.table(
            "transfer/given", pa.schema([schema.field(name) for name in shown]), names=views.names(row), keys=keys,
            atena_nos=sorted({key.partition("|")[0] for key in keys}),
        )  # fmt: skip
    empty = {name: pa.nulls(found.num_rows, schema.field(name).type) for name in ("koshin_kbn", *GIVEN)}
    return pa.table({name: found[name] if name in shown else empty[name] for name in schema.names}, schema=schema)


def _send(session: db.Session, site: Site, run: Run, row: Transfer, found: pa.Table, known_at: datetime) -> tuple[Output, Told]:
    rows = found.select([f.name for f in leaving()[row.dataset].data.stored])
    wanted: int = session.value("ledger/output_next_seq", dataset=row.dataset)
    session.commit()
    seq = next_seq(site, row.dataset, run.period, wanted)
    parcel = pack(chosen(row, rows), period=run.period, created_on=run.day, known_at=known_at, version=1, seq=seq)
    told = Told(row.dataset, *(pc.sum(pc.equal(found["koshin_kbn"], kbn)).as_py() for kbn in (ADDED, CHANGED, DELETED)))

    hadome.require(session, run, parcel, told.deleted, seq - wanted)

    def keep(output_id: int) -> None:
        _keep(session, row, found, output_id)
        _end(session, run, told, output_id)

    counts = {"added": told.added, "changed": told.changed, "deleted": told.deleted}
    return send(session, site, run, parcel, {"rows": rows.num_rows, **counts}, also=keep), told


def _keep(session: db.Session, row: Transfer, found: pa.Table, output_id: int) -> None:
    """What the recipient has from now on."""
    session.run("transfer/henkou_clear")
    marked = pa.table({
        "key": found["iten_key"], "atena_no": found["atena_no"], "hash": pc.binary_join_element_wise("\\x", found["iten_hash"], ""),
        "koshin_kbn": found["koshin_kbn"],
    })  # fmt: skip
    with session.copy_in("staging.iten_henkou", marked.column_names) as copy:
        copy.write(db.csv_bytes(marked))
    for statement in ("transfer/jotai_end", "transfer/jotai_put"):
        session.run(statement, dataset=row.dataset, output_id=output_id)
