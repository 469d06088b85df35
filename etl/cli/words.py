"""The words of the command line: help in Japanese that names what can be chosen, and usage errors whose remedy can be typed as it stands."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from etl.core.errors import Refused
from etl.core.paper.width import left, width

#: command -> what is often meant; another command's own help says it
EXAMPLES = {
    "kokunen": "kokunen --help",
    "kokunen login": "kokunen login --user 名前",
    "kokunen people": "kokunen people list",
    "kokunen people import": "kokunen people import shokuin.csv --dry-run",
    "kokunen register": "kokunen register list",
    "kokunen registry": "kokunen registry show",
    "kokunen media": "kokunen media list",
    "kokunen run": "kokunen run juki_daily --period 2026-10-30",
    "kokunen approve": "kokunen approve idou --list",
    "kokunen list": "kokunen list uketsuke_shoribo --period 2026-10",
    "kokunen transfers": "kokunen transfers of 000000012003609 --reason 本人からの問合せ",
    "kokunen print": "kokunen print menjo_shinseisho --period 2026-10",
    "kokunen export": "kokunen export kikou_kekka_outcomes --period 2026-10-30",
    "kokunen form": "kokunen form kikou_kekka",
    "kokunen archive": "kokunen archive list",
    "kokunen archive read": "kokunen archive read 12 --reason 訂正の確認",
    "kokunen keys": "kokunen keys list",
    "kokunen db": "kokunen db url",
}
#: the beginning of what argparse says -> what we say instead; never what was typed, which may hold a number
SAID = (
    (r"the following arguments are required: (.*)", "{} がありません"),
    (r"argument (\S+): invalid choice.*", "{} に選べないものが書かれています"),
    (r"argument (\S+): invalid int value.*", "{} は数字で書きます"),
    (r"argument (\S+): invalid .* value.*", "{} の書き方が正しくありません"),
    (r"argument (\S+): not allowed with argument (\S+)", "{} と {} は一緒に書けません"),
    (r"argument (\S+): expected .*", "{} の後に値がありません"),
    (r"one of the arguments (.*) is required", "{} のどれかが要ります"),
    (r"unrecognized arguments:.*", "知らない引数があります"),
    (r"argument (\S+): ([^a-zA-Z].*)", "{}：{}"),  # a type of ours said it, in Japanese
)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "使い方: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser that speaks Japanese. Its errors are NP-1001, exit 2."""

    def __init__(self, **settings: Any):
        super().__init__(**{"formatter_class": _Formatter, "add_help": False, "allow_abbrev": False, **settings})
        self._positionals.title, self._optionals.title = "選ぶもの", "指定"
        self.add_argument("-h", "--help", action="help", help="この説明を出す")

    def error(self, message: str) -> NoReturn:
        error = Refused("NP-1001", why=said(message))
        print(f"{error}\n  → {EXAMPLES.get(self.prog, f'{self.prog} --help')}", file=sys.stderr)
        raise SystemExit(2)


def said(message: str) -> str:
    """What argparse found wrong, in Japanese."""
    for pattern, words in SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return words.format(*found.groups())
    return "引数が正しくありません"


def table(title: str, entries: Mapping[str, str]) -> str:
    """The end of a help: what can be chosen, each with its title."""
    size = max(map(width, entries), default=0)
    return "\n".join([f"{title}:", *(f"  {left(name, size)}  {text}" for name, text in entries.items())])
