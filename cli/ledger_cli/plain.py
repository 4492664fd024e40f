"""Reads text, lists of text and flags without the adapters that Typer builds for every parameter.

From version 0.29 on Typer coerces each parameter with Pydantic, whose import takes longer than `ledger record` takes to write a small
file. The operating system gives text, and a flag is a bool already, so nothing is left to coerce; numbers and paths that are not given
are nothing to coerce either. Parameters of other types, and Typers that do it otherwise, keep the library's way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Plain:
    """Stands where Typer keeps a parameter's coercion."""

    def __init__(self, many: bool) -> None:
        self._many = many

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as it is; nothing given for a list is an empty one, as in Typer."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        return list(value) if self._many else value


class Later:
    """Stands where Typer keeps a parameter's coercion until there is something to coerce."""

    def __init__(self, parameter: Any) -> None:
        self._parameter = parameter

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """None as it is; anything else in the library's way."""
        if value is None:
            return None
        if self._parameter._runtime_param is self:
            self._parameter._runtime_param = None
        return self._parameter.get_runtime_param().coerce(value, param=param, ctx=ctx)


def spare(command: Any) -> Any:
    """Give the plain parameters of a command, and of the commands below it, a coercion that imports nothing."""
    listed = command.get_params

    def get_params(ctx: Any) -> list[Any]:
        # Asked for here and not once for all: the parameter `--help` is made only then.
        found: list[Any] = listed(ctx)
        for parameter in found:
            _spare(parameter)
        return found

    command.get_params = get_params
    for below in getattr(command, "commands", {}).values():
        spare(below)
    return command


def _spare(parameter: Any) -> None:
    described = getattr(parameter, "type_descriptor", None)
    parser = getattr(getattr(described, "parameter_info", None), "parser", None)
    if described is None or parser is not None or getattr(parameter, "_runtime_param", parameter) is not None:
        return
    if described.annotation in (str, bool):
        parameter._runtime_param = Plain(many=False)
    elif described.annotation == list[str]:
        parameter._runtime_param = Plain(many=True)
    elif described.annotation in (int, float, Path) and not parameter.multiple and parameter.nargs == 1:
        parameter._runtime_param = Later(parameter)
