"""What the tests of sending share: a partner that two people registered, whose server fails where it is told to; a file that has left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import kit
from sqlalchemy import text

from city import sftp_server
from etl import aitesaki, approve, soushin
from etl import run as runs
from etl.aitesaki import Place
from etl.core.receipts.partners import Delivered
from etl.run import Run
from etl.site import Site
from tests import iten

PARTNER, JOB = "kiban-juminhyo", "juki_shoukai_daily"
DAYS = (date(2025, 9, 24), date(2025, 9, 25), date(2025, 9, 26))
SECONDS = 1.0  # for an answer
Lying = dict[str, bytes]


@dataclass
class City:
    """A Site and a partner's server of its own folder."""

    site: Site
    server: sftp_server.Sftp
    names: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.server.folder

    def lying(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted(self.folder.iterdir())}

    def deliver(self, day: date = DAYS[1], seconds: float = SECONDS) -> Delivered:
        return soushin.deliver(self.site, run_of(self.site, JOB, day), seconds)

    def ack(self, name: str, **more: Any) -> Path:
        """What the recipient says of a file; by default that it has it."""
        (sha256, rows) = kit.query(self.site, "select sha256, rows from ledger.output where name = :name", name=name)[0]
        told = {"file": name, "sha256": sha256, "rows": rows, "received_at": "2025-09-26T07:00:00+09:00", "result": "accepted"}
        path = self.folder / f"{name}.ack"
        path.write_text(json.dumps(told | more), encoding="utf-8")
        return path


def run_of(site: Site, job: str = JOB, day: date = DAYS[1], user: str = "sousa01") -> Run:
    """A run for a step that a test does by itself."""
    started = runs.start(site, job, str(day), user, "試験", business_on=day, as_known_at=None, run_key=None)
    return runs.get(site, started)


def register(site: Site, server: sftp_server.Sftp, partner: str = PARTNER) -> None:
    """Two people say where the partner's server is; it knows our key."""
    place = Place(partner, "127.0.0.1", server.port, "kokunen", sftp_server.pinned(server.host_key), "/")
    started = runs.start(
        site, "partner_set", str(site.today), "kanri01", "試験", business_on=site.today, as_known_at=None, run_key=None
    )
    public = aitesaki.propose(site, runs.get(site, started), place)[1]
    server.authorized.add(public)
    assert approve.decide(site, "aitesaki", None, "shounin01")["approved"] == 1


@contextmanager
def partner(folder: Path) -> Iterator[sftp_server.Sftp]:
    """A server for the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = sftp_server.start(folder)
    try:
        yield server
    finally:
        server.stop()


def again(site: Site) -> None:
    """The ledger knows of nothing that was sent."""
    with iten.owner(site) as connection:
        connection.execute(text("truncate ledger.juryou, ledger.soushin, ledger.saisou, ledger.hikiwatashi"))


def ask(site: Site) -> None:
    """Three nights with somebody in each whose 宛名 nobody has: three files of questions that wait in the outbox."""
    for number, day in enumerate(DAYS, 1):
        kit.uketsuke(site, [{"uketsuke_no": kit.no(number), "atena_no": kit.no(100 + number)}], on=day, seq=number)
        assert kit.run(site, "uketsuke_daily", day)["error"] is None
        assert kit.run(site, JOB, day)["error"] is None


def sent(site: Site) -> list[tuple[Any, ...]]:
    """The ledger's word: name, attempt, whether it went."""
    return kit.query(
        site, "select o.name, s.attempt, s.sent_at is not null from ledger.soushin as s join ledger.output as o using (output_id) order by soushin_id",
    )  # fmt: skip


def codes(done: Delivered) -> list[str]:
    return [error["code"] for error in done.errors]


def expected(site: Site) -> Lying:
    """What must lie at the partner's: all that has left, each with its ``.end``."""
    top = site.outbox / "juki_shoukai"
    return {p.name: p.read_bytes() for p in sorted(top.rglob("*")) if p.suffix in (".dat", ".end")}


def take(city: City, before: Lying) -> Lying:
    """What lies there whole goes to the recipient."""
    lying = city.lying()
    found = {
        name: lying[name] for name in sorted(lying) if name.removesuffix(".end") + ".end" in lying and not name.endswith(".part")
    }
    assert not set(found) & set(before), "never twice"
    for name in found:
        (city.folder / name).unlink()
    return found
