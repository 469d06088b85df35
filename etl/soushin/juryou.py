"""受領の知らせ: what recipients say of files that were sent (``NAME.ack``). Each content is noted once; nothing of it is removed there (F27)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from etl import hokan
from etl.aitesaki import Server
from etl.audit import record
from etl.core.codec.juryou import SUFFIX, About, judge
from etl.core.errors import KokunenError, Unavailable
from etl.core.mapping.layout import leaving
from etl.core.mapping.names import parse_name
from etl.core.mapping.transfers import Transfer, transfers
from etl.core.receipts.partners import Acknowledged
from etl.core.states import Juryou, Operation
from etl.edge import db, failpoint
from etl.hokan import Handed
from etl.run import Run
from etl.site import Site


def read(
    session: db.Session, run: Run, server: Server, partner: str, rows: Sequence[Transfer], later: Collection[str] = ()
) -> tuple[list[Acknowledged], int]:
    """Those of the job's datasets that are new, and how many there are whose name no file of ours can have (it is not repeated). ``later``: names of
    files that are still to be sent, or to be noted as sent; of these it is read then."""
    there = {name.removesuffix(SUFFIX): about for name, about in server.listed().items() if name.endswith(SUFFIX)}
    its = [row for row in transfers().values() if row.channel.to == partner]
    strangers = sum(not any(_names(row, name) for row in its) for name in there)
    ours = sorted(name for name in there if name not in later and any(_names(row, name) for row in rows))
    known = session.rows("soushin/juryou_known", partner=partner, listed=ours)
    session.commit()
    settled = {(row["name"], row["bytes"], row["left_at"]) for row in known if row["settled"]}
    noted = {(row["name"], row["sha256"]) for row in known}
    found = []
    for name in (name for name in ours if (name, *there[name]) not in settled):
        try:
            content, sha256 = _content(server, name)
        except FileNotFoundError:  # its owner took it away meanwhile
            continue
        about = {"partner": partner, "name": name, "sha256": sha256, **there[name]._asdict()}
        if (name, sha256) not in noted and (one := _note(session, run, about, content)):
            found.append(one)
    return found, strangers


def _names(row: Transfer, name: str) -> bool:
    return parse_name(leaving()[row.dataset].file.name, name) is not None


def _content(server: Server, name: str) -> tuple[bytes, str]:
    """One that is too large is none; it is known by its size."""
    try:
        content = server.read(f"{name}{SUFFIX}")
    except KokunenError as error:
        if error.code != "NP-4109":
            raise
        content = b""
    return content, hashlib.sha256(content).hexdigest()


def _note(session: db.Session, run: Run, about: Mapping[str, Any], content: bytes) -> Acknowledged | None:
    """In one transaction with its record; None when its content was noted meanwhile."""
    with session.transaction():
        sent = session.one("soushin/of_name", partner=about["partner"], name=about["name"])
        result, received_at = judge(content, About(sent["name"], sent["sha256"], sent["rows"])) if sent else (Juryou.STRAY, None)
        put = session.value(
            "soushin/juryou_put", **about, soushin_id=sent and sent["soushin_id"], result=result, received_at=received_at,
            run_id=run.run_id,
        )  # fmt: skip
        if put is None:
            return None
        counts = {"result": result, "partner": about["partner"]} | ({"attempt": sent["attempt"]} if sent else {})
        record(session, run, Operation.JURYOU_KAKUNIN, about["name"], counts)
    failpoint.reached("acknowledgement noted")
    return Acknowledged(about["name"], about["partner"], result, bool(sent and sent["answers"]))


def hand_over(session: db.Session, site: Site, run: Run, rows: Sequence[Transfer]) -> None:
    """What a recipient says that it has is handed over: its clear parts go, its days in the archive count. When somebody is at the archive just
    now, the next run does it."""
    recipients = {row.dataset: row.recipient for row in rows}
    found = session.rows("soushin/to_hand", datasets=list(recipients))
    session.commit()
    handed = [Handed(one["name"], site.today, recipients[one["dataset"]], f"受領確認 {one['juryou_id']}") for one in found]
    try:
        if handed:
            hokan.hand_over(site, run, handed)
    except Unavailable as error:
        if error.code != "NP-1021":
            raise
