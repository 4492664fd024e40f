"""Which registry a record is of, by what stands at its top; pure."""

from __future__ import annotations

from typing import Any

from ledger import ids
from ledger.errors import LedgerError
from ledger.importers import mot, osai, registry
from ledger.spec.evidence import ReleaseFacts

MOT, OSAI = "mot", "osai"


def read_record(data: bytes, *, name: str = "") -> ReleaseFacts:
    """The facts that a registry's record claims, whichever of the known registries it is of.

    Args:
        data: a YAML file, or the same as JSON.
        name: names the file in messages.

    Raises:
        LedgerError: LG1003 when it is of no registry that is known, or not as that one has it; LG0103 when it is too large.
    """
    what = registry.record_name(name)
    value = registry.load(data, what)
    kind = kind_of(value)
    if kind is None:
        raise LedgerError(
            registry.CODE,
            f"{what} is of no registry that is known: neither of the Model Openness Tool (`release`, or `components`)"
            " nor of the Open Source AI Index (`system`, or `project`)",
        )
    read = mot.from_value if kind == MOT else osai.from_value
    return read(value, ids.object_id_of(data), what)


def kind_of(value: Any) -> str | None:
    """`MOT` or `OSAI`; None for what looks like neither, or like both."""
    if not isinstance(value, dict):
        return None
    of_tool = any(key in value for key in ("release", "components", "framework"))
    of_index = any(form.about in value for form in osai.FORMS)
    if of_tool == of_index:
        return None
    return MOT if of_tool else OSAI
