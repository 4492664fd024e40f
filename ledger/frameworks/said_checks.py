"""Checks of what people say: the provider about a release, reviewers about it, and what the ledger itself knows.

Nobody can check these by bytes. That it is said, and signed, is the evidence; so by evidence and believed are the same, except
for what only a registry's record says.
"""

from __future__ import annotations

from ledger.frameworks.answers import FAIL, NOT_APPLICABLE, PASS, POINTERS, UNKNOWN, Answer, Outcome, pointers
from ledger.frameworks.dataset_checks import evidence_of
from ledger.frameworks.model import Profile, Rule
from ledger.spec.evidence import DatasetFact, Evidence, ReleaseFacts
from ledger.spec.information import NO, YES, at, said

# What every release in a ledger has, because the ledger makes it.
LEDGER_FACTS = ("signature", "digest", "timestamp", "author", "tool", "format", "lineage")


def stated(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """The provider says yes, or no. Parameters: `field`, `is` (yes or no), `reason` (of the other answer)."""
    del profile
    field, wanted = str(rule.params["field"]), str(rule.params["is"])
    found = at(facts.about, field)
    if found == wanted:
        answer = Answer(PASS, "MET", f"the provider says `{field}`: {found}")
    elif found in (YES, NO):
        answer = Answer(FAIL, str(rule.params["reason"]), f"the provider says `{field}`: {found}", f"`{field}`: {wanted}")
    else:
        answer = _silent(field)
    return Outcome(rule, answer, answer, _pointer(facts, field))


def below(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """A figure is below a limit. Parameters: `field`, `limit`, `reason`."""
    del profile
    field, limit = str(rule.params["field"]), float(rule.params["limit"])
    found = at(facts.about, field)
    if found is None:
        answer = _silent(field)
    elif found <= limit:
        answer = Answer(PASS, "MET", f"`{field}` is {found:g}, not above {limit:g}")
    else:
        answer = Answer(FAIL, str(rule.params["reason"]), f"`{field}` is {found:g}, above {limit:g}", f"`{field}` of {limit:g} or less")
    return Outcome(rule, answer, answer, _pointer(facts, field))


def answered(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """A yes or no was answered. Parameters: `field`; `origin`: a recorded dataset of this origin answers yes (empty: none does)."""
    del profile
    field, origin = str(rule.params["field"]), str(rule.params["origin"])
    found = at(facts.about, field)
    proof = evidence_of(facts, origin) if origin else []
    if proof:
        # What is recorded outweighs a no, here as in the document that is made of it.
        against = "; the provider says no" if found == NO else ""
        answer = Answer(PASS, "MET", f"`{field}`: yes, by the datasets that say that their origin is `{origin}`{against}")
    elif found in (YES, NO):
        answer = Answer(PASS, "MET", f"`{field}`: {found}")
    else:
        answer = _silent(field)
    return Outcome(rule, answer, answer, pointers([*_pointer(facts, field), *proof]))


def filled(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """Everything in a list is said.

    Parameters: `fields`: each a field of `schemas/release-information`, or `datasets:ORIGIN` (a dataset of that origin with an
    address or a description), `every-dataset:FIELD+FIELD` (each has one of them), `any-dataset:FIELD`, `modalities:ORIGIN`,
    `component:ROLE`, `ledger:WORD` (of `LEDGER_FACTS`), or several of these with `|`, of which one is enough; `when`: a field
    whose yes asks for them (empty: always), or with `=WORD` another answer; `missing`: what a gap is worth, fail or unknown.
    """
    fields, when = rule.params["fields"], str(rule.params["when"])
    if when:
        asked = _asked(facts, when)
        if asked is not True:
            unanswered = Answer(
                UNKNOWN,
                "DATA_INFO_INCOMPLETE",
                f"`{_field(when)}` is not answered, so it is not known whether this is asked",
                f"answer `{_field(when)}`",
            )
            answer = unanswered if asked is None else Answer(NOT_APPLICABLE, "MET", f"not asked, because of `{_field(when)}`")
            return Outcome(rule, answer, answer, _pointer(facts, _field(when)), required=asked is None)
    answers = []
    for by_evidence in (True, False):
        empty = [name for name in fields if not any(_says(profile, facts, part, by_evidence=by_evidence) for part in name.split("|"))]
        shown = ", ".join(_in_words(facts, name) for name in empty)
        change = "record what is missing: `ledger describe` lists it"
        gap = Answer(str(rule.params["missing"]), "DATA_INFO_INCOMPLETE", f"not recorded: {shown}", change)
        answers.append(gap if empty else Answer(PASS, "MET", "all that is asked is recorded"))
    return Outcome(
        rule, answers[0], answers[1], pointers(proof for name in fields for part in name.split("|") for proof in _proof(facts, part))
    )


def exemption(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """An exemption that the provider claims makes the whole profile not apply. Parameters: `field`, a list."""
    del profile
    field = str(rule.params["field"])
    claimed = at(facts.about, field)
    if claimed:
        answer = Answer(NOT_APPLICABLE, "MET", f"the provider claims an exemption: {', '.join(map(str, claimed))}")
        return Outcome(rule, answer, answer, _pointer(facts, field), required=False)
    answer = Answer(PASS, "MET", "no exemption is claimed")
    return Outcome(rule, answer, answer, (), required=False)


def reviewed(profile: Profile, rule: Rule, facts: ReleaseFacts) -> Outcome:
    """A person has signed a judgement of the release. Parameters: `statement`, of `vocabulary.REVIEW_STATEMENTS`."""
    del profile
    word = str(rule.params["statement"])
    found = [item.evidence for item in facts.reviews if item.statement == word and facts.id in item.subjects]
    if found:
        answer = Answer(PASS, "MET", f"a person has signed `{word}` of the release")
    else:
        answer = Answer(
            UNKNOWN,
            "HUMAN_JUDGEMENT_REQUIRED",
            f"nobody has signed `{word}` of the release",
            f"ledger review RELEASE --statement {word} --reason TEXT",
        )
    return Outcome(rule, answer, answer, pointers(found))


def _silent(field: str) -> Answer:
    return Answer(UNKNOWN, "DATA_INFO_INCOMPLETE", f"the provider does not say `{field}`", f"record `{field}` in `about` of the release")


def _asked(facts: ReleaseFacts, when: str) -> bool | None:
    field, _, word = when.partition("=")
    origin = ""
    if ":" in field:
        field, origin = field.split(":", 1)
    found = at(facts.about, field)
    if origin and evidence_of(facts, origin):
        found = YES
    if found in (None, "unknown"):
        return None
    return bool(found == (word or YES))


def _field(when: str) -> str:
    return when.partition("=")[0].partition(":")[0]


def _in_words(facts: ReleaseFacts, token: str) -> str:
    """What is missing, for a person."""
    told = []
    for part in token.split("|"):
        kind, colon, rest = part.partition(":")
        if not colon:
            told.append(f"`{part}`")
        elif kind == "every-dataset":
            names = rest.split("+")
            have = sum(any(_has(item, name) for name in names) for item in facts.datasets)
            shown = " or ".join(f"`{name}`" for name in names)
            told.append(f"{shown} of every dataset ({have} of {len(facts.datasets)} have it)")
        else:
            words = {
                "datasets": "datasets of origin `{}`",
                "any-dataset": "`{}` of a dataset",
                "modalities": "modalities of the datasets of origin `{}`",
                "component": "a component `{}`",
            }
            told.append(words.get(kind, "the ledger's `{}`").format(rest))
    return " or ".join(told)


def _says(profile: Profile, facts: ReleaseFacts, token: str, *, by_evidence: bool) -> bool:
    kind, colon, rest = token.partition(":")
    if not colon:
        return said(facts.about, token)
    if kind == "datasets":
        own = [item for item in facts.datasets if item.data.get("origin") == rest]
        return bool(own) and all(item.where or said(item.data, "description") for item in own)
    if kind == "modalities":
        own = [item for item in facts.datasets if item.data.get("origin") == rest]
        return bool(own) and all(said(item.data, "modalities") for item in own)
    if kind == "any-dataset":
        return any(said(item.data, rest) for item in facts.datasets)
    if kind == "every-dataset":
        names = rest.split("+")
        return bool(facts.datasets) and not facts.upstream and all(any(_has(item, name) for name in names) for item in facts.datasets)
    if kind == "component":
        rungs = profile.accepts if by_evidence else profile.believes
        return any(item.role == rest and item.availability in rungs for item in facts.components)
    return facts.logged


def _has(item: DatasetFact, name: str) -> bool:
    if name == "where":
        return bool(item.where)
    if name == "name":
        return bool(item.name)
    if name == "license":
        return item.license is not None
    return item.availability == "verified" if name == "digest" else said(item.data, name)


def _proof(facts: ReleaseFacts, token: str) -> list[Evidence]:
    kind, colon, rest = token.partition(":")
    if not colon:
        return list(_pointer(facts, token)) if said(facts.about, token) else []
    if kind in ("datasets", "modalities"):
        return evidence_of(facts, rest)
    if kind in ("every-dataset", "any-dataset"):
        return [proof for item in facts.datasets[:POINTERS] for proof in item.evidence]
    if kind == "component":
        return [proof for item in facts.components if item.role == rest for proof in item.evidence]
    return []


def _pointer(facts: ReleaseFacts, field: str) -> tuple[Evidence, ...]:
    if facts.said_at is None or at(facts.about, field) is None:
        return ()
    return (Evidence(facts.said_at.artifact, facts.said_at.index, facts.said_at.object, f"{facts.said_at.pointer}/{field}"),)
