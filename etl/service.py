"""常駐: PostgreSQL, Airflow and its pages under one supervisor; ``up`` leaves them running in the foreground, ``down`` ends them."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from etl import asking, rights
from etl import run as runs
from etl import site as sites
from etl.backup import wal
from etl.core.errors import KokunenError
from etl.core.mapping import registry
from etl.platform import airflow, postgres
from etl.platform.supervisor import Supervisor, clean, supervisor_of
from etl.shokuin import gamen

FOLLOW_SECONDS = 5  # how long the page may show what was decided elsewhere
SEAL_SECONDS = 3  # how long a finished segment of WAL lies before it is encrypted into its place


def up(home: Path, **settings: str) -> None:
    """Everything in the foreground until Ctrl-C or SIGTERM."""
    with running(home, **settings) as supervisor:
        supervisor.launch()
        supervisor.ready()
        _how_to_open(home)
        for line in supervisor.set_back:
            print(f"【注意】{line}")
        _paused(home)
        print("止めるには Ctrl-C（別の端末からは make down）", flush=True)
        with suppress(KeyboardInterrupt):
            while not supervisor.ending.wait(FOLLOW_SECONDS):
                _follow(supervisor)
    print("止めました")


def _follow(supervisor: Supervisor) -> None:
    """The page's list follows our table; what cannot be asked now (the server is being restarted) is asked the next time."""
    site = sites.open_site(supervisor.home)  # anew each time: its server may have moved to another port
    try:
        asking.follow(site)
    except KokunenError as error:
        supervisor.note(f"{error.code} shounin")
    finally:
        site.engine.dispose()


def down(home: Path) -> None:
    """End what ``up`` or ``demo`` started for this home, also after their supervisor was killed."""
    pid = supervisor_of(home)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 40
        while supervisor_of(home) and time.monotonic() < deadline:
            time.sleep(0.2)
    clean(home)
    postgres.stop(home)


@contextmanager
def running(home: Path, **settings: str) -> Iterator[Supervisor]:
    """PostgreSQL and a supervisor; both end with the block, whatever ends it. A second Ctrl-C cannot cut the ending short."""
    already = postgres.running(home)
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C too: a shell's background job would ignore it
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    supervisor = None
    try:
        site = sites.init(home)
        supervisor = Supervisor(home, lambda: gamen.people(site), lambda: gamen.look(site), **settings)
        with _wal_sealed(home, supervisor.note):
            yield supervisor
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        if supervisor:
            supervisor.stop()
        if not already:
            postgres.stop(home)
            _seal(home)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _wal_sealed(home: Path, note: Callable[[str], None]) -> Iterator[None]:
    """For as long as the block lasts, WAL goes to its place; what keeps it from going is noted once, and tried again."""
    ending, told = threading.Event(), ""

    def follow() -> None:
        nonlocal told
        while not ending.wait(SEAL_SECONDS):
            code = _seal(home)
            if code not in ("", told):
                note(f"{code} wal")
            told = code

    thread = threading.Thread(target=follow, name="wal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(timeout=30)


def _seal(home: Path) -> str:
    """The code of what kept a segment from its place; empty: nothing did. It stays where it is, and the status tells of it."""
    try:
        wal.seal(home)
    except KokunenError as error:
        return error.code
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "EIO")
    return ""


def airflow_as(site: sites.Site, user: str, words: list[str]) -> NoReturn:
    """Airflow's own command line in the name of ``user``. Refused NP-1083."""
    with site.session() as session:
        rights.check(session, user, "airflow", runs.here())
    airflow.run(site.home, user, words)


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _paused(home: Path) -> None:
    """Jobs that will not run tonight; 移行 is off until somebody starts it."""
    for name, title in airflow.paused(home).items():
        if name in registry.jobs() and registry.jobs()[name].once:
            print(f"{title}（{name}）は止めてあります。画面から実行すると動きます。")
        else:
            print(f"【注意】{title}（{name}）は止まっています。動かすには: kokunen airflow dags unpause {name}")


def shown(home: Path) -> Path:
    """user -> role and password of the pages: a home of the synthetic city alone has it (``demo.people``)."""
    return home / "keys" / "demo-people.json"


def _how_to_open(home: Path) -> None:
    print(f"\n画面  {airflow.address(home)}\n")
    if shown(home).exists():
        for name, about in json.loads(shown(home).read_bytes()).items():
            print(f"  {about['role']}  利用者 {name:<10} パスワード {about['password']}")
        print()
    elif not gamen.people(sites.open_site(home)):
        print(
            "【注意】まだ職員が登録されていません。最初の管理者を作ってください: kokunen init --admin 名前（docs/手順書.md 1章）\n"
        )
