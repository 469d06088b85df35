"""What every answer of the pages carries, what nobody is told, and how often one may try a password.

Airflow's own limit counts the log-in form only, not ``/auth/token``, and per address; here all of them count, per user.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from airflow.plugins_manager import AirflowPlugin

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
NOT_FOUND = {"detail": "ありません。"}
TRIED_TOO_OFTEN = {"detail": f"ログインの失敗が続いたため、この利用者を{LOCKED // 60}分間止めています。"}


class Gate:
    """ASGI middleware around everything that the api-server answers."""

    def __init__(self, app: App):
        self.app, self.logins = app, Logins()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path = scope["path"].rstrip("/")
        tell = _with_headers(send, path)
        if path.endswith(tuple(f"/{name}" for name in UNTOLD)):
            return await _answer(tell, 404, NOT_FOUND)
        if scope["method"] == "POST" and path in DOORS:
            return await self._log_in(scope, receive, tell)
        return await self.app(scope, receive, tell)

    async def _log_in(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _whole(receive)
        name = _name(body)
        wait = self.logins.begin(name)
        if wait:
            return await _answer(send, 429, TRIED_TOO_OFTEN, [(b"retry-after", str(int(wait) + 1).encode())])
        failed, form = False, scope["path"].startswith("/auth/login")

        async def watch(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start":
                failed = _failed(message)
                if not failed:
                    (self.logins.passed if form else self.logins.succeeded)(name)
                else:
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
