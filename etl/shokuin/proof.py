"""本人確認: passwords, second factors and log-ins (P56–P58). Passwords are kept as the pages keep them, so that both have the same.

Each failure is answered later than the one before and recorded; after five, a quarter of an hour passes before another try. A name that is
unknown is answered after the same work as one that is known.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unicodedata import normalize

import pyotp
from werkzeug.security import check_password_hash, generate_password_hash

from etl import run as runs
from etl.core.errors import Refused
from etl.edge import atomic, db
from etl.shokuin import identity
from etl.site import Site

HOURS = 8  # a log-in holds for a working day
SHORTEST, LONGEST = 12, 256  # characters of a password
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # of a password that is made: none looks like another
NOBODY = f"scrypt:32768:8:1${'0' * 16}${'0' * 128}"  # nobody's; it takes as long as anybody's
ISSUER = "kokunen"
Code = str | Callable[[], str | None] | None


@dataclass(frozen=True)
class Made:
    """What was made for somebody and is shown once: ``password``, ``secret`` of the second factor."""

    user: str
    password: str | None = field(repr=False)
    secret: str | None = field(repr=False)

    @property
    def otpauth(self) -> str | None:
        """The address that an authenticator takes in, also as a picture."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=self.user, issuer_name=ISSUER) if self.secret else None


Keep = Callable[[Sequence[Made]], None]


def new_word() -> str:
    """A password: 80 bits in four groups that can be read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def new_secret() -> str:
    return pyotp.random_base32()


def check_word(password: str) -> str:
    """Refused NP-1086 when it is too short (or longer than anybody types)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused("NP-1086", shortest=SHORTEST)
    return password


def log_in(site: Site, user: str, password: str, code: Code = None) -> tuple[str, datetime]:
    """A token, and when it ends. ``code``: the number of the second factor, or what asks for it where one is demanded. Refused NP-1084 (password,
    second factor or name; recorded), NP-1085 (too many tries)."""
    with site.session("people") as session:
        _prove(session, site, user, password, code)
        token = secrets.token_urlsafe(32)
        with session.transaction():
            ends = session.value("shokuin/log_in", user_name=user, token_hash=identity.digest(token), hours=HOURS, **runs.here())
    return token, ends


def check(site: Site, user: str, password: str, code: Code = None) -> None:
    """Whether it is still the same person: before he changes what he proves himself by. Refused as ``log_in``."""
    with site.session("people") as session:
        _prove(session, site, user, password, code)


def _prove(session: db.Session, site: Site, user: str, password: str, code: Code) -> None:
    session.run("shokuin/turn", user_name=user)
    if wait := session.value("shokuin/machi", user_name=user):
        raise Refused("NP-1085", seconds=wait)
    kept = session.one("shokuin/kakunin_of", user_name=user)
    good = check_password_hash(kept["password_hash"] if kept else NOBODY, password[: LONGEST + 1]) and kept is not None
    if good and kept and _second(session, site, kept, code):
        return
    with session.transaction():
        session.run("shokuin/failed", user_name=user, why="二つ目の確認" if good else "パスワード", **runs.here())
    raise Refused("NP-1084")


def _second(session: db.Session, site: Site, kept: dict[str, Any], code: Code) -> bool:
    """Whether the number of the second factor is of now, or of the half minute before or after, and was not used yet."""
    if not (kept["totp"] or kept["totp_cipher"]):
        return True
    session.commit()  # somebody may type for a while
    given = normalize("NFKC", (code() if callable(code) else code) or "").replace(" ", "")
    if not kept["totp_cipher"] or not given:
        return False
    totp = pyotp.TOTP(site.keys.decrypt(kept["key_id"], bytes(kept["totp_cipher"])).decode())
    try:
        step = totp.verify_and_get_timecode(given, for_time=runs.now(), valid_window=1)
    except pyotp.exceptions.OTPVerificationError:
        return False
    with session.transaction():
        return bool(session.value("shokuin/use_step", user_name=kept["user_name"], step=step))


def keep(user: str, token: str) -> None:
    """The token into our file, instead of the one before."""
    identity.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    atomic.write(identity.token_file(user), token.encode("ascii"), mode=0o600)


def log_out(site: Site, user: str | None) -> int:
    """Ends the log-ins whose tokens are here, in ``KOKUNEN_TOKEN`` or in files (those of ``user``, or all); how many."""
    paths = [identity.token_file(user)] if user else sorted(identity.folder().glob("*.token"))
    given = os.environ.get("KOKUNEN_TOKEN") if user is None else None
    tokens = [token for token in (given, *map(identity.read, paths)) if token]
    with site.session("people") as session, session.transaction():
        ended = sum(int(session.value("shokuin/log_out", token_hash=identity.digest(t), **runs.here())) for t in tokens)
    for path in paths:
        path.unlink(missing_ok=True)
    return ended


def put(
    session: db.Session, site: Site, by: str, user: str, reason: str, *, password: str | None = None, secret: str | None = None
) -> None:
    """A password or a second factor, or both, in the caller's transaction; whoever was logged in is out. Refused NP-1083, NP-1089."""
    cipher = site.keys.cipher("row") if secret else None
    session.run(
        "shokuin/set_kakunin", by=by, user_name=user, password_hash=generate_password_hash(password) if password else None,
        totp_cipher=cipher.encrypt((secret or "").encode()) if cipher else None, key_id=cipher.key_id if cipher else None,
        reason=reason, **runs.here(),
    )  # fmt: skip


def set_password(site: Site, by: str, user: str, password: str, reason: str, *, totp: str | None = None) -> None:
    """A new password; whoever was logged in is out. ``totp``: a new secret of the second factor. Refused NP-1086 when it is too short."""
    runs.check_reason(reason)
    check_word(password)
    with site.session("people") as session, session.transaction():
        put(session, site, by, user, reason, password=password, secret=totp)


def set_totp(site: Site, by: str, user: str, reason: str) -> Made:
    """A new second factor instead of the one before; whoever was logged in is out."""
    runs.check_reason(reason)
    made = Made(user, None, new_secret())
    with site.session("people") as session, session.transaction():
        put(session, site, by, user, reason, secret=made.secret)
    return made
