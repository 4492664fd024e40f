"""What is said about a dataset or release as YAML for the pipeline file: what is recorded filled in, the rest as comments with their help.

A ledger is append-only: nothing is changed in place. The text goes into the pipeline file, which is recorded again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.spec import information
from ledger.spec.description import LIST, MAPPING, RECORDED, UNKNOWN, Part
from ledger.spec.information import Field

_WIDTH = 110
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
# What YAML would read as something else than text.
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


def template(parts: Sequence[Part]) -> str:
    """The YAML for a release (its `about` and the `data` of its datasets) or for one dataset."""
    lines: list[str] = []
    for number, part in enumerate(item for item in parts if item.schema == information.RELEASE):
        lines += [*([""] if number else []), _comment(f"What the provider says about {part.name}; below the release in the pipeline file.")]
        lines += _document("about", part, 0)
    datasets = [item for item in parts if item.schema == information.DATA]
    if len(datasets) == len(parts) == 1:
        lines += [
            _comment(f"What is said about {datasets[0].name}; below the artifact in the pipeline file."),
            *_document("data", datasets[0], 0),
        ]
    elif datasets:
        lines += ["", _comment("Each dataset of the release; or put `data` below the artifact itself."), "components:", "  datasets:"]
        for part in datasets:
            lines += [f"    - ref: {_scalar(_reference(part))}", *_document("data", part, 6)]
    return "\n".join(lines) + "\n"


def _reference(part: Part) -> str:
    return f"ref:{part.name}" if part.id.startswith("ref:") else part.name


def filled(part: Part, said: Mapping[str, Any], *, alone: bool) -> str:
    """What is to be said about one thing, as YAML without help.

    Args:
        alone: nothing else is described, so that no `ref` is needed to tell datasets apart.
    """
    if part.schema == information.RELEASE:
        return "\n".join(_value("about", said, 0)) + "\n"
    where = _comment(f"below the artifact {part.name}, or below this dataset among the components of the release")
    lines = [where, *([] if alone else [f"ref: {_quoted(_reference(part))}"]), *_value("data", said, 0)]
    return "\n".join(lines) + "\n"


def _document(key: str, part: Part, indent: int) -> list[str]:
    recorded = {line.field.path: line.value for line in part.lines if line.state in (RECORDED, UNKNOWN)}
    pad = " " * indent
    # An empty mapping and not nothing: the file can be read before anything is filled in.
    lines = [f"{pad}{key}:" if recorded or part.unknown else f"{pad}{key}: {{}}   # take the braces away when a field is filled in"]
    for item in information.fields(part.schema):
        name = item.path.rpartition("/")[2]
        depth = indent + 2 * (item.path.count("/") + 1)
        live = item.path in recorded or any(path.startswith(f"{item.path}/") for path in recorded)
        group = item.form == MAPPING and any(other.path.startswith(f"{item.path}/") for other in information.fields(part.schema))
        lines += [f"{' ' * depth}{line}" for line in _help(item)]
        if group:
            lines.append(f"{' ' * depth}{'' if live else '# '}{name}:")
        elif item.path in recorded:
            lines += _value(name, recorded[item.path], depth)
        else:
            lines.append(f"{' ' * depth}# {name}: {_blank(item)}".rstrip())
    if part.unknown:
        lines.append(f"{' ' * (indent + 2)}# Kept, and not known here.")
        for name in sorted(part.unknown):
            lines += _value(name, part.unknown[name], indent + 2)
    return lines


def _blank(item: Field) -> str:
    return "[]" if item.form.startswith(LIST) else "{}" if item.form == MAPPING else '""' if item.form != "number" else ""


def _help(item: Field) -> list[str]:
    text = f"{item.help} ({item.form})" if item.form not in ("text", "mapping") else item.help
    lines, line = [], "#"
    for word in text.split():
        if len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def _comment(text: str) -> str:
    # A line break in a name would end the comment.
    return "# " + "".join(char if char.isprintable() else "�" for char in text)


def _scalar(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    # YAML's double-quoted form; what is no plain visible character is escaped, so that it stays on its line and can be read again.
    return '"' + "".join(_ESCAPES.get(char) or (char if char.isprintable() else f"\\U{ord(char):08x}") for char in text) + '"'


def _value(name: str, value: Any, indent: int) -> list[str]:
    pad = " " * indent
    if isinstance(value, Mapping) and value:
        lines = [f"{pad}{_key(name)}:"]
        for key in value:
            lines += _value(key, value[key], indent + 2)
        return lines
    if isinstance(value, (list, tuple)) and value and any(isinstance(item, (Mapping, list, tuple)) for item in value):
        return [f"{pad}{_key(name)}:", *(f"{pad}  - {_flow(item)}" for item in value)]
    return [f"{pad}{_key(name)}: {_flow(value)}"]


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").isalpha() and name.lower() not in _WORDS
    return name if plain else _quoted(name)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, float):
        # PyYAML reads 1e+25 as text; with a point and a sign it is a number.
        text = repr(value)
        mantissa, e, exponent = text.partition("e")
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}" if e else text
    return _scalar(value)
