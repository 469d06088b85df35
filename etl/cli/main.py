"""The command line as a whole: its parser, its errors, its exit status.

0 done (also when nothing was due), 2 usage, 10 SourceError, 11 DefinitionError, 12 Refused, 13 Unavailable. Errors go to stderr with code,
Japanese sentence, file, line and item; ``--json`` prints one object on stdout.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import entry_points
from importlib.util import find_spec

from etl.cli import (
    approve,
    archive,
    backup,
    common,
    hold,
    keys,
    lists,
    login,
    media,
    partner,
    people,
    register,
    registry,
    restore,
    retire,
    run,
    service,
    shintatsu,
    status,
    transfers,
)
from etl.cli.common import Add, Run
from etl.cli.words import Parser
from etl.core.codec.digits import holds_kojin_no
from etl.core.errors import KokunenError, Refused, Unavailable
from etl.site import begin


def main(argv: list[str] | None = None) -> int:
    """Parse, run, say what went wrong. Never a traceback with values: unknown errors are named by their type only."""
    try:
        begin()
        _check_text(sys.argv[1:] if argv is None else argv)
        _check_typed(sys.argv[1:] if argv is None else argv)
        args = parser().parse_args(argv)  # its choices are made from the registries, which may be wrong
        logging.disable(logging.WARNING)
        args.command(args)
        _flush()
    except KokunenError as error:
        return _say(error)
    except OSError as error:
        if error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC):  # files that matter say NP-1026 by themselves
            return _say(_closed())
        return _say(Unavailable("NP-1026", volume=errno.errorcode.get(error.errno or 0, "EIO")))
    except KeyboardInterrupt:
        print("中断しました。", file=sys.stderr)
        return 130
    except Exception as error:
        if os.environ.get("KOKUNEN_DEBUG"):
            raise
        print(f"[NP-1099] 予期しない誤りです（{type(error).__name__}）。開発担当へ連絡してください。", file=sys.stderr)
        return 1
    return 0


def _say(error: KokunenError) -> int:
    """The error on stderr, where somebody may listen; its exit status."""
    with suppress(OSError):
        print(f"{error}\n  → {error.remedy}", file=sys.stderr)
    return error.exit_status


def _check_text(argv: list[str]) -> None:
    """What is typed, or set for us, is text: bytes that are no UTF-8 could neither be recorded nor printed. A usage error."""
    given = [*argv, *(value for name, value in os.environ.items() if name.startswith("KOKUNEN_"))]
    if any(re.search("[\ud800-\udfff]", text) for text in given):
        common.usage(Refused("NP-1001", why="UTF-8 として読めない文字が引数か KOKUNEN_ の設定にあります"))


def _flush() -> None:
    """What was printed is out. Unavailable NP-1047."""
    try:
        sys.stdout.flush()
    except OSError:
        raise _closed() from None


def _closed() -> Unavailable:
    """Nobody reads what is printed any more; nor may Python, which would say so in its own words when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Unavailable("NP-1047")


def _check_typed(argv: list[str]) -> None:
    """Refused NP-1002 when any word may be a 個人番号, before anything shows or keeps it."""
    if any(map(holds_kojin_no, argv)):
        raise Refused("NP-1002")


def parser() -> argparse.ArgumentParser:
    """Every command. DefinitionError NP-1101 when a registry is wrong."""
    top = Parser(prog="kokunen", description="国民年金事務システム バッチ")
    commands = top.add_subparsers(required=True, metavar="命令")

    def command(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        return made

    for add in (
        service.add,
        login.add,
        people.add,
        run.add,
        approve.add,
        lists.add,
        transfers.add,
        archive.add,
        retire.add,
        hold.add,
        register.add,
        media.add,
        shintatsu.add,
        registry.add,
        partner.add,
        keys.add,
        backup.add,
        restore.add,
        status.add,
        *_besides(),
    ):
        add(command)
    return top


def _besides() -> Iterator[Add]:
    """Commands that only a checkout has, not the installed product: the synthetic city."""
    for point in entry_points(group="kokunen.commands"):
        if find_spec(point.module.partition(".")[0]):
            yield point.load()
