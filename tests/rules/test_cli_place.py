"""命令の足もと: 打たれた引数、置き場所、読む者。どれも番号で言い、ほかの利用者には閉じている。"""

from __future__ import annotations

import argparse
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kit
import pytest

from etl.cli.common import ward
from etl.core.errors import Refused
from etl.edge import modes
from etl.platform import postgres
from tests import people
from tests.rules.test_cli import typed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home as ``kokunen init`` leaves it."""
    home = tmp_path_factory.mktemp("cli") / "home"
    assert raw(home, "init", stdout=subprocess.PIPE).returncode == 0
    people.register(postgres.urls(home)["owner"])
    yield home
    postgres.stop(home)


WARDS = kit.table("""
| 事例           | 書き方     | 区     |
|----------------|------------|--------|
| コード         | 141313     | 141313 |
| 全角のコード   | １４１３１３ | 141313 |
| 名前           | 川崎区     | 141313 |
| 役所の名前     | 川崎区役所 | 141313 |
| 支所           | 大師支所   | 900001 |
| ない           | 999999     |        |
| 途中まで       | 川崎       |        |
| 空             |            |        |
""")


@pytest.mark.parametrize("case", WARDS, ids=[str(c["事例"]) for c in WARDS])
def test_受付区はコードでも名前でも書ける(case: dict[str, str | None]) -> None:
    if case["区"]:
        assert ward(case["書き方"] or "") == case["区"]
        return
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        ward(case["書き方"] or "")
    assert "その受付区はありません" in str(refused.value) and "141313 川崎区役所" in str(refused.value)


def raw(home: Path, *argv: bytes | str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Any bytes as arguments and settings."""
    setting = {os.fsencode(k): v for k, v in more.pop("setting", {}).items()}
    env = {**os.environb, b"KOKUNEN_HOME": os.fsencode(home), b"KOKUNEN_TOKEN": b"token of sousa01", **setting}
    command = [os.fsencode(sys.executable), b"-m", b"etl.cli", *map(os.fsencode, argv)]
    return subprocess.run(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, timeout=120, check=False, **more)


@pytest.mark.parametrize(("argv", "setting"), [
    ((b"run", b"juki_daily", b"--period", b"2025-09-24", b"--as", b"\xff\xfe"), {}),
    ((b"status",), {"KOKUNEN_USER": b"\xe5\xb7"}),
    ((b"\x80",), {}),
])  # fmt: skip
def test_UTF8でない引数や設定は_使い方の誤り(tmp_path: Path, argv: tuple[bytes, ...], setting: dict[str, bytes]) -> None:
    said = raw(tmp_path, *argv, setting=setting, stdout=subprocess.PIPE)
    assert (said.returncode, said.stdout) == (2, b"")
    assert "[NP-1001]" in said.stderr.decode() and b"Traceback" not in said.stderr


@pytest.mark.parametrize("argv", [("status",), ("init",), ("form", "kikou_kekka"), ("down",), ("db", "url")])
def test_KOKUNEN_HOMEがファイルなら_番号で言う(tmp_path: Path, argv: tuple[str, ...]) -> None:
    (tmp_path / "home").write_text("")
    said = typed(tmp_path / "home", *argv)
    assert (said.status, said.out, "[NP-1046]" in said.err) == (12, "", True)


