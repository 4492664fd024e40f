"""`--require CHECK`: what was not checked is no pass for whoever needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

Require = Annotated[
    list[str] | None, typer.Option("--require", metavar="CHECK", help="A check that must have been made, such as B12; may be repeated.")
]


def not_made(done: Sequence[Any], required: Sequence[str] | None) -> Any:
    """The error when a check that was required was not made: then it could not be told. Raises LedgerError LG1201 for an unknown number."""
    from ledger.api import LedgerError

    results = {item.id: item for item in done}
    for id in required or ():
        if id not in results:
            raise LedgerError("LG1201", f"there is no check `{id}` here; there are {', '.join(results)}")
        if results[id].result == "not_checked":
            return LedgerError("LG1107", f"check {id} was required and could not be made: {results[id].detail}", check=id)
    return None
