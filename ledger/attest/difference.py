"""What changed between two attestations: components, licences, training data and verdicts, rule by rule; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Said = Mapping[str, Any]


def difference(one: Said, other: Said) -> dict[str, Any]:
    """What changed from one predicate of an attestation to another.

    Returns:
        `{before, after, added, removed, changed, lineage, data, verdicts}`; components by role and name, licences as normalised, verdicts
        by profile with the rules that turned. Profiles that only one of them has are listed with None for the other. `data` is None: an
        attestation does not list all that lies behind its release.
    """
    before, after = _components(one), _components(other)
    both = [key for key in before if key in after]
    return {
        "before": dict(one["release"]),
        "after": dict(other["release"]),
        "added": [after[key] for key in after if key not in before],
        "removed": [before[key] for key in before if key not in after],
        "changed": [{"before": before[key], "after": after[key]} for key in both if before[key] != after[key]],
        "lineage": _lineage(one, other),
        "data": None,
        "verdicts": _verdicts(one["verdicts"], other["verdicts"]),
    }


def _components(said: Said) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in said["licenses"]:
        # A name without its version, so that a new version is a change and not one thing less and one more.
        name = line["name"].partition("@")[0]
        key = (line["role"], name if (line["role"], name) not in found else line["name"])
        found[key] = {member: line[member] for member in ("role", "name", "artifact", "normalized", "basis")}
    return dict(sorted(found.items()))


def _lineage(one: Said, other: Said) -> dict[str, Any]:
    sides = [{item["id"]: item.get("name", "") for item in said["lineage"]["unverified"]} for said in (one, other)]
    return {
        "unverified_added": [{"id": id, "name": name} for id, name in sorted(sides[1].items()) if id not in sides[0]],
        "unverified_removed": [{"id": id, "name": name} for id, name in sorted(sides[0].items()) if id not in sides[1]],
        "edges": [one["lineage"]["edges"], other["lineage"]["edges"]],
    }


def _verdicts(one: Sequence[Said], other: Sequence[Said]) -> list[dict[str, Any]]:
    before, after = ({item["profile"]: item for item in side} for side in (one, other))
    found = []
    for name in dict.fromkeys([*before, *after]):
        left, right = before.get(name), after.get(name)
        rules = _rules(left, right)
        same = (
            left is not None
            and right is not None
            and all(left.get(key) == right.get(key) for key in ("result", "believed", "class", "digest"))
        )
        if same and not rules:
            continue
        found.append({"profile": name, "before": _short(left), "after": _short(right), "rules": rules})
    return found


def _short(verdict: Said | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {key: verdict[key] for key in ("result", "believed", "class", "digest") if key in verdict}


def _rules(one: Said | None, other: Said | None) -> list[dict[str, Any]]:
    if one is None or other is None:
        return []
    before = {item["rule"]: item for item in one["rules"]}
    return [
        {
            "rule": item["rule"],
            "before": {key: before[item["rule"]][key] for key in ("result", "reason")} if item["rule"] in before else None,
            "after": {key: item[key] for key in ("result", "reason")},
        }
        for item in other["rules"]
        if item["rule"] not in before or any(before[item["rule"]][key] != item[key] for key in ("result", "reason"))
    ]
