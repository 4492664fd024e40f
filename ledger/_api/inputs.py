"""Files that a user names: read whole, and never more of them than is allowed, whatever they are."""

from __future__ import annotations

from pathlib import Path

from ledger.errors import LedgerError


def read_input(path: Path, limit: int, what: str = "") -> bytes:
    """The bytes of a file or pipe.

    Args:
        limit: how many bytes it may have.
        what: names it in messages, such as ``the pipeline file``.

    Raises:
        LedgerError: LG0201 when there is no such file, LG0202 when it cannot be read, LG0103 when it is too large.
    """
    shown = f"{what} `{path}`".strip()
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise LedgerError("LG0201", f"cannot read {shown}: {error.strerror}") from None
    except OSError as error:
        raise LedgerError("LG0202", f"cannot read {shown}: {error.strerror}") from None
    if len(data) > limit:
        raise LedgerError("LG0103", f"{shown} has more than {limit} bytes")
    return data
