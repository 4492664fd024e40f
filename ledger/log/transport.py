"""HTTP for the log: POST to a witness, GET from a static server. Bounded in bytes and time; nothing but http and https is ever opened.

Redirects are followed for reading only, within http and https. A server that sends a byte now and then is cut off: the time is for all of
it.
"""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from ledger.errors import LedgerError
from ledger.log.policy import DEFAULT_TIMEOUT_SECONDS

_WHOLE_TIMEOUTS = 6
_MOST_BYTES = 32 << 20
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer: status, content type, body."""

    status: int
    content_type: str
    body: bytes


def is_url(text: str) -> bool:
    """Whether a text names something that this module opens."""
    return text.startswith(("http://", "https://"))


def request(
    url: str,
    data: bytes | None = None,
    *,
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    redirects: bool = False,
    content_type: str = "application/octet-stream",
) -> Response:
    """GET a URL, or POST data to it; any status is an answer.

    Args:
        timeout_seconds: for each wait; the whole exchange may take six times as long.

    Raises:
        LedgerError: LG0511 when there is no answer, it takes too long, or it is too large.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        response, target = _exchange(url, data, timeout_seconds, content_type)
        if not redirects or response.status not in _REDIRECTS or target is None:
            return response
        url = urljoin(url, target)
    raise LedgerError("LG0511", f"`{_shown(url)}` is the end of more than {_MOST_REDIRECTS} redirects")


def _shown(url: str) -> str:
    return ascii(url)[1:-1][:200]


def _exchange(url: str, data: bytes | None, timeout_seconds: float, content_type: str) -> tuple[Response, str | None]:
    """One request and its answer, with where it leads to if it says so."""
    if not is_url(url):
        raise LedgerError("LG0511", f"`{_shown(url)}` is neither an http nor an https address")
    over = threading.Event()
    try:
        parts = urlsplit(url)
        connection = _connection(parts, timeout_seconds)
        sockets: list[socket.socket] = []
        watch = threading.Timer(timeout_seconds * _WHOLE_TIMEOUTS, _cut_off, (connection, sockets, over))
        watch.daemon = True
        watch.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"Content-Type": content_type} if data is not None else {}
            connection.connect()
            sockets.append(connection.sock)  # an answer without a length takes it away from the connection
            connection.request("GET" if data is None else "POST", path, data, headers)
            with connection.getresponse() as answer:
                body = answer.read(_MOST_BYTES + 1)
                if answer.length and len(body) <= _MOST_BYTES:
                    raise http.client.IncompleteRead(body, answer.length)
                response = Response(answer.status, answer.headers.get_content_type(), body)
                target = answer.headers.get("Location")
        finally:
            watch.cancel()
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = "it takes too long" if over.is_set() else str(error) or type(error).__name__
        raise LedgerError("LG0511", f"no answer from `{_shown(url)}`: {reason}") from None
    if over.is_set():
        raise LedgerError("LG0511", f"no answer from `{_shown(url)}`: it takes too long")
    if len(body) > _MOST_BYTES:
        raise LedgerError("LG0511", f"`{_shown(url)}` answers with more than {_MOST_BYTES} bytes")
    return response, target


def _connection(parts: SplitResult, timeout_seconds: float) -> http.client.HTTPConnection:
    if not parts.hostname:
        raise ValueError("the address has no host")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=timeout_seconds)


def _cut_off(connection: http.client.HTTPConnection, sockets: list[socket.socket], over: threading.Event) -> None:
    """End an exchange from outside: whoever waits for its bytes gets none."""
    over.set()
    with suppress(OSError, AttributeError, IndexError):
        (sockets[0] if sockets else connection.sock).shutdown(socket.SHUT_RDWR)
