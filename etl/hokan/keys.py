"""鍵の更新: a new key wraps the keys of all objects. No object is written anew; the old key stays readable, and is no longer needed at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from etl.audit import record
from etl.core.errors import Unavailable
from etl.core.states import Operation
from etl.edge import db, failpoint
from etl.edge.keys import ARCHIVE
from etl.run import Run, check_keys
from etl.site import Site


@dataclass(frozen=True)
class Rotated:
    """The key that wraps now, and how many keys were wrapped anew."""

    key_id: str
    wrapped: int


def rotate(site: Site, run: Run, tell: Callable[[int, int], None]) -> Rotated:
    """A new key, then every object's key wrapped by it. What was cut off goes on with the key that it had made. Unavailable NP-1021 when somebody
    else is at it, NP-3201, NP-1031; Refused NP-3203, NP-3211."""
    with site.session() as session, db.locked(session, "keys"):
        site.keys.sweep()
        key_id = _newest(site)
        with session.transaction():
            check_keys(session, site)  # the new one is known from now on
            record(session, run, Operation.KAGI_KOUSHIN, key_id)
        failpoint.reached("key made")
        wrapped = 0
        while old := [name for name, by in _wrapped(site).items() if by != key_id]:
            for done, name in enumerate(old, 1):
                wrapped += _rewrap(session, site, name)
                tell(done, len(old))
        failpoint.reached("keys wrapped")
    return Rotated(key_id, wrapped)


def _newest(site: Site) -> str:
    """The one that a rotation before made and did not come to the end with, else a new one."""
    newest = site.keys.current_id(ARCHIVE)
    return newest if set(_wrapped(site).values()) - {newest} else site.keys.add(ARCHIVE)


def _wrapped(site: Site) -> dict[str, str]:
    """object -> the key that wraps its key; without those that go while we look. Unavailable NP-3201 when a file is none of ours."""
    found = {}
    for name in site.keys.objects():
        try:
            found[name] = site.keys.wrapped_by(name)
        except Unavailable:
            if site.keys.object_file(name).exists():
                raise
    return found


def _rewrap(session: db.Session, site: Site, object_key: str) -> int:
    """1, or 0 where the key is being destroyed: its row says so before it goes, so it is not brought back."""
    try:
        data_key = site.keys.unwrap(object_key)
    except Unavailable as error:
        if error.code != "NP-3201" or site.keys.object_file(object_key).exists():
            raise
        return 0  # gone since we looked
    site.keys.wrap(object_key, data_key)
    failpoint.reached("key wrapped")
    gone = session.value("hokan/key_gone", object_key=object_key)
    session.commit()
    if gone:
        site.keys.object_file(object_key).unlink(missing_ok=True)
    return int(not gone)
