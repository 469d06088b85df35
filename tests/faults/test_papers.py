"""紙と記録: no list, notice, reproduction or form without its record; what was cut off is finished or said; what was given is never given again."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kit
import psycopg
import pytest
from kit import DAY, no

from etl import approve, ichiran, jobs, shinseisho
from etl import run as runs
from etl.core.errors import KokunenError, Refused
from etl.core.receipts import Loaded
from etl.core.states import Operation
from etl.door import numbers, papers
from etl.site import Site
from tests.faults import crash
from tests.faults.crash import NEXT, THIRD


def listed(site: Site, name: str = "uketsuke_shoribo") -> Any:
    run_id = runs.start(site, "ichiran", str(NEXT), "sousa01", "随時", business_on=NEXT, as_known_at=None, run_key=None)
    return ichiran.make(site, runs.get(site, run_id), name, NEXT, NEXT)


def affected(site: Site) -> None:
    """An approval that changes a month that was handed over."""
    crash.agreed(site)
    crash.run("kokuho_monthly", "2025-09")(site)
    crash.run("juki_daily", NEXT)(site)


def reproduced(site: Site) -> Any:
    return kit.run(site, "kokuho_monthly", "2025-09", as_known_at=runs.now())


def notified(site: Site) -> Any:
    """The run goes on from what it has, as a task that is tried again does."""
    run_id = jobs.start(site, "shotoku_kaitou_daily", str(THIRD), "sousa01", None, run_key="scheduled__3")
    for step in ("land", "load") if not runs.receipt(site, run_id, Loaded) else ():
        jobs.step(site, run_id, step)
    jobs.step(site, run_id, "notify")


def code_of(work: Callable[[Site], Any], site: Site) -> str | None:
    """What stopped it."""
    try:
        done = work(site)
    except KokunenError as error:
        return error.code
    return done["error"] and done["error"].code


def differing(site: Site) -> None:
    """A month that was handed over, and that a decision has changed since; in it is one 資格 without a 宛名."""
    affected(site)
    approve.decide(site, "idou", None, "shounin01")


def proposed(site: Site) -> Any:
    return kit.run(site, "kokuho_monthly", "2025-09", reason="資格の変更")


WORKS: dict[str, tuple[Callable[[Site], Any] | None, Callable[[Site], Any], Operation]] = {
    "一覧": (None, listed, Operation.ICHIRAN),
    "再現": (None, reproduced, Operation.SAIGEN),
    "受入結果通知": (crash.answered, notified, Operation.TSUCHI),
    "差分一覧・保留一覧": (differing, proposed, Operation.ITEN_KIAN),
    "影響する移転一覧": (affected, lambda site: approve.decide(site, "idou", None, "shounin01"), Operation.ICHIRAN),
}


def everything(site: Site) -> set[str]:
    """What lies in the outbox, and aside."""
    tops = (site.outbox, site.home / "aside")
    return {p.relative_to(site.home).as_posix() for top in tops for p in top.rglob("*") if p.is_file()}


def lying(site: Site) -> set[str]:
    """The same without the sheets of runs, which show nobody."""
    return {name for name in everything(site) if not name.startswith(("outbox/shori_kekka/", "outbox/teisei_irai/"))}


def hashes(site: Site, operation: Operation) -> set[str]:
    """What the chain of records says of papers."""
    said = [json.loads(row["counts"]).get("sha256") for row in _events(site, operation)]
    return {one for several in said for one in ([several] if isinstance(several, str) else several or [])}


def _events(site: Site, operation: Operation) -> list[dict[str, Any]]:
    return [{"counts": r[0]} for r in kit.query(site, "select counts from audit.event where operation = :o", o=str(operation))]


@pytest.mark.parametrize("what", WORKS)
def test_記録ができなければ紙もない(copies: crash.Copies, owner_url_of: Callable[[Site], str], what: str) -> None:
    prepare, work, operation = WORKS[what]
    with copies(prepare) as site:
        before, told = lying(site), hashes(site, operation)
        with psycopg.connect(owner_url_of(site)) as owner:  # the event is impossible
            owner.execute(f"alter table audit.event add constraint never check (operation <> '{operation}') not valid")
        assert code_of(work, site) == "NP-1022"
        assert lying(site) == before
        with psycopg.connect(owner_url_of(site)) as owner:
            owner.execute("alter table audit.event drop constraint never")
        work(site)
        made = lying(site) - before
        assert made and not any(name.startswith("aside/") for name in made)
        assert hashes(site, operation) - told == {_sha256(site.home / name) for name in made}


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def points(site: Site, work: Callable[[Site], Any], wanted: str) -> None:
    """A child doing ``work`` is killed at the first failpoint of this name."""

    def doing() -> None:
        from etl.edge import failpoint

        failpoint.reached = lambda name: os.kill(os.getpid(), signal.SIGKILL) if name == wanted else None  # type: ignore[assignment]
        work(crash.fresh(site))

    site.engine.dispose()
    assert crash.in_child(doing)[0] == -signal.SIGKILL


@pytest.mark.parametrize("what", WORKS)
def test_記録の後に落とされたら_次の命令が置く(copies: crash.Copies, what: str) -> None:
    prepare, work, operation = WORKS[what]
    with copies(prepare) as site:
        before, told = lying(site), hashes(site, operation)
        points(site, work, "papers recorded")
        aside = lying(site) - before
        assert aside and all(name.startswith("aside/") for name in aside)
        papers.tidy(site)
        made = lying(site) - before
        assert len(made) == len(aside) and hashes(site, operation) - told == {_sha256(site.home / name) for name in made}
        papers.tidy(site)
        assert lying(site) - before == made


def test_置いた直後に落とされても_二度は置かず_失われたとも言わない(
    copies: crash.Copies, capsys: pytest.CaptureFixture[str]
) -> None:
    with copies() as site:
        before = lying(site)
        points(site, listed, "papers placed")
        made = lying(site) - before
        papers.tidy(site)
        assert lying(site) - before == made and capsys.readouterr().err == ""


ONCE = kit.table("""
| 事例                               | 紙               | 止めた所          | もう一度した数 |
|------------------------------------|------------------|-------------------|----------------|
| 受け入れた直後                     | 受入結果通知     | committed         | 1              |
| 受け入れた後、通知の前             | 受入結果通知     | load done         | 1              |
| 通知の記録の後                     | 受入結果通知     | papers recorded   | 1              |
| 通知を置いた後                     | 受入結果通知     | notify done       | 1              |
| 隔離のあるファイルを受け入れた直後 | 隔離・注意一覧   | committed         | 2              |
| その一覧の記録の後                 | 隔離・注意一覧   | papers recorded   | 2              |
| その一覧を置いた後                 | 隔離・注意一覧   | papers placed     | 2              |
| 処理結果表の後                     | 隔離・注意一覧   | report done       | 2              |
| 起案と差分一覧の記録の後           | 差分一覧         | papers recorded   | 2              |
| 差分一覧を置いた後                 | 差分一覧         | papers placed     | 2              |
| 起案を終えた後                     | 差分一覧         | build done        | 2              |
| 保留一覧も                         | 保留一覧         | papers recorded   | 2              |
| 承認の記録の前                     | 影響する移転一覧 | approvals written | 1              |
| 承認と一覧の記録の後               | 影響する移転一覧 | papers recorded   | 1              |
""")
AGAIN: dict[str, tuple[Callable[[Site], Any] | None, Callable[[Site], Any]]] = {
    "受入結果通知": (crash.answered, lambda site: kit.run(site, "shotoku_kaitou_daily", THIRD)),
    "差分一覧": (differing, proposed), "保留一覧": (differing, proposed),
    "影響する移転一覧": (affected, lambda site: approve.decide(site, "idou", None, "shounin01")),
    "隔離・注意一覧": (None, lambda site: kit.run(site, "juki_daily", NEXT)),
}  # fmt: skip


@pytest.mark.parametrize("case", ONCE, ids=[c["事例"] for c in ONCE])
def test_何処で止まっても_もう一度すれば紙は一度だけある(copies: crash.Copies, case: dict[str, str]) -> None:
    """The work once more, as a person does it: a new run, not the tasks of the old one."""
    prepare, work = AGAIN[case["紙"]]
    with copies(prepare) as site:
        before = everything(site)
        points(site, work, case["止めた所"])
        for _ in range(2):
            work(site)
            made = everything(site) - before
            assert len([name for name in made if case["紙"] in name]) == int(case["もう一度した数"])
            assert not any(name.startswith("aside/") for name in made)


@pytest.mark.parametrize("what", ["受入結果通知", "差分一覧"])
def test_置く前に失われた紙は_もう一度すれば作り直される(
    copies: crash.Copies, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    prepare, work = AGAIN[what]
    with copies(prepare) as site:
        before = lying(site)
        points(site, work, "papers recorded")
        shutil.rmtree(site.home / "aside")
        work(site)
        assert "[NP-2107]" in capsys.readouterr().err
        assert len([name for name in lying(site) - before if what in name]) == (1 if what == "受入結果通知" else 2)


def test_記録の前に落とされたら_次の命令が捨てる(copies: crash.Copies) -> None:
    def killed() -> None:
        ichiran.record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        listed(crash.fresh(site))

    with copies() as site:
        before = lying(site)
        site.engine.dispose()
        assert crash.in_child(killed)[0] == -signal.SIGKILL
        assert lying(site) != before
        papers.tidy(site)
        assert lying(site) == before and hashes(site, Operation.ICHIRAN) == set()


def test_書いている最中の紙は_ほかの命令が捨てない(copies: crash.Copies) -> None:
    with copies() as site, site.session() as session:
        run = runs.get(
            site, runs.start(site, "ichiran", str(DAY), "sousa01", "x", business_on=DAY, as_known_at=None, run_key=None)
        )
        with papers.recorded(session, site) as sheaf:
            paper = sheaf.put(run, site.outbox / "ichiran" / "x.xlsx", b"list")
            assert papers.finish(crash.fresh(site)) == [] and paper.aside.exists()
        assert paper.path.read_bytes() == b"list" and not paper.aside.exists()


def test_記録した紙が失われたら_一度だけ言う(copies: crash.Copies, capsys: pytest.CaptureFixture[str]) -> None:
    with copies() as site:
        points(site, listed, "papers recorded")
        shutil.rmtree(site.home / "aside")
        papers.tidy(site)
        said = capsys.readouterr().err
        assert said.count("[NP-2107]") == 2 and "ichiran/2025-09-25/" in said
        papers.tidy(site)
        assert capsys.readouterr().err == ""


def test_同じ名前の別の再現は_前のものを書き換えない(copies: crash.Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    with copies() as site, site.session() as session:
        run = runs.get(site, kit.run(site, "juki_daily", DAY)["run_id"])
        at, found = site.outbox / "x" / "A.dat", []
        for content in (b"1", b"2", b"1", b"3"):
            with papers.recorded(session, site) as sheaf:
                found.append(sheaf.put(run, at, content, anew=True).path.name)
        assert found == ["A.dat", "A_2.dat", "A.dat", "A_3.dat"] and at.read_bytes() == b"1"


# ---- a database that was restored ------------------------------------------------------------------------------------------


@contextmanager
def restored(site: Site, tmp_path: Path, work: Callable[[Site], Any]) -> Iterator[Site]:
    """``work`` was done, then the database of before it was restored; the folders stay."""
    with crash.copied(site, tmp_path / "before") as before:
        work(site)
        yield Site(home=site.home, url=before.url)


def questions(site: Site, day: Any, number: int) -> Any:
    """Somebody new applies, so that there is something to ask."""
    kit.uketsuke(site, [{"uketsuke_no": no(number), "atena_no": no(60 + number)}], on=day, seq=number)
    crash.run("uketsuke_daily", day)(site)
    return kit.run(site, "juki_shoukai_daily", day)


def seqs(site: Site) -> list[int]:
    return [seq for (seq,) in kit.query(site, "select seq from ledger.output where dataset = 'juki_shoukai' order by output_id")]


def collect(site: Site) -> None:
    shutil.rmtree(site.outbox / "juki_shoukai")


def test_戻したデータベースも_持ち去られた番号を二度と使わない(copies: crash.Copies, tmp_path: Path) -> None:
    with copies() as site, restored(site, tmp_path, lambda s: questions(s, NEXT, 1)) as old:
        collect(site)
        assert questions(old, THIRD, 2)["error"] is None and seqs(old) == [2]


def test_持ち去られていなければ_人が見るまで止まる(copies: crash.Copies, tmp_path: Path) -> None:
    with copies() as site, restored(site, tmp_path, lambda s: questions(s, NEXT, 1)) as old:
        error = questions(old, THIRD, 2)["error"]
        assert isinstance(error, Refused) and error.code == "NP-2102"


def test_持ち去られた月のファイルは_同じ名前で別の内容では出さない(copies: crash.Copies, tmp_path: Path) -> None:
    def month(site: Site) -> None:
        crash.agreed(site)
        crash.run("kokuho_monthly", "2025-09")(site)

    with copies() as site, restored(site, tmp_path, month) as old:
        for dataset in ("kokuho_shikaku_hoken", "kokuho_shikaku_shunou"):
            shutil.rmtree(site.outbox / dataset)
        crash.run("juki_daily", NEXT)(old)
        approve.decide(old, "idou", None, "shounin01")
        crash.agreed(old)
        error = kit.run(old, "kokuho_monthly", "2025-09")["error"]
        assert isinstance(error, Refused) and error.code == "NP-2108"
        assert not list(site.outbox.rglob("KOKUHO*.dat"))


def test_刷った番号は二度と使わず_刷ったものを書き換えない(copies: crash.Copies, tmp_path: Path) -> None:
    def printed(site: Site) -> list[Path]:
        run_id = runs.start(site, "shinseisho", str(NEXT), "sousa01", "x", business_on=NEXT, as_known_at=None, run_key=None)
        return [Path(m.path) for m in shinseisho.of_applications(site, runs.get(site, run_id), [no(2)])]

    with copies(crash.applied) as site:
        before: list[Path] = []
        with restored(site, tmp_path, lambda s: before.extend(printed(s) + printed(s))) as old:
            kept = [p.read_bytes() for p in before]
            (third,) = printed(old)
            assert [p.stem[-6:] for p in (*before, third)] == ["000001", "000002", "000003"]
            assert [p.read_bytes() for p in before] == kept
        with restored(site, tmp_path / "again", lambda s: None) as old:  # and with the shelf emptied
            shutil.rmtree(site.outbox / "shinseisho")
            assert numbers.highest(old, "shinseisho") == 3
