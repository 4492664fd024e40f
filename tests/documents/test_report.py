"""The openness report: one page that says what is evidence and what is a claim, and in which strangers' texts stay texts."""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from documents import making
from documents.making import dataset, release

from ledger.exporters.report import ProfileText, Report
from ledger.exporters.report_html import report_html
from ledger.exporters.report_markdown import report_markdown
from ledger.exporters.report_style import STYLE
from ledger.spec.evidence import DatasetFact, Evidence

ELEMENTS = (
    "html head meta title style body a header h1 h2 h3 p nav ul li main section dl div dt dd table caption thead tbody tr th td span "
    "code figure figcaption svg g rect text desc"
)
KNOWN = set(ELEMENTS.split(" "))
VOID = {"meta", "rect", "br"}
LADDER = (("weights", "Open Weights"), ("source", "Open Source"), ("data", "Open Data"))


def verdict(profile: str, result: str, believed: str, **more: Any) -> dict[str, Any]:
    rule = {
        "rule": "r1",
        "result": result,
        "reason": "MET",
        "detail": more.pop("detail", "all is well"),
        "evidence": [{"artifact": "tree:0", "index": 3, "pointer": "/predicate/licenses"}],
        "would_change": "",
    }
    return {"profile": profile, "digest": "sha256:" + 64 * "0", "result": result, "believed": believed, "rules": [rule], **more}


def report(
    *verdicts: dict[str, Any], datasets: tuple[DatasetFact, ...] = (), name: str = "reader", profiles: Any = None, **about: Any
) -> Report:
    facts = release(*datasets, upstream=((name, Evidence("ref:0", 4, None, "/predicate/from/0")),), **about)
    licenses = [
        {
            "role": "weights",
            "name": name,
            "artifact": "tree:0",
            "expression": name,
            "normalized": "NOASSERTION",
            "basis": "declared",
            "osi_approved": None,
        }
    ]
    lineage = {"edges": 2, "unverified": [{"id": "ref:1", "name": name, "version": "3"}], "cached": [], "complete": False}
    texts = profiles or {
        item["profile"]: ProfileText(f"The definition {item['profile']}", "", {"r1": "Weights are open."}, LADDER) for item in verdicts
    }
    return Report(facts, verdicts, texts, licenses, lineage, "example.org/tests", 12, "2026-11-20T12:00:00Z")


