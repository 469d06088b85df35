"""帳票: what the printed papers say, as frozen values. No name, address or 個人番号 of a citizen is on any of them.

データ送受書 (P74: hand-over by a slip with date and count), 処理結果表 (issue §5.3). Days are written in 和暦, times in
Asia/Tokyo. ``etl.edge.paper`` makes the xlsx, ``etl.core.textpage`` the plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from etl.core.dates import parse_day, parse_month, wareki

TOKYO = ZoneInfo("Asia/Tokyo")
OUTCOMES = {"accepted": "受理", "refused": "拒否", "waiting": "待機", "duplicate": "重複受信"}
LEVELS = {"warn": "注意", "fail": "不合格"}


def wareki_month(day: date) -> str:
    """``令和7年9月``: the month of a day, in the era of that day."""
    return wareki(day).rpartition("月")[0] + "月"


def wareki_period(period: str) -> str:
    """``2025-09-30`` or ``2025-09`` in 和暦; anything else as it is."""
    try:
        day, month = (parse_day(period), None) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period) else (None, parse_month(period))
        return wareki(day) if day else wareki_month(month) if month else period
    except ValueError:
        return period


def wareki_time(at: datetime) -> str:
    """``令和7年9月30日 22:15:03`` in Asia/Tokyo; a time without zone is taken as one of Tokyo."""
    local = at.astimezone(TOKYO) if at.tzinfo else at
    return f"{wareki(local.date())} {local:%H:%M:%S}"


def duration(seconds: float) -> str:
    """``1時間02分03秒``, ``2分03秒`` or ``3.4秒``."""
    minutes, rest = divmod(int(seconds), 60)
    if not minutes:
        return f"{seconds:.1f}秒"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}時間{minutes:02}分{rest:02}秒" if hours else f"{minutes}分{rest:02}秒"


@dataclass(frozen=True)
class Slip:
    """One データ送受書: one medium handed over once. ``month`` is any day of 対象年月, ``rows`` the data records of the file."""

    title: str  # 情報の名称: the title of the dataset
    recipient: str  # 引渡先
    basis: str  # 根拠
    month: date
    created_on: date  # 作成年月日
    version: int  # 版
    rows: int  # 件数
    medium_no: str  # 媒体番号, as in the media ledger
    archive_name: str  # 封入ファイル名: the encrypted archive on the medium
    file_name: str  # 元ファイル名: what it becomes when opened
    sha256: str  # of the file inside, 64 hex digits
    archive_sha256: str = ""  # of the archive; an empty one is left out
    sender: str = "国民年金・福祉医療課"
    medium_kind: str = "フラッシュメモリ"
    encryption: str = "AES-256（ZIP 形式）"


@dataclass(frozen=True)
class FileLine:
    """One inbound file of a run, with its counts in rows. ``previous`` is 件数 of the last accepted file of its kind, if any."""

    title: str  # of the dataset
    name: str
    outcome: str  # accepted | refused | waiting | duplicate
    code: str = ""  # NP-nnnn, where there is something to say
    sentence: str = ""
    data: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    quarantined: int = 0
    out_of_scope: int = 0
    previous: int | None = None

    @property
    def parts(self) -> tuple[int, ...]:
        return (self.new, self.updated, self.unchanged, self.quarantined, self.out_of_scope)

    @property
    def balance(self) -> str:
        """``一致`` or ``不一致``; empty for a file of which nothing was loaded (spec §3 speaks of loaded files)."""
        if self.outcome != "accepted":
            return ""
        return "一致" if self.data == sum(self.parts) else "不一致"

    @property
    def ratio(self) -> float | None:
        """前回比: 1.028 is 102.8 %; None without a last time, or when that was empty."""
        return self.data / self.previous if self.previous and self.outcome == "accepted" else None

    @property
    def result(self) -> str:
        return OUTCOMES.get(self.outcome, self.outcome)


@dataclass(frozen=True)
class OutputLine:
    """One file that the run made."""

    title: str
    name: str
    rows: int
    version: int
    sha256: str


@dataclass(frozen=True)
class FindingLine:
    """One expectation that did not pass: ``found`` rows of ``total``, never a value. ``level`` is warn or fail."""

    level: str
    label: str
    found: int
    total: int | None = None
    file: str = ""

    @property
    def word(self) -> str:
        return LEVELS.get(self.level, self.level)


@dataclass(frozen=True)
class ResultSheet:
    """One 処理結果表: one run. ``audit_hash`` is the head of the audit chain after the run, ``audit_event_id`` its event."""

    job_title: str
    job: str
    period: str  # YYYY-MM-DD or YYYY-MM
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
    error: str = ""  # code and sentence, when the run itself stopped

    @property
    def conclusion(self) -> str:
        """The one line an operator reads first."""
        outcomes = {f.outcome for f in self.files}
        words = [
            ("処理中断", bool(self.error)),
            ("件数不一致", any(f.balance == "不一致" for f in self.files)),
            ("拒否したファイルあり", "refused" in outcomes),
            ("待機中のファイルあり", "waiting" in outcomes),
            ("不合格の検証あり", any(f.level == "fail" for f in self.findings)),
            ("注意の検証あり", any(f.level == "warn" for f in self.findings)),
        ]
        return "、".join(word for word, yes in words if yes) or "正常終了"

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value of the head of the sheet, in reading order."""
        return (
            ("処理名", f"{self.job_title}（{self.job}）"),
            ("結果", self.conclusion),
            ("対象期間", wareki_period(self.period)),
            ("業務日", wareki(self.business_on) if self.business_on else "―"),
            ("開始", wareki_time(self.started_at)),
            ("終了", wareki_time(self.finished_at) if self.finished_at else "―"),
            ("所要時間", duration(self.duration_seconds)),
            ("承認待ちの起案", f"{self.proposals:,} 件"),
            ("処理者", f"{self.user}（{self.unit}）"),
            ("端末", self.terminal),
            ("処理事由", self.reason),
            ("実行番号", self.run_id),
            ("監査記録", f"第{self.audit_event_id:,}号" if self.audit_event_id is not None else "―"),
            ("監査連鎖", self.audit_hash or "―"),
        )
