"""The office of the tests: a real PostgreSQL and a real Airflow, started as ``kokunen up`` does, and its users over REST."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import kit
import psycopg

from demo import people
from demo.rest import Client
from etl.core.mapping import registry
from etl.platform import listen, postgres
from etl.shokuin import gamen, proof, register
from etl.shokuin.entries import Entry
from etl.site import Site, open_site

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "golden" / "samples"
EXPECTED = json.loads((SAMPLES / "expected_counts.json").read_text(encoding="utf-8"))
DAYS = [d["business_day"] for d in EXPECTED["days"]]
BY_COMMAND = DAYS[3:5]  # the others go through the scheduler
JOBS = tuple(registry.jobs())
DAGS = (*JOBS, "shounin")
SERVE = """
import sys
from pathlib import Path
from demo import people
from demo.month import BY_HAND
from etl.platform import postgres
from etl.service import up
from etl.site import init

home = Path(sys.argv[1])
people.enter(init(home))
postgres.stop(home)
up(home, **BY_HAND)
"""


@dataclass
class Office:
    """``process`` is the supervisor; ``runs`` what was started, (dag, period) -> Airflow run ids in order; ``commanded`` -> ids of our own runs."""

    home: Path
    process: subprocess.Popen[str]
    site: Site
    clients: dict[str, Client]
    runs: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    commanded: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def operator(self) -> Client:
        return self.clients["sousa01"]

    @property
    def approver(self) -> Client:
        return self.clients["shounin01"]

    def start(self, dag: str, period: str, reason: str | None = "試験", user: str = "sousa01") -> str:
        run = self.clients[user].trigger(dag, period, reason)
        self.runs.setdefault((dag, period), []).append(run)
        return run

    def run(self, dag: str, period: str, reason: str | None = "試験") -> str:
        """Start a run and wait for its end. Returns its state."""
        return self.operator.wait(dag, self.start(dag, period, reason))

    def night(self, period: str, dag: str = "juki_daily") -> str:
        """A run to its end, which waits for no approval. Returns the Airflow run id."""
        run = self.start(dag, period)
        assert self.operator.wait(dag, run) == "success"
        if asked := self.operator.asked(dag, run):
            self.operator.wait("shounin", asked, task="approval", states=("awaiting_input",))
        return run

    def approve(self, dag: str, run: str) -> str:
        """The approver's yes to what this run let wait, if anything; when Airflow had not noticed yet that the task waits, it asks again.
        Returns the state of the run that asked."""
        self.operator.wait(dag, run)
        asked = self.operator.asked(dag, run)
        if not asked:
            return "success"
        deadline = time.monotonic() + 120
        while (state := self.operator.run("shounin", asked)["state"]) in ("queued", "running") and time.monotonic() < deadline:
            if self.operator.tasks("shounin", asked).get("approval") == "awaiting_input":
                assert self.approver.answer(asked, "承認する", "確認した")[0] in (200, 409)
            time.sleep(0.5)
        return state

    def by_command(self, day: str, *jobs: str) -> None:
        """The same without Airflow."""
        for job in jobs:
            done = kit.run(self.site, job, day, reason="命令行から")
            assert done["error"] is None, done["error"]
            self.commanded[job, day] = done["run_id"]

    def kokunen_run(self, dag: str, run: str) -> str:
        """The id of our own run."""
        return self.operator.xcom(dag, run, "start")

    def log(self, dag: str, run: str, task: str, attempt: int = 1) -> str:
        path = f"/dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}/logs/{attempt}"
        return json.dumps(self.operator.get(path), ensure_ascii=False)

    def mark(self, dag: str, run: str, task: str, state: str) -> tuple[int, Any]:
        return self.operator.call("PATCH", f"/dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}", {"new_state": state})

    def clear(self, dag: str, run: str, task: str) -> None:
        body = {"dry_run": False, "dag_run_id": run, "task_ids": [task], "only_failed": False, "include_downstream": True}
        self.operator.post(f"/dags/{dag}/clearTaskInstances", body)

    def bring(self, day: str) -> None:
        """The sample's files of one day, into the inbox."""
        for folder in (SAMPLES / "inbox").iterdir():
            (self.site.inbox / folder.name).mkdir(exist_ok=True)
            for path in folder.glob(f"*_{day.replace('-', '')}*"):
                shutil.copy(path, self.site.inbox / folder.name)

    def healthy(self, seconds: float = 60) -> bool:
        """Whether every component is well again within ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status, health = self.operator.call("GET", "/monitor/health")
            if status == 200 and {health[c]["status"] for c in ("metadatabase", "scheduler", "dag_processor")} == {"healthy"}:
                return True
            time.sleep(0.5)
        return False

    def pid(self, component: str) -> int:
        return json.loads((self.home / "airflow" / "running.json").read_text())[component][0]


def open_office(home: Path, **env: str) -> Office:
    """Everything up; raises when it does not come up in two minutes."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(home)], text=True, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True,
        env={**os.environ, "KOKUNEN_HOME": str(home), "KOKUNEN_RETRY_SECONDS": "3", "KOKUNEN_PORT": str(postgres.free_port()), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **env},
    )  # fmt: skip
    try:
        return _opened(home, process)
    except BaseException:  # nothing is left running when it does not come up
        process.send_signal(signal.SIGINT)
        process.wait(60)
        postgres.stop(home)
        raise


def _opened(home: Path, process: subprocess.Popen[str]) -> Office:
    assert process.stdout
    for line in process.stdout:  # ends when the process does
        if "Ctrl-C" in line:
            break
    assert process.poll() is None, "Airflow did not come up"
    here, site = listen.listening(home), open_site(home)
    trusted = ssl.create_default_context(cafile=here.cert) if here.cert else None
    words = people.enter(site) | {"sagyou01": join(site, "sagyou01", "作業者", order_no="契約1", until_on=date(2099, 3, 31))}
    office = Office(home, process, site, {user: Client(here.address, user, word, trusted) for user, word in words.items()})
    deadline = time.monotonic() + 60
    while office.operator.get("/dags")["total_entries"] < len(DAGS) and time.monotonic() < deadline:
        time.sleep(0.3)
    return office


def join(site: Site, user: str, *roles: str, **more: Any) -> str:
    """Somebody new, while the pages are up; the password. Who may log in follows the register at once."""
    word = secrets.token_urlsafe(12)
    register.enter(site, "kanri01", "kanri02", Entry(user, people.UNIT, roles, people.FROM, **more), "試験")
    proof.set_password(site, "kanri01", user, word, "試験")
    gamen.sync(site)
    return word


def events(site: Site, operation: str) -> list[tuple[str, str, str]]:
    """(職員, 端末, what) of the chain, in order."""
    with psycopg.connect(postgres.urls(site.home)["owner"]) as owner:
        return owner.execute(
            "select user_name, terminal, object from audit.event where operation = %s order by event_id", (operation,)
        ).fetchall()


def close_office(office: Office) -> None:
    """Ctrl-C."""
    office.site.engine.dispose()
    if office.process.poll() is None:
        office.process.send_signal(signal.SIGINT)
        office.process.wait(60)
    if office.process.stdout:
        office.process.stdout.close()
    postgres.stop(office.home)
