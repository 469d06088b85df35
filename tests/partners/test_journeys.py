"""本物の OpenSSH との一巡と、各段での強制終了: 照会が届き、受領が返り、回答を受け取る。どこで殺されても一度だけ届く（F02）。"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import kit
from kit import no

from etl import aitesaki, approve
from etl import run as runs
from etl.aitesaki import Place
from etl.site import Site
from tests import conftest
from tests.conftest import Once
from tests.faults import crash
from tests.partners import library
from tests.partners.library import DAYS, JOB, City, expected
from tests.partners.sshd import Partner


def test_照会を送り_受領を読み_回答を受け取る(site: Site, there: Partner) -> None:
    account = there.account()
    place = Place(library.PARTNER, account.host, account.port, account.user, account.host_key, account.folder)
    started = runs.start(
        site, "partner_set", str(site.today), "kanri01", "試験", business_on=site.today, as_known_at=None, run_key=None
    )
    (there.home / "authorized").write_text(aitesaki.propose(site, runs.get(site, started), place)[1] + "\n")
    approve.decide(site, "aitesaki", None, "shounin01")
    library.ask(site)
    lying = {p.name: p.read_bytes() for p in there.folder.iterdir()}
    assert lying == expected(site) and len(lying) == 6
    name, sha256, rows = kit.query(site, "select name, sha256, rows from ledger.output order by output_id limit 1")[0]
    told = {"file": name, "sha256": sha256, "rows": rows, "received_at": "2025-09-26T07:00:00+09:00", "result": "accepted"}
    (there.folder / f"{name}.ack").write_text(json.dumps(told))
    answer = kit.juki(site, [{"atena_no": no(1)}], on=date(2025, 9, 29))
    for path in (answer, answer.with_name(f"{answer.name}.end")):
        (there.folder / path.name).write_bytes(path.read_bytes())
        path.unlink()
    before = sorted(p.name for p in there.folder.iterdir())
    assert [f["outcome"] for f in kit.run(site, "juki_daily", date(2025, 9, 29))["files"]] == ["accepted"]
    assert kit.run(site, JOB, date(2025, 9, 29))["error"] is None
    assert kit.query(site, "select state from ledger.soushin_ima order by output_id") == [
        ("confirmed",),
        ("waiting",),
        ("waiting",),
    ]
    assert sorted(p.name for p in there.folder.iterdir()) == before, "nothing is removed there"


def test_送るところを何処で殺しても_もう一度で一度だけ届き_引渡しも一度(house: Path, once: Once, tmp_path: Path) -> None:
    """Three files; the first went and was acknowledged, and the database has forgotten it: killed at each failpoint, then once more."""
    crash.know(house)
    points: list[str] = []
    with library.partner(tmp_path / "files") as server:
        for point in range(1, 100):
            with conftest.copied(house, once(library.ask), tmp_path / f"home{point}") as site:
                for path in server.folder.iterdir():
                    path.unlink()
                library.register(site, server)
                city, wanted = City(site, server), expected(site)
                city.ack(sorted(wanted)[0])
                site.engine.dispose()
                points.append(killed := crash.kill_at(point, delivered, site) or "")
                crash.assert_sound(site)
                delivered(site)
                lying = {n: c for n, c in city.lying().items() if not n.endswith(".ack")}
                assert lying == {n: c for n, c in wanted.items() if not n.startswith(sorted(wanted)[0])}
                assert [s for *_, s in library.sent(site)] == [True] * 3
                assert kit.query(site, "select count(*), count(distinct object) from audit.event where operation = '送信'") == [
                    (3, 3)
                ]
                assert kit.query(site, "select count(*) from ledger.hikiwatashi") == [(1,)]
            if not killed:
                break
    one = ["file delivered", "manifest delivered", "delivery recorded"]
    assert [p for p in points if p in one] == ["delivery recorded", *one, *one]
    assert {"acknowledgement noted", "handed over"} <= set(points)


def delivered(site: Site) -> Any:
    done = City(site, None).deliver(DAYS[2], 5)  # type: ignore[arg-type]
    assert not done.errors
