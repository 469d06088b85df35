"""本人: who is typing now. A name that is only typed proves nothing (P56, P57).

In this order: the token in ``KOKUNEN_TOKEN`` (then nothing else); the user of the operating system, as the register maps it; a token that
``kokunen login`` left in a file of ours. ``--as`` says which of these is meant.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from pathlib import Path

from etl import run as runs
from etl.core.codec import users
from etl.core.errors import Refused
from etl.edge import db
from etl.site import Site


def who(site: Site, claimed: str | None) -> str:
    """The name of whoever types, as the register has it. ``claimed``: the name that was typed, if any.

    Refused, and recorded: NP-1080 (nobody proved anything), NP-1081 (the token is over, was taken back, or its owner has left), NP-1082 (the
    proof is somebody else's).
    """
    token = os.environ.get("KOKUNEN_TOKEN")
    with site.session("people") as session:
        proved = _owner(session, token) if token else _here(session, claimed)
        if proved and (claimed is None or users.same(proved, claimed)):
            return str(proved)
        error = Refused("NP-1082" if proved else "NP-1081" if token else "NP-1080")
        with session.transaction():
            session.run("shokuin/refused", user_name=proved or f"OS {os_user()}", act="本人確認", why=error.code, **runs.here())
    raise error


def os_user() -> str:
    """The user that this process runs as, whatever its environment says."""
    return pwd.getpwuid(os.getuid()).pw_name


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def _owner(session: db.Session, token: str) -> str | None:
    found: str | None = session.value("shokuin/who", token_hash=digest(token))
    return found


def _here(session: db.Session, claimed: str | None) -> str | None:
    """The user of the operating system; whoever logged in instead, where he is the one who is meant."""
    mapped: str | None = session.value("shokuin/who_is", os_user=os_user())
    if mapped and (claimed is None or users.same(mapped, claimed)):
        return mapped
    return _kept(session, claimed) or mapped


def _kept(session: db.Session, claimed: str | None) -> str | None:
    """Whose valid token lies in our files: that of ``claimed``, or the only one there is."""
    paths = [token_file(claimed)] if claimed else sorted(folder().glob("*.token"))
    owners = {owner for path in paths if (token := read(path)) and (owner := _owner(session, token))}
    return owners.pop() if len(owners) == 1 else None


def folder() -> Path:
    """Where our tokens lie: outside of every home and repository, for this user of the machine alone."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "kokunen"


def token_file(user: str) -> Path:
    return folder() / f"{hashlib.sha256((users.person(user) or '-').encode()).hexdigest()[:16]}.token"


def read(path: Path) -> str | None:
    """The token of a file that is ours and nobody else may read."""
    try:
        found = path.stat()
        return (
            path.read_text(encoding="ascii") if found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077 else None
        )
    except (OSError, ValueError):
        return None
