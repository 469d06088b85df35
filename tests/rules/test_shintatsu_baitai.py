"""進達の媒体: ISO 9660 のイメージに暗号化した一つのファイルと説明書だけ。焼いたディスクを比べて渡し、受領まで台帳に残る。"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import kit
import pytest
from kit import code_of
from pydantic import ValidationError

from city import todoke_reader
from etl import cli, hokan, ichiran
from etl.baitai import hand, write
from etl.core.mapping.fields import Disc
from etl.core.states import Shintatsu
from etl.edge import iso
from etl.shintatsu import after as answers
from etl.site import Site
from tests import discs, shintatsu
from tests.conftest import After, Once
from tests.rules import baitai
from tests.rules.baitai import HERE, run_of
from tests.rules.daichou import TODAY, enter
from tests.shintatsu import DAY, OFFICE, OTHER, filed

IMAGE = "KNTODOKE_3101_001.iso"


@pytest.fixture(autouse=True)
def _at_an_administrators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKUNEN_TERMINAL", HERE)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    with baitai.mounted(tmp_path / "drive") as made:
        yield made


def media(site: Site) -> None:
    """A medium for each office is made; discs are in the register."""
    two = [filed(1), filed(2, kiso_nenkin_no=None), filed(3, uketsuke_ku_code="141330")]
    shintatsu.take_in(site, two, [{"atena_no": kit.no(2), "kojin_no": kit.kojin_no(2)}])
    assert not shintatsu.opened(site)["error"]
    for office, serial in ((OFFICE, "CD-1"), (OTHER, "CD-2")):
        shintatsu.made(site, office)
        enter(site, "baitai", 製造番号=serial, 種類="CD-R")


def planned(site: Site, serial: str = "CD-1", which: int = 0) -> write.Plan:
    return write.plan(site, run_of(site), serial, discs.media(site)[which]["name"])


def burnt(plan: write.Plan, on: Path, name: Callable[[str], str] = str) -> None:
    """The disc as a system shows it."""
    for path in on.iterdir():
        path.unlink()
    for title, what in plan.contents.items():
        (on / name(title)).write_bytes(what if isinstance(what, bytes) else what.read_bytes())


def password(site: Site, which: int = 0) -> str:
    return (site.keys.folder / "media" / discs.media(site)[which]["key"]).read_text()


def test_イメージには二つのファイルだけがあり_機構の読取りで読める(after: After, tmp_path: Path) -> None:
    site = after(media)
    for which, (office, n) in enumerate(((OFFICE, 2), (OTHER, 1))):
        plan = planned(site, f"CD-{which + 1}", which)
        image = tmp_path / (plan.image or "")
        assert not write.write(site, run_of(site), plan, image=image) and not write.write(site, run_of(site), plan, image=image)
        found = todoke_reader.read(image, password(site, which))
        assert (found.office, found.number, found.created_on, len(found.records)) == (office, "001", DAY, n)
        assert image.name == f"KNTODOKE_{office}_001.iso" and set(iso.contents(image, plain=True)) == {"DATA.ZIP", "README.TXT"}
        if not which:
            assert [r["kojin_no"] for r in found.records] == ["", kit.kojin_no(2)]


@pytest.mark.parametrize("program", ["isoinfo", "7z"])
def test_ほかのプログラムでも開ける(once: Once, tmp_path: Path, program: str) -> None:
    site = once(media)
    image, plan = tmp_path / IMAGE, planned(site)
    iso.make(image, image.stem, plan.contents, plain=True)
    if program == "isoinfo":
        assert discs.shown(program, "-f", "-i", image).split() == ["/DATA.ZIP;1", "/README.TXT;1"]
        assert "Volume id: KNTODOKE_3101_001\n" in discs.shown(program, "-d", "-i", image)
        assert "NO Joliet" in (said := discs.shown(program, "-d", "-i", image)) and "NO Rock Ridge" in said
        assert discs.shown(program, "-x", "/README.TXT;1", "-i", image).isascii()
        return
    discs.shown(program, "x", "-y", f"-o{tmp_path}", image)
    assert {p.name for p in tmp_path.iterdir()} == {IMAGE, "DATA.ZIP", "README.TXT"}
    assert "AES-256" in discs.shown(program, "l", "-slt", tmp_path / "DATA.ZIP")
    discs.shown(program, "x", "-y", f"-p{password(site)}", f"-o{tmp_path}", tmp_path / "DATA.ZIP")
    lines = (tmp_path / "data.dat").read_bytes().decode("cp932").split("\r\n")
    assert (lines[0], len(lines)) == ("31,13,141305,001,20261116,22223", 8)
    assert subprocess.run([program, "t", "-pwrong", tmp_path / "DATA.ZIP"], capture_output=True).returncode


def test_別の名前や別の中身のイメージには触れない(once: Once, tmp_path: Path) -> None:
    site = once(media)
    plan = planned(site)
    assert code_of(lambda: write.write(site, run_of(site), plan, image=tmp_path / "a.iso")) == "NP-4221"
    assert not list(tmp_path.iterdir()) and not kit.query(site, "select 1 from ledger.baitai_kakikomi")


OTHERS = kit.table("""
| 事例                   | 中身                     |
|------------------------|--------------------------|
| ほかのファイルがある   | DATA.ZIP README.TXT X.TXT |
| 説明書がない           | DATA.ZIP                 |
| Joliet の付いたもの    | joliet                   |
""")


@pytest.mark.parametrize("case", OTHERS, ids=[str(c["事例"]) for c in OTHERS])
def test_違うイメージは書き直さない(after: After, tmp_path: Path, case: dict[str, str | None]) -> None:
    site = after(media)
    plan, image = planned(site), tmp_path / IMAGE
    said = str(case["中身"])
    files = dict.fromkeys(said.split(), b"x") | {n: w for n, w in plan.contents.items() if n in said.split() or said == "joliet"}
    files.pop("joliet", None)
    iso.make(image, image.stem, files, plain=said != "joliet")
    before = image.read_bytes()
    assert code_of(lambda: write.write(site, run_of(site), plan, image=image)) in ("NP-4151", "NP-4152")
    assert image.read_bytes() == before


NAMES = kit.table("""
| 事例         | 名前        | 答え    |
|--------------|-------------|---------|
| 大文字       | DATA.ZIP    |         |
| 小文字       | data.zip    |         |
| 版の番号付き | DATA.ZIP;1  |         |
| 元の名前     | KNTODOKE.ZIP | NP-4151 |
""")


@pytest.mark.parametrize("case", NAMES, ids=[str(c["事例"]) for c in NAMES])
def test_焼いたディスクはどの見え方でも比べられる(after: After, drive: Path, case: dict[str, str | None]) -> None:
    site = after(media)
    plan = planned(site)
    burnt(plan, drive, lambda title: str(case["名前"]) if title == "DATA.ZIP" else title)
    assert code_of(lambda: write.write(site, run_of(site), plan, to=drive)) == case["答え"]


def test_焼き損じは渡せず_同じなら渡せて_受領まで残る(after: After, drive: Path) -> None:
    site = after(media)
    plan = planned(site)
    give = lambda: hand.hand(site, run_of(site, "baitai_hikiwatashi"), "CD-1", "川崎年金事務所", "送12", TODAY)  # noqa: E731
    check = lambda: write.write(site, run_of(site), plan, to=drive)  # noqa: E731
    assert code_of(check) == "NP-4152" and code_of(give) == "NP-4154"  # a blank disc
    burnt(plan, drive)
    (drive / "README.TXT").write_bytes(b"README")
    assert code_of(check) == "NP-4152"
    burnt(plan, drive)
    (drive / "DATA.ZIP").write_bytes(os.urandom((drive / "DATA.ZIP").stat().st_size))
    assert code_of(check) == "NP-4152"
    burnt(plan, drive)
    (drive / "AUTORUN.INF").touch()
    assert code_of(check) == "NP-4151" and code_of(give) == "NP-4154"
    burnt(plan, drive)
    assert check() and check()
    (report,) = shintatsu.reports_of(site, OFFICE)
    assert report.state is Shintatsu.MADE
    assert code_of(give) is None and shintatsu.now(site, report).state is Shintatsu.HANDED
    run = run_of(site, "shintatsu_sagyou")
    early = lambda: answers.received(site, run, report.name or "", "受1", TODAY - timedelta(days=1))  # noqa: E731
    assert code_of(early) == "NP-3285"
    done = answers.received(site, run, report.name or "", "受1", TODAY)
    assert (done.state, done.received_no, done.handed_on, done.receipt_no) == (Shintatsu.RECEIVED, "受1", TODAY, "送12")


LEDGER = kit.table("""
| 事例           | 渡した | 答え | 結果       | 製造番号 |
|----------------|--------|------|------------|----------|
| 作っただけ     |        |      | 引渡し待ち |          |
| 渡した         | はい   |      | 未確認     | CD-1     |
| 受け取られた   | はい   | 受領 | 受領       | CD-1     |
| 受け付けない   | はい   | 不受理 | 不受理   | CD-1     |
| 渡す前に取止め |        | 取止め | 取止め   |          |
""")


@pytest.mark.parametrize("case", LEDGER, ids=[str(c["事例"]) for c in LEDGER])
def test_媒体台帳は受領の登録まで未確認という(after: After, drive: Path, case: dict[str, str | None]) -> None:
    site = after(media)
    (report,) = shintatsu.reports_of(site, OFFICE)
    run, name = run_of(site, "shintatsu_sagyou"), report.name or ""
    if case["渡した"]:
        plan = planned(site)
        burnt(plan, drive)
        write.write(site, run_of(site), plan, to=drive)
        hand.hand(site, run_of(site, "baitai_hikiwatashi"), "CD-1", "川崎年金事務所", "送12", TODAY)
    if case["答え"] == "取止め":
        answers.cancel(site, run, OFFICE)
    elif case["答え"]:
        answers.received(site, run, name, "受1", TODAY, refused=case["答え"] == "不受理")
    with site.session() as session:
        row, other = session.rows("ichiran/shintatsu_baitai", first_on=date.min, last_on=date.max)
    assert (row["baitai_no"], row["name"], row["rows"], row["result_label"], row["mark"]) == (
        "001",
        name,
        2,
        case["結果"],
        case["製造番号"],
    )
    assert (row["made_at"] is not None, row["receipt_no"], row["handed_on"]) == (
        True,
        *(("送12", TODAY) if case["渡した"] else (None, None)),
    )
    assert row["people_label"] == "確定 sousa01・承認 shounin01" + ("・引渡し sousa01" if case["渡した"] else "")
    assert (row["received_no"], row["verified_at"] is not None) == (
        "受1" if case["渡した"] and case["答え"] else None,
        bool(case["渡した"]),
    )
    assert other["result_label"] == "引渡し待ち"
    (made,) = ichiran.make(site, run_of(site, "ichiran"), "shintatsu_baitai", date.min, date.max)
    assert made.rows == 2


def test_取り止めた進達の媒体は_焼いた後でも渡せず_書けもしない(after: After, drive: Path, tmp_path: Path) -> None:
    """What it tells of is reported again; it must not go twice."""
    site = after(media)
    plan = planned(site)
    burnt(plan, drive)
    write.write(site, run_of(site), plan, to=drive)
    answers.cancel(site, run_of(site, "shintatsu_sagyou"), OFFICE)
    (report,) = shintatsu.reports_of(site, OFFICE)
    give = run_of(site, "baitai_hikiwatashi")
    assert code_of(lambda: hand.hand(site, give, "CD-1", "川崎年金事務所", "送12", TODAY)) == "NP-4224"
    thing = hokan.Handed(report.name or "", TODAY, "川崎年金事務所", "送12")
    assert code_of(lambda: hokan.hand_over(site, give, [thing])) == "NP-4224"
    assert not kit.query(site, "select 1 from ledger.hikiwatashi") and shintatsu.now(site, report).state is Shintatsu.CANCELLED
    assert discs.media(site)[0]["archive"] in {p.name for p in site.outbox.rglob("*.zip")}


def test_取り止めた後にイメージは作れない(after: After, tmp_path: Path) -> None:
    site = after(media)
    answers.cancel(site, run_of(site, "shintatsu_sagyou"), OFFICE)
    assert code_of(lambda: write.write(site, run_of(site), planned(site), image=tmp_path / IMAGE)) == "NP-4224"
    assert not list(tmp_path.glob("*.iso"))


def test_先方で読めなければ承認を得て同じ番号のまま焼き直す(after: After, drive: Path, tmp_path: Path) -> None:
    site = after(media)
    enter(site, "baitai", 製造番号="CD-3", 種類="CD-R")
    plan = planned(site)
    burnt(plan, drive)
    write.write(site, run_of(site), plan, to=drive)
    hand.hand(site, run_of(site, "baitai_hikiwatashi"), "CD-1", "川崎年金事務所", "送12", TODAY)
    name = discs.media(site)[0]["archive"]
    for path in plan.files:  # kokunen archive read
        (tmp_path / path.name).write_bytes(kit.original(site, path.name))
    plan.key.write_bytes(kit.original(site, plan.key.name))
    other = lambda: write.write(site, run_of(site), write.plan(site, run_of(site), "CD-3", name, tmp_path / name), to=drive)  # noqa: E731
    assert code_of(other) == "NP-4147"
    write.again(site, run_of(site, "baitai_kakinaoshi"), name)
    kit.approve_all(site, "kakinaoshi")
    assert other()
    hand.hand(site, run_of(site, "baitai_hikiwatashi"), "CD-3", "川崎年金事務所", "送13", TODAY)
    assert kit.query(
        site, "select jimusho_code, baitai_no, state, mark, receipt_no from ledger.shintatsu_baitai order by 1 limit 1"
    ) == [(OFFICE, 1, "handed", "CD-3", "送12")]


def test_別の年金事務所の媒体は同じディスクに入らない(after: After, tmp_path: Path) -> None:
    site = after(media)
    write.write(site, run_of(site), planned(site), image=tmp_path / IMAGE)
    assert code_of(lambda: planned(site, "CD-1", 1)) == "NP-4144"


def test_命令ではフォルダーを示すだけでよい(
    after: After, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = after(media)
    monkeypatch.setattr("etl.cli.common.ready_site", lambda: site)
    name = discs.media(site)[0]["name"]
    assert cli.main(["media", "write", "--serial", "CD-1", "--output", name, "--image", str(tmp_path), "--as", "sousa01"]) == 0
    assert [p.name for p in tmp_path.glob("*.iso")] == [IMAGE] and "README.TXT" in capsys.readouterr().out


DISCS = kit.table("""
| 事例             | image     | archive    | readme     | 行   | よい |
|------------------|-----------|------------|------------|------|------|
| 定められたとおり | A_{n:03}.iso | DATA.ZIP | README.TXT | ok   | よい |
| 小文字の名前     | A_{n:03}.iso | data.zip | README.TXT | ok   |      |
| 同じ名前         | A_{n:03}.iso | DATA.ZIP | DATA.ZIP   | ok   |      |
| 長い名前         | A_{n:03}.iso | DATAFILE1.ZIP | README.TXT | ok |    |
| 日本語の行       | A_{n:03}.iso | DATA.ZIP | README.TXT | 説明 |      |
| イメージでない名前 | A_{n:03}.bin | DATA.ZIP | README.TXT | ok |      |
""")


@pytest.mark.parametrize("case", DISCS, ids=[str(c["事例"]) for c in DISCS])
def test_ディスクの定義(case: dict[str, str | None]) -> None:
    def made() -> Disc:
        return Disc(image=str(case["image"]), archive=str(case["archive"]), readme=str(case["readme"]), lines=(str(case["行"]),))

    if case["よい"]:
        made()
    else:
        with pytest.raises(ValidationError):
            made()
