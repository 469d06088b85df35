"""移転: the monthly files of the 国保 sections. build → (approval of a later version) → release.

A version is a month, a moment (``known_at``) and a 作成年月日: from these three the same bytes can be made at any time, so nothing
personal waits on disk for its approval. Each section gets its own file, archive, 送受書 and medium.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.core.codec.decode import Decoder, split
from etl.core.codec.encode import encode_fixed, encode_rows, end_file, totals
from etl.core.dates import month_range, wareki, wareki_month
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.layout import Layout, layouts
from etl.core.mapping.names import format_name
from etl.core.paper.pages import Slip
from etl.edge import db, failpoint, files, media, paper, suites
from etl.edge.keys import make_once
from etl.run import Run, record
from etl.site import Site, city

#: dataset -> statement that selects its rows
DATASETS = {"kokuho_shikaku_hoken": "transfer/kokuho_shikaku", "kokuho_shikaku_shunou": "transfer/kokuho_shikaku"}
APPROVAL_DAYS = 30
MEDIUM = "フラッシュメモリ"
DIFFERENCE = ("宛名番号", "基礎年金番号", "資格取得日", "差異")


@dataclass(frozen=True)
class Month:
    """The rows of one dataset for one month as known at a moment; ``held`` are those without a 宛名 row."""

    layout: Layout
    first: date
    known_at: datetime
    rows: pa.Table
    held: pa.Table

    @property
    def body(self) -> bytes:
        """The data records: what decides whether there is anything new (without 作成年月日 and 版)."""
        data, unwritable = encode_rows(self.layout, self.rows)
        if unwritable:
            raise Refused("NP-2103", held=len(unwritable), item=unwritable[0].fields[0])
        return data

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def file(self, version: int, created_on: date) -> tuple[str, bytes]:
        """Name and bytes of a version."""
        header = {"shichoson_code": city()["code"], "month": self.first, "created_on": created_on, "version": version}
        trailer = {"shichoson_code": city()["code"], **totals(self.rows)}
        name = format_name(self.layout.file.name, city=city()["code"], month=self.first, version=version)
        return name, encode_fixed(self.layout, header, self.rows, trailer)


def select(session: db.Session, dataset: str, period: str, known_at: datetime) -> Month:
    """The month ``YYYY-MM`` as known at a moment (spec §5)."""
    layout = layouts()[dataset]
    first, last = month_range(date.fromisoformat(f"{period}-01"))
    schema = Decoder(layout.data).schema
    rows = session.table(DATASETS[dataset], schema, month_first=first, month_last=last, known_at=known_at)
    session.commit()
    written = pa.compute.is_valid(rows.column("setai_no"))
    return Month(layout, first, known_at, rows.filter(written), rows.filter(pa.compute.invert(written)))


def business_day(site: Site, period: str) -> date:
    """The day a monthly run is about unless given: the latest business day taken in, else the month's last."""
    with site.session() as session:
        return session.value("transfer/business_day") or month_range(date.fromisoformat(f"{period}-01"))[1]


# ---- build -----------------------------------------------------------------------------------------------------------------


def build(site: Site, run: Run) -> dict[str, Any]:
    """Compare the month with its last version. ``state``: first, same, candidate (needs approval) or reproduced."""
    with site.session() as session, db.locked(session, "pension", *DATASETS):
        known_at = run.as_known_at or session.value("transfer/clock")
        session.commit()
        plans = [_plan(session, site, run, dataset, known_at) for dataset in DATASETS]
    return {"plans": plans, "proposals": sum(p["state"] == "candidate" for p in plans)}


