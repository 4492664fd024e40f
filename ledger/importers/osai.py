"""Reads a system's record of the Open Source AI Index, taken at its word.

Two forms are known, told apart by their first block. `project`: the index of 2023, "Opening up ChatGPT", 14 parameters, frozen
(github.com/opening-up-chatgpt/opening-up-chatgpt.github.io at 801f687). `system`: the European Open Source AI Index, 12 parameters
since 2026-03-13 (github.com/Language-Technology-Assessment/main-database, commit ff85b6f took `package` and `api` away). In both a
parameter is `{class: open|partial|closed, link, notes}`. Both are CC-BY-4.0. Pure: bytes in, facts out.

Guarantees: nothing but `LedgerError` escapes. Every fact carries the JSON pointer to where the record says it. The judgements are in
`judgements`, with `None` where the record has another word or none. Some parameters speak of what a release has as a component, and
become claims: `absent` when judged closed, else `referenced` with a link and `claimed` without; never `verified`. What is judged of
the base model is no component of the release, but for its training data, which a release inherits. Letter case and spaces around a
judgement say nothing; every other word, a parameter that is missing, and one that the form does not know is listed in `unresolved`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger import ids
from ledger.errors import LedgerError
from ledger.importers import registry
from ledger.spec.evidence import ComponentFact, Evidence, JudgementFact, LicenseFact, ReleaseFacts

CLASSES = ("open", "partial", "closed")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the record.

    Attributes:
        about: the block that says what the record is of; `license` is its member with the licence.
        profile: id of the profile whose rules are the parameters.
        parameters: each with the role that it speaks of, or None.
        scope: what the licence is stated for: a role, or `distribution` for the whole release.
    """

    about: str
    license: str
    scope: str
    profile: str
    parameters: Mapping[str, str | None]


FORMS = (
    Form(
        "project",
        "license",
        "distribution",
        "osai-index-2023",
        {
            "opencode": "training-code",
            "llmdata": "datasets",
            "llmweights": None,
            "rldata": "datasets",
            "rlweights": "weights",
            "license": None,
            "code": None,
            "architecture": None,
            "preprint": "technical-report",
            "paper": "research-paper",
            "modelcard": "model-card",
            "datasheet": "data-card",
            "package": None,
            "api": None,
        },
    ),
    Form(
        "system",
        "endmodellicense",
        "weights",
        "osai-index-2026-03",
        {
            "datasources_basemodel": "datasets",
            "datasources_endmodel": "datasets",
            "weights_basemodel": None,
            "weights_endmodel": "weights",
            "trainingcode": "training-code",
            "code": None,
            "hardware_architecture": None,
            "preprint": "technical-report",
            "paper": "research-paper",
            "modelcard": "model-card",
            "datasheet": "data-card",
            "licenses": None,
        },
    ),
)
# Blocks that judge nothing.
_OTHERS = ("project", "system", "org")


def read_index(data: bytes, *, name: str = "") -> ReleaseFacts:
    """The facts that a record of the index claims.

    Args:
        data: a system's YAML file, or the same as JSON.
        name: names the file in messages.

    Raises:
        LedgerError: LG1003 when it is no such record, LG0103 when it is too large.
    """
    what = registry.record_name(name)
    return from_value(registry.load(data, what), ids.object_id_of(data), what)


def form_of(value: Any) -> Form | None:
    """Which form a record has, by its first block; None when it has neither."""
    found = [form for form in FORMS if isinstance(value, dict) and form.about in value]
    return found[0] if len(found) == 1 else None


def from_value(value: Any, id: str, what: str) -> ReleaseFacts:
    """The same of a record that is read already.

    Args:
        id: of its bytes.
        what: names it in messages.

    Raises:
        LedgerError: LG1003 when it is no such record.
    """
    form = form_of(value)
    if form is None:
        raise LedgerError(registry.CODE, f"{what} is not of the Open Source AI Index: it has neither `project` nor `system`, or both")
    about = value[form.about]
    if not isinstance(about, dict):
        raise _malformed(what, f"/{form.about}", "is not a mapping")
    title = registry.scalar(about.get("name"))
    if title is None or not title.strip():
        raise _malformed(what, f"/{form.about}/name", "is not text")
    unresolved: list[str] = []
    remarks: list[registry.Remark] = []
    said = _license(about, form, what, remarks)
    judgements: dict[str, JudgementFact] = {}
    components = []
    for parameter, role in form.parameters.items():
        judgement, linked = _judgement(value, parameter, what, unresolved)
        judgements[parameter] = judgement
        if role is not None and judgement.value is not None:
            rung = "absent" if judgement.value == "closed" else "referenced" if linked else "claimed"
            own = said if role == form.scope else None
            components.append(ComponentFact(role, rung, parameter, license=own, evidence=judgement.evidence))
    unresolved += [registry.step(key) for key in value if key not in form.parameters and key not in _OTHERS]
    if not any(judgement.evidence for judgement in judgements.values()):
        raise _malformed(what, "", "judges none of the parameters")
    return ReleaseFacts(
        id=id,
        name=title,
        version="",
        components=tuple(components),
        release_licenses={form.scope: said} if said is not None and form.scope == "distribution" else {},
        unresolved=tuple(unresolved),
        judgements=judgements,
        remarks=tuple(remarks),
    )


def _malformed(what: str, pointer: str, problem: str) -> LedgerError:
    return LedgerError(registry.CODE, f"{what} is not of the Open Source AI Index: `{pointer or '/'}` {problem}")


def _license(about: Mapping[str, Any], form: Form, what: str, remarks: list[registry.Remark]) -> LicenseFact | None:
    text, pointer = about.get(form.license), f"/{form.about}/{form.license}"
    if text is None:
        return None
    if not isinstance(text, str):
        raise _malformed(what, pointer, "is not text")
    if not text.strip():
        return None
    fact, remark = registry.said_license(text, pointer)
    if remark is not None:
        remarks.append(remark)
    return fact


def _judgement(value: Mapping[str, Any], parameter: str, what: str, unresolved: list[str]) -> tuple[JudgementFact, bool]:
    """What is judged of a parameter, and whether an address is given."""
    place = f"/{parameter}"
    item = value.get(parameter)
    if item is None:
        unresolved.append(place)
        return JudgementFact(None), False
    if not isinstance(item, dict):
        raise _malformed(what, place, "is not a mapping")
    text = item.get("class")
    if text is not None and not isinstance(text, str):
        raise _malformed(what, f"{place}/class", "is not text")
    word = (text or "").strip().lower()
    evidence = [Evidence(pointer=f"{place}/class")]
    linked = _addresses(item.get("link"))
    if linked is None:
        unresolved.append(f"{place}/link")
    elif linked:
        evidence.append(Evidence(pointer=f"{place}/link"))
    if word not in CLASSES:
        unresolved.append(f"{place}/class")
        return JudgementFact(None, tuple(evidence)), bool(linked)
    return JudgementFact(word, tuple(evidence)), bool(linked)


def _addresses(link: Any) -> list[str] | None:
    """The addresses given, none for an empty field; None for what is neither text nor a list of texts."""
    listed = [] if link is None else link if isinstance(link, list) else [link]
    if not all(isinstance(item, str) for item in listed):
        return None
    return [item for item in listed if item.strip()]
