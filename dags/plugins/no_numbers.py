"""Nothing that looks like a 個人番号 enters Airflow: a request that holds 12 digits, however they are written, is refused (NP-1002).

Parameters, notes, reasons and answers all come in as request bodies of the API; Airflow keeps them for all to read.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from etl.core.codec import chars
from etl.core.codec.digits import typed_kojin_no

#: the messages of ASGI (https://asgi.readthedocs.io)
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

NUMBER = "[NP-1002] 12桁の数字は書けません。個人番号を含まない書き方にしてください。"
#: what is written into the records, and is refused there: here in time, before an answer counts as given
WRITTEN = ("reason", "comment")
FLAW = "[NP-1016] 処理事由などに改行、制御文字又は見えない文字は書けません。1行で書き直してください。"


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
        said = _said(body)
        if typed_kojin_no(said):
            return await _refuse(send, NUMBER)
        if _flawed(said):
            return await _refuse(send, FLAW)
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


def _flawed(said: Any) -> bool:
    """Whether a reason or comment, wherever it stands, holds a control character or one that cannot be seen."""
    if isinstance(said, dict):
        return any((k in WRITTEN and isinstance(v, str) and chars.flaw(v) is not None) or _flawed(v) for k, v in said.items())
    return isinstance(said, list) and any(map(_flawed, said))


async def _refuse(send: Send, why: str) -> None:
    body = json.dumps({"detail": why}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class KokunenPlugin(AirflowPlugin):
    name = "kokunen"
    fastapi_root_middlewares = [{"middleware": NoNumbers, "args": [], "kwargs": {}, "name": "12桁の数字を断る"}]  # noqa: RUF012
