"""Release policies: what they may say, and what their requirements come to."""

from __future__ import annotations

import pytest
from frameworks.facts import component, judge, release

from ledger.attest.policy import check_profiles, ladder, read_release_policy
from ledger.attest.policy import judge as judge_policy
from ledger.errors import LedgerError
from ledger.frameworks.profiles import load_profile

REDHAT, G7, MOT = "redhat-minimum-2025", "g7-ai-openness-2026", "mot-2026-05"
SOFTWARE = [component(role) for role in ("inference-code", "architecture", "tokenizer")]
FREE = {"free_of_charge": "yes"}


def policy(text: str):
    return read_release_policy(f"policy: 1\nname: ours\n{text}".encode())


def outcome(text: str, facts, findings=None, lines=()):
    rules = policy(text)
    profiles = {item.id: load_profile(item.id) for item in rules.profiles}
    check_profiles(rules, profiles)
    verdicts = [judge(name, facts).to_json() for name in profiles]
    return judge_policy(rules, profiles, verdicts, list(lines), findings)


def line(expression: str | None, normalized: str | None = None):
    return {"role": "weights", "name": "m@1", "expression": expression, "normalized": normalized or expression or "NOASSERTION"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "requires nothing"),
        ("profile: {}", "unknown key `profile`"),
        ("profiles: [redhat-minimum-2025]", "is not a mapping"),
        ("profiles: {redhat-minimum-2025: {result: fail}}", "neither `pass` nor `unknown`"),
        ("profiles: {redhat-minimum-2025: {at_least: x, result: pass}}", "one of them"),
        ("profiles: {redhat-minimum-2025: {tier: x}}", "unknown key `tier`"),
        ("licenses: {allowed: []}", "not a list of SPDX ids"),
        ("licenses: {allowed: [MIT OR Apache-2.0]}", "is not one SPDX id"),
        ("licenses: {allowed: [BSD 3]}", "is not one SPDX id"),
        ("stance: lenient", "stance is none of"),
        ("actor: a.yaml\nprofiles: {redhat-minimum-2025: {}}", "give both"),
        ("profiles: {redhat-minimum-2025: {}}\nwaivers: [{rule: mot-2026-05/weights, reason: x}]", "no rule of a required profile"),
        ("profiles: {redhat-minimum-2025: {}}\nwaivers: [{rule: redhat-minimum-2025/weights}]", "`reason` is missing"),
        ("profiles: {redhat-minimum-2025: {}}\nwaivers: {a: b}", "waivers is not a list"),
    ],
)
def test_what_a_policy_file_may_not_say(text, told):
    with pytest.raises(LedgerError) as caught:
        policy(text)
    assert caught.value.code == "LG1108"
    assert told in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "profiles: {redhat-minimum-2025: {at_least: open-weights}}",
        "profiles: {g7-ai-openness-2026: {at_least: open}}",
        "profiles: {redhat-minimum-2025: {}}\nwaivers: [{rule: redhat-minimum-2025/nothing, reason: x}]",
    ],
)
def test_a_policy_asks_for_what_the_profile_has(text):
    with pytest.raises(LedgerError) as caught:
        outcome(text, release())
    assert caught.value.code == "LG1108"


@pytest.mark.parametrize(
    "data", [b"policy: 2\nname: x\nstance: strict\n", b"policy: true\nname: x\n", b"[]", b"\xff", b"policy: 1\nstance: strict\n"]
)
def test_what_is_no_policy_file(data):
    with pytest.raises(LedgerError) as caught:
        read_release_policy(data)
    assert caught.value.code == "LG1108"


def test_ladders_go_from_the_lowest():
    assert ladder(load_profile(G7)) == ("weights-available", "open-weights", "open-source-ai", "open-source-ai-open-data")
    assert ladder(load_profile(MOT)) == ("3", "2", "1")
    assert ladder(load_profile(REDHAT)) == ()


OPEN = release([component("weights"), *SOFTWARE], about=FREE)
NO_TOKENIZER = release([component("weights"), *SOFTWARE[:2]], about=FREE)
CLOSED = release([component("weights", "CC-BY-NC-4.0"), *SOFTWARE], about=FREE)
WAIVED = "\nwaivers: [{rule: redhat-minimum-2025/tokenizer, reason: none is used}]"


@pytest.mark.parametrize(
    ("text", "facts", "result"),
    [
        (f"profiles: {{{REDHAT}: {{}}}}", OPEN, "pass"),
        (f"profiles: {{{REDHAT}: {{}}}}", NO_TOKENIZER, "unknown"),
        (f"profiles: {{{REDHAT}: {{result: unknown}}}}", NO_TOKENIZER, "pass"),
        (f"profiles: {{{REDHAT}: {{result: unknown}}}}", CLOSED, "fail"),
        (f"profiles: {{{REDHAT}: {{}}}}{WAIVED}", NO_TOKENIZER, "pass"),
        (f"profiles: {{{REDHAT}: {{}}}}{WAIVED}", CLOSED, "fail"),
        (f"profiles: {{{G7}: {{at_least: open-weights}}}}", OPEN, "pass"),
        (f"profiles: {{{G7}: {{at_least: weights-available}}}}", OPEN, "pass"),
        (f"profiles: {{{G7}: {{at_least: open-source-ai}}}}", OPEN, "unknown"),
        (f"profiles: {{{G7}: {{at_least: open-weights}}}}", CLOSED, "fail"),
        (f"profiles: {{{G7}: {{at_least: weights-available}}}}", CLOSED, "pass"),
        (f"profiles: {{{G7}: {{at_least: open-weights}}}}", release([component("weights", availability="claimed")], about=FREE), "unknown"),
        (f"profiles: {{{MOT}: {{at_least: '3'}}}}", OPEN, "unknown"),
        (f"profiles: {{{REDHAT}: {{}}, {G7}: {{at_least: open-source-ai}}}}", CLOSED, "fail"),
    ],
)
def test_requirements(text, facts, result):
    assert outcome(text, facts)["result"] == result


def test_a_waiver_is_shown_with_what_it_excuses():
    [found] = outcome(f"profiles: {{{REDHAT}: {{}}}}{WAIVED}", NO_TOKENIZER)["requirements"]
    assert found["waived"] == [f"{REDHAT}/tokenizer"]
    # Excused is one rule of two: the requirement stays unknown, and the waiver is seen all the same.
    both = release([component("weights"), SOFTWARE[0]], about=FREE)
    [found] = outcome(f"profiles: {{{REDHAT}: {{}}}}{WAIVED}", both)["requirements"]
    assert (found["result"], found["waived"]) == ("unknown", [f"{REDHAT}/tokenizer"])


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        ([line("MIT")], "pass"),
        ([line("MIT OR GPL-2.0-only")], "pass"),
        ([line("MIT AND GPL-2.0-only")], "fail"),
        ([line("MIT"), line("GPL-2.0-only")], "fail"),
        ([line("MIT"), line(None)], "unknown"),
        ([line("some words", "NOASSERTION")], "unknown"),
        ([line("Apache-2.0 WITH LLVM-exception")], "pass"),
    ],
)
def test_allowed_licences(lines, result):
    assert outcome("licenses: {allowed: [MIT, apache-2.0]}", release(), lines=lines)["result"] == result


def test_licence_conflicts_that_nobody_waived_stand_in_the_way():
    for unresolved, result in (([], "pass"), (["H1:aa"], "fail")):
        findings = {"stance": "strict", "unresolved": unresolved, "waived": ["W1:bb"]}
        assert outcome("stance: strict", release(), findings=findings)["result"] == result
