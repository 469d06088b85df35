"""進達の候補をもう一度: lives of intakes by chance (revisions, reports, 返戻, results, media given up or refused), told a second time as a story of each
day; the view, which sees only the rows that are left, must come to the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from etl.edge import db
from etl.site import Site
from tests.sql.test_given_when_then import give, still

RUN, FIRST, DAYS, INTAKES = "00000000-0000-0000-0000-000000000001", date(2026, 6, 1), 40, 100
WARDS = {"141313": "3101", "141330": "3102"}


@dataclass
class Life:
    """An intake. ``sent``: the revision that 日本年金機構 has; ``lies``: it is on a medium that has not gone; ``back``: it was sent back; ``done``: a result
    settled it."""

    no: str
    rev: int = 0
    state: str = "1"
    ward: str = "141313"
    confirmed: bool = True
    reported: bool = True
    sent: int = 0
    lies: bool = False
    back: bool = False
    done: bool = False
    ids: list[int] = field(default_factory=list)

    @property
    def goes(self) -> bool:
        if self.lies or self.done or not (self.confirmed and self.reported and self.state in "125" and self.rev):
            return False
        return not self.sent or (self.back and self.rev > self.sent)


class City:
    """What happens on each day, and the rows that it leaves."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - lives, no secrets
        self.lives = [Life(f"{n:015}") for n in range(1, INTAKES + 1)]
        self.media: dict[int, list[tuple[Life, int]]] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {
            table: []
            for table in (
                "audit.event", "ledger.run", "ledger.file", "ledger.shintatsu", "ledger.approval", "ledger.output", "ledger.hikiwatashi",
                "ledger.shintatsu_koui", "pension.uketsuke", "pension.shintatsu_kiroku", "pension.kikou_kekka", "pension.totsugo",
            )
        }  # fmt: skip
        self.last = 9000
        self.put("ledger.run", run_id=RUN)

    def put(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)

    def new(self) -> int:
        self.last += 1
        return self.last

    def file(self, dataset: str, day: date) -> int:
        made = self.new()
        self.put(
            "ledger.file",
            file_id=made,
            run_id=RUN,
            name=f"f{made}",
            dataset=dataset,
            business_on=day,
            seq=made,
            outcome="accepted",
        )
        return made

    def revisions(self, day: date) -> None:
        file = self.file("uketsuke", day)
        for life in self.chance.sample(self.lives, INTAKES // 3):
            life.rev += self.chance.choice([1, 1, 2])
            life.state, life.ward = self.chance.choice("1111225534"), self.chance.choice([*WARDS, life.ward, life.ward])
            life.confirmed, life.reported = self.chance.random() < 0.8, self.chance.random() < 0.9
            if life.sent and not life.lies and life.state == "5":  # the city knows it before the list comes
                life.back = True
            made = self.new()
            life.ids.append(made)
            self.put(
                "pension.uketsuke", uketsuke_id=made, uketsuke_no=life.no, row_key=f"{life.no}-{life.rev}", rev=life.rev, jotai_code=life.state,
                nyuryoku_user="a", kakunin_user="b" if life.confirmed else "Ａ", file_id=file, todoke_code="02",
                jiyu_code="54" if life.reported else "53", uketsuke_ku_code=life.ward,
            )  # fmt: skip

    def results(self, day: date) -> None:
        file = self.file("kikou_kekka", day)
        for line, life in enumerate(self.chance.sample(self.lives, INTAKES // 4)):
            if not life.rev or life.done or life.lies:
                continue
            said = self.chance.choice(["returned"] * 6 + ["matched", "differs"])
            life.done = said != "returned"
            life.back = life.back or (said == "returned" and bool(life.sent))
            made = self.new()
            code = "05" if said == "returned" else "01"
            self.put("pension.kikou_kekka", kikou_kekka_id=made, row_key=f"r{made}", file_id=file, line=line, kekka_code=code)
            self.put("pension.totsugo", kikou_kekka_id=made, outcome=said, uketsuke_no=life.no, is_first=True)

    def act(self, report: int, act: str, day: date, **more: Any) -> None:
        event = self.new()
        self.put("audit.event", event_id=event, operation="進達作成")
        self.put("ledger.shintatsu_koui", event_id=event, shintatsu_id=report, act=act, done_on=day, **more)

    def made(self, day: date) -> None:
        """What goes to an office, or most of it, lies on a medium."""
        office = self.chance.choice([*WARDS.values()])
        going = [life for life in self.lives if life.goes and WARDS[life.ward] == office and self.chance.random() < 0.8]
        report = self.new()
        self.put("audit.event", event_id=report, operation="進達開始")
        self.put(
            "ledger.shintatsu",
            shintatsu_id=report,
            event_id=report,
            run_id=RUN,
            jimusho_code=office,
            opened_on=day,
            kakunin_until=day,
        )
        self.put(
            "ledger.approval", approval_id=report, kind="shintatsu", run_id=RUN, maker="a", expires_at="2999-01-01", decision="approved", checker="b",
            decided_at=day,
        )  # fmt: skip
        self.put(
            "ledger.output", output_id=report, seq=report, run_id=RUN, name=f"o{report}", approval_id=report, released_at=day
        )
        self.act(report, "freeze", day, approval_id=report)
        self.act(report, "make", day, output_id=report)
        for place, life in enumerate(going):
            life.lies = True
            self.put("pension.shintatsu_kiroku", approval_id=report, place=place, uketsuke_no=life.no, uketsuke_id=life.ids[-1])
        self.media[report] = [(life, life.rev) for life in going]

    def gone(self, day: date) -> None:
        """A medium is handed over, is not taken as a whole, or is given up before."""
        if not self.media:
            return
        report = self.chance.choice([*self.media])
        what = self.chance.choice(["hand", "hand", "hand", "refuse", "cancel"])
        if what != "cancel":
            self.put("ledger.hikiwatashi", output_id=report, handed_on=day, receiver="x", receipt_no="x", run_id=RUN)
        if what != "hand":
            self.act(report, what, day)
        for life, rev in self.media.pop(report):
            life.lies = False
            if what == "hand":
                life.sent, life.back = rev, False

    def lived(self) -> None:
        days = [self.revisions, self.results, self.made, self.gone]
        self.revisions(FIRST)
        for n in range(1, DAYS):
            self.chance.choice(days)(FIRST + timedelta(days=n))


@pytest.mark.parametrize("seed", range(3))
def test_候補は_別に語ったものと同じ(town: Site, owner_url_of: Callable[[Site], str], seed: int) -> None:
    city = City(seed)
    city.lived()
    wanted = {life.no: (WARDS[life.ward], life.rev, life.sent > 0) for life in city.lives if life.goes}
    engine = db.engine(owner_url_of(town))
    with engine.connect() as connection:
        still(connection)
        for table, rows in city.rows.items():
            give(connection, table, rows)
        asked = "select uketsuke_no, jimusho_code, rev, again from pension.shintatsu_kouho where uketsuke_no < '1'"
        found = {no: (office, rev, again) for no, office, rev, again in connection.execute(text(asked))}
        connection.rollback()
    engine.dispose()
    assert found == wanted
    assert any(again for _, _, again in wanted.values()), "lives in which something was sent back"


MANY = 30_000
INTAKE = f"""insert into pension.uketsuke (uketsuke_no, row_key, rev, jotai_code, nyuryoku_user, kakunin_user, file_id, todoke_code, uketsuke_ku_code,
        atena_no, name_kana, birth_on, sex_code, juri_on, honnin_kakunin_code)
    select lpad(n::text, 15, '0'), 'many' || n, 1, '1', 'a', 'b', 9001, '02', '141313', 'x', 'x', date '2000-01-01', '1', date '2026-06-01', '1'
    from generate_series(1, {MANY}) as n"""
RECORD = """insert into pension.shintatsu_kiroku (approval_id, place, uketsuke_no, uketsuke_id, atena_no, ku_code, due_on, shien_flag, youshiki_code,
        todoke_code, juri_on, name_kana, name, birth_on, address)
    select case when uketsuke_id % 2 = 0 then :one else :other end, uketsuke_id, uketsuke_no, uketsuke_id, 'x', 'x', juri_on, false, 'x', 'x', juri_on,
        'x', 'x', birth_on, 'x'
    from pension.uketsuke where row_key like 'many%'"""
ASKED = (
    "pension.uketsuke_open",
    "pension.shintatsu_kouho",
    "pension.uketsuke_outcome('2026-07-01')",
    "pension.shintatsu_mada('2026-07-01')",
)


def test_何万件でも_報告したものを一度だけ集めて比べる(town: Site, owner_url_of: Callable[[Site], str]) -> None:
    """Row by row it would take many minutes."""
    city = City(0)
    assert city.file("uketsuke", FIRST) == 9001
    for _ in range(2):
        city.made(FIRST)
    handed = [{"output_id": o["output_id"], "handed_on": FIRST, "run_id": RUN} for o in city.rows["ledger.output"]]
    city.rows["ledger.hikiwatashi"] = handed
    engine = db.engine(owner_url_of(town))
    with engine.connect() as connection:
        still(connection)
        for table, rows in city.rows.items():
            give(connection, table, rows)
        connection.execute(text(INTAKE))
        connection.execute(text(RECORD), dict(zip(("one", "other"), (h["output_id"] for h in handed), strict=True)))
        for table in ("pension.uketsuke", "pension.shintatsu_kiroku"):
            connection.execute(text(f"analyze {table}"))
        connection.execute(text("set local statement_timeout = '60s'"))
        counts = [connection.execute(text(f"select count(*) from {asked}")).scalar() for asked in ASKED]
        connection.rollback()
    engine.dispose()
    assert counts == [0, 0, MANY, 0]
