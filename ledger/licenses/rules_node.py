"""Rules of one artifact (H): is there a licence, do the claims agree, is its text there, does its grant reach whoever asks."""

from __future__ import annotations

from ledger.licenses.case import Case, Hit, doubt, fact
from ledger.licenses.facts import LicenseFacts, Threshold
from ledger.licenses.rules import Predicate

_WEAK = ("excerpt", "remembered", "list")
_DATA = ("dataset",)


def h1(case: Case) -> Hit | None:
    """Nothing is declared and nothing was detected."""
    if case.origin.kind in ("service", "release") or case.view.known or case.origin.family:
        return None
    if case.basis == "dangling":
        return doubt("named as an input and not recorded: its licence is not known", "claim: none")
    if case.view.none:
        return Hit("it says in so many words that there is no licence: all rights are reserved", ("claim: NONE",))
    return Hit("no licence is declared and none was detected: all rights are reserved", ("claim: none",), unknown=True)


def h2(case: Case) -> Hit | None:
    """The claim names a family, or a licence of which the terms were not read."""
    if not case.id:
        if case.origin.family and not case.view.known:
            return Hit(f"the claim is no licence: {case.origin.family}", (f"claim: {case.origin.family}",), unknown=True)
        return None
    if case.facts is None:
        return doubt(f"nothing is known of the terms of {case.id}", f"fact {case.id}: none")
    if case.facts.basis in _WEAK:
        return doubt(f"the terms of {case.id} are not recorded from its text", fact(case, "basis", case.facts.basis))
    return None


def h3(case: Case) -> Hit | None:
    """A licence is named, and its text or notice is not there."""
    if case.facts is None or case.origin.kind in ("service", "release"):
        return None
    asked = case.facts.conditions
    wanted = [
        (asked.include_license, case.origin.has_text, "the text of the licence", "include_license"),
        (asked.notice, case.origin.has_notice, "the notice that the licence asks for", "notice"),
    ]
    missing = [(what, fact(case, name, word)) for word, there, what, name in wanted if word == "yes" and there is False]
    if missing:
        return Hit(f"not among the files: {' and '.join(what for what, _ in missing)}", tuple(text for _, text in missing))
    unclear = [fact(case, name, word) for word, there, _, name in wanted if word in ("yes", "unknown") and there is None]
    unclear += [fact(case, name, word) for word, there, _, name in wanted if word == "unknown" and there is False]
    return doubt("it could not be told whether the text or notice that the licence asks for is there", *unclear) if unclear else None


def h4(case: Case) -> Hit | None:
    """What is declared is not what the text says."""
    if not case.contradiction:
        return None
    claims = (f"claim: declared {case.origin.declared}", f"claim: detected {', '.join(case.contradiction)}")
    reason = f"declared as {case.origin.declared}, but a text there is {', '.join(case.contradiction)}"
    if case.basis == "concluded":
        return Hit(f"{reason}; a review concluded {case.view.label}", (*claims, f"claim: concluded {case.view.label}"), cap="notice")
    return Hit(reason, claims)


def h5(case: Case) -> Hit | None:
    """A text resembles a known one and is another."""
    if not case.origin.near:
        return None
    near = ", ".join(sorted(case.origin.near))
    return Hit(f"a text there resembles {near} and is not the same", (f"claim: near {near}",))


def h6(case: Case) -> Hit | None:
    """A licence for another kind of thing."""
    facts = case.facts
    if facts is None or not facts.targets:
        return None
    kind, targets = case.origin.kind, set(facts.targets)
    software = "code" in targets and not targets & {"dataset", "database", "content", "documentation"}
    model = targets <= {"weights", "outputs"}
    content = "content" in targets and "code" not in targets and facts.id.startswith("CC-")
    if (kind in _DATA and software) or (kind == "code" and (content or model)):
        return Hit(
            f"{facts.name} is written for {', '.join(facts.targets)}, not for {kind}", (fact(case, "targets", "+".join(facts.targets)),)
        )
    return None


def h7(case: Case) -> Hit | None:
    """Terms that live at an address, or can change, were not kept."""
    facts = case.facts
    if facts is None or case.origin.terms_captured is True:
        return None
    if facts.aup.where == "url" or facts.aup.mutable == "yes":
        given = (fact(case, "aup", facts.aup.where), fact(case, "aup_mutable", facts.aup.mutable))
        if case.origin.terms_captured is None:
            return doubt("part of the terms is at an address, and it is not known whether a copy was kept", *given)
        return Hit("part of the terms is at an address, and no copy with digest and date was kept", given)
    if "unknown" in (facts.aup.where, facts.aup.mutable) and facts.basis != "list":
        return doubt("it is not known whether part of the terms is at an address", fact(case, "aup", facts.aup.where))
    return None


