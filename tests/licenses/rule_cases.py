"""A licence that asks for nothing, a case around it, and how both are changed: for tests of single rules."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from ledger.licenses.actor import Actor
from ledger.licenses.case import Case, Child
from ledger.licenses.effective import View
from ledger.licenses.facts import Aup, Conditions, Derivatives, LicenseFacts, LicenseIds, Outputs
from ledger.licenses.findings import Node
from ledger.licenses.rules import predicates

# A licence that somebody read, that allows everything and asks for nothing.
SILENT = LicenseFacts(
    key="silent-1.0",
    name="Silent",
    steward=None,
    version_date=None,
    ids=LicenseIds(licenseref="LicenseRef-Silent-1.0"),
    targets=("weights", "code", "dataset"),
    klass="open-source",
    osi=None,
    fsf=None,
    open_definition=None,
    commercial="yes",
    modify="yes",
    redistribute="yes",
    sublicense="yes",
    patent="none",
    hosting="no",
    conditions=Conditions(*["unstated"] * len(fields(Conditions))),
    badge=None,
    name_prefix=None,
    share_alike="none",
    aup=Aup("none", "no", "none"),
    field_of_use=(),
    thresholds=(),
    geography=None,
    outputs=Outputs("allowed", "unstated", None, "no"),
    derivatives=Derivatives("no", "no", "no", "no", False, "unstated"),
    revocable="no",
    guardrail=False,
    text_sha256=(),
    basis="read",
    sources=(),
    date="2026-11-20",
)
VIEW = View("LicenseRef-Silent-1.0", None, False, frozenset(), None, None, None, None)
CASE = Case(
    origin=Node("o", "weights", "o"),
    view=VIEW,
    actor=Actor(),
    id=SILENT.id,
    facts=SILENT,
    child=Child("weights", True, False, False, False, False, True),
    basis="declared",
)
TRUTH = (True, False, None)


def put(thing: Any, path: str, value: Any) -> Any:
    """A copy with one value, by its path, in place of what was there."""
    name, _, rest = path.partition(".")
    assert is_dataclass(thing) and name in {field.name for field in fields(thing)}, path
    return replace(thing, **{name: put(getattr(thing, name), rest, value) if rest else value})


def case(**changes: Any) -> Case:
    """The silent case with changes; a path's dots are written as two underscores, and `f` stands for `facts`."""
    made = CASE
    for path, value in changes.items():
        path = path.replace("__", ".")
        made = put(made, "facts" + path[1:] if path.startswith("f.") else path, value)
    return made


def answer(rule: str, given: Case) -> str | None:
    hit = predicates()[rule](given)
    return None if hit is None else hit.cap + "?" * hit.unknown


# Rule, what else is given, the path, its vocabulary, and the answers. No row, no finding.
Row = tuple[str, dict[str, Any], str, tuple[Any, ...], dict[Any, str]]
