"""Rules from weights to outputs (O), and from outputs to the models trained on them (S)."""

from __future__ import annotations

from ledger.licenses.case import OFFERED, Case, Hit, doubt, fact
from ledger.licenses.rules import Predicate

_UNCLEAR = ("unstated", "policy", "unknown")


def o1(case: Case) -> Hit | None:
    """Who generated it is part of what it is."""
    terms = case.view.label
    return Hit(
        "record generator, its licence and the digest of its terms on the data, whatever it is labelled",
        (f"claim: generator under {terms}",),
    )


def o2(case: Case) -> Hit | None:
    """A licence that reaches outputs."""
    facts = case.facts
    if facts is None or facts.outputs.bound == "no":
        return None
    if facts.outputs.bound == "unknown":
        return (
            None if facts.basis == "list" else doubt("it is not known whether the licence reaches outputs", fact(case, "bound", "unknown"))
        )
    inputs = (fact(case, "bound", "yes"), fact(case, "commercial", facts.commercial), OFFERED)
    if case.pair.keeps:
        return Hit("the licence reaches outputs, and they are offered under it", inputs, cap="obligation")
    return Hit("the licence reaches outputs: what it withholds, they withhold", inputs)


def s1(case: Case) -> Hit | None:
    """Training other models on outputs is forbidden, or not known to be allowed."""
    facts = case.facts
    if facts is None:
        return None
    training = facts.outputs.training
    inputs = (
        fact(case, "training", training),
        fact(case, "scope", facts.outputs.scope),
        fact(case, "family", facts.outputs.family or "none"),
    )
    if training == "forbidden":
        if facts.outputs.family is not None and case.pair.family:
            return Hit("training on outputs is forbidden but for its own family, and the model is of it", inputs, cap="none")
        return Hit(f"training on outputs is forbidden (scope: {facts.outputs.scope})", inputs)
    if training == "noncommercial":
        grants = case.grants
        given = (*inputs, f"actor: purpose = {case.actor.purpose or 'unknown'}", OFFERED)
        if case.actor.purpose == "commercial" or grants:
            return Hit("training on outputs is for non-commercial use only", given)
        return doubt("training on outputs is for non-commercial use only, and the purpose is to be shown", *given)
    if training in _UNCLEAR and facts.basis != "list":
        return doubt("the licence does not say whether other models may be trained on outputs", *inputs)
    return None


def s2(case: Case) -> Hit | None:
    """Allowed, with a name or badge."""
    if case.facts is None or case.facts.outputs.training != "allowed-with-name":
        return None
    duty = [f"name begins with {case.facts.name_prefix}"] if case.facts.name_prefix else []
    duty += [f"display {case.facts.badge.text}"] if case.facts.badge else []
    return Hit(
        f"trained on outputs: {' and '.join(duty) or 'the name or badge that the licence asks for'}",
        (fact(case, "training", "allowed-with-name"),),
    )


def s3(case: Case) -> Hit | None:
    """The student counts as made from the teacher."""
    facts = case.facts
    if facts is None or facts.outputs.training != "flows-down":
        return None
    test = "if it was trained to perform similarly" if facts.derivatives.purpose_test else "whatever the purpose"
    inputs = (fact(case, "training", "flows-down"), fact(case, "purpose_test", facts.derivatives.purpose_test), OFFERED)
    reason = f"a model trained on outputs counts as made from the model, {test}: W1 and W4 apply"
    return Hit(reason, inputs, cap="obligation" if case.pair.keeps else "conflict")


def s4(case: Case) -> Hit | None:
    """Allowed. Only a text that was read can."""
    facts = case.facts
    if facts is None or facts.basis != "read" or facts.outputs.training not in ("allowed", "allowed-explicit"):
        return None
    return Hit("other models may be trained on outputs", (fact(case, "training", facts.outputs.training),), cap="none")


def s5(case: Case) -> Hit | None:
    """Nobody knows who generated it."""
    if case.origin.kind in ("weights", "service"):
        return (
            None
            if case.view.known
            else doubt("trained on outputs of a model whose licence is not known", "claim: generator without licence")
        )
    if not case.origin.synthetic or case.generator:
        return None
    return doubt("trained on generated data, and what generated it is not known", "claim: synthetic, no generator")


RULES: dict[str, Predicate] = {"O1": o1, "O2": o2, "S1": s1, "S2": s2, "S3": s3, "S4": s4, "S5": s5}