def h8(case: Case) -> Hit | None:
    """The licence can end, or change, without a breach by whoever holds it."""
    facts = case.facts
    if facts is None:
        return None
    if facts.revocable == "at-will" or facts.guardrail:
        given = (fact(case, "revocable", facts.revocable), fact(case, "guardrail", facts.guardrail))
        return Hit("the licence can be ended or changed by who gave it", given)
    if facts.revocable == "unknown" and facts.basis != "list":
        return Hit("it is not known whether the licence can be revoked", (fact(case, "revocable", "unknown"),), cap="notice", unknown=True)
    return None


def h9(case: Case) -> Hit | None:
    """The grant depends on figures or a purpose of whoever asks."""
    facts = case.facts
    if facts is None:
        return None
    hits = [hit for threshold in facts.thresholds if (hit := _threshold(case, threshold)) is not None]
    purpose = _purpose(case, facts)
    if purpose is not None:
        hits.append(purpose)
    # The first known one decides; without one, the first doubt.
    known = [hit for hit in hits if not hit.unknown]
    order = {"conflict": 0, "obligation": 1}
    return min(known, key=lambda hit: order.get(hit.cap, 2)) if known else hits[0] if hits else None


def _threshold(case: Case, threshold: Threshold) -> Hit | None:
    limit = f"{threshold.metric} {threshold.op} {threshold.value}"
    given = case.actor.metric(threshold.metric)
    inputs = (
        fact(case, "threshold", limit),
        fact(case, "clock", threshold.clock),
        f"actor: {threshold.metric} = {'unknown' if given is None else given}",
    )
    if given is None:
        return doubt(f"the grant depends on {limit}, and that figure is not known", *inputs)
    over = given > threshold.value or (threshold.op in (">=", "==") and given == threshold.value)
    if threshold.op == "==":
        over = given == threshold.value
    if over:
        if threshold.effect == "no-grant":
            return Hit(f"over the threshold, nothing is granted: {limit}", inputs)
        return Hit(f"over the threshold, a duty begins ({threshold.effect}): {limit}", inputs, cap="obligation")
    if threshold.check != "read":
        return doubt(f"the threshold {limit} was not read in a text, so staying below it clears nothing", *inputs)
    return None


def _purpose(case: Case, facts: LicenseFacts) -> Hit | None:
    # For data, commercial use is a matter of D4 and T-NC.
    if case.origin.kind in ("dataset", "document") or facts.commercial not in ("no", "conditional", "unknown") or facts.basis == "list":
        return None
    purpose = case.actor.purpose
    inputs = (fact(case, "commercial", facts.commercial), f"actor: purpose = {purpose or 'unknown'}")
    if purpose in ("research", "noncommercial"):
        return None
    if facts.commercial == "no" and purpose == "commercial":
        return Hit("no commercial use is granted, and the purpose is commercial", inputs)
    return doubt("whether this use is granted depends on its purpose or on conditions that are not decided here", *inputs)


def h10(case: Case) -> Hit | None:
    """The grant leaves out places."""
    if case.facts is None or case.facts.geography is None:
        return None
    place = case.facts.geography
    if place.multimodal_only and case.origin.multimodal is False:
        return None
    inside = case.actor.within(place.exclude)
    shown = ", ".join(place.exclude)
    given = (
        fact(case, "geography", f"not {shown}"),
        fact(case, "where", place.where),
        f"actor: domicile = {case.actor.domicile or 'unknown'}",
    )
    if inside is False:
        return None
    if inside is None:
        return doubt(f"nothing is granted in {shown}, and the domicile is not known", *given)
    if place.multimodal_only and case.origin.multimodal is None:
        return doubt(f"multimodal models are not granted in {shown}, and it is not known whether this is one", *given)
    return Hit(f"nothing is granted in {shown}", given)


RULES: dict[str, Predicate] = {"H1": h1, "H2": h2, "H3": h3, "H4": h4, "H5": h5, "H6": h6, "H7": h7, "H8": h8, "H9": h9, "H10": h10}
