"""本人確認: passwords, second factors and log-ins (P56–P58). Passwords are kept as the pages keep them, so that both have the same.

Each failure is answered later than the one before and recorded; after five, a quarter of an hour passes before another try.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import pyotp
from werkzeug.security import check_password_hash, generate_password_hash

from etl import run as runs
from etl.core.errors import Refused
from etl.edge import atomic
from etl.shokuin import identity
from etl.site import Site

HOURS = 8  # a log-in holds for a working day
SHORTEST = 12  # characters of a password
NOBODY = generate_password_hash(secrets.token_urlsafe(16))  # an unknown name takes as long as a known one


def log_in(site: Site, user: str, password: str, code: str | None = None) -> tuple[str, datetime]:
    """A token, and when it ends. Refused NP-1084 (password, second factor or name; recorded), NP-1085 (too many tries)."""
    with site.session("people") as session:
        if wait := session.value("shokuin/machi", user_name=user):
            raise Refused("NP-1085", seconds=wait)
        kept = session.one("shokuin/kakunin_of", user_name=user)
        good = check_password_hash(kept["password_hash"] if kept else NOBODY, password) and kept is not None
        if not good or not _second(site, kept or {}, code):
            with session.transaction():
                session.run("shokuin/failed", user_name=user, why="パスワード" if not good else "二つ目の確認", **runs.here())
            raise Refused("NP-1084")
        token = secrets.token_urlsafe(32)
        with session.transaction():
            ends = session.value("shokuin/log_in", user_name=user, token_hash=identity.digest(token), hours=HOURS, **runs.here())
    return token, ends


def _second(site: Site, kept: dict[str, Any], code: str | None) -> bool:
    if not kept["totp"]:
        return True
    if not kept["totp_cipher"] or not code:
        return False
    secret = site.keys.decrypt(kept["key_id"], bytes(kept["totp_cipher"])).decode()
    return pyotp.TOTP(secret).verify(code, valid_window=1)


def keep(user: str, token: str) -> None:
    """The token into our file, instead of the one before."""
    identity.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    atomic.write(identity.token_file(user), token.encode("ascii"), mode=0o600)


def log_out(site: Site, user: str | None) -> int:
    """Ends the log-ins whose tokens lie here (those of ``user``, or all); how many."""
    paths = [identity.token_file(user)] if user else sorted(identity.folder().glob("*.token"))
    ended = 0
    with site.session("people") as session:
        for path in paths:
            if token := identity.read(path):
                with session.transaction():
                    ended += session.value("shokuin/log_out", token_hash=identity.digest(token))
                path.unlink()
    return ended


def set_password(site: Site, by: str, user: str, password: str, reason: str, *, totp: str | None = None) -> None:
    """A new password; whoever was logged in is out. ``totp``: the secret of the second factor. Refused NP-1086 when it is too short."""
    if len(password) < SHORTEST:
        raise Refused("NP-1086", shortest=SHORTEST)
    cipher = site.keys.cipher("row") if totp else None
    with site.session("people") as session, session.transaction():
        session.run(
            "shokuin/set_kakunin", by=by, user_name=user, password_hash=generate_password_hash(password),
            totp_cipher=cipher.encrypt((totp or "").encode()) if cipher else None, key_id=cipher.key_id if cipher else None,
            reason=reason, **runs.here(),
        )  # fmt: skip
