"""証明書: the city's certificate of the pages, looked at before anything is started with it."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from etl.core.errors import Refused


def names(cert: Path, key: Path) -> tuple[str, ...]:
    """The names and addresses that the certificate is for. Refused NP-1096: not readable, not of this key, or not valid today."""
    try:
        # a key with a password would start nothing at night
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: b"")
        found = x509.load_pem_x509_certificate(cert.read_bytes())
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        raise Refused("NP-1096", why="読めないか、鍵と合いません") from None
    if not found.not_valid_before_utc <= datetime.now(UTC) < found.not_valid_after_utc:
        raise Refused("NP-1096", why="有効期間の外です")
    try:
        said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (*said.get_values_for_type(x509.DNSName), *map(str, said.get_values_for_type(x509.IPAddress)))


def holds(names: tuple[str, ...], host: str) -> bool:
    """Whether a browser that goes to ``host`` finds it in the certificate: itself, or its first label by a star."""
    return any(
        n.lower() == host.lower() or (n.startswith("*.") and n[1:].lower() == host.lower()[host.find(".") :]) for n in names
    )


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine gets there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
