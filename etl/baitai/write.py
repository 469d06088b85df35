"""媒体への書込み: a sealed archive and its 送受書 go onto a medium of the register, at a registered terminal, and are read back from there.

The writing is recorded before anything is on the medium; killed anywhere, the same command goes on. A password never goes along: its file's
name alone is told. A CD-R gets an image for the writer of discs, and the disc is compared afterwards; what lies on it says ``disc``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from etl.audit import acting
from etl.baitai import disc, held
from etl.core.errors import Refused, Unavailable
from etl.core.mapping import registry
from etl.core.mapping.terminals import terminals
from etl.core.paper.daichou import STATES
from etl.core.states import Daichou
from etl.door.hantei import require_still
from etl.door.look import holds
from etl.door.parcel import folder
from etl.edge import db, failpoint, iso, media, mount
from etl.run import Run
from etl.site import Site

ACT = "baitai_kakikomi"
DISC = "CD-R"  # the kind that nobody but a writer of discs can write


@dataclass(frozen=True)
class Plan:
    """What would be written: an archive and its 送受書, or the ``prescribed`` files, onto the medium of this number. ``ours``: names that may lie
    there already; ``there``: it was written and read back before, so that it is on that medium and on no other."""

    serial: str
    number: int
    kind: str
    medium_no: int
    recipient: str
    archive: Path
    sha256: str
    slip: Path
    key: Path
    ours: frozenset[str]
    there: bool
    prescribed: disc.Prescribed | None = None

    @property
    def files(self) -> list[Path]:
        return [self.archive, self.slip]

    @property
    def contents(self) -> dict[str, Path | bytes]:
        """name on the medium -> what it is."""
        return disc.contents(self.archive, self.slip, self.prescribed)

    @property
    def image(self) -> str | None:
        """How the image must be called."""
        return disc.image_name(self.prescribed)

    @property
    def wanted(self) -> dict[str, str]:
        """name on the medium -> its SHA-256."""
        known = {self.archive: self.sha256}
        return {
            name: hashlib.sha256(what).hexdigest() if isinstance(what, bytes) else known.get(what) or mount.read(what)
            for name, what in self.contents.items()
        }

    def lying(self, to: Path) -> dict[str, Path]:
        """name on the medium -> where it lies when that is mounted there. As ``disc.lying``."""
        return disc.lying(to, self.contents) if self.prescribed else {name: to / name for name in self.contents}

    def as_json(self) -> dict[str, Any]:
        return {
            "serial": self.serial, "number": self.number, "kind": self.kind, "medium_no": self.medium_no, "recipient": self.recipient,
            "archive": self.archive.name, "sha256": self.sha256, "slip": self.slip.name, "key": self.key.name,
            "bytes": sum(map(disc.size, self.contents.values())), "on": sorted(self.contents), "image": self.image,
        }  # fmt: skip


def plan(site: Site, run: Run, serial: str, which: str, given: Path | None = None) -> Plan:
    """The archive ``which`` (its name or its file's; ``given``: where it lies, when not where it left) for the medium of this serial.

    Refused NP-4141, NP-4142 (both recorded), NP-4143 to NP-4145, NP-4148, NP-4153, NP-4159; NotPermitted.
    """
    with site.session() as session:
        kinds = _at_terminal(session, run)
        row = held.one(session, serial)
        if row.entry.kind not in kinds:
            _refused(session, run, "NP-4142", kind=row.entry.kind)
        if row.state != Daichou.HELD:
            raise Refused("NP-4144", why=STATES[row.state])
        found = session.one("baitai/archive", name=which)
        assert row.entry.number
        on = held.on_media(session, row.entry.number)
    if found is None:
        raise Refused("NP-4148")
    with site.session() as session:
        require_still(session, run, found["dataset"], found["archive_name"], found["recipient"], site.today)
    if held.title(row.entry.kind) != found["kind"]:
        raise Refused("NP-4145", kind=found["kind"])
    if row.entry.kind == DISC and any(one.medium_no != found["medium_no"] for one in on):
        raise Refused("NP-4144", why="ほかのファイルを焼いたディスク")
    left = folder(site, found["dataset"], found["period"])
    archive = given or left / found["archive_name"]
    if archive.name != found["archive_name"] or not holds(archive, found["archive_sha256"]):
        raise Refused("NP-4148", file=found["archive_name"])
    slip = next((path for at in (left, archive.parent) if (path := at / _slip(found["archive_name"])).is_file()), None)
    if slip is None:
        raise Refused("NP-4159", file=_slip(found["archive_name"]))
    key = site.keys.folder / "media" / found["key_name"]
    _require_opens(archive, key)
    ours = {name for one in on for name in (one.archive_name, _slip(one.archive_name))} | {archive.name, slip.name}
    return Plan(
        row.entry.mark, row.entry.number, row.entry.kind, found["medium_no"], found["recipient"], archive, found["archive_sha256"], slip, key,
        frozenset(ours), any(one.verified and not one.given and one.medium_no == found["medium_no"] for one in on),
        disc.prescribed(found["dataset"], found["name"]),
    )  # fmt: skip


def _at_terminal(session: db.Session, run: Run) -> tuple[str, ...]:
    """The kinds of media that this terminal may write."""
    here = terminals().get(run.terminal)
    if here is None:
        _refused(session, run, "NP-4141")
    return here.writes


def _refused(session: db.Session, run: Run, code: str, **said: Any) -> NoReturn:
    """Recorded, then refused."""
    error = Refused(code, **said)
    with session.transaction():
        session.run(
            "shokuin/refused", user_name=run.user_name, act=ACT, why=f"{error.code} 端末", unit=run.unit, terminal=run.terminal
        )
    raise error


def _slip(archive: str) -> str:
    return f"{archive.removesuffix('.zip')}_送受書.xlsx"


def _require_opens(archive: Path, key: Path) -> None:
    if not (key.is_file() and media.opens(archive, key)):
        raise Refused("NP-4153", file=archive.name)


def try_out(plan: Plan, to: Path | None) -> None:
    """What stands against writing there (None: an image is made, which needs nothing); nothing is written. As ``write``."""
    if not holds(plan.archive, plan.sha256):
        raise Refused("NP-4148", file=plan.archive.name)
    if to and plan.kind == DISC and not to.is_mount():
        raise Refused("NP-4149")
    if to and plan.kind != DISC:
        mount.look(to, plan.ours, plan.files)
    if to and plan.there and not all(path.is_file() for path in plan.lying(to).values()):
        raise Refused("NP-4147")


def write(site: Site, run: Run, plan: Plan, *, to: Path | None = None, image: Path | None = None) -> bool:
    """Onto the medium that is mounted at ``to``; of a CD-R into ``image``, and the disc at ``to`` is compared alone. Whether all of it was read
    back from the medium itself, so that it may be handed over.

    Refused NP-3283, NP-4146 to NP-4151, NP-4153, NP-4221; Unavailable NP-1021, NP-1026, NP-4152.
    """
    if image and plan.image and image.name != plan.image:
        raise Refused("NP-4221", file=plan.image)
    with site.session() as session, db.locked(session, "baitai"):
        try_out(plan, to)
        with session.transaction():
            event_id = session.value(
                "baitai/begin", number=plan.number, medium_no=plan.medium_no, written_on=run.day, reason=run.reason, **acting(run)
            )
        failpoint.reached("medium begun")
        if image:
            _to_image(plan, image)
        elif to:
            _to_medium(plan, to)
        if not to:
            return False
        with session.transaction():
            session.run("baitai/verified", event_id=event_id, reason=run.reason, **acting(run))
            failpoint.reached("medium recorded")
    return True


def _to_medium(plan: Plan, to: Path) -> None:
    """Put there, unless it is a disc, and read back."""
    if plan.kind != DISC:
        for path in reversed(plan.files):  # the archive last
            mount.put(to, path)
            failpoint.reached("medium written")
    lying = plan.lying(to)
    for name, sha256 in plan.wanted.items():
        if not lying[name].is_file() or mount.read(lying[name]) != sha256:
            raise Unavailable("NP-4152", file=name)
    _require_opens(next(lying[name] for name, what in plan.contents.items() if what == plan.archive), plan.key)


def _to_image(plan: Plan, image: Path) -> None:
    """An image that holds all of it, whole; one that holds something else is not touched: Refused NP-4151."""
    plain, wanted = plan.prescribed is not None, plan.wanted
    if image.exists() and iso.contents(image, plain=plain) != wanted:
        raise Refused("NP-4151", found=1)
    if not image.exists():
        iso.make(image, image.stem if plain else plan.serial, plan.contents, plain=plain)
        failpoint.reached("medium written")
    if iso.contents(image, plain=plain) != wanted:
        raise Unavailable("NP-4152", file=image.name)


def again(site: Site, run: Run, which: str) -> int:
    """That an archive may go onto a medium once more, put before a second person: the approval. Refused NP-4148."""
    with site.session() as session, session.transaction():
        found = session.one("baitai/archive", name=which)
        if found is None:
            raise Refused("NP-4148")
        on = "、".join(one.archive_name for one in held.on_media(session) if one.medium_no == found["medium_no"])
        approval: int = session.value(
            "baitai/again", medium_no=found["medium_no"], subject=_asked(found, bool(on)), days=registry.approvals()["kakinaoshi"].term,
            reason=run.reason, **acting(run),
        )  # fmt: skip
    return approval


def _asked(found: dict[str, Any], there: bool) -> str:
    before = "今ある媒体のほかに" if there else "もう一度"
    handed: date | None = found["handed_on"]
    return f"媒体番号 {found['medium_no']} {found['archive_name']}（{found['recipient']}）を{before}書く" + (
        f"。{handed} に引渡し済み" if handed else ""
    )
