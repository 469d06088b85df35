"""歯止め: a file that takes back much of what its recipient has waits for a second person: it may be that we have lost something, and not that so
many are no 被保険者 any more (P53; F30)."""

from __future__ import annotations

import hashlib

from etl.audit import record
from etl.core.errors import Refused
from etl.core.mapping import registry
from etl.core.states import Operation
from etl.door.parcel import Parcel
from etl.edge import db
from etl.run import Run

KIND = "iten_sakujo"  # of approval
FEW, SHARE = 100, 10  # records; per cent of what the recipient has


def stops(deleted: int, held: int) -> bool:
    """Whether a file of so many deletions is looked at before it leaves."""
    return deleted > FEW and deleted * 100 > held * SHARE


def require(session: db.Session, run: Run, parcel: Parcel, deleted: int, forgotten: int) -> None:
    """Passes what is no such file, or what another person agreed to as it is, record by record. ``forgotten``: numbers that were given and of which
    the database knows nothing (an older one was restored), so that it may tell again what they told. Refused NP-2115, NP-2116; the approval
    waits, once."""
    content = hashlib.sha256(f"{parcel.row.dataset} {parcel.period} {parcel.chosen.body_sha256}".encode()).hexdigest()
    about = session.one("transfer/sakujo", dataset=parcel.row.dataset, kind=KIND, content_hash=content)
    session.commit()
    assert about
    if not (forgotten or stops(deleted, about["held"])) or about["approved"]:
        return
    title, said = parcel.layout.title, f"あて先が持つ {about['held']:,} 件のうち {deleted:,} 件の削除"
    if forgotten:
        said = f"前に渡した {forgotten:,} 通の記録がデータベースにない。{parcel.rows.num_rows:,} 件に、渡してあるものがありうる"
    if not about["waits"]:
        with session.transaction():
            session.value(
                "ledger/approval_put", kind=KIND, run_id=run.run_id, subject=f"{title}（{run.period}）　{said}", content_hash=content,
                maker=run.user_name, days=registry.approvals()[KIND].term,
            )  # fmt: skip
            record(
                session,
                run,
                Operation.ITEN_KIAN,
                parcel.name,
                {"deleted": deleted, "held": about["held"], "forgotten": forgotten},
            )
    if forgotten:
        raise Refused("NP-2116", item=title, n=forgotten)
    raise Refused("NP-2115", item=title, n=deleted, held=about["held"])
