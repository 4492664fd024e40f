"""The pages about other people's formats: every command, in one folder a page, prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import transcripts

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted((ROOT / "docs/interop").glob("*.md"))
EXPORT = re.compile(r"export ([A-Z_]+)=(\S+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    env = transcripts.environment(tmp_path)
    blocks = re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    steps = transcripts.parse("".join(blocks))
    assert len(steps) >= 5
    for step in steps:
        # Each command has a shell of its own, so what it exports is carried on here.
        if (exported := EXPORT.fullmatch(step.command)) is not None:
            env[exported[1]] = exported[2]
            continue
        output, code = transcripts.run(step.command, tmp_path, env)
        found = transcripts.filtered(output, tmp_path)
        wanted = transcripts.filtered("\n".join(step.output), tmp_path)
        shown = f"$ {step.command}\n--- wanted\n" + "\n".join(wanted) + "\n--- found\n" + "\n".join(found)
        assert code == step.exit, f"exit {code}, wanted {step.exit}\n{shown}"
        assert transcripts.matches(wanted, found), shown
