"""Help for every verb and sub-verb: `-h` and `--help`, with an example that can be copied in one piece, and nothing cut off."""

from __future__ import annotations

import re
import shlex
from importlib import import_module

import pytest
import typer
from commands import ask
from ledger_cli.app import VERBS


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for verb, (module, _) in VERBS.items():
        found.append((verb,))
        group = typer.main.get_command(import_module(f"ledger_cli.verbs.{module}").app)
        found.extend((verb, name) for name in getattr(group, "commands", {}))
    return found


@pytest.mark.parametrize("words", [(), *commands()], ids=" ".join)
def test_help_has_an_example_in_one_piece(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, *words, "-h")
    assert (said.code, said.err) == (0, "")
    assert said.out == ask(capsys, *words, "--help").out
    example = re.findall(r"^  Example: (ledger .+)$", said.out, re.MULTILINE)
    assert len(example) == 1 and said.out.rstrip().endswith(example[0])
    called = shlex.split(example[0])
    assert called[1 : 1 + len(words)] == list(words)
    # Sentences that end in the middle, types that only a programmer knows, arguments that look like options.
    assert "..." not in said.out.replace("[ARGS]...", "")
    assert "<str>" not in said.out and "{" not in said.out


def test_a_group_that_is_given_nothing_says_what_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("key",)):
        said = ask(capsys, *words)
        assert (said.code, said.err) == (2, "")
        assert "Usage: ledger" in said.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("log", "--since", "1", "--since", "2"), "--since is given twice: `1` and `2`"),
        (("record", "dataset", "x", "--name="), "--name is empty"),
        (("show", ""), "REF is empty"),
        (("key", "new", ""), "FILE is empty"),
        (("record", "dataset", "x", "--name", "x", "--from", ""), "--from is empty"),
        (("log", "--nonsense"), "no such option: --nonsense"),
        (("release", "x", "--version", "1", "--component", "weights"), "--component takes ROLE=REF, not `weights`"),
        (("help",), "no such verb `help`"),
    ],
)
def test_what_a_person_did_not_mean_is_said(args: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, *args)
    assert (said.code, said.out) == (2, "")
    assert f"error[LG1201]: {message}" in said.err
    assert re.search(r"hint: ledger [a-z -]*--help", said.err)


def test_flags_may_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "explain", "LG0101", "--json", "--json").code == 0
