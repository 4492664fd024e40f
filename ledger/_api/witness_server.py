"""The witness over HTTP: `POST /add-checkpoint`, and `GET /<sha256 of origin>/checkpoint` for whoever watches (C2SP tlog-witness)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from ledger import __version__
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.witness import SIZE_TYPE

if TYPE_CHECKING:
    from ledger._api.witnessing import Witness

_MONITOR = re.compile(r"/([0-9a-f]{64})/checkpoint")
_LENGTH = re.compile(r"[0-9]{1,9}", re.ASCII)
_IDLE_SECONDS = 30.0
_CONNECTIONS = 64
_TEXT = "text/plain; charset=utf-8"


class _Server(ThreadingHTTPServer):
    """Serves at most so many connections at once; the others wait in the operating system's queue."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.places = threading.BoundedSemaphore(_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: object, client_address: object) -> None:
        self.places.acquire()
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self.places.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle of something is no news."""


def _handler(witness: Witness, told: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = f"openness-ledger/{__version__}"
        sys_version = ""
        timeout = _IDLE_SECONDS

        def do_POST(self) -> None:
            if self.path != "/add-checkpoint":
                self.close_connection = True  # what is not read would be taken for the next request
                self._give(404, b"there is only POST /add-checkpoint\n")
                return
            length = self.headers.get("Content-Length", "")
            if _LENGTH.fullmatch(length) is None or int(length) > LIMITS.note_bytes:
                self.close_connection = True
                self._give(413 if length else 411, f"at most {LIMITS.note_bytes} bytes, with their Content-Length\n".encode())
                return
            body = self.rfile.read(int(length))
            if len(body) != int(length):
                self.close_connection = True
                return
            try:
                status, answer, refused = witness.answer(body)
            except LedgerError as error:
                told(f"500 {error.code}: {error.message}")
                self._give(500, b"this witness cannot keep its state now\n")
                return
            told(f"{status} {refused.why if refused else 'cosigned'}")
            self._give(status, answer, SIZE_TYPE if refused and refused.size is not None else _TEXT)

        def do_GET(self) -> None:
            match = _MONITOR.fullmatch(self.path)
            data = witness.monitored(match[1]) if match else None
            self._give(404 if data is None else 200, data or b"nothing here\n")

        def _give(self, status: int, body: bytes, content_type: str = _TEXT) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are told of above, in our words."""

    return Handler


def listening(witness: Witness, host: str, port: int, told: Callable[[str], None]) -> _Server:
    """A server that has its address and does not serve yet. Raises LedgerError LG0606 when the address cannot be had."""
    try:
        return _Server((host, port), _handler(witness, told))
    except (OSError, OverflowError) as error:
        raise LedgerError("LG0606", f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}") from None


def serve(witness: Witness, host: str, port: int, ready: Callable[[str], None], told: Callable[[str], None]) -> None:
    """Listen until interrupted. Raises LedgerError LG0606 when the address cannot be had."""
    with listening(witness, host, port, told) as server:
        ready(f"http://{host}:{server.server_address[1]}")
        server.serve_forever(poll_interval=0.2)
