"""A partner's server: OpenSSH's own, with a folder, a host key and one account, that of whoever runs the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from etl.edge.keys import partner_key
from etl.edge.sftp import Account
from etl.platform import postgres

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
PidFile {home}/pid
AuthorizedKeysFile {home}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
LogLevel ERROR
Subsystem sftp internal-sftp
ForceCommand internal-sftp {options} -d {folder}
"""


@dataclass
class Partner:
    """A server that runs: ``folder`` is what lies there."""

    home: Path
    port: int
    options: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path:
        return self.home / "files"

    def account(self, **more: object) -> Account:
        """How it is reached, unless a test says otherwise."""
        pinned = (self.home / "host.pub").read_text().rsplit(" ", 1)[0]
        told = {
            "name": "kiban-juminhyo", "host": "127.0.0.1", "port": self.port, "user": getpass.getuser(), "key": self.home / "ours",
            "host_key": pinned, "folder": str(self.folder),
        }  # fmt: skip
        return Account(**{**told, **more})  # type: ignore[arg-type]

    def start(self) -> None:
        config = self.home / "config"
        config.write_text(CONFIG.format(port=self.port, home=self.home, folder=self.folder, options=self.options))
        assert SSHD
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not (self.home / "pid").exists() and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def new_host_key(self) -> None:
        """Another server under the same address, or the same one that was set up anew."""
        self.stop()
        make_host_key(self.home)
        self.start()


def make_host_key(home: Path) -> None:
    for old in home.glob("host*"):
        old.unlink()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "partner", "-f", home / "host"], check=True)


@contextmanager
def partner(home: Path, options: str = "") -> Iterator[Partner]:
    """A server for the block. As root it wants a folder of its own, which a package or a boot makes."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    (home / "files").mkdir(parents=True)
    make_host_key(home)
    (home / "authorized").write_text(partner_key(home / "ours", "kokunen") + "\n")
    made = Partner(home, postgres.free_port(), options)
    try:
        made.start()
        yield made
    finally:
        made.stop()
