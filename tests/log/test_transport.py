"""HTTP: what servers may do to whoever asks them, and that it ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ledger.errors import LedgerError
from ledger.log import transport


@contextmanager
def answering(*answers: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats one connection after another as it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(65536)
                        answer(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def says(text: str) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text.encode())


def fails(url: str, **more: object) -> str:
    with pytest.raises(LedgerError) as caught:
        transport.request(url, **more)  # type: ignore[arg-type]
    assert caught.value.code == "LG0511"
    return caught.value.message


def test_any_status_is_an_answer() -> None:
    with answering(says("HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\nContent-Length: 2\r\n\r\n7\n")) as url:
        assert transport.request(url + "/add-checkpoint", b"x") == transport.Response(409, "text/x.tlog.size", b"7\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/9",
    ],
)
def test_answers_that_are_none(text: str) -> None:
    with answering(says(text)) as url:
        fails(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://",
        "http:///x",
        "https://[::",
        "http://h:99999999/",
        "http://127.0.0.1:1/",
        "HTTP://x",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    fails(url, timeout_seconds=2)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/x", "//", "http://", "gopher://x"])
def test_redirects_lead_to_http_alone(target: str) -> None:
    with answering(says(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")) as url:
        fails(url, redirects=True, timeout_seconds=1)


def test_redirects_are_followed_for_reading_only_and_end() -> None:
    away = "HTTP/1.1 301 Moved\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
    with answering(says(away), says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as url:
        assert transport.request(url, redirects=True).body == b"ok"
    with answering(says(away)) as url:
        assert transport.request(url, b"x").status == 301
    with answering(*[says(away)] * 6) as url:
        assert "redirects" in fails(url, redirects=True)


def test_a_server_that_dribbles_is_cut_off() -> None:
    ended = threading.Event()

    def dribble(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not ended.wait(0.05):
            connection.sendall(b".")

    with answering(dribble) as url:
        try:
            assert "too long" in fails(url, timeout_seconds=0.2)
        finally:
            ended.set()


def test_a_server_that_says_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_MOST_BYTES", 100)
    with answering(says("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + "x" * 101)) as url:
        assert "more than 100 bytes" in fails(url)
