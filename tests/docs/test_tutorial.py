"""The tutorial, command by command in one folder, prints what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import transcripts

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCKS = re.findall(r"```console\n(.*?)```", (ROOT / "docs/tutorial.md").read_text("utf-8"), re.DOTALL)
EXPORT = re.compile(r"export ([A-Z_]+)=(\S+)")
# The folder in which the page says that it was written.
HOME = Path("/home/ana")


def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    env = transcripts.environment(tmp_path)
    steps = transcripts.parse("".join(BLOCKS))
    assert len(steps) >= 15
    for step in steps:
        # Each command has a shell of its own, so what it exports is carried on here.
        if (exported := EXPORT.fullmatch(step.command)) is not None:
            env[exported[1]] = exported[2]
            continue
        output, code = transcripts.run(step.command, tmp_path, env)
        found = transcripts.filtered(output, tmp_path)
        wanted = transcripts.filtered("\n".join(step.output), HOME)
        shown = f"$ {step.command}\n--- wanted\n" + "\n".join(wanted) + "\n--- found\n" + "\n".join(found)
        assert code == step.exit, f"exit {code}, wanted {step.exit}\n{shown}"
        assert transcripts.matches(wanted, found), shown


def test_the_tutorial_covers_the_verbs_of_a_first_day() -> None:
    commands = [step.command for step in transcripts.parse("".join(BLOCKS))]
    for verb in (
        "init",
        "record dataset",
        "record --file",
        "release",
        "lineage",
        "why",
        "sql",
        "attest",
        "verify bundle",
        "verify artifact",
    ):
        assert any(command.startswith(f"ledger {verb}") for command in commands), verb
