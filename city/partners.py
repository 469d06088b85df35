"""相手先 of the city: whoever a file goes to. It takes what is complete out of its folder and says that it has it, refuses it, or says nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from city import sftp_server
from etl.core.mapping.city import ZONE

LAID = ("JUKISHOK_", "SHOTOKSK_")  # questions: their answer is all that is said of them
TAKEN = "taken"  # beside the folder: what it has


@dataclass
class Partner:
    """A partner with its server. ``refuses``, ``silent``: the how-manieth file it refuses the first time, and of which it never says anything."""

    name: str
    server: sftp_server.Sftp
    refuses: int | None = None
    silent: int | None = None
    came: list[str] = field(default_factory=list)

    @property
    def taken(self) -> Path:
        return self.server.folder.with_name(f"{self.server.folder.name}-{TAKEN}")

    def take(self, path: Path) -> None:
        """A file got its name; one that has its ``.end`` is taken away."""
        if path.suffix != ".end":
            return
        name, again = path.stem, path.stem in self.came
        self.came += [] if again else [name]
        number = self.came.index(name) + 1
        said = json.loads(path.read_bytes())
        whole = self._take(name, said)
        if number == self.silent or name.startswith(LAID):
            return
        accepted = whole and (again or number != self.refuses)
        told = {"file": name, "sha256": said["sha256"], "rows": said["count"], "received_at": datetime.now(ZONE).isoformat()}
        self.lay(f"{name}.ack", json.dumps(told | {"result": "accepted" if accepted else "refused"}).encode())

    def _take(self, name: str, said: dict[str, object]) -> bool:
        """Whether it is the file that its ``.end`` tells of."""
        self.taken.mkdir(exist_ok=True)
        for file in (name, f"{name}.end"):
            (self.server.folder / file).replace(self.taken / file)
        data = (self.taken / name).read_bytes()
        return (len(data), hashlib.sha256(data).hexdigest()) == (said["bytes"], said["sha256"])

    def lay(self, name: str, content: bytes) -> None:
        """Something for the city, whole at once."""
        part = self.server.folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(self.server.folder / name)

    def give(self, path: Path) -> None:
        """An answer, and its ``.end`` after it; both leave where they lay."""
        for file in (path, path.with_name(f"{path.name}.end")):
            self.lay(file.name, file.read_bytes())
            file.unlink()


def start(name: str, folder: Path, refuses: int | None = None, silent: int | None = None) -> Partner:
    """A partner whose server runs, with a host key of its own; nobody may come in yet (``server.authorized``)."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Partner(name, sftp_server.start(folder), refuses, silent)
    made.server.placed = made.take
    return made
