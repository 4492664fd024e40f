"""The policy file of a release gate: which profiles and tiers are required, which licences are allowed, and what is waived; pure.

A gate passes when every requirement holds. What is unknown does not hold: the gate then says that it could not tell. A waiver
names one rule of one profile and a reason; the verdict stays as it is, and the waiver stands beside it in the attestation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ledger import ids
from ledger.errors import LedgerError
from ledger.frameworks import Profile
from ledger.frameworks.answers import FAIL, PASS, UNKNOWN, both
from ledger.licenses.expression import parse_expression
from ledger.licenses.osi import decide
from ledger.spec import strict_yaml

CODE = "LG1108"
STANCES = ("strict", "moderate", "permissive")
_KEYS = ("policy", "name", "profiles", "licenses", "stance", "actor", "waivers")
_PROFILE_KEYS = ("file", "result", "at_least")
_LADDERS = ("tiers", "classes")


@dataclass(frozen=True, slots=True)
class Required:
    """One required profile: the lowest result that is accepted, or the lowest tier or class; `file` of a profile of one's own."""

    id: str
    file: str | None = None
    result: str = PASS
    at_least: str | None = None

    @property
    def source(self) -> str:
        """What to load it by."""
        return self.file or self.id


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """A policy file.

    Attributes:
        digest: object id of the file's bytes.
        allowed: SPDX ids that components may be under; None when the policy does not ask.
        stance, actor: licence findings are asked for under this stance, with the facts of this file.
        waivers: `profile/rule` → why it is waived.
        document: the file's content, as it goes into the attestation.
    """

    digest: str
    name: str
    profiles: tuple[Required, ...]
    allowed: frozenset[str] | None
    stance: str | None
    actor: str | None
    waivers: Mapping[str, str]
    document: Mapping[str, Any]


def read_release_policy(data: bytes, *, what: str = "the policy file") -> ReleasePolicy:
    """Read a policy file. Raises LedgerError LG1108, LG0103."""
    value = strict_yaml.load(data, what=what, code=CODE)
    return policy_of(value, ids.object_id_of(data), what=what)


def policy_of(value: Any, digest: str, *, what: str = "the policy") -> ReleasePolicy:
    """A policy from its content. Raises LedgerError LG1108."""
    top = _mapping(value, what, _KEYS)
    if top.get("policy") != 1 or isinstance(top.get("policy"), bool):
        _bad(f"{what}: `policy: 1` must say which form this is")
    # In an order of their own: the attestation's canonical form does not keep that of the file.
    profiles = tuple(_required(name, item, what) for name, item in sorted(_mapping(top.get("profiles", {}), f"{what}: profiles").items()))
    licenses = None
    if "licenses" in top:
        given = _mapping(top["licenses"], f"{what}: licenses", ("allowed",)).get("allowed")
        if not isinstance(given, list) or not given or not all(isinstance(item, str) for item in given):
            _bad(f"{what}: licenses.allowed is not a list of SPDX ids")
        licenses = frozenset(_license(item, what) for item in given)
    stance = top.get("stance")
    if stance is not None and stance not in STANCES:
        _bad(f"{what}: stance is none of {', '.join(STANCES)}")
    if top.get("actor") is not None and stance is None:
        _bad(f"{what}: actor is for stance: give both")
    if not profiles and licenses is None and stance is None:
        _bad(f"{what} requires nothing")
    waivers = dict(_waivers(top.get("waivers", []), {item.id for item in profiles}, what))
    return ReleasePolicy(digest, _text(top, "name", what), profiles, licenses, stance, _optional(top, "actor", what), waivers, top)


def _bad(message: str) -> NoReturn:
    raise LedgerError(CODE, message)


