"""受入表: マッピングを変えて kokunen init を忘れたら、実行は始まる前に断る。"""

from __future__ import annotations

from collections.abc import Callable

import kit
import psycopg
import pytest
from kit import DAY

from etl.core.errors import DefinitionError
from etl.edge.db.migrate import migrate
from etl.site import Site

FORGOTTEN = {
    "古いマッピングから作ったまま": "update public.generated set sha256 = '' where dataset = 'uketsuke'",
    "まだ作っていない": "delete from public.generated where dataset = 'uketsuke'",
    "何から作ったかを見られない（前の版のデータベース）": "revoke select on public.generated from kokunen_app",
}


@pytest.mark.parametrize("why", FORGOTTEN)
def test_受入表が今のマッピングのものでなければ始まらない(site: Site, owner_url_of: Callable[[Site], str], why: str) -> None:
    kit.uketsuke(site, [{"uketsuke_no": kit.no(1), "atena_no": kit.no(1)}])
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute(FORGOTTEN[why])
    with pytest.raises(DefinitionError) as refused:
        kit.run(site, "uketsuke_daily", DAY)
    assert (refused.value.code, refused.value.item) == ("NP-1029", "uketsuke")
    assert kit.query(site, "select count(*) from ledger.run") == [(0,)]


def test_他のデータの受入表が古くても_読まない業務は動く(site: Site, owner_url_of: Callable[[Site], str]) -> None:
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute(FORGOTTEN["古いマッピングから作ったまま"])
    for job in ("juki_daily", "juki_shoukai_daily"):
        assert kit.run(site, job, DAY)["error"] is None


def test_initの後は動く(site: Site, owner_url_of: Callable[[Site], str]) -> None:
    with psycopg.connect(owner_url_of(site)) as owner:
        owner.execute(FORGOTTEN["古いマッピングから作ったまま"])
    assert migrate(owner_url_of(site)) == ["staging.uketsuke"]
    assert kit.run(site, "uketsuke_daily", DAY)["error"] is None
