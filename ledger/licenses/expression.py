"""SPDX licence expressions: read any text, say whether it is one, and give its normal form.

The normal form is the same tree flattened, without repeated terms, and sorted; nothing is absorbed or simplified away, so
`MIT AND (MIT OR GPL-3.0-only)` keeps both licences in sight. It is idempotent and does not depend on the order of terms.
Ids take the list's spelling; deprecated ids stay as they are (`GPL-2.0` is not turned into `GPL-2.0-only`), because a
ledger never changes what was said. References (`LicenseRef-…`) keep the letters they were given, and two of one
expression that differ only in case count as one. The grammar is SPDX 3.0.1, annex "License expressions"; operators are
all upper or all lower case. Which ids exist is our own table (`catalogue`), the tree comes from `license-expression`.

Reading never fails: what is not an expression has `valid` false, `NOASSERTION` as its normal form, and a `problem`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ledger.licenses import catalogue
from ledger.limits import LIMITS
from ledger.spec.vocabulary import NOASSERTION

if TYPE_CHECKING:
    from license_expression import Licensing

NONE = "NONE"
# Parentheses deeper than any JSON that the format reads: nobody writes such a licence.
_NESTING = LIMITS.json_depth

_TOKEN = re.compile(r"[()]|[^\s()]+", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9.-]+\+?", re.ASCII)
_LICENSE_REF = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+", re.ASCII)
_ADDITION_REF = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+", re.ASCII)
_OPERATORS = {"AND": "AND", "and": "AND", "OR": "OR", "or": "OR", "WITH": "WITH", "with": "WITH"}


class _ExpressionProblemError(Exception):
    """Why a text is no expression; never leaves this file."""


@dataclass(frozen=True, slots=True)
class Term:
    """A leaf: one licence id or reference, perhaps "or later", perhaps with an addition.

    Attributes:
        id: the id without a `+` operator (a deprecated id such as `GPL-2.0+` has it as part of the id).
        or_later: the `+` operator was used.
        addition: the exception or `AdditionRef-…` after WITH.
    """

    id: str
    or_later: bool = False
    addition: str | None = None

    def __str__(self) -> str:
        text = self.id + ("+" if self.or_later else "")
        return f"{text} WITH {self.addition}" if self.addition else text


@dataclass(frozen=True, slots=True)
class Compound:
    """`AND` or `OR` over at least two different parts, sorted, none of them a compound of the same operator."""

    operator: str
    parts: tuple[Term | Compound, ...]

    def __str__(self) -> str:
        return f" {self.operator} ".join(f"({part})" if isinstance(part, Compound) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Expression:
    """A licence as somebody wrote it, and what it says.

    Attributes:
        original: the text, untouched.
        normalized: the SPDX normal form; `NOASSERTION` when `valid` is false.
        problem: why it is not valid, for people.
        ids: the licence ids and references in it, without additions, sorted, each once.
        tree: what `normalized` spells; None for `NONE`, `NOASSERTION` and texts that are not valid.
    """

    original: str
    normalized: str
    valid: bool
    problem: str | None
    ids: tuple[str, ...]
    tree: Term | Compound | None = None


# Thousands of artifacts are under a handful of expressions, and what is read of one never changes.
@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Read a licence expression. Never raises: look at `valid` and `problem`."""
    if text.strip(" \t\r\n") in (NONE, NOASSERTION):
        return Expression(text, text.strip(" \t\r\n"), True, None, ())
    try:
        tree = _normalize(_tree(_checked_tokens(text)))
    except _ExpressionProblemError as problem:
        return Expression(text, NOASSERTION, False, str(problem), ())
    return Expression(text, str(tree), True, None, tuple(sorted({term.id for term in terms(tree)})), tree)


