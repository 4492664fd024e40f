"""Layout of pictures: what stands where, checked by geometry."""

from __future__ import annotations

import random
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.lineage.layering import back_arcs, columns
from ledger.lineage.layout import Layout, layout, stub_height

RELATIONS = ("trained-on", "subset-of", "built-by")


@st.composite
def graphs(draw):
    """Heights and links of a graph in which everything is within reach of node 0; cycles and loops included."""
    count = draw(st.integers(1, 25))
    tree = [(draw(st.integers(0, node - 1)), node, draw(st.sampled_from(RELATIONS)), draw(st.booleans())) for node in range(1, count)]
    place = st.integers(0, count - 1)
    more = draw(st.lists(st.tuples(place, place, st.sampled_from(RELATIONS), st.booleans()), max_size=25))
    return [max(40, stub_height(3))] * count, tree + more


def crossing(drawn: Layout) -> list[tuple]:
    """Boxes that lie on each other."""
    boxes = sorted(drawn.boxes, key=lambda box: (box.x, box.y))
    # Of many only neighbours are compared; that columns are apart is then asked of their places.
    assert all(one.x == other.x or one.x + one.width < other.x for one, other in pairwise(boxes))
    return [
        (one, other)
        for one, other in (combinations(boxes, 2) if len(boxes) < 100 else pairwise(boxes))
        if one.x < other.x + other.width and other.x < one.x + one.width and one.y < other.y + other.height and other.y < one.y + one.height
    ]


def pieces(drawn: Layout):
    """The straight pieces of all lines; a curve stays within the rectangle of its ends."""
    for line in drawn.lines:
        for (x1, y1), (x2, y2) in pairwise(line.points):
            yield min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
    for stub in drawn.stubs:
        yield stub.x1, stub.y, stub.x2, stub.y


@given(graphs(), st.sampled_from(("up", "down")), st.randoms())
def test_the_order_of_links_changes_nothing(graph, direction, dice):
    heights, links = graph
    shuffled = list(links)
    dice.shuffle(shuffled)
    if direction == "down":
        links, shuffled = ([(b, a, relation, bold) for a, b, relation, bold in each] for each in (links, shuffled))
    assert layout(0, heights, links, direction) == layout(0, heights, shuffled, direction)


@given(graphs(), st.sampled_from(("up", "down")))
def test_nothing_overlaps_and_no_line_crosses_a_box(graph, direction):
    heights, links = graph
    if direction == "down":
        links = [(b, a, relation, bold) for a, b, relation, bold in links]
    drawn = layout(0, heights, links, direction)
    assert sorted(box.node for box in drawn.boxes) == list(range(len(heights)))
    assert crossing(drawn) == []
    for box in drawn.boxes:
        assert box.x >= 0 and box.x + box.width <= drawn.width
        assert box.y >= 0 and box.y + box.height <= drawn.height
    for x1, y1, x2, y2 in pieces(drawn):
        assert x1 >= 0 and x2 <= drawn.width and y1 >= 0 and y2 <= drawn.height
        for box in drawn.boxes:
            assert x2 <= box.x or x1 >= box.x + box.width or y2 <= box.y or y1 >= box.y + box.height


@given(graphs())
def test_links_lead_to_the_right_but_for_those_that_close_cycles(graph):
    heights, links = graph
    drawn = layout(0, heights, links)
    place = {box.node: box.x for box in drawn.boxes}
    for output, input, _, _ in links:
        assert (output, input) in drawn.back or place[input] < place[output]
    assert {(line.near, line.far) for line in drawn.lines if line.turns_back} == set(drawn.back)
    assert max(place.values()) == place[0]


@given(graphs())
def test_every_link_can_be_followed(graph):
    """From the stub of its relation along lines to what was made: the way is there, and bold all along if the link is."""
    heights, links = graph
    drawn = layout(0, heights, links)
    boxes = {box.node: box for box in drawn.boxes}
    for output, input, relation, bold in links:
        stub = next(one for one in drawn.stubs if (one.node, one.relation) == (input, relation))
        assert (stub.x1, boxes[input].y < stub.y < boxes[input].y + boxes[input].height) == (boxes[input].x + boxes[input].width, True)
        ways: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for line in drawn.lines:
            if line.near == output and line.far in (None, input) and (line.bold or not bold):
                ways.setdefault(line.points[0], []).append(line.points[-1])
        reached, waiting = set(), [(stub.x2, stub.y)]
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting += ways.get(at, [])
        assert any(x == boxes[output].x and boxes[output].y < y < boxes[output].y + boxes[output].height for x, y in reached)
        assert stub.bold or not bold


@given(graphs())
def test_without_the_arcs_that_turn_back_there_is_no_cycle(graph):
    heights, links = graph
    arcs = sorted({(output, input) for output, input, _, _ in links})
    back = back_arcs(len(heights), 0, arcs)
    left = {node: {far for near, far in arcs if near == node} - {far for near, far in back if near == node} for node in range(len(heights))}
    # Taking away what leads nowhere, again and again, must take everything.
    while free := [node for node, fars in left.items() if not fars & left.keys()]:
        for node in free:
            del left[node]
    assert left == {}
    if not {(near, far) for near, far in arcs if near >= far}:
        assert back == frozenset()


def test_one_arc_of_a_ring_turns_back():
    ring = [(node, (node + 1) % 50) for node in range(50)]
    assert back_arcs(50, 0, ring) == {(49, 0)}
    # Two rings that share the arc 0 → 1: one arc each at most, whichever way the walk goes first.
    assert len(back_arcs(5, 0, sorted([(0, 1), (1, 2), (2, 0), (1, 3), (3, 4), (4, 0)]))) == 2


def test_a_full_column_goes_on_in_the_next():
    column, back = columns(101, 0, [(0, node) for node in range(1, 101)], most=10)
    assert back == frozenset()
    assert [column.count(number) for number in range(11)] == [1, *[10] * 10]


def test_empty_and_single():
    assert layout(0, [60], []).lines == ()
    single = layout(0, [60], [(0, 0, "derived-from", False)])
    assert single.back == {(0, 0)}
    assert [line.kind for line in single.lines] == ["lane"]


def _large(shape: str, count: int) -> list[tuple[int, int, str, bool]]:
    dice = random.Random(5)
    chain = [(node, node + 1, "derived-from", False) for node in range(count - 1)]
    return {
        "chain": chain,
        "star": [(0, node, "trained-on", False) for node in range(1, count)],
        "all on the last": chain + [(node, count - 1, "built-by", False) for node in range(count - 1)],
        "ring": [*chain, (count - 1, 0, "derived-from", False)],
        "random": [(dice.randrange(node), node, "trained-on", False) for node in range(1, count) for _ in range(2)],
    }[shape]


@pytest.mark.parametrize("shape", ["chain", "star", "all on the last", "ring", "random"])
def test_five_thousand_nodes_take_seconds_and_a_bounded_number_of_lines(shape):
    count = 5_000
    links = _large(shape, count)
    before = time.process_time()
    drawn = layout(0, [60] * count, links)
    assert time.process_time() - before < 10
    assert len(drawn.boxes) == count
    assert len(drawn.lines) <= len(links) + 2 * (6 * count + 64)
    assert crossing(drawn) == []
