"""Reads a model's record of the Model Openness Tool (MOT), taken at its word.

Source: the tool's `schema/mof_schema.json` and `models/*.yml` (github.com/lfai/model_openness_tool at 8b5d30e, MIT). Read are those
YAML files and the JSON entries of the tool's own test data (`name`, `license`, `components`). Pure: bytes in, facts out.

Guarantees: nothing but `LedgerError` escapes. Every fact carries the JSON pointer to where the record says it. No component is
`verified`, because a record holds no bytes: named alone it is `claimed`, with an address `referenced`. Licence strings keep
their spelling, with basis `registry`; what they certainly name is their normal form, and what is no plain SPDX expression has a
remark (`registry.said_license`). The word `unlicensed` and an empty licence both say that there is none, as in the tool.
A component whose name the tool does not know is listed in `unresolved` and is no component at all; the tool itself would
take it for its first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger import ids
from ledger.errors import LedgerError
from ledger.importers import registry
from ledger.spec.evidence import ComponentFact, Evidence, LicenseFact, ReleaseFacts

FRAMEWORK = "Model Openness Framework"
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


def read_model(data: bytes, *, name: str = "") -> ReleaseFacts:
    """The facts that a record of the tool claims.

    Args:
        data: a model's YAML file, or a JSON entry with `name`, `license` and `components`.
        name: names the file in messages.

    Raises:
        LedgerError: LG1003 when it is no such record, LG0103 when it is too large.
    """
    what = registry.record_name(name)
    return from_value(registry.load(data, what), ids.object_id_of(data), what)


def from_value(value: Any, id: str, what: str) -> ReleaseFacts:
    """The same of a record that is read already.

    Args:
        id: of its bytes.
        what: names it in messages.

    Raises:
        LedgerError: LG1003 when it is no such record.
    """
    record, base = _record(value, what)
    components = record.get("components")
    if not isinstance(components, list):
        raise _malformed(what, f"{base}/components", "is not a list")
    if len(components) > _MOST_COMPONENTS:
        raise _malformed(what, f"{base}/components", f"has more than {_MOST_COMPONENTS} entries")
    reading = _Reading(what)
    licenses = reading.release_licenses(record.get("license"), f"{base}/license")
    found = []
    for position, item in enumerate(components):
        pointer = f"{base}/components/{position}"
        fact = reading.component(item, pointer)
        if fact is None:
            reading.unresolved.append(f"{pointer}/name")
        else:
            found.append(fact)
    return ReleaseFacts(
        id=id,
        name=_scalar(record, "name", base, what),
        version=_scalar(record, "version", base, what),
        components=tuple(found),
        release_licenses=licenses,
        unresolved=tuple(reading.unresolved),
        remarks=tuple(reading.remarks),
    )


def _malformed(what: str, pointer: str, problem: str) -> LedgerError:
    return LedgerError("LG1003", f"{what} is not a model of the Model Openness Tool: `{pointer or '/'}` {problem}")


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
    found = registry.scalar(value)
    if found is None or (key == "name" and not found.strip()):
        raise _malformed(what, f"{base}/{key}", "is not text")
    return found


def _text(record: Mapping[str, Any], key: str, pointer: str, what: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise _malformed(what, f"{pointer}/{key}", "is not text")
    return value


class _Reading:
    """One reading of a record: what it says, what nobody here understands, and what has to be known besides."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.unresolved: list[str] = []
        self.remarks: list[registry.Remark] = []

    def _license(self, text: str, pointer: str) -> LicenseFact:
        fact, remark = registry.said_license(text, pointer)
        # The tool's own word for none needs no remark.
        if remark is not None and text != UNLICENSED:
            self.remarks.append(remark)
        return fact

    def release_licenses(self, value: Any, pointer: str) -> dict[str, LicenseFact]:
        # The tool writes an empty mapping as an empty list where it exports JSON.
        if value is None or value == []:
            return {}
        if not isinstance(value, dict):
            raise _malformed(self.what, pointer, "is not a mapping")
        found = {}
        for scope in sorted(value):
            place = f"{pointer}{registry.step(scope)}"
            item = value[scope]
            if scope not in _SCOPES:
                self.unresolved.append(place)
                continue
            if item is None:
                continue
            if not isinstance(item, dict):
                raise _malformed(self.what, place, "is not a mapping")
            text = _text(item, "name", place, self.what)
            if text:
                found[scope] = self._license(text, f"{place}/name")
        return found

    def component(self, item: Any, pointer: str) -> ComponentFact | None:
        if not isinstance(item, dict):
            raise _malformed(self.what, pointer, "is not a mapping")
        name = _text(item, "name", pointer, self.what)
        if name is None:
            raise _malformed(self.what, f"{pointer}/name", "is missing")
        text = _text(item, "license", pointer, self.what)
        address = _text(item, "component_path", pointer, self.what)
        _text(item, "license_path", pointer, self.what)
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
            license=None if text is None or unlicensed else self._license(text, f"{pointer}/license"),
            unlicensed=unlicensed,
            evidence=tuple(evidence),
        )
