"""市の証明書: the pages by TLS, with the tasks' own way on this machine alone; and a log-in that nobody touches ends, although its page asks on."""

from __future__ import annotations

import ssl
import time
import urllib.request
from collections.abc import Iterator

import pytest

from etl.platform import listen
from tests import certificate
from tests.dags.browser import Browser
from tests.dags.office import Office, close_office, open_office

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    cert, key = certificate.make(tmp_path_factory.mktemp("tls"), ("127.0.0.1",))
    made = open_office(
        tmp_path_factory.mktemp("secure"), KOKUNEN_TLS_CERT=str(cert), KOKUNEN_TLS_KEY=str(key), KOKUNEN_IDLE_MINUTES="1"
    )
    try:
        yield made
    finally:
        close_office(made)


def trusted(office: Office) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=listen.listening(office.home).cert)


def test_画面は証明書で開き_証明書のない呼び方には答えない(secure: Office) -> None:
    here = listen.listening(secure.home)
    assert here.address.startswith("https://127.0.0.1:") and secure.operator.get("/dags")["total_entries"]
    with pytest.raises(OSError, match=r"."):
        urllib.request.urlopen(here.address.replace("https", "http"), timeout=10)  # noqa: S310
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(here.address, timeout=10)  # noqa: S310


def test_工程は画面を通らずに動く(secure: Office) -> None:
    here = listen.listening(secure.home)
    run = secure.start("juki_shoukai_daily", "2025-09-24", None)
    assert secure.operator.wait("juki_shoukai_daily", run) == "failed"
    assert "[NP-1003]" in secure.log("juki_shoukai_daily", run, "start"), "its first step has run and said no"
    assert secure.operator._send("GET", "/execution/health", None, {})[1] is None, "what tasks talk to is not among the pages"
    with urllib.request.urlopen(f"{here.tasks}/execution/health", timeout=10) as answer:  # noqa: S310
        assert answer.status == 200


def test_ログインの鍵は証明書のある道だけを行き_触らなければ終わる(secure: Office) -> None:
    browser = Browser(secure.operator.address, trusted(secure))
    assert browser.log_in("sousa01", secure.operator.password)
    assert browser.cookie("session").secure and browser.cookie("_token").secure
    began = time.monotonic()
    while browser.open("/api/v2/dags")[0] == 200 and time.monotonic() - began < 90:
        time.sleep(2)  # an open page asks on by itself
    assert 55 < time.monotonic() - began < 75
    assert browser.open("/api/v2/dags")[0] == 401 and not [
        c for c in browser.cookies if c.name in ("session", "_token") and c.value
    ]
    assert browser.log_in("sousa01", secure.operator.password), "whoever comes back logs in again"
