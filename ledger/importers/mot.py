"""Reads a model's record of the Model Openness Tool (MOT), taken at its word.

Source: the tool's `schema/mof_schema.json` and `models/*.yml` (github.com/lfai/model_openness_tool at 8b5d30e, MIT). Read are those
YAML files and the JSON entries of the tool's own test data (`name`, `license`, `components`). Pure: bytes in, facts out.

Guarantees: nothing but `LedgerError` escapes. Every fact carries the JSON pointer to where the record says it. No component is
`verified`, because a record holds no bytes: named alone it is `claimed`, with an address `referenced`. Licence strings keep
their spelling, with basis `registry`. The word `unlicensed` and an empty licence both say that there is none, as in the tool.
A component whose name the tool does not know is listed in `unresolved` and is no component at all; the tool itself would
take it for its first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger import canon, ids
from ledger.errors import LedgerError
from ledger.licenses.expression import parse_expression
from ledger.spec import strict_yaml
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts

FRAMEWORK = "Model Openness Framework"
BASIS = "registry"
UNLICENSED = "unlicensed"

# The tool's names of the components of the framework, and our roles.
ROLE_OF = {
    "Data card": "data-card",
    "Data preprocessing code": "preprocessing-code",
    "Datasets": "datasets",
    "Evaluation code": "evaluation-code",
    "Evaluation data": "evaluation-data",
    "Evaluation results": "evaluation-results",
    "Inference code": "inference-code",
    "Model architecture": "architecture",
    "Model card": "model-card",
    "Model metadata": "model-metadata",
    "Model parameters (Final)": "weights",
    "Model parameters (Intermediate)": "intermediate-weights",
    "Research paper": "research-paper",
    "Sample model outputs": "sample-outputs",
    "Supporting libraries and tools": "supporting-libraries",
    "Technical report": "technical-report",
    "Training code": "training-code",
}
_SCOPES = ("distribution", "code", "data", "document")
# The schema allows one entry for each of the 17 components; more than this is no record.
_MOST_COMPONENTS = 1000
# A name or version that YAML reads as a number beyond this was never meant as one.
_LARGEST = 10**30


def read_model(data: bytes, *, name: str = "") -> ReleaseFacts:
    """The facts that a record of the tool claims.

    Args:
        data: a model's YAML file, or a JSON entry with `name`, `license` and `components`.
        name: names the file in messages.

    Raises:
        LedgerError: LG1003 when it is no such record, LG0103 when it is too large.
    """
    what = f"the record `{name}`" if name else "the record"
    record, base = _record(_read(data, what), what)
    components = record.get("components")
    if not isinstance(components, list):
        raise _malformed(what, f"{base}/components", "is not a list")
    if len(components) > _MOST_COMPONENTS:
        raise _malformed(what, f"{base}/components", f"has more than {_MOST_COMPONENTS} entries")
    unresolved: list[str] = []
    licenses = _release_licenses(record.get("license"), f"{base}/license", what, unresolved)
    found = []
    for position, item in enumerate(components):
        pointer = f"{base}/components/{position}"
        fact = _component(item, pointer, what)
        if fact is None:
            unresolved.append(f"{pointer}/name")
        else:
            found.append(fact)
    return ReleaseFacts(
        id=ids.object_id_of(data),
        name=_scalar(record, "name", base, what),
        version=_scalar(record, "version", base, what),
        components=tuple(found),
        release_licenses=licenses,
        unresolved=tuple(unresolved),
    )


def _malformed(what: str, pointer: str, problem: str) -> LedgerError:
    return LedgerError("LG1003", f"{what} is not a model of the Model Openness Tool: `{pointer or '/'}` {problem}")


def _read(data: bytes, what: str) -> Any:
    if data.lstrip(b" \t\r\n").startswith(b"{"):
        try:
            return canon.loads(data, what=what)
        except LedgerError as error:
            if error.code == "LG0103":
                raise
            # A YAML flow mapping begins like JSON does; the YAML reader has the last word on it.
    return strict_yaml.load(data, what=what, code="LG1003")


def _record(value: Any, what: str) -> tuple[Mapping[str, Any], str]:
    if not isinstance(value, dict):
        raise _malformed(what, "", "is not a mapping")
    framework = value.get("framework")
    if framework is not None and (not isinstance(framework, dict) or framework.get("name") != FRAMEWORK):
        raise _malformed(what, "/framework", f"does not name the {FRAMEWORK}")
    if "release" not in value:
        return value, ""
    release = value["release"]
    if not isinstance(release, dict):
        raise _malformed(what, "/release", "is not a mapping")
    return release, "/release"


def _scalar(record: Mapping[str, Any], key: str, base: str, what: str) -> str:
    value = record.get(key)
    if value is None and key == "version":
        return ""
    # YAML reads a version such as 1.0, or a model called 360, as a number.
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return str(value)
    if not isinstance(value, str) or (key == "name" and not value.strip()):
        raise _malformed(what, f"{base}/{key}", "is not text")
    return value


def _text(record: Mapping[str, Any], key: str, pointer: str, what: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise _malformed(what, f"{pointer}/{key}", "is not text")
    return value


def _license(text: str, pointer: str) -> LicenseFact:
    return LicenseFact(text, parse_expression(text).normalized, BASIS, (Evidence(pointer=pointer),))


def _release_licenses(value: Any, pointer: str, what: str, unresolved: list[str]) -> dict[str, LicenseFact]:
    # The tool writes an empty mapping as an empty list where it exports JSON.
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise _malformed(what, pointer, "is not a mapping")
    found = {}
    for scope in sorted(value):
        place = f"{pointer}/{scope.replace('~', '~0').replace('/', '~1')}"
        item = value[scope]
        if scope not in _SCOPES:
            unresolved.append(place)
            continue
        if item is None:
            continue
        if not isinstance(item, dict):
            raise _malformed(what, place, "is not a mapping")
        text = _text(item, "name", place, what)
        if text:
            found[scope] = _license(text, f"{place}/name")
    return found


def _component(item: Any, pointer: str, what: str) -> ComponentFact | None:
    if not isinstance(item, dict):
        raise _malformed(what, pointer, "is not a mapping")
    name = _text(item, "name", pointer, what)
    if name is None:
        raise _malformed(what, f"{pointer}/name", "is missing")
    text = _text(item, "license", pointer, what)
    address = _text(item, "component_path", pointer, what)
    _text(item, "license_path", pointer, what)
    role = ROLE_OF.get(name)
    if role is None:
        return None
    unlicensed = text in ("", UNLICENSED)
    evidence = [Evidence(pointer=pointer)]
    if address:
        evidence.append(Evidence(pointer=f"{pointer}/component_path"))
    return ComponentFact(
        role=role,
        availability="referenced" if address else "claimed",
        name=name,
        license=None if text is None or unlicensed else _license(text, f"{pointer}/license"),
        unlicensed=unlicensed,
        evidence=tuple(evidence),
    )
