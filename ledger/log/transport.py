"""HTTP for the log: POST to a witness, GET from a static server. Bounded in bytes and time; nothing but http and https is ever opened.

Redirects are refused for requests to witnesses, and followed within http and https for reading.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO

from ledger.errors import LedgerError

DEFAULT_TIMEOUT_SECONDS = 10.0
_MOST_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer: status, content type, body."""

    status: int
    content_type: str
    body: bytes


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> None:
        return None


def is_url(text: str) -> bool:
    """Whether a text names something that this module opens."""
    return text.startswith(("http://", "https://"))


def request(url: str, data: bytes | None = None, *, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS, redirects: bool = False) -> Response:
    """GET a URL, or POST data to it; any status is an answer.

    Raises:
        LedgerError: LG0511 when there is no answer, it takes too long, or it is too large.
    """
    if not is_url(url):
        raise LedgerError("LG0511", f"`{ascii(url)[1:-1][:200]}` is neither an http nor an https address")
    opener = urllib.request.OpenerDirector()
    handlers = [
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
    ]
    for handler in [*handlers, urllib.request.HTTPRedirectHandler if redirects else _NoRedirect]:
        opener.add_handler(handler())
    try:
        asked = urllib.request.Request(url, data=data, headers={"Content-Type": "application/octet-stream"} if data is not None else {})
        with opener.open(asked, timeout=timeout_seconds) as answer:
            return _read(url, answer.status, answer.headers.get_content_type(), answer)
    except urllib.error.HTTPError as error:
        with error:
            return _read(url, error.code, error.headers.get_content_type(), error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise LedgerError("LG0511", f"no answer from `{ascii(url)[1:-1][:200]}`: {str(reason) or type(error).__name__}") from None


def _read(url: str, status: int, content_type: str, answer: IO[bytes]) -> Response:
    body = answer.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise LedgerError("LG0511", f"`{ascii(url)[1:-1][:200]}` answers with more than {_MOST_BYTES} bytes")
    return Response(status, content_type, body)
