"""Hostile input: what a sender, or somebody who can write into the inbox, may try. Refused with a code; the run and the others go on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import DAY, no

from etl.site import Site
from tests.conftest import new_site
from tests.faults import crash, damage

ENDS: dict[str, Callable[[dict[str, Any]], bytes | str]] = {
    "上のフォルダーの名前": lambda end: json.dumps({**end, "file": f"../juki_idou/{end['file']}"}),
    "絶対パス": lambda end: json.dumps({**end, "file": "/etc/passwd"}),
    "入れ子が深い": lambda end: "[" * 4000,
    "入れ子のオブジェクト": lambda end: '{"a":' * 900,
    "とても長い": lambda end: json.dumps(end) + " " * 50_000_000,
    "値が表": lambda end: json.dumps({**end, "sha256": {"a": 1}}),
    "真偽値の件数": lambda end: json.dumps({**end, "count": True}),
    "途方もない件数": lambda end: json.dumps({**end, "count": 10**30}),
    "ハッシュにNUL": lambda end: json.dumps({**end, "sha256": "\0" * 64}),
    "ハッシュに片割れの文字": lambda end: json.dumps({**end, "sha256": "\ud800" * 64}),
    "ハッシュに他のこと": lambda end: json.dumps({**end, "sha256": kit.kojin_no(12345)}),
    "UTF-16": lambda end: json.dumps(end).encode("utf-16"),
    "NaN": lambda end: json.dumps({**end, "bytes": float("nan")}),
}


@pytest.fixture(scope="module")
def ends(town: Site) -> dict[str, dict[str, Any]]:
    """One file per trick, all in one run, and a good one behind them."""
    kit.insured(town, [{"atena_no": no(1)}])
    names = {}
    for version, (case, made) in enumerate(ENDS.items(), 1):
        path = kit.juki(town, [{"atena_no": no(1)}], seq=1, version=version)
        end = Path(f"{path}.end")
        written = made(json.loads(end.read_text()))
        end.write_bytes(written if isinstance(written, bytes) else written.encode())
        names[path.name] = case
    good = kit.juki(town, [{"atena_no": no(1)}], seq=1, version=90)
    names[good.name] = "良いファイル"
    return {names[f["name"]]: f for f in kit.run(town, "juki_daily", DAY)["files"]}


@pytest.mark.parametrize("case", ENDS)
def test_細工をした_endは拒否する(ends: dict[str, dict[str, Any]], case: str) -> None:
    assert ends[case]["outcome"] == "refused"
    assert ends[case]["code"] in ("NP-2001", "NP-2002", "NP-1103", "NP-2004")


def test_他のファイルは取り込む(ends: dict[str, dict[str, Any]], town: Site) -> None:
    assert ends["良いファイル"]["outcome"] == "accepted"
    crash.assert_sound(town)
    shown = " ".join(r[0] for r in kit.query(town, "select facts::text from ledger.file where outcome = 'refused'"))
    assert kit.kojin_no(12345) not in shown


SPECIAL: dict[str, Callable[[Path], Any]] = {
    "名前付きパイプ": os.mkfifo,
    "フォルダー": Path.mkdir,
    "鍵へのリンク": lambda path: path.symlink_to(path.parents[2] / "keys" / "row-01.key"),
    "無い先へのリンク": lambda path: path.symlink_to(path.with_name("nowhere")),
    "装置": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("which", ["ファイル", ".end"])
def test_通常でないものは開かない(site: Site, which: str) -> None:
    """A pipe would be waited for for ever; a device never ends; a link leads elsewhere."""
    names = {}
    for version, (case, make) in enumerate(SPECIAL.items(), 1):
        path = kit.juki(site, [{"atena_no": no(1)}], version=version)
        target = path if which == "ファイル" else Path(f"{path}.end")
        target.unlink()
        make(target)
        names[path.name] = case
    found = {names[f["name"]]: (f["outcome"], f["code"]) for f in kit.run(site, "juki_daily", DAY)["files"]}
    waits = {"無い先へのリンク"} if which == ".end" else set()  # a link to nothing is nothing
    assert found == {c: ("waiting", "NP-2020") if c in waits else ("refused", "NP-2005") for c in SPECIAL}


TEXTS = {
    "SQL": "'); drop table pension.uketsuke; --",
    "引用符": 'a"b""c',
    "束縛の印": "%(name)s :name {table} %s $1",
    "COPYの終わり": "\\.",
    "COPYの空": "\\N",
    "数式": "=HYPERLINK(1)",
    "区切り": "a,b;c|d",
    "制御文字": "a\x1bb",
    "改行とCOPYの終わり": "a\r\n\\.\r\nb",
    "印のない場所": "\ufeffa",
}


@pytest.fixture(scope="module")
def texts(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with new_site(house, tmp_path_factory.mktemp("texts")) as site:
        rows = [{"uketsuke_no": no(n), "atena_no": no(n), "seikyusha_name": f"X{n:02}X"} for n in range(1, len(TEXTS) + 1)]
        path = kit.uketsuke(site, rows)
        data = path.read_bytes().decode("utf-8-sig")
        for n, text in enumerate(TEXTS.values(), 1):
            quoted = '"' + text.replace('"', '""') + '"'
            assert f"X{n:02}X" in data
            data = data.replace(f"X{n:02}X", quoted)
        damage.replace(path, data.encode(), len(TEXTS))
        yield site, kit.run(site, "uketsuke_daily", DAY)


def test_文字は文字のまま入り_制御文字の行は隔離する(texts: tuple[Site, dict[str, Any]]) -> None:
    site, result = texts
    assert result["error"] is None
    held = dict(kit.query(site, "select uketsuke_no, seikyusha_name from pension.uketsuke"))
    expected = {no(n): t for n, t in enumerate(TEXTS.values(), 1)}
    odd = {n for n, t in expected.items() if "\x1b" in t or "\r" in t}
    assert {n: held[n] for n in held} == {n: t for n, t in expected.items() if n in held}
    assert expected.keys() - held.keys() >= odd
    assert kit.only(result)["counts"]["quarantined"] == len(expected) - len(held)
    assert len(held) >= 5


@pytest.mark.parametrize("dataset", ["uketsuke", "juki_idou"])
@pytest.mark.parametrize("content", [b"a", b'"', b"\0", b","], ids=["文字", "引用符", "NUL", "区切り"])
def test_終わらない行は限りある記憶で拒否する(site: Site, dataset: str, content: bytes) -> None:
    """A quarter of a gigabyte without a line end."""
    write = {"uketsuke": kit.uketsuke, "juki_idou": kit.juki}[dataset]
    path = write(site, [{"uketsuke_no": no(1), "atena_no": no(1)}] if dataset == "uketsuke" else [{"atena_no": no(1)}])
    first = path.read_bytes().split(b"\r\n")[0] + b"\r\n"
    with path.open("wb") as out:
        out.write(first)
        for _ in range(256):
            out.write(content * (1 << 20))
    Path(f"{path}.end").write_text(
        json.dumps({"file": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path), "count": 1})
    )
    site.engine.dispose()

    def load() -> None:
        own, before = crash.fresh(site), crash.peak()
        file = kit.only(kit.run(own, f"{dataset.split('_')[0]}_daily", DAY))
        assert file["outcome"] == "refused" and file["code"] in ("NP-1124", "NP-1120", "NP-1110", "NP-1122", "NP-1123"), file[
            "code"
        ]
        assert crash.peak() - before < 100 << 10, f"{crash.peak() - before} kB"

    status, told = crash.in_child(load)
    assert status == 0, told


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
