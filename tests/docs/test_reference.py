"""The reference covers what the code has: verbs, options, error codes, environment variables; links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from ledger_cli.app import VERBS
from ledger_cli.common import ENVIRONMENT

from ledger.advice import HINTS
from ledger.codes import CATALOGUE
from ledger.errors import LedgerError
from ledger.importers import pipeline
from ledger.query._generated import STORED
from ledger.query.derived import DERIVED
from ledger.query.macros import MACROS
from ledger.spec.vocabulary import RELATIONS, ROLES

ROOT = Path(__file__).resolve().parent.parent.parent
# A code as an argument, or at the start of a warning's text.
CODE = re.compile(r'"(LG\d{4})[":]')
# Read, and not part of the interface.
SYSTEM = frozenset({"HOME", "PATH"})


def sources() -> Iterator[Path]:
    for folder in ("ledger", "cli"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def published() -> list[Path]:
    """The files that belong to the repository, tracked or about to be; without git, the documents."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode("utf-8").split("\0") if name]
    else:
        found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def commands() -> dict[str, Any]:
    """Full name of each command: its parameters."""
    found: dict[str, Any] = {}
    for verb, (module, _) in VERBS.items():
        command = typer.main.get_command(import_module(f"ledger_cli.verbs.{module}").app)
        found[verb] = command.params
        found.update({f"{verb} {name}": below.params for name, below in getattr(command, "commands", {}).items()})
    return found


@pytest.mark.parametrize("name", commands())
def test_the_page_has_the_verb_with_every_option_and_argument(name: str) -> None:
    page = (ROOT / "docs/reference/cli.md").read_text("utf-8")
    heading = re.search(rf"^(##+) (?:ledger )?{re.escape(name)}$", page, re.MULTILINE)
    assert heading is not None, f"no section for {name}"
    section = re.split(r"^##+ ", page[heading.end() :], maxsplit=1, flags=re.MULTILINE)[0]
    assert "Example: `ledger " in section
    for item in commands()[name]:
        words = [*item.opts, *item.secondary_opts] if item.param_type_name == "option" else [item.metavar or item.name.upper()]
        for word in words:
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", section), f"{name} {word}"


def test_codes_raised_are_in_the_catalogue_and_the_other_way_round() -> None:
    raised: set[str] = set()
    for path in sources():
        if path.parent.name != "codes" and path.name != "advice.py":
            raised |= set(CODE.findall(path.read_text("utf-8")))
    assert raised - set(CATALOGUE) == set()
    assert set(CATALOGUE) - raised == set()


def test_every_code_has_a_hint_of_its_own() -> None:
    assert set(CATALOGUE) - set(HINTS) == {"LG0801"}, "a warning says what was done; everything else says what to do"
    assert set(HINTS) <= set(CATALOGUE)
    assert all(hint == hint.strip().rstrip(".") and "\n" not in hint for hint in HINTS.values())
    assert LedgerError("LG0801", "x").hint == "ledger explain LG0801"


def test_environment_variables_read_are_documented() -> None:
    read: set[str] = set()
    for path in sources():
        text = path.read_text("utf-8")
        read |= set(re.findall(r"""environ(?:\.get\(|\.pop\(|\.setdefault\(|\[)\s*["'](\w+)["']""", text))
        read |= set(re.findall(r"""["'](\w+)["'] (?:not )?in os\.environ""", text))
        read |= set(re.findall(r"""getenv\(\s*["'](\w+)["']""", text))
    assert read - SYSTEM == set(ENVIRONMENT)
    page = (ROOT / "docs/reference/environment.md").read_text("utf-8")
    assert all(f"`{name}`" in page for name in ENVIRONMENT)


def test_the_pipeline_page_has_every_key_and_its_example_is_one() -> None:
    page = (ROOT / "docs/reference/pipeline.md").read_text("utf-8")
    keys = {"ledger", "artifacts", "releases", *pipeline._ARTIFACT_KEYS, *pipeline._RELEASE_KEYS}
    assert [key for key in sorted(keys) if f"\n| `{key}` |" not in page] == []
    assert [word for word in (*RELATIONS, *ROLES) if f"`{word}`" not in page] == []
    example = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    plan = pipeline.read_pipeline(example[0].encode("utf-8"))
    assert (len(plan.artifacts), len(plan.releases)) == (3, 1)


