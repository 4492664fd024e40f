"""Refuses what a parser of command lines lets pass and a person did not mean.

An option that takes one value and is given twice would keep the last one, so that a licence could vanish without a word. An empty text
is what an unset variable of a shell leaves behind: an empty path would be this folder, an empty key the ledger's own.
"""

from __future__ import annotations

from typing import Any

# An empty licence is a licence that is no SPDX expression: recorded as given, with a warning.
MAY_BE_EMPTY = frozenset({"--license"})


def strict(command: Any) -> Any:
    """Make a command, and the commands below it, refuse options given twice and empty texts."""
    made = command.make_parser

    def make_parser(ctx: Any) -> Any:
        parser = made(ctx)
        for item in {id(item): item for item in (*parser._long_opt.values(), *parser._short_opt.values())}.values():
            if item.takes_value:
                _watch(item, ctx, item._long_opts[0], once=item.action == "store")
        for item in parser._args:
            _watch(item, ctx, item.obj.metavar or item.dest.upper(), once=False)
        return parser

    command.make_parser = make_parser
    for below in getattr(command, "commands", {}).values():
        strict(below)
    return command


def _watch(item: Any, ctx: Any, name: str, *, once: bool) -> None:
    taken = item.process

    def process(value: Any, state: Any) -> None:
        if value == "" and name not in MAY_BE_EMPTY:
            ctx.fail(f"{name} is empty")
        if once and item.dest in state.opts:
            ctx.fail(f"{name} is given twice: `{state.opts[item.dest]}` and `{value}`")
        taken(value, state)

    item.process = process
