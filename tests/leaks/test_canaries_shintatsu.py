"""進達のカナリア: 個人番号は、媒体の暗号化ファイルの中のほか、どこにも平文で無い。作成の途中のどの時点でも、画面・記録・表・ファイル・イメージのどこにも。"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kit
import pytest

from city import todoke_reader
from city.canary import canaries
from etl import cli
from etl.core.codec import todokefile
from etl.edge import failpoint, media
from etl.site import Site
from tests import canary, discs, shintatsu
from tests.leaks.rows import BORN, intake, row
from tests.rules.baitai import HERE
from tests.rules.daichou import enter
from tests.shintatsu import DAY, OFFICE, filed

BY_NUMBER, BY_KISO, HELD, LEFT_OUT = canaries(24)[20:]
NUMBERS = [c.kojin_no for c in canaries(24)[20:]]
PRIVATE = [
    *NUMBERS, *(n for c in canaries(24)[20:] for n in (c.name, c.name_kana, c.address, c.kiso_nenkin_no)), "金糸雀", *canary.dates(BORN),
]  # fmt: skip
OPERATOR, APPROVER = ("--as", "sousa01"), ("--as", "shounin01")


class Watch:
    """What lay where at each point at which a run may be killed."""

    def __init__(self, home: Path) -> None:
        self.home, self.points, self.told = home, set[str](), list[str]()

    def __call__(self, point: str) -> None:
        self.points.add(point)
        lying = [p for p in self.home.iterdir() if p.name not in ("inbox", "pg")]
        self.told += [f"{point}: {found}" for found in canary.in_paths(lying, NUMBERS)]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="module")
def watch(town: Site) -> Watch:
    return Watch(town.home)


@pytest.fixture(scope="module")
def after(town: Site, watch: Watch, images: Path) -> canary.Said:
    """A report of four: by number, by 基礎年金番号, one that cannot be written, one that is left out. All that was said."""
    _come(town)
    said = canary.Said()
    with pytest.MonkeyPatch.context() as patch, canary.Listening(said) as listen:
        patch.setenv("KOKUNEN_TERMINAL", HERE)
        patch.setattr("etl.cli.common.ready_site", lambda: town)
        patch.setattr("pathlib.Path.is_mount", lambda _: True)
        patch.setattr("etl.edge.mount.os.path.ismount", lambda _: True)
        patch.setattr(failpoint, "reached", watch)
        for about, argv in _report(town, images):
            said.statuses[about] = cli.main([*argv])
            listen(about)
        said.statuses["unforeseen"] = _unforeseen()
        listen("unforeseen")
    return said


def _come(site: Site) -> None:
    people = [row(c) for c in (BY_NUMBER, BY_KISO, LEFT_OUT)] + [row(HELD, name=f"{HELD.name}　三つ目の名")]
    intakes = [
        filed(20 + n, **{**intake(c), "uketsuke_no": f"20261110000020{n}", "kiso_nenkin_no": None if c is not BY_KISO else c.kiso_nenkin_no})
        for n, c in enumerate((BY_NUMBER, BY_KISO, HELD, LEFT_OUT))
    ]  # fmt: skip
    shintatsu.take_in(site, intakes, people)
    enter(site, "baitai", 製造番号="CD-1", 種類="CD-R")


def _report(site: Site, images: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The commands of a report."""
    act, why = ("shintatsu",), ("--reason", "試験")
    yield "open", ("run", "shintatsu", "--period", DAY.isoformat(), *OPERATOR)
    yield "list", (*act, "list", *OPERATOR)
    yield "show", (*act, "show", OFFICE, *OPERATOR, *why)
    yield "show json", (*act, "show", OFFICE, *OPERATOR, *why, "--json")
    yield "leave out", (*act, "leave-out", OFFICE, "--no", "202611100000203", *OPERATOR, *why)
    yield "a number instead", (*act, "leave-out", OFFICE, "--no", LEFT_OUT.kojin_no, *OPERATOR, *why)
    yield "freeze", (*act, "freeze", OFFICE, *OPERATOR, *why)
    yield "pending", ("approve", "shintatsu", "--list", *APPROVER)
    yield "by the maker", ("approve", "shintatsu", "--all", *OPERATOR)
    yield "approve", ("approve", "shintatsu", "--all", *APPROVER)
    (one,) = discs.media(site)
    onto = ("media", "write", "--serial", "CD-1", "--output", one["name"], *OPERATOR)
    yield "look", (*onto, "--image", str(images), "--dry-run")
    yield "image", (*onto, "--image", str(images), "--json")
    (disc := images / "disc").mkdir()
    yield "blank disc", (*onto, "--mount", str(disc))
    archive = site.outbox / "shintatsu" / one["period"] / one["archive"]
    (disc / "DATA.ZIP").write_bytes(archive.read_bytes())
    (disc / "README.TXT").write_bytes(_readme(images))
    yield "compared", (*onto, "--mount", str(disc))
    yield "handed", ("media", "hand", "--serial", "CD-1", "--to", "川崎年金事務所", "--slip", "送1", *OPERATOR)
    yield "received", (*act, "receive", one["name"], "--number", "受1", *OPERATOR)
    yield "received with a number", (*act, "receive", one["name"], "--number", BY_NUMBER.kojin_no, *OPERATOR)
    year = site.today.year
    for name in ("shintatsu_baitai", "iten_daichou"):
        yield name, ("list", name, "--period", f"{year - 2}-01", "--to", site.today.isoformat()[:7], *OPERATOR)
    yield "status", ("status", "--json")


