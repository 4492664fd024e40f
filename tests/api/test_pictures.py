"""Pictures of what a ledger has: licences that count, what is marked, and every refusal."""

from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from ledger.api import Ledger, LedgerError

SVG = "{http://www.w3.org/2000/svg}"


def chips(text: str) -> dict[str, list[str]]:
    """Name of each node: the texts in it."""
    root = ElementTree.fromstring(text.encode("utf-8"))
    groups = [one for one in root.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None]
    found: dict[str, list[str]] = {}
    for group in groups:
        name, *rest = [one.text or "" for one in group.iter(f"{SVG}text")]
        found[f"{rest[0].split()[0]} {name}"] = rest
    return found


def test_a_picture_has_what_was_recorded(filled: Ledger) -> None:
    found = chips(filled.lineage_picture("release/reader@1"))
    assert {name: texts[1] for name, texts in found.items()} == {
        "release reader@1": "licence not known",
        "weights reader@1": "Apache-2.0",
        "dataset figures@1": "CC-BY-4.0",
        "code trainer@1": "MIT",
        "document reader-card@1": "CC-BY-4.0",
        "unverified base@3.0": "licence not known",
    }


def test_what_a_review_concluded_counts(filled: Ledger) -> None:
    filled.review("figures@1", concluded_license="CC0-1.0", reason="the publisher changed it")
    filled.review("ref:base@3.0", concluded_license="MIT", reason="its card")
    found = chips(filled.lineage_picture("weights/reader@1"))
    assert found["dataset figures@1"][1] == "CC0-1.0"
    assert found["unverified base@3.0"][1] == "MIT"
    assert '<td class="note">CC0-1.0</td><td>concluded</td>' in filled.lineage_picture("weights/reader@1", format="html")


def test_a_declaration_that_is_no_expression_is_no_known_licence(empty: Ledger, inputs) -> None:
    empty.record("dataset", inputs / "data", name="odd", version="1", license="free for all")
    assert chips(empty.lineage_picture("odd"))["dataset odd@1"][1] == "licence not known"


def test_the_way_to_something_is_marked(filled: Ledger) -> None:
    plain = filled.lineage_picture("release/reader@1")
    marked = filled.lineage_picture("release/reader@1", mark="ref:base@3.0")
    assert 'class="l m"' not in plain
    # Two links, each a stub and its lines, and the legend.
    assert marked.count('class="l m"') >= 5
    assert "In bold: the shortest ways to base@3.0." in marked
    page = filled.lineage_picture("figures@1", "down", format="html", mark="release/reader@1")
    assert page.count("<td>yes</td>") == 1, "the release has the dataset itself as a component, in one step"


def test_the_way_that_decides_a_verdict_is_marked(filled: Ledger) -> None:
    """Of osaid-1.0 nobody said anything of the data: that is a definite no, and the way to the data is bold."""
    page = filled.lineage_picture("release/reader@1", format="html", verdict="osaid-1.0")
    assert "osaid-1.0 gives fail, decided by: data-description." in page
    marked = [line for line in page.splitlines() if line.endswith("<td>yes</td></tr>")]
    assert any("figures@1" in line for line in marked)
    assert not any("trainer@1" in line for line in marked)
    passed = filled.lineage_picture("release/reader@1", format="html", verdict="redhat-minimum-2025")
    assert "redhat-minimum-2025 gives pass, decided by: weights, inference-code, architecture, tokenizer." in passed
    assert not any("figures@1" in line for line in passed.splitlines() if line.endswith("<td>yes</td></tr>"))
    for ref, direction, code in (("weights/reader@1", "up", "LG1102"), ("release/reader@1", "down", "LG1201")):
        with pytest.raises(LedgerError) as refused:
            filled.lineage_picture(ref, direction, verdict="osaid-1.0")
        assert refused.value.code == code


def test_what_is_cut_is_said(filled: Ledger) -> None:
    assert "Not all is shown: cut after 1 step." in filled.lineage_picture("release/reader@1", depth=1)
    with pytest.raises(LedgerError) as refused:
        filled.lineage_picture("release/reader@1", depth=1, mark="ref:base@3.0")
    assert refused.value.code == "LG0904"


def test_a_picture_as_of_earlier_does_not_know_later_reviews(filled: Ledger) -> None:
    before = filled.lineage_picture("weights/reader@1")
    size = filled.size
    filled.review("figures@1", concluded_license="CC0-1.0", reason="later")
    assert Ledger.open(filled.layout.root, at=size).lineage_picture("weights/reader@1") == before
    assert filled.lineage_picture("weights/reader@1") != before


def test_refusals_and_files_on_the_command_line(filled: Ledger, tmp_path) -> None:
    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ledger_cli", "lineage", "weights/reader@1", *args, "--ledger", str(filled.layout.root)]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": "cli"}, check=False)

    out = tmp_path / "lineage.svg"
    assert (run("--format", "svg", "--out", str(out)).returncode, out.read_text("utf-8")) == (0, filled.lineage_picture("weights/reader@1"))
    assert run("--format", "svg", "--all").stdout == filled.lineage_picture("weights/reader@1", all=True)
    for args, code in (
        (("--out", str(out)), "LG1201"),
        (("--format", "svg", "--json"), "LG1201"),
        (("--format", "html", "--mark", "trainer@9"), "LG0901"),
        (("--format", "html", "--mark", "reader-card"), "LG0904"),
        (("--format", "svg", "--out", str(tmp_path / "none" / "x.svg")), "LG1103"),
    ):
        done = run(*args)
        assert done.returncode in (2, 5) and code in done.stderr + done.stdout, (args, done.stderr)
