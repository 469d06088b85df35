"""処理結果: what a run did, from its receipts: as JSON for machines, as 処理結果表 (xlsx and text) for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from etl import kakuri
from etl import run as runs
from etl.core.codec.kinds import RowError
from etl.core.errors import KokunenError, SourceError, from_json
from etl.core.mapping import registry
from etl.core.mapping.layout import arriving, codes, layouts
from etl.core.paper import backup, soushin
from etl.core.paper.kakuri import said as said_row
from etl.core.paper.pages import SEVERITIES, FileLine, FindingLine, ListLine, OutputLine, ResultSheet, came, clock, wareki_period
from etl.core.paper.resulttext import result_text
from etl.core.paper.shoukyo import kept_and_gone
from etl.core.paper.totsugo import in_words
from etl.core.paper.tourokubo import ending
from etl.core.paper.tsugi import next_steps
from etl.core.receipts import (
    Built,
    Changes,
    Checked,
    FileResult,
    Landed,
    Loaded,
    Notified,
    Opened,
    Output,
    Printed,
    Receipt,
    Reconciled,
    Reported,
    Sent,
    Whole,
    as_json,
)
from etl.core.receipts.house import Archived, BackedUp, Compared, Expired, List, Listed, Retiring, Shredded, Verified
from etl.core.receipts.partners import Delivered, Fetched
from etl.core.states import FileOutcome, Timing
from etl.core.suite.findings import Finding, page
from etl.door import papers
from etl.door.look import look, tell
from etl.door.papers import Shelf
from etl.edge import paper
from etl.run import Run
from etl.site import Site

Kept = dict[str, Receipt]
SHOWN = 20  # bad rows of a file that are said; 隔離・注意一覧 has them all
FILE = ("dataset", "name", "outcome", "code", "counts")  # what ``--json`` tells of a file


def _loaded(kept: Kept) -> tuple[FileResult, ...]:
    loaded = kept.get("load")
    return loaded.files if isinstance(loaded, Loaded) else ()


def refused(kept: Kept) -> list[KokunenError]:
    """What makes the run red when all of it is done: refused files, what the registry let not leave, what could not go to a partner or come from
    it."""
    files = [f.error for f in _loaded(kept) if f.outcome == FileOutcome.REFUSED and f.error]
    others = [e for receipt in kept.values() if isinstance(receipt, (Changes, Whole, Delivered, Fetched)) for e in receipt.errors]
    return [from_json(dict(error)) for error in (*files, *others)]


def _outputs(kept: Kept) -> tuple[Output, ...]:
    return tuple(o for receipt in kept.values() if isinstance(receipt, (Sent, Changes, Whole)) for o in receipt.outputs)


def _proposals(kept: Kept) -> int:
    return sum(getattr(receipt, "proposals", 0) for receipt in kept.values())


def result(site: Site, run_id: str) -> dict[str, Any]:
    """The ``--json`` object: run_id, job, period, files, outputs, proposals (what waits for a second person); late files with
    their days, if any; what else its steps tell."""
    run, kept = runs.get(site, run_id), runs.receipts(site, run_id)
    files = [as_json(f) for f in _loaded(kept)]
    outputs = [as_json(o) for o in _outputs(kept)]
    found = {
        "run_id": run_id, "job": run.job, "period": run.period,
        "files": [{k: f[k] for k in FILE} for f in files],
        "outputs": [{k: o[k] for k in ("dataset", "path", "rows", "sha256", "version")} for o in outputs],
        "proposals": _proposals(kept),
    }  # fmt: skip
    if late := [{"name": f["name"], "business_on": f["business_on"]} for f in files if f["timing"] == Timing.LATE]:
        found["late"] = late
    for receipt in kept.values():
        if isinstance(receipt, Reconciled):
            found |= {"outcomes": dict(receipt.outcomes), "causes": dict(receipt.causes)}
        if isinstance(receipt, BackedUp) and receipt.id:
            verified = kept.get("verify")
            found["backup"] = {**as_json(receipt), "verified": isinstance(verified, Verified) and bool(verified.id)}
        if isinstance(receipt, Opened):
            found |= as_json(receipt)
        if isinstance(receipt, Printed):
            found["forms"] = sum(f.pages for f in receipt.forms)
        if isinstance(receipt, Expired):
            found["expired"] = sum(g.count for g in receipt.gone)
        if isinstance(receipt, Shredded):
            found["destroyed"] = sum(d.gone for d in receipt.done)
    return found | _told(run.job, kept)


def _told(job: str, kept: Kept) -> dict[str, Any]:
    """What the registries let the result of a job tell besides: the rows of a file under a word of their own, answers by what became of them."""
    about = registry.jobs().get(job)
    if about is None:
        return {}
    found: dict[str, Any] = {
        r.counts: sum(o.rows for o in _outputs(kept) if o.dataset == r.dataset) for r in registry.sent_by(job) if r.counts
    }
    if any(arriving()[d].load.reader == "asked" for d in about.reads):
        counts = [f.counts for f in _loaded(kept)]
        found["answers"] = {
            "stored": sum(c.new + c.updated + c.unchanged for c in counts), "refused": sum(c.out_of_scope for c in counts),
            "held": sum(c.quarantined for c in counts),
        }  # fmt: skip
    return found


def messages(site: Site, run_id: str, step: str | None = None) -> list[str]:
    """What the operator should read (of one step, or of all): refused and waiting files, quarantined rows (line, item, kind), findings of
    the suites."""
    kept = {name: receipt for name, receipt in runs.receipts(site, run_id).items() if step in (None, name)}
    lines = [line for error in _misnamed(kept) for line in (str(error), f"  → {error.remedy}")]
    run = runs.get(site, run_id)
    lines += [*_apart(run), *_not_there(run, kept)]
    for file in _loaded(kept):
        if said := came(file.timing, file.business_on):
            lines.append(f"{file.name} {said}")
        if file.error:
            raised = from_json(file.error)
            lines += [str(raised), f"  → {raised.remedy}"]
        lines += _rows(file)
        lines += [_finding(file.name, f) for f in file.findings if not f.passed]
    lines += [_finding(Path(o.path).name, f) for o in _outputs(kept) for f in o.findings if not f.passed]
    lines += [_finding(dataset, f) for dataset, f in _waiting(kept)]
    lines += [line for receipt in kept.values() for line in soushin.warnings(receipt)]
    lines += [line for receipt in kept.values() for line in (*_told_recipients(receipt), *_opened(receipt))]
    return lines + [line for receipt in kept.values() if isinstance(receipt, Built) for line in _of_month(receipt)]


def _apart(run: Run) -> list[str]:
    return ["業務日が離れた実行です。出すものと起案は、別の職員の承認を待ちます"] if run.apart else []


def _misnamed(kept: Kept) -> list[SourceError]:
    """Files whose name no file of their dataset can have, by dataset; the names themselves are not repeated."""
    land = kept.get("land")
    strangers = land.misnamed if isinstance(land, Landed) else {}
    return [SourceError("NP-2025", file=dataset, count=n) for dataset, n in strangers.items() if n]


def _misnamed_notes(kept: Kept) -> list[str]:
    return [f"{error.code} {layouts()[error.file or ''].title}　{error.sentence}" for error in _misnamed(kept)]


def _not_there(run: Run, kept: Kept) -> list[str]:
    """What somebody has to think of: no file of the business day (where one is looked for every day, and an earlier run has taken none in), and
    refused files of earlier days."""
    land, about = kept.get("land"), registry.jobs().get(run.job)
    if not isinstance(land, Landed) or about is None:
        return []
    today = {f.dataset for f in land.files if f.business_on == run.business_on}
    missing = [layouts()[d].title for d in about.reads if d not in today and d not in land.taken and not about.once]
    lines = [f"この業務日のファイルは届いていません：{'、'.join(missing)}"] if missing else []
    if land.left:
        terms = dict.fromkeys(str(layouts()[f.dataset].keep["file"]) for f in land.left)
        named = "、".join(f.name for f in land.left)
        lines.append(
            f"拒否されたままのファイル {len(land.left):,} 件：{named}（受信フォルダーに置くのは長くて{'・'.join(terms)}）"
        )
    return lines


def _finding(name: str, f: Finding) -> str:
    return f"[{SEVERITIES[f.severity]}] {name} {f.label}: {f.unexpected:,}/{f.checked:,} 件"


def _rows(file: FileResult) -> list[str]:
    """The first quarantined rows of a file that entered, or bad rows of one that was refused for them, and how many more there are."""
    kept = "（隔離）" if file.outcome == FileOutcome.ACCEPTED else ""
    lines = [f"{file.dataset} {file.name} {said_row(file.dataset, RowError(*row))}{kept}" for row in file.quarantined[:SHOWN]]
    if more := max(file.counts.quarantined, len(file.quarantined)) - len(lines):
        lines.append(f"{file.dataset} {file.name} ほか {more:,} 行（隔離・注意一覧を見てください）")
    return lines


def make_sheet(site: Site, run: Run, title: str) -> Reported:
    """処理結果表 of the run on its shelf, by period (counts and names of files only), and the page of its suites' findings."""
    kept = runs.receipts(site, run.run_id)
    made = [*_lists(kept), *kakuri.of_run(site, run, _loaded(kept))]
    lists = tuple(ListLine(one.title, Path(one.path).name, one.rows) for one in made)
    with site.session() as session:
        amiss = look(session, site, [row.dataset for row in registry.sent_by(run.job)])
        tell(session, run, amiss)
        head = session.one("ledger/audit_head") or {}
        late = session.value("daichou/overdue", today=site.today)
        number = session.value("ledger/run_count", run_id=run.run_id)
        waiting = {row["kind"]: row["waiting"] for row in session.rows("approve/kinds_of_run", run_id=run.run_id)}
    files, outputs, finished = _loaded(kept), _outputs(kept), runs.now()
    findings = [f for file in files for f in file.findings] + [f for output in outputs for f in output.findings]
    findings += [f for _, f in _waiting(kept)]
    red = next(iter(refused(kept)), None)
    lines = tuple(map(_file_line, files))
    bad = tuple(
        FindingLine(layouts()[f.dataset].title, f.label, f.severity, f.checked, f.unexpected) for f in findings if not f.passed
    )
    sheet = ResultSheet(
        job_title=title, job=run.job, period=run.period, business_on=run.day, run_id=run.run_id, user=run.user_name, unit=run.unit,
        terminal=run.terminal, reason=run.reason, started_at=run.started_at, finished_at=finished,
        duration_seconds=(finished - run.started_at).total_seconds(), files=lines,
        outputs=tuple(map(_output_line, outputs)),
        findings=bad,
        proposals=sum(waiting.values()), audit_event_id=head["event_id"], audit_hash=head["hash"], error=str(red) if red else "",
        notes=(
            *_apart(run), *_misnamed_notes(kept), *_not_there(run, kept), *_notes(kept), *(f"{a.error}→{a.error.remedy}" for a in amiss),
            *ending(registry.sent_by(run.job), run.day),
            *([f"期限の過ぎた紙・媒体・委託先の複製が {late:,} 件あります（kokunen register due）"] if late else []),
        ),
        lists=lists, number=number, steps=next_steps([*zip(lines, map(_remedy, files), strict=True)], bad, lists, waiting, _outcomes(kept)),
    )  # fmt: skip
    stem = f"処理結果表_{title}_{run.period}_第{number}回"
    xlsx = papers.put(site, Shelf.SHORI_KEKKA, run.period, f"{stem}.xlsx", paper.shori_kekka(sheet))
    text = papers.put(site, Shelf.SHORI_KEKKA, run.period, f"{stem}.txt", result_text(sheet).encode("utf-8"))
    if findings:
        about = (f"{title}（{run.job}）　{wareki_period(run.period)}", f"実行番号 {run.run_id}　{clock(run.started_at)} 開始")
        named = [*((f.name, f.findings) for f in files), *((Path(o.path).name, o.findings) for o in outputs)]
        papers.put(site, Shelf.SHORI_KEKKA, run.period, f"{stem}_検証.html", page(about, named).encode("utf-8"))
    return Reported(str(xlsx), str(text))