def _readme(images: Path) -> bytes:
    (image,) = images.glob("*.iso")
    return dict(todoke_reader._files(image.read_bytes()))["README.TXT;1"]


def _unforeseen() -> int:
    """A fault of ours, while a record is written, whose text holds the record."""

    def broken(*values: Any) -> None:
        raise ValueError(f"cannot write {BY_NUMBER.kojin_no} {BY_NUMBER.name} {values}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(todokefile, "_record", broken)
        return cli.main(["shintatsu", "show", OFFICE, *OPERATOR])


UNWELL = {"a number instead": 12, "by the maker": 12, "blank disc": 13, "received with a number": 12, "unforeseen": 1}


def test_進達の全部が起きて_番号は媒体の中にだけある(after: canary.Said, town: Site, images: Path) -> None:
    """Otherwise the silence below would prove nothing."""
    assert {about: status for about, status in after.statuses.items() if status} == UNWELL
    ((key,),) = kit.query(town, "select key_name from ledger.medium")
    (image,) = images.glob("*.iso")
    found = todoke_reader.read(image, kit.original(town, key).decode())
    assert [(r["kojin_no"], r["kiso_nenkin_no"]) for r in found.records] == [
        (BY_NUMBER.kojin_no, ""),
        ("", BY_KISO.kiso_nenkin_no),
    ]
    assert kit.query(town, "select kind <> '' from pension.shintatsu_horyuu order by 1") == [(True,)] * 2


def test_作成の途中のどの時点にも_平文の個人番号は無い(after: canary.Said, watch: Watch) -> None:
    assert watch.points >= {
        "shintatsu frozen",
        "number given",
        "sealed",
        "release recorded",
        "manifest placed",
        "medium written",
        "handed over",
    }
    assert not watch.told


def test_画面と記録に出ない(after: canary.Said) -> None:
    canary.assert_clean(PRIVATE, texts=after.texts)


def test_データベースの記録に出ない(after: canary.Said, house: Path) -> None:
    canary.assert_clean(PRIVATE, paths=[house / "pg" / "server.log"])


def test_表に平文の個人番号は無く_基本情報は許された表のほかに無い(
    after: canary.Said, town: Site, owner_url_of: Callable[[Site], str]
) -> None:
    canary.assert_clean(NUMBERS, urls=[owner_url_of(town)])
    canary.assert_clean(PRIVATE, urls=[owner_url_of(town)], allowed=("pension", "staging"))


def test_ファイルとイメージに平文の個人番号は無い(after: canary.Said, town: Site, images: Path) -> None:
    folders = [p for p in town.home.iterdir() if p.name != "pg"]
    canary.assert_clean(NUMBERS, paths=[*folders, images])
    assert not list(town.home.rglob("*.CSV"))
    canary.assert_clean(PRIVATE, paths=[images, *(p for p in folders if p.name not in ("outbox",))])


def test_名前に出ない(after: canary.Said, town: Site, images: Path) -> None:
    names = "\n".join(str(p) for p in (*town.outbox.rglob("*"), *images.rglob("*")))
    canary.assert_clean([*PRIVATE, *(kit.no(1000 + c.number) for c in canaries(24)[20:])], texts={"names": names})


def test_個人番号を含むファイルの鍵のないハッシュは無い(
    after: canary.Said, town: Site, owner_url_of: Callable[[Site], str]
) -> None:
    """Whoever knows the rest of the file could try the numbers, so few there are. 日本年金機構 has the hash of the archive."""
    ((name, key),) = kit.query(town, "select archive_name, key_name from ledger.medium")
    (town.home / "aside" / name).write_bytes(kit.original(town, name))
    plain = media.unseal(town.home / "aside" / name, kit.original(town, key).decode())
    (town.home / "aside" / name).unlink()
    numbered = [line for line in plain.splitlines(keepends=True) if BY_NUMBER.kojin_no.encode() in line]
    assert len(numbered) == 1
    pieces = (
        plain,
        b"".join(plain.splitlines(keepends=True)[5:]),
        numbered[0],
        numbered[0].rstrip(),
        BY_NUMBER.kojin_no.encode(),
    )
    digests = [h(piece).hexdigest() for piece in pieces for h in (hashlib.sha256, hashlib.sha1, hashlib.md5)]
    folders = [p for p in town.home.iterdir() if p.name != "pg"]
    canary.assert_clean(digests, texts=after.texts, paths=folders, urls=[owner_url_of(town)])
