"""都度の移転をもう一度: 途中で止まった日、飛ばした日の後でも、あて先の持つものは巻き戻らず、月次の全件も出る（F25）。"""

from __future__ import annotations

from datetime import date

import kit
import pytest

from etl import jobs
from etl.edge import failpoint
from etl.site import Site
from tests import iten

D1, D2, D3 = date(2025, 9, 24), date(2025, 9, 25), date(2025, 9, 26)


def stop(monkeypatch: pytest.MonkeyPatch, site: Site, on: date, place: str) -> None:
    """The step ``changes`` of a day dies at a place."""

    def reached(name: str) -> None:
        if name == place:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(failpoint, "reached", reached)
        run_id = jobs.start(site, "iten_event", on.isoformat(), "sousa01", None)
        with pytest.raises(KeyboardInterrupt):
            jobs.step(site, run_id, "changes")


@pytest.mark.parametrize("place", ["day fixed", "file placed"])
def test_止まった日の後に前の日が済めば_新しい時刻で選ぶ(site: Site, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Its old moment lies before that of the day that is done: what is recorded in between was told already."""
    recipient = iten.Recipient("iten_juminhyo")
    iten.act(site, "取得 1 2015-04-01")
    recipient.apply(iten.lines(iten.day(site, D1))["iten_juminhyo"])
    iten.act(site, "種別 1 4 2025-09-01")
    stop(monkeypatch, site, D3, place)
    iten.act(site, "種別 1 5 2025-09-02", "取得 2 2015-04-01")
    recipient.apply(iten.lines(iten.day(site, D2))["iten_juminhyo"])
    iten.act(site, "取得 3 2015-04-01")
    recipient.apply(iten.lines(iten.day(site, D3)).get("iten_juminhyo", []))
    assert [(int(k[0]), line["shubetsu_code"]) for k, line in sorted(recipient.has.items())] == [(1, "5"), (2, "1"), (3, "1")]
    assert all(path.with_name(f"{path.name}.end").exists() for path in site.outbox.rglob("ITEN*.csv")), (
        "nothing lies there that did not leave"
    )


def test_番号を使った日が途中なら_ほかの日はその番号を飛ばさない(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number was given, its manifest does not lie there yet: 連番 without gaps wants that run to go on first."""
    iten.act(site, "取得 1 2015-04-01")
    stop(monkeypatch, site, D2, "manifest placed")
    for end in site.outbox.rglob("ITEN*.end"):
        end.unlink()  # cut off between both
    assert {error["code"] for error in iten.day(site, D3).errors} == {"NP-2102"}
    iten.day(site, D2)
    iten.act(site, "取得 2 2015-04-01")
    iten.day(site, date(2025, 9, 29))
    assert kit.query(site, "select seq from ledger.output where dataset = 'iten_juminhyo' order by 1") == [(1,), (2,)]


def test_最後の業務日を飛ばした月の全件も出る(site: Site) -> None:
    """The next day told all that it would have told: what the recipient has after it is the whole, and the sum of the days."""
    iten.act(site, "取得 1 2015-04-01", "取得 2 2015-04-01")
    iten.day(site, D2)
    iten.act(site, "取消 2")
    iten.day(site, date(2025, 10, 1))
    assert all(t.overtaken for t in iten.day(site, date(2025, 9, 30)).told)
    made = kit.run(site, "iten_monthly", "2025-09", business_on=date(2025, 10, 3))
    assert (made["error"], [o["rows"] for o in made["outputs"]]) == (None, [1, 1])


def test_サーバーの設定が変わっても_同じものは同じ(site: Site) -> None:
    """Key and hash are texts: how a server shows a day is not for it to say."""
    iten.act(site, "取得 1 2015-04-01", "免除 1 20 2025-07 2026-06")
    iten.day(site, D1)
    with iten.owner(site) as connection:
        name = connection.exec_driver_sql("select current_database()").scalar()
        connection.exec_driver_sql(f"alter database \"{name}\" set datestyle = 'German, DMY'")
    kit.part(site)
    assert iten.day(site, D2).outputs == ()
