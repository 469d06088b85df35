"""F05, F06, F28: the database is cut off, killed, or cannot write the record. Rolled back or committed; the re-run decides by the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest

from etl import approve
from etl.core.errors import KokunenError, Unavailable
from etl.edge import failpoint
from etl.platform import postgres
from etl.site import Site
from tests.faults import crash
from tests.faults.crash import NEXT, THIRD

JOBS = {
    "juki_daily": NEXT,
    "kikou_kekka": NEXT,
    "kokuho_monthly": "2025-09",
    "juki_shoukai_daily": NEXT,
    "shotoku_kaitou_daily": THIRD,
}
PREPARE = {"shotoku_kaitou_daily": crash.answered, "kokuho_monthly": crash.agreed}
LOAD = ("rows sent", "rows entered", "before commit", "committed")
POINTS = (
    [("juki_daily", p) for p in LOAD]
    + [("kikou_kekka", p) for p in LOAD if p != "rows sent"]
    + [("kokuho_monthly", p) for p in ("release recorded", "manifest placed")]
    + [("juki_shoukai_daily", p) for p in ("manifest placed",)]
    + [("shotoku_kaitou_daily", p) for p in ("rows entered", "before commit", "committed", "pages recorded", "forms printed")]
)


def _but(picture: dict[str, Any], *parts: str) -> dict[str, Any]:
    return {k: v for k, v in picture.items() if k not in parts}


@pytest.fixture(scope="module")
def undisturbed(states: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    found = {}
    for job, period in JOBS.items():
        with crash.copied(states(PREPARE.get(job)), tmp_path_factory.mktemp(job) / "home") as site:
            crash.run(job, period)(site)
            found[job] = crash.picture(site)
    return found


@pytest.mark.parametrize(("job", "point"), POINTS)
def test_接続が切れても再実行で同じ結果になる(
    copies: crash.Copies, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, job: str, point: str
) -> None:
    with copies(PREPARE.get(job)) as site:
        seen = crash.at(monkeypatch, point, lambda: crash.terminate(site))
        error = kit.run(site, job, JOBS[job])["error"]
        assert point in seen
        assert error is None or (isinstance(error, Unavailable) and error.exit_status == 13), error
        assert error is not None or point == "committed"
        crash.assert_sound(site)
        crash.run(job, JOBS[job])(site)
        crash.same_as(site, undisturbed[job])


@pytest.mark.parametrize(("job", "point"), [("juki_daily", "rows entered"), ("kokuho_monthly", "release recorded")])
def test_サーバーが落ちても起動し直せば同じ結果になる(
    copies: crash.Copies, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, house: Path, job: str, point: str
) -> None:
    with copies(PREPARE.get(job)) as site:
        crash.at(monkeypatch, point, lambda: crash.kill_server(site))
        with pytest.raises(Unavailable):
            kit.run(site, job, JOBS[job])
        postgres.ensure(house)
        crash.run(job, JOBS[job])(site)
        crash.same_as(site, undisturbed[job])


LAST = {"juki_daily": "before commit", "kokuho_monthly": "manifest placed", "juki_shoukai_daily": "manifest placed"}


@pytest.mark.parametrize(("job", "point"), LAST.items())
def test_確定の返事だけが失われても二度は反映しない(
    copies: crash.Copies, undisturbed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, job: str, point: str
) -> None:
    """F06: the server has committed, the client never hears of it."""
    with copies(PREPARE.get(job)) as site:
        commit = site.engine.dialect.do_commit
        armed: list[str] = []
        lost: list[str] = []

        def deaf(connection: Any) -> None:
            commit(connection)
            if armed and not lost:
                lost.append(point)
                connection.driver_connection.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(site.engine.dialect, "do_commit", deaf)
        monkeypatch.setattr(failpoint, "reached", lambda name: armed.append(name) if name == point else None)
        error = kit.run(site, job, JOBS[job])["error"]
        assert lost == [point] and isinstance(error, Unavailable) and error.code == "NP-1020"
        if job != "kokuho_monthly":  # there the second file is still to come
            assert _but(crash.picture(site), "archive") == _but(undisturbed[job], "archive")
        again = kit.run(site, job, JOBS[job])
        assert again["error"] is None
        assert [f["outcome"] for f in again["files"]] == ["duplicate"] * (job == "juki_daily")
        crash.same_as(site, undisturbed[job])


def _decide(site: Site) -> None:
    approve.decide(site, "idou", None, "shounin01")


def _teisei(site: Site) -> None:
    kit.juki(site, [{"atena_no": kit.no(1)}], on=kit.DAY, seq=1, version=2, kubun="1")
    crash.run("juki_daily", kit.DAY)(site)


WITHOUT_RECORD: dict[str, Callable[[Site], Any]] = {
    "住基の取込": crash.run("juki_daily", NEXT),
    "受付の取込": crash.run("uketsuke_daily", NEXT),
    "処理結果の取込": crash.run("kikou_kekka", NEXT),
    "月次の移転": crash.run("kokuho_monthly", "2025-09"),
    "住基照会": crash.run("juki_shoukai_daily", NEXT),
    "所得回答の取込": crash.run("shotoku_kaitou_daily", THIRD),
    "承認": _decide,
    "訂正の起案": _teisei,
}


# whoever writes an event, the job itself or a function that decides for it
REFUSE = """
    create function audit.refuse() returns trigger language plpgsql
        as $$ begin raise insufficient_privilege; end $$;
    create trigger refuse before insert on audit.event for each row execute function audit.refuse();
"""


def _manifests(site: Site) -> list[str]:
    return [n for n in crash.outbox(site) if n.endswith(".end")]


def test_記録が書けなければ何も変わらない(copies: crash.Copies, owner_url_of: Callable[[Site], str]) -> None:
    """F28: no event, no change. What was placed for a transfer that cannot be recorded has no manifest, so it is not sent."""
    with copies() as site:
        crash.run("juki_daily", NEXT)(site)
        crash.answered(site)
        kit.uketsuke(site, [{"uketsuke_no": kit.no(3), "atena_no": kit.no(6)}], on=NEXT, seq=3)
        kit.juki(site, [{"atena_no": kit.no(7), "rireki_no": 2, "idou_jiyu_code": "41"}], on=NEXT, seq=3)
        crash.agreed(site)
        with psycopg.connect(owner_url_of(site)) as owner:
            owner.execute(REFUSE)
        before, sent, kept = _but(crash.picture(site), "outbox", "archive"), _manifests(site), crash.archived(site)
        for about, work in WITHOUT_RECORD.items():
            with pytest.raises((KokunenError, AssertionError)) as raised:
                work(site)
            assert "NP-1022" in str(raised.value) and "42501" in str(raised.value), about
            assert _but(crash.picture(site), "outbox", "archive") == before, about
            assert set(kept) <= set(crash.archived(site)), "what lies in the inbox stays there"
        assert _manifests(site) == sent
