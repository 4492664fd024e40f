"""Make `ledger/frameworks/data/mot-2026-05.yaml` from the Model Openness Tool's own lists.

    python tools/make_mot_profile.py FOLDER [OUTPUT]

FOLDER holds the tool's `licenses.json`, `mof-licenses.json` and `config/install/mof.settings.yml`, from
github.com/lfai/model_openness_tool at commit 8b5d30e90a7c62d7d6ece48b91e69ff495920a4d (2026-05-11), MIT licence. Facts are taken from
them: which ids the tool calls open, for which content a licence is meant, and the components with their classes. The same
folder gives the same bytes. A published profile is not edited: for later lists, give the profile a new id.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

COMMIT = "8b5d30e90a7c62d7d6ece48b91e69ff495920a4d"
PROFILE = Path(__file__).resolve().parent.parent / "ledger" / "frameworks" / "data" / "mot-2026-05.yaml"

# The list `OPEN_DATA_LICENSES` of the tool's web/modules/mof/src/LicenseHandler.php. ODC-PDDL-1.0 is no SPDX id; kept as it is.
_OPEN_DATA = """
CC0-1.0 CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-2.5-AU CC-BY-3.0 CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL
CC-BY-3.0-US CC-BY-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-3.0-AT CC-BY-SA-4.0
CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 ODC-PDDL-1.0 ODC-By-1.0 ODbL-1.0 GFDL-1.3 OGL-Canada-2.0 OGL-UK-2.0 OGL-UK-3.0
"""
OPEN_DATA = _OPEN_DATA.split()
# The tool takes this one as open by name, although neither flag is set in its list.
OPEN_BY_NAME = ("OpenMDW-1.0",)

# The tool's id of a component, and our role.
ROLES = {
    7: "training-code",
    8: "inference-code",
    9: "architecture",
    10: "weights",
    11: "technical-report",
    12: "evaluation-results",
    13: "model-card",
    14: "data-card",
    15: "datasets",
    16: "preprocessing-code",
    17: "model-metadata",
    18: "evaluation-code",
    19: "evaluation-data",
    20: "sample-outputs",
    21: "research-paper",
    22: "supporting-libraries",
    24: "intermediate-weights",
}
LABELS = {3: "Class III - Open Model", 2: "Class II - Open Tooling Model", 1: "Class I - Open Science Model"}
ROMAN = {3: "III", 2: "II", 1: "I"}

HEAD = """\
# Made by tools/make_mot_profile.py from the tool's own files; do not edit.
# Source of the lists: github.com/lfai/model_openness_tool at {commit} (2026-05-11), MIT licence,
# files licenses.json, mof-licenses.json, config/install/mof.settings.yml, src/LicenseHandler.php of web/modules/mof.
schema: openness-ledger/profile/v1
profile: mot-2026-05
title: Model Openness Tool, May 2026 (Model Openness Framework 1.0)
body: LF AI & Data, Generative AI Commons
date: "2026-05-11"
url: https://github.com/lfai/model_openness_tool
citation: >-
  github.com/lfai/model_openness_tool at commit {commit}; the framework: White et al., "The Model Openness Framework",
  arXiv 2403.13784, version 1.0 of 2024-12-15
encodes:
  - what: mof.settings.yml, the components and classes
    digest: sha256:b8982289efe2a263c72be0e381e549300b6a81f80af9fa7746e1ee9439d5de24
  - what: licenses.json, the open licences
    digest: sha256:8a72e88130cb0ecdf33fdbdf7ce9637d2b4e6a5da672d43b35e6618f0014d40b
  - what: mof-licenses.json, for which kinds of content licences are meant
    digest: sha256:d898bee5da1b5d1eef00ca3de00470af272b9abe315e4e74c742ea5a26ccea08
summary: >-
  Seventeen components of a model are asked for, each under an open licence. Class III (open model) takes six of them, class II
  (open tooling) four more, class I (open science) four more; three are optional. A class counts only when those before it are
  complete. This profile follows what the tool does; where the framework's text says otherwise, its page in the docs tells.
