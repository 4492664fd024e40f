"""Every command in the README is run, and prints what the README shows."""

from __future__ import annotations

import re
from pathlib import Path

import transcripts

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
# The folder in which the page says that it was written.
HOME = Path("/home/ana")
# The id of an artifact, reference or release, whole or its beginning.
ID = re.compile(r"\b(?:tree|file|ref|sha256):[0-9a-f]{8,64}")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


def test_the_first_screen_shows_both_commands() -> None:
    first = "\n".join(README.splitlines()[:45])
    assert "$ make demo" in first and "$ make test" in first
    assert re.search(r"\d+ passed(, \d+ skipped)? in ", first)
    targets = (ROOT / "Makefile").read_text("utf-8")
    assert "\ndemo:" in targets and "\ntest:" in targets and "\nsetup:" in targets


def test_the_five_minutes_are_as_shown(tmp_path: Path) -> None:
    assert len(BLOCKS) == 2
    env = transcripts.environment(tmp_path)
    steps = transcripts.parse(BLOCKS[1])
    assert len(steps) == 9
    # What a first reader sees is all there is, but for the roster of the last command.
    assert [step.command for step in steps if "..." in step.output] == ["ledger verify --deep"]
    ids = 0
    for step in steps:
        output, code = transcripts.run(step.command, tmp_path, env)
        found = transcripts.filtered(output, tmp_path)
        wanted = transcripts.filtered("\n".join(step.output), HOME)
        assert code == step.exit, output
        assert transcripts.matches(wanted, found), (step.command, wanted, found)
        ids += sum(len(ID.findall(line)) for line in wanted)
    assert ids >= 9, "the filters took out what is the same on every machine"


def test_the_filters_leave_ids_and_take_out_what_differs(tmp_path: Path) -> None:
    digits = "0123456789abcdef" * 4
    assert transcripts.filtered(f"  tree:{digits}\nreader@1  weights  tree:4c78f1f6", tmp_path) == [
        f"  tree:{digits}",
        "reader@1  weights  tree:4c78f1f6",
    ]
    assert transcripts.filtered(f"  sha256:{digits}\nnot backed by bytes: base ref:c5cd2832671d…", tmp_path)[0] == f"  sha256:{digits}"
    assert transcripts.filtered(f"the ledger verifies: 5 entries, root {digits}", tmp_path) == [
        "the ledger verifies: 5 entries, root <hex>"
    ]
    assert transcripts.filtered(f"  signing key  {digits}", tmp_path) == ["  signing key  <hex>"]
