"""docs/licences.md: the packages of the lock by licence, and what wheels hold that is no package. Needs no network.

Packages and versions come from requirements.lock, a licence from the package's own metadata, and where that says too little from
tools/licences.yaml. Copyleft is marked ◆, what nobody knows ？; each mark has its note there (tests/docs).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
UNKNOWN = "不明"
Rows = list[tuple[str, ...]]
COPYLEFT = re.compile(r"GPL|MPL|EPL|EUPL|CDDL|CC-BY-SA|Artistic|\bIPA\b")
HEAD = """# ライセンス一覧

本システムが固定して使うもの（`requirements.lock`）と、その中に含まれるものです。この頁は `make docs` が作り、`make check` が固定した版と合っていることを確かめます。
機械が読む部品表（SBOM、CycloneDX）は `make sbom` が `var/sbom/kokunen.cdx.json` に作ります。本システム自身は Apache-2.0 です。

- **◆** は、渡すときに同じ条件やソースの開示などを求めるもの（コピーレフト）です。**？** は分からないものです（無いことを試験が確かめます）。
- 「実行」は動かすのに要るもの、「開発」は試験・検査・導入だけに使うものです。
- 動く部品のどれも改変していません。wheel の中に組み込まれた小さな部品は、それぞれの wheel のライセンス文（`*.dist-info/`）に従います。
"""


class Package(NamedTuple):
    """One name of the lock; several versions where Pythons differ."""

    name: str
    versions: tuple[str, ...]
    use: str
    licence: str


@cache
def known() -> dict[str, Any]:
    """tools/licences.yaml."""
    page: dict[str, Any] = yaml.safe_load((ROOT / "tools" / "licences.yaml").read_text(encoding="utf-8"))
    return page


def locked() -> dict[str, tuple[list[str], set[str]]]:
    """Name -> its versions, and who asks for it."""
    found: dict[str, tuple[list[str], set[str]]] = {}
    for block in re.split(r"\n(?=\w)", (ROOT / "requirements.lock").read_text(encoding="utf-8")):
        if head := re.match(r"([\w.-]+)==([^ ;]+)", block):
            versions, parents = found.setdefault(head[1], ([], set()))
            versions.append(head[2])
            parents |= set(re.findall(r"^ +#(?: via)? +([\w.-]+)", block, re.M)) - {"via"}
    return found


def _needed(lock: dict[str, tuple[list[str], set[str]]]) -> set[str]:
    """What runs: the dependencies of the project, and theirs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    while more := {name for name, (_, parents) in lock.items() if parents & needed} - needed:
        needed |= more
    return needed


def licence(name: str) -> str:
    """SPDX where the package says it or the table translates it."""
    if name in known()["packages"]:
        return str(known()["packages"][name])
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return UNKNOWN
    if expression := about.get("License-Expression"):
        return str(expression)
    first = (about.get("License") or "").partition("\n")[0]
    words = "; ".join(c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::"))
    said: dict[str, str] = known()["said"]
    return said.get(first) or said.get(words) or UNKNOWN


def packages() -> list[Package]:
    lock = locked()
    needed = _needed(lock)
    return [
        Package(n, tuple(versions), "実行" if n in needed else "開発", licence(n)) for n, (versions, _) in sorted(lock.items())
    ]


def mark(licence: str) -> str:
    return "？" if licence == UNKNOWN else "◆" if COPYLEFT.search(licence) else ""


def note(name: str) -> str:
    return str(known()["notes"].get(name, ""))


def _table(heads: str, rows: Rows) -> str:
    names = heads.split()
    return "\n".join([f"| {' | '.join(names)} |", "|---" * len(names) + "|", *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def page() -> str:
    """The whole of docs/licences.md."""
    own: Rows = [(p.name, "、".join(p.versions), p.use, p.licence, mark(p.licence), note(p.name)) for p in packages()]
    bundled: Rows = [
        (b["name"], b["version"], b["within"], b["licence"], mark(b["licence"]), b["note"]) for b in known()["bundled"]
    ]
    libraries: Rows = [
        (b["name"], "、".join(b["within"]), b["licence"], mark(b["licence"]), b.get("note", "")) for b in known()["libraries"]
    ]  # fmt: skip
    return "\n".join([
        HEAD, "## パッケージでないもの\n", _table("名前 版 含むパッケージ ライセンス 印 備考", bundled),
        "## wheel が添える共有ライブラリー\n", _table("名前 含むパッケージ ライセンス 印 備考", libraries),
        "## パッケージ\n", _table("パッケージ 版 使いどころ ライセンス 印 備考", own),
    ])  # fmt: skip
