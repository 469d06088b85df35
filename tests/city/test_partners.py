"""架空の市の相手先: 届いたものを受け取って受領を知らせ、一度拒み、黙り、回答を置く。"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import kit
import pytest
from kit import no

from city.partners import Partner
from demo import partners
from demo.account import transfers
from demo.month import nights
from demo.story import exchanged
from etl import run as runs
from etl import soushin
from etl.core.codec.encode import end_file
from etl.core.receipts.partners import Delivered, Fetched
from etl.site import Site

MONDAY = date(2025, 9, 1)


@pytest.fixture
def city(site: Site) -> Iterator[dict[str, Partner]]:
    with partners.running(site) as made:
        yield made


def night(site: Site, number: int) -> Delivered:
    """Somebody more is insured, and the recipients are told."""
    day = MONDAY + timedelta(days=number)
    kit.insured(site, [{"atena_no": no(100 + number)}], on=day)
    done = kit.run(site, "iten_event", day)
    assert done["error"] is None
    found = runs.receipt(site, done["run_id"], Delivered)
    assert found
    return found


def test_三つのあて先が受領を知らせ_一つは二つ目を一度拒み_一つは三つ目に黙る(site: Site, city: dict[str, Partner]) -> None:
    told = [night(site, n) for n in range(2)]
    assert [len(d.sent) for d in told] == [3, 3] and [len(d.acknowledged) for d in told] == [3, 3]
    assert exchanged(None, told[0]) == "　送信 3ファイル　受領確認 3"
    assert exchanged(None, told[1]) == "　送信 3ファイル　受領確認 2　受領拒否 1"
    (line,) = partners.resent(site)
    assert "生活保護・自立支援室" in line and "ITENSEIH" in line and list(partners.unconfirmed(site)) == []
    third = night(site, 2)
    assert exchanged(None, third) == "　送信 4ファイル　受領確認 3", "again what was refused; of one file nothing is said"
    (silent,) = partners.unconfirmed(site)
    assert "ITENJIDO" in silent and list(partners.resent(site)) == []
    lines = [line for line in transfers(site) if "受領確認" in line]
    assert [line.rpartition("　")[2] for line in lines] == ["受領確認 3", "受領確認 3", "受領確認 2"]
    assert {one.state for one in soushin.waiting(site)} == {"waiting"}


def test_受け取ったものは相手先の手もとにあり_知らせは約束の形(site: Site, city: dict[str, Partner]) -> None:
    (first, *_) = night(site, 0).sent
    partner = city["kiban-juminhyo"]
    assert [p.name for p in sorted(partner.server.folder.iterdir())] == [f"{first.name}.ack"]
    assert sorted(p.name for p in partner.taken.iterdir()) == [first.name, f"{first.name}.end"]
    said = json.loads((partner.server.folder / f"{first.name}.ack").read_bytes())
    assert list(said) == ["file", "sha256", "rows", "received_at", "result"] and said["result"] == "accepted"


def test_もう一度始めても_新しい鍵を登録し直して続く(site: Site) -> None:
    """As ``make run`` in the same home: what was sent is not sent again, what is new goes to the new server."""
    with partners.running(site):
        assert len(night(site, 0).sent) == 3
    with partners.running(site) as again:
        done = kit.run(site, "iten_event", MONDAY)
        found = runs.receipt(site, done["run_id"], Delivered)
        assert done["error"] is None and found and (found.sent, found.acknowledged) == ((), ())
        assert len(night(site, 1).acknowledged) == 3
        assert len(list(again["kiban-juminhyo"].server.folder.glob("*.ack"))) == 2


def test_届いたものが_end_と違えば拒む(tmp_path: Path) -> None:
    from city.partners import start

    partner = start("kiban-seiho", tmp_path / "there")
    try:
        (tmp_path / "there" / "X.csv").write_bytes(b"other")
        end = tmp_path / "there" / "X.csv.end"
        end.write_bytes(end_file("X.csv", b"right", 1))
        partner.take(end)
        assert json.loads((tmp_path / "there" / "X.csv.ack").read_bytes())["result"] == "refused"
    finally:
        partner.server.stop()


def test_照会には受領を知らせず_回答を置くと_翌日に取り込む(site: Site, city: dict[str, Partner]) -> None:
    kit.uketsuke(site, [{"uketsuke_no": no(7), "atena_no": no(7)}], on=MONDAY)
    for job in ("uketsuke_daily", "juki_shoukai_daily"):
        assert kit.run(site, job, MONDAY)["error"] is None
    folder = city["kiban-juminhyo"].server.folder
    assert not list(folder.iterdir()) and len(list(city["kiban-juminhyo"].taken.iterdir())) == 2
    tuesday = MONDAY + timedelta(days=1)
    answered = kit.juki(site, [{"atena_no": no(7)}], on=tuesday, kubun="3")
    assert partners.given(city, answered) and not answered.exists()
    done = kit.run(site, "juki_daily", tuesday)
    assert done["error"] is None and kit.only(done)["counts"]["new"] == 1
    assert exchanged(runs.receipt(site, done["run_id"], Fetched), None) == "　相手先から 1ファイル"
    assert not partners.given(city, None)


def test_一夜の業務は_移転が最後で_同時に動くのは互いに関わらないものだけ() -> None:
    assert [[job.name for job in jobs] for jobs in nights()] == [
        ["uketsuke_daily"], ["juki_daily"], ["kikou_kekka"], ["shotoku_kaitou_daily", "juki_shoukai_daily"],
        ["shotoku_shoukai_daily", "iten_event"],
    ]  # fmt: skip
