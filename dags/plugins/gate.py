"""What every answer of the pages carries, what nobody is told, how often one may try a password, and when a log-in ends by itself.

Airflow's own limit counts the log-in form only, not ``/auth/token``, and per address; here all of them count, per user. What is refused is
left as a line for whoever watches over us, who takes it into the chain of records: this process knows no secret of that database.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from airflow.plugins_manager import AirflowPlugin

from etl.core.codec.digits import holds_kojin_no
from etl.edge import spool
from idle import Idle
from logins import LOCKED, Logins

log = logging.getLogger(__name__)

#: the messages of ASGI (https://asgi.readthedocs.io)
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

#: descriptions of the interfaces, which would be there for everybody, also below /auth and /execution
UNTOLD = ("docs", "redoc", "openapi.json", "docs/oauth2-redirect")
DOORS = ("/auth/token", "/auth/token/cli", "/auth/login")
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{inline}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)  # the page of users and roles is framed by our own
HEADERS = [(b"x-frame-options", b"SAMEORIGIN"), (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
COOKIES = ("session", "_token")
WORDS = ("", "v1", "v2", "~")  # of a path that are no names
NOT_FOUND = {"detail": "ありません。"}
TRIED_TOO_OFTEN = {"detail": f"ログインの失敗が続いたため、この利用者を{LOCKED // 60}分間止めています。"}


class Gate:
    """ASGI middleware around everything that the api-server answers."""

    def __init__(self, app: App):
        self.app, self.logins = app, Logins()
        self.idle = Idle(60 * int(os.environ.get("KOKUNEN_IDLE_MINUTES", "30")))
        self.spool = spool.of_pages(Path(os.environ["KOKUNEN_HOME"]))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = scope["path"].rstrip("/")
        tell = _with_headers(send, path)
        if path.endswith(tuple(f"/{name}" for name in UNTOLD)):
            return await _answer(tell, 404, NOT_FOUND)
        if scope["method"] == "POST" and path in DOORS:
            return await self._log_in(scope, receive, tell)
        cookies = _cookies(scope)
        # both: with one of them alone the pages would quietly give out the other anew
        over = [self.idle.over(cookies[name], scope["method"], path) for name in COOKIES if name in cookies]
        if any(over):
            scope, tell = _without_cookies(scope), _logged_out(tell)
        return await self.app(scope, receive, self._watched(scope, tell, path))

    def _watched(self, scope: Message, send: Send, path: str) -> Send:
        """What somebody who is logged in may not do is left for the chain."""

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and _refused(path, message["status"]) and (token := _token(scope)):
                said = {"what": "refused", "user": await _number(token), "method": scope["method"], "path": pattern(path, scope)}
                self._leave(scope, **said)
            await send(message)

        return tell

    def _leave(self, scope: Message, **said: str) -> None:
        spool.leave(self.spool, said | {"terminal": str((scope.get("client") or ("?",))[0])})

    async def _log_in(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _whole(receive)
        name = _name(body)
        wait = self.logins.begin(name)
        if wait:
            self._leave(scope, what="failed", user="" if len(name) > 64 or holds_kojin_no(name) else name)
            return await _answer(send, 429, TRIED_TOO_OFTEN, [(b"retry-after", str(int(wait) + 1).encode())])
        failed, form = False, scope["path"].startswith("/auth/login")

        async def watch(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start":
                failed = _failed(message)
                if not failed:
                    (self.logins.passed if form else self.logins.succeeded)(name)
                else:
                    self._leave(scope, what="failed", user="" if len(name) > 64 or holds_kojin_no(name) else name)
                    if self.logins.failed(name):
                        log.warning("ログインの失敗が続いたため、利用者を%s分間止めました", LOCKED // 60)
                    await asyncio.sleep(self.logins.delay(name))
            await send(message)

        once = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> Message:
            message = next(once, None)
            return message if message is not None else await receive()

        try:
            return await self.app(scope, again, watch)
        except Exception:
            self.logins.failed(name)
            raise


def _refused(path: str, status: int) -> bool:
    """A refusal, or the older pages' way back from what one may not see (they change nothing for anybody, so they send nobody on)."""
    return status == 403 or (status == 302 and path.startswith("/auth/") and not path.startswith(("/auth/log", "/auth/token")))


