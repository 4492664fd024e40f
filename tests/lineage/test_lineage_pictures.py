"""Folding, SVG and HTML of lineages: nothing is lost, nothing breaks out, the same lineage gives the same bytes."""

from __future__ import annotations

import importlib.util
import random
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.lineage.folding import folded
from ledger.lineage.html import html
from ledger.lineage.picture import KINDS, Node, Picture, cut, picture, plain, wide
from ledger.lineage.svg import svg

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parent.parent.parent
HOSTILE = (
    "</text><script>alert(1)</script>",
    "\"' onload='x",
    "]]>&amp;<!--",
    "\x00\x07\x1b[31m\n\r\t",
    "‮txt.exe⁦",
    "\ud800￾",
    "x" * 200,
    "漢" * 200,
    "שלום עולם",
    "",
)


def node(number: int, kind: str = "dataset", license: str | None = "MIT", verified: bool = True, **more) -> Node:
    return Node(f"tree:{number:064x}", kind, more.pop("name", f"n{number}"), "1", verified, license=license, license_by="declared", **more)


def drawn_of(nodes, links, **more) -> Picture:
    """A picture from numbers; the first node is the start."""
    ids = {int(one.id.partition(":")[2], 16): one.id for one in nodes}
    said = [(ids[a], ids[b], relation, index) for index, (a, b, relation) in enumerate(links)]
    return picture(nodes[0].id, more.pop("direction", "up"), nodes, said, **more)


@st.composite
def lineages(draw, most: int = 40):
    count = draw(st.integers(1, most))
    kinds = st.sampled_from(KINDS)
    licenses = st.sampled_from(("MIT", "CC0-1.0", None))
    nodes = [node(number, draw(kinds), draw(licenses), draw(st.booleans())) for number in range(count)]
    relation = st.sampled_from(("trained-on", "subset-of"))
    links = [(draw(st.integers(0, number - 1)), number, draw(relation)) for number in range(1, count)]
    place = st.integers(0, count - 1)
    return nodes, links + draw(st.lists(st.tuples(place, place, relation), max_size=15))


