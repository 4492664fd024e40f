"""Checking values against the public JSON Schemas (2020-12) in `schemas/`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from ledger.errors import LedgerError
from ledger.resources import schema_bytes


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(json.loads(schema_bytes(name)))


def preload() -> None:
    """Import what validating needs, ahead of its use."""
    import jsonschema_rs  # noqa: F401


def validate(name: str, value: object, *, what: str) -> None:
    """Raise LedgerError LG0304, naming the place, unless the value fits the schema such as ``manifest/v1``."""
    import jsonschema_rs

    try:
        _validator(name).validate(value)
    except jsonschema_rs.ValidationError as error:
        place = "/" + "/".join(str(part) for part in error.instance_path)
        raise LedgerError("LG0304", f"{what} does not fit schema {name} at {place}: {str(error.message)[:300]}") from None
    except ValueError as error:
        raise LedgerError("LG0304", f"{what} does not fit schema {name}: {str(error)[:300]}") from None


def fits(name: str, value: object) -> bool:
    """Whether a value fits the schema."""
    return bool(_validator(name).is_valid(value))
