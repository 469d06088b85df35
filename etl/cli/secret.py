"""What nobody may read over a shoulder, in a list of processes or in a log: passwords come by standard input or unseen from the terminal,
and what was made for somebody is shown once or lies in a new file that is ours alone.
"""

from __future__ import annotations

import csv
import getpass
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from etl.cli import common
from etl.core.errors import Refused
from etl.edge import atomic
from etl.shokuin.proof import Made

LONGEST = 1024  # bytes of a line with a password
ONCE = "この一度だけ表示します。本人に直接渡し、最初のログインの後で変えてもらってください（kokunen people password）。"


def line() -> str:
    """A line of standard input. A usage error when there is none."""
    raw = sys.stdin.buffer.readline(LONGEST + 1)
    try:
        found = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        found = ""
    if not found or len(raw) > LONGEST:
        common.usage(Refused("NP-1001", why="標準入力からパスワードを1行で渡してください（UTF-8）"))
    return found


def asked(prompt: str) -> str:
    """What somebody types unseen. A usage error where nobody can."""
    if not sys.stdin.isatty():
        common.usage(Refused("NP-1001", why="端末がありません。--password-stdin で標準入力から渡してください"))
    return getpass.getpass(f"{prompt}: ")


def new() -> str:
    """A new password, typed twice."""
    found = asked("新しいパスワード")
    if asked("新しいパスワード（もう一度）") != found:
        common.usage(Refused("NP-1001", why="二度打ったパスワードが違います"))
    return found


def show(made: Sequence[Made]) -> None:
    """On the screen, once."""
    for one in made:
        if one.password:
            print(f"{one.user} のパスワード: {one.password}")
        if one.secret:
            print(f"{one.user} の二つ目の確認（TOTP）の鍵: {one.secret}\n  {one.otpauth}")
    if made:
        print(ONCE)


def as_json(made: Sequence[Made]) -> list[dict[str, Any]]:
    return [{"user": m.user, "password": m.password, "secret": m.secret, "otpauth": m.otpauth} for m in made]


def free(path: Path | None) -> None:
    """Refused NP-1075 when there is anything of this name."""
    if path and os.path.lexists(path):
        raise Refused("NP-1075", item=path.name)


def put(path: Path, made: Sequence[Made]) -> None:
    """Into a new file that we alone may read. Refused NP-1075, Unavailable NP-1026."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([
        ("職員", "パスワード", "TOTP"), *((m.user, m.password or "", m.otpauth or "") for m in made)
    ])  # fmt: skip
    content = out.getvalue().encode("utf-8-sig")
    free(path)
    atomic.write(path, content, mode=0o600, once=True)
    if path.read_bytes() != content:  # somebody else was quicker
        raise Refused("NP-1075", item=path.name)
