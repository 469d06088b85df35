"""画面の番地: where the pages listen, and by which address they are opened. Chosen at a start, kept for whoever asks later.

Without a certificate nobody but this machine gets there. With the city's own (``KOKUNEN_TLS_CERT``, ``KOKUNEN_TLS_KEY``) they may listen
elsewhere (``KOKUNEN_HOST``). What tasks talk to stays on this machine then, in a process of its own: a certificate that is over stops no night.
"""

from __future__ import annotations

import json
import os
import ssl
from dataclasses import asdict, dataclass
from pathlib import Path

from etl.core.errors import Refused
from etl.edge import atomic, tls
from etl.platform import postgres

LOOPBACK = "127.0.0.1"
IDLE = 30  # minutes without a hand


@dataclass(frozen=True)
class Listen:
    """``host`` is listened on, ``name`` is opened; ``inner`` the port that tasks talk to (that of the pages without a certificate)."""

    host: str
    name: str
    port: int
    inner: int
    cert: str | None = None
    key: str | None = None
    idle: int = IDLE

    @property
    def address(self) -> str:
        """How people open the pages."""
        return self._at(self.name, self.port)

    @property
    def near(self) -> str:
        """How we look at them, whatever their name is taken for on this machine."""
        return self._at(LOOPBACK if self.host in ("0.0.0.0", "::") else self.host, self.port)  # noqa: S104 - compared, not listened on

    @property
    def tasks(self) -> str:
        """What tasks talk to."""
        return f"http://{LOOPBACK}:{self.inner}" if self.cert else self.address

    def _at(self, name: str, port: int) -> str:
        return f"{'https' if self.cert else 'http'}://{f'[{name}]' if ':' in name else name}:{port}"


def _kept(home: Path) -> Path:
    return home / "airflow" / "listen.json"


def choose(home: Path) -> Listen:
    """Called before a start. The port: KOKUNEN_PORT (default 8080), or the last one, or any free one. Refused NP-1095 to NP-1098."""
    host = os.environ.get("KOKUNEN_HOST") or LOOPBACK
    given = tuple(os.environ.get(n) or None for n in ("KOKUNEN_TLS_CERT", "KOKUNEN_TLS_KEY"))
    cert, key = (str(Path(p).resolve()) if p else None for p in given)
    if (cert is None) != (key is None):
        raise Refused("NP-1096", why="KOKUNEN_TLS_CERT と KOKUNEN_TLS_KEY の片方だけがあります")
    if cert is None and not tls.is_loopback(host):
        raise Refused("NP-1095")
    name = _name(host, tls.names(Path(cert), Path(key))) if cert and key else host
    last = [listening(home).port] if _kept(home).exists() else []
    wanted = (int(os.environ.get("KOKUNEN_PORT", "8080")), *last)
    port = next(filter(postgres.is_free, wanted), None) or postgres.free_port()
    made = Listen(host, name, port, postgres.free_port() if cert else port, cert, key, _idle())
    atomic.write(_kept(home), json.dumps(asdict(made)).encode(), mode=0o600)
    return made


def listening(home: Path) -> Listen:
    """As chosen at the last start."""
    return Listen(**json.loads(_kept(home).read_bytes())) if _kept(home).exists() else choose(home)


def context(home: Path) -> ssl.SSLContext | None:
    """For a look at our own pages, which tells nothing secret: whether they answer, not who they are."""
    if not listening(home).cert:
        return None
    found = ssl.create_default_context()
    found.check_hostname, found.verify_mode = False, ssl.CERT_NONE
    return found


def _name(host: str, names: tuple[str, ...]) -> str:
    """How the pages are opened: by the host when the certificate is for it, else (an address) by the first name that is no pattern.
    Refused NP-1097."""
    if tls.holds(names, host):
        return host
    found = next((n for n in names if not n.startswith("*")), None)
    if found is None or not (host.replace(".", "").isdigit() or ":" in host):
        raise Refused("NP-1097")
    return found


def _idle() -> int:
    told = os.environ.get("KOKUNEN_IDLE_MINUTES") or str(IDLE)
    if not told.isdecimal() or not 1 <= int(told) <= 480:
        raise Refused("NP-1098")
    return int(told)