def _cookies(scope: Message) -> dict[str, str]:
    found: SimpleCookie = SimpleCookie()
    for name, value in scope.get("headers") or []:
        if name == b"cookie":
            found.load(value.decode("latin-1"))
    return {name: morsel.value for name, morsel in found.items()}


def _without_cookies(scope: Message) -> Message:
    """The request of somebody who is not logged in (``user``: whom the middleware before us has found in the cookie)."""
    state = {k: v for k, v in (scope.get("state") or {}).items() if not k.startswith("user")}
    return scope | {"headers": [(n, v) for n, v in scope["headers"] if n != b"cookie"], "state": state}


def _logged_out(send: Send) -> Send:
    ended = [(b"set-cookie", f"{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax".encode()) for name in COOKIES]

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = b"".join(v for n, v in message.get("headers") or [] if n.lower() == b"set-cookie")
            more = [(n, v) for n, v in ended if v.split(b"=")[0] + b"=" not in given]  # a new log-in is not ended
            message = {**message, "headers": [*(message.get("headers") or []), *more]}
        await send(message)

    return tell


def _token(scope: Message) -> str | None:
    said = dict(scope.get("headers") or []).get(b"authorization", b"").decode("latin-1")
    return said[7:] if said[:7].lower() == "bearer " else _cookies(scope).get("_token")


async def _number(token: str) -> str:
    """Whose token this is, if it is one of ours; also of somebody who has left."""
    from airflow.api_fastapi.app import get_auth_manager  # every component loads this file, one of them has the rest anyway

    try:
        claims = await get_auth_manager()._get_token_validator().avalidated_claims(token)
        return str(claims.get("sub", ""))
    except Exception:  # over, or not ours: nobody's
        return ""


def pattern(path: str, scope: Message) -> str:
    """The path without what it names: no run, no user, no number."""
    named = {str(value): f"{{{name}}}" for name, value in (scope.get("path_params") or {}).items()}
    return "/".join(
        named.get(part) or (part if (part.isascii() and part.isalpha()) or part in WORDS else "{}") for part in path.split("/")
    )


def _failed(start: Message) -> bool:
    """A refusal, or the form's way back to itself."""
    location = dict(start.get("headers") or []).get(b"location", b"").split(b"?")[0].rstrip(b"/")
    return bool(start["status"] >= 400 or start["status"] == 200 or location.endswith(b"/login"))


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _name(body: bytes) -> str:
    """The user that a log-in names, in JSON or as a form."""
    try:
        told = json.loads(body)
        return str(told.get("username", "")) if isinstance(told, dict) else ""
    except ValueError:
        return (parse_qs(body.decode("utf-8", "replace")).get("username") or [""])[0]


def _with_headers(send: Send, path: str) -> Send:
    inline = " 'unsafe-inline'" if path.startswith("/auth") else ""  # the pages of users and roles are of an older make
    added = [(b"content-security-policy", POLICY.format(inline=inline).encode()), *HEADERS]

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name for name, _ in added}
            kept = [(n, v) for n, v in message.get("headers") or [] if bytes(n).lower() not in names]
            message = {**message, "headers": [*kept, *added]}
        await send(message)

    return tell


async def _answer(send: Send, status: int, told: dict[str, str], more: list[tuple[bytes, bytes]] | None = None) -> None:
    body = json.dumps(told, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode()), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class KokunenGate(AirflowPlugin):
    name = "kokunen_gate"
    fastapi_root_middlewares = [{"middleware": Gate, "args": [], "kwargs": {}, "name": "門"}]  # noqa: RUF012
