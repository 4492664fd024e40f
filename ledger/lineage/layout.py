"""Where everything in a picture of a lineage stands: columns from input to output, in whole numbers; pure.

What something was made from stands to its left. Each input leaves on a stub that has room for the relation's name; from there a line
goes to what was made from it. Lines over several columns share one trunk for each node that they lead to, so that a model of a thousand
datasets is no tangle. Cycles, and the longest lines when there would be too many turns, run below everything else.

Guarantees: the same nodes and arcs give the same picture in whatever order they come; no two boxes overlap; no line crosses a box; a
line that does not run below goes from a column to a later one. Work in the order of E log E, with a fixed number of sweeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ledger.lineage.layering import columns
from ledger.lineage.ordering import ordered, settled

BOX_WIDTH, STUB, CURVE, MARGIN = 196, 104, 56, 24
PITCH = BOX_WIDTH + STUB + CURVE
_BOX_GAP, _TRUNK_HEIGHT, _TRUNK_GAP = 18, 4, 6
_LANE = 9
# How many turns of trunks there may be for each node; beyond that the longest lines run below.
_TURNS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node stands: its left upper corner and size; `column` counts from the start."""

    node: int
    x: int
    y: int
    width: int
    height: int
    column: int


@dataclass(frozen=True, slots=True)
class Stub:
    """A short level line at the farther of two nodes, from `x1` to `x2`, above which the relation is written."""

    node: int
    relation: str
    x1: int
    x2: int
    y: int
    bold: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line, from the input's side to the output's.

    Attributes:
        kind: `curve` goes from the first to the last point within the gap between two columns; `trunk` passes a column, level;
            `lane` runs below everything, straight from point to point.
        near: the node, nearer to the start, that the line belongs to.
        far: the farther node, where the line belongs to one.
        turns_back: it closes a cycle.
    """

    kind: Literal["curve", "trunk", "lane"]
    points: tuple[tuple[int, int], ...]
    near: int
    far: int | None
    bold: bool
    turns_back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that has a place. `arrows` are the tips of arrows, which all point to the right."""

    boxes: tuple[Box, ...]
    stubs: tuple[Stub, ...]
    lines: tuple[Line, ...]
    arrows: tuple[tuple[int, int, bool], ...]
    width: int
    height: int
    back: frozenset[tuple[int, int]]


@dataclass(slots=True)
class _Plan:
    """What is known on the way to a layout; items are nodes, and behind them the turns of trunks."""

    count: int
    column: list[int]
    heights: list[int]
    arcs: dict[tuple[int, int], bool]
    relations: dict[int, dict[str, bool]]
    owner: list[int] = field(default_factory=list)  # of each turn, the node that its trunk leads to
    bold_turn: list[bool] = field(default_factory=list)
    turn: dict[tuple[int, int], int] = field(default_factory=dict)  # (node, column) → item
    below: list[tuple[int, int]] = field(default_factory=list)
    straight: list[tuple[int, int]] = field(default_factory=list)
    middle: list[int] = field(default_factory=list)


def layout(
    start: int,
    heights: Sequence[int],
    links: Iterable[tuple[int, int, str, bool]],
    direction: Literal["up", "down"] = "up",
) -> Layout:
    """Place nodes and links.

    Args:
        heights: of each node's box; there must be `stub_height` for each relation that it has on its nearer side.
        links: (output, input, relation, whether bold).
        direction: `up` puts the start at the right end, `down` at the left.
    """
    arcs: dict[tuple[int, int], bool] = {}
    relations: dict[int, dict[str, bool]] = {}
    said: dict[tuple[int, int], set[str]] = {}
    for output, input, relation, bold in links:
        near, far = (output, input) if direction == "up" else (input, output)
        arcs[(near, far)] = arcs.get((near, far), False) or bold
        mine = relations.setdefault(far, {})
        mine[relation] = mine.get(relation, False) or bold
        said.setdefault((near, far), set()).add(relation)
    column, back = columns(len(heights), start, arcs)
    plan = _Plan(len(heights), column, list(heights), dict(sorted(arcs.items())), relations)
    _trunks(plan, back)
    _settle(plan)
    return _drawn(plan, back, {arc: sorted(found) for arc, found in said.items()}, mirror=direction == "down")


