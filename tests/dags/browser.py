"""A browser, as far as the log-in of the pages goes: it keeps cookies, sends the form, and follows where it is sent."""

from __future__ import annotations

import re
import ssl
import urllib.error
import urllib.request
from http.cookiejar import Cookie, CookieJar
from urllib.parse import urlencode


class Browser:
    def __init__(self, address: str, context: ssl.SSLContext | None = None):
        self.address, self.cookies = address, CookieJar()
        handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPCookieProcessor(self.cookies)]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    def open(self, path: str, form: dict[str, str] | None = None, method: str | None = None) -> tuple[int, str, str]:
        """(status, the path where it ended, the text)."""
        data = urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address + path}, method=method)  # noqa: S310
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.url.removeprefix(self.address), answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, path, error.read().decode("utf-8", "replace")

    def log_in(self, user: str, password: str) -> bool:
        """Whether the form let this one in."""
        text = self.open("/auth/login/")[2]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert found, "the form"
        self.open("/auth/login/", {"csrf_token": found[1], "username": user, "password": password})
        return self.open("/api/v2/dags")[0] == 200

    def cookie(self, name: str) -> Cookie:
        return next(c for c in self.cookies if c.name == name)
