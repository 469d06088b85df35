"""The pages of ``expectations/``: one per mapping, nothing unknown in them; and the page of findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.core.errors import DefinitionError
from etl.core.mapping.layout import layouts
from etl.core.suite.acceptance import EXPECTATIONS, measures, suite
from etl.core.suite.findings import Finding, page

OWN = {"shoukyo_taishou"}  # rows that no file has


def test_every_mapping_has_a_page_and_every_page_a_mapping() -> None:
    assert {p.stem for p in EXPECTATIONS.glob("*.yaml")} == set(layouts()) | OWN
    assert all(suite(dataset) for dataset in OWN)


@pytest.mark.parametrize("dataset", layouts())
def test_a_suite_says_what_it_must(dataset: str) -> None:
    checks = {c.name.split(".")[0]: c for c in suite(dataset)}
    required = {c.columns[0] for c in suite(dataset) if c.name.startswith("required.")}
    assert required == {f.name for f in layouts()[dataset].columns if f.required}
    assert checks["volume"].severity == "warn"
    if layouts()[dataset].direction == "in" and layouts()[dataset].key:
        assert checks["key_once"].columns == layouts()[dataset].key and checks["key_once"].severity == "warn"
        assert checks["balance"].severity == checks["staged_within_data"].severity == "fail"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("{name: a, label: x, severity: fail, required: [nothing]}", "no such column: nothing"),
        ("{name: a, label: x, severity: fail, required: all, codes: all}", "one verb of"),
        ("{name: a, label: x, severity: fail}", "one verb of"),
        ("{name: a, label: x, severity: fatal, required: all}", "Input should be"),
        ("{name: a, label: x, severity: warn, wanted: all}", "Extra inputs"),
        ("{name: a, label: x, severity: warn, between: {measure: kiso_nenkin_no, min: 0}}", "no such column: kiso_nenkin_no"),
        ("{name: a, label: x, severity: warn, between: {measure: data_count}}", "min, max or both"),
        ("{name: a, label: x, severity: warn, when: {dattai_on: present}, codes: all}", "takes no `when`"),
        ('{name: a, label: x, severity: warn, when: {dattai_on: ["\' or"]}, empty: [kanyu_on]}', "Input should be"),
        ("{name: a, label: x, severity: warn, known: {column: kanyu_on, table: x;y.z, of: a}}", "should match"),
        ("{name: a, label: x, severity: warn, required: all}, {name: a, label: y, severity: warn, codes: all}", "used twice"),
    ],
)
def test_a_wrong_page_is_refused(tmp_path: Path, entry: str, why: str) -> None:
    (tmp_path / "ikou_fuka.yaml").write_text(f"dataset: ikou_fuka\nexpectations: [{entry}]\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        suite("ikou_fuka", tmp_path)
    assert caught.value.code == "NP-3001" and why in str(caught.value)


@pytest.mark.parametrize(("dataset", "columns"), [("juki_shoukai", "{a: x}"), ("nothing", "{}")])
def test_a_page_has_a_mapping_or_columns_of_its_own(tmp_path: Path, dataset: str, columns: str) -> None:
    page = f"dataset: {dataset}\ncolumns: {columns}\nexpectations: [{{name: a, label: x, severity: warn, empty: [a]}}]\n"
    (tmp_path / f"{dataset}.yaml").write_text(page, encoding="utf-8")
    with pytest.raises(DefinitionError, match="no mapping of this name"):
        suite(dataset, tmp_path)


def test_references_are_for_staged_rows(tmp_path: Path) -> None:
    entry = "{name: a, label: x, severity: warn, known: {column: atena_no, table: pension.atena, of: atena_no}}"
    (tmp_path / "juki_shoukai.yaml").write_text(f"dataset: juki_shoukai\nexpectations: [{entry}]\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="only for rows that are staged"):
        suite("juki_shoukai", tmp_path)


@pytest.mark.parametrize(
    ("data", "last", "percent"), [(10, 5, 200.0), (0, 5, 0.0), (5, 0, None), (5, None, None), (0, 0, None), (1, 3, 33.3)]
)
def test_against_the_last_run(data: int, last: int | None, percent: float | None) -> None:
    assert measures({"data_count": data, "last_data_count": last})["percent_of_last"] == percent


def test_rows_not_accounted_for() -> None:
    counts = {"data_count": 10, "staged_count": 4, "quarantined_count": 1, "out_of_scope_count": 2, "unchanged_count": 1}
    assert measures(counts)["unaccounted_count"] == 2 and measures(counts)["room_count"] == 6


def test_page_of_findings() -> None:
    found = [
        Finding("ikou_fuka", "required.kanyu_on", "必須項目：<加入>", "fail", False, 1200, 3),
        Finding("ikou_fuka", "volume", "前回比", "warn", True, 1, 0),
    ]
    about, files = ("移行（ikou_once）　令和7年9月22日", "実行番号 <1>"), [("IKOU_FUKA.csv", found), ("X.csv", [])]
    text = page(about, files)
    assert text == page(about, files)
    assert "<p>移行（ikou_once）　令和7年9月22日</p>" in text and "<p>実行番号 &lt;1&gt;</p>" in text
    assert f"<h2>{layouts()['ikou_fuka'].title}　IKOU_FUKA.csv</h2>" in text and "X.csv" not in text
    assert '<tr class="fail"><td>必須項目：&lt;加入&gt;</td><td>停止</td><td>否</td><td>1,200</td><td>3</td></tr>' in text
    assert not [word for word in ("http", "src=", "<script", "@import", "url(") if word in text]