def _plan(session: db.Session, site: Site, run: Run, dataset: str, known_at: datetime) -> dict[str, Any]:
    month = select(session, dataset, run.period, known_at)
    versions = session.rows("ledger/outputs", dataset=dataset, period=run.period)
    session.commit()
    released = [v for v in versions if v["released_at"]]
    plan = {"dataset": dataset, "known_at": known_at.isoformat(), "rows": month.rows.num_rows, "held": month.held.num_rows}
    plan |= {"body_sha256": month.body_sha256, "created_on": run.day.isoformat()}
    if run.as_known_at:
        like = _like(released, known_at, month.body_sha256)
        created_on = like["created_on"] if like else run.day
        return plan | {"state": "reproduced", "version": like["version"] if like else 1, "created_on": created_on.isoformat()}
    waiting = [v for v in versions if not v["released_at"] and v["decision"] in (None, "approved")]
    if released and released[-1]["body_sha256"] == plan["body_sha256"]:
        _overtake(session, run, waiting)
        return plan | {"state": "same", "version": released[-1]["version"]}
    if not released:
        return plan | {"state": "first", "version": 1}
    same = [v for v in waiting if v["body_sha256"] == plan["body_sha256"] and not v["expired"]]
    _overtake(session, run, [v for v in waiting if v not in same])
    version = same[-1]["version"] if same else _candidate(session, site, run, month, versions, released[-1])
    return plan | {"state": "candidate", "version": version}


def _like(released: list[dict[str, Any]], known_at: datetime, body_sha256: str) -> dict[str, Any] | None:
    """The version that the state of a moment is: of the same content, made by then if there is one; else the last one made by then."""
    by_then = [v for v in released if v["known_at"] <= known_at]
    same = [v for v in [*reversed(by_then), *released] if v["body_sha256"] == body_sha256]
    return next(iter(same or by_then[-1:]), None)


def _overtake(session: db.Session, run: Run, waiting: list[dict[str, Any]]) -> None:
    """Candidates that a later state made pointless: they keep their number and are never released."""
    undecided = [v for v in waiting if v["decision"] is None]
    if undecided:
        with session.transaction():
            for v in undecided:
                session.run("ledger/approval_decide", approval_id=v["approval_id"], decision="superseded", checker=None, reason="後の状態による")
                record(session, run, "失効", v["name"], {"approval_id": v["approval_id"]})


def _candidate(
    session: db.Session, site: Site, run: Run, month: Month, versions: list[dict[str, Any]], last: dict[str, Any]
) -> int:
    """Put a later version before a second person, its differences listed. Refused NP-1003 without a 処理事由 of its own."""
    if run.reason == DEFAULT_REASON:
        raise Refused("NP-1003", file=last["name"])
    version = max(v["version"] for v in versions) + 1
    name, data = month.file(version, run.day)
    listed = _differences(select(session, month.layout.dataset, run.period, last["known_at"]), month)
    subject = f"{name}（{run.period} 版{version:02}、差異 {len(listed)} 件）"
    with session.transaction():
        approval = session.value(
            "ledger/approval_put", kind="kokuho", run_id=run.run_id, subject=subject, content_hash=month.body_sha256,
            maker=run.user_name, days=APPROVAL_DAYS,
        )  # fmt: skip
        _put(session, run, month, version, name, data, approval)
        record(session, run, "移転起案", name, {"differences": len(listed), "rows": month.rows.num_rows})
    paper.meisai(_folder(site, month.layout.dataset, run.period) / f"{Path(name).stem}_差分一覧.xlsx", f"差分一覧　{name}", DIFFERENCE, listed)
    return version


DEFAULT_REASON = "定期処理"


def _differences(before: Month, after: Month) -> list[tuple[str, str, str, str]]:
    """資格 that were added, left out or changed between two states (宛名番号, 基礎年金番号, 取得日, 差異)."""
    old, new = (_by_key(m.rows) for m in (before, after))
    kinds = {k: "追加" if k not in old else "削除" if k not in new else "変更" for k in old.keys() | new.keys() if old.get(k) != new.get(k)}
    return [(k[0], k[1], k[2].isoformat(), kind) for k, kind in sorted(kinds.items())]


