"""What licence counts for an artifact when claims differ, and what an expression as a whole grants.

Two questions have two answers. What restricts: the conclusion of a review, or else everything that is declared and everything that
was detected, together, so that no further evidence can take a restriction away. What is offered to others: the conclusion, or
else what is declared, or else what was detected, because that is what the next one in line reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ledger.licenses.expression import NONE, Compound, Term, parse_expression, terms
from ledger.licenses.facts import LicenseFacts, facts_of
from ledger.licenses.findings import Node
from ledger.licenses.osi import all_of, any_of
from ledger.spec.vocabulary import NOASSERTION

Tree = Term | Compound
OPEN_KLASSES = frozenset(("open-source", "open-data", "open-permissive-model", "public-domain"))


@dataclass(frozen=True, slots=True)
class View:
    """What an expression offers.

    Attributes:
        label: its text; `NOASSERTION` when nothing is known.
        tree: None when nothing is known, or there is expressly no licence.
        none: it says `NONE`.
        kept: lower-case ids and keys that bind whichever choice is taken.
        open: it can be used under open terms alone.
        osi: the same, under terms that OSI approved.
        commercial, modify: it grants these.
    """

    label: str
    tree: Tree | None
    none: bool
    kept: frozenset[str]
    open: bool | None
    osi: bool | None
    commercial: bool | None
    modify: bool | None

    @property
    def known(self) -> bool:
        """There is a licence."""
        return self.tree is not None


@dataclass(frozen=True, slots=True)
class Effective:
    """The two answers for one artifact.

    Attributes:
        restricts: what its content is bound by.
        offered: what others are told.
        basis: ``concluded``, ``declared``, ``detected``, ``declared and detected``, or ``nothing``.
        contradiction: ids that were detected and not declared.
    """

    restricts: View
    offered: View
    basis: str
    contradiction: tuple[str, ...]


def names_of(term: Term) -> frozenset[str]:
    """All that a licence is called here: its id, and the key of its entry."""
    facts = facts_of(term.id)
    return frozenset((term.id.lower(),)) if facts is None else frozenset((term.id.lower(), facts.key, facts.id.lower()))


def effective(node: Node) -> Effective:
    """What counts for a node. Never raises for what claims say: what is no expression counts as not known."""
    return _effective(node.declared, node.detected, node.concluded)


@lru_cache(maxsize=1 << 16)
def _effective(declared: str | None, detected: tuple[str, ...], concluded: str | None) -> Effective:
    said, found = _view(declared), [tuple(item.split("|")) for item in detected]
    found = [ids for ids in found if all(_view(item).known for item in ids)]
    extra = tuple(sorted("|".join(ids) for ids in found if said.known and not _declared(ids, said)))
    decided = _view(concluded)
    if decided.known or decided.none:
        return Effective(decided, decided, "concluded", extra)
    texts = _and(found)
    if said.known:
        both = _and([ids for ids in found if not _declared(ids, said)], said.label) if extra else said
        return Effective(both, said, "declared and detected" if extra else "declared", extra)
    if texts.known:
        return Effective(texts, texts, "detected", ())
    return Effective(said, said, "nothing", ())


def _declared(ids: tuple[str, ...], said: View) -> bool:
    assert said.tree is not None
    declared: set[str] = set().union(*map(names_of, terms(said.tree)))
    return any(names & declared for item in ids for names in [_names(item)])


def _names(text: str) -> frozenset[str]:
    tree = _view(text).tree
    return frozenset().union(*map(names_of, terms(tree))) if tree is not None else frozenset()


def _and(found: list[tuple[str, ...]], first: str = "") -> View:
    # Which of several ids that no text tells apart it is, is not known: so all of them restrict.
    parts = sorted({f"({item})" for ids in found for item in ids} | ({f"({first})"} if first else set()))
    return _view(" AND ".join(parts)) if parts else _view(None)


@lru_cache(maxsize=1 << 16)
def _view(text: str | None) -> View:
    expression = parse_expression(text or NOASSERTION)
    tree = expression.tree
    if tree is None:
        return View(expression.normalized, None, expression.normalized == NONE, frozenset(), None, None, None, None)
    return View(
        expression.normalized,
        tree,
        False,
        _kept(tree),
        _decide(tree, _open),
        _decide(tree, lambda facts: facts.osi),
        _decide(tree, lambda facts: _granted(facts.commercial)),
        _decide(tree, lambda facts: _granted(facts.modify)),
    )


def _open(facts: LicenseFacts) -> bool | None:
    if facts.klass != "unknown":
        return facts.klass in OPEN_KLASSES
    return True if facts.osi or facts.fsf or facts.open_definition else None


def _granted(word: str) -> bool | None:
    return {"yes": True, "threshold": True, "conditional": True, "no": False}.get(word)


def _kept(tree: Tree) -> frozenset[str]:
    if isinstance(tree, Term):
        return names_of(tree)
    parts = [_kept(part) for part in tree.parts]
    return frozenset().union(*parts) if tree.operator == "AND" else parts[0].intersection(*parts[1:])


def _decide(tree: Tree, of: Callable[[LicenseFacts], bool | None]) -> bool | None:
    if isinstance(tree, Term):
        facts = facts_of(tree.id)
        return None if facts is None else of(facts)
    parts = [_decide(part, of) for part in tree.parts]
    return all_of(parts) if tree.operator == "AND" else any_of(parts)
