"""許可・拒否・未登録: every row of the registry with every reason to refuse: its own code, nothing written, and the answer recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import kit
import psycopg
import pyarrow as pa
import pytest
from kit import DAY, kiso, kojin_no, no

from etl import run as runs
from etl.core.codec.columns import arrow_schema, from_values
from etl.core.errors import KokunenError
from etl.core.mapping.fields import Field
from etl.core.mapping.layout import codes, leaving
from etl.core.mapping.transfers import Transfer, transfers
from etl.core.states import Hantei
from etl.door import hantei, send
from etl.door.parcel import Chosen, Parcel, pack
from etl.run import Run
from etl.site import Site
from tests import shintatsu
from tests.rules.income import intake

AGREED_ON = date(2016, 6, 1)  # since when the rows of these tests are in force: as they are, for a second time
MADE_ON = date(2025, 1, 1)  # when what needs it was put before a second person
SENT = {7: "2025-08", 10: "2025-08-01"}  # periods of which a version has left
PERSON = {"atena_no": no(1), "kiso_nenkin_no": kiso(1), "kojin_no": None, "uketsuke_no": intake(0)["uketsuke_no"]}
SENDER = dict.fromkeys(("todofuken", "gunshiku", "yubin3", "yubin4", "shozaichi", "meishou", "shozokuchou"), "1")
BY_TYPE = {"text": "abc", "hankaku": "ｶｸｳ ｲﾁﾛｳ", "time8": "00:00:00", "flag": True, "year": 2025, "int": 1, "yen": 1}


@dataclass
class Case:
    """One row of the registry: a parcel that may leave, its run, and what a second person has said of it, if anything."""

    parcel: Parcel
    run: Run
    content: str
    approval: dict[str, Any] | None = None
    page: Transfer | None = None  # the row of the page when it is another one than the parcel's; of ``gone`` there is none
    gone: bool = False


Reason = Callable[[Case], None]


def value(field: Field) -> Any:
    if field.name in PERSON:
        return PERSON[field.name]
    if field.one_space and field.type == "text":
        return "架空　一郎"
    if field.codes:
        return next(iter(codes(field.codes)))
    if field.type.startswith("digits"):
        return "1".zfill(field.digits or field.size or 1)
    return BY_TYPE.get(field.type, DAY)


def rows_of(row: Transfer) -> pa.Table:
    data = leaving()[row.dataset].data
    return pa.Table.from_arrays([from_values(f, [value(f)]) for f in data.stored], schema=arrow_schema(data))


def with_row(case: Case, **changed: Any) -> None:
    row = Transfer.model_construct(**{**dict(case.parcel.row), **changed})
    case.parcel = replace(case.parcel, chosen=replace(case.parcel.chosen, row=row))


def with_rows(case: Case, rows: pa.Table) -> None:
    case.parcel = replace(case.parcel, chosen=replace(case.parcel.chosen, rows=rows))


def with_value(case: Case, name: str, said: str | None) -> None:
    rows = case.parcel.rows
    column = pa.array([said], pa.string())
    at = rows.schema.get_field_index(name)
    with_rows(case, rows.append_column(name, column) if at < 0 else rows.set_column(at, name, column))


def on(case: Case, day: date) -> None:
    """The same on another business day, whole."""
    period = f"{day:%Y-%m}" if case.parcel.month else day.isoformat()
    case.run = replace(case.run, business_on=day, period=period)
    case.parcel = replace(case.parcel, created_on=day, period=period, month=day.replace(day=1) if case.parcel.month else None)


def approved(case: Case, **said: Any) -> None:
    case.approval = {
        "decision": "approved", "maker": "sousa01", "checker": "shounin01", "made_at": MADE_ON, "decided_at": MADE_ON,
        "expires_at": date(2999, 1, 1), "content_hash": case.content, **said,
    }  # fmt: skip


def another_recipient(case: Case) -> None:
    with_row(case, recipient="市民文化局市民生活部区政推進課")


def another_partner(case: Case) -> None:
    channel = case.parcel.row.channel
    with_row(case, channel=channel.model_copy(update={"to": "kiban-zei" if channel.to != "kiban-zei" else "kiban-seiho"}))


def another_channel(case: Case) -> None:
    channel = case.parcel.row.channel
    with_row(case, channel=channel.model_copy(update={"kind": "cd-r" if channel.kind != "cd-r" else "flash", "to": None}))


def a_stranger(case: Case) -> None:
    with_value(case, "atena_no" if "atena_no" in case.parcel.rows.column_names else "uketsuke_no", no(999))


def no_longer(case: Case) -> None:
    until = case.run.day - timedelta(days=1)
    with_row(case, permission=case.parcel.row.permission.model_copy(update={"until": until}))


def nobody(case: Case) -> None:
    for name in ("atena_no", "kiso_nenkin_no", "uketsuke_no"):
        if name in case.parcel.rows.column_names:
            with_value(case, name, None)


def a_number(case: Case) -> None:
    if case.parcel.row.kind == "報告":  # its row says so: it would be another row
        with_row(case, kojin_no=False)
    with_value(case, "kojin_no", kojin_no(1))


def a_number_in_a_text(case: Case) -> None:
    with_value(case, next((f.name for f in case.parcel.layout.columns if f.type == "text"), "bikou"), f"番号{kojin_no(2)}。")


def later(case: Case) -> None:
    case.approval = None
    case.parcel = replace(case.parcel, version=2, period=SENT[len(case.parcel.period)])
    case.run = replace(case.run, period=case.parcel.period)


def changed_on_the_page(case: Case) -> None:
    case.page = case.parcel.row.model_copy(update={"purpose": "ほかの事務"})
    with_row(case, purpose="ほかの事務")


REASONS: dict[str, tuple[str, Reason]] = {
    "登録簿に無い番号": ("NP-4161", lambda c: with_row(c, id="T99-NASHI")),
    "登録簿から消えた行": ("NP-4161", lambda c: setattr(c, "gone", True)),
    "別のあて先": ("NP-4162", another_recipient),
    "別の相手先のサーバー": ("NP-4162", another_partner),
    "別の方法": ("NP-4163", another_channel),
    "許可の前": ("NP-4164", lambda c: on(c, c.parcel.row.permission.since - timedelta(days=1))),
    "許可の後": ("NP-4165", no_longer),
    "許可されない列": ("NP-2105", lambda c: with_row(c, items=c.parcel.row.items[:-1])),
    "対象者でない者": ("NP-4166", a_stranger),
    "誰とも書かれない行": ("NP-4166", nobody),
    "別の日に作ったもの": ("NP-4167", lambda c: setattr(c, "run", replace(c.run, business_on=c.run.day + timedelta(days=1)))),
    "別の期間のもの": ("NP-4167", lambda c: setattr(c, "run", replace(c.run, period="2024-02"))),
    "別の業務": ("NP-4174", lambda c: setattr(c, "run", replace(c.run, job="juki_daily"))),
    "承認のない後の版": ("NP-4168", later),
    "未決裁": ("NP-4168", lambda c: approved(c, decision=None, checker=None, decided_at=None)),
    "否認": ("NP-4168", lambda c: approved(c, decision="rejected")),
    "期限の後の承認": ("NP-4168", lambda c: approved(c, expires_at=MADE_ON - timedelta(days=1))),
    "起案者の承認": ("NP-4169", lambda c: approved(c, maker="shounin01")),
    "実行した者の承認": ("NP-4169", lambda c: approved(c, checker="sousa01", maker="sousa02")),
    "承認の後に変わった内容": ("NP-4170", lambda c: approved(c, content_hash="0" * 64)),
    "起案の後に変わった登録簿": ("NP-4171", lambda c: approved(c, made_at=AGREED_ON - timedelta(days=1))),
    "承認されていない登録簿": ("NP-4172", changed_on_the_page),
    "登録簿と違う行": ("NP-4172", lambda c: with_row(c, purpose="ほかの事務")),
    "個人番号の列": ("NP-4173", a_number),
    "文字の中の個人番号": ("NP-4173", a_number_in_a_text),
}  # fmt: skip
CASES = [(row, title) for row in transfers() for title in REASONS]
UNKNOWN = {"登録簿に無い番号", "登録簿から消えた行"}


@pytest.fixture(scope="module")
def office(town: Site) -> Site:
    """One person who is insured and has an open application for 免除, which is in a report that was approved: a subject of every row."""
    kit.insured(town, [{"atena_no": no(1)}])
    kit.juki(town, [{"atena_no": no(1)}])
    alone = {"setainushi_atena_no": no(1), "haiguusha_atena_no": None}
    kit.uketsuke(town, [intake(0, menjo_from_month=date(2025, 7, 1), **alone)])
    assert not any(kit.run(town, job, DAY)["error"] for job in ("uketsuke_daily", "juki_daily", "shintatsu"))
    shintatsu.fixed(town, on=DAY)
    kit.approve_all(town, "shintatsu")
    return town


@pytest.fixture(scope="module")
def owner(office: Site, owner_url_of: Callable[[Site], str]) -> Iterator[psycopg.Connection]:
    """The database itself lets nobody approve his own; here that is off, so that the door has to see it."""
    with psycopg.connect(owner_url_of(office), autocommit=True) as connection:
        connection.execute("alter table ledger.approval drop constraint another_person")
        connection.execute("alter table ledger.output disable trigger output_permitted")  # for the versions of before
        run_id = begun(office, "kokuho_monthly", "2025-09").run_id
        for row in transfers().values():
            _agreed(connection, run_id, row)
            for period in SENT.values():
                connection.execute(
                    "insert into ledger.output (run_id, dataset, period, version, name, rows, sha256, body_sha256, created_on, known_at, reason,"
                    " released_at) values (%s, %s, %s, 1, '', 0, '', '', %s, now(), '', now())",
                    (run_id, row.dataset, period, DAY),
                )
        yield connection


def _agreed(owner: psycopg.Connection, run_id: str, row: Transfer) -> None:
    said = {"decision": "approved", "maker": "kanri01", "checker": "shounin01", "made_at": AGREED_ON, "decided_at": AGREED_ON}
    approval = _approval(owner, {**said, "expires_at": AGREED_ON, "content_hash": ""}, run_id, "tourokubo")
    owner.execute(
        "insert into ledger.tourokubo (row_id, content, sha256, approval_id, from_on) values (%s, %s, %s, %s, %s)",
        (row.id, row.text, row.sha256, approval, AGREED_ON),
    )


def _approval(owner: psycopg.Connection, said: dict[str, Any], run_id: str, kind: str) -> int:
    columns = {**said, "run_id": run_id, "kind": kind, "subject": "試験"}
    places = ", ".join(f"%({name})s" for name in columns)
    found = owner.execute(
        f"insert into ledger.approval ({', '.join(columns)}) values ({places}) returning approval_id", columns
    ).fetchone()
    assert found
    return int(found[0])


def begun(site: Site, job: str, period: str) -> Run:
    started = runs.start(site, job, period, "sousa01", "試験", business_on=DAY, as_known_at=None, run_key=None)
    return runs.get(site, started)


@pytest.fixture(scope="module")
def cases(office: Site) -> dict[str, Case]:
    """row -> what may leave."""
    return {row.id: may_leave(office, row) for row in transfers().values()}


def may_leave(site: Site, row: Transfer) -> Case:
    rows, monthly = rows_of(row), row.job.period == "month"
    run = begun(site, row.job.name, f"{DAY:%Y-%m}" if monthly else DAY.isoformat())
    chosen = Chosen(row, rows, rows.slice(0, 0))
    month, seq = (DAY.replace(day=1), None) if monthly else (None, 1)
    more = {"jimusho": 3101, "baitai_no": 1, **SENDER}
    parcel = pack(chosen, period=run.period, created_on=DAY, known_at=run.started_at, version=1, month=month, seq=seq, more=more)
    case = Case(parcel, run, chosen.body_sha256)
    if row.kind == "報告":  # nothing of it leaves without
        approved(case)
    return case


def rests(owner: psycopg.Connection, case: Case) -> dict[str, Any]:
    """What it rests on: the version that its approval is about, in the ledger; of a report the approval itself."""
    if case.approval is None:
        return {}
    if case.parcel.row.kind == "報告":
        return {"approval_id": _approval(owner, case.approval, case.run.run_id, "shintatsu"), "content": case.content}
    return {"output_id": output(owner, case.approval, case)}


def output(owner: psycopg.Connection, said: dict[str, Any], case: Case) -> int:
    approval, p = _approval(owner, said, case.run.run_id, "kokuho"), case.parcel
    found = owner.execute(
        "insert into ledger.output (run_id, dataset, period, seq, version, name, rows, sha256, body_sha256, created_on, known_at, reason,"
        " approval_id) values (%s, %s, %s, %s, %s, %s, 1, '', '', %s, now(), '試験', %s) returning output_id",
        (case.run.run_id, p.row.dataset, p.period, approval, p.version, p.name, p.created_on, approval),
    ).fetchone()
    assert found
    return int(found[0])


def world(site: Site) -> tuple[Any, ...]:
    """All that a file that left would have changed."""
    files = sorted(path for path in site.home.rglob("*") if path.is_file() and "pg" not in path.parts)
    return (
        files,
        kit.query(site, "select output_id, released_at from ledger.output order by 1"),
        kit.query(site, "select * from ledger.medium"),
    )


def test_80を超える(cases: dict[str, Case]) -> None:
    assert len(CASES) >= 80 and len(cases) == len(transfers())


@pytest.mark.parametrize("row", transfers())
def test_許可された行は許可される(office: Site, owner: psycopg.Connection, cases: dict[str, Case], row: str) -> None:
    with office.session() as session:
        assert hantei.require(session, cases[row].run, cases[row].parcel, **rests(owner, cases[row]))
        case = replace(cases[row])
        approved(case)
        assert hantei.require(session, case.run, case.parcel, **rests(owner, case))


@pytest.mark.parametrize(("row", "title"), CASES, ids=[f"{row}-{title}" for row, title in CASES])
def test_どの行もどの理由でも_その理由の番号で断り_何も書かず_記録する(
    office: Site, owner: psycopg.Connection, cases: dict[str, Case], row: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    code, reason = REASONS[title]
    case = replace(cases[row])
    reason(case)
    page = {
        key: case.page if case.page and key == row else kept
        for key, kept in transfers().items()
        if not (case.gone and key == row)
    }
    monkeypatch.setattr(hantei, "transfers", lambda: MappingProxyType(page))
    rest = rests(owner, case)
    before = world(office)
    with office.session() as session, pytest.raises(KokunenError) as refused:
        send.send(session, office, case.run, case.parcel, {}, **rest)
    assert refused.value.code == code and world(office) == before
    (told,) = kit.query(
        office, "select dataset, recipient, name, code, answer, business_on, registry_sha256 is not null from ledger.iten_hantei"
        " order by iten_hantei_id desc limit 1",
    )  # fmt: skip
    answer = Hantei.MITOUROKU if title in UNKNOWN else Hantei.KYOHI
    parcel = case.parcel
    assert told == (parcel.row.dataset, parcel.row.recipient, parcel.name, code, answer, case.run.day, True)
    (recorded,) = kit.query(
        office, "select operation, object, counts::json ->> 'code' from audit.event order by event_id desc limit 1"
    )
    assert recorded == ("送出拒否", parcel.name, code)


def test_報告は_最初の版も承認がなければ出ない(office: Site, owner: psycopg.Connection, cases: dict[str, Case]) -> None:
    (case,) = (c for c in cases.values() if c.parcel.row.kind == "報告")
    with office.session() as session, pytest.raises(KokunenError) as refused:
        hantei.require(session, case.run, case.parcel)
    assert refused.value.code == "NP-4168"
