"""What the fault tests share: a prepared Site copied per case, a child that is killed, and what must hold after every fault (I1–I8)."""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import kit
import psutil
import psycopg
import pytest
from kit import no

from etl.core.errors import KokunenError
from etl.core.mapping.transfers import transfers
from etl.core.states import Operation
from etl.edge import db, failpoint, inbox
from etl.hokan import reading
from etl.platform import postgres
from etl.site import Site
from tests import conftest, discs

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from audit_verify import check

NEXT, THIRD = date(2025, 9, 25), date(2025, 9, 26)
Copies = Callable[..., Any]  # the fixture ``copies``

#: records of changes: one for each that was committed, however often it was tried
CHANGES = (
    Operation.TORIKOMI, Operation.IDOU_KIAN, Operation.TORISAGE, Operation.SHOUNIN, Operation.HININ, Operation.SHIKKOU, Operation.TEISEI_KIAN,
    Operation.ITEN_KIAN, Operation.SHOUKYO, Operation.SHOUKYO_KENSHOU, Operation.SHOUKYO_SHOUMEI, *{row.operation for row in transfers().values()},
)  # fmt: skip
SURROGATE = "_id"  # numbers handed out by sequences: a rollback leaves a gap
OTHERS = ("cipher", "superseded_by_file", "answered_by_file", "medium_no", "archive_sha256", "run_key")


def copied(site: Site, home: Path) -> AbstractContextManager[Site]:
    """The same Site once more, on its own server."""
    return conftest.copied(house_of(site), site, home)


_houses: dict[str, Path] = {}


def house_of(site: Site) -> Path:
    """The home whose server holds the Site's database (noted by ``know``)."""
    return _houses[site.url.rsplit("/", 1)[0]]


def know(house: Path) -> None:
    _houses[postgres.urls(house)["app"].rsplit("/", 1)[0]] = house


def run(job: str, period: date | str) -> Callable[[Site], None]:
    """Work: a whole job that must succeed."""

    def work(site: Site) -> None:
        result = kit.run(site, job, period)
        assert result["error"] is None, result["error"]

    return work


def agreed(site: Site) -> None:
    """A second person has agreed to the first version of the month (it is not over); nothing has left."""
    assert kit.run(site, "kokuho_monthly", "2025-09")["proposals"] == 2
    assert kit.approve_all(site, "kokuho")["approved"] == 2


OVER = date(2025, 10, 1)


def over(site: Site) -> None:
    """The month is over, all its business days are in, everything is decided: its first version would leave by itself."""
    for seq, on in enumerate((THIRD, date(2025, 9, 29), date(2025, 9, 30)), 3):
        kit.juki(site, [], on=on, seq=seq)
    run("juki_daily", date(2025, 9, 30))(site)
    kit.approve_all(site, "idou")


def later_night(site: Site) -> None:
    """A night of the next month changes the month; it is decided."""
    left = {"atena_no": no(6), "rireki_no": 2, "idou_jiyu_code": "21", "idou_on": date(2025, 9, 29), "jumin_jotai_code": "2"}
    kit.juki(site, [left], on=OVER, seq=6)
    run("juki_daily", OVER)(site)
    kit.approve_all(site, "idou")


def applied(site: Site) -> None:
    """Somebody whose 宛名 is known applies for an exemption."""
    run("uketsuke_daily", NEXT)(site)
    kit.uketsuke(
        site,
        [{"uketsuke_no": no(2), "atena_no": no(7), "todoke_code": "41", "menjo_code": "20", "menjo_year": 2025}],
        on=NEXT,
        seq=2,
    )
    run("uketsuke_daily", NEXT)(site)


def answered(site: Site, **cells: Any) -> None:
    """The same, asked for; in the inbox the answer, and one about somebody else."""
    applied(site)
    run("shotoku_shoukai_daily", NEXT)(site)
    number = f"{NEXT:%Y%m%d}0000001"
    kit.kaitou(site, [{"shoukai_no": number, "atena_no": no(7), **cells}, {"shoukai_no": number, "atena_no": no(8)}], on=THIRD)


def fresh(site: Site) -> Site:
    """The same place with connections of its own, for a child or a thread."""
    return Site(home=site.home, url=site.url)


