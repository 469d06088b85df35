"""The house keeps its shape: who may import whom, which statements are used, how long a file may be (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house import HOUSE, ROOT, imports, modules, statements

VERBS = (
    "etl.ingest",
    "etl.inquire",
    "etl.reconcile",
    "etl.transfer",
    "etl.approve",
    "etl.ichiran",
    "etl.shinseisho",
    "etl.attest",
    "etl.retire",
    "etl.shintatsu",
)
GROUND = {"etl.definitions", "etl.core.errors", "etl.core.dates", "etl.core.states"}
USE_CASE = {"etl.definitions", "etl.core", "etl.edge", "etl.site", "etl.run", "etl.rights", "etl.audit"}

# room -> the rooms it may import beside itself. A module belongs to the longest room that begins its name.
MAY: dict[str, set[str]] = {
    "etl.definitions": set(),
    "etl.core": {"etl.definitions"},
    "etl.core.mapping": GROUND,
    "etl.core.codec": {*GROUND, "etl.core.mapping"},
    "etl.core.law": {*GROUND, "etl.core.mapping"},
    "etl.core.suite": {*GROUND, "etl.core.mapping"},
    "etl.core.receipts": {*GROUND, "etl.core.suite"},
    "etl.core.paper": {
        *GROUND,
        "etl.core.mapping",
        "etl.core.codec",
        "etl.core.law",
        "etl.core.suite",
        "etl.core.receipts",
        "etl.core.shoukyo",
    },
    "etl.edge": {"etl.definitions", "etl.core"},
    "etl.platform": {"etl.core", "etl.edge"},
    "etl.site": {"etl.definitions", "etl.core", "etl.edge", "etl.platform"},
    "etl.rights": {"etl.core", "etl.edge.db"},
    "etl.run": {"etl.definitions", "etl.core", "etl.edge", "etl.site", "etl.rights"},
    "etl.shokuin": {"etl.core", "etl.edge", "etl.platform.gamen", "etl.site", "etl.run", "etl.rights"},
    "etl.audit": {"etl.core.states", "etl.edge.db", "etl.site", "etl.run"},
    "etl.door": USE_CASE,
    **{verb: {*USE_CASE, "etl.door"} for verb in VERBS},
    "etl.daichou": USE_CASE,
    "etl.baitai": {*USE_CASE, "etl.door", "etl.hokan", "etl.daichou"},
    "etl.kagi": USE_CASE,
    "etl.aitesaki": USE_CASE,
    "etl.soushin": {*USE_CASE, "etl.aitesaki", "etl.door", "etl.hokan"},
    "etl.tourokubo": {*USE_CASE, "etl.door"},
    "etl.attest": {"etl.core", "etl.site", "etl.door.look", "etl.backup.look"},  # looks and changes nothing
    "etl.hokan": {*USE_CASE, "etl.door"},
    "etl.backup": {*USE_CASE, "etl.door", "etl.hokan", "etl.platform", "etl.retire", "etl.shokuin.identity"},
    "etl.retire": {*USE_CASE, "etl.door", "etl.hokan", "etl.platform.clean", "etl.platform.server_log"},
    "etl.kakuri": {*USE_CASE, "etl.door"},
    "etl.result": {*USE_CASE, "etl.door", "etl.kakuri"},
    "etl.asking": {"etl.core.mapping.registry", "etl.core.mapping.rights", "etl.site", "etl.platform"},
    "etl.service": {
        "etl.backup.wal",
        "etl.core.errors",
        "etl.core.mapping.registry",
        "etl.asking",
        "etl.site",
        "etl.run",
        "etl.rights",
        "etl.platform",
        "etl.shokuin",
    },
    "etl.jobs": {*USE_CASE, *VERBS, "etl.backup", "etl.door", "etl.hokan", "etl.result", "etl.kyohi", "etl.soushin"},
    "etl.kyohi": {"etl.site", "etl.platform"},
    "etl.cli": {
        "etl.core",
        "etl.site",
        "etl.run",
        "etl.shokuin",
        "etl.kyohi",
        "etl.approve",
        "etl.daichou",
        "etl.baitai",
        "etl.aitesaki",
        "etl.soushin",
        "etl.tourokubo",
        "etl.kagi",
        "etl.ichiran",
        "etl.shinseisho",
        "etl.reconcile",
        "etl.attest",
        "etl.hokan",
        "etl.backup",
        "etl.retire",
        "etl.shintatsu",
        "etl.jobs",
        "etl.result",
        "etl.service",
        "etl.platform.postgres",
        "etl.edge.form",
        "etl.edge.atomic",
        "etl.door.papers",
    },
    "dags": {
        "etl.core.codec.chars",
        "etl.core.codec.digits",
        "etl.core.errors",
        "etl.core.receipts",
        "etl.core.states",
        "etl.core.law.eigyoubi",
        "etl.core.mapping.city",
        "etl.core.mapping.houkoku",
        "etl.core.mapping.registry",
        "etl.core.mapping.rights",
        "etl.edge.spool",
        "etl.jobs",
        "etl.approve",
        "etl.asking",
        "etl.platform.gamen",
        "etl.rights",
        "etl.run",
        "etl.site",
        *VERBS,
    },
    "city": {"etl.core", "etl.definitions"},
    "demo": {
        *USE_CASE,
        "etl.aitesaki",
        "etl.approve",
        "etl.baitai",
        "etl.daichou",
        "etl.hokan",
        "etl.jobs",
        "etl.retire",
        "etl.result",
        "etl.service",
        "etl.shintatsu",
        "etl.shokuin",
        "etl.soushin",
        "etl.platform",
        "etl.cli.common",
        "city",
    },
    "benchmarks": {"etl", "city"},
    "tools": {"etl.core"},
    "tools.audit_export": {"etl.core", "etl.site", "etl.attest.export"},
    "tools.audit_verify": set(),  # standard library only
    "tools.bootstrap": set(),
}

# outside library -> the only places that know it
OUTSIDE = {
    "airflow": {"dags"},
    "cryptography": {"etl.edge.crypt", "etl.edge.keys", "etl.edge.tls"},
    "great_expectations": {"etl.edge.suites"},
    "jpholiday": {"etl.core.law.eigyoubi"},
    "openpyxl": {"etl.edge.form"},
    "pandas": {"etl.edge.suites", "benchmarks"},
    "paramiko": {"etl.edge.sftp", "city.sftp_server"},
    "pyotp": {"etl.shokuin.proof"},
    "pycdlib": {"etl.edge.iso"},
    "psycopg": {"etl.edge.db", "etl.platform", "benchmarks"},
    "pyzipper": {"etl.edge.media", "city.todoke_reader"},
    "reportlab": {"etl.edge.pdf", "benchmarks"},
    "sqlalchemy": {"etl.edge.db", "etl.site"},
    "werkzeug": {"etl.shokuin.proof", "dags"},
    "xlsxwriter": {"etl.edge.paper"},
}

# etl.core is pure: no clock, environment, process, network or database
IMPURE = {"os", "socket", "subprocess", "time", "secrets", "random", "tempfile", "shutil", "urllib", "logging"}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}
# nor does it open a file of the world; only what reads the definitions looks at the disk
FILES = {
    "open",
    "fdopen",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "fromfile",
    "tofile",
    "memmap",
    "stat",
    "iterdir",
    "glob",
    "rglob",
}
READ_DEFINITIONS = {"etl.core.errors", "etl.core.mapping.layout", "etl.core.mapping.registry", "etl.core.mapping.views"}


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(room + ".")


def room_of(name: str) -> str | None:
    return max((room for room in MAY if within(name, room)), key=len, default=None)


def own(found: set[str]) -> set[str]:
    return {m for m in found if any(within(m, top) for top in HOUSE)}


@pytest.mark.parametrize("name", modules())
def test_rooms_import_only_what_they_may(name: str) -> None:
    room = room_of(name)
    assert room or name in HOUSE, f"{name} belongs to no room; give it one in MAY and in ARCHITECTURE.md"
    allowed = {room, *MAY[room]} if room else set()
    wrong = {m for m in own(imports(name)) if not any(within(m, r) for r in allowed)}
    assert not wrong, f"{name} ({room}) must not import {sorted(wrong)}"


def test_edge_modules_do_not_know_each_other() -> None:
    """A package of the room is one module here: its parts belong together. All may write in the one atomic way."""
    part = {n: ".".join(n.split(".")[:3]) for n in modules()}
    known = {
        n: {m for m in imports(n) if within(m, "etl.edge") and m != "etl.edge.atomic"} for n in modules() if within(n, "etl.edge")
    }
    wrong = {(n, m) for n, found in known.items() for m in found if not within(m, part[n])}
    assert not wrong


def test_partners_are_reached_in_one_place() -> None:
    """It asks where a partner's server is by what two people agreed to, and pins its key."""
    assert {n for n in modules() if "etl.edge.sftp" in imports(n)} == {"etl.aitesaki"}


