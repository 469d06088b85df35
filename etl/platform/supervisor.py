"""見張り: starts PostgreSQL and Airflow's components, restarts what died or hangs, and leaves no process behind.

Each component is the leader of a session of its own. Its workers and tasks stay in that session whatever process group they make,
so that the orphans of a killed scheduler are found and killed too. A component that runs without a heartbeat is as good as dead.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from etl.core.errors import Refused, Unavailable
from etl.edge import modes
from etl.platform import airflow, listen, postgres
from etl.platform.gamen import Person

START_SECONDS = 120  # a cold machine compiles its imports first
SILENT_SECONDS = 60  # without a heartbeat
LOOK = 3  # seconds: how often the register is looked at
HEALTH = {"scheduler": "scheduler", "dag-processor": "dag_processor"}  # component -> its name in monitor/health


class Supervisor:
    """One per home (a lock sees to it). ``launch``, then ``ready`` when everything is healthy; ``stop`` ends all that was started.

    ``people``: who may log in to the pages now, asked at the start. ``look``: done every few seconds (the register and the pages); what it
    says is written down."""

    def __init__(self, home: Path, people: Callable[[], Sequence[Person]], look: Callable[[], Iterable[str]], **settings: str):
        self.home, self.people, self.look, self.settings = home, people, look, settings
        self.place = airflow.folder(home)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.seen: dict[str, float] = {}  # component -> when it was last known to be well
        self.ending = threading.Event()
        self.set_back: list[str] = []  # roles and users that were otherwise than written
        self.lock: IO[str] | None = None
        self.address: int | None = None  # the port of PostgreSQL
        self.thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def launch(self) -> None:
        """Prepare and start the components. Refused NP-9002 when another supervisor runs for this home."""
        self.place.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.place / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Refused("NP-9002", item=self.home.name) from None
        self.lock = lock
        clean(self.home)
        listen.choose(self.home)
        self.set_back = airflow.prepare(self.home, self.people())
        for name in airflow.components(self.home):
            self._launch(name)

    def ready(self) -> None:
        """Wait until all is well, then watch over it. Unavailable NP-9001 when a component ends or does not get well."""
        deadline = time.monotonic() + START_SECONDS
        while not self._well().issuperset(airflow.components(self.home)):
            dead = [n for n, p in self.running.items() if p.poll() is not None]
            if dead or time.monotonic() > deadline:
                raise Unavailable("NP-9001", item=", ".join(dead) or "airflow", log=str(self.place))
            time.sleep(0.3)
        self.thread.start()

    def stop(self) -> None:
        """First politely, then not: no process of ours is left."""
        self.ending.set()
        if self.thread.is_alive():
            self.thread.join(timeout=30)
        end_sessions({p.pid for p in self.running.values()}, patience=8)
        for process in self.running.values():
            process.wait()
        if self.lock:
            (self.place / "running.json").unlink(missing_ok=True)
            self.lock.close()

    def health(self) -> dict[str, Any]:
        """The answer of monitor/health; {} while nobody answers."""
        return self._ask(f"{listen.listening(self.home).near}/api/v2/monitor/health")

    def _ask(self, address: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(address, timeout=5, context=listen.context(self.home)) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except (OSError, ValueError):
            return {}

    def _launch(self, name: str) -> None:
        with airflow.private(self.place / f"{name}.log") as out:
            self.running[name] = subprocess.Popen(
                airflow.command(self.home, name), env=airflow.environment(self.home, **self.settings), stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, cwd=self.place, start_new_session=True, umask=modes.UMASK,
            )  # fmt: skip
        self.seen[name] = time.monotonic() + START_SECONDS - SILENT_SECONDS
        _write(
            self.place / "running.json",
            {n: _identity(p.pid) for n, p in self.running.items()} | {"supervisor": _identity(os.getpid())},
        )

    def _well(self) -> set[str]:
        health = self.health()
        well = {name for name, key in HEALTH.items() if health.get(key, {}).get("status") == "healthy"}
        if "execution" in airflow.components(self.home) and self._ask(f"{listen.listening(self.home).tasks}/execution/health"):
            well.add("execution")
        return well | {"api-server"} if health else set()

    def _watch(self) -> None:
        """Once a second: the server, then the components; the heartbeats every fifth time. A failing restart is tried again."""
        turn = 0
        while not self.ending.wait(1):
            turn += 1
            try:
                if turn % 3 == 0 or any(p.poll() is not None for p in self.running.values()):
                    self._server()
                for name in [n for n, p in self.running.items() if p.poll() is not None]:
                    self._restart(name)
                if turn % 5 == 0:
                    self._heartbeats()
                if turn % LOOK == 0:
                    for line in self.look():
                        self.note(line)
            except Exception as error:
                self.note(f"{type(error).__name__}")

    def _server(self) -> None:
        """PostgreSQL answers; on another port than before (somebody took the old one) every component must know."""
        before, after = self.address, postgres.ensure(self.home).port
        self.address = after
        if before not in (None, after):
            for name in list(self.running):
                self._restart(name)

    def _heartbeats(self) -> None:
        now = time.monotonic()
        for name in self._well():
            self.seen[name] = max(now, self.seen[name])
        for name, when in list(self.seen.items()):
            if now - when > SILENT_SECONDS:
                self._restart(name)

    def _restart(self, name: str) -> None:
        """The whole session goes, not only its leader: idle workers of a dead scheduler never end by themselves."""
        if self.ending.is_set():
            return
        self.note(f"restart {name}")
        process = self.running[name]
        end_sessions({process.pid}, patience=0)
        process.wait()
        self._launch(name)

    def note(self, text: str) -> None:
        with airflow.private(self.place / "supervisor.log") as out:
            out.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}\n".encode())


def clean(home: Path) -> None:
    """End the components that a killed supervisor left behind (known by process id and start time)."""
    kept = airflow.folder(home) / "running.json"
    if kept.exists():
        known = json.loads(kept.read_text())
        known.pop("supervisor", None)
        end_sessions({pid for pid, started in known.values() if _is(pid, started) or not psutil.pid_exists(pid)}, patience=5)
        kept.unlink(missing_ok=True)


def supervisor_of(home: Path) -> int | None:
    """Process id of the supervisor that runs for ``home``, if any."""
    kept = airflow.folder(home) / "running.json"
    known = json.loads(kept.read_text()).get("supervisor") if kept.exists() else None
    return known[0] if known and _is(*known) else None


def end_sessions(leaders: set[int], patience: float) -> None:
    """SIGTERM to the leaders, after ``patience`` seconds SIGKILL to everything in their sessions."""
    if patience:
        for pid in leaders:
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while members(leaders) and time.monotonic() < deadline:
            time.sleep(0.1)
    while left := members(leaders):
        for pid in left:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.05)


def members(leaders: set[int]) -> set[int]:
    """Living processes in the sessions of ``leaders`` (a zombie does nothing any more)."""
    found = set()
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getsid(process.pid) in leaders and process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.pid)
    return found


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _identity(pid: int) -> tuple[int, float]:
    return pid, psutil.Process(pid).create_time()


def _is(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < 1
    except psutil.Error:
        return False


def _write(path: Path, content: dict[str, Any]) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(content))
    beside.replace(path)