def _lists(kept: Kept) -> list[List]:
    """The lists and notices that the steps have made."""
    made = [
        one for receipt in kept.values() if isinstance(receipt, (Listed, Opened, Compared, Retiring)) for one in receipt.lists
    ]
    notices = [notice for receipt in kept.values() if isinstance(receipt, Notified) for notice in receipt.notices]
    return [*made, *(List("受入結果通知（提供元あて）", notice.path, notice.refused) for notice in notices)]


def _outcomes(kept: Kept) -> Mapping[str, int]:
    return next((receipt.outcomes for receipt in kept.values() if isinstance(receipt, Reconciled)), {})


def _remedy(file: FileResult) -> str:
    return from_json(file.error).remedy if file.error else ""


def _notes(kept: Kept) -> tuple[str, ...]:
    """突合1 in one line, the 突合 with its counts, what was archived, the printed forms, 外字."""
    notes: list[str] = []
    for receipt in kept.values():
        if isinstance(receipt, Built):
            notes += _of_month(receipt)
        notes += [*_told_recipients(receipt), *_opened(receipt)]
        if isinstance(receipt, Checked) and receipt.checked:
            notes.append(
                f"受付の点検 {receipt.checked:,} 件（不足・相違のあるもの {receipt.with_findings:,} 件）。受付処理簿を見てください"
            )
        if isinstance(receipt, Reconciled):
            notes += in_words(receipt.outcomes, receipt.causes)
        if isinstance(receipt, Archived) and receipt.originals:
            notes.append(f"受信原本 {receipt.originals:,} 件を暗号化して保管し、受信フォルダーから消しました")
        notes += backup.said(receipt)
        notes += soushin.said(receipt)
        if isinstance(receipt, (Expired, Retiring, Shredded)):
            notes += kept_and_gone(receipt)
        if isinstance(receipt, Printed):
            notes += [f"所得附票 {f.pages:,} 枚　{Path(f.path).name}" for f in receipt.forms]
    return (*notes, *(f"外字 {f.gaiji[0]:,} 文字（{f.gaiji[1]:,} 行）　{f.name}" for f in _loaded(kept) if f.gaiji[0]))


