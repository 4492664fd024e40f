"""Checking a bill of materials in a file: reading it with a bound, and the moment that it was signed."""

from __future__ import annotations

import os
from pathlib import Path

from ledger.bom import Report, check_document
from ledger.bom.reading import MAX_BYTES
from ledger.clock import Clock, SystemClock, to_rfc3339
from ledger.errors import LedgerError

NOW = "now"


def check_file(path: str | os.PathLike[str], at: str | None = None, *, clock: Clock | None = None) -> Report:
    """Check a CycloneDX or SPDX document by the rules for its format.

    Args:
        path: the document, JSON, of at most 256 MiB; a pipe will do.
        at: when it was or will be signed, RFC 3339 in UTC with whole seconds, or `now`; without it nobody can tell R11.
        clock: what `now` means; the system's clock by default.

    Raises:
        LedgerError: LG1709 when it cannot be read; LG1701 to LG1704 when it is no document that can be checked; LG1707 for `at`.
    """
    moment = to_rfc3339((clock or SystemClock()).now()) if at == NOW else at
    return check_document(_bytes(Path(path)), what=f"`{os.fspath(path)}`", at=moment)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Refused by its size before it is read; a pipe has none, so one byte more than is allowed is asked for.
            size = os.fstat(file.fileno()).st_size
            data = file.read(MAX_BYTES + 1) if size <= MAX_BYTES else b""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a path"
        raise LedgerError("LG1709", f"cannot read `{path}`: {why}") from None
    if max(size, len(data)) > MAX_BYTES:
        raise LedgerError("LG1701", f"`{path}` has {max(size, len(data))} bytes, more than {MAX_BYTES}")
    return data
