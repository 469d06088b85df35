"""命令: 本物の命令行（別プロセス、自分のフォルダー・自分のサーバー）で、終了状態・JSON の形・誤りの言い方を確かめる。"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import kit
import psycopg
import pytest
from kit import DAY, no

from etl import approve
from etl.cli import main
from etl.cli.main import parser
from etl.core.errors import DefinitionError
from etl.core.mapping import registry
from etl.core.mapping.layout import arriving
from etl.platform import postgres
from etl.site import Site, open_site
from tests import people

ROOT = Path(__file__).resolve().parents[2]
COUNTS = {"data", "new", "updated", "unchanged", "quarantined", "out_of_scope"}
D2, D3 = date(2025, 9, 25), date(2025, 9, 26)


class Said(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        assert len(self.out.strip().splitlines()) == 1, "one object on stdout"
        return json.loads(self.out)


def by(args: tuple[str, ...]) -> dict[str, str]:
    """sousa01, unless a command says who."""
    return {} if "--as" in args else {"KOKUNEN_TOKEN": "token of sousa01"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("cli")
    yield home
    postgres.stop(home)


@pytest.fixture(scope="module")
def shell(home: Path) -> Callable[..., Said]:
    """``kokunen …`` as a process of its own."""

    def run(*args: str, **env: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "etl.cli", *args], cwd=ROOT, env={**os.environ, "KOKUNEN_HOME": str(home), **by(args), **env},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    return run


def typed(home: Path, *args: str) -> Said:
    """The same in this process: quicker, for what needs no process of its own. A process would end its connections, so they are ended."""
    out, err = io.StringIO(), io.StringIO()
    site: Site | None = None
    umask = os.umask(0o022)

    def opened() -> Site:
        nonlocal site
        site = open_site()
        return site

    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.MonkeyPatch.context() as patch:
        for name, value in {"KOKUNEN_HOME": str(home), **by(args)}.items():
            patch.setenv(name, value)
        patch.setattr("etl.cli.common.open_site", opened)
        try:
            status: Any = main(list(args))
        except SystemExit as ended:
            status = ended.code
    if site:
        site.engine.dispose()
    logging.disable(logging.NOTSET)
    os.umask(umask)
    return Said(status, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def here(home: Path) -> Callable[..., Said]:
    return lambda *args: typed(home, *args)


@pytest.fixture(scope="module")
def ready(home: Path, shell: Callable[..., Said], here: Callable[..., Said]) -> Iterator[tuple[Site, Said]]:
    """``init``, a migrated person, one night: the site and what the night's run said."""
    assert here("run", "juki_daily", "--period", "2025-09-24").status == 13  # before init
    assert shell("init").status == 0
    people.register(postgres.urls(home)["owner"])
    site = open_site(home)
    kit.ikou(site, "ikou_nenkin_kihon", [{"atena_no": no(n), "kiso_nenkin_no": kit.kiso(n)} for n in (1, 2)])
    shikaku = {"shubetsu_code": "1", "acquired_on": date(2015, 4, 1), "shutoku_jiyu_code": "01"}
    kit.ikou(site, "ikou_shikaku", [{"atena_no": no(n), "kiso_nenkin_no": kit.kiso(n), **shikaku} for n in (1, 2)])
    assert here("run", "ikou_once", "--period", str(DAY), "--as", "sousa01").status == 0
    leaves = {"rireki_no": 2, "idou_jiyu_code": "21", "idou_on": date(2025, 9, 20), "jumin_jotai_code": "2"}
    kit.juki(
        site,
        [{"atena_no": no(n), **more} for n in (1, 2) for more in ({}, leaves)] + [{"atena_no": no(9), "idou_jiyu_code": "41"}],
        seq=11,
    )
    yield site, shell("run", "juki_daily", "--period", str(DAY), "--as", "sousa01", "--reason", "日次処理", "--json")
    site.engine.dispose()


def test_実行のJSON(ready: tuple[Site, Said]) -> None:
    said = ready[1]
    assert said.status == 0
    found = said.json
    assert set(found) == {"run_id", "job", "period", "files", "outputs", "proposals"}
    assert (found["job"], found["period"], found["outputs"], found["proposals"]) == ("juki_daily", "2025-09-24", [], 2)
    (file,) = found["files"]
    assert set(file) == {"dataset", "name", "outcome", "code", "counts"}
    assert (file["dataset"], file["name"], file["outcome"], file["code"]) == (
        "juki_idou",
        "JUKIIDOU_141305_20250924_000011_01.dat",
        "accepted",
        None,
    )
    assert set(file["counts"]) == COUNTS
    assert file["counts"] == {"data": 5, "new": 2, "updated": 2, "unchanged": 0, "quarantined": 0, "out_of_scope": 1}


def test_もう一度は何も届いていないのではなく_もう一度届けば重複受信で0(
    ready: tuple[Site, Said], here: Callable[..., Said]
) -> None:
    said = here("run", "juki_daily", "--period", str(DAY), "--json")
    assert (said.status, said.json["files"]) == (0, []) and "届いていません" not in said.err
    name = ready[1].json["files"][0]["name"]
    kit.come_again(ready[0], name)
    said = here("run", "juki_daily", "--period", str(DAY), "--json")
    assert (said.status, said.json["files"][0]["outcome"], said.json["files"][0]["code"]) == (0, "duplicate", "NP-2023")
    assert "重複受信" in said.err


