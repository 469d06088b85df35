"""var/sbom/kokunen.cdx.json: the bill of materials of the environment as it is installed (CycloneDX 1.6), by cyclonedx-py.

cyclonedx-py (tools/sbom.lock, the group ``sbom`` of pyproject.toml) gets an environment of its own: nothing of it is in the product's.
What wheels hold that is no package (tools/licences.yaml) is added inside the package that holds it, a licence where metadata had none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
FOLDER = ROOT / "var" / "sbom"
BIN, TOOL = ROOT / ".venv" / "bin", FOLDER / "tool"
VALID = """
import pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
sys.exit(JsonStrictValidator(SchemaVersion.V1_6).validate_str(pathlib.Path(sys.argv[1]).read_text("utf-8")))
"""


def made() -> dict[str, Any]:
    """What cyclonedx-py says of ``.venv``; without times and random numbers, so the same environment gives the same bytes."""
    from tools.bootstrap import uv_environment

    env = uv_environment(dict(os.environ))
    lock, project, python = ROOT / "tools" / "sbom.lock", ROOT / "pyproject.toml", BIN / "python"
    run([BIN / "uv", "venv", "--quiet", "--clear", "--python", python, TOOL], env)
    run([BIN / "uv", "pip", "install", "--quiet", "--python", TOOL, "--no-deps", "--require-hashes", "-r", lock], env)
    options: list[str | Path] = ["--pyproject", project, "--output-reproducible", "--sv", "1.6", "--no-validate"]  # see ``main``
    bom: dict[str, Any] = json.loads(run([TOOL / "bin" / "cyclonedx-py", "environment", *options, python]))
    return bom


def run(command: list[str | Path], env: dict[str, str] | None = None) -> bytes:
    """What it prints; CalledProcessError when it fails, its own words on stderr."""
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE).stdout


def component(entry: dict[str, Any]) -> dict[str, Any]:
    """One thing that is no package."""
    about = {"type": entry.get("type", "library"), "name": entry["name"], "version": entry["version"]}
    return {**about, "bom-ref": "{within}/{name}@{version}".format_map(entry), "licenses": [declared(entry["licence"])]}


def declared(licence: str) -> dict[str, Any]:
    return {"license": {"name": licence}} if licence == "IPA" else {"expression": licence}


def whole(bom: dict[str, Any]) -> dict[str, Any]:
    """``bom`` with what it cannot know."""
    from tools import licences

    by_name = {c["name"]: c for c in bom["components"]}
    for entry in licences.known()["bundled"]:
        by_name[entry["within"]].setdefault("components", []).append(component(entry))
    for package in licences.packages():
        if package.name in by_name and not by_name[package.name].get("licenses"):
            by_name[package.name]["licenses"] = [declared(package.licence)]
    return bom


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / "kokunen.cdx.json"
    target.write_text(json.dumps(whole(made()), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    run([TOOL / "bin" / "python", "-c", VALID, target])
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
