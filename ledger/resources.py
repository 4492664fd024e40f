"""Where the product's own data files are, installed or in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ledger.errors import LedgerError

_PACKAGE = Path(__file__).resolve().parent


def schemas() -> Path:
    """The folder of public JSON Schemas: the checkout's `schemas/` when there is one, else the copy in the wheel.

    The checkout comes first because an editable install leaves an old copy in the wheel's place.
    """
    beside = _PACKAGE.parent / "schemas"
    return beside if (beside / "manifest" / "v1.schema.json").is_file() else _PACKAGE / "_schemas"


@cache
def schema_bytes(name: str) -> bytes:
    """The bytes of one schema, such as ``manifest/v1`` or ``cli/record/v1``. Raises LedgerError LG0107."""
    return _read(schemas() / f"{name}.schema.json")


def data_path(room: str, name: str = "") -> Path:
    """A data file (or, without a name, the data folder) of a room, such as ``("licenses", "spdx.json")``."""
    return _PACKAGE / room / "data" / name if name else _PACKAGE / room / "data"


def data_bytes(room: str, name: str) -> bytes:
    """The bytes of a data file of a room. Raises LedgerError LG0107."""
    return _read(data_path(room, name))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise LedgerError("LG0107", f"a file of the installation is missing: {path.name}") from None
