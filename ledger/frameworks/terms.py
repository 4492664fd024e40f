"""Whether a licence claim is open under a profile's test, and how that is said."""

from __future__ import annotations

from functools import cache

from ledger.frameworks.answers import FAIL, PASS, UNKNOWN, Answer, printable
from ledger.frameworks.model import OpenTest
from ledger.licenses import catalogue
from ledger.licenses.expression import parse_expression
from ledger.licenses.osi import decide
from ledger.spec.evidence import LicenseFact

# Licences of these classes restrict what may be done, whatever they are called.
_RESTRICTED = (
    "open-weights-restricted",
    "non-commercial",
    "no-derivatives",
    "research-only",
    "computational-use-only",
    "service-terms",
)


def licensed(test: OpenTest, name: str, claim: LicenseFact | None, content: str, *, unlicensed: bool = False) -> Answer:
    """Whether something is under open terms.

    Args:
        name: what it is, for the detail.
        claim: its licence, or None when nothing is said of it.
        content: the kind of content, of `reading.CONTENT_TYPES`.
        unlicensed: the record says in so many words that there is no licence.
    """
    if unlicensed:
        return Answer(FAIL, "LICENCE_MISSING", f"the record says that {name} has no licence", "put it under an open licence")
    if claim is None or claim.expression.strip() in ("", "NOASSERTION"):
        return Answer(UNKNOWN, "LICENCE_MISSING", f"no licence is stated for {name}", "record its licence")
    shown = f"`{printable(claim.expression)}`"
    if claim.expression.strip() in ("unlicensed", "NONE"):
        return Answer(FAIL, "LICENCE_MISSING", f"the licence of {name} is given as {shown}", "put it under an open licence")
    if claim.mismatch:
        return Answer(
            FAIL,
            "LICENCE_TEXT_MISMATCH",
            f"{name} is declared as {shown}, and its licence file is `{printable(claim.mismatch)}`",
            "a licence file that is the declared licence, or a review that concludes which holds",
        )
    verdict, judged = is_open(test, claim)
    if claim.unrecognised and verdict is not False:
        return Answer(
            UNKNOWN,
            "LICENCE_TEXT_MISMATCH",
            f"{name} is declared as {shown}, and its licence file `{printable(claim.unrecognised)}` is a changed text",
            "the licence's own text, or a review that concludes which licence holds",
        )
    if verdict is False:
        return _not_open(test, name, claim, shown)
    if verdict is None and judged:
        return Answer(
            UNKNOWN,
            "HUMAN_JUDGEMENT_REQUIRED",
            f"{name} is under {shown}, of which no list says whether it is open",
            "a profile whose policy lists these terms, or a review that concludes a listed licence",
        )
    if verdict is None:
        return Answer(
            UNKNOWN, "LICENCE_UNKNOWN_ID", f"the licence of {name} is no SPDX expression: {shown}", "a review that says which licence it is"
        )
    if test.types and not _fits(test, claim, content):
        return Answer(
            PASS,
            "LICENCE_NOT_TYPE_APPROPRIATE",
            f"{name} is under {shown}, open but not meant for {content}",
            f"a licence that is meant for {content}",
        )
    return Answer(PASS, "MET", f"{name} is under {shown}")


def _not_open(test: OpenTest, name: str, claim: LicenseFact, shown: str) -> Answer:
    change = "put it under an open licence"
    known = parse_expression(_text(test, claim)).ids if test.restrictions else ()
    if any(_restricts(license_id) for license_id in known):
        return Answer(FAIL, "LICENCE_USE_RESTRICTED", f"{name} is under {shown}, whose terms restrict use", change)
    if test.restrictions and test.osi and known and all((entry := catalogue.entry(item)) and entry.fsf for item in known):
        return Answer(FAIL, "LICENCE_NOT_OSI_APPROVED", f"{name} is under {shown}, which OSI did not approve", change)
    return Answer(FAIL, "LICENCE_NOT_OPEN", f"{name} is under {shown}, which is not open here", change)


def is_open(test: OpenTest, claim: LicenseFact) -> tuple[bool | None, bool]:
    """Whether a claim is open, and when that is unknown, whether it is a matter of judgement (else of a missing id)."""
    if claim.basis in test.exact_for:
        return _exactly_open(test, claim.expression)
    expression = parse_expression(claim.normalized)
    if expression.tree is None:
        return None, False
    return decide(expression, lambda license_id: _id_open(test, license_id)), True


def _exactly_open(test: OpenTest, text: str) -> tuple[bool | None, bool]:
    # The framework's own tool compares strings: `MIT` is open, `mit` and `MIT OR Apache-2.0` are not known to it.
    known = catalogue.entry(text)
    if (known is None or known.id != text) and text not in test.ids and text not in test.judgement:
        return None, parse_expression(text).valid
    return _id_open(test, text), True


def _id_open(test: OpenTest, license_id: str) -> bool | None:
    if license_id in test.ids:
        return True
    if license_id in test.judgement:
        return None
    known = catalogue.entry(license_id)
    if known is None:
        return False if test.restrictions and _restricts(license_id) else None
    return test.osi and known.osi


@cache
def _restricts(license_id: str) -> bool:
    """Whether somebody read the licence's text and it restricts use."""
    from ledger.licenses.facts import facts_of

    facts = facts_of(license_id)
    return facts is not None and facts.klass in _RESTRICTED


def _text(test: OpenTest, claim: LicenseFact) -> str:
    return claim.expression if claim.basis in test.exact_for else claim.normalized


def _fits(test: OpenTest, claim: LicenseFact, content: str) -> bool:
    known = parse_expression(_text(test, claim)).ids
    return bool(known) and all(content in test.types.get(license_id, frozenset()) for license_id in known)