class Page(HTMLParser):
    """What a browser's parser sees: the elements with their attributes, and whether they close in order."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(data.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


EXAMPLES = {
    "nothing": report(),
    "one": report(verdict("p", "unknown", "pass"), datasets=(dataset(1, where=("https://example.org",)),)),
    "classes": report(verdict("p", "fail", "fail", **{"class": {"id": "weights", "label": "Open Weights", "believed": "data"}})),
    "mot": report(verdict("p", "unknown", "pass", **{"class": {"id": "data", "label": "Open Data", "by_evidence": "0"}})),
    **{
        f"hostile {n}": report(
            verdict("p", "pass", "pass", detail=text), datasets=(dataset(1, text, where=(text,)),), name=text, description=text
        )
        for n, text in enumerate(making.HOSTILE)
    },
}


@pytest.mark.parametrize("case", EXAMPLES)
def test_one_file_without_scripts_or_anything_from_elsewhere(case: str) -> None:
    data = report_html(EXAMPLES[case])
    page = Page(data)
    assert page.open == []
    assert {name for name, _ in page.elements} <= KNOWN
    attributes = {name for _, attrs in page.elements for name in attrs}
    assert not any(name.startswith("on") for name in attrs_of(page)) and not attributes & {
        "src",
        "srcset",
        "action",
        "data",
        "formaction",
        "ping",
        "style",
    }
    # Links lead nowhere but within the page, and each of them somewhere.
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    for attrs in page.all("a"):
        assert attrs["href"] is not None and attrs["href"].startswith("#") and attrs["href"][1:] in ids
    style = re.search("<style>(.*?)</style>", data.decode("utf-8"), re.DOTALL)
    assert style is not None and not re.search(r"url\(|@import|expression", style[1])
    policy = next(attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none'")


def attrs_of(page: Page) -> list[str]:
    return [name for _, attrs in page.elements for name in attrs]


@pytest.mark.parametrize("case", EXAMPLES)
def test_it_can_be_read_by_everybody(case: str) -> None:
    page = Page(report_html(EXAMPLES[case]))
    assert page.all("html") == [{"lang": "en"}] and len(page.all("h1")) == 1
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch("h[1-6]", name)]
    assert all(later - before <= 1 for before, later in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attrs.get("scope") in ("col", "row") for attrs in page.all("th"))
    assert all(attrs.get("data-label") and attrs.get("role") == "cell" for attrs in page.all("td"))
    ids = {attrs.get("id") for _, attrs in page.elements}
    for attrs in page.all("svg"):
        assert attrs["role"] == "img" and set((attrs["aria-labelledby"] or "").split()) <= ids
    assert {"prefers-color-scheme:dark", "@media print"} <= set(re.findall("prefers-color-scheme:dark|@media print", "".join(page.texts)))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    digits = colour.removeprefix("#")
    whole = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    red, green, blue = (
        (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
        for value in (int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_can_be_told_apart_in_light_and_dark_and_on_paper() -> None:
    pairs = [
        ("ink", "paper"),
        ("ink", "panel"),
        ("soft", "paper"),
        ("soft", "panel"),
        ("link", "paper"),
        ("good", "good-back"),
        ("bad", "bad-back"),
    ]
    pairs += [("open", "open-back"), ("ink", "good-back"), ("ink", "open-back")]
    palettes = re.findall(r":root\{(.*?)\}", STYLE, re.DOTALL)
    assert len(palettes) == 3
    for palette in palettes:
        colours = dict(re.findall(r"--([a-z-]+):(#[0-9a-f]+)", palette))
        for front, back in pairs:
            high, low = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (front, back)


@pytest.mark.parametrize("number", range(len(making.HOSTILE)))
def test_names_from_strangers_stay_text(number: int) -> None:
    case = EXAMPLES[f"hostile {number}"]
    harmless = report(verdict("p", "pass", "pass"), datasets=(dataset(1, "x", where=("x",)),), name="x", description="x")
    shown, plain = Page(report_html(case)), Page(report_html(harmless))
    # But for code between backticks, a hostile text changes no element of the page.
    assert [name for name, _ in shown.elements if name != "code"] == [name for name, _ in plain.elements if name != "code"]
    text = making.HOSTILE[number]
    if text.replace("\n", "").isprintable():
        kept = text.replace("`", "")
        assert kept in "".join(shown.texts) or kept in "".join(shown.texts).replace("`", "")
    data = report_html(case).decode("utf-8") + report_markdown(case).decode("utf-8")
    assert "\x1b" not in data and "\u202e" not in data and "\u200b" not in data
    marked = report_markdown(case).decode("utf-8")
    assert len(re.findall("^#", marked, re.MULTILINE)) == len(re.findall("^#", report_markdown(harmless).decode("utf-8"), re.MULTILINE))
    assert "<" not in marked.replace("\\<", "") and "](" not in marked.replace("\\](", "")


def test_the_difference_is_said_first() -> None:
    said = report(verdict("a", "pass", "pass"), verdict("b", "unknown", "pass"), verdict("c", "fail", "fail"))
    text = report_markdown(said).decode("utf-8")
    first = "By evidence, 1 of 3 definitions of openness hold; if every claim is believed, 2. The difference, in 1 of them, rests on claims"
    assert first in text and text.index(first) < text.index("The definition a |")
    rows = dict(re.findall(r"^\| The definition (\w) \| (.*) \|$", text, re.MULTILINE))
    assert rows == {
        "a": "holds | holds | none",
        "b": "could not be told | holds | it rests on claims that nobody can check",
        "c": "does not hold | does not hold | none",
    }
    assert "No answer rests on claims" in report_markdown(report(verdict("a", "pass", "pass"))).decode()
    assert "No profile was asked." in report_markdown(report()).decode()


def test_classes_by_evidence_and_if_believed() -> None:
    for case, low, high in (("classes", "Open Weights", "Open Data"), ("mot", "below the lowest", "Open Data")):
        page = Page(report_html(EXAMPLES[case]))
        assert f"By evidence: {low}. If every claim is believed: {high}." in page.texts
        kinds = [attrs["class"] for attrs in page.all("g")]
        # The best is drawn first.
        assert kinds == (["claimed", "claimed", "full"] if case == "classes" else ["claimed", "claimed", "claimed"])
    text = report_markdown(EXAMPLES["mot"]).decode("utf-8")
    assert "no class by evidence, Open Data if believed" in text


def test_results_in_the_framework_s_own_words() -> None:
    texts = {"p": ProfileText("The definition p", labels={"pass": "complete", "unknown": "not answered in full"})}
    said = verdict("p", "unknown", "pass", **{"class": {"id": "unknown", "label": "not answered in full", "believed": "pass"}})
    case = report(said, profiles=texts)
    assert "not answered in full by evidence, complete if believed" in report_markdown(case).decode("utf-8")
    assert Page(report_html(case)).all("svg") == []


def test_rules_have_reasons_and_evidence() -> None:
    text = report_markdown(EXAMPLES["one"]).decode("utf-8")
    assert "| Weights are open. | could not be told | all is well (MET) |  | entry 3 /predicate/licenses |" in text
    page = report_html(EXAMPLES["one"]).decode("utf-8")
    assert '<a href="#entry-3">entry 3 /predicate/licenses</a>' in page and '<h3 id="entry-3">Entry 3</h3>' in page
    assert "<dt>/predicate/licenses</dt><dd><code>tree:0</code></dd>" in page


def test_without_a_dataset_nothing_is_said_about_the_training_data() -> None:
    assert "No dataset is recorded for this release. That says nothing about what it was trained on." in report_markdown(report()).decode()
    assert report_markdown(report()).decode().count("not recorded") >= 4


def test_two_thousand_datasets_in_any_order() -> None:
    items = tuple(dataset(n, f"d{n % 7}", origin="public") for n in range(1, 2001))
    rules = (verdict("a", "pass", "pass"), verdict("b", "fail", "pass"))
    data = report_html(report(*rules, datasets=items))
    assert len(Page(data).all("tr")) > 2000 and len(data) < 2000 * 2500
    mixed = tuple(random.Random(3).sample(items, len(items)))
    assert report_html(report(*rules[::-1], datasets=mixed)) == data
    assert report_markdown(report(*rules[::-1], datasets=mixed)) == report_markdown(report(*rules, datasets=items))


def test_it_judges_nothing() -> None:
    for case in EXAMPLES.values():
        for data in (report_html(case), report_markdown(case)):
            assert not re.search(rb"compliant|compliance|conforms|\bapproved\b(?<!OSI-approved)", data, re.IGNORECASE)
