"""S1: the official JSON schema of each format, from the packages that carry it.

CycloneDX's schemas come with `cyclonedx-python-lib`, SPDX's with `lib4sbom`; both are in the extra `check`, and only their files are
read. Without them nobody can tell, and that is what the result says.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from ledger.bom.kinds import CYCLONEDX, Kind
from ledger.bom.report import COULD_NOT_TELL, HOLDS, RuleResult, Tally, message, shown, step
from ledger.errors import LedgerError

_HINT = "pip install 'openness-ledger[check]'"
# Errors that are counted; a document can have millions.
_MOST = 1000
_MASK = "the value"
_BASE = "http://cyclonedx.org/schema/"
_BESIDE = ("spdx", "jsf-0.82", "cryptography-defs")


def check_schema(kind: Kind, document: dict[str, Any]) -> RuleResult:
    """What S1 comes to."""
    try:
        validator = _cyclonedx(kind.version) if kind.format == CYCLONEDX else _spdx(kind.version)
    except LedgerError as error:
        return RuleResult("S1", COULD_NOT_TELL, f"{error.message}: {error.hint}")
    if validator.is_valid(document):
        return RuleResult("S1", HOLDS, f"the document has the shape of the schema of {kind.format} {kind.version}")
    tally = Tally("S1", ("document", "documents"))
    if kind.version.startswith("3."):
        _graph_errors(document, validator, tally)
    else:
        _errors(validator, document, "", tally)
    return tally.result()


def _errors(validator: Any, value: Any, pointer: str, tally: Tally) -> None:
    for number, error in enumerate(islice(validator.iter_errors(value), _MOST), 1):
        tally.cut = tally.cut or number == _MOST
        place = pointer
        for key in error.instance_path:
            place = step(place, key)
        tally.bad(place, message(error.message))


def _graph_errors(document: dict[str, Any], whole: Any, tally: Tally) -> None:
    """Errors element by element: over the whole graph the schema can only say that something fits no class."""
    graph = document.get("@graph")
    for number, item in enumerate(graph if isinstance(graph, list) else ()):
        place = f"/@graph/{number}"
        type_ = item.get("type") if isinstance(item, dict) else None
        validator = _spdx3_class(type_) if isinstance(type_, str) else None
        if validator is None:
            tally.bad(place, f"no class of SPDX 3.0.1: {shown(type_)}")
        elif not validator.is_valid(item):
            _errors(validator, item, place, tally)
    if not tally.failed:
        _errors(whole, document, "", tally)


# --- where the schemas are ---------------------------------------------------------------------------


def _folder(package: str, named: str, *parts: str) -> Path:
    # Found without importing it: only files are read.
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(place).joinpath(*parts)).is_dir():
            return folder
    raise LedgerError("LG1708", f"the official schema is not here, because {named} is not installed", hint=_HINT)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise LedgerError("LG1708", f"the official schema `{path.name}` is not here or cannot be read", hint=_HINT) from None


def _refuse(address: str) -> Any:
    raise ValueError(f"not at hand: {address}")


@cache
def _cyclonedx(version: str) -> Any:
    from jsonschema_rs import Draft7, Draft7Validator, Registry

    folder = _folder("cyclonedx", "cyclonedx-python-lib", "schema", "_res")
    beside: list[tuple[str, Any]] = []
    for name in _BESIDE:
        if (path := folder / f"{name}.SNAPSHOT.schema.json").is_file():
            schema = _read(path)
            # The schemas name each other as these files are called, and themselves as the originals are.
            beside += [(f"{_BASE}{name}.SNAPSHOT.schema.json", schema), (f"{_BASE}{name}.schema.json", schema)]
    registry = Registry(beside, draft=Draft7, retriever=_refuse)
    schema = _read(folder / f"bom-{version}.SNAPSHOT.schema.json")
    return Draft7Validator(schema, registry=registry, validate_formats=True, mask=_MASK)


@cache
def _spdx_schema(version: str) -> Any:
    return _read(_folder("lib4sbom", "lib4sbom", "schemas", "spdx") / f"{'.'.join(version.split('.')[:2])}-schema.json")


@cache
def _spdx(version: str) -> Any:
    from jsonschema_rs import Draft7Validator, Draft202012Validator

    validator = Draft202012Validator if version.startswith("3.") else Draft7Validator
    return validator(_spdx_schema(version), validate_formats=True, mask=_MASK, retriever=_refuse)


@cache
def _spdx3_class(name: str) -> Any:
    """The validator of elements of one class; None when there is no such class."""
    from jsonschema_rs import Draft202012Validator

    classes = _spdx_schema("3.0.1")["$defs"]
    if f"{name}_props" not in classes or name not in classes:
        return None
    schema = {"$schema": _spdx_schema("3.0.1")["$schema"], "$defs": classes, "$ref": f"#/$defs/{name}", "unevaluatedProperties": False}
    return Draft202012Validator(schema, validate_formats=True, mask=_MASK, retriever=_refuse)
