"""The pipeline file: artifacts, what they were made from, and releases, as a plan in dependency order; pure.

The form is that of docs/reference/pipeline.md. Unknown keys are errors, because a misspelt `license` must not silently vanish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from ledger import canon
from ledger.errors import LedgerError
from ledger.spec import strict_yaml
from ledger.spec.names import REF_KINDS, display
from ledger.spec.vocabulary import ARTIFACT_KINDS, RELATIONS, ROLES, STATED_AVAILABILITY

CODE = "LG1202"
_ARTIFACT_KEYS = frozenset(
    ["kind", "name", "version", "path", "include", "symlinks", "license", "from", "sources", "data", "fields", "supersedes"]
)
_RELEASE_KEYS = frozenset(["name", "version", "components", "about", "fields", "supersedes"])
_COMPONENT_KEYS = frozenset(["ref", "name", "uri", "version", "availability", "data", "satisfied_by"])


@dataclass(frozen=True, slots=True)
class PlannedInput:
    """One input: a reference as text, or the descriptor of one whose bytes nobody has."""

    relation: str
    ref: str | None = None
    descriptor: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PlannedArtifact:
    """One artifact to record; `path` is relative to the pipeline file's folder unless absolute."""

    kind: str
    name: str
    version: str | None
    path: str
    include: tuple[str, ...] = ()
    symlinks: str = "refuse"
    license: str | None = None
    inputs: tuple[PlannedInput, ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedComponent:
    """One component: a reference as text, or a descriptor; and what the release says of it (`spec.release.Component`)."""

    role: str
    ref: str | None = None
    descriptor: Mapping[str, str] | None = None
    availability: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedRelease:
    """One release to record after the artifacts; `about` is of `schemas/release-information`."""

    name: str
    version: str
    components: tuple[PlannedComponent, ...]
    about: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    supersedes: str | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What to record: artifacts so ordered that inputs come before what is made from them."""

    artifacts: tuple[PlannedArtifact, ...]
    releases: tuple[PlannedRelease, ...]


def read_pipeline(data: bytes, *, what: str = "the pipeline file") -> Pipeline:
    """Read a pipeline file.

    Raises:
        LedgerError: LG1202 malformed, LG1203 inputs in a circle, LG0301 to LG0303 for unknown words.
    """
    value = strict_yaml.load(data, what=what, code=CODE)
    top = _mapping(value, what, frozenset({"ledger", "artifacts", "releases"}))
    if top.get("ledger") != 1 or isinstance(top.get("ledger"), bool):
        _bad(f"{what}: `ledger: 1` must say which form this is")
    artifacts = [_artifact(item, f"artifacts[{n}]") for n, item in enumerate(_list(top.get("artifacts", []), "artifacts"))]
    releases = [_release(item, f"releases[{n}]") for n, item in enumerate(_list(top.get("releases", []), "releases"))]
    if not artifacts and not releases:
        _bad(f"{what} plans nothing")
    seen: set[tuple[str, str, str | None]] = set()
    for item in artifacts:
        key = (item.kind, item.name, item.version)
        if key in seen:
            _bad(f"{item.kind} `{display(item.name, item.version)}` is planned twice")
        seen.add(key)
    return Pipeline(tuple(_ordered(artifacts)), tuple(releases))


def _bad(message: str) -> NoReturn:
    raise LedgerError(CODE, message)


def _mapping(value: Any, where: str, keys: frozenset[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict):
        _bad(f"{where} is not a mapping")
    unknown = sorted(set(value) - keys) if keys is not None else []
    if unknown:
        _bad(f"{where} has the unknown key `{ascii(unknown[0])[1:-1]}`; known: {', '.join(sorted(keys or ()))}")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        _bad(f"{where} is not a list")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        shown = f"the {type(value).__name__} {value}" if isinstance(value, (int, float, bool)) else type(value).__name__
        _bad(
            f'{where} is {shown}, not text: put it in quotes, such as "{value}"'
            if isinstance(value, (int, float))
            else f"{where} is not text"
        )
    if not value:
        _bad(f"{where} is empty")
    return value


def _optional(item: Mapping[str, Any], key: str, where: str) -> str | None:
    return None if item.get(key) is None else _text(item[key], f"{where}.{key}")


def _required(item: Mapping[str, Any], key: str, where: str) -> str:
    if key not in item:
        _bad(f"{where} has no `{key}`")
    return _text(item[key], f"{where}.{key}")


def _plain(value: Any, where: str) -> dict[str, Any]:
    """A mapping that canonical JSON can carry."""
    found = _mapping(value, where)
    try:
        canon.canonical(found)
    except LedgerError as error:
        _bad(f"{where}: {error.message} (put dates and big numbers in quotes)")
    return found


def _artifact(value: Any, where: str) -> PlannedArtifact:
    item = _mapping(value, where, _ARTIFACT_KEYS)
    kind = _required(item, "kind", where)
    if kind not in ARTIFACT_KINDS:
        raise LedgerError("LG0301", f"{where}: unknown kind `{kind}`; known: {', '.join(ARTIFACT_KINDS)}")
    symlinks = item.get("symlinks", "refuse")
    if symlinks not in ("refuse", "inside"):
        _bad(f"{where}.symlinks is neither `refuse` nor `inside`")
    return PlannedArtifact(
        kind=kind,
        name=_required(item, "name", where),
        version=_optional(item, "version", where),
        path=_required(item, "path", where),
        include=tuple(_text(pattern, f"{where}.include") for pattern in _list(item.get("include", []), f"{where}.include")),
        symlinks=symlinks,
        license=_optional(item, "license", where),
        inputs=_inputs(item.get("from", {}), f"{where}.from"),
        sources=tuple(
            _source(source, f"{where}.sources[{n}]") for n, source in enumerate(_list(item.get("sources", []), f"{where}.sources"))
        ),
        data=_plain(item.get("data", {}), f"{where}.data"),
        fields=_plain(item.get("fields", {}), f"{where}.fields"),
        supersedes=_optional(item, "supersedes", where),
    )


def _source(value: Any, where: str) -> Mapping[str, str]:
    if isinstance(value, str):
        return {"uri": _text(value, where)}
    item = _mapping(value, where, frozenset({"uri", "revision"}))
    found = {"uri": _required(item, "uri", where)}
    revision = _optional(item, "revision", where)
    return found if revision is None else {**found, "revision": revision}


def _inputs(value: Any, where: str) -> tuple[PlannedInput, ...]:
    found = []
    for relation, given in _mapping(value, where).items():
        if relation not in RELATIONS:
            raise LedgerError("LG0302", f"{where}: unknown relation `{ascii(relation)[1:-1]}`; known: {', '.join(RELATIONS)}")
        for item in given if isinstance(given, list) else [given]:
            if isinstance(item, dict):
                descriptor = _mapping(item, f"{where}.{relation}", frozenset({"name", "uri", "version"}))
                _required(descriptor, "name", f"{where}.{relation}")
                found.append(
                    PlannedInput(relation, descriptor={key: _text(text, f"{where}.{relation}.{key}") for key, text in descriptor.items()})
                )
            else:
                found.append(PlannedInput(relation, ref=_text(item, f"{where}.{relation}")))
    return tuple(found)


def _release(value: Any, where: str) -> PlannedRelease:
    item = _mapping(value, where, _RELEASE_KEYS)
    components = _components(_mapping(item.get("components", {}), f"{where}.components"), f"{where}.components")
    if not components:
        _bad(f"{where} has no components")
    return PlannedRelease(
        _required(item, "name", where),
        _required(item, "version", where),
        tuple(components),
        _plain(item.get("about", {}), f"{where}.about"),
        _plain(item.get("fields", {}), f"{where}.fields"),
        _optional(item, "supersedes", where),
    )


def _components(value: Mapping[str, Any], where: str) -> list[PlannedComponent]:
    found: list[PlannedComponent] = []
    satisfied: list[tuple[str, str]] = []
    for role, given in value.items():
        if role not in ROLES:
            raise LedgerError("LG0303", f"{where}: unknown role `{ascii(role)[1:-1]}`; known: {', '.join(ROLES)}")
        for item in given if isinstance(given, list) else [given]:
            place = f"{where}.{role}"
            if isinstance(item, dict) and "satisfied_by" in item:
                other = _required(_mapping(item, place, frozenset({"satisfied_by"})), "satisfied_by", place)
                satisfied.append((role, other))
            else:
                found.append(_component(role, item, place))
    for role, other in satisfied:
        same = [item for item in found if item.role == other]
        if not same:
            _bad(f"{where}.{role} is satisfied by `{ascii(other)[1:-1]}`, of which the release has no component of its own")
        found += [replace(item, role=role) for item in same]
    return found


def _component(role: str, value: Any, where: str) -> PlannedComponent:
    """`figures@1`, or a mapping: `ref` or a descriptor (`name`, `uri`, `version`), and what is said of it."""
    if not isinstance(value, dict):
        return PlannedComponent(role, _text(value, where))
    item = _mapping(value, where, _COMPONENT_KEYS)
    ref, availability = _optional(item, "ref", where), _optional(item, "availability", where)
    descriptor = {key: _text(item[key], f"{where}.{key}") for key in ("name", "uri", "version") if item.get(key) is not None}
    if (ref is None) is not ("name" in descriptor) or (ref is not None and descriptor):
        _bad(f"{where} has either `ref`, or `name` with `uri` and `version` if they are known")
    if availability is not None and availability not in STATED_AVAILABILITY:
        _bad(f"{where}.availability is none of {', '.join(STATED_AVAILABILITY)}")
    return PlannedComponent(role, ref, descriptor or None, availability, _plain(item.get("data", {}), f"{where}.data"))


def _spellings(item: PlannedArtifact) -> set[str]:
    """Every way in which a reference can name a planned artifact."""
    plain = {item.name, display(item.name, item.version)}
    return plain | {f"{item.kind}/{text}" for text in plain if item.kind in REF_KINDS}


def _ordered(artifacts: list[PlannedArtifact]) -> list[PlannedArtifact]:
    """Inputs first; otherwise the order of the file. Raises LedgerError LG1203."""
    owners: dict[str, list[int]] = {}
    for number, item in enumerate(artifacts):
        for spelling in _spellings(item):
            owners.setdefault(spelling, []).append(number)
    needs = [{owner for given in item.inputs if given.ref for owner in owners.get(given.ref, ())} for item in artifacts]
    order: list[int] = []
    done: set[int] = set()
    while len(order) < len(artifacts):
        ready = [number for number in range(len(artifacts)) if number not in done and needs[number] <= done]
        if not ready:
            stuck = [artifacts[number].name for number in range(len(artifacts)) if number not in done]
            raise LedgerError("LG1203", f"inputs form a cycle among: {', '.join(stuck)}")
        order.append(ready[0])
        done.add(ready[0])
    return [artifacts[number] for number in order]
