"""Loopback servers for tests: a witness of the product, and a static web server as anybody runs one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger._api.witness_server import listening
from ledger.api import Witness


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def static(folder: Path) -> Iterator[str]:
    """Serve a folder's files; the address."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))) as url:
        yield url


@contextmanager
def served(witness: Witness) -> Iterator[str]:
    """Serve a witness; the address."""
    witness.keys()
    with _running(listening(witness, "127.0.0.1", 0, lambda _line: None)) as url:
        yield url


def witness_of(folder: Path, name: str, log_key: str, *schemes: str) -> tuple[Witness, tuple[str, ...]]:
    """A new witness that knows a log, and its verifier keys."""
    made = Witness.create(folder, name, schemes or ("ed25519",))
    witness = Witness(folder)
    witness.trust(log_key)
    return witness, made.vkeys


def policy_file(path: Path, witnesses: dict[str, tuple[str, str | None]], quorum: str, log_key: str | None = None) -> Path:
    """A policy: name → (verifier key, URL); `quorum` is the rest, from its groups on."""
    log = f"log {log_key}\n" if log_key else ""
    lines = "".join(f"witness {name} {key} {url or ''}\n" for name, (key, url) in witnesses.items())
    path.write_text(log + lines + quorum)
    return path