class Tables(HTMLParser):
    """The rows of the tables of a page, by the id of the heading before them, and all tags and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self._at, self._cell = "", False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        found = dict(attrs)
        self.addresses += [found[name] or "" for name in ("href", "src", "xlink:href") if name in found]
        assert not [name for name in found if name.startswith("on")]
        if tag == "h2":
            self._at = found["id"]
        if tag == "tr":
            self.rows.setdefault(self._at, []).append([])
        if tag in ("td", "th"):
            self._cell = True
            self.rows[self._at][-1].append("")

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data):
        if self._cell:
            self.rows[self._at][-1][-1] += data


@given(lineages(), st.randoms())
def test_the_order_of_things_and_links_changes_no_byte(lineage, dice):
    nodes, links = lineage
    said = [(nodes[a].id, nodes[b].id, relation, index) for index, (a, b, relation) in enumerate(links)]
    first = folded(picture(nodes[0].id, "up", nodes, said), 10)
    things, ways = list(nodes), list(said)
    dice.shuffle(things)
    dice.shuffle(ways)
    second = folded(picture(nodes[0].id, "up", things, ways), 10)
    assert svg(first.picture) == svg(second.picture)


@given(lineages(), st.integers(8, 20))
def test_folds_have_every_thing_once_and_every_link(lineage, most):
    nodes, links = lineage
    whole = drawn_of(nodes, links)
    found = folded(whole, most)
    small = found.picture
    assert len(small.nodes) <= most
    members = [
        list(one.members) or [number for number, place in enumerate(found.place) if place == at] for at, one in enumerate(small.nodes)
    ]
    assert sorted(number for group in members for number in group) == list(range(len(nodes)))
    for at, group in enumerate(members):
        assert {found.place[number] for number in group} == {at}
        one = small.nodes[at]
        if len(group) > 1:
            inside = [whole.nodes[number] for number in group]
            assert one.name.startswith(f"{len(group)} ")
            assert one.unverified == sum(not each.verified for each in inside)
            assert one.unlicensed == sum(each.license is None for each in inside)
            assert one.verified == all(each.verified for each in inside)
            assert one.license is not None or all(each.license is None for each in inside)
            assert len({each.license for each in inside}) == 1 or "licence" in (one.license or "")
    shown = {(link.output, link.input, link.relation) for link in small.links}
    inner = 0
    for link in whole.links:
        ends = found.place[link.output], found.place[link.input]
        assert (*ends, link.relation) in shown or ends[0] == ends[1]
        inner += (*ends, link.relation) not in shown
    assert sum(link.count for link in small.links) + inner == len(whole.links)
    if unknown := sum(one.license is None for one in nodes):
        assert f"no licence is known: {unknown}." in svg(small)
    assert inner == 0 or f"{inner} link" in small.notes[-1]
    assert small.nodes[small.start].id == nodes[0].id and not small.nodes[small.start].members


@given(lineages(), st.integers(8, 20))
def test_a_fold_makes_no_cycle(lineage, most):
    nodes, links = lineage
    whole = drawn_of(nodes, [(a, b, relation) for a, b, relation in links if a < b])
    small = folded(whole, most).picture
    left = {number: {link.input for link in small.links if link.output == number} for number in range(len(small.nodes))}
    while free := [number for number, inputs in left.items() if not inputs & left.keys()]:
        for number in free:
            del left[number]
    assert left == {}


def test_siblings_fold_first_and_only_as_far_as_needed():
    nodes = [node(0, "release"), node(1, "weights"), *(node(number) for number in range(2, 212)), node(212, "code")]
    links = [(0, 1, "weights"), *((1, number, "trained-on") for number in range(2, 212)), (1, 212, "built-by")]
    found = folded(drawn_of(nodes, links)).picture
    assert sorted(one.name for one in found.nodes) == ["210 datasets", "n0", "n1", "n212"]
    assert next(one for one in found.nodes if one.members).license == "MIT"
    assert "210 things are folded into 1 node: --all" in found.notes[-1]
    assert folded(drawn_of(nodes[:201], links[:200]), 201).picture.notes == ()


def test_licences_that_differ_are_counted_and_unknown_ones_said():
    nodes = [node(0, "weights"), *(node(number, license=("MIT", "CC0-1.0", None)[number % 3]) for number in range(1, 301))]
    found = folded(drawn_of(nodes, [(0, number, "trained-on") for number in range(1, 301)]), 8).picture
    assert {one.license for one in found.nodes if one.members} <= {"MIT", "CC0-1.0", None, "2 licences, 100 unknown"}


@pytest.mark.parametrize("shape", ["chain", "kinds", "ring", "marked"])
def test_whatever_it_is_at_most_200_are_drawn(shape):
    count = 3_000
    dice = random.Random(3)
    nodes = [node(0, "release"), *(node(number, dice.choice(KINDS[1:])) for number in range(1, count))]
    links = [(number, number + 1, "derived-from") for number in range(count - 1)]
    if shape == "kinds":
        links = [
            (dice.randrange(max(0, number - 9), number), number, dice.choice("abcdefgh")) for number in range(1, count) for _ in range(3)
        ]
    cycles = []
    if shape == "ring":
        links.append((count - 1, 0, "derived-from"))
        cycles = [[one.id for one in nodes]]
    marked = [(nodes[a].id, nodes[b].id) for a, b, _ in links] if shape == "marked" else []
    found = folded(drawn_of(nodes, links, cycles=cycles, marked=marked)).picture
    assert 150 < len(found.nodes) <= 200
    assert sum(len(one.members) or 1 for one in found.nodes) == count


@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)), st.sampled_from(KINDS))
def test_no_label_breaks_out(name, kind):
    nodes = [node(0, "release", name=name, note=name), node(1, kind, name or None, name=name)]
    whole = drawn_of(nodes, [(0, 1, name or "x"), (1, 1, name or "x")], cycles=[[nodes[1].id]], notes=[name])
    text = svg(whole)
    root = ElementTree.fromstring(text.encode("utf-8"))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "title", "desc", "style", "rect", "text", "g", "path"}
    assert not [key for one in root.iter() for key in one.attrib if key.startswith("on") or "href" in key]
    assert all(char.isprintable() or char == "\n" for char in text)
    assert all(len(one.text or "") <= 120 for one in root.iter(f"{SVG}text"))
    page = Tables(html(whole, folded(whole)))
    assert "script" not in page.tags and all(address.startswith("#") for address in page.addresses)
    assert [len(page.rows[name]) for name in ("things", "links")] == [3, 3]


@given(lineages())
def test_the_page_has_every_thing_and_every_link(lineage):
    nodes, links = lineage
    whole = drawn_of(nodes, links)
    rows = Tables(html(whole, folded(whole, 8))).rows
    head, *things = rows["things"]
    assert {row[head.index("Id")] for row in things} == {one.id for one in nodes} and len(things) == len(nodes)
    by_id = {row[-1]: row for row in things}
    for one in nodes:
        assert by_id[one.id][head.index("Licence")] == (one.license or "licence not known")
        assert by_id[one.id][head.index("Bytes")].startswith("recorded" if one.verified else "unverified")
    said = {(row[0].split("@")[0], row[1], row[2].split("@")[0]) for row in rows["links"][1:]}
    assert said == {(nodes[a].name, relation, nodes[b].name) for a, b, relation in links}


@given(lineages())
def test_signs(lineage):
    """Dashed is what is unverified, and every licence is a chip."""
    nodes, links = lineage
    root = ElementTree.fromstring(svg(drawn_of(nodes, links)).encode("utf-8"))
    groups = [one for one in root.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None]
    assert len(groups) == len(nodes)
    by_id = {re.search(r"tree:\w+", one.findtext(f"{SVG}title")).group(): one for one in groups}
    for one in nodes:
        group = by_id[one.id]
        assert ("u" in group.find(f"{SVG}path").get("class").split()) == (not one.verified)
        assert ("unverified" in "".join(group.itertext())) == (not one.verified)
        chip = group.find(f"{SVG}rect")
        assert ("u" in chip.get("class").split()) == (one.license is None)
        assert (one.license or "licence not known") in [text.text for text in group.iter(f"{SVG}text")]
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "What n0@1 was made from"


def test_marked_links_are_bold_and_cycles_are_said():
    nodes = [node(0, "release"), node(1), node(2), node(3)]
    links = [(0, 1, "datasets"), (1, 2, "subset-of"), (0, 3, "datasets"), (2, 1, "derived-from")]
    whole = drawn_of(nodes, links, marked=[(nodes[0].id, nodes[1].id)], cycles=[[nodes[1].id, nodes[2].id]])
    root = ElementTree.fromstring(svg(whole).encode("utf-8"))
    classes = [one.get("class").split() for one in root.iter(f"{SVG}path")]
    # The link's line and stub, and one in the legend.
    assert sum("m" in each for each in classes) == 3
    assert sum("y" in each for each in classes) == 2
    assert {"the marked path", "closes a cycle"} <= {one.text for one in root.iter(f"{SVG}text")}
    page = Tables(html(whole, folded(whole)))
    assert [row[-1] for row in page.rows["links"][1:]].count("yes") == 1
    assert "n1@1" in page.rows["cycles"][1][0] and "n2@1" in page.rows["cycles"][1][0]


def test_a_single_thing_and_one_downwards():
    alone = ElementTree.fromstring(svg(drawn_of([node(0)], [])).encode("utf-8"))
    assert "1 thing and 0 links" in alone.findtext(f"{SVG}desc")
    down = drawn_of([node(0), node(1, "weights")], [(1, 0, "trained-on")], direction="down")
    assert "What was made from n0@1" in svg(down)


def test_texts_are_cut_to_their_room():
    assert cut("short", 10) == "short"
    assert cut("a-very-long-name@2026.1", 12, keep_end=True) == "a-very-…26.1"
    assert cut("漢字漢字漢字", 6) == "漢字…"


@given(st.text(), st.integers(4, 40), st.booleans())
def test_what_is_cut_fits_and_keeps_its_ends(text, room, keep_end):
    short = cut(text, room, keep_end=keep_end)
    assert wide(short) <= room
    marks = [at for at, char in enumerate(short) if char == "…"]
    whole = plain(text)
    assert short == whole or any(whole.startswith(short[:at]) and whole.endswith(short[at + 1 :]) for at in marks)


def _tool():
    spec = importlib.util.spec_from_file_location("lineage_pictures", ROOT / "tools/lineage_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_five_thousand_things_take_seconds():
    whole = _tool().grown(5_000, 1)
    before = time.process_time()
    small = svg(folded(whole).picture)
    assert time.process_time() - before < 5
    assert len(small) < 250_000
    everything = svg(whole)
    page = html(whole, folded(whole))
    assert time.process_time() - before < 20
    assert len(everything) < 6_000_000 and len(page) < 5_000_000
    ElementTree.fromstring(everything.encode("utf-8"))


def test_the_pictures_of_the_docs_are_made_by_the_tool():
    tool = _tool()
    assert [len(one.nodes) for one in (tool.twelve(), tool.grown(200, 7), tool.grown(5_000, 11))] == [12, 200, 5_000]
    for name, whole in (("lineage-12", tool.twelve()), ("lineage-200", tool.grown(200, 7)), ("lineage-5000", tool.grown(5_000, 11))):
        kept = (ROOT / "docs/images" / f"{name}.svg").read_text("utf-8")
        assert kept == svg(folded(whole).picture), "run tools/lineage_pictures.py, and look at them"
        assert len(kept.encode()) < 200_000
