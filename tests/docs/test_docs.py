"""The documents agree with the house: codes, generated tables, names that mirror each other, nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest
import yaml

from etl.core.errors import catalogue
from etl.core.mapping import registry
from etl.edge import modes
from etl.platform import airflow

ROOT = Path(__file__).resolve().parents[2]
CLASSES = {"SourceError", "DefinitionError", "Refused", "Unavailable"}
sys.path.insert(0, str(ROOT / "tools"))


@cache
def tracked() -> list[Path]:
    """The text files of the repository, as git knows them (a source archive has no git: then everything but generated folders)."""
    try:
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    skip = ("var/", ".venv/", ".git/", "tests/golden/")
    return [ROOT / n for n in names if n and not n.startswith(skip) and (ROOT / n).is_file()]


def raised() -> dict[tuple[str, str], list[str]]:
    """(class, code) of every error that etl and dags make by name -> where."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted([*(ROOT / "etl").rglob("*.py"), *(ROOT / "dags").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and str(code.value).startswith("NP-"):
                    found.setdefault((node.func.id, str(code.value)), []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_every_error_that_is_raised_is_in_the_catalogue_with_its_class() -> None:
    wrong = {key: where for key, where in raised().items() if catalogue().get(key[1], {}).get("who") != key[0]}
    assert not wrong


def test_every_code_that_is_written_anywhere_exists() -> None:
    text = "\n".join(
        p.read_text("utf-8") for top in ("etl", "dags", "docs") for p in (ROOT / top).rglob("*") if p.suffix in (".py", ".md")
    )
    assert set(re.findall(r"NP-\d{4}", text)) <= set(catalogue())


def test_a_code_says_who_mends_it_what_happened_and_what_to_do() -> None:
    for code, entry in catalogue().items():
        assert re.fullmatch(r"NP-\d{4}", code)
        assert (
            entry["who"] in CLASSES and entry["sentence"] and entry["remedy"] and set(entry) == {"who", "sentence", "remedy"}
        ), code


def test_no_code_is_written_twice() -> None:
    codes = re.findall(r"^(NP-\d{4}):", (ROOT / "mappings" / "errors.yaml").read_text(encoding="utf-8"), re.M)
    assert len(codes) == len(set(codes)) == len(catalogue())


def test_generated_parts_are_up_to_date() -> None:
    import write_docs

    old = [p.name for p, text in write_docs.generated().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    assert not old, "run `.venv/bin/python tools/write_docs.py`"


@pytest.mark.parametrize("document", ["README.md", "docs/手順書.md"])
def test_commands_name_what_there_is(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert set(re.findall(r"kokunen run ([a-z_]+)", text)) <= set(registry.jobs())
    assert set(re.findall(r"kokunen approve ([a-z_]+)", text)) <= set(registry.approvals())


def test_readme_is_one_screen_and_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert "make run" in text and "make test" in text


@pytest.mark.parametrize(
    "document",
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))],
)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def test_every_mapping_has_an_expectation_of_its_name() -> None:
    mappings = {p.stem for p in (ROOT / "mappings").glob("*.yaml") if "dataset" in yaml.safe_load(p.read_text(encoding="utf-8"))}
    pages = {p.stem: yaml.safe_load(p.read_text(encoding="utf-8")) for p in (ROOT / "expectations").glob("*.yaml")}
    assert mappings and mappings == {
        name for name, page in pages.items() if "columns" not in page
    }  # those are of rows that no file has


def test_nothing_names_a_place_of_one_machine() -> None:
    place = re.compile(r"(^|[\s\"'=(`])/(wor[k]|roo[t]|hom[e])/\w|\.\./share[d]")
    found = []
    for path in tracked():
        if path.suffix in (".py", ".md", ".yaml", ".sql", ".toml", ".sh", ".yml", "") and path.name != "requirements.lock":
            lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
            found += [f"{path.relative_to(ROOT)}:{i}" for i, line in enumerate(lines, 1) if place.search(line)]
    assert not found


def test_no_number_could_be_somebodys_kojin_no() -> None:
    """個人番号 of tests and examples begin with 0000."""
    found = []
    for path in tracked():
        if path.suffix in (".py", ".md", ".yaml", ".csv", ".json", ".sql"):
            text = unicodedata.normalize("NFKC", path.read_text(encoding="utf-8", errors="ignore"))  # full-width digits too
            found += [str(path.relative_to(ROOT)) for _ in re.findall(r"(?<!\d)(?!0000)\d{12}(?!\d)", text)]
    assert not found


def test_the_compose_file_parses_and_says_that_it_was_not_run() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    assert {"db", "prepare", "api", "scheduler", "dag-processor"} <= set(services)
    assert "Not run by us" in text
    environment = services["scheduler"]["environment"]
    ours = {f"AIRFLOW__{k}": v for k, v in airflow.SETTINGS.items() if k != "API__HOST"}
    assert {k: environment.get(k) for k in ours} == ours, "the sketch runs what `make up` runs"
    closed = f'umask {modes.UMASK:03o}; exec "$$@"'
    assert {n for n, s in services.items() if closed in s.get("entrypoint", [])} == {*services} - {"db"}, "closed at every start"
    passwords = [n for n, s in services.items() if "POSTGRES_PASSWORD" in str(s.get("environment"))]
    assert passwords == ["db", "prepare"], "only these know the administrator's password"