oracle: the tool's 27 published results, class and three figures, exactly
policy:
  class_and_figures: >-
    as the tool counts, every claim believed; what holds by evidence is told beside, and in the rules class-3, class-2 and class-1
  result: class III or better, by evidence
  open_licence: an id that the tool's list flags as OSI-approved or FSF-free, one of its open data list, or OpenMDW-1.0
  registry_records: licence strings are compared letter by letter, as the tool does
  ledger_releases: >-
    licence strings are SPDX expressions, which the tool does not read; AND, OR, WITH and "or later" are decided in
    three-valued logic over the tool's ids
  inherited_licences: >-
    a component without a licence of its own has that of its kind of content, else that of the distribution, in class and figures;
    by evidence it needs its own
  unlicensed: stops inheritance
  wrong_kind_of_licence: a warning; the class is unaffected
  several_components_of_a_role: all of them must hold
  technical_report: a research paper stands in for it
availability:
  accepts: [verified]
  believes: [claimed, referenced, verified]
"""


def _wrapped(key: str, words: list[str], indent: int) -> str:
    pad = " " * indent
    lines, line = [], ""
    for word in words:
        if line and len(line) + len(word) + 2 > 120:
            lines.append(line)
            line = ""
        line += f"{word}, "
    lines.append(line)
    return f"{pad}{key}: [\n" + "".join(f"{pad}  {text.rstrip()}\n" for text in lines) + f"{pad}]\n"


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / name).read_text(encoding="utf-8"))["licenses"]
    return found


def open_ids(folder: Path) -> list[str]:
    """The ids that the tool calls open."""
    flagged = {
        item["licenseId"]
        for name in ("licenses.json", "mof-licenses.json")
        for item in _read(folder, name)
        if item.get("isOsiApproved") or item.get("isFsfLibre")
    }
    return sorted(flagged | set(OPEN_DATA) | set(OPEN_BY_NAME))


def content_types(folder: Path) -> dict[str, list[str]]:
    """For each licence with a content type, its types."""
    found: dict[str, set[str]] = {}
    for item in _read(folder, "mof-licenses.json"):
        types = item["ContentType"]
        found.setdefault(item["licenseId"], set()).update([types] if isinstance(types, str) else types)
    return {key: sorted(found[key]) for key in sorted(found)}


def profile(folder: Path) -> str:
    """The profile's text."""
    settings = yaml.safe_load((folder / "config/install/mof.settings.yml").read_text(encoding="utf-8"))
    components = sorted(settings["components"], key=lambda item: (-item["class"], not item["required"], item["id"]))
    lines = [HEAD.format(commit=COMMIT), "open:\n  osi: false\n", _wrapped("ids", open_ids(folder), 2), "  judgement: []\n  types:\n"]
    lines += [f"    {key}: [{', '.join(types)}]\n" for key, types in content_types(folder).items()]
    lines.append("  exact_for: [registry]\n  inherited: believed\nrules:\n")
    for item in components:
        need = "required for" if item["required"] else "optional in"
        lines.append(
            f"  - id: {ROLES[item['id']]}\n    check: component-open\n"
            f"    text: {item['name']} under an open licence, {need} class {ROMAN[item['class']]}.\n"
            f"    source: mof.settings.yml, component {item['id']}, class {item['class']}, {item['content_type']}\n"
            f"    role: {ROLES[item['id']]}\n    content: {item['content_type']}\n"
            f"    required: {str(item['required']).lower()}\n    absent: fail\n"
        )
    lines.append(
        "conclusion:\n  id: classes\n  check: cumulative-classes\n"
        "  text: Class III is complete; better classes add to it.\n"
        "  source: the tool's ModelEvaluator.php, getProgress and getClassification\n"
        "  substitutes: {technical-report: research-paper}\n  classes:\n"
    )
    for number, label in LABELS.items():
        rules = [ROLES[item["id"]] for item in components if item["class"] == number and item["required"]]
        lines.append(f'    - id: "{number}"\n      label: {label}\n      requires: [{", ".join(rules)}]\n')
    return "".join(lines)


def main() -> int:
    """Write the profile; prints where."""
    if len(sys.argv) not in (2, 3):
        print("usage: make_mot_profile.py FOLDER [OUTPUT]", file=sys.stderr)
        return 2
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else PROFILE
    folder = Path(sys.argv[1])
    target.write_text(profile(folder), encoding="utf-8", newline="\n")
    print(f"{target.name}: {len(open_ids(folder))} open ids")
    return 0


if __name__ == "__main__":
    sys.exit(main())
