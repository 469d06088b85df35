"""復旧: a home made again on a fresh place, as it was at a moment. Never over one that is there.

The database becomes the home's last of all, when it has been read up to the moment and says of itself that it was restored: so one that is
killed anywhere leaves no home, begins anew, and no database works that does not know it was restored (``ledger.fukkyu_open``: the gate).
What lies outside of the database is the newest there is, whatever the moment: a number that was given stays given, and what
was destroyed is destroyed again.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from etl import run as runs
from etl.backup import besides, catalog, keys, rebuild
from etl.backup.catalog import Shelf
from etl.backup.rebuild import Say
from etl.core import backup as rules
from etl.core.errors import Refused, Unavailable
from etl.edge import atomic, failpoint, modes
from etl.edge.keys import Keys
from etl.hokan import key_copies
from etl.platform import postgres, scratch, wal
from etl.shokuin import identity
from etl.site import Site

MARK = "restoring.json"
OURS = ("pg", "keys", "archive", "outbox", "inbox", "fukkyu", *besides.WHOLE)


@dataclass(frozen=True)
class Wanted:
    """What is asked for: ``until`` None is the end of what is kept. ``keys``: a folder of keys, or their backup (then with its ``password``);
    ``objects``: where the keys of archived objects were copied every night."""

    home: Path
    source: Path
    keys: Path
    password: str | None = None
    until: datetime | None = None
    user: str | None = None
    objects: Path | None = None


@dataclass(frozen=True)
class Restored:
    """``moment``: what the database knows of; ``number``: of the restore in its own table."""

    home: Path
    backup: str
    moment: datetime
    number: int
    objects: int
    user: str


def restore(wanted: Wanted, say: Say) -> Restored:
    """Refused NP-3273 (something is there, or what is read from), NP-3274 (no backup of before that moment), NP-3265 to NP-3267, NP-3251,
    NP-3252 and what the server raises; Unavailable NP-3253 (no backup at all). When it ends otherwise than by returning, nothing has become a
    home."""
    home = wanted.home
    _require_apart(wanted)
    _begin(home, wanted.source)
    _keys(wanted)
    failpoint.reached("keys restored")
    shelf = Shelf(wanted.source, Keys(home / "keys"))
    known = catalog.known(shelf)
    if not known:
        raise Unavailable("NP-3253", file=wanted.source.name)
    chosen = rules.newest(known, wanted.until)
    if chosen is None:
        first = min((b.moment for b in known if rules.complete(rules.by_id(known), b)), default=None)
        raise Refused("NP-3274", first=f"{first:%Y-%m-%d %H:%M:%S}" if first else "なし")
    place = rebuild.place_of(home, "restoring")
    segments, reached = rebuild.segments(shelf, chosen, wanted.until)
    rebuild.rebuild(shelf, place, rebuild.chain_of(known, chosen), segments, say)
    say("データベース外のもの（保管物、渡した番号、消去の台帳）")
    newest = max(known, key=lambda b: b.moment)
    objects = besides.put_back(shelf, home, newest.id)
    besides.keep_heads(home, known)
    failpoint.reached("besides restored")
    moment = wanted.until or reached
    say("WAL の適用")
    number, user = _recover(wanted, place, Back(chosen.id, moment))
    failpoint.reached("database recovered")
    (place.data / "postgresql.auto.conf").write_text("")
    place.data.rename(home / "pg" / "data")
    failpoint.reached("database placed")
    place.clear()
    (home / MARK).unlink()
    return Restored(home, chosen.id, moment, number, objects, user)


def _require_apart(wanted: Wanted) -> None:
    """What is read lies elsewhere: a home that was left unfinished is emptied first. Refused NP-3273."""
    read = [path.resolve() for path in (wanted.source, wanted.keys, wanted.objects) if path]
    inside = any(home_of == wanted.home for path in read for home_of in (path, *path.parents))
    if inside or any(path.exists() and not path.is_dir() for path in (wanted.home, *wanted.home.parents)):
        raise Refused("NP-3273", item=wanted.home.name)


def _begin(home: Path, source: Path) -> None:
    """A fresh home, or one that a restore before this one left unfinished. Refused NP-3273."""
    mark = home / MARK
    if home.exists() and any(home.iterdir()) and not mark.exists():
        raise Refused("NP-3273", item=home.name)
    if (home / "pg" / "data").exists():  # the one before this was cut off after its end
        mark.unlink(missing_ok=True)
        raise Refused("NP-3273", item=home.name)
    modes.passable(home)
    atomic.write(mark, json.dumps({"from": str(source), "at": runs.now().isoformat()}).encode(), mode=0o600)
    rebuild.place_of(home, "restoring").clear()
    for name in OURS:
        shutil.rmtree(home / name, ignore_errors=True)
    modes.prepare(home)
    modes.passable(home / "pg")
    postgres.own(wal.folder(home))


def _keys(wanted: Wanted) -> None:
    """From a folder as it is, or from the keys' own backup. Refused NP-3272, NP-3275 (there are none)."""
    target = wanted.home / "keys"
    if wanted.keys.is_dir():
        shutil.copytree(wanted.keys, target, dirs_exist_ok=True)
    else:
        keys.put_back(wanted.keys, wanted.password or "", target)
    if wanted.objects:
        shutil.copytree(wanted.objects, target / key_copies.OBJECTS, dirs_exist_ok=True)
    if not list(target.glob("backup-[0-9][0-9].key")):
        raise Refused("NP-3275", item=wanted.keys.name)
    modes.close(wanted.home)


@dataclass(frozen=True)
class Back:
    """What the database says of itself when it is back."""

    backup: str
    moment: datetime


def _recover(wanted: Wanted, place: scratch.Place, back: Back) -> tuple[int, str]:
    """Read the WAL up to the moment; the database says of itself that it was restored. Its number there, and by whom."""
    if wanted.until:
        try:
            target = {"recovery_target_time": wanted.until.isoformat(), "recovery_target_action": "promote"}
            return _served(wanted, place, back, target)
        except Refused as error:
            if error.code != "NP-3257":
                raise
    return _served(wanted, place, back, {})  # nothing was committed after the moment: all there is, is of before it


def _served(wanted: Wanted, place: scratch.Place, back: Back, target: dict[str, str]) -> tuple[int, str]:
    scratch.set_out(place, target)
    with scratch.server(place, wal.settings(wanted.home, postgres.version())) as server:
        server.settled(paused=False)
        site = Site(wanted.home, server.url("kokunen_app"))
        user = _who(site, wanted.user)
        with site.session("backup") as session, session.transaction():
            number = session.value("backup/restored", user_name=user, backup=back.backup, moment=back.moment, **runs.here())
    return number, user


def _who(site: Site, claimed: str | None) -> str:
    """Whoever restores, as the restored register has it. Nobody can prove it where no log-in came back: then the name that was given, or
    the user of the operating system. It opens no gate: who accepts must be another one."""
    try:
        return identity.who(site, claimed)
    except Refused:
        return runs.check_user(claimed or f"OS {identity.os_user()}")
