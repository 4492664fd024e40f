"""Is an expression open by a list: three-valued logic over AND, OR, WITH and "or later".

True, False, and None for "could not tell"; unknown never becomes yes. AND is False as soon as one part is False, OR is
True as soon as one part is True, and otherwise one unknown part makes the whole unknown.

For OSI's own flag, as the SPDX list carries it (`osi_approved`):
- an id of the list is what the list says; deprecated ids such as `GPL-2.0` have the list's flag too;
- `X+` is True when X is approved, else unknown: which later versions there are is not on the list;
- `X WITH E` is what X is when E is an exception of the list, because those only add permissions. With an `AdditionRef-…`
  it is unknown, since such a text may as well take permissions away;
- `LicenseRef-…` is unknown, whatever it is called;
- `NONE` is False, because it says in so many words that there is no licence; `NOASSERTION` and anything that is not an
  expression are unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ledger.licenses import catalogue
from ledger.licenses.expression import NONE, Compound, Expression, Term


def osi_approved(expression: Expression) -> bool | None:
    """Whether OSI approved what the expression offers; None when the list cannot tell."""
    return decide(expression, _flag)


def decide(expression: Expression, of_id: Callable[[str], bool | None]) -> bool | None:
    """Whether an expression is in a set of licences, when `of_id` says it of single ids and references.

    Args:
        of_id: asked with the list's spelling of an id, or a reference as given.
    """
    if not expression.valid:
        return None
    if expression.tree is None:
        return False if expression.normalized == NONE else None
    return _decide(expression.tree, of_id)


def all_of(values: Iterable[bool | None]) -> bool | None:
    """Three-valued AND."""
    found = set(values)
    return False if False in found else None if None in found else True


def any_of(values: Iterable[bool | None]) -> bool | None:
    """Three-valued OR."""
    found = set(values)
    return True if True in found else None if None in found else False


def _decide(tree: Term | Compound, of_id: Callable[[str], bool | None]) -> bool | None:
    if isinstance(tree, Compound):
        parts = [_decide(part, of_id) for part in tree.parts]
        return all_of(parts) if tree.operator == "AND" else any_of(parts)
    answer = of_id(tree.id)
    if tree.or_later and answer is False:
        answer = None
    if tree.addition is not None and catalogue.exception_id(tree.addition) is None:
        answer = None
    return answer


def _flag(license_id: str) -> bool | None:
    known = catalogue.entry(license_id)
    return None if known is None else known.osi