def in_child(work: Callable[[], Any], point: int | None = None) -> tuple[int, str]:
    """(exit status or minus the signal, what it said on stderr) of ``work`` in a forked process; killed at its N-th failpoint."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.dup2(writer, 2)
            sys.stderr = os.fdopen(2, "w", closefd=False)
            failpoint._reached = itertools.count(1)
            if point:
                os.environ["KOKUNEN_FAILPOINT"] = str(point)
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        told = said.read().decode(errors="replace")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def peak() -> int:
    """kB that this process has had in memory at most."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()).group(1))  # type: ignore[union-attr]


def kill_at(point: int, work: Callable[[Site], Any], site: Site) -> str | None:
    """The name of the N-th failpoint, at which a child doing ``work`` died; None when there is no N-th."""
    status, told = in_child(lambda: work(fresh(site)), point)
    assert status in (0, -signal.SIGKILL), told
    return told.split("failpoint ")[1].strip() if status else None


# ---- what must hold --------------------------------------------------------------------------------------------------------


LEFT_OUT = (
    *("ledger.run", "ledger.receipt", "ledger.fence"),
    "ledger.printed",  # a page that was recorded and not placed is printed again
    "ledger.paper",
    "vault.reading",  # who reads a number again is told again
    "ledger.object",  # ``archived`` says what of it is the same
)
COLUMNS = """select n.nspname || '.' || c.relname, a.attname, a.atttypid::regtype::text
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and n.nspname in ('pension', 'vault', 'ledger') and a.attnum > 0 and not a.attisdropped
    order by 1, a.attnum"""


def business(site: Site) -> dict[str, list[str]]:
    """Every row that a later day can tell apart, without numbers of sequences, clocks and nonces (I8)."""
    columns: dict[str, list[str]] = {}
    for table, column, kind in kit.query(site, COLUMNS):
        if column.endswith(SURROGATE) or column in OTHERS or table in LEFT_OUT:
            continue
        if (table, column) == ("pension.kikou_kekka", "row_key"):  # holds such a number
            continue
        blurred = kind.startswith("timestamp") or "cipher" in column
        columns.setdefault(table, []).append(f"({column} is not null)" if blurred else column)
    accepted = {"ledger.file": "where outcome = 'accepted'"}
    every = (
        f"select '{table}', row({', '.join(names)})::text from {table} {accepted.get(table, '')}"
        for table, names in columns.items()
    )
    found: dict[str, list[str]] = {table: [] for table in columns}
    for table, row in kit.query(site, " union all ".join(every)):
        found[table].append(row)
    return {table: sorted(rows) for table, rows in found.items()}


def outbox(site: Site) -> dict[str, bytes]:
    """Outbound files and their manifests, byte for byte."""
    return {
        p.relative_to(site.outbox).as_posix(): p.read_bytes()
        for p in sorted(site.outbox.rglob("*"))
        if p.name.endswith((".dat", ".dat.end", ".csv", ".csv.end", ".CSV.end"))
    }


def changes(site: Site) -> Counter[str]:
    """Records of committed changes by operation (their objects may hold numbers of sequences)."""
    return Counter(r[0] for r in kit.query(site, "select operation from audit.event") if r[0] in CHANGES)


def assert_sound(site: Site) -> None:
    """I1 balance, I4 each manifest agrees with its file, I5 the chain verifies and knows each accepted file and output once."""
    files = kit.query(
        site,
        "select file_id, name, data_count = new_count + updated_count + unchanged_count + quarantined_count + out_of_scope_count"
        " from ledger.file where outcome = 'accepted'",
    )
    assert not [name for _, name, balanced in files if balanced is False]
    events = kit.query(site, CHAIN, first_on=date(1, 1, 1), last_on=date(9999, 12, 31))
    chain = [dict(zip(("event_id", "prev_hash", "hash", "text"), event, strict=False)) for event in events]
    assert check(chain) == (len(chain), "")
    operations = {row.dataset: row.operation for row in transfers().values()}
    sent = kit.query(site, "select dataset, name from ledger.output where released_at is not null")
    known = [(str(Operation.TORIKOMI), name) for _, name, _ in files] + [(operations[dataset], name) for dataset, name in sent]
    recorded = [e[4:] for e in events if e[4] in {Operation.TORIKOMI, *operations.values()}]
    assert sorted(recorded) == sorted(known)
    assert all(left and said == kept for left, said, kept in kit.query(site, kit.TOLD)), "whom a file told of is kept with it"
    assert_manifests(site)
    assert_archive(site, {(file_id, name) for file_id, name, _ in files})