def stub_height(relations: int) -> int:
    """How high a box must be for so many stubs on one side."""
    return 14 * relations + 12


def _trunks(plan: _Plan, back: frozenset[tuple[int, int]]) -> None:
    """Choose which lines share trunks and which run below, and give each trunk a turn in every column that it passes."""
    far_column: dict[int, int] = {}
    for near, far in plan.arcs:
        if (near, far) not in back:
            far_column[near] = max(far_column.get(near, 0), plan.column[far])
    budget = _TURNS * plan.count + 64
    shared: set[int] = set()
    for node in sorted(far_column, key=lambda node: (far_column[node] - plan.column[node], node)):
        length = far_column[node] - plan.column[node] - 1
        if length > budget:
            break
        budget -= length
        shared.add(node)
    for near, far in plan.arcs:
        close = plan.column[far] == plan.column[near] + 1
        (plan.straight if (near, far) not in back and (close or near in shared) else plan.below).append((near, far))
    for near, far in plan.straight:
        for place in range(plan.column[near] + 1, plan.column[far]):
            item = plan.turn.get((near, place))
            if item is None:
                item = plan.turn[(near, place)] = plan.count + len(plan.owner)
                plan.owner.append(near)
                plan.bold_turn.append(False)
            if plan.arcs[(near, far)]:
                plan.bold_turn[item - plan.count] = True


def _onto(plan: _Plan, near: int, column: int) -> int:
    """The item that a line in the gap behind `column` leads to: the trunk of `near`, or `near` itself."""
    return plan.turn.get((near, column), near)


def _settle(plan: _Plan) -> None:
    """Order the items of each column and give each its height."""
    total = plan.count + len(plan.owner)
    place = [*plan.column, *([0] * len(plan.owner))]
    for (_, column), item in plan.turn.items():
        place[item] = column
    pairs: set[tuple[int, int]] = set()
    for near, far in plan.straight:
        pairs.add((_onto(plan, near, plan.column[far] - 1), far))
    for (near, column), item in plan.turn.items():
        pairs.add((_onto(plan, near, column - 1), item))
    high = [*plan.heights, *([_TRUNK_HEIGHT] * len(plan.owner))]
    gap = [*([_BOX_GAP] * plan.count), *([_TRUNK_GAP] * len(plan.owner))]
    groups: list[list[int]] = [[] for _ in range(max(place, default=0) + 1)]
    for item in range(total):
        groups[place[item]].append(item)
    chosen = ordered(groups, sorted(pairs))
    plan.middle = settled(chosen, sorted(pairs), high, gap, plan.count)


