"""承認が書く行の鍵: 承認で書かれる行は、移行・取込のファイルで来た行と同じ作り方の鍵を持つ。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl import approve
from etl.approve import kekka
from etl.core.mapping import registry, tables
from etl.core.mapping.layout import arriving
from etl.edge import db
from etl.site import Site

SQL = Path(__file__).resolve().parents[2] / "sql"
COMMON: dict[str, Any] = {
    "approval_id": 1,
    "file_id": 1,
    "line": 1,
    "atena_no": no(1),
    "kiso_nenkin_no": kit.kiso(1),
    "uketsuke_no": no(5),
}
EXEMPTED = {"menjo_code": "20", "from_month": date(2025, 7, 1), "to_month": date(2026, 6, 1), "kekka_code": "02"}
CLAIMED = {"todoke_code": "51", "nenkin_code": "1150", "kekka_code": "02", "shori_on": DAY}
ANSWER = '{"shoukai_no": "202509240000001", "atena_no": "000000000000001", "soutou_year": 2025, "fuka_year": 2025, "rireki_no": 1, "kaitou_code": "1"}'
WRITES = [
    ("kekka_kihon", "nenkin_kihon", {}),
    ("kekka_shutoku", "shikaku", {"acquired_on": date(2025, 9, 1), "shubetsu_code": "1", "shutoku_jiyu_code": "03"}),
    ("kekka_menjo", "menjo", EXEMPTED),
    ("kekka_fuka", "fuka", {"kanyu_on": date(2025, 9, 1)}),
    *(("kekka_saitei", group, CLAIMED) for group in kekka.GROUPS if group.startswith("saitei")),
    ("horyuu_store", "shotoku", {"items": ANSWER, "version": 1}),
]


@pytest.fixture
def undone(town: Site) -> Iterator[db.Session]:
    """Whatever a test writes is undone."""
    with town.session() as session:
        yield session
        session.connection.rollback()


@pytest.mark.parametrize(("statement", "table", "params"), WRITES, ids=[f"{s}-{t}" for s, t, _ in WRITES])
def test_承認が書く鍵は取込の鍵と同じ(undone: db.Session, statement: str, table: str, params: dict[str, Any]) -> None:
    """The row as it would be staged (text) gives, by the key of its mapping, the key that the statement wrote by hand."""
    layout = next(layout for layout in arriving().values() if table in layout.load.into)
    undone.run(
        f"approve/{statement}", names={"group": table, "columns": ", ".join(tables.stored(layout))}, **{**COMMON, **params}
    )
    staged = ", ".join(f"{name}::text" for name in layout.key)
    sql = f"select row_key, (select {tables.row_key(layout)} from (select {staged}) as staged) from pension.{table} where approval_id = 1"
    [(written, made)] = undone.driver.execute(sql.encode()).fetchall()
    assert written == made


def test_受付の行の鍵は受付番号で_決定の鍵とぶつからない() -> None:
    """受付 stands under a key of its own; what is decided about it finds it by its 受付番号."""
    for name in ("menjo", "fuka", "saitei"):
        assert re.search(r"'受付-' \|\| \w+\.uketsuke_no", (SQL / "ingest" / f"uketsuke_{name}.sql").read_text(encoding="utf-8"))
    assert {name: kekka.columns(name)[-2:] == kekka.OF_INTAKE for name in kekka.TABLES} == {
        n: n in kekka.GROUPS for n in kekka.TABLES
    }


def test_人の記録を変える種類には_することがある() -> None:
    persons = {kind for kind, about in registry.approvals().items() if about.person}
    assert set(approve.HANDLERS) - persons == {"hozen", "shintatsu", "shoukyo", "tourokubo"} and persons <= set(
        approve.HANDLERS
    ), "and those whose content is looked at"
