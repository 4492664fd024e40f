"""Rules from weights to weights and services (W): what a model owes to the models that it was made from."""

from __future__ import annotations

from ledger.licenses.case import OFFERED, Case, Hit, doubt, fact
from ledger.licenses.facts import LicenseFacts
from ledger.licenses.rules import Predicate

RESTRICTED = ("open-weights-restricted", "non-commercial", "no-derivatives", "research-only", "computational-use-only", "service-terms")
_BINDING = ("provision", "similar")


def w1(case: Case) -> Hit | None:
    """Texts, notices and change notes go along."""
    if case.facts is None:
        return None
    asked = case.facts.conditions
    named = [(name, getattr(asked, name)) for name in ("include_license", "notice", "state_changes")]
    wanted = tuple(fact(case, name, word) for name, word in named if word == "yes")
    if wanted:
        return Hit("a copy of the licence, its notice and a note of changes go along, as the licence asks", wanted)
    if asked.include_license == "unknown" and case.facts.basis != "list":
        return doubt("it is not known whether the licence goes along", fact(case, "include_license", "unknown"))
    return None


def w2(case: Case) -> Hit | None:
    """The name of a derived model."""
    if case.facts is None or case.facts.name_prefix is None or case.child is None or case.serves:
        return None
    inputs = (fact(case, "name_prefix", case.facts.name_prefix),)
    if case.pair.fits is None:
        return doubt(f"the name has to begin with {case.facts.name_prefix}, and it is not known", *inputs)
    if case.pair.fits:
        return None
    return Hit(f"the name does not begin with {case.facts.name_prefix}", inputs)


def w3(case: Case) -> Hit | None:
    """Words to display."""
    if case.facts is None or case.facts.badge is None or case.facts.badge.when == "threshold":
        # A badge above a threshold is what H9 is about.
        return None
    badge = case.facts.badge
    inputs = (fact(case, "badge", badge.text),)
    if badge.when == "some-models":
        return doubt(f"for some models, display: {badge.text}", *inputs)
    return Hit(f"display: {badge.text}", inputs)


def w4(case: Case) -> Hit | None:
    """Use restrictions that have to be passed on."""
    facts = case.facts
    if facts is None or case.serves or case.pair.keeps:
        return None
    flow = facts.aup.flow_down
    inputs = (fact(case, "aup_flow_down", flow), OFFERED)
    if flow == "unknown":
        return None if facts.basis == "list" else doubt("it is not known whether its use restrictions have to be passed on", *inputs)
    if flow not in _BINDING:
        return None
    if case.stranger:
        return doubt("use restrictions have to be passed on, and it is not known what is offered", *inputs)
    if flow == "similar" and case.open is not True:
        return doubt("use restrictions, the same or similar, have to be passed on: compare them", *inputs)
    return Hit("use restrictions have to be passed on as binding terms, and what is offered does not hold them", inputs)


def w5(case: Case) -> Hit | None:
    """More is offered than the parent grants."""
    facts = case.facts
    if facts is None or case.serves or case.pair.keeps:
        return None
    copyleft = facts.share_alike == "same-licence" and facts.klass not in RESTRICTED
    if facts.klass not in RESTRICTED and not copyleft:
        return None
    inputs = (fact(case, "class", facts.klass), fact(case, "share_alike", facts.share_alike), OFFERED)
    if case.stranger:
        return doubt("made from a restricted model, and it is not known what is offered", *inputs)
    if copyleft:
        return None if case.pair.alike else Hit("made from share-alike weights, and offered under another licence", inputs)
    if case.open:
        return Hit("made from a restricted model, and offered under open terms", inputs)
    return doubt("made from a restricted model, and it is not known whether more is offered", *inputs) if case.open is None else None


def w6(case: Case) -> Hit | None:
    """A merge is under the licences of all."""
    if case.relation != "merged-from":
        return None
    return Hit("a merge stands under the licences of all that went in", ("claim: merged-from",))


def w7(case: Case) -> Hit | None:
    """A ban on improving other models, and another model."""
    facts = case.facts
    if facts is None or not case.merged or facts.outputs.training != "forbidden":
        return None
    inputs = (fact(case, "training", "forbidden"), fact(case, "family", facts.outputs.family or "none"))
    if case.pair.foreign:
        return Hit("must not improve other models, and weights of another family went in", inputs)
    return Hit("must not improve other models; all that went in is of the family that is excepted", inputs, cap="none")


def w8(case: Case) -> Hit | None:
    """No further restrictions may be added, and some were."""
    facts = case.facts
    if facts is None or not case.merged or facts.conditions.no_further_restrictions != "yes":
        return None
    if not case.pair.adding:
        return None
    named = ", ".join(case.pair.adding)
    return Hit(f"allows no further restrictions, and these add some: {named}", (fact(case, "no_further_restrictions", "yes"),))


def adds(other: LicenseFacts, facts: LicenseFacts) -> bool:
    """Whether a licence restricts use beyond what another one does."""
    use = other.aup.where in ("inline", "url") or bool(other.thresholds) or bool(other.field_of_use) or other.geography is not None
    return use or (other.commercial == "no" and facts.commercial != "no")


def w9(case: Case) -> Hit | None:
    """A quantized model is a copy."""
    if case.relation != "quantized-from":
        return None
    return Hit("a quantized model is a copy in another form, with the duties of one", ("claim: quantized-from",))


def w10(case: Case) -> Hit | None:
    """An adapter alone."""
    if case.facts is None or case.relation != "adapter-of":
        return None
    word = case.facts.derivatives.adapters
    if word == "yes":
        return Hit("the licence counts an adapter as made from the model", (fact(case, "adapters", word),))
    return (
        doubt("it is not known whether the licence counts an adapter as made from the model", fact(case, "adapters", word))
        if word == "unknown"
        else None
    )


def w11(case: Case) -> Hit | None:
    """A service."""
    if case.facts is None or not case.serves:
        return None
    word = case.facts.hosting
    inputs = (fact(case, "hosting", word),)
    if word == "yes":
        return Hit("the licence counts a service as handing the model on: all its duties apply", inputs)
    return (
        None
        if word == "no" or case.facts.klass not in RESTRICTED
        else doubt("it is not known whether a service counts as handing the model on", *inputs)
    )


RULES: dict[str, Predicate] = {
    "W1": w1,
    "W2": w2,
    "W3": w3,
    "W4": w4,
    "W5": w5,
    "W6": w6,
    "W7": w7,
    "W8": w8,
    "W9": w9,
    "W10": w10,
    "W11": w11,
}