def _mapping(value: Any, where: str, keys: Sequence[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        _bad(f"{where} is not a mapping")
    unknown = sorted(set(value) - set(keys)) if keys is not None else []
    if unknown:
        _bad(f"{where} has the unknown key `{ascii(unknown[0])[1:-1][:100]}`; known: {', '.join(keys or ())}")
    return value


def _text(value: Mapping[str, Any], key: str, where: str) -> str:
    found = value.get(key)
    if not isinstance(found, str) or not found.strip():
        _bad(f"{where}: `{key}` is missing or is not text")
    return found


def _optional(value: Mapping[str, Any], key: str, where: str) -> str | None:
    return None if value.get(key) is None else _text(value, key, where)


def _required(name: str, value: Any, what: str) -> Required:
    where = f"{what}: profiles.{ascii(name)[1:-1][:100]}"
    item = {} if value is None else _mapping(value, where, _PROFILE_KEYS)
    result, least = item.get("result", PASS), _optional(item, "at_least", where)
    if result not in (PASS, UNKNOWN):
        _bad(f"{where}: result is neither `pass` nor `unknown`")
    if least is not None and "result" in item:
        _bad(f"{where} asks for a result and for a tier: one of them")
    return Required(name, _optional(item, "file", where), result, least)


def _license(text: str, what: str) -> str:
    found = parse_expression(text)
    if not found.valid or len(found.ids) != 1:
        _bad(f"{what}: `{ascii(text)[1:-1][:100]}` is not one SPDX id")
    return found.ids[0]


def _waivers(value: Any, required: set[str], what: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        _bad(f"{what}: waivers is not a list")
    seen: set[str] = set()
    for number, given in enumerate(value):
        where = f"{what}: waivers[{number}]"
        item = _mapping(given, where, ("rule", "reason"))
        rule = _text(item, "rule", where)
        if rule.partition("/")[0] not in required or not rule.partition("/")[2] or rule in seen:
            _bad(f"{where}: `{ascii(rule)[1:-1][:100]}` is no rule of a required profile (PROFILE/RULE), or is waived twice")
        seen.add(rule)
        yield rule, _text(item, "reason", where)


def check_profiles(policy: ReleasePolicy, profiles: Mapping[str, Profile]) -> None:
    """Refuse a policy that asks for a tier or a rule that its profile does not have. Raises LedgerError LG1108."""
    for item in policy.profiles:
        profile = profiles[item.id]
        if profile.id != item.id:
            _bad(f"the policy `{policy.name}` calls the profile of `{item.source}` `{item.id}`, which calls itself `{profile.id}`")
        if item.at_least is not None and item.at_least not in ladder(profile):
            known = ", ".join(ladder(profile)) or "it has none"
            _bad(f"the policy `{policy.name}` asks `{item.id}` for `{item.at_least}`; its tiers or classes: {known}")
    for waived in policy.waivers:
        name, _, rule = waived.partition("/")
        if rule not in {known.id for known in profiles[name].rules}:
            _bad(f"the policy `{policy.name}` waives `{waived}`, which is no rule of the profile")


def ladder(profile: Profile) -> tuple[str, ...]:
    """The ids of a profile's tiers or classes, the lowest first; none for a profile without."""
    return tuple(item["id"] for member in _LADDERS for item in profile.conclusion.params.get(member, ()))


def judge(
    policy: ReleasePolicy,
    profiles: Mapping[str, Profile],
    verdicts: Sequence[Mapping[str, Any]],
    licenses: Sequence[Mapping[str, Any]],
    findings: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What a policy's requirements come to.

    Args:
        profiles: by id.
        verdicts, licenses: as in the attestation.
        findings: `{stance, unresolved, waived}` of the licence findings, when the policy has a stance.

    Returns:
        `{result, requirements: [{requirement, result, detail, waived}]}`.
    """
    by_id = {item["profile"]: item for item in verdicts}
    found = [_profile(policy, item, profiles[item.id], by_id[item.id]) for item in policy.profiles]
    if policy.allowed is not None:
        found += [_allowed(policy.allowed, line) for line in licenses]
    if findings is not None:
        count = len(findings["unresolved"])
        detail = f"{count} unresolved conflicts under the stance {findings['stance']}, {len(findings['waived'])} waived by reviews"
        found.append(_requirement("licence conflicts", FAIL if count else PASS, detail))
    return {"result": both(item["result"] for item in found), "requirements": found}


def _requirement(name: str, result: str, detail: str, waived: Sequence[str] = ()) -> dict[str, Any]:
    return {"requirement": name, "result": result, "detail": detail, "waived": list(waived)}


def _profile(policy: ReleasePolicy, item: Required, profile: Profile, verdict: Mapping[str, Any]) -> dict[str, Any]:
    result, detail, open_rules = _reached(item, profile, verdict)
    name = f"{item.id} {item.at_least or item.result}"
    waived = [rule for rule in open_rules if f"{item.id}/{rule}" in policy.waivers]
    # A waiver excuses a rule, and the requirement holds only when each rule that stands in its way is excused.
    if result != PASS and open_rules and waived == open_rules:
        return _requirement(name, PASS, f"{detail}; every rule that does not hold is waived", [f"{item.id}/{rule}" for rule in waived])
    return _requirement(name, result, detail, [f"{item.id}/{rule}" for rule in waived])


def _reached(item: Required, profile: Profile, verdict: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """Whether a requirement is reached without waivers, in words, and the rules that stand in its way."""
    results = {rule["rule"]: rule["result"] for rule in verdict["rules"]}
    if item.at_least is None:
        required = [rule.id for rule in profile.rules if rule.params.get("required", True)]
        result = verdict["result"]
        if result == "not_applicable" or (result == UNKNOWN and item.result == UNKNOWN):
            return PASS, f"{item.id} is {result}", []
        open_rules = [rule for rule in required if results.get(rule) not in (PASS, "not_applicable")]
        return result, f"{item.id} is {result}", open_rules
    rungs = ladder(profile)
    have = verdict["class"].get("by_evidence", verdict["class"]["id"])
    detail = f"{item.id} is {have}, and {item.at_least} is asked for"
    if have in rungs and rungs.index(have) >= rungs.index(item.at_least):
        return PASS, detail, []
    below = [
        rule for member in _LADDERS for rung in profile.conclusion.params.get(member, ()) for rule in _up_to(rung, rungs, item.at_least)
    ]
    open_rules = [rule for rule in below if results.get(rule) not in (PASS, "not_applicable")]
    return both(results[rule] for rule in open_rules) if open_rules else UNKNOWN, detail, open_rules


def _up_to(rung: Mapping[str, Any], rungs: tuple[str, ...], least: str) -> list[str]:
    return list(rung["requires"]) if rungs.index(rung["id"]) <= rungs.index(least) else []


def _allowed(allowed: frozenset[str], line: Mapping[str, Any]) -> dict[str, Any]:
    verdict = decide(parse_expression(line["normalized"]), lambda id: id in allowed)
    result = PASS if verdict is True else FAIL if verdict is False else UNKNOWN
    shown = line["expression"] or "no licence is recorded"
    return _requirement(f"allowed licence of {line['role']} {line['name']}", result, shown)
