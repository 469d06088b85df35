"""``kokunen …``, or a few lines of Python, in a process of its own that has the outside libraries already.

Of the second or four that a command takes, most is the import of Great Expectations and SQLAlchemy. A fork of the tests' process
inherits them; what is of the house it forgets and imports anew, with the definitions and the settings of its own environment.
"""

from __future__ import annotations

import io
import logging
import os
import runpy
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from etl.edge import suites

OURS = {"etl", "city", "tests", "kit", "conftest"}
LONGEST = 120  # seconds; then it is killed
_preloaded = cache(suites.preload)


def kokunen(argv: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """(exit status or minus the signal, stdout, stderr) of a command."""
    return _forked(lambda: runpy.run_module("etl.cli", run_name="__main__", alter_sys=True), ["kokunen", *argv], cwd, environment)


def python(script: str, argv: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """The same of a script, as ``python -c`` has it."""
    return _forked(lambda: exec(script, {"__name__": "__main__"}), ["-c", *argv], cwd, environment)  # noqa: S102


def _forked(work: Callable[[], Any], argv: list[str], cwd: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    _preloaded()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _be(work, argv, cwd, environment, out.fileno(), err.fileno())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return status, out.read().decode(), err.read().decode()


def _be(work: Callable[[], Any], argv: list[str], cwd: Path, environment: Mapping[str, str], out: int, err: int) -> None:
    """The work, to its end: this process is nothing else."""
    status = 1
    try:
        signal.alarm(LONGEST)
        for target, source in enumerate((os.open(os.devnull, os.O_RDONLY), out, err)):
            os.dup2(source, target)
        sys.stdin, sys.stdout, sys.stderr = (
            io.TextIOWrapper(os.fdopen(n, mode, closefd=False), encoding="utf-8", errors=errors)
            for n, (mode, errors) in enumerate((("rb", "strict"), ("wb", "strict"), ("wb", "backslashreplace")))
        )
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        logging.root.handlers.clear()
        for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
            del sys.modules[name]
        sys.argv = argv
        sys.path[:0] = environment.get("PYTHONPATH", "").split(os.pathsep)
        work()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