def together(said: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Several declarations of one thing: they all hold, because whoever takes it is bound by each.

    Args:
        said: (expression as given, normal form) of each; at least one.

    Returns:
        The same of all together; the normal form is `NOASSERTION` when that of one is.
    """
    given = list(said)
    if len(given) == 1:
        return given[0]
    normal = [item for _, item in given]
    whole = NOASSERTION if NOASSERTION in normal else parse_expression(" AND ".join(f"({item})" for item in normal)).normalized
    return " AND ".join(f"({item})" for item, _ in given), whole


def terms(tree: Term | Compound) -> Iterable[Term]:
    """The leaves of a tree, from left to right."""
    if isinstance(tree, Term):
        yield tree
        return
    for part in tree.parts:
        yield from terms(part)


def _checked_tokens(text: str) -> list[str]:
    # The parser accepts more than the grammar (`MIT AND`, `(MIT) ()`) and fails in many ways, so the order of tokens is checked here.
    if len(text) > LIMITS.expression_chars:
        raise _ExpressionProblemError(f"longer than {LIMITS.expression_chars} characters")
    tokens = _TOKEN.findall(text)
    if not tokens:
        raise _ExpressionProblemError("empty")
    checked: list[str] = []
    depth = count = 0
    state = "operand"  # What must come next: an operand, an operator, or the addition after WITH.
    for token in tokens:
        operator = _OPERATORS.get(token)
        if token == "(":
            _expect(state == "operand", token)
            depth += 1
            if depth > _NESTING:
                raise _ExpressionProblemError(f"parentheses nested deeper than {_NESTING}")
        elif token == ")":
            _expect(state == "operator" and depth > 0, token)
            depth -= 1
        elif operator:
            _expect(state == "operator", token)
            if operator == "WITH":
                # WITH binds a single licence, not a group or what already has an addition.
                _expect(checked[-1] != ")" and (len(checked) < 2 or checked[-2] != "WITH"), token)
            state = "addition" if operator == "WITH" else "operand"
            token = operator
        else:
            _expect(state != "operator", token)
            token = _addition(token) if state == "addition" else _license(token)
            count += 1
            state = "operator"
        checked.append(token)
    if state != "operator":
        raise _ExpressionProblemError(f"ends after {_quoted(tokens[-1])}, where a licence should follow")
    if depth:
        raise _ExpressionProblemError("a parenthesis is not closed")
    if count > LIMITS.expression_terms:
        raise _ExpressionProblemError(f"more than {LIMITS.expression_terms} terms")
    return checked


def _expect(condition: bool, token: str) -> None:
    if not condition:
        raise _ExpressionProblemError(f"{_quoted(token)} does not fit where it stands")


def _quoted(token: str) -> str:
    # Escaped, so that a message can be printed and stored whatever the text was.
    shown = token if len(token) <= 80 else token[:79] + "…"
    return "`" + "".join(char if char.isprintable() else ascii(char)[1:-1] for char in shown) + "`"


def _license(token: str) -> str:
    if _LICENSE_REF.fullmatch(token):
        return token
    if _ID.fullmatch(token):
        known = catalogue.entry(token)
        if known is None and token.endswith("+"):
            known = catalogue.entry(token[:-1])
            if known is not None:
                return known.id + "+"
        if known is not None:
            return known.id
        if token in (NONE, NOASSERTION):
            raise _ExpressionProblemError(f"{_quoted(token)} cannot be part of an expression")
        if catalogue.exception_id(token) is not None:
            raise _ExpressionProblemError(f"{_quoted(token)} is an exception, which stands only after WITH")
        raise _ExpressionProblemError(f"no licence of the SPDX list {catalogue.list_version()}: {_quoted(token)}")
    raise _ExpressionProblemError(f"not an SPDX id: {_quoted(token)}")


def _addition(token: str) -> str:
    if _ADDITION_REF.fullmatch(token):
        return token
    known = catalogue.exception_id(token)
    if known is None:
        raise _ExpressionProblemError(f"no exception of the SPDX list {catalogue.list_version()}: {_quoted(token)}")
    return known


@cache
def _licensing() -> Licensing:
    from license_expression import Licensing

    # Without symbols of its own: every id was checked against our table before, and their bundled list is older.
    return Licensing()


def _tree(tokens: list[str]) -> Any:
    from license_expression import ExpressionError

    try:
        found = _licensing().parse(" ".join(tokens), simple=True)
    except (ExpressionError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise _ExpressionProblemError(f"cannot be parsed: {type(error).__name__}") from None
    if found is None:
        raise _ExpressionProblemError("empty")
    return found


def _normalize(node: Any) -> Term | Compound:
    licensing = _licensing()
    for operator, kind in (("AND", licensing.AND), ("OR", licensing.OR)):
        if isinstance(node, kind):
            return _combine(operator, [_normalize(part) for part in node.args])
    license_symbol = getattr(node, "license_symbol", None)
    if license_symbol is not None:
        return _term(str(license_symbol.key), str(node.exception_symbol.key))
    return _term(str(node.key), None)


def _term(key: str, addition: str | None) -> Term:
    if key.endswith("+") and catalogue.entry(key) is None:
        return Term(key[:-1], True, addition)
    return Term(key, False, addition)


def _combine(operator: str, parts: list[Term | Compound]) -> Term | Compound:
    unique: dict[str, Term | Compound] = {}
    flat: list[Term | Compound] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Compound) and part.operator == operator else (part,))
    # Sorted first, so that of two spellings of one reference the same one always stays.
    for part in sorted(flat, key=str):
        unique.setdefault(str(part).lower(), part)
    kept = tuple(sorted(unique.values(), key=str))
    return kept[0] if len(kept) == 1 else Compound(operator, kept)
