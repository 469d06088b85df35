"""CONTRIBUTING.md as a script: its files, written into a copy of the definitions, and its commands, run in processes of their own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import forked

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (>> )?(\S+))?\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is (or goes at the end of: ``more``), its text."""

    language: str
    more: bool
    file: str
    text: str


@dataclass(frozen=True)
class Said:
    """What a command said. ``shows``: the lines that the page shows of it."""

    command: str
    status: int
    out: str
    err: str
    shows: tuple[str, ...] = ()

    def check(self) -> None:
        """Every line of the page stands in what was said, in this order; … is anything."""
        text, at = self.out + self.err, 0
        for line in self.shows:
            found = re.compile(".*".join(re.escape(part) for part in line.rstrip().split("…"))).search(text, at)
            assert found, f"{self.command}\n{line}\nis not in\n{text}"
            at = found.end()


def blocks(section: str) -> list[Block]:
    """The blocks of the section whose title contains this."""
    text = next(part for part in re.split(r"^## ", PAGE, flags=re.M)[1:] if section in part.split("\n", 1)[0])
    return [Block(language, bool(more), file or "", body) for language, more, file, body in BLOCK.findall(text)]


def next_number(schema: Path) -> str:
    """The number that a new migration has."""
    last = max((p.name.split("_")[0] for p in schema.glob("[0-9]*.sql")), key=int)
    return f"{int(last) + 1:0{len(last)}}"


class Exercise:
    """A folder with a copy of the definitions, and ``home`` in it."""

    def __init__(self, folder: Path):
        self.folder, self.home = folder, folder / "home"
        for name in ("mappings", "expectations", "sql"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copytree(ROOT / "tests" / "golden" / "samples" / "inbox", self.home / "inbox")

    def write(self, block: Block) -> Path:
        path = self.folder / block.file.replace("NN_", f"{next_number(self.folder / 'sql' / 'schema')}_")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if block.more else "w", encoding="utf-8") as file:
            file.write(block.text)
        return path

    def run(self, command: str, shows: tuple[str, ...] = ()) -> Said:
        """A command as one types it: ``kokunen …`` or ``python …``."""
        program, *argv = shlex.split(command)
        environment = {
            **os.environ,
            "KOKUNEN_DEFINITIONS": str(self.folder),
            "KOKUNEN_HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "PYTHONPATH": str(ROOT),
        }
        if program == "kokunen":
            return Said(command, *forked.kokunen(argv, self.folder, environment), shows)
        assert program == "python"
        done = subprocess.run(
            [sys.executable, *argv], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120
        )
        return Said(command, done.returncode, done.stdout, done.stderr, shows)

    def follow(self, section: str) -> list[Said]:
        """Write and run what a section of the page says, in its order."""
        said = []
        for block in blocks(section):
            if block.file:
                self.write(block)
            elif block.language == "console":
                for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
                    command, *shows = part.splitlines()
                    said.append(self.run(command, tuple(shows)))
        return said
