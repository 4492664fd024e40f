"""Make `ledger/licenses/data/license-facts.json`: what licences say, in words of closed lists, each entry with its sources.

    python tools/make_license_facts.py AI_LICENSES.YAML OKFN_FOLDER CHOOSEALICENSE_FOLDER [OUTPUT]

Inputs: the fact table of AI and standard licences (YAML, written by people who read the texts), the Open Definition's records
(okfn/licenses, PDDL), the summaries of choosealicense.com (permissions and conditions as tags; CC-BY-3.0, facts only), and
the SPDX list that the product carries (flags and titles). A free wording that no mapping here knows stops the tool: nothing is
guessed. Of Creative Commons licences that the table lacks, the elements are those that the title names. The same inputs give
the same bytes.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "ledger" / "licenses" / "data"
SPDX = DATA / "spdx-3.29.json"
FORMAT = "openness-ledger/license-facts/v1"
OKFN = "https://github.com/okfn/licenses/tree/98a3a6f licenses.csv"
CHOOSE = "https://github.com/github/choosealicense.com/tree/aed28f9"
UNKNOWN = "unknown"

# Entries whose only read source is about something else than the terms.
_BASIS = {"baichuan2-community": "excerpt", "yi-series-2023": "remembered"}
# What the text itself says where the table is silent; each read at the address that the entry's source gives.
_READ_SINCE = {
    "databricks-open-model": {"hosted_service": 'counts: s.2.2.2 "distribute or make DBRX or DBRX Derivatives available to a third party"'},
}


class UnknownWordingError(ValueError):
    """The table says something in words that no mapping here knows."""


def _pick(where: str, value: Any, table: list[tuple[Any, str]]) -> str:
    for wanted, word in table:
        if value is wanted or (isinstance(wanted, str) and isinstance(value, str) and value.lower().startswith(wanted)):
            return word
    raise UnknownWordingError(f"{where}: {value!r}")


def _basis(record: dict[str, Any]) -> str:
    if record["key"] in _BASIS:
        return _BASIS[record["key"]]
    checks = [source["check"] for source in record["sources"]]
    about_text = [s for s in record["sources"] if re.match(r"text|LICENSE|SPDX", s["what"]) and s["check"] == "read"]
    if about_text:
        return "read"
    return "remembered" if "remembered" in checks else "excerpt"


def _answer(where: str, conditions: dict[str, Any], name: str, silent: str) -> str:
    if name not in conditions:
        return silent
    value = conditions[name]
    if isinstance(value, str):
        return "yes"
    return _pick(where, value, [(True, "yes"), (False, "no"), (None, "no")])


def _conditions(key: str, given: dict[str, Any], silent: str) -> dict[str, str]:
    names = {
        "include_license": "include_license",
        "notice": "notice_file",
        "attribution": "attribution",
        "state_changes": "state_changes",
        "retain_notices": "retain_notices",
        "disclose_source": "disclose_source",
        "no_further_restrictions": "no_further_restrictions",
        "contract_only": "contract_only",
        "registration": "registration",
    }
    return {ours: _answer(f"{key}: {theirs}", given, theirs, silent) for ours, theirs in names.items()}


def _aup(key: str, given: dict[str, Any], silent: str) -> dict[str, str]:
    where = (
        _pick(f"{key}: aup", given["aup"], [(None, "none"), ("incorporated-url", "url"), ("inline", "inline")])
        if "aup" in given
        else silent
    )
    if "aup_mutable" in given:
        mutable = _pick(f"{key}: aup_mutable", given["aup_mutable"], [(False, "no"), ("url-hosted", "yes"), ("yes", "yes")])
    else:
        mutable = UNKNOWN if where in ("url", UNKNOWN) else "no"
    if "aup_flow_down" in given:
        flow = _pick(
            f"{key}: aup_flow_down",
            given["aup_flow_down"],
            [
                (True, "provision"),
                ("use must adhere", "adhere"),
                ("s.", "provision"),
                ("must be included", "provision"),
                ("any licence", "similar"),
            ],
        )
    else:
        flow = "none" if where == "none" else UNKNOWN
    return {"flow_down": flow, "mutable": mutable, "where": where}


_SHARE_ALIKE = [
    (None, "none"),
    ("same-licence", "same-licence"),
    ("derivative database", "derivative-database"),
    ("enhanced data", "enhanced-data"),
    ("agreement-travels", "agreement-travels"),
    ("same-use-restrictions", "same-use-restrictions"),
]
_COMMERCIAL = [
    (True, "yes"),
    (False, "no"),
    ("threshold", "threshold"),
    ("royalty", "threshold"),
    ("conditional", "conditional"),
    ("registration", "conditional"),
    ("application", "conditional"),
]
_SUBLICENSE = [(True, "yes"), (False, "no"), ("own terms", "conditional"), ("?", UNKNOWN)]
_PATENT = [
    ("express", "express"),
    ('"make, have made', "express"),
    ("not-express", "not-express"),
    ("not express", "not-express"),
    (False, "none"),
    (None, "not-express"),
]
_HOSTING = [("counts", "yes"), ("make available to third party", "yes"), ("not in course", "conditional"), ('"hosting use"', "conditional")]
_TRAINING = [
    (word, word)
    for word in ("allowed-explicit", "allowed-with-name", "allowed", "flows-down", "noncommercial", "forbidden", "unstated", "policy")
] + [("?", UNKNOWN)]
_SCOPE = [
    ("any other large language model", "any-language-model"),
    ("any distributed", "any-ai-model"),
    ("distributed ai model", "any-ai-model"),
    ("any other ai model", "any-ai-model"),
    ("other models", "any-ai-model"),
    ("create or improve any foundational", "foundation-model"),
    ("any foundational", "foundation-model"),
    ("a model competitive", "competing-model"),
    ("models that compete", "competing-model"),
    ("non-commercial only", "noncommercial"),
]
_REVOCABLE = [
    (True, "at-will"),
    (False, "no"),
    ("on breach", "on-breach"),
    ("irrevocable", "no"),
    ("perpetual, irrevocable", "no"),
    ("not stated irrevocable", UNKNOWN),
    ("?", UNKNOWN),
]
_OUTPUT_BOUND = {"mistral-mrl-0.1", "exaone-1.1-nc", "tencent-hunyuan-3d-2.0"}


def _badge(key: str, value: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    text = value
    when = "always"
    if "above thresholds" in value:
        text, when = "Kimi K2", "threshold"
    elif value.startswith("Cosmos models"):
        text, when = "Built on NVIDIA Cosmos", "some-models"
    elif value.startswith("Built with Qwen"):
        text = "Built with Qwen, or Improved using Qwen"
    elif value.startswith('"[name] is built using Falcon'):
        text = value.split('"')[1]
    elif not re.fullmatch(r"(Built|Powered) (with|by) [A-Za-z0-9 ]+", value):
        raise UnknownWordingError(f"{key}: attribution_display: {value!r}")
    return {"text": text, "when": when}


def _threshold(key: str, given: dict[str, Any]) -> dict[str, Any]:
    effect = given["effect"]
    word = "display" if effect.startswith("must display") else "royalty" if effect.startswith("royalty") else "no-grant"
    measured = given.get("measured") or ""
    once = "release" in measured
    remembered = "[remembered]" in measured or "HF discussion" in effect
    return {
        "check": "remembered" if remembered else "read",
        "clock": "version-release-date" if once else "continuous",
        "effect": word,
        "metric": given["metric"],
        "op": given["op"],
        "value": given["value"],
    }


def _geography(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if not given:
        return None
    return {
        "exclude": sorted(given["exclude"]),
        "multimodal_only": given["what"].startswith("multimodal models only"),
        "outputs": "Outputs may not be used outside" in given["what"],
        "where": "aup" if "Acceptable Use Policy" in given["where_stated"] else "license",
    }


def _outputs(record: dict[str, Any]) -> dict[str, Any]:
    key, given = record["key"], record["outputs"]
    training = _pick(f"{key}: training", given["training_other_models"], _TRAINING)
    scope = _pick(f"{key}: scope", given["scope"], _SCOPE) if "scope" in given else "unstated"
    family = given.get("exception") if training == "forbidden" else None
    bound = "yes" if key in _OUTPUT_BOUND else UNKNOWN if training == UNKNOWN else "no"
    return {"bound": bound, "family": family, "scope": scope, "training": training}


def _derivatives(key: str, given: dict[str, Any]) -> dict[str, Any]:
    def tri(name: str) -> str:
        value = given.get(name)
        return {True: "yes", False: "no"}.get(value, UNKNOWN) if not isinstance(value, str) else "no"

    definition = given.get("definition") or ""
    adapters = tri("includes_adapters")
    if adapters == UNKNOWN and ("works based on" in definition or definition == "1.1(e)"):
        adapters = "yes"
    if definition in ("no AI-specific definition", "MIT", "none needed") or "Database" in definition or "Adapted Material" in definition:
        adapters = "no"
    results = given.get("train_result") or ("produced-work" if "Produced Work" in definition else "unstated")
    return {
        "adapters": adapters,
        "distillation": tri("includes_distillation"),
        "outputs": tri("includes_outputs"),
        "purpose_test": bool(given.get("purpose_test")),
        "results": results,
        "synthetic_data": tri("includes_synthetic_data_training"),
    }


def _field_of_use(record: dict[str, Any]) -> list[str]:
    given = record.get("field_of_use", {})
    conditions = record["conditions"]
    found = []
    if "military" in given:
        found.append("no-military")
    if "other" in given:
        found.append("national-interest")
    if "policy" in given or "aup" in given or (conditions.get("aup") is not None):
        found.append("use-policy")
    if "content_filter" in conditions:
        found.append("content-filter")
    if conditions.get("purpose") == "computational use only":
        found.append("computational-use-only")
    return sorted(set(found))


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else text[:199] + "…"


def _wording(record: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in ("grant", "conditions", "outputs", "derivatives", "termination", "field_of_use", "geography"):
        for name, value in (record.get(group) or {}).items():
            if isinstance(value, str) and len(value.split()) > 1:
                found[f"{group}.{name}"] = _short(value)
    for number, threshold in enumerate(record.get("thresholds", ())):
        found[f"thresholds.{number}"] = _short(f"{threshold['effect']}; measured: {threshold.get('measured') or 'not stated'}")
    if record.get("notes"):
        found["notes"] = _short(record["notes"])
    return found


def _status(value: str) -> bool | None:
    return {"approved": True, "libre": True, "not-approved": False, "nonfree": False, "rejected": False}.get(value)


def _klass(record: dict[str, Any]) -> str:
    return str(record["status"]["class"])


def entry(record: dict[str, Any]) -> dict[str, Any]:
    """One entry of the table in the product's words."""
    key, given = record["key"], record["conditions"]
    grant = {**record["grant"], **_READ_SINCE.get(key, {})}
    record = {**record, "grant": grant}
    basis = _basis(record)
    silent = "unstated" if basis == "read" else UNKNOWN
    ids = record["ids"]
    network = given.get("network_use") is True
    return {
        "aup": _aup(key, given, "none" if basis == "read" else UNKNOWN),
        "badge": _badge(key, given.get("attribution_display")),
        "basis": basis,
        "commercial": _pick(f"{key}: commercial", grant["commercial_use"], _COMMERCIAL),
        "conditions": _conditions(key, given, silent),
        "derivatives": _derivatives(key, record["derivatives"]),
        "field_of_use": _field_of_use(record),
        "fsf": _status(record["status"]["fsf"]),
        "geography": _geography(record.get("geography")),
        "guardrail": "guardrail_clause" in given or "mutable_terms" in given,
        "hosting": _pick(f"{key}: hosting", grant["hosted_service"], _HOSTING)
        if "hosted_service" in grant
        else "yes"
        if network
        else UNKNOWN,
        "ids": {
            "aliases": sorted(ids.get("aliases", [])),
            "hf_license_name": ids.get("hf_license_name"),
            "hf_tag": ids["hf_tag"],
            "licenseref": ids["licenseref"],
            "scancode": ids["scancode"],
            "spdx": ids["spdx"],
        },
        "key": key,
        "klass": _klass(record),
        "modify": _pick(f"{key}: modify", grant["modify"], [(True, "yes"), (False, "no")]),
        "name": record["name"],
        "name_prefix": given.get("model_name_prefix"),
        "open_definition": _status(record["status"]["open_definition"]),
        "osi": _status(record["status"]["osi"]),
        "outputs": _outputs(record),
        "patent": _pick(f"{key}: patent", grant["patent_grant"], _PATENT) if "patent_grant" in grant else UNKNOWN,
        "redistribute": _pick(f"{key}: redistribute", grant["redistribute"], [(True, "yes"), ("in territory", "conditional")]),
        "revocable": _pick(f"{key}: revocable", record["termination"]["revocable"], _REVOCABLE),
        "share_alike": _pick(f"{key}: share_alike", given["share_alike"], _SHARE_ALIKE)
        if "share_alike" in given
        else ("none" if basis == "read" else UNKNOWN),
        "sources": [{name: str(source[name]) for name in ("check", "what", "where")} for source in record["sources"]],
        "steward": record["steward"],
        "sublicense": _pick(f"{key}: sublicense", grant["sublicense"], _SUBLICENSE) if "sublicense" in grant else UNKNOWN,
        "targets": ["documentation" if item == "documentation" else item for item in record["targets"]],
        "text_sha256": [record["text"]["sha256"]] if record.get("text") else [],
        "thresholds": [_threshold(key, item) for item in record.get("thresholds", ())],
        "version_date": None if record["version_date"] is None else str(record["version_date"]),
        "wording": _wording(record),
    }


