"""Help as it is written in the reference: names in capitals, whole sentences, and an example that can be copied in one piece."""

from __future__ import annotations

from typing import Any


def dressed(command: Any) -> Any:
    """Give a command, and the commands below it, the house's help."""
    for item in command.params:
        _dress(item)
    command.format_epilog = lambda _ctx, formatter: _example(command, formatter)
    for below in getattr(command, "commands", {}).values():
        # Otherwise cut to what fits one line, in the middle of its meaning.
        below.short_help = (below.help or "").strip().splitlines()[0]
        dressed(below)
    return command


def _dress(item: Any) -> None:
    if item.param_type_name == "argument":
        name = item.metavar or item.name.upper()
        item._usage_display_name = lambda: name if item.required else f"[{name}]"
        item._rich_display_name = lambda: name
        item.display_type_rich = lambda ctx: ""
    elif item.metavar is None and not item.is_flag:
        item.metavar = item.opts[0].lstrip("-").replace("-", "_").upper()


def _example(command: Any, formatter: Any) -> None:
    if command.epilog:
        formatter.write_paragraph()
        formatter.write(f"  {command.epilog}\n")
