"""Rules from data to weights (T): what training on data brings with it. The law is unsettled; the stance decides what silence means."""

from __future__ import annotations

from ledger.licenses.case import OFFERED, Case, Hit, doubt, fact
from ledger.licenses.rules import Predicate

_FREE = ("free-explicit", "free-explicit-if-de-minimis")
_COPYLEFT = ("same-licence", "library", "file")


def t0(case: Case) -> Hit | None:
    """The text frees what comes out of training. Only a text that was read can."""
    facts = case.facts
    if facts is None or facts.basis != "read":
        return None
    if facts.derivatives.results in _FREE:
        return Hit(
            "the licence frees the results of computation in so many words", (fact(case, "results", facts.derivatives.results),), cap="none"
        )
    if facts.klass == "public-domain":
        return Hit("given to the public domain", (fact(case, "class", facts.klass),), cap="none")
    if facts.klass == "open-permissive-model" and facts.outputs.training == "allowed-explicit":
        return Hit("the licence frees what comes out in so many words", (fact(case, "training", facts.outputs.training),), cap="none")
    return None


def t_by(case: Case) -> Hit | None:
    """Attribution."""
    if case.facts is None or case.facts.conditions.attribution != "yes":
        return None
    return Hit("name the data and link to its source in the model card", (fact(case, "attribution", "yes"),))


def t_sa(case: Case) -> Hit | None:
    """Share-alike data."""
    facts = case.facts
    if facts is None or _code(case) or facts.share_alike not in ("same-licence", "enhanced-data"):
        return None
    inputs = (fact(case, "share_alike", facts.share_alike), OFFERED)
    kept = case.pair.alike
    if kept is None:
        return doubt("trained on share-alike data, and it is not known what the weights are offered as", *inputs)
    if kept:
        return Hit("trained on share-alike data, and shared alike", inputs, cap="notice")
    return Hit("trained on share-alike data, and offered under another licence", inputs)


def t_nc(case: Case) -> Hit | None:
    """Non-commercial and research-only data."""
    if case.facts is None or case.facts.commercial != "no":
        return None
    purpose = case.actor.purpose
    grants = case.grants
    inputs = (fact(case, "commercial", "no"), f"actor: purpose = {purpose or 'unknown'}", OFFERED)
    if purpose in ("research", "noncommercial", "internal") and grants is False:
        return None
    if purpose in ("research", "noncommercial", "internal") and grants is None:
        return doubt("trained on data for non-commercial use, and it is not known what the weights are offered for", *inputs)
    if grants:
        return Hit("trained on data for non-commercial use, and offered for commercial use too", inputs)
    if purpose == "commercial":
        return Hit("trained on data for non-commercial use, with a commercial purpose", inputs)
    return doubt("trained on data for non-commercial use, and the purpose is not known", *inputs)


def t_nd(case: Case) -> Hit | None:
    """No-derivatives data."""
    if case.facts is None or case.facts.modify != "no":
        return None
    inputs = (fact(case, "modify", "no"),)
    if not case.shared:
        return Hit("trained on no-derivatives data; were weights an adaptation, they could be kept and not be shared", inputs, cap="notice")
    return Hit("trained on no-derivatives data, and shared: barred if weights are an adaptation", inputs)


def _banned(case: Case) -> bool:
    facts = case.facts
    return (
        facts is not None
        and facts.outputs.training == "forbidden"
        and (facts.klass == "service-terms" or facts.conditions.contract_only == "yes")
    )


def t_con(case: Case) -> Hit | None:
    """Whoever asks accepted terms that forbid training."""
    if not _banned(case) or not _accepted(case):
        return None
    return Hit(
        "these terms were accepted, and they forbid training on this", (fact(case, "training", "forbidden"), "actor: accepted_terms")
    )


def t_con3(case: Case) -> Hit | None:
    """Others accepted them, and the data was handed on."""
    if not _banned(case) or _accepted(case):
        return None
    known = "none accepted" if case.actor.accepted_terms is not None else "unknown"
    inputs = (fact(case, "training", "forbidden"), f"actor: accepted_terms = {known}")
    return Hit("terms of a service forbid training on this; what was handed on keeps that mark whatever it is labelled", inputs)


def _accepted(case: Case) -> bool:
    names = {case.id.lower()} | ({case.facts.key} if case.facts else set())
    return bool(names & {item.lower() for item in case.actor.accepted_terms or ()})


def t_tdm(case: Case) -> Hit | None:
    """A recorded reservation, for whoever is in the EU."""
    if not case.origin.tdm_reserved:
        return None
    inside = case.actor.within(("EU",))
    inputs = ("claim: reservation against text and data mining", f"actor: domicile = {case.actor.domicile or 'unknown'}")
    if inside is False:
        return None
    if inside is None:
        return doubt("text and data mining is reserved, and it is not known whether that binds here", *inputs)
    return Hit("text and data mining is reserved, so the exception of Art. 4 is not open", inputs)


def t_mem(case: Case) -> Hit | None:
    """Data that goes out with the model, or comes out of it."""
    if not (case.origin_shipped or case.origin.retrieved):
        return None
    why = "shipped too" if case.origin_shipped else "read at run time, or given back word for word"
    return Hit(f"the data is {why}: the rules for data apply to it", (f"claim: {why}",))


def t_db(case: Case) -> Hit | None:
    """Database licences with a notice for what is produced."""
    if case.facts is None or case.facts.derivatives.results != "produced-work":
        return None
    inputs = (fact(case, "results", "produced-work"), fact(case, "share_alike", case.facts.share_alike))
    return Hit(
        "a notice of the database goes with what is produced from it; whether weights are that, or a derived database, is unsettled", inputs
    )


def t_gpl(case: Case) -> Hit | None:
    """Copyleft source code as training data."""
    if case.facts is None or not _code(case) or case.facts.share_alike not in _COPYLEFT:
        return None
    return Hit("trained on copyleft source code", (fact(case, "share_alike", case.facts.share_alike),))


def _code(case: Case) -> bool:
    return case.origin.kind == "code"


RULES: dict[str, Predicate] = {
    "T0": t0,
    "T-BY": t_by,
    "T-SA": t_sa,
    "T-NC": t_nc,
    "T-ND": t_nd,
    "T-CON": t_con,
    "T-CON3": t_con3,
    "T-TDM": t_tdm,
    "T-MEM": t_mem,
    "T-DB": t_db,
    "T-GPL": t_gpl,
}
