"""What stands on the papers: the content of データ送受書 and 処理結果表, without knowing ink or cells.

Counts, names of files, hashes and words of ours; nothing here may hold a name, an address or a number of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from etl.core.dates import wareki
from etl.core.findings import Finding

OUTCOMES = {"accepted": "受理", "refused": "拒否", "waiting": "待機", "duplicate": "重複受信"}
STATES = {"done": "正常終了", "running": "実行中", "failed": "異常終了"}
NONE = "―"


@dataclass(frozen=True)
class Slip:
    """データ送受書 of one outbound file on one medium: one A4 page, signed by both sides.

    ``month`` is the first day of the month the file is about; ``sha256`` is of the plain file ``file_name``, ``archive_sha256`` of the
    encrypted ``archive_name`` that is on the medium. ``rows`` counts data records. ``reason`` and ``approved_by`` belong to version 2 and later.
    """

    title: str
    recipient: str
    sender: str
    basis: str
    month: date
    created_on: date
    version: int
    rows: int
    medium_no: str
    medium_kind: str
    file_name: str
    sha256: str
    archive_name: str
    archive_sha256: str
    encryption: str = "AES-256（ZIP、WinZip AE-2）"
    reason: str | None = None
    approved_by: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """The label and text of each line of the table."""
        return (
            ("データ名", self.title),
            ("引渡先", self.recipient),
            ("引渡元", self.sender),
            ("根拠", self.basis),
            ("対象年月", wareki_month(self.month)),
            ("作成年月日", wareki(self.created_on)),
            ("版", f"第{self.version:02}版"),
            ("件数", f"{self.rows:,} 件"),
            ("媒体番号", self.medium_no),
            ("媒体の種類", self.medium_kind),
            ("ファイル名", self.file_name),
            ("SHA-256", self.sha256),
            ("媒体上の名前", self.archive_name),
            ("同 SHA-256", self.archive_sha256),
            ("暗号化方式", self.encryption),
            ("処理事由", self.reason or NONE),
            ("承認者", self.approved_by or NONE),
        )


@dataclass(frozen=True)
class FileLine:
    """One inbound file of a run. データ件数 = 新規 + 更新 + 変更なし + 隔離 + 対象外 for an accepted one.

    ``last`` is the データ件数 of the last accepted file of the same kind, None if there is none; ``code`` and ``sentence`` (with the
    place) say why a file was not accepted.
    """

    title: str
    name: str
    outcome: str
    data: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    out_of_scope: int = 0
    last: int | None = None
    code: str | None = None
    sentence: str | None = None

    @property
    def parts(self) -> tuple[int, ...]:
        return self.new, self.updated, self.unchanged, self.quarantined, self.out_of_scope

    @property
    def balance(self) -> str:
        """検算: said only of a file whose rows were all judged."""
        if self.outcome != "accepted":
            return NONE
        return "一致" if self.data == sum(self.parts) else "不一致"

    @property
    def ratio(self) -> str:
        """前回比 in percent."""
        return f"{100 * self.data / self.last:,.1f}%" if self.last and self.outcome == "accepted" else NONE


@dataclass(frozen=True)
class OutputLine:
    """One file that the run wrote: ``name`` (no folder), data records, version, SHA-256 of the plain file."""

    title: str
    name: str
    rows: int
    version: int
    sha256: str


@dataclass(frozen=True)
class ResultSheet:
    """処理結果表 of one run. ``findings`` may hold all; the sheet shows those that did not pass. Times are of Asia/Tokyo.

    ``proposals`` counts what waits for another person's decision; ``audit_head`` is the newest hash of the audit chain (hex);
    ``error`` is the coded sentence that ended a failed run. ``notes``: further sentences (held rows, 外字, worklist counts).
    """

    job: str
    title: str
    period: str
    business_on: date
    run_id: str
    user: str
    unit: str
    reason: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    files: tuple[FileLine, ...] = ()
    outputs: tuple[OutputLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    proposals: int = 0
    audit_head: str = ""
    definition_hash: str = ""
    error: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def head(self) -> tuple[tuple[str, str], ...]:
        """The label and text of each line above the tables."""
        return (
            ("業務", f"{self.title}（{self.job}）"),
            ("対象", self.period),
            ("業務日", f"{wareki(self.business_on)}（{self.business_on.isoformat()}）"),
            ("結果", STATES.get(self.state, self.state)),
            ("処理者", f"{self.unit}　{self.user}"),
            ("処理事由", self.reason or NONE),
            ("開始・終了", f"{clock(self.started_at)} ～ {clock(self.finished_at)}（{self.duration}）"),
            ("実行番号", self.run_id),
        )

    @property
    def duration(self) -> str:
        if self.finished_at is None:
            return NONE
        seconds = (self.finished_at - self.started_at).total_seconds()
        return f"{seconds:,.1f} 秒" if seconds < 60 else f"{int(seconds) // 60:,} 分 {int(seconds) % 60} 秒"

    @property
    def foot(self) -> tuple[tuple[str, str], ...]:
        """The label and text of each line below the tables."""
        return (("承認待ち", f"{self.proposals:,} 件"), ("記録の鎖の先頭", self.audit_head or NONE), ("定義のハッシュ", self.definition_hash or NONE))

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Findings that did not pass, the stopping ones first."""
        return tuple(sorted((f for f in self.findings if not f.passed), key=lambda f: f.severity != "fail"))


def wareki_month(month: date) -> str:
    """令和7年9月分."""
    return wareki(month.replace(day=1)).removesuffix("1日") + "分"


def clock(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else NONE