def _told_recipients(receipt: Receipt) -> Iterator[str]:
    """What each recipient of 都度の移転 was told; that the whole of a month is the sum of its days."""
    if isinstance(receipt, Changes):
        for told in receipt.told:
            what = f"追加 {told.added:,} 件、更新 {told.changed:,} 件、削除 {told.deleted:,} 件"
            what = "後の業務日まで渡してあるため、何も出しません" if told.overtaken else what
            yield f"{layouts()[told.dataset].title}　{what}"
    if isinstance(receipt, Whole):
        for dataset, differences in receipt.differences.items():
            yield f"{layouts()[dataset].title}　全件と都度の移転との差異 {differences:,} 件"


def _opened(receipt: Receipt) -> Iterator[str]:
    """What is looked through before it is reported to 日本年金機構, until when, and how it is fixed."""
    for r in receipt.reports if isinstance(receipt, Opened) else ():
        counts = f"候補 {r.count:,} 件（保留 {r.held:,}、除外 {r.left_out:,}、確認事項 {r.alerts:,}、期限超過 {r.overdue:,}）"
        office = codes("nenkin_jimusho")[r.office].split("（")[0]
        yield (
            f"進達　{office}　{counts}　{r.until} までに内容を確かめて（kokunen shintatsu show {r.office}）、"
            f"確定する（kokunen shintatsu freeze {r.office}）"
        )


