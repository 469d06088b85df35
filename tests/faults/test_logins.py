"""接続の鍵: each log-in's password lies in a folder of its own, moved there from where it lay before, whatever stops the move."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from etl.core.errors import Unavailable
from etl.edge import modes
from etl.platform import databases, logins, postgres
from etl.site import Site, init
from tests.faults import crash

ALL = (*databases.ROLES, logins.ADMIN)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_役割ごとに分かれ_本人だけが読める(house: Path) -> None:
    keys = house / "keys"
    assert sorted(p.name for p in (keys / "db").iterdir()) == sorted(ALL) and not list(keys.glob("pg-*"))
    assert {mode(keys / "db" / role) for role in ALL} == {0o700} and mode(keys / "db") == 0o700
    assert {mode(keys / "db" / role / "password") for role in ALL} == {0o600}
    assert len({logins.read(keys, role) for role in ALL}) == len(ALL)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """Keys as an installation of before has them."""
    keys = tmp_path / "keys"
    keys.mkdir()
    for role in ALL:
        (keys / f"pg-{role}.password").write_text(f"word of {role}")
    return keys


def test_前の置き場所からは_そのまま移る(before: Path) -> None:
    for _ in range(2):
        assert {role: logins.read(before, role) for role in ALL} == {role: f"word of {role}" for role in ALL}
        for role in ALL:
            logins.make(before, role)
    assert not list(before.glob("pg-*")) and {mode(before / "db" / role) for role in ALL} == {0o700}


@pytest.mark.parametrize("when", ["フォルダーを作る前", "移す前", "移した後"])
def test_移す途中で止められても_なくならない(before: Path, when: str) -> None:
    def killed() -> None:
        kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # noqa: E731
        rename = os.rename
        if when == "フォルダーを作る前":
            os.mkdir = kill  # type: ignore[assignment]
        else:
            os.rename = lambda *args: (when == "移した後" and rename(*args), kill())  # type: ignore[assignment]
        logins.place(before, "kokunen_app")

    assert crash.in_child(killed)[0] == -signal.SIGKILL
    assert logins.read(before, "kokunen_app") == "word of kokunen_app"


def test_戻された前のものは_今のものに勝たない(before: Path) -> None:
    logins.place(before, "kokunen_app")
    (before / "pg-kokunen_app.password").write_text("old")
    assert logins.read(before, "kokunen_app") == "word of kokunen_app"


def test_置き場所を移したinitの後も_同じパスワードで入れる(tmp_path: Path) -> None:
    """An installation of before, also one whose server does not run."""
    home = tmp_path / "home"
    try:
        url = init(home).url
        for role in ALL:
            logins.place(home / "keys", role).rename(home / "keys" / f"pg-{role}.password")
        shutil.rmtree(home / "keys" / "db")
        postgres.stop(home)
        assert not postgres.running(home) and init(home).url.rpartition("@")[0] == url.rpartition("@")[0]
        for url in postgres.urls(home).values():
            psycopg.connect(url).close()
    finally:
        postgres.stop(home)


# ---- another account ---------------------------------------------------------------------------------------------------------

NOBODY = 65534


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that every account may pass."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))  # noqa: S108
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def as_account(folder: Path, ours: list[Path]) -> None:
    """These paths are of the account that the process is from now on; where we cannot change it, the rest is closed to us."""
    if os.geteuid() == 0:
        for path in ours:
            os.chown(path, NOBODY, NOBODY)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    else:
        folder.chmod(0)


def test_ほかの利用者に預けた役割は_番号で断り_ほかは変わらない(elsewhere: Path) -> None:
    keys = elsewhere / "keys"
    for role in ("kokunen_app", "kokunen_decide"):
        keys.mkdir(exist_ok=True)
        logins.make(keys, role)

    def work() -> None:
        ours = keys / "db" / "kokunen_app"
        as_account(keys / "db" / "kokunen_decide", [keys, keys / "db", ours, ours / "password"])
        assert logins.read(keys, "kokunen_app") and logins.known(keys, "kokunen_app") and not logins.known(keys, "kokunen_decide")
        with pytest.raises(Unavailable) as refused:
            Site(elsewhere, "postgresql://kokunen_app:x@127.0.0.1:1/kokunen").url_of("decide")
        assert (refused.value.code, refused.value.item) == ("NP-1092", "kokunen_decide")
        logins.make(keys, "kokunen_decide")
        assert modes.close(elsewhere) == []

    assert crash.in_child(work)[0] == 0
    if os.geteuid() != 0:
        (keys / "db" / "kokunen_decide").chmod(0o700)
    assert len(logins.read(keys, "kokunen_decide")) > 20


def test_開いた鍵は閉じる(tmp_path: Path) -> None:
    modes.prepare(tmp_path)
    logins.make(tmp_path / "keys", "kokunen_decide")
    opened = {"keys/db": 0o710, "keys/db/kokunen_decide": 0o750, "keys/db/kokunen_decide/password": 0o640}
    for name, wide in opened.items():
        (tmp_path / name).chmod(wide)
    assert len(modes.close(tmp_path)) == 3 and modes.close(tmp_path) == []
    assert [mode(tmp_path / name) for name in opened] == [0o700, 0o700, 0o600]
