"""五つの守りは、一つだけでも止める: each layer by itself. The registry's answers are in ``test_refusals``, its changes in ``test_registry``, what is decoded
again in ``tests/rules/test_door.py``, keys of partners in ``tests/partners``, who may write to a channel in ``tests/test_architecture.py``."""

from __future__ import annotations

import kit
import pytest
from kit import DAY, no
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from etl.core.mapping import views
from etl.core.mapping.city import city
from etl.core.mapping.transfers import transfers
from etl.door.seen import seen
from etl.run import now
from etl.site import Site

ROWS = tuple(transfers())
NUMBER = "kojin_id"  # 個人番号 as the vault's number of it
GIVEN = {"iten_key", "iten_hash", "iten_place"}  # the place in the file, the key, the hash of the items: made of permitted items


def looking(site: Site, row: str, statement: str) -> set[str]:
    """The columns that the row's own log-in is shown."""
    params = {
        "day": DAY,
        "month_first": DAY,
        "month_last": DAY,
        "known_at": now(),
        "shichoson_code": city()["code"],
        "kakutei": "0",
    }
    with seen(site, transfers()[row], **params) as session:
        return set(session.connection.execute(text(statement)).keys())


@pytest.mark.parametrize("row", ROWS)
def test_あて先の役割が見るのは_許可された項目だけである(town: Site, row: str) -> None:
    about = transfers()[row]
    shown = looking(town, row, f"select * from iten.{about.view} limit 0")
    assert shown - GIVEN <= {*about.items} - {"kojin_no"} | ({NUMBER} if about.kojin_no else set())
    assert shown - GIVEN == set(views.columns(about))


@pytest.mark.parametrize("row", ROWS)
def test_あて先の役割は_ほかのあて先のビューも表も見られない(town: Site, row: str) -> None:
    others = [f"iten.{other.view}" for name, other in transfers().items() if name != row]
    for table in (
        *others,
        "pension.atena",
        "pension.shikaku",
        "pension.hihokensha",
        "vault.kojin_no",
        "ledger.output",
        "ledger.tourokubo",
    ):
        with pytest.raises(ProgrammingError) as refused:
            looking(town, row, f"select * from {table} limit 0")
        assert refused.value.orig and getattr(refused.value.orig, "sqlstate", None) == "42501", table


def test_被保険者は_資格のある者とあった者だけである(site: Site) -> None:
    """世帯主 and 配偶者 of an application are in scope, and no subject of a 移転."""
    kit.insured(site, [{"atena_no": no(1)}, {"atena_no": no(2), "lost_on": DAY, "soushitsu_jiyu_code": "51"}])
    kit.uketsuke(
        site, [{"uketsuke_no": no(9), "atena_no": no(3), "todoke_code": "41", "menjo_code": "20", "setainushi_atena_no": no(4)}]
    )
    kit.run(site, "uketsuke_daily", DAY)
    assert kit.query(site, "select distinct atena_no from pension.hihokensha order by 1") == [(no(1),), (no(2),)]
    assert kit.query(site, "select count(distinct atena_no) from pension.taisho") == [(4,)]
