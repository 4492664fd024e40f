"""Every command in the README is run, and prints what the README shows."""

from __future__ import annotations

import re
from pathlib import Path

import transcripts

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def test_the_first_screen_shows_both_commands() -> None:
    first = "\n".join(README.splitlines()[:45])
    assert "$ make demo" in first and "$ make test" in first
    assert re.search(r"\d+ passed in ", first)
    targets = (ROOT / "Makefile").read_text("utf-8")
    assert "\ndemo:" in targets and "\ntest:" in targets and "\nsetup:" in targets


def test_the_five_minutes_are_as_shown(tmp_path: Path) -> None:
    assert len(BLOCKS) == 2
    env = transcripts.environment(tmp_path)
    steps = transcripts.parse(BLOCKS[1])
    assert len(steps) == 9
    for step in steps:
        output, code = transcripts.run(step.command, tmp_path, env)
        found = transcripts.filtered(output, tmp_path)
        wanted = transcripts.filtered("\n".join(step.output), tmp_path)
        assert code == step.exit, output
        assert transcripts.matches(wanted, found), (step.command, wanted, found)
