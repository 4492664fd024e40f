"""Which registry a record is of, by what stands at its top; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger import ids
from ledger.errors import LedgerError
from ledger.importers import mot, osai, registry
from ledger.spec.evidence import ReleaseFacts

MOT, OSAI = "mot", "osai"


@dataclass(frozen=True, slots=True)
class Record:
    """A registry's record.

    Attributes:
        kind: `MOT` or `OSAI`.
        roles: the roles for which the registry has a place.
        place: JSON pointer to where it lists components; empty when each has a place of its own.
        profile: id of the profile whose rules are the registry's judgements; None for one that does not judge.
    """

    kind: str
    facts: ReleaseFacts
    roles: tuple[str, ...]
    place: str
    profile: str | None


def read(data: bytes, *, name: str = "") -> Record:
    """A registry's record, whichever of the known registries it is of.

    Args:
        data: a YAML file, or the same as JSON.
        name: names the file in messages.

    Raises:
        LedgerError: LG1003 when it is of no registry that is known, or not as that one has it; LG0103 when it is too large.
    """
    what = registry.record_name(name)
    value, id = registry.load(data, what), ids.object_id_of(data)
    kind = kind_of(value)
    if kind is None:
        raise LedgerError(
            registry.CODE,
            f"{what} is of no registry that is known: neither of the Model Openness Tool (`release`, or `components`)"
            " nor of the Open Source AI Index (`system`, or `project`)",
        )
    if kind == MOT:
        place = "/release/components" if "release" in value else "/components"
        return Record(kind, mot.from_value(value, id, what), tuple(sorted(mot.ROLE_OF.values())), place, None)
    facts, form = osai.from_value(value, id, what), osai.form_of(value)
    assert form is not None  # `from_value` has refused what has none
    return Record(kind, facts, tuple(sorted({role for role in form.parameters.values() if role})), "", form.profile)


def read_record(data: bytes, *, name: str = "") -> ReleaseFacts:
    """The facts that a registry's record claims. Raises as `read`."""
    return read(data, name=name).facts


def kind_of(value: Any) -> str | None:
    """`MOT` or `OSAI`; None for what looks like neither, or like both."""
    if not isinstance(value, dict):
        return None
    of_tool = any(key in value for key in ("release", "components", "framework"))
    of_index = any(form.about in value for form in osai.FORMS)
    if of_tool == of_index:
        return None
    return MOT if of_tool else OSAI
