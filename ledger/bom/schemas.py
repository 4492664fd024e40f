"""S1: the official JSON schema of each format, from the packages that carry it.

CycloneDX's schemas come with `cyclonedx-python-lib`, SPDX's with `lib4sbom`; both are in the extra `check`, and only their files are
read. Without them nobody can tell, and that is what the result says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ledger.bom.kinds import CYCLONEDX, Kind
from ledger.bom.report import COULD_NOT_TELL, HOLDS, RuleResult, Tally, message, shown, step
from ledger.errors import LedgerError

_HINT = "pip install 'openness-ledger[check]'"
# Errors that are counted; a document can have millions, of two kilobytes each.
_MOST = 1000
# Values that are looked at together when something is wrong with them.
_CHUNK = 10_000
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
        _graph_errors(document, tally)
    else:
        _list_errors(validator, document, tally)
    if not tally.failed:
        # Wrong in its parts together, or in none that were looked at one by one.
        _first_error(validator, document, "", tally)
    return tally.result()


def _graph_errors(document: dict[str, Any], tally: Tally) -> None:
    """Errors element by element: over the whole graph the schema can only say that something fits no class."""
    graph = document.get("@graph")
    for number, item in enumerate(graph if isinstance(graph, list) else ()):
        place = f"/@graph/{number}"
        type_ = item.get("type") if isinstance(item, dict) else None
        validator = _spdx3_class(type_) if isinstance(type_, str) else None
        if validator is None:
            tally.bad(place, f"no class of SPDX 3.0.1: {shown(type_)}")
        elif not validator.is_valid(item):
            _errors(validator, item, partial(_place, place), tally)
        if tally.stop(_MOST):
            return


def _list_errors(validator: Any, document: dict[str, Any], tally: Tally) -> None:
    """Errors of the document without its lists, and then of each list some items at a time: they are all held in memory at once."""
    lists = {key: value for key, value in document.items() if isinstance(value, list)}
    _errors(
        validator, {**document, **{key: [] for key in lists}}, lambda path: None if path and path[0] in lists else _place("", path), tally
    )
    single = {key: value for key, value in document.items() if not isinstance(value, (list, dict))}
    for key, items in lists.items():
        for start, chunk in _chunks(items):
            if tally.stop(_MOST):
                return

            def below(path: list[str | int], key: str = key, start: int = start) -> str | None:
                if len(path) < 2 or path[0] != key:
                    return None
                return _place("", [key, start + int(path[1]), *path[2:]])

            _errors(validator, {**single, key: chunk}, below, tally)


def _chunks(items: list[Any]) -> Iterator[tuple[int, list[Any]]]:
    """Pieces of a list that have few values each, with where they start."""
    start = size = 0
    for number, item in enumerate(items):
        more = _size(item)
        if number > start and size + more > _CHUNK // 2:
            yield start, items[start:number]
            start, size = number, 0
        size += more
    if items[start:]:
        yield start, items[start:]


def _size(value: Any) -> int:
    """How many values there are in a value, counted up to a bound."""
    found = [value]
    for item in found:
        if len(found) > _CHUNK:
            break
        found.extend(item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
    return len(found)


def _errors(validator: Any, value: Any, placed: Callable[[list[str | int]], str | None], tally: Tally) -> None:
    """What is wrong with a value; `placed` says where an error stands in the document, or that it is not asked for."""
    if _size(value) > _CHUNK:
        if not validator.is_valid(value):
            _first_error(validator, value, placed, tally)
        return
    for error in validator.iter_errors(value):
        place = placed(list(error.instance_path))
        if place is not None:
            tally.bad(place, message(error.message))
        if tally.stop(_MOST):
            return


def _first_error(validator: Any, value: Any, placed: Callable[[list[str | int]], str | None] | str, tally: Tally) -> None:
    from jsonschema_rs import ValidationError

    try:
        validator.validate(value)
    except ValidationError as error:
        path = list(error.instance_path)
        place = _place(placed, path) if isinstance(placed, str) else placed(path)
        if place is not None:
            tally.bad(place, message(error.message))
            tally.cut = True


def _place(pointer: str, path: list[str | int]) -> str:
    for key in path:
        pointer = step(pointer, key)
    return pointer


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