def _drawn(plan: _Plan, back: frozenset[tuple[int, int]], said: Mapping[tuple[int, int], list[str]], *, mirror: bool) -> Layout:
    last = max(plan.column, default=0)
    lanes = _lanes(plan)
    side = 72 if lanes else 0
    left = MARGIN + side
    x_of = [left + (last - column) * PITCH for column in range(last + 1)]
    right = STUB + CURVE if plan.relations and any(plan.column[far] == 0 for _, far in plan.arcs) else side
    width = x_of[0] + BOX_WIDTH + right + MARGIN
    top = MARGIN - min((plan.middle[node] - plan.heights[node] // 2 for node in range(plan.count)), default=0)
    top = max(top, MARGIN - min(plan.middle, default=0))
    y_of = [middle + top for middle in plan.middle]
    boxes = [
        Box(node, x_of[plan.column[node]], y_of[node] - plan.heights[node] // 2, BOX_WIDTH, plan.heights[node], plan.column[node])
        for node in range(plan.count)
    ]
    port = {
        (far, relation): boxes[far].y + boxes[far].height * (2 * position + 1) // (2 * len(plan.relations[far]))
        for far in plan.relations
        for position, relation in enumerate(sorted(plan.relations[far]))
    }
    stubs = [
        Stub(far, relation, boxes[far].x + BOX_WIDTH, boxes[far].x + BOX_WIDTH + STUB, y, plan.relations[far][relation])
        for (far, relation), y in sorted(port.items())
    ]
    lines = _lines(plan, x_of, y_of, port, said)
    floor = max([box.y + box.height for box in boxes] + y_of, default=MARGIN) + 16
    lines += _lane_lines(plan, boxes, port, said, lanes, floor, back)
    height = floor + _LANE * len(lanes) + (MARGIN if lanes else 8)
    entered: dict[int, bool] = {}
    for (near, _), bold in plan.arcs.items():
        entered[near] = entered.get(near, False) or bold
    arrows = [(boxes[near].x, y_of[near], bold) for near, bold in sorted(entered.items())]
    if mirror:
        return _mirrored(Layout(tuple(boxes), tuple(stubs), tuple(lines), (), width, height, back))
    return Layout(tuple(boxes), tuple(stubs), tuple(lines), tuple(arrows), width, height, back)


def _lines(
    plan: _Plan, x_of: list[int], y_of: list[int], port: Mapping[tuple[int, str], int], said: Mapping[tuple[int, int], list[str]]
) -> list[Line]:
    lines: list[Line] = []
    for near, far in plan.straight:
        column = plan.column[far]
        target = _onto(plan, near, column - 1)
        from_x, to_x = x_of[column] + BOX_WIDTH + STUB, x_of[column - 1]
        for relation in said[(near, far)]:
            lines.append(Line("curve", ((from_x, port[(far, relation)]), (to_x, y_of[target])), near, far, plan.arcs[(near, far)]))
    for (near, column), item in sorted(plan.turn.items()):
        bold = plan.bold_turn[item - plan.count]
        left = x_of[column]
        target = _onto(plan, near, column - 1)
        lines.append(Line("trunk", ((left, y_of[item]), (left + BOX_WIDTH + STUB, y_of[item])), near, None, bold))
        lines.append(Line("curve", ((left + BOX_WIDTH + STUB, y_of[item]), (x_of[column - 1], y_of[target])), near, None, bold))
    return lines


def _lanes(plan: _Plan) -> dict[int, int]:
    """The lane of each node that lines lead to from below."""
    return {near: position for position, near in enumerate(sorted({near for near, _ in plan.below}))}


def _lane_lines(
    plan: _Plan,
    boxes: Sequence[Box],
    port: Mapping[tuple[int, str], int],
    said: Mapping[tuple[int, int], list[str]],
    lanes: Mapping[int, int],
    floor: int,
    back: frozenset[tuple[int, int]],
) -> list[Line]:
    lines = []
    for near, far in plan.below:
        lane = lanes[near]
        y = floor + _LANE * lane
        down = boxes[far].x + BOX_WIDTH + STUB + 6 + 4 * (lane % 5)
        up = boxes[near].x - 14 - 5 * (lane % 5)
        end = (boxes[near].x, boxes[near].y + boxes[near].height // 2)
        for relation in said[(near, far)]:
            start_y = port[(far, relation)]
            points = ((boxes[far].x + BOX_WIDTH + STUB, start_y), (down, start_y), (down, y), (up, y), (up, end[1]), end)
            lines.append(Line("lane", points, near, far, plan.arcs[(near, far)], (near, far) in back))
    return lines


def _mirrored(drawn: Layout) -> Layout:
    """The same from right to left, so that arrows still point to the right; they then end at the stubs."""
    width = drawn.width
    boxes = tuple(Box(box.node, width - box.x - box.width, box.y, box.width, box.height, box.column) for box in drawn.boxes)
    stubs = tuple(Stub(stub.node, stub.relation, width - stub.x2, width - stub.x1, stub.y, stub.bold) for stub in drawn.stubs)
    lines = tuple(
        Line(line.kind, tuple((width - x, y) for x, y in reversed(line.points)), line.near, line.far, line.bold, line.turns_back)
        for line in drawn.lines
    )
    arrows = tuple(sorted({(stub.x2, stub.y, stub.bold) for stub in stubs}))
    return Layout(boxes, stubs, lines, arrows, width, drawn.height, drawn.back)
