"""YAML from strangers, read so that it has one meaning: plain data only, or a `LedgerError`.

Refused: aliases and anchors (a few lines of them can stand for gigabytes), duplicate keys, keys that are not text, merge
keys, tags outside YAML's core, more than one document, lone surrogates, and whatever is over the limits of size, depth and
count. The caller says which error code its kind of file has. PyYAML's safe loader does the reading; it is imported when used.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from ledger.errors import LedgerError
from ledger.limits import LIMITS

if TYPE_CHECKING:
    from yaml import SafeLoader


def load(data: bytes, *, what: str, code: str, plain_text: bool = False) -> Any:
    """Read one YAML document.

    Args:
        what: names the document in messages.
        code: the error code to raise, such as ``LG1003``.
        plain_text: keep every scalar as the text that stands there; only nothing, `~` and `null` are None.

    Raises:
        LedgerError: with `code` whatever is wrong with the document, LG0103 when it has too many bytes.
    """
    if len(data) > LIMITS.pipeline_bytes:
        raise LedgerError("LG0103", f"{what} has {len(data)} bytes, more than {LIMITS.pipeline_bytes}")
    import yaml

    try:
        text = data.decode("utf-8")
        loader = (_text_loader() if plain_text else _loader())(text)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
        _check_text(value)
    except UnicodeDecodeError as error:
        raise LedgerError(code, f"{what} is not UTF-8: byte {error.start}") from None
    except UnicodeEncodeError:
        raise LedgerError(code, f"{what} holds a lone surrogate") from None
    except yaml.YAMLError as error:
        raise LedgerError(code, f"{what} cannot be read: {_reason(error)}") from None
    except (ValueError, TypeError, OverflowError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML's constructors leak these for odd scalars, such as a date in month 13.
        raise LedgerError(code, f"{what} cannot be read: {type(error).__name__}") from None
    return value


def _reason(error: Exception) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    mark = getattr(error, "problem_mark", None)
    where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""
    return "".join(char if char.isprintable() else "?" for char in f"{problem}{where}")


def _check_text(value: Any) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            item.encode("utf-8")
        elif isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


@cache
def _loader() -> type[SafeLoader]:
    import yaml

    class StrictLoader(yaml.SafeLoader):
        """PyYAML's safe loader without aliases, duplicates, merges and excess."""

        depth = 0
        nodes = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            # The stubs leave this method without types.
            event = cast(Any, self).peek_event()
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
                raise yaml.constructor.ConstructorError(None, None, "anchors and aliases are refused", event.start_mark)
            self.nodes += 1
            self.depth += 1
            if self.nodes > LIMITS.pipeline_nodes or self.depth > LIMITS.json_depth:
                raise yaml.constructor.ConstructorError(None, None, "too many or too deeply nested values", event.start_mark)
            try:
                return super().compose_node(parent, index)
            finally:
                self.depth -= 1

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value:
                if key.tag != "tag:yaml.org,2002:str":
                    raise yaml.constructor.ConstructorError(None, None, "a key is not text", key.start_mark)
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key.value!r}", key.start_mark)
                seen.add(key.value)
            return super().construct_mapping(node, deep)

        def flatten_mapping(self, node: Any) -> None:
            """Merge keys never get here: their tag is not text."""

    return StrictLoader


@cache
def _text_loader() -> type[SafeLoader]:

    class TextLoader(_loader()):  # type: ignore[misc]
        """The strict loader without YAML's guesses at what a scalar is."""

    def scalar(loader: Any, node: Any) -> str | None:
        return None if node.style is None and node.value in ("", "~", "null") else str(node.value)

    TextLoader.yaml_implicit_resolvers = {}
    TextLoader.yaml_constructors = dict(TextLoader.yaml_constructors)
    TextLoader.add_constructor("tag:yaml.org,2002:str", scalar)
    return cast("type[SafeLoader]", TextLoader)