def _of_month(built: Built) -> Iterator[str]:
    """What waits, and why; rows that could not be written for a recipient."""
    for plan in built.plans:
        title = layouts()[plan.dataset].title
        if plan.why:
            yield f"{title}　版{plan.version:02} は承認を待ちます：{'、'.join(plan.why)}"
        if plan.held:
            yield f"{title}　保留 {plan.held:,} 件（保留一覧を見てください）"


def _waiting(kept: Kept) -> list[tuple[str, Finding]]:
    """(dataset, finding) of months that have not left."""
    gone = {o.dataset for o in _outputs(kept)}
    plans = [p for receipt in kept.values() if isinstance(receipt, Built) for p in receipt.plans]
    return [(p.dataset, f) for p in plans if p.dataset not in gone for f in p.findings]


def _file_line(file: FileResult) -> FileLine:
    c = file.counts
    return FileLine(
        dataset_title=layouts()[file.dataset].title, name=file.name, outcome=file.outcome, last_data=file.last, code=file.code,
        sentence=from_json(file.error).sentence if file.error else None, data=c.data, new=c.new, updated=c.updated, unchanged=c.unchanged,
        quarantined=c.quarantined, out_of_scope=c.out_of_scope, timing=file.timing, business_on=file.business_on,
    )  # fmt: skip


def _output_line(output: Output) -> OutputLine:
    title, name = layouts()[output.dataset].title, Path(output.path).name
    return OutputLine(dataset_title=title, name=name, rows=output.rows, version=output.version, sha256=output.sha256)
