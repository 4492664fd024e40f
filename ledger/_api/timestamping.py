"""Timestamps over a ledger's checkpoint: asked of an authority, or carried to and from one as files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger._api.inputs import read_input
from ledger._api.outputs import Output
from ledger.clock import SystemClock, to_rfc3339
from ledger.errors import LedgerError
from ledger.limits import LIMITS
from ledger.log.transport import request
from ledger.signing import timestamps as tokens
from ledger.signing.certificates import read_roots
from ledger.store import stamps
from ledger.store.reader import Reader

PathLike = str | os.PathLike[str]
_TYPE = "application/timestamp-query"


@dataclass(frozen=True, slots=True)
class Timestamped:
    """A token that was kept, or a request that was written (`time` and `authority` are then None).

    Attributes:
        checked: its authority's certificate leads to a root that was given, and the token holds.
    """

    size: int
    path: Path
    time: str | None = None
    authority: str | None = None
    checked: bool = False

    def to_json(self) -> dict[str, Any]:
        """As in `--json`."""
        return {
            "size": self.size,
            "path": os.fspath(self.path),
            "time": self.time,
            "authority": self.authority,
            "checked": self.checked,
        }


class LogTimestamps:
    """The timestamps of one ledger.

    Args:
        ledger: an open `Ledger`.
        roots: PEM files of the authorities' roots; without any, a token is only read.
    """

    def __init__(self, ledger: Any, roots: Sequence[PathLike] = ()) -> None:
        ledger._check_writable()
        self._reader: Reader = ledger._store
        self._roots = read_authorities(roots)

    def ask(self, url: str) -> Timestamped:
        """Ask an authority for a token over the published checkpoint, and keep it.

        Raises:
            LedgerError: LG0511 no answer, LG1401 the extra is missing, LG1402 another answer than a token, LG1403 the token does not hold.
        """
        return ask(self._reader, url, self._roots)

    def request(self, out: PathLike) -> Timestamped:
        """Write a request over the published checkpoint for an authority that no network reaches. Raises LedgerError LG1103, LG1401."""
        size = self._reader.head().checkpoint.size
        with Output(Path(out)) as file:
            file.write(tokens.make_request(stamps.text_at(self._reader, size)).data)
        return Timestamped(size, Path(out))

    def add(self, file: PathLike, size: int | None = None) -> Timestamped:
        """Keep an authority's answer to a request.

        Args:
            size: that of the checkpoint that the request was over; by default the published one.

        Raises:
            LedgerError: LG0704 for a size that the log does not have, LG1401, LG1403.
        """
        data = read_input(Path(file), LIMITS.timestamp_bytes, "the timestamp")
        at = self._reader.head().checkpoint.size if size is None else size
        return _keep(self._reader, at, data, self._roots, None)


def read_authorities(roots: Sequence[PathLike]) -> list[Any]:
    """The certificates of PEM files. Raises LedgerError LG0201, LG1306."""
    return [item for file in roots for item in read_roots(read_input(Path(file), LIMITS.pipeline_bytes), f"`{os.fspath(file)}`")]


def ask(reader: Reader, url: str, roots: Sequence[Any] = ()) -> Timestamped:
    """Ask an authority for a token over the published checkpoint, and keep it. Raises as `LogTimestamps.ask`."""
    size = reader.head().checkpoint.size
    asked = tokens.make_request(stamps.text_at(reader, size))
    answer = request(url, asked.data, content_type=_TYPE)
    if answer.status != 200:
        words = ascii(answer.body[:200].decode("utf-8", "replace").strip())[1:-1]
        raise LedgerError("LG1402", f"`{ascii(url)[1:-1][:200]}` answers with status {answer.status} {words}".rstrip())
    return _keep(reader, size, answer.body, roots, asked.nonce)


def _keep(reader: Reader, size: int, data: bytes, roots: Sequence[Any], nonce: int | None) -> Timestamped:
    text = stamps.text_at(reader, size)
    found = tokens.check(data, text, roots, nonce) if roots else tokens.examine(data, text, nonce)
    if found is None:
        raise LedgerError("LG1403", "its signer's certificate leads to none of the roots given")
    if found.time.timestamp() > SystemClock().now().timestamp() + 300:
        raise LedgerError("LG1403", f"its time {to_rfc3339(found.time)} is still to come by this machine's clock")
    path = stamps.keep(reader, size, data)
    return Timestamped(size, path, to_rfc3339(found.time), found.authority, bool(roots))