def test_何も来ていなければ0(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    said = here("run", "uketsuke_daily", "--period", "2025-09-24", "--json")
    assert (said.status, said.json["files"]) == (0, [])


def test_起案の一覧と承認(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    listed = here("approve", "idou", "--list", "--as", "shounin01", "--json")
    assert (listed.status, listed.json["proposals"], len(listed.json["items"])) == (0, 2, 2)
    ids = [item["id"] for item in listed.json["items"]]
    assert no(1) not in listed.out and "架空" not in listed.out
    own = here("approve", "idou", "--all", "--as", "sousa01")
    assert (own.status, "NP-2030" in own.err, "起案者と承認者が同じ" in own.err) == (12, True, True)
    unknown = here("approve", "idou", "--id", "99999", "--as", "shounin01")
    assert (unknown.status, "NP-2034" in unknown.err) == (12, True)
    one = here("approve", "idou", "--id", str(ids[0]), "--as", "shounin01", "--json")
    assert (one.status, one.json["approved"]) == (0, 1)
    rest = here("approve", "idou", "--all", "--as", "shounin01", "--json")
    assert (rest.status, rest.json["approved"]) == (0, 1)
    assert here("approve", "idou", "--list", "--json").json["proposals"] == 0


def test_月次のJSON(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    waits = here("run", "kokuho_monthly", "--period", "令和7年9月", "--as", "sousa01", "--json")  # the month is not over
    assert (waits.status, waits.json["outputs"], waits.json["proposals"]) == (0, [], 2)
    assert here("approve", "kokuho", "--all", "--as", "shounin01").status == 0
    said = here("run", "kokuho_monthly", "--period", "2025-09", "--json")
    assert said.status == 0 and [set(o) for o in said.json["outputs"]] == [{"dataset", "path", "rows", "sha256", "version"}] * 2
    for output in said.json["outputs"]:
        assert hashlib.sha256(Path(output["path"]).read_bytes()).hexdigest() == output["sha256"]
    again = here("run", "kokuho_monthly", "--period", "2025-09", "--as-known-at", "2025-01-01T00:00:00", "--json")
    assert (again.status, [o["rows"] for o in again.json["outputs"]]) == (0, [0, 0])


def test_今の状態(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    said, kinds = here("status", "--json"), registry.approvals()
    assert list(said.json) == [
        "persons_held", "shikaku_open", *(f"pending_{kind}" for kind in kinds), "juki_shoukai_open", "shotoku_shoukai_open",
        "quarantined_rows", "audit_events", "audit_head", "worklist", "runs", "postgres", "backup",
    ]  # fmt: skip
    assert (said.status, said.json["persons_held"], said.json["pending_idou"]) == (0, 2, 0)
    shown = here("status")
    assert set(said.json["postgres"]) == {"version", "source", "released_on", "days", "warning"}
    assert shown.out.count(f"PostgreSQL: {said.json['postgres']['version']}（同梱、") == 1
    assert shown.status == 0 and [f"未決裁（{about.label}）" in shown.out for about in kinds.values()] == [True] * len(kinds)


def test_業務データベースの接続先(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    with psycopg.connect(here("db", "url", "--password", "--as", "kanri01").out.strip()) as reader:
        assert reader.execute("select count(distinct atena_no) from pension.atena").fetchone() == (2,)


def test_提供元の誤りは10(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    """Code, Japanese sentence, file; the object still comes on stdout; nothing of the row's content on either."""
    site, _ = ready
    path = kit.juki(site, [{"atena_no": no(1), "rireki_no": 3}], on=D2, seq=12)
    end = Path(f"{path}.end")
    end.write_text(end.read_text().replace('"count": 1', '"count": 7').replace('"count":1', '"count":7'))
    said = here("run", "juki_daily", "--period", str(D2), "--json")
    assert (said.status, said.json["files"][0]["outcome"], said.json["files"][0]["code"]) == (10, "refused", "NP-1103")
    assert "[NP-1103]" in said.err and path.name in said.err and "7 件" in said.err
    assert "架空" not in said.err + said.out and no(1) not in said.err + said.out
    end.unlink()
    path.unlink()


def test_隔離した行は行と項目と種類を示し0(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    from etl.core.mapping.layout import layouts

    site, _ = ready
    data = bytearray(kit.juki_bytes([{"atena_no": no(1), "rireki_no": 3}], D2, 12))
    at = layouts()["juki_idou"].data.field("idou_on").slice
    data[822 + at.start : 822 + at.stop] = b"20250231"
    kit.put(site, "juki_idou", f"JUKIIDOU_141305_{D2:%Y%m%d}_000012_01.dat", bytes(data), 1)
    said = here("run", "juki_daily", "--period", str(D2), "--json")
    assert (said.status, said.json["files"][0]["counts"]["quarantined"]) == (0, 1)
    assert "行2" in said.err and "異動年月日 idou_on" in said.err and "20250231" not in said.err


def test_待ちは0(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    site, _ = ready
    kit.juki(site, [], on=D3, seq=14)
    said = here("run", "juki_daily", "--period", str(D3), "--json")
    assert (said.status, said.json["files"][0]["outcome"], said.json["files"][0]["code"]) == (0, "waiting", "NP-2021")


def test_判断が要るものは12(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    said = here("run", "juki_daily", "--period", str(DAY), "--reason", "000012345678 の件")
    assert (said.status, "NP-1002" in said.err) == (12, True)
    assert "000012345678" not in said.err


def test_定義の誤りは11(ready: tuple[Site, Said], here: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite of the dataset cannot be read."""
    from etl.core import errors
    from etl.core.suite import acceptance

    def broken(*_: Any) -> None:
        raise errors.DefinitionError("NP-3001", file="juki_idou.yaml", why="test")

    monkeypatch.setattr("etl.edge.suites.suite", broken)
    assert acceptance
    site, _ = ready
    kit.juki(site, [], on=D2, seq=13)
    said = here("run", "juki_daily", "--period", str(D2))
    assert (said.status, "NP-3001" in said.err) == (11, True)


def test_あとで試すものは13(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    from etl.edge import db

    site, _ = ready
    with site.session() as other, db.locked(other, "juki_idou"):
        said = here("run", "juki_daily", "--period", str(DAY))
    assert (said.status, "NP-1021" in said.err, "既に処理中" in said.err) == (13, True, True)


def test_承認した版はその命令で出る(ready: tuple[Site, Said], here: Callable[..., Said]) -> None:
    """A later month state: 処理事由 is asked for (12), then an approval; ``approve kokuho`` itself brings the files out."""
    site, _ = ready
    kit.insured(site, [{"atena_no": no(3), "kiso_nenkin_no": kit.kiso(3)}], on=date(2025, 9, 30))
    kit.juki(site, [{"atena_no": no(3)}], on=date(2025, 9, 30), seq=60, kubun="1")
    kit.run(site, "juki_daily", "2025-09-30")
    assert here("run", "kokuho_monthly", "2025-09").status == 2
    without = here("run", "kokuho_monthly", "--period", "2025-09", "--as", "sousa01")
    assert (without.status, "NP-1003" in without.err) == (12, True)
    made = here("run", "kokuho_monthly", "--period", "2025-09", "--as", "sousa01", "--reason", "資格の追加", "--json")
    assert (made.status, made.json["outputs"], made.json["proposals"]) == (0, [], 2)
    assert here("approve", "kokuho", "--list", "--json").json["proposals"] == 2
    assert here("approve", "kokuho", "--all", "--as", "sousa01").status == 12
    approve.decide(site, "kokuho", [approve.pending(site, "kokuho")[0].id], "shounin01")  # and then the command was killed
    left = here("status", "--json").json["unreleased"]
    assert [(u["kind"], u["name"][-6:]) for u in left] == [("kokuho", "02.dat")]
    assert f"承認済みで未出力  {left[0]['name']}" in here("status").out
    done = here("approve", "kokuho", "--all", "--as", "shounin01", "--json")
    assert (done.status, done.json["approved"]) == (0, 1)
    assert [(o["version"], Path(o["path"]).name[-6:]) for o in done.json["outputs"]] == [(2, "02.dat")] * 2
    assert "unreleased" not in here("status", "--json").json


def choices(command: str) -> list[str]:
    """What the first argument of a command may be."""
    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return next(list(a.choices) for a in commands.choices[command]._actions if not a.option_strings and a.choices)


def test_選べるものは登録簿のとおり() -> None:
    assert choices("run") == list(registry.jobs())
    assert choices("approve") == list(registry.approvals())
    assert choices("form") == [name for name, layout in arriving().items() if layout.file.form] != []


def test_登録簿の誤りは_どの命令でも11(here: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser's choices are made from the registries: also then no traceback."""

    def wrong() -> None:
        raise DefinitionError("NP-1101", file="jobs.yaml", why="test")

    monkeypatch.setattr(registry, "jobs", wrong)
    said = here("status")
    assert (said.status, said.out, "[NP-1101] jobs.yaml" in said.err, "Traceback" in said.err) == (11, "", True, False)


def test_市の定義が無ければ_どの命令でも11(tmp_path: Path, shell: Callable[..., Said]) -> None:
    """It is read before anything is parsed; where there are no definitions at all, the file that is missing is named."""
    empty = shell("status", KOKUNEN_DEFINITIONS=str(tmp_path))
    assert (empty.status, empty.out, empty.err) == (
        11,
        "",
        f"[NP-1101] 定義ファイルが読めません（{tmp_path}/mappings/errors.yaml）\n",
    )
    (shutil.copytree(ROOT / "mappings", tmp_path / "mappings") / "city.yaml").unlink()
    without = shell("status", KOKUNEN_DEFINITIONS=str(tmp_path))
    assert (without.status, without.out, "[NP-1101] city.yaml" in without.err, "Traceback" in without.err) == (
        11,
        "",
        True,
        False,
    )
