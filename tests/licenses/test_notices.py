"""The licence folder of a release: every text once, everybody named, and what is not there said."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ledger.exporters.notices import Part, folder

MIT, BY = "sha256:" + "11" * 32, "sha256:" + "22" * 32
TEXTS = {MIT: b"the one text\n", BY: b"the other text\r\n\xff"}
PARTS = (
    Part("tree:" + "aa" * 32, "weights", "reader", "1", True, "MIT", (), (("LICENSE", MIT),), (("W1", "ship the agreement"),)),
    Part("tree:" + "bb" * 32, "dataset", "figures", "2", False, "CC-BY-4.0", ("https://example.org/f",), (("docs/LICENSE.md", BY),)),
    Part("tree:" + "cc" * 32, "code", "trainer", None, True, "MIT", (), (("LICENSE", MIT),)),
)


def test_each_text_is_there_once_byte_for_byte() -> None:
    files = folder("reader@1", PARTS, TEXTS).files
    texts = {path: data for path, data in files.items() if path.startswith("licenses/")}
    assert sorted(texts.values()) == sorted(TEXTS.values())
    assert set(files) - set(texts) == {"ATTRIBUTION.md", "OBLIGATIONS.md"}
    named = files["ATTRIBUTION.md"].decode()
    assert all(f"({path})" in named for path in texts)


def test_what_is_shipped_stands_before_what_was_used() -> None:
    text = folder("reader@1", PARTS, TEXTS).files["ATTRIBUTION.md"].decode()
    assert [text.index(word) for word in ("In this release", "**reader@1**", "**trainer**", "Used to make it", "**figures@2**")] == sorted(
        text.index(word) for word in ("In this release", "**reader@1**", "**trainer**", "Used to make it", "**figures@2**")
    )
    assert "source: https://example.org/f" in text
    assert "bb" * 32 in text


def test_obligations_name_their_rule_and_that_this_is_no_advice() -> None:
    text = folder("reader@1", PARTS, TEXTS).files["OBLIGATIONS.md"].decode()
    assert "- ship the agreement (W1)" in text
    assert text.count("not legal advice") == 1
    assert "Nothing that the rules know of." in folder("x", PARTS[1:], TEXTS).files["OBLIGATIONS.md"].decode()


def test_what_is_missing_is_said() -> None:
    alone = Part("file:" + "dd" * 32, "weights", "bare", "1", True, "NOASSERTION", (), (("LICENSE", "sha256:" + "33" * 32),))
    found = folder("bare@1", (alone, Part("ref:" + "ee" * 32, "dataset", "web", None, False, "MIT")), TEXTS)
    assert found.missing == (
        "bare@1: `LICENSE` (sha256:33333333…) is not among the objects",
        "bare@1: nobody says which licence it has",
    )
    assert folder("x", (Part("file:" + "dd" * 32, "weights", "bare", "1", True, "MIT"),), {}).missing == (
        "bare@1: no licence text was recorded",
    )


@given(st.permutations(PARTS))
def test_the_order_makes_no_difference(parts: list[Part]) -> None:
    assert folder("reader@1", parts, TEXTS) == folder("reader@1", PARTS, TEXTS)


@given(st.text(max_size=80), st.text(max_size=80))
def test_hostile_names_stay_text(name: str, path: str) -> None:
    part = Part("tree:" + "aa" * 32, "weights", name, None, True, "MIT", (), ((path, MIT),), (("H1", name),))
    files = folder(name, (part,), TEXTS).files
    assert all(re.fullmatch(r"(licenses/)?[A-Za-z0-9][A-Za-z0-9._-]*", place) for place in files)
    for place in ("ATTRIBUTION.md", "OBLIGATIONS.md"):
        text = files[place].decode()
        assert all(char == "\n" or char.isprintable() for char in text)
        headings = [line for line in text.splitlines() if line.startswith("#")]
        assert len(headings) == 2