def main() -> int:
    """Write the table; prints what is in it."""
    from license_facts_more import all_entries

    if len(sys.argv) not in (4, 5):
        print("usage: make_license_facts.py AI_LICENSES.YAML OKFN_FOLDER CHOOSEALICENSE_FOLDER [OUTPUT]", file=sys.stderr)
        return 2
    table = yaml.safe_load(Path(sys.argv[1]).read_text("utf-8"))
    spdx = json.loads(SPDX.read_text("utf-8"))
    with (Path(sys.argv[2]) / "licenses.csv").open(encoding="utf-8", newline="") as file:
        okfn = {row["id"].lower(): row["od_conformance"] for row in csv.DictReader(file)}
    entries = all_entries(table["licences"], spdx, okfn, Path(sys.argv[3]))
    head = {"date": str(table["meta"]["date"]), "format": FORMAT}
    rows = ",\n".join(json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for item in entries)
    lines = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in sorted(head.items())]
    target = Path(sys.argv[4]) if len(sys.argv) == 5 else DATA / "license-facts.json"
    target.write_text("{" + ",\n".join([*lines, f'"licenses":[\n{rows}\n]']) + "}\n", encoding="utf-8", newline="\n")
    print(f"{target.name}: {len(entries)} licences")
    return 0


if __name__ == "__main__":
    sys.exit(main())
