"""Imported first by every script here: whatever opens a connection fails."""

from __future__ import annotations

import socket


def _refuse(*args: object, **more: object) -> None:
    raise RuntimeError("a validator wanted to open a connection")


socket.socket.connect = _refuse  # type: ignore[method-assign, assignment]
socket.create_connection = _refuse  # type: ignore[assignment]
socket.getaddrinfo = _refuse  # type: ignore[assignment]