#: the export for the auditor, and of each record what it is about
CHAIN = (
    f"select x.event_id, x.prev_hash, x.hash, x.text, e.operation, e.object from ({db.statement('attest/audit_events')}) as x"
    " full join audit.event as e using (event_id) order by 1"
)


def assert_archive(site: Site, came: set[tuple[Any, ...]]) -> None:
    """Every object that has its row opens; an original is in clear in the inbox, or in the archive, and no paper or file that is there lacks its
    bytes. What has no row is noted as unfinished."""
    assert not reading.verify(site, lambda *_: None).amiss
    rows = kit.query(site, "select object_key, file_id, origin, cleared_at is not null from ledger.object")
    known, lying = {row[0] for row in rows}, {p.name for p in site.inbox.rglob("*")}
    noted = {p.name for p in (site.home / "archive" / "writing").glob("[0-9a-f]*")}
    for folder in (site.home / "archive", site.keys.folder / "objects"):
        assert {p.name for p in folder.glob("[0-9a-f]*")} <= known | noted
    kept = {row[1] for row in rows} | {None}
    assert not [name for file_id, name in came if file_id not in kept and name not in lying]
    assert not [origin for _, _, origin, cleared in rows if cleared and (site.home / origin).exists()]


def assert_manifests(site: Site) -> None:
    """A manifest never points to a file that is short, other or not there (F09); nothing half-written is left. A report is in its archive alone."""
    for end in site.outbox.rglob("*[!V].end"):
        try:
            inbox.receive(end.with_suffix(""), sys.maxsize)
        except KokunenError as error:
            raise AssertionError(str(error)) from error
    discs.check(site)
    assert not [p.name for p in site.outbox.rglob(".*")]


def same_as(site: Site, undisturbed: dict[str, Any]) -> None:
    """I8: nobody can tell that anything happened."""
    assert_sound(site)
    assert not list((site.home / "archive" / "writing").glob("*")), "finished, or taken back"
    now = picture(site)
    for part, expected in undisturbed.items():
        assert now[part] == expected, part


def picture(site: Site) -> dict[str, Any]:
    forms = kit.query(site, "select distinct uketsuke_no from ledger.printed where placed_at is not null order by 1")
    return {**business(site), "outbox": outbox(site), "records": changes(site), "forms": forms, "archive": archived(site)}


def archived(site: Site) -> list[tuple[Any, ...]]:
    """What came and what left, in the archive; which papers there are depends on how often somebody ran. What still lies in the inbox."""
    rows = kit.query(
        site, "select class, dataset, period, name, origin, file_id is not null, cleared_at is not null from ledger.object where class <> 'B' order by 1, 2, 4",
    )  # fmt: skip
    return [*rows, *((p.name,) for p in sorted(site.inbox.rglob("*")) if p.is_file())]


# ---- disturbances ----------------------------------------------------------------------------------------------------------


def at(monkeypatch: pytest.MonkeyPatch, point: str, disturb: Callable[[], Any]) -> list[str]:
    """Do ``disturb`` once, when ``point`` is reached. The list says the points reached so far."""
    seen: list[str] = []

    def reached(name: str) -> None:
        seen.append(name)
        if name == point and seen.count(name) == 1:
            disturb()

    monkeypatch.setattr(failpoint, "reached", reached)
    return seen


@contextmanager
def paused(monkeypatch: pytest.MonkeyPatch, point: str, work: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Another thread does ``work`` and stands still at ``point`` during the block; the value lets it go on and gives its result."""
    there, go = threading.Event(), threading.Event()
    result: list[Any] = []
    worker = threading.Thread(target=lambda: result.append(work()))

    def reached(name: str) -> None:
        if name == point and threading.current_thread() is worker and not there.is_set():
            there.set()
            go.wait(120)

    def finish() -> Any:
        go.set()
        worker.join(120)
        return result[0]

    monkeypatch.setattr(failpoint, "reached", reached)
    worker.start()
    try:
        assert there.wait(120), f"never reached: {point}"
        yield finish
    finally:
        finish()


def terminate(site: Site) -> None:
    """The server ends every connection of the jobs to this database."""
    with psycopg.connect(postgres.ensure(house_of(site)).admin_url, autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and application_name like 'kokunen%%'",
            (site.url.rsplit("/", 1)[1],),
        )


def kill_server(site: Site) -> None:
    """PostgreSQL and all its processes are gone at once."""
    home = house_of(site)
    pid = int((home / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0])
    server = psutil.Process(pid)
    family = [server, *server.children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=20)
