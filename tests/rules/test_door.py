"""出口: 検証の注意は示し、許可のないものは出さず、出しかけのファイルは見つけ直す。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import kit
import pyarrow as pa
import pytest
from kit import no

from etl.core.errors import DefinitionError, Refused
from etl.core.mapping.transfers import transfers
from etl.core.receipts import Reported, Sent
from etl.door.parcel import Parcel
from etl.door.place import place, read_back
from etl.result import messages
from etl.run import receipt
from etl.site import Site
from etl.transfer.month import select

AUGUST = date(2025, 8, 29)


def grown(site: Site) -> dict[str, Any]:
    """One person with 資格 in August, four in September."""
    kit.insured(site, [{"atena_no": no(1)}], on=AUGUST)
    kit.juki(site, [{"atena_no": no(n)} for n in range(1, 5)], on=AUGUST, kubun="1")
    kit.run(site, "juki_daily", AUGUST)
    assert kit.month(site, "2025-08")["error"] is None
    kit.insured(site, [{"atena_no": no(n), "acquired_on": date(2025, 9, 1)} for n in range(2, 5)], on=date(2025, 9, 30))
    kit.juki(site, [{"atena_no": no(n)} for n in range(1, 5)], on=date(2025, 9, 30), seq=2, kubun="1")
    kit.run(site, "juki_daily", date(2025, 9, 30))
    return kit.month(site)


def test_前月比の注意は受領証と処理結果表と画面に出て_ファイルは止めない(site: Site) -> None:
    result = grown(site)
    assert result["error"] is None and [o["rows"] for o in result["outputs"]] == [4, 4]
    sent = receipt(site, result["run_id"], Sent)
    assert sent and {f.label for o in sent.outputs for f in o.findings if not f.passed} == {"件数の前回比が80〜125％"}
    assert [line for line in messages(site, result["run_id"]) if line.startswith("[注意] KOKUHO")]
    report = receipt(site, result["run_id"], Reported)
    assert report and "件数の前回比が80〜125％" in Path(report.text).read_text(encoding="utf-8")
    assert Path(report.text.removesuffix(".txt") + "_検証.html").is_file()


def test_初回の月には前月比がない(site: Site) -> None:
    kit.insured(site, [{"atena_no": no(1)}])
    kit.juki(site, [{"atena_no": no(1)}], kubun="1")
    kit.run(site, "juki_daily", kit.DAY)
    result = kit.month(site)
    assert not [line for line in messages(site, result["run_id"]) if "前回比" in line]


@pytest.mark.parametrize(
    ("item", "kind", "why"), [("nanika", pa.string(), "missing column"), ("name", pa.int64(), "another type")]
)
def test_選ぶ文が定義と違えば値を言わずに止まる(site: Site, item: str, kind: pa.DataType, why: str) -> None:
    kit.juki(site, [{"atena_no": no(1), "name": "架空　一郎"}], kubun="1")
    kit.insured(site, [{"atena_no": no(1)}])
    kit.run(site, "juki_daily", kit.DAY)
    with site.session() as session, pytest.raises(DefinitionError) as refused:
        session.table("ledger/shimei4", pa.schema([(item, kind)]), atena_nos=[no(1)])
    assert (refused.value.code, refused.value.facts) == ("NP-1131", {"why": why})
    assert refused.value.__cause__ is None and refused.value.__context__ is None


def parcel(site: Site) -> Parcel:
    with site.session() as session:
        now = session.value("transfer/clock")
        return select(site, transfers()["T04-IRYOHOKEN"], "2025-09", now).parcel(1, date(2025, 9, 30))


def test_読み戻しは_許可されない列のあるファイルを消して止める(site: Site) -> None:
    """Were the registry not asked, the file would be looked at once more when it is decoded again."""
    kit.insured(site, [{"atena_no": no(1)}])
    made = parcel(site)
    cut = made.chosen.row.model_copy(update={"items": made.chosen.row.items[:-1]})
    given = replace(made, chosen=replace(made.chosen, row=cut))
    place(site, given, None)
    with pytest.raises(Refused) as refused:
        read_back(given, given.path(site))
    assert refused.value.code == "NP-2105" and not list(site.outbox.rglob("KOKUHO*"))