def test_nothing_counts_as_sent_that_the_registry_was_not_asked_about() -> None:
    """One place asks, and it alone says that something is sent."""
    said = {n: path.read_text(encoding="utf-8") for n, path in modules().items()}
    assert {n for n, text in said.items() if "ledger/output_release" in text} == {"etl.door.hantei"}
    assert {n for n in modules() if "etl.door.permit" in imports(n)} == {"etl.door.hantei"}


def test_media_are_written_in_one_place() -> None:
    """It asks for the terminal, and for the hash of what the door has sealed."""
    for edge in ("etl.edge.mount", "etl.edge.iso"):
        assert {n for n in modules() if edge in imports(n)} == {"etl.baitai.write"}


@pytest.mark.parametrize("name", [n for n in modules() if not within(n, "etl.door") and n != "etl.site"])
def test_only_the_door_touches_the_outbox(name: str) -> None:
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    assert not [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "outbox"]


def test_nothing_imports_the_dags() -> None:
    inside = {n.removeprefix("dags.") for n in modules() if within(n, "dags")} | {"dags"}
    wrong = {(n, m) for n in modules() if not within(n, "dags") for m in imports(n) if m.split(".")[0] in inside}
    assert not wrong


@pytest.mark.parametrize("library", OUTSIDE)
def test_an_outside_library_is_known_in_one_place(library: str) -> None:
    users = {n for n in modules() if any(within(m, library) for m in imports(n))}
    assert not {n for n in users if not any(within(n, place) for place in OUTSIDE[library])}


