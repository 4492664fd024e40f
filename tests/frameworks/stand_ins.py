"""Profiles for tests of importers: the product's own where it carries them, else a plain one with the same rule ids."""

from __future__ import annotations

import json

from ledger.frameworks import load_profile, parse_profile, profile_ids
from ledger.frameworks.model import Profile

_TEST = {"osi": True, "ids": [], "judgement": [], "exact_for": [], "inherited": "believed"}


def index_profile(profile_id: str, parameters: tuple[str, ...], method: str) -> Profile:
    """A profile of the Open Source AI Index: one graded rule for each parameter, in one group."""
    rules = [
        {"check": "component-graded", "parameter": item, "roles": ["weights"], "content": "data", "licensed": False} for item in parameters
    ]
    return _profile(profile_id, rules, parameters, {"check": "score", "method": method, "groups": [_group(parameters)]})


def osaid_profile() -> Profile:
    """The code and parameters of the Open Source AI Definition 1.0; code items other than these three only where they are used."""
    ids = ("weights", "architecture", "training-code", "preprocessing-code", "inference-code", "evaluation-code", "supporting-libraries")
    rules = [
        {
            "check": "component-open",
            "role": item,
            "content": "data" if item == "weights" else "code",
            "required": item in ("weights", "architecture", "training-code", "inference-code"),
            "absent": "fail",
        }
        for item in ids
    ]
    return _profile("osaid-1.0", rules, ids, {"check": "every-required-rule"})


def _group(parameters: tuple[str, ...]) -> dict:
    return {"id": "all", "label": "all", "rules": list(parameters)}


def _profile(profile_id: str, rules: list[dict], ids: tuple[str, ...], conclusion: dict) -> Profile:
    if profile_id in profile_ids():
        return load_profile(profile_id)
    value = {
        "schema": "openness-ledger/profile/v1",
        "profile": profile_id,
        **dict.fromkeys(("title", "body", "date", "url", "citation", "summary"), "x"),
        "policy": {},
        "availability": {"accepts": ["verified"], "believes": ["claimed", "referenced", "verified"]},
        "open": _TEST,
        "rules": [{"id": id, "text": "x", "source": "x", **rule} for id, rule in zip(ids, rules, strict=True)],
        "conclusion": {"id": "c", "text": "x", "source": "x", **conclusion},
    }
    return parse_profile(json.dumps(value).encode())
