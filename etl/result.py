"""処理結果: what a run did, from its receipts — as JSON for machines, as 処理結果表 (xlsx and text) for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etl import run as runs
from etl.core.errors import SourceError, from_json
from etl.core.mapping.layout import layouts
from etl.core.paper.pages import FileLine, FindingLine, OutputLine, ResultSheet
from etl.core.suite.findings import Finding
from etl.edge import paper, suites
from etl.run import Run
from etl.site import Site

STEPS = ("land", "load", "check", "propose", "reconcile", "ask", "place", "print", "build", "release")


def _receipts(site: Site, run_id: str) -> dict[str, dict[str, Any]]:
    return {s: r for s in STEPS if (r := runs.receipt(site, run_id, s))}


def result(site: Site, run_id: str) -> dict[str, Any]:
    """run_id, job, period, files, outputs, proposals (what waits for a second person), after a 突合 its outcomes."""
    run, kept = runs.get(site, run_id), _receipts(site, run_id)
    keys = ("dataset", "name", "outcome", "code", "counts")
    found = {
        "run_id": run_id, "job": run.job, "period": run.period,
        "files": [{k: f[k] for k in keys} for f in kept.get("load", {}).get("files", [])],
        "outputs": [o for s in ("place", "release") for o in kept.get(s, {}).get("outputs", [])],
        "proposals": sum(r.get("proposals", 0) for r in kept.values()),
    }  # fmt: skip
    if "reconcile" in kept:
        found["outcomes"] = kept["reconcile"]["outcomes"]
    if "print" in kept:
        found["forms"] = sum(f["pages"] for f in kept["print"]["forms"])
    if run.job == "shotoku_shoukai_daily":
        found["requested"] = sum(o["rows"] for o in found["outputs"])
    if run.job == "shotoku_kaitou_daily":
        counts = [f["counts"] for f in found["files"]]
        kinds = {"stored": ("new", "updated", "unchanged"), "refused": ("out_of_scope",), "held": ("quarantined",)}
        found["answers"] = {kind: sum(c[name] for c in counts for name in names) for kind, names in kinds.items()}
    return found


def messages(site: Site, run_id: str) -> list[str]:
    """What the operator should read: refused and waiting files, quarantined rows (line, item, kind), findings of the suites."""
    land = runs.receipt(site, run_id, "land") or {}
    strangers = [SourceError("NP-2025", file=dataset, count=n) for dataset, n in land.get("misnamed", {}).items() if n]
    lines = [line for error in strangers for line in (str(error), f"  → {error.remedy}")]
    for file in (runs.receipt(site, run_id, "load") or {}).get("files", []):
        if file["error"]:
            error = from_json(file["error"])
            lines += [str(error), *error.facts.get("places", []), f"  → {error.remedy}"]
        lines += [_row_error(file, *row) for row in file.get("quarantined", [])]
        found = [f for f in file.get("findings", []) if not f["passed"]]
        lines += [f"[{f['severity']}] {file['name']} {f['label']}: {f['unexpected']}/{f['checked']} 件" for f in found]
    return lines


def _row_error(file: dict[str, Any], line: int, fields: list[str], kinds: list[str]) -> str:
    labels = {f.name: f.label for f in layouts()[file["dataset"]].data.fields}
    items = "、".join(f"{labels.get(f, '')} {f}: {k}" for f, k in zip(fields, kinds, strict=True))
    return f"{file['dataset']} {file['name']} 行{line} {items}（隔離）"


def make_sheet(site: Site, run: Run, title: str) -> dict[str, Any]:
    """処理結果表 of the run under ``outbox/shori_kekka/<period>/`` (counts and names of files only)."""
    kept = _receipts(site, run.run_id)
    with site.session() as session:
        head = session.one("ledger/audit_head") or {}
    files = kept.get("load", {}).get("files", [])
    refused = next((from_json(f["error"]) for f in files if f["outcome"] == "refused"), None)
    finished = runs.now()
    sheet = ResultSheet(
        job_title=title, job=run.job, period=run.period, business_on=run.day, run_id=run.run_id, user=run.user_name, unit=run.unit,
        terminal=run.terminal, reason=run.reason, started_at=run.started_at, finished_at=finished,
        duration_seconds=(finished - run.started_at).total_seconds(),
        files=tuple(_file_line(f) for f in files),
        outputs=tuple(_output_line(o) for s in ("place", "release") for o in kept.get(s, {}).get("outputs", [])),
        findings=tuple(
            FindingLine(**{k: found[k] for k in ("dataset", "label", "severity", "checked", "unexpected")})
            for f in files for found in f.get("findings", []) if not found["passed"]
        ),
        proposals=sum(r.get("proposals", 0) for r in kept.values()), audit_event_id=head["event_id"], audit_hash=head["hash"],
        error=str(refused) if refused else "",
        notes=(
            *_checked(kept.get("check")),
            *(f"免除等申請書 {f['pages']:,} 枚　{Path(f['path']).name}" for f in kept.get("print", {}).get("forms", [])),
            *(f"外字 {f['gaiji'][0]:,} 文字（{f['gaiji'][1]:,} 行）　{f['name']}" for f in files if f.get("gaiji", [0])[0]),
        ),
    )  # fmt: skip
    folder = site.outbox / "shori_kekka" / run.period
    stem = f"{run.job}_{run.started_at:%Y%m%dT%H%M%S}_{run.run_id[:8]}"
    paper.shori_kekka(folder / f"{stem}.xlsx", folder / f"{stem}.txt", sheet)
    findings = [Finding(**found) for f in files for found in f.get("findings", [])]
    if findings:
        suites.report_html(findings, folder / f"{stem}_検証.html")
    return {"sheet": str(folder / f"{stem}.xlsx"), "text": str(folder / f"{stem}.txt")}


def _checked(check: dict[str, Any] | None) -> tuple[str, ...]:
    """突合1 in one line."""
    if not check or not check["checked"]:
        return ()
    return (f"受付の点検 {check['checked']:,} 件（不足・相違のあるもの {check['with_findings']:,} 件）。受付処理簿を見てください",)


def _file_line(file: dict[str, Any]) -> FileLine:
    return FileLine(
        dataset_title=layouts()[file["dataset"]].title, name=file["name"], outcome=file["outcome"], last_data=file.get("last"),
        code=file["code"], sentence=from_json(file["error"]).sentence if file["error"] else None, **file["counts"],
    )  # fmt: skip


def _output_line(output: dict[str, Any]) -> OutputLine:
    title, name = layouts()[output["dataset"]].title, Path(output["path"]).name
    return OutputLine(dataset_title=title, name=name, rows=output["rows"], version=output["version"], sha256=output["sha256"])
