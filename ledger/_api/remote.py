"""Somebody else's ledger or log, in a folder or on a static web server: its files by their paths, and its signed checkpoint."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from ledger.errors import LedgerError
from ledger.log.checkpoint import SignedCheckpoint, open_checkpoint
from ledger.log.note import VerifierKey
from ledger.log.tiles import TiledTree
from ledger.log.transport import is_url, request
from ledger.store.fs import read_file


class RemoteLog:
    """Reads a published ledger (with `log/` and `objects/`) or a bare log (with `checkpoint` and `tile/`)."""

    def __init__(self, place: str | os.PathLike[str]) -> None:
        self.place = os.fspath(place)
        self._prefix = "log/"

    def read(self, path: str) -> bytes | None:
        """A file by its path from the top, or None when it is not there. Raises LedgerError LG0511, LG0606 when that cannot be told."""
        if not is_url(self.place):
            return read_file(Path(self.place) / path)
        url = f"{self.place.rstrip('/')}/{quote(path)}"
        answer = request(url, redirects=True)
        if answer.status == 200:
            return answer.body
        if answer.status in {404, 410}:
            return None
        raise LedgerError("LG0511", f"`{url}` answers with status {answer.status}")

    def read_log(self, path: str) -> bytes | None:
        """A file of the log by its path below `log/`."""
        return self.read(self._prefix + path)

    def read_object(self, hex_digest: str) -> bytes | None:
        """A stored object's bytes, not yet compared with its digest."""
        return self.read(f"objects/sha256/{hex_digest[:2]}/{hex_digest[2:4]}/{hex_digest}")

    def head(self, key: VerifierKey) -> SignedCheckpoint:
        """The published checkpoint. Raises LedgerError LG0501 to LG0503, LG0511, LG0512 when there is none."""
        for self._prefix in ("log/", ""):
            data = self.read_log("checkpoint")
            if data is not None:
                return open_checkpoint(data, key, what=f"the checkpoint at `{self.place}`")
        raise LedgerError("LG0511", f"no checkpoint at `{self.place}`: neither `log/checkpoint` nor `checkpoint` is there")

    def tree(self, size: int) -> TiledTree:
        """The log's tree at a size; what its tiles say must still be compared with a signed root."""
        return TiledTree(size, self.read_log)
