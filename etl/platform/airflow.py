"""Airflow: its settings (all by environment), its keys, its metadata database, its users and its components.

``airflow/`` of the home holds its logs and little else. The components know the home, and never the address of the business
database: a task opens that itself (``etl.site``). Everything listens on 127.0.0.1 only.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import IO

import psycopg

from etl.core.errors import Unavailable
from etl.core.mapping.city import ZONE
from etl.edge import atomic
from etl.edge.db import guarded
from etl.platform import postgres

ROOT = Path(__file__).resolve().parents[2]
DAGS = ROOT / "dags"
SET_BACK = "戻しました"  # how ``access.py`` begins what it tells
#: one synthetic user per role
USERS = {"sousa01": "操作者", "shounin01": "承認者", "kansa01": "監査者", "kanri01": "管理者"}
COMPONENTS = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "api-server": ("api-server",),
}
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
    "API__HOST": "127.0.0.1",
    "API__WORKERS": "1",
    "API__ENABLE_SWAGGER_UI": "False",
    "API__EXPOSE_CONFIG": "False",
    "API__EXPOSE_STACKTRACE": "False",
    "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
    "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
    "OPENLINEAGE__DISABLED": "True",
    "USAGE_DATA_COLLECTION__ENABLED": "False",
}


def folder(home: Path) -> Path:
    return home / "airflow"


def passwords(home: Path) -> dict[str, str]:
    """user -> password of the pages; random, made once per installation."""
    return {name: _secret(home, f"airflow-user-{name}", secrets.token_urlsafe(12)) for name in USERS}


def _secret(home: Path, name: str, fresh: str) -> str:
    path = home / "keys" / f"{name}.password"
    atomic.write(path, fresh.encode(), mode=0o600, once=True)
    return path.read_text()


def port(home: Path) -> int:
    """The port of the pages, as chosen at the last start."""
    kept = folder(home) / "port"
    return int(kept.read_text()) if kept.exists() else choose_port(home)


def choose_port(home: Path) -> int:
    """Called before a start: KOKUNEN_PORT (default 8080), or the last one, or any free one."""
    kept = folder(home) / "port"
    last = [int(kept.read_text())] if kept.exists() else []
    chosen = (
        next((p for p in (int(os.environ.get("KOKUNEN_PORT", "8080")), *last) if postgres.is_free(p)), None)
        or postgres.free_port()
    )
    kept.write_text(str(chosen))
    return chosen


def address(home: Path) -> str:
    return f"http://127.0.0.1:{port(home)}"


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of every component. Nothing of the business database is in it."""
    fresh = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KOKUNEN_DATABASE", "PG"))}
    fresh.pop("PYTHONDONTWRITEBYTECODE", None)  # else every task compiles its imports anew
    place = postgres.url(home, "kokunen_airflow").removeprefix("postgresql")
    settings = {
        **SETTINGS,
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2{place}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+psycopg_async{place}",
        "CORE__DAGS_FOLDER": str(DAGS),
        "CORE__PLUGINS_FOLDER": str(DAGS / "plugins"),
        "CORE__FERNET_KEY": _secret(home, "airflow-fernet", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()),
        "CORE__EXECUTION_API_SERVER_URL": f"{address(home)}/execution/",
        "API__PORT": str(port(home)),
        "API__BASE_URL": address(home),
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


def command(name: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *COMPONENTS[name]]


def prepare(home: Path) -> list[str]:
    """Metadata database, roles and users of this version, at every start. Returns what was otherwise than written and was set back
    (lines for people). Unavailable NP-9001 when it fails (log in ``airflow/prepare.log``)."""
    place = folder(home)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    users = {name: {"role": USERS[name], "password": word} for name, word in passwords(home).items()}
    log = place / "prepare.log"
    with private(log) as out:
        done = subprocess.run(
            [sys.executable, DAGS / "access.py"], input=json.dumps(users).encode(), env=environment(home), stdout=subprocess.PIPE,
            stderr=out, cwd=place,
        )  # fmt: skip
        out.write(done.stdout)
    if done.returncode:
        raise Unavailable("NP-9001", item="airflow", log=str(log))
    return [line for line in done.stdout.decode("utf-8", "replace").splitlines() if line.startswith(SET_BACK)]


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


def main() -> None:
    """``python -m etl.platform.airflow backfill create …``: Airflow's own command line with the settings of this home."""
    home = Path(os.environ.get("KOKUNEN_HOME") or "var").resolve()
    os.execve(sys.executable, [sys.executable, "-m", "airflow", *sys.argv[1:]], environment(home))


if __name__ == "__main__":
    main()