def test_generated_files_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "tools/generate.py"), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_relative_links_lead_to_files() -> None:
    broken = []
    for path in published():
        if path.suffix != ".md":
            continue
        text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            if not (path.parent / target.partition("#")[0]).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def sections(name: str) -> dict[str, str]:
    """Heading of the second or third level of a reference page: what stands below it."""
    parts = re.split(r"^#{2,3} (.+)$", (ROOT / f"docs/reference/{name}.md").read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def cells(text: str) -> list[str]:
    """The code words in the first column of the tables."""
    rows = [re.split(r"(?<!\\)\|", line)[1] for line in text.splitlines() if line.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def test_no_verb_or_option_is_documented_that_is_not_there() -> None:
    page = {name.removeprefix("ledger").strip(): text for name, text in sections("cli").items()}
    known = {"": typer.main.get_command(import_module("ledger_cli.app").app).params, **commands()}
    assert list(page) == list(known)
    for name, text in page.items():
        shown = {word for cell in cells(text) for word in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", cell)}
        assert shown == {word for item in known[name] for word in (*item.opts, *item.secondary_opts) if word.startswith("-")}, name


def test_the_examples_of_the_page_use_commands_and_options_that_are_there() -> None:
    known = commands()
    for name, text in sections("cli").items():
        example = re.search(r"^Example: `ledger (.+)`$", text, re.MULTILINE)
        assert example is not None, name
        called = max((other for other in known if f"{example[1]} ".startswith(f"{other} ")), key=len)
        assert called.startswith(name.removeprefix("ledger").strip())
        assert set(re.findall(r"(?<!\S)--[a-z-]+", example[1])) <= {word for item in known[called] for word in item.opts}, name


def test_the_error_page_is_the_catalogue_and_no_page_names_another_code() -> None:
    page = (ROOT / "docs/reference/errors.md").read_text("utf-8")
    rows = [(code, int(number)) for code, number in re.findall(r"^\| (LG\d{4}) \| (\d+) \|", page, re.MULTILINE)]
    assert rows == [(code, entry.exit_code) for code, entry in CATALOGUE.items()]
    pages = [path for path in published() if path.suffix == ".md"]
    assert {code for path in pages for code in re.findall(r"\bLG\d{4}\b", path.read_text("utf-8"))} <= set(CATALOGUE)


def test_the_table_page_has_every_view_and_column_and_no_other() -> None:
    assert {name: cells(text) for name, text in sections("tables").items()} == {
        **{name: [column for column, _ in columns] for name, columns in STORED.items()},
        **{view.name: [column for column, _, _ in view.columns] for view in DERIVED},
        **{macro.call: [column for column, _, _ in macro.columns] for macro in MACROS},
    }


def test_no_variable_or_pipeline_key_is_documented_that_is_not_there() -> None:
    assert cells((ROOT / "docs/reference/environment.md").read_text("utf-8")) == list(ENVIRONMENT)
    page = sections("pipeline")
    assert set(cells(page["Form"])) == {"ledger", "artifacts", "releases"}
    assert set(cells(page["An artifact"])) == pipeline._ARTIFACT_KEYS
    assert set(cells(page["A release"])) == pipeline._RELEASE_KEYS
    assert set(cells(page["A component"])) == pipeline._COMPONENT_KEYS


def test_links_to_headings_lead_to_headings() -> None:
    broken = []
    for path in published():
        for target in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", path.read_text("utf-8")) if path.suffix == ".md" else []:
            file, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            text = ((path.parent / file) if file else path).read_text("utf-8")
            headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            if anchor not in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}:
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    pending = [ROOT / "README.md"]
    while pending:
        path = pending.pop()
        if path in reached or not path.exists():
            continue
        reached.add(path)
        if path.is_dir():
            pending += path.glob("*.md")
        elif path.suffix == ".md":
            links = re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
            pending += [(path.parent / link).resolve() for link in links if not re.match(r"[a-z]+:", link)]
    pages = [path for path in published() if path.suffix == ".md" and path.is_relative_to(ROOT / "docs")]
    assert sorted(str(path.relative_to(ROOT)) for path in pages if path not in reached) == []