@pytest.mark.parametrize("name", [n for n in modules() if within(n, "etl.core")])
def test_core_is_pure(name: str) -> None:
    assert not {m for m in imports(name) if m.split(".")[0] in IMPURE}
    calls = [n.func for n in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    methods = {f.attr for f in calls if isinstance(f, ast.Attribute)}
    assert not methods & CLOCKS, f"{name} reads a clock"
    assert name in READ_DEFINITIONS or not (methods | {f.id for f in calls if isinstance(f, ast.Name)}) & FILES, (
        f"{name} opens a file"
    )


@pytest.mark.parametrize("name", [n for n in modules() if within(n, "etl.cli")])
def test_the_command_line_asks_no_database_and_searches_no_folder(name: str) -> None:
    tree = ast.parse(modules()[name].read_text(encoding="utf-8"))
    named = {s.removeprefix("sql/").removesuffix(".sql") for s in statements()}
    assert not {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in named}
    called = {n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    assert not called & {"session", "rows", "glob", "rglob", "iterdir"}


def test_every_statement_is_used() -> None:
    """By its name in a mapping or in the code, or by a pattern such as f"ichiran/{name}"."""
    names = [s.removeprefix("sql/").removesuffix(".sql") for s in statements()]
    folders = {n.split("/")[0] for n in names}
    patterns = {
        w for p in (ROOT / "mappings").glob("*.yaml") for w in re.findall(r"[a-z]+/[a-z_]+", p.read_text(encoding="utf-8"))
    }
    for name in modules():
        for node in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                patterns.add(re.escape(node.value))
            elif isinstance(node, ast.JoinedStr):
                patterns.add("".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"\w+" for v in node.values))
    used = [p for p in patterns if p.split("/")[0] in folders]
    assert not [n for n in names if not any(re.fullmatch(p, n) for p in used)]


def ours(*ends: str) -> list[Path]:
    return [p for top in (*HOUSE, "tests", "sql") for p in sorted((ROOT / top).rglob("*")) if p.suffix in ends]


def test_files_can_be_read_in_one_go() -> None:
    long = {p.relative_to(ROOT).as_posix(): n for p in ours(".py", ".sql") if (n := len(p.read_text("utf-8").splitlines())) > 350}
    assert not long


def test_lines_fit() -> None:
    """130 characters is the aim, 150 the end (ruff would count a kanji as two); the tables of the tests are as wide as they are."""
    wide = [
        f"{p.relative_to(ROOT)}:{i}"
        for p in modules().values()
        for i, s in enumerate(p.read_text("utf-8").splitlines(), 1)
        if len(s) > 150
    ]
    assert not wide
