"""Rules from data to data (D): what a dataset owes to those that it was put together or adapted from."""

from __future__ import annotations

import re
from functools import cache

from ledger.licenses.case import OFFERED, Case, Hit, doubt, fact
from ledger.licenses.facts import LicenseFacts
from ledger.licenses.rules import Predicate

SHARING = ("same-licence", "derivative-database", "enhanced-data", "library", "file")
_RESTRICTED = ("non-commercial", "research-only", "no-derivatives", "open-weights-restricted", "computational-use-only", "service-terms")
# One-way compatibility that the licences or their stewards state: CC's list for BY-SA 4.0.
_COMPATIBLE = {"cc-by-sa-4.0": ("gpl-3.0-only",)}
_CC_SHARING = re.compile(r"(cc-by(?:-nc)?-sa)-(\d)\.(\d)")
_LATER = re.compile(r"(a?gpl|lgpl|gfdl)-(\d)\.(\d)-or-later")


def alike(facts: LicenseFacts, kept: frozenset[str]) -> bool:
    """Whether what binds a child holds a share-alike licence, or one that the licence itself lets it be replaced by.

    Args:
        kept: lower-case ids and keys of what the child offers, see `View`.
    """
    key = facts.id.lower()
    if facts.key in kept or key in kept or any(other in kept for other in _COMPATIBLE.get(key, ())):
        return True
    later = _later(key)
    return later is not None and any((found := later[0].fullmatch(other)) and (found[1], found[2]) >= later[1] for other in kept)


@cache
def _later(key: str) -> tuple[re.Pattern[str], tuple[str, str]] | None:
    # CC BY-SA 2.0 to 3.0, s.4(b), and GNU's "or later": a later version of the same licence.
    for pattern in (_CC_SHARING, _LATER):
        mine = pattern.fullmatch(key)
        if mine is not None and not (pattern is _CC_SHARING and mine[2] == "1"):
            return re.compile(re.escape(mine[1]) + r"-(\d)\.(\d)(?:-only|-or-later)?"), (mine[2], mine[3])
    return None


def d1(case: Case) -> Hit | None:
    """A collection is under all of its members' licences; it relicenses nothing."""
    if case.relation != "combined-from":
        return None
    return Hit("a collection stands under the licences of all its members, and each keeps its own", ("claim: combined-from",))


def d2(case: Case) -> Hit | None:
    """What is adapted from share-alike data is shared alike."""
    facts = case.facts
    if facts is None or not case.adapted:
        return None
    if facts.share_alike == "unknown":
        return (
            None
            if facts.basis == "list"
            else doubt("it is not known whether the licence is share-alike", fact(case, "share_alike", "unknown"))
        )
    if facts.share_alike not in SHARING:
        return None
    inputs = (fact(case, "share_alike", facts.share_alike), OFFERED)
    kept = case.pair.alike
    if kept is None:
        return Hit("adapted from share-alike data, and it is not known under which licence", inputs, cap="obligation", unknown=True)
    if kept:
        return Hit("adapted from share-alike data, and shared alike: it has to stay so", inputs, cap="obligation")
    return Hit("adapted from share-alike data, and offered under another licence", inputs)


def d3(case: Case) -> Hit | None:
    """Adaptations of no-derivatives data are not shared."""
    if case.facts is None or not case.adapted or case.facts.modify != "no":
        return None
    inputs = (fact(case, "modify", "no"), "claim: derived-from")
    if not case.shared:
        return Hit("adapted from no-derivatives data: it may be kept, and not be shared", inputs, cap="notice")
    return Hit("adapted from no-derivatives data, and shared", inputs)


def d4(case: Case) -> Hit | None:
    """A child cannot grant what its parent withholds."""
    facts = case.facts
    if facts is None or case.pair.keeps:
        return None
    withheld = _withheld(facts)
    if withheld is None:
        return None
    inputs = (*withheld[1:], OFFERED)
    if case.stranger:
        return doubt(f"part of it is {withheld[0]}, and it is not known what the whole is offered as", *inputs)
    assert case.child is not None
    granted = {"commercial": case.child.commercial, "modify": case.child.modify}.get(withheld[0], case.child.open)
    shown = {"commercial": "commercial use", "modify": "adaptation"}.get(withheld[0], "use without its terms")
    if granted:
        return Hit(f"offers {shown}, which the licence of a part does not grant", inputs)
    if granted is None:
        return doubt(f"it is not known whether it offers {shown}, which the licence of a part does not grant", *inputs)
    return None


def _withheld(facts: LicenseFacts) -> tuple[str, ...] | None:
    if facts.commercial == "no":
        return "commercial", f"fact {facts.key}: commercial = no"
    if facts.modify == "no":
        return "modify", f"fact {facts.key}: modify = no"
    if facts.klass in _RESTRICTED:
        return "restricted", f"fact {facts.key}: class = {facts.klass}"
    return None


def d5(case: Case) -> Hit | None:
    """Attribution and notices add up."""
    if case.facts is None:
        return None
    asked = case.facts.conditions
    named = [(name, getattr(asked, name)) for name in ("attribution", "notice", "include_license")]
    wanted = tuple(fact(case, name, word) for name, word in named if word == "yes")
    if wanted:
        return Hit("name title, source, licence and creator of this part", wanted)
    if asked.attribution == "unknown" and case.facts.basis != "list":
        return doubt("it is not known whether the licence asks for attribution", fact(case, "attribution", "unknown"))
    return None


def d6(case: Case) -> Hit | None:
    """The project takes in certain licences only."""
    allowed = case.actor.allow_list
    if allowed is None or not case.id:
        return None
    names = {case.id.lower()} | ({case.facts.key, case.facts.id.lower()} if case.facts else set())
    if names & {item.lower() for item in allowed}:
        return None
    return Hit(f"{case.id} is not among the licences that the project takes in", (f"actor: allow_list = {', '.join(allowed) or 'empty'}",))


RULES: dict[str, Predicate] = {"D1": d1, "D2": d2, "D3": d3, "D4": d4, "D5": d5, "D6": d6}
