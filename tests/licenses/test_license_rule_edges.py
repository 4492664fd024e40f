"""Edges of single rules, on facts of real licences: the unknown is asked about, the unstated is not, and no branch of a choice is lost."""

from __future__ import annotations

import pytest

from ledger.licenses.propagate import Actor, Edge, Finding, Node, propagate

SMALL = Actor(monthly_active_users=1, annual_revenue_usd=1, domicile="US", purpose="commercial", accepted_terms=())


def node(id: str, declared: str, kind: str = "weights", *, there: bool = True, detected: tuple[str, ...] = ()) -> Node:
    return Node(id, kind, id, declared=declared, detected=detected, has_text=there, has_notice=there, terms_captured=True, multimodal=False)


def made(parent: Node, child: Node, relation: str, rule: str, more: tuple[Node, ...] = ()) -> list[Finding]:
    """What a rule finds of a child that was made from a parent."""
    edges = [Edge(item.id, child.id, relation) for item in (parent, *more)]
    answer = propagate([parent, child, *more], edges, target=child.id, actor=SMALL)
    return [item for item in answer.findings if item.rule == rule and item.severity != "none"]


@pytest.mark.parametrize(
    ("license", "unknown"),
    [("Apache-2.0", False), ("CC-BY-2.0", True), ("Zend-2.0", None)],
    ids=["stated", "known by its title only", "known by its flags only"],
)
def test_whether_the_text_goes_along(license: str, unknown: bool | None) -> None:
    found = made(node("base", license), node("tune", license), "fine-tuned-from", "W1")
    assert [item.unknown for item in found] == ([] if unknown is None else [unknown])


@pytest.mark.parametrize("license", ["LicenseRef-MNPL-0.1", "LicenseRef-Jamba-Open-Model"], ids=["read in part", "remembered"])
def test_use_restrictions_that_nobody_has_read_are_asked_about(license: str) -> None:
    [found] = made(node("base", license), node("tune", "MIT"), "fine-tuned-from", "W4")
    assert found.unknown
    assert made(node("base", "Zend-2.0"), node("tune", "MIT"), "fine-tuned-from", "W4") == []


def test_an_adapter_alone() -> None:
    [found] = made(node("base", "LicenseRef-Gemma"), node("lora", "LicenseRef-Gemma"), "adapter-of", "W10")
    assert (found.severity, found.unknown) == ("obligation", False)
    [found] = made(node("base", "LicenseRef-BigCode-OpenRAIL-M-1"), node("lora", "MIT"), "adapter-of", "W10")
    assert found.unknown
    assert made(node("base", "LicenseRef-Gemma"), node("tune", "LicenseRef-Gemma"), "fine-tuned-from", "W10") == []


def test_non_commercial_terms_are_a_further_restriction() -> None:
    gpl, by = node("gpl", "GPL-3.0-only"), node("by", "CC-BY-NC-4.0")
    [found] = made(gpl, node("merge", "GPL-3.0-only"), "merged-from", "W8", (by,))
    assert found.license == "GPL-3.0-only"
    assert found.reason.endswith("these add some: cc-by-nc-4.0")
    mit = node("mit", "MIT")
    assert made(gpl, node("merge", "GPL-3.0-only"), "merged-from", "W8", (mit,)) == []


def test_declared_and_detected_bind_together() -> None:
    base = node("base", "MIT", detected=("LicenseRef-DeepSeek-Model-1.0", "MIT"))
    [found] = made(base, node("tune", "MIT"), "fine-tuned-from", "W4")
    assert "DeepSeek" in found.license


@pytest.mark.parametrize(
    ("offered", "rules"),
    [
        ("LicenseRef-DeepSeek-Model-1.0", set()),
        ("LicenseRef-DeepSeek-Model-1.0 AND MIT", set()),
        ("Apache-2.0 OR LicenseRef-DeepSeek-Model-1.0", {"W4"}),
        ("LicenseRef-DeepSeek-Model-1.0 OR MIT", {"W4"}),
    ],
)
def test_a_licence_is_kept_when_every_branch_keeps_it(offered: str, rules: set[str]) -> None:
    found = made(node("base", "LicenseRef-DeepSeek-Model-1.0"), node("tune", offered), "fine-tuned-from", "W4")
    assert {item.rule for item in found} == rules


@pytest.mark.parametrize("license", ["0BSD", "MIT-0", "CC0-1.0"])
def test_a_text_that_no_licence_asks_for_may_be_absent(license: str) -> None:
    answer = propagate([node("a", license, "code", there=False)], [], target="a", actor=SMALL)
    assert [item for item in answer.findings if item.rule == "H3"] == []
    answer = propagate([node("a", "MIT", "code", there=False)], [], target="a", actor=SMALL)
    assert [item.severity for item in answer.findings if item.rule == "H3"] == ["obligation"]


@pytest.mark.parametrize("license", ["LicenseRef-TII-Falcon-LLM-1.0", "LicenseRef-Jamba-Open-Model"], ids=["read in part", "remembered"])
def test_share_alike_that_nobody_has_read_is_asked_about(license: str) -> None:
    data, more = node("d", license, "dataset"), node("e", "MIT", "dataset")
    assert [item.unknown for item in made(data, more, "derived-from", "D2")] == [True]
    assert made(node("d", "Zend-2.0", "dataset"), more, "derived-from", "D2") == []


def test_one_open_branch_of_what_is_offered_is_open() -> None:
    """Whoever may choose MIT has MIT, whatever else is offered."""
    base = node("base", "LicenseRef-Llama-3.1")
    [found] = made(base, node("Llama-tune", "LicenseRef-Llama-3.1 OR MIT"), "fine-tuned-from", "W5")
    assert found.severity == "conflict"
    assert made(base, node("Llama-tune", "LicenseRef-Llama-3.1 AND MIT"), "fine-tuned-from", "W5") == []
