"""The catalogue of error codes: the only place that says what a code means."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.codes import answers, checking, ground
from ledger.codes.entry import ErrorCode

CATALOGUE: Mapping[str, ErrorCode] = {**ground.CODES, **answers.CODES, **checking.CODES}

__all__ = ["CATALOGUE", "ErrorCode"]
