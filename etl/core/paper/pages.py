"""The content of データ送受書 and 処理結果表, without knowing ink or cells.

Counts, names of files, hashes and words of ours; nothing here may hold a name, an address or a number of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from etl.core.dates import wareki, wareki_month
from etl.core.mapping.city import ZONE
from etl.core.states import FileOutcome, Timing

OUTCOMES: dict[str, str] = {
    FileOutcome.ACCEPTED: "受理", FileOutcome.REFUSED: "拒否", FileOutcome.WAITING: "待機", FileOutcome.DUPLICATE: "重複受信",
}  # fmt: skip
TIMINGS = {Timing.LATE: "遅れて届いたファイル", Timing.WAITED: "待っていたファイル"}
SEVERITIES = {"fail": "不合格", "warn": "注意"}
NONE = "―"


@dataclass(frozen=True)
class Slip:
    """データ送受書 of one outbound file on one medium: one A4 page, signed by both sides (P74: with date and count).

    ``month`` and ``created_on`` are in 和暦, as printed. ``sha256`` is of the plain file ``file_name``, ``archive_sha256`` of the
    encrypted ``archive_name`` that is on the medium. ``rows`` counts data records. ``reason`` and ``approved_by`` belong to version 2
    and later. Empty parts are not printed.
    """

    title: str
    recipient: str
    basis: str
    month: str
    created_on: str
    version: int
    rows: int
    medium_no: int
    archive_name: str
    file_name: str
    sha256: str
    archive_sha256: str = ""
    sender: str = "国民年金・福祉医療課"
    medium_kind: str = "フラッシュメモリ"
    encryption: str = "AES-256（ZIP 形式）"
    reason: str = ""
    approved_by: str = ""
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """The label and text of each line of the table."""
        items = (
            ("情報の名称", self.title),
            ("引渡先", self.recipient),
            ("引渡元", self.sender),
            ("根拠", self.basis),
            ("対象年月", self.month),
            ("版", f"第{self.version:02}版"),
            ("件数", f"{self.rows:,} 件"),
            ("媒体番号", f"第{self.medium_no}号"),
            ("媒体種別", self.medium_kind),
            ("封入ファイル名", self.archive_name),
            ("同 SHA-256", self.archive_sha256),
            ("元ファイル名", self.file_name),
            ("同 SHA-256", self.sha256),
            ("暗号化方式", self.encryption),
            ("処理事由", self.reason),
            ("承認者", self.approved_by),
        )
        return tuple(item for item in items if item[1])


@dataclass(frozen=True)
class FileLine:
    """One inbound file of a run. データ件数 = 新規 + 更新 + 変更なし + 隔離 + 対象外 for an accepted one.

    ``last_data`` is the データ件数 of the last accepted file of the same kind, None if there is none; ``code`` and ``sentence`` (with the
    place) say why a file was not accepted.
    """

    dataset_title: str
    name: str
    outcome: str
    data: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    out_of_scope: int = 0
    last_data: int | None = None
    code: str | None = None
    sentence: str | None = None
    timing: str = Timing.ON_TIME
    business_on: date | None = None

    @property
    def parts(self) -> tuple[int, ...]:
        return self.new, self.updated, self.unchanged, self.quarantined, self.out_of_scope

    @property
    def balance(self) -> str:
        """検算: said only of a file whose rows were all judged."""
        if self.outcome != FileOutcome.ACCEPTED:
            return NONE
        return "一致" if self.data == sum(self.parts) else "不一致"

    @property
    def last(self) -> str:
        """前回件数."""
        return NONE if self.last_data is None else f"{self.last_data:,}"

    @property
    def ratio(self) -> str:
        """前回比 in percent; not said of nothing."""
        return f"{100 * self.data / self.last_data:,.1f}%" if self.last_data and self.outcome == FileOutcome.ACCEPTED else NONE

    @property
    def result(self) -> str:
        return OUTCOMES.get(self.outcome, self.outcome)

    @property
    def why(self) -> str:
        """Its business day if that is another one; code and sentence; a sentence that has the code already keeps it once."""
        code, sentence = self.code or "", self.sentence or ""
        said = sentence if code in sentence else f"{code} {sentence}".strip()
        return "　".join(part for part in (came(self.timing, self.business_on), said) if part)


def came(timing: str, business_on: date | None) -> str:
    """What is said of a file that a run of another day took up; of one of its own day nothing."""
    word = TIMINGS.get(Timing(timing))
    return f"{word}（業務日 {wareki(business_on)}）" if word and business_on else ""


@dataclass(frozen=True)
class OutputLine:
    """One file that the run wrote: ``name`` (no folder), data records, version, SHA-256 of the plain file."""

    dataset_title: str
    name: str
    rows: int
    version: int
    sha256: str


@dataclass(frozen=True)
class ListLine:
    """One list or notice that the run made: ``name`` of its file (no folder)."""

    title: str
    name: str
    rows: int


@dataclass(frozen=True)
class FindingLine:
    """One expectation that did not pass: ``unexpected`` of ``checked`` rows, never a value. ``severity`` is fail or warn. ``dataset`` is its
    title."""

    dataset: str
    label: str
    severity: str
    checked: int
    unexpected: int

    @property
    def word(self) -> str:
        return SEVERITIES.get(self.severity, self.severity)


@dataclass(frozen=True)
class ResultSheet:
    """処理結果表 of one run. ``period`` is YYYY-MM-DD or YYYY-MM; times are told in the time of the city.

    ``proposals`` counts what waits for another person's decision; ``audit_event_id`` and ``audit_hash`` (hex) are the head of the
    audit chain; ``error`` is the coded sentence that ended a failed run. ``notes``: further sentences (held rows, 外字). ``number``: the
    how-manieth run of its job for its period; ``steps``: 次にすること.
    """

    job_title: str
    job: str
    period: str
    business_on: date | None
    run_id: str
    user: str
    unit: str
    terminal: str
    reason: str
    started_at: datetime
    finished_at: datetime | None
    duration_seconds: float
    files: tuple[FileLine, ...] = ()
    outputs: tuple[OutputLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    proposals: int = 0
    audit_event_id: int | None = None
    audit_hash: str = ""
    error: str = ""
    notes: tuple[str, ...] = ()
    lists: tuple[ListLine, ...] = ()
    steps: tuple[str, ...] = ()
    number: int = 1

    @property
    def conclusion(self) -> str:
        """The line that an operator reads first."""
        outcomes, severities = {f.outcome for f in self.files}, {f.severity for f in self.findings}
        words = (
            ("処理中断", bool(self.error)),
            ("件数不一致", any(f.balance == "不一致" for f in self.files)),
            ("拒否したファイルあり", FileOutcome.REFUSED in outcomes),
            ("待機中のファイルあり", FileOutcome.WAITING in outcomes),
            ("不合格の検証あり", "fail" in severities),
            ("注意の検証あり", "warn" in severities),
        )
        return "、".join(word for word, said in words if said) or "正常終了"

    @property
    def head(self) -> tuple[tuple[str, str], ...]:
        """The label and text of each line above the tables."""
        items = (
            ("処理名", f"{self.job_title}（{self.job}）"),
            ("対象期間", wareki_period(self.period)),
            ("業務日", wareki(self.business_on) if self.business_on else NONE),
            ("結果", self.conclusion),
            ("中断の理由", self.error),
            ("処理者", f"{self.user}（{self.unit}）　端末 {self.terminal}"),
            ("処理事由", self.reason or NONE),
            ("開始・終了", f"{clock(self.started_at)} から {clock(self.finished_at)} まで（{duration(self.duration_seconds)}）"),
            ("実行番号", f"{self.run_id}（この期間の{self.number:,}回目）"),
        )
        steps = (("" if n else "次にすること", f"{n + 1}. {step}") for n, step in enumerate(self.steps))
        return (*(item for item in items if item[1]), *steps)

    @property
    def foot(self) -> tuple[tuple[str, str], ...]:
        """The label and text of each line below the tables."""
        event = NONE if self.audit_event_id is None else f"第{self.audit_event_id:,}号"
        return (("承認待ちの起案", f"{self.proposals:,} 件"), ("監査記録", event), ("監査連鎖の先頭", self.audit_hash or NONE))

    @property
    def failed(self) -> tuple[FindingLine, ...]:
        """The findings, the stopping ones first."""
        return tuple(sorted(self.findings, key=lambda f: f.severity != "fail"))


def wareki_period(period: str) -> str:
    """``2025-09-30`` or ``2025-09`` in 和暦; anything else as it is."""
    try:
        if len(period) == 10:
            return wareki(date.fromisoformat(period))
        return wareki_month(date.fromisoformat(f"{period}-01"))
    except ValueError:
        return period


def duration(seconds: float) -> str:
    """``3.4秒``, ``2分03秒`` or ``1時間02分03秒``."""
    if seconds < 60:
        return f"{seconds:.1f}秒"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}時間{minutes:02}分{rest:02}秒" if hours else f"{minutes}分{rest:02}秒"


def clock(moment: datetime | None) -> str:
    """``令和7年9月30日 22:15:03`` in the time of the city; a time without zone is that already."""
    if moment is None:
        return NONE
    local = moment.astimezone(ZONE) if moment.tzinfo else moment
    return f"{wareki(local.date())} {local:%H:%M:%S}"
