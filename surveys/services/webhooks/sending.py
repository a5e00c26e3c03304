"""One signed request to one address: over TLS, to the host that was looked up, and no further.

A member names the address, and the server calls it from inside of its own network: what leads there
is refused, redirects are not followed, and nothing of the answer is kept but its status.
"""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from surveys.services.webhooks.refusals import WebhookError, WebhookRefused

# Seconds that an address has for one step of the connection, and for everything.
STEP, ALL = 5, 15
TIMESTAMP, SIGNATURE = "Counterpart-Timestamp", "Counterpart-Signature"


# Addresses of IPv6 that a gateway turns into any of IPv4.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request goes: the address, and the one place that its host was found at."""

    parts: SplitResult
    ip: str

    @property
    def port(self) -> int:
        """The port that the address names, or the usual one."""
        return self.parts.port or (443 if self.parts.scheme == "https" else 80)


def place_of(address: str) -> Place:
    """Look an address up. Raises `WebhookError` for one that must not be called.

    Hosts of `WEBHOOK_HOSTS` may be anywhere, and need no TLS: the operator named them.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise WebhookError(WebhookRefused.NOT_HTTPS) from None
    is_allowed = host in settings.WEBHOOK_HOSTS
    is_safe = parts.scheme == "https" or (is_allowed and parts.scheme == "http")
    if not (host and is_safe and parts.username is None and parts.password is None):
        raise WebhookError(WebhookRefused.NOT_HTTPS)
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise WebhookError(WebhookRefused.UNRESOLVED, host=host) from None
    places = [str(one[4][0]) for one in found]
    if not is_allowed and not all(map(_is_public, places)):
        raise WebhookError(WebhookRefused.PRIVATE, host=host)
    return Place(parts, places[0])


def _is_public(place: str) -> bool:
    """Whether it is a machine of the public network, also where it is written as one of IPv6."""
    ip = ipaddress.ip_address(place.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None,))[0]
        if any(ip in network for network in _TRANSLATED):
            return False
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def signature_of(*, secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 (hex) over the time in seconds, a full stop, and the body, after ``v1=``."""
    signed = f"{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def send(*, address: str, body: bytes, secret: str, timestamp: int, about: dict[str, str]) -> int:
    """Post the body and return the status that was answered. Raises `WebhookError`."""
    place = place_of(address)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Counterpart",
        TIMESTAMP: str(timestamp),
        SIGNATURE: signature_of(secret=secret, timestamp=timestamp, body=body),
        **about,
    }
    target = (place.parts.path or "/") + (f"?{place.parts.query}" if place.parts.query else "")
    line = _Line(place)
    watch = threading.Timer(ALL, line.hang_up)
    watch.start()
    try:
        line.request("POST", target, body=body, headers=headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        raise WebhookError(WebhookRefused.NO_ANSWER) from None
    finally:
        watch.cancel()
        line.close()


class _Line(http.client.HTTPConnection):
    """A connection to the place that was looked up, whatever the name leads to by now."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.parts.hostname or "", place.port, timeout=STEP)
        self._place = place

    def connect(self) -> None:
        """Open it; over TLS the certificate has to be of the host that was named."""
        self.sock = socket.create_connection((self._place.ip, self._place.port), STEP)
        if self._place.parts.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def hang_up(self) -> None:
        """End it from outside: whoever answers a byte at a time would hold it for ever."""
        if self.sock is not None:
            self.sock.close()
