"""The catalogue of error codes: the only place that says what a code means."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes import answers, asking, checking, exporting, finding, ground, importing, running
from ledger.codes.entry import ErrorCode

_ROOMS = (ground, answers, asking, finding, importing, exporting, checking, running)
CATALOGUE: Mapping[str, ErrorCode] = {code: entry for room in _ROOMS for code, entry in room.CODES.items()}

__all__ = ["CATALOGUE", "ErrorCode"]