def _by_key(rows: pa.Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    columns = [rows.column(n).to_pylist() for n in rows.column_names]
    at = [rows.column_names.index(n) for n in ("atena_no", "kiso_nenkin_no", "acquired_on")]
    return {tuple(row[i] for i in at): row for row in zip(*columns, strict=True)}


def _put(session: db.Session, run: Run, month: Month, version: int, name: str, data: bytes, approval: int | None) -> int:
    return session.value(
        "ledger/output_put", run_id=run.run_id, dataset=month.layout.dataset, period=run.period, seq=None, version=version, name=name,
        rows=month.rows.num_rows, sha256=hashlib.sha256(data).hexdigest(), body_sha256=month.body_sha256, created_on=run.day,
        known_at=month.known_at, reason=run.reason, approval_id=approval,
    )  # fmt: skip


# ---- release ---------------------------------------------------------------------------------------------------------------


def release(site: Site, run: Run, plans: list[dict[str, Any]]) -> dict[str, Any]:
    """Place what may go: first versions, approved later ones, reproductions. A candidate without approval stays where it is."""
    outputs = []
    with site.session() as session, db.locked(session, *DATASETS):
        for plan in plans:
            files.sweep(site.outbox / plan["dataset"])
            outputs += _release(session, site, run, plan)
    return {"outputs": outputs}


def _release(session: db.Session, site: Site, run: Run, plan: dict[str, Any]) -> list[dict[str, Any]]:
    dataset, version = plan["dataset"], plan["version"]
    if plan["state"] == "reproduced":
        return [_reproduce(session, site, run, plan)]
    known = [v for v in session.rows("ledger/outputs", dataset=dataset, period=run.period) if v["version"] == version]
    session.commit()
    if known and known[0]["released_at"]:
        return [_output(dataset, _folder(site, dataset, run.period) / known[0]["name"], known[0]["rows"], known[0]["sha256"], version)]
    if plan["state"] == "candidate" and (not known or known[0]["decision"] != "approved"):
        return []
    known_at = known[0]["known_at"] if known else datetime.fromisoformat(plan["known_at"])
    created_on = known[0]["created_on"] if known else date.fromisoformat(plan["created_on"])
    month = select(session, dataset, run.period, known_at)
    if month.body_sha256 != (known[0]["body_sha256"] if known else plan["body_sha256"]):
        raise Refused("NP-2032", file=known[0]["name"] if known else dataset)
    return [_place(session, site, run, month, version, created_on, known[0]["output_id"] if known else None)]


def _place(session: db.Session, site: Site, run: Run, month: Month, version: int, created_on: date, output_id: int | None) -> dict[str, Any]:
    """File, read-back, archive, 送受書, then the ledger; manifest last. Placed but not recorded is found again, not made twice."""
    name, data = month.file(version, created_on)
    folder = _folder(site, month.layout.dataset, run.period)
    path = folder / name
    if path.exists() and path.read_bytes() != data:
        _discard(path)
    if not path.exists():
        suites.require(month.layout.dataset, month.rows, name)
        files.place(path, data)
        failpoint.reached("file placed")
    read_back(month, path)
    archive, key_name = _seal(site, path)
    failpoint.reached("sealed")
    with session.transaction():
        output_id = output_id or _put(session, run, month, version, name, data, None)
        medium_no = session.value(
            "ledger/medium_put", output_id=output_id, kind=MEDIUM, recipient=month.layout.recipient, archive_name=archive.name,
            archive_sha256=files.sha256(archive), key_name=key_name,
        )  # fmt: skip
        paper.soujusho(folder / f"{path.stem}_送受書.xlsx", _slip(run, month, version, created_on, name, data, archive, medium_no))
        _list_held(folder / f"{path.stem}_保留一覧.xlsx", month)
        session.run("ledger/output_release", output_id=output_id)
        record(session, run, "移転", name, {"rows": month.rows.num_rows, "held": month.held.num_rows, "medium_no": medium_no, "version": version})
        failpoint.reached("release recorded")
        files.place(folder / f"{name}.end", end_file(name, data, month.rows.num_rows))
        failpoint.reached("manifest placed")
    failpoint.reached("released")
    return _output(month.layout.dataset, path, month.rows.num_rows, hashlib.sha256(data).hexdigest(), version)


def _discard(path: Path) -> None:
    """What a run left that broke off before its manifest was never handed over. Refused NP-2102 when there is one."""
    if path.with_name(f"{path.name}.end").exists():
        raise Refused("NP-2102", file=path.name)
    path.with_suffix(".zip").unlink(missing_ok=True)
    path.unlink()


def read_back(month: Month, path: Path) -> None:
    """Decode what was written and compare it with what was selected. DefinitionError NP-2101."""
    found = split(path.read_bytes(), month.layout, path.name)
    decoder = Decoder(month.layout.data)
    again = pa.Table.from_batches([decoder.decode(found.records)]) if len(found.records) else month.rows.slice(0, 0)
    if decoder.check(found.records) or again != month.rows.combine_chunks() or found.trailer["count"] != month.rows.num_rows:
        raise DefinitionError("NP-2101", file=path.name)


def _seal(site: Site, path: Path) -> tuple[Path, str]:
    """AES-256 archive; its password is made once, kept in ``keys/media`` and shown nowhere. An archive that opens is kept."""
    archive, key = path.with_suffix(".zip"), site.keys.folder / "media" / f"{path.stem}.key"
    key.parent.mkdir(mode=0o700, exist_ok=True)
    make_once(key, media.new_password().encode())
    password = key.read_text()
    if not archive.exists():
        media.seal(path, archive, password)
    if media.unseal(archive, password) != path.read_bytes():
        raise Refused("NP-2102", file=archive.name)
    return archive, key.name


def _slip(run: Run, month: Month, version: int, created_on: date, name: str, data: bytes, archive: Path, medium_no: int) -> Slip:
    return Slip(
        title=month.layout.title, recipient=month.layout.recipient or "", sender=run.unit, basis=month.layout.basis,
        month=wareki_month(month.first) + "分", created_on=wareki(created_on), version=version, rows=month.rows.num_rows,
        medium_no=medium_no, medium_kind=MEDIUM, file_name=name, sha256=hashlib.sha256(data).hexdigest(), archive_name=archive.name,
        archive_sha256=files.sha256(archive), reason=run.reason if version > 1 else "",
    )  # fmt: skip


def _list_held(path: Path, month: Month) -> None:
    if month.held.num_rows:
        columns = (month.held.column(n).to_pylist() for n in ("atena_no", "kiso_nenkin_no", "acquired_on"))
        rows = [(a, k, d.isoformat(), "宛名なし") for a, k, d in zip(*columns, strict=True)]
        paper.meisai(path, "保留一覧（宛名が無いため出力していない資格）", ("宛名番号", "基礎年金番号", "資格取得日", "理由"), rows)


def _reproduce(session: db.Session, site: Site, run: Run, plan: dict[str, Any]) -> dict[str, Any]:
    """An earlier state made again (``as_known_at``): beside the outbox, never a version, recorded as an output."""
    month = select(session, plan["dataset"], run.period, datetime.fromisoformat(plan["known_at"]))
    name, data = month.file(plan["version"], date.fromisoformat(plan["created_on"]))
    stamp = month.known_at.strftime("%Y%m%dT%H%M%S")
    path = _folder(site, plan["dataset"], run.period) / f"reproduced-{stamp}" / name
    files.place(path, data)
    with session.transaction():
        record(session, run, "再現出力", name, {"rows": month.rows.num_rows, "known_at": plan["known_at"]})
    return _output(plan["dataset"], path, month.rows.num_rows, hashlib.sha256(data).hexdigest(), plan["version"])


def _folder(site: Site, dataset: str, period: str) -> Path:
    return site.outbox / dataset / period


def _output(dataset: str, path: Path, rows: int, sha256: str, version: int) -> dict[str, Any]:
    return {"dataset": dataset, "path": str(path), "rows": rows, "sha256": sha256, "version": version}
