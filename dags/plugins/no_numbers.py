"""Nothing that looks like a 個人番号 enters Airflow: a request that holds 12 digits, however they are written, is refused (NP-1002).

Parameters, notes, reasons and answers all come in as request bodies of the API; Airflow keeps them for all to read.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from etl.core.codec.digits import typed_kojin_no

#: the messages of ASGI (https://asgi.readthedocs.io)
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

REFUSAL = {"detail": "[NP-1002] 12桁の数字は書けません。個人番号を含まない書き方にしてください。"}


class NoNumbers:
    """ASGI middleware of the public API; the tasks' own API and the log-in page are not its business."""

    def __init__(self, app: App):
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD") or not scope["path"].startswith(("/api/v2", "/ui")):
            return await self.app(scope, receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if typed_kojin_no(_said(body)):
            return await _refuse(send)
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])
        return await self.app(scope, lambda: _next(messages, receive), send)


async def _next(messages: Iterator[Message], receive: Receive) -> Message:
    message = next(messages, None)
    return message if message is not None else await receive()


def _said(body: bytes) -> Any:
    """What the body says: its JSON, else its text. Each text by itself, so that the digits of two fields do not join."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


async def _refuse(send: Send) -> None:
    body = json.dumps(REFUSAL, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class KokunenPlugin(AirflowPlugin):
    name = "kokunen"
    fastapi_root_middlewares = [{"middleware": NoNumbers, "args": [], "kwargs": {}, "name": "12桁の数字を断る"}]  # noqa: RUF012
