"""Airflow: its settings (all by environment), its keys, its metadata database and its components.

``airflow/`` of the home holds its logs and little else. The components know the home, and never the address of the business
database: a task opens that itself (``etl.site``). Where the pages listen is the business of ``listen``; all else is on 127.0.0.1 only.
"""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, NoReturn

import psycopg

from etl.core.errors import Unavailable
from etl.core.mapping.city import ZONE
from etl.edge import atomic
from etl.edge.db import guarded
from etl.platform import gamen, postgres
from etl.platform.gamen import SET_BACK, Person
from etl.platform.listen import LOOPBACK, listening

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"
HOURS = 8  # a log-in holds for a working day
SETTINGS = {
    "CORE__EXECUTOR": "LocalExecutor",
    "CORE__PARALLELISM": "4",
    "CORE__LOAD_EXAMPLES": "False",
    "CORE__DEFAULT_TIMEZONE": ZONE.key,
    "CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",  # a new installation works tonight; 移行 says otherwise of itself
    "CORE__MAX_TEMPLATED_FIELD_LENGTH": "0",  # a rendered template may hold anything
    "CORE__MAX_ACTIVE_RUNS_PER_DAG": "100",  # a night that waits for its approval holds up no other
    "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",  # else a finished task keeps its slot for five seconds
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
    "SCHEDULER__CATCHUP_BY_DEFAULT": "False",
    "EXECUTION_API__JWT_EXPIRATION_TIME": "3600",
    "API__WORKERS": "1",
    "API__ENABLE_SWAGGER_UI": "False",
    "API__EXPOSE_CONFIG": "False",
    "API__EXPOSE_STACKTRACE": "False",
    "API_AUTH__JWT_EXPIRATION_TIME": str(HOURS * 3600),
    "FAB__CACHE_TTL": "5",  # seconds until the pages notice that somebody has left
    "FAB__SESSION_BACKEND": "database",  # so that a session can be ended
    "FAB__SESSION_MAX_LIFETIME_MINUTES": str(HOURS * 60),
    "FAB__COOKIE_SAMESITE": "Lax",
    "FAB__AUTH_RATE_LIMIT": "30 per 40 second",  # of one address, which an office may share; of one user ``dags/logins.py`` counts
    "FAB__AUTH_ROLE_PUBLIC": "",  # who has not logged in reads nothing
    "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
    "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
    "OPENLINEAGE__DISABLED": "True",
    "USAGE_DATA_COLLECTION__ENABLED": "False",
}


def folder(home: Path) -> Path:
    return home / "airflow"


def _secret(home: Path, name: str, fresh: str) -> str:
    path = home / "keys" / f"{name}.password"
    atomic.write(path, fresh.encode(), mode=0o600, once=True)
    return path.read_text()


def address(home: Path) -> str:
    """How the pages are opened."""
    return listening(home).address


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of every component. Nothing of the business database is in it."""
    fresh = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KOKUNEN_DATABASE", "KOKUNEN_TOKEN", "PG"))}
    fresh.pop("PYTHONDONTWRITEBYTECODE", None)  # else every task compiles its imports anew
    place, here = postgres.url(home, "kokunen_airflow").removeprefix("postgresql"), listening(home)
    settings = {
        **SETTINGS,
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2{place}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+psycopg_async{place}",
        "CORE__DAGS_FOLDER": str(DAGS),
        "CORE__PLUGINS_FOLDER": str(DAGS / "plugins"),
        "CORE__FERNET_KEY": _secret(home, "airflow-fernet", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()),
        "CORE__EXECUTION_API_SERVER_URL": f"{here.tasks}/execution/",
        "API__BASE_URL": here.address,
        "FAB__COOKIE_SECURE": str(bool(here.cert)),
        "FAB__SESSION_LIFETIME_MINUTES": str(here.idle),
        "API__SECRET_KEY": _secret(home, "airflow-session", secrets.token_urlsafe(64)),
        "API_AUTH__JWT_SECRET": _secret(home, "airflow-jwt", secrets.token_urlsafe(64)),
        **more,
    }
    return (
        fresh
        | {f"AIRFLOW__{k}": v for k, v in settings.items()}
        | {
            "AIRFLOW_HOME": str(folder(home)),
            "KOKUNEN_HOME": str(home),
            "KOKUNEN_SCHEDULE_FROM": _begun(home),
            "KOKUNEN_IDLE_MINUTES": str(here.idle),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(DAGS)]),
            "PYTHONUNBUFFERED": "1",
            "TZ": ZONE.key,
        }
    )


def _begun(home: Path) -> str:
    """When this installation began (the time of the city), written once: schedules look forward from here."""
    kept = folder(home) / "began"
    if not kept.exists():
        kept.write_text(datetime.now(ZONE).isoformat(timespec="seconds"))
    return kept.read_text()


def components(home: Path) -> dict[str, tuple[str, ...]]:
    """component -> its words to Airflow. With a certificate what tasks talk to is a process of its own, on this machine alone."""
    here = listening(home)
    found = {
        "scheduler": ("scheduler", "--skip-serve-logs"),
        "dag-processor": ("dag-processor",),
        "api-server": ("api-server", "--host", here.host, "--port", str(here.port)),
    }
    if here.cert and here.key:
        found["api-server"] += ("--apps", "core", "--ssl-cert", here.cert, "--ssl-key", here.key)
        found["execution"] = ("api-server", "--host", LOOPBACK, "--port", str(here.inner), "--apps", "execution")
    return found


def command(home: Path, name: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *components(home)[name]]


def prepare(home: Path, people: Sequence[Person]) -> list[str]:
    """Metadata database and roles of this version, and the people of the register, at every start. Returns what was otherwise than written
    and was set back (lines for people). Unavailable NP-9001 when it fails (log in ``airflow/prepare.log``)."""
    place = folder(home)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in (home / "keys").glob("airflow-user-*.password"):  # of the pages' own users, before they were the register's
        old.unlink()
    log = place / "prepare.log"
    with private(log) as out:
        done = subprocess.run(
            [sys.executable, DAGS / "access.py"], env=environment(home), stdout=subprocess.PIPE, stderr=out, cwd=place
        )
        out.write(done.stdout)
    if done.returncode:
        raise Unavailable("NP-9001", item="airflow", log=str(log))
    told = done.stdout.decode("utf-8", "replace").splitlines()
    return [line for line in told if line.startswith(SET_BACK)] + gamen.sync_people(home, people)


def paused(home: Path) -> dict[str, str]:
    """Jobs that are switched off in the pages, name -> title, as Airflow knows them now."""
    with guarded(), psycopg.connect(postgres.url(home, "kokunen_airflow")) as connection:
        found = connection.execute(
            "select dag_id, coalesce(dag_display_name, dag_id) from dag where is_paused and not is_stale order by dag_id"
        ).fetchall()
    return dict(found)


def private(path: Path) -> IO[bytes]:
    """A log that only its owner may read: Airflow copies task output there without masking."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(handle, "ab")


def run(home: Path, user: str, words: Sequence[str]) -> NoReturn:
    """Airflow's own command line with the settings of this home, in the name of ``user``: Airflow asks the environment who that is."""
    names = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), user)
    os.execve(sys.executable, [sys.executable, "-m", "airflow", *words], environment(home) | names)