def test_書けない所に置こうとすれば_番号で言う(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = typed(tmp_path / "file" / "home", "init")
    assert (said.status, "[NP-1026]" in said.err, "Traceback" in said.err) == (13, True, False)


def test_結果を読む者がいなくなっても_番号で言う(home: Path) -> None:
    """``kokunen status | head -0``, and a full disk behind ``>``."""
    reader, writer = os.pipe()
    os.close(reader)
    said = raw(home, "status", stdout=writer)
    os.close(writer)
    assert (said.returncode, said.stderr.decode().splitlines()[0][:9]) == (13, "[NP-1047]")
    with Path("/dev/full").open("wb") as full:
        said = raw(home, "status", "--json", stdout=full)
    assert (said.returncode, said.stderr.decode().splitlines()[0][:9], b"Exception" in said.stderr) == (13, "[NP-1047]", False)


def test_準備した場所はほかの利用者に閉じていて_開いていれば閉じて言う(home: Path) -> None:
    def mode(name: str) -> int:
        return stat.S_IMODE((home / name).stat().st_mode)

    def said(*argv: str) -> str:
        done = typed(home, *argv)
        assert done.status == 0
        return done.err

    assert said("list", "uketsuke_shoribo", "--period", "2025-09", "--as", "sousa01") == ""
    folders = {"inbox": 0o750, "outbox": 0o700, "keys": 0o700, "aside": 0o700}
    assert {name: mode(name) for name in folders} == folders and mode("outbox/ichiran") == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in (home / "keys").rglob("*") if p.is_file()} == {0o600}
    papers = [p for p in (home / "outbox").rglob("*") if p.is_file()]
    assert papers and {stat.S_IMODE(p.stat().st_mode) for p in papers} == {0o640}
    for name in (*folders, "keys/row-01.key"):
        (home / name).chmod(0o755)
    told = said("status")
    assert told.count("[NP-1033]") == 5 and "keys/row-01.key 0755→0600" in told
    assert {name: mode(name) for name in folders} == folders and mode("keys/row-01.key") == 0o600
    assert said("status") == ""


ALLOWED = kit.table("""
| フォルダー | 権限 | 後の権限 |
|------------|------|----------|
| inbox      | 0750 | 0750     |
| inbox      | 0730 | 0730     |
| inbox      | 0733 | 0750     |
| inbox      | 0751 | 0750     |
| outbox     | 0750 | 0750     |
| outbox     | 0770 | 0700     |
| outbox     | 0701 | 0700     |
| stage      | 0755 | 0700     |
| keys       | 0710 | 0700     |
| keys       | 0700 | 0700     |
| .          | 0711 | 0711     |
| .          | 0755 | 0755     |
| .          | 0775 | 0775     |
| .          | 0777 | 0775     |
| .          | 0733 | 0731     |
""")


@pytest.mark.parametrize("case", ALLOWED, ids=[f"{c['フォルダー']} {c['権限']}" for c in ALLOWED])
def test_誰に開けてよいかはフォルダーで違う(tmp_path: Path, case: dict[str, str]) -> None:
    folder = tmp_path / case["フォルダー"]
    folder.mkdir(exist_ok=True)
    folder.chmod(int(case["権限"], 8))
    assert bool(modes.close(tmp_path)) == (case["権限"] != case["後の権限"])
    assert f"{stat.S_IMODE(folder.stat().st_mode):04o}" == case["後の権限"]


@pytest.mark.parametrize("name", ["inbox", "outbox", "keys"])
def test_別の場所に置いてつないだフォルダーも閉じる(tmp_path: Path, name: str) -> None:
    home, elsewhere, strange = (tmp_path / n for n in ("home", "elsewhere", "strange"))
    for folder in (home, elsewhere, strange):
        folder.mkdir()
        folder.chmod(0o755)
    (home / name).symlink_to(elsewhere)
    (home / "other").symlink_to(strange)
    assert [said.split()[0] for said in modes.close(home)] == [name]
    assert [stat.S_IMODE(f.stat().st_mode) for f in (elsewhere, strange)] == [0o750 if name == "inbox" else 0o700, 0o755]


def test_閉じられなければ始めない(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_ours(*_: Any) -> None:
        raise PermissionError

    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(0o755)
    monkeypatch.setattr(Path, "chmod", not_ours)
    with pytest.raises(Refused) as refused:
        modes.close(tmp_path)
    assert (refused.value.code, refused.value.file, refused.value.facts) == ("NP-1034", "keys", {"mode": "0755"})


def test_入力票は準備の前にも作れる(tmp_path: Path) -> None:
    """It needs neither database nor keys."""
    said = typed(tmp_path, "form", "kikou_kekka")
    assert (said.status, said.err, len(list((tmp_path / "outbox" / "form").glob("*.xlsx")))) == (0, "", 1)
