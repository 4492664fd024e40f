"""Rules of a release (R): its own expression, the words it uses of itself, and what is left unresolved."""

from __future__ import annotations

from ledger.licenses.case import OFFERED, Case, Hit, doubt
from ledger.licenses.rules import Predicate


def r1(case: Case) -> Hit | None:
    """The release is under the licences of all that it ships."""
    inputs = tuple(f"fact {key}: shipped" for key in case.parts)
    return Hit("state the licence of the release as all of those that are shipped; keep declared, detected and required apart", inputs)


def r2(case: Case) -> Hit | None:
    """Called open source, and the weights are not. Asked for each component of weights."""
    if case.child is None or case.child.kind != "weights" or case.actor.claims_open_source is False:
        return None
    # `pair.keeps` says here that the project takes in what the weights are offered under.
    if case.child.osi or case.pair.keeps:
        return None
    inputs = (OFFERED, f"actor: claims_open_source = {case.actor.claims_open_source or 'unknown'}")
    if case.actor.claims_open_source is None:
        return doubt("it is not known whether the release is called open source; OSI did not approve the licence of its weights", *inputs)
    if case.child.osi is None:
        return doubt("called open source, and it is not known whether OSI approved the licence of the weights", *inputs)
    return Hit("called open source, and OSI did not approve the licence of the weights", inputs)


def r3(case: Case) -> Hit | None:
    """Conflicts are left. The engine asks only when there are some."""
    return Hit("conflicts are unresolved: no attestation of openness unless each is waived by a signed review")


RULES: dict[str, Predicate] = {"R1": r1, "R2": r2, "R3": r3}
