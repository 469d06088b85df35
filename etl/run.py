"""実行: one run of one job for one period: the user, the reason, the terminal, its receipts and its fencing tokens."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from etl import rights
from etl.core.codec import chars, users
from etl.core.codec.digits import holds_kojin_no
from etl.core.errors import DefinitionError, Refused
from etl.core.mapping import tables
from etl.core.mapping.city import ZONE
from etl.core.mapping.layout import arriving
from etl.core.receipts import RECEIPTS, Receipt, as_json, of_json
from etl.core.states import RunState
from etl.definitions import DEFINITIONS
from etl.edge import db
from etl.edge.db import Session
from etl.site import Site, keys_used

R = TypeVar("R", bound=Receipt)
UNIT = "国民年金・福祉医療課"


@dataclass(frozen=True)
class Run:
    """A row of ledger.run. ``apart``: 業務日が離れた実行 (``core.period``)."""

    run_id: str
    job: str
    period: str
    user_name: str
    unit: str
    terminal: str
    reason: str
    business_on: date | None
    as_known_at: datetime | None
    definition_hash: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    error_code: str | None
    apart: bool = False

    @property
    def day(self) -> date:
        """The business day (of a monthly run: the day it is made on)."""
        assert self.business_on is not None
        return self.business_on


@cache
def definition_hash() -> str:
    """SHA-256 over mappings, code lists, SQL and suites, the definitions that a run was made with (faults, Promise 7)."""
    total = hashlib.sha256()
    for folder in ("mappings", "sql", "expectations"):
        for path in sorted((DEFINITIONS / folder).rglob("*")):
            if path.is_file():
                total.update(path.relative_to(DEFINITIONS).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def check_reason(reason: str | None) -> None:
    """What somebody typed for the records. Refused NP-1002 when it may hold a 個人番号, NP-1016 when a line break, a control character or one
    that cannot be seen is in it: what is read later is what was typed."""
    if reason and holds_kojin_no(reason):
        raise Refused("NP-1002")
    if reason and chars.flaw(reason):
        raise Refused("NP-1016")


def check_user(user: str) -> str:
    """The name as records show it. Refused NP-1002, or NP-1015 when it names nobody or only looks like a name (``core.codec.users``)."""
    if holds_kojin_no(user):
        raise Refused("NP-1002")
    try:
        return users.spelled(user)
    except ValueError as error:
        raise Refused("NP-1015", why=str(error)) from None


def here() -> dict[str, Any]:
    """部署 and 端末 of whoever works now; Refused like a 処理事由."""
    found = {"unit": os.environ.get("KOKUNEN_UNIT", UNIT), "terminal": os.environ.get("KOKUNEN_TERMINAL") or socket.gethostname()}
    for said in found.values():
        check_reason(said)
    return found


def start(
    site: Site,
    job: str,
    period: str,
    user: str,
    reason: str,
    *,
    business_on: date | None,
    as_known_at: datetime | None,
    run_key: str | None,
    apart: bool = False,
) -> str:
    """A new run, or the one with this ``run_key`` (then its definitions must still be the same: NP-1004). Returns its id.

    Refused NP-1002, NP-1015, NP-1016 for what was typed."""
    check_reason(reason)
    end_interrupted(site)
    user = check_user(user)
    with site.session() as session:
        rights.check(session, user, rights.act_of(job), here())
        with session.transaction():
            run_id: str = session.value(
                "ledger/run_start", run_key=run_key, job=job, period=period, user_name=user, reason=reason, business_on=business_on,
                as_known_at=as_known_at, definition_hash=definition_hash(), apart=apart, **here(),
            )  # fmt: skip
    get(site, run_id)
    return run_id


@contextmanager
def alive(site: Site, run_id: str) -> Iterator[None]:
    """Whoever works on a run holds its lock: so that one that was killed is told apart from one that takes long (``end_interrupted``)."""
    with site.session() as session, db.locked(session, f"run {run_id}:shared"):
        yield


def end_interrupted(site: Site) -> int:
    """中断: the rows of runs whose process is gone end (NP-1018). Returns how many."""
    with site.session() as session, session.transaction():
        return session.run("ledger/runs_interrupted")


def get(site: Site, run_id: str) -> Run:
    """The run; Refused NP-1006 if unknown, DefinitionError NP-1004 if it began with other definitions."""
    with site.session() as session:
        row = session.one("ledger/run", run_id=run_id)
    if row is None:
        raise Refused("NP-1006")
    run = Run(**row)
    if run.definition_hash != definition_hash():
        raise DefinitionError("NP-1004")
    return run


def finish(site: Site, run_id: str, state: RunState, error_code: str | None = None) -> None:
    with site.session() as session, session.transaction():
        session.run("ledger/run_finish", run_id=run_id, state=state, error_code=error_code)


def put_receipt(site: Site, run_id: str, step: str, left: Receipt) -> None:
    with site.session() as session, session.transaction():
        session.run("ledger/receipt_put", run_id=run_id, step=step, content=json.dumps(as_json(left), ensure_ascii=False))


def receipts(site: Site, run_id: str) -> dict[str, Receipt]:
    """step -> its receipt, in the order of the steps."""
    with site.session() as session:
        rows = session.rows("ledger/receipts", run_id=run_id)
    return {row["step"]: of_json(RECEIPTS[row["step"]], row["content"]) for row in rows}


def receipt(site: Site, run_id: str, shape: type[R]) -> R | None:
    """The receipt of this type (``Sent`` is left by two steps: ask ``receipts``), None when no step has left one."""
    return next((found for found in receipts(site, run_id).values() if isinstance(found, shape)), None)


def check_fence(session: Session, tokens: dict[str, int]) -> None:
    """Refused NP-1025 when another run took over a dataset meanwhile (F04). Inside the transaction, before commit."""
    for dataset, token in tokens.items():
        if session.value("ledger/fence_check", dataset=dataset) != token:
            raise Refused("NP-1025", item=dataset)


def check_keys(session: Session, site: Site) -> None:
    """All keys that were ever used are there, and the same. Unavailable NP-1031 when one is missing or another one. In the caller's transaction."""
    used = keys_used(session)
    found = site.keys.proofs(used)
    session.many("ledger/key_used", [{"key_id": k, "proof": proof} for k, proof in found.items() if k not in used])


def require_keys(site: Site) -> None:
    """``check_keys`` by itself, before anything else is done: a job, a list or a print without its keys would be half of one."""
    with site.session() as session, session.transaction():
        check_keys(session, site)


def check_staging(site: Site, datasets: Sequence[str]) -> None:
    """The staging of these datasets was made from the mappings as they are. DefinitionError NP-1029 when ``kokunen init`` has not been run since
    (the role of the jobs may not make it anew, and a load would work with yesterday's columns)."""
    try:
        with site.session() as session:
            made = {row["dataset"]: row["sha256"] for row in session.rows("ledger/generated", datasets=list(datasets))}
    except DefinitionError:  # a database of before: what it was made from cannot be asked
        made = {}
    if old := [d for d in datasets if made.get(d) != tables.fingerprint(arriving()[d])]:
        raise DefinitionError("NP-1029", item="、".join(old))


def take_fences(session: Session, datasets: list[str]) -> dict[str, int]:
    with session.transaction():
        return {d: session.value("ledger/fence_take", dataset=d) for d in datasets}


def now() -> datetime:
    return datetime.now(ZONE)
