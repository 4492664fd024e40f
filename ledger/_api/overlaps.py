"""The lineages of all releases that something is in, gathered once from the tables for what is asked about each of them.

Everything is read as columns and grouped before it becomes objects: of 100,000 artifacts rules see some dozens of classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ledger._api.claims import Claim, Claims
from ledger._api.licensing import FLAGS, flagged, flags_of, identified, kind_as_input, node_of
from ledger.licenses.findings import CONTAINS, EDGE_RELATIONS, NODE_KINDS, Edge, Node
from ledger.licenses.textid import Identification
from ledger.licenses.together import Lineages, ranges_between
from ledger.licenses.ways import step_of
from ledger.spec.vocabulary import RELATIONS
from ledger.store.columns import Payloads, array, equal, integers, rows_at, table
from ledger.store.reader import Reader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

LICENSE_TEXT = "license-text"
_MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges sorted by output, input, relation and log index, as columns; and where those of each output begin."""

    output: Ints
    input: Ints
    relation: Ints
    idx: Ints
    texts: tuple[str, ...]
    first: Ints

    def of(self, node: int) -> list[tuple[int, str, int]]:
        """Input, relation and log index of the edges of one output."""
        low, high = int(self.first[node]), int(self.first[node + 1])
        columns = (self.input[low:high].tolist(), self.relation[low:high].tolist(), self.idx[low:high].tolist())
        return [(given, self.texts[relation], idx) for given, relation, idx in zip(*columns, strict=True)]


def edges_of(reader: Reader, size: int, count: int) -> Edges:
    """All edges below a size; a release is made from its components.

    Args:
        count: how many artifacts there are.
    """
    import numpy as np

    names = (("edges", "output_no", "input_no", "relation"), ("components", "release_no", "artifact_no", "role"))
    found = [table(reader, name, size, ("idx", *columns)) for name, *columns in names]
    said = [rows[columns[-1]].unique().to_pylist() for rows, (_, *columns) in zip(found, names, strict=True)]
    texts = tuple(sorted({text for some in said for text in some}))
    number = {text: code for code, text in enumerate(texts)}
    parts: list[list[Any]] = [[], [], [], []]
    for rows, (_, made, used, role) in zip(found, names, strict=True):
        parts[0].append(integers(rows, made))
        parts[1].append(integers(rows, used))
        encoded = rows[role].combine_chunks().dictionary_encode()
        codes = np.array([number[text] for text in encoded.dictionary.to_pylist()], np.int64)
        parts[2].append(codes[array(encoded.indices)] if len(codes) else np.empty(0, np.int64))
        parts[3].append(integers(rows, "idx"))
    columns = [np.concatenate(some) for some in parts]
    # Rows of a table are in the order of the log, and no output is in both tables.
    order = np.argsort((columns[0] * count + columns[1]) * max(len(texts), 1) + columns[2], kind="stable")
    output, given, relation, idx = (column[order] for column in columns)
    first = np.searchsorted(output, np.arange(count + 1))
    return Edges(output, given, relation, idx, texts, first)


def reached(first: Ints, following: Ints, starts: Iterable[int], count: int) -> NDArray[np.bool_]:
    """Which nodes can be reached, the starts among them.

    Args:
        first: where the edges of each node begin in `following`.
    """
    import numpy as np

    found = np.zeros(count, bool)
    frontier = np.array(sorted(starts), np.int64)
    found[frontier] = True
    while len(frontier):
        ends = following[ranges_between(first[frontier], first[frontier + 1])]
        frontier = np.unique(ends[~found[ends]])
        found[frontier] = True
    return found


class Overlap:
    """The releases that an artifact is in, or that something in them was made from, with all that they were made of.

    Attributes:
        edges: of the whole ledger.
        releases: artifact numbers, oldest first.
        numbers: place → artifact number, in the order of ids.
        alone: releases that have to be judged by themselves: what a reference in them is depends on who asks.
        with_text: releases that bring a licence text apart.
    """

    def __init__(self, reader: Reader, size: int, start: int, count: int) -> None:
        self.reader, self.size, self.start, self.count = reader, size, start, count
        # By far the largest table; reading it leaves the interpreter to others.
        with ThreadPoolExecutor(1) as pool:
            self._payloads: Future[Payloads] = pool.submit(Payloads, reader, size)
            self._gather()

    def _gather(self) -> None:
        import numpy as np

        reader, size, count, start = self.reader, self.size, self.count, self.start
        self.edges = edges = edges_of(reader, size, count)
        by_input = np.argsort(edges.input, kind="stable")
        self._first_down = np.searchsorted(edges.input[by_input], np.arange(count + 1))
        self._down = edges.output[by_input]
        below = self.below((start,))
        artifacts = table(reader, "artifacts", size, ("idx", "artifact_no", "id", "form", "kind", "name"))
        numbers = integers(artifacts, "artifact_no")
        released = numbers[equal(artifacts, "kind", "release")]
        # Artifacts are numbered in the order in which they appear.
        self.releases: list[int] = sorted(released[below[released]].tolist())
        self.inside = reached(edges.first, edges.input, self.releases, count)
        self._sort(rows_at(artifacts, np.flatnonzero(self.inside[numbers])))
        self._kinds()
        has_text = edges.output[(edges.relation == self._code(LICENSE_TEXT)) & self.inside[edges.output]]
        text_below = self.below(np.unique(has_text).tolist())
        self.with_text = frozenset(number for number in self.releases if text_below[number])

    def below(self, starts: Iterable[int]) -> NDArray[np.bool_]:
        """Which artifacts were made from some, these among them."""
        return reached(self._first_down, self._down, starts, self.count)

    def _code(self, relation: str) -> int:
        return self.edges.texts.index(relation) if relation in self.edges.texts else -1

    def _sort(self, artifacts: Any) -> None:
        """Put the artifacts into the order of their ids."""
        import numpy as np

        forms = artifacts["form"].to_pylist()
        digests = np.frombuffer(b"".join(artifacts["id"].to_pylist()), ">u8").reshape(-1, 4)
        ranks = {form: rank for rank, form in enumerate(sorted(set(forms)))}
        form = np.array([ranks[one] for one in forms], np.int64)
        order = np.argsort(digests[:, 0], kind="stable")
        order = order[np.argsort(form[order], kind="stable")]
        if (np.diff(digests[order, 0].astype(np.uint64)) == 0).any():
            order = np.lexsort((*(digests[:, column] for column in (3, 2, 1, 0)), form))
        rows = rows_at(artifacts, order).combine_chunks()
        self.numbers = integers(rows, "artifact_no")
        self.place = np.full(self.count, -1, np.int64)
        self.place[self.numbers] = np.arange(len(self.numbers))
        self._names, self._forms, self._ids = rows["name"], rows["form"].to_pylist(), rows["id"]
        self._form = form[order]
        self._known_ids: dict[int, str] = {}
        self._places: dict[str, int] = {}
        self._said_kinds = rows["kind"].to_pylist()

    def name(self, place: int) -> str:
        """The name of an artifact."""
        found: str = self._names[place].as_py()
        return found

    def id(self, place: int) -> str:
        """The id of an artifact."""
        found = self._known_ids.get(place)
        if found is None:
            found = self._known_ids[place] = f"{self._forms[place]}:{self._ids[place].as_py().hex()}"
            self._places[found] = place
        return found

    def place_of(self, id: str) -> int:
        """The place of an id that was asked for before."""
        return self._places[id]

    def _kinds(self) -> None:
        """What each artifact is; a reference is what it was first used as, in the lineage that is asked about."""
        import numpy as np

        edges = self.edges
        kinds = {kind: number for number, kind in enumerate(NODE_KINDS)}
        used = np.array([kinds[kind_as_input(text)] for text in edges.texts] or [0], np.int64)
        lowest = np.full(self.count, len(kinds), np.int64)
        highest = np.full(self.count, -1, np.int64)
        mine = self.inside[edges.output]
        given, as_what = edges.input[mine], used[edges.relation[mine]]
        np.minimum.at(lowest, given, as_what)
        np.maximum.at(highest, given, as_what)
        guess = np.where(highest < 0, kinds["dataset"], lowest)[self.numbers].tolist()
        self.kinds = [kinds[said] if said is not None else guess[place] for place, said in enumerate(self._said_kinds)]
        reference = np.array([said is None for said in self._said_kinds], bool)
        unclear = self.numbers[reference & (lowest < highest)[self.numbers]]
        below = self.below(unclear.tolist())
        self.alone = frozenset(number for number in self.releases if below[number])

    # --- what rules see ---------------------------------------------------------------------------

    @cached_property
    def payloads(self) -> Payloads:
        """What statements say."""
        return self._payloads.result()

    @cached_property
    def _steps(self) -> tuple[Ints, Ints, Ints]:
        """The steps between places, as `Lineages` has them: where those into each place begin, their sources and manners."""
        import numpy as np

        edges, kinds, relations = self.edges, np.array(self.kinds, np.int64), len(EDGE_RELATIONS)
        mine = self.inside[edges.output]
        contains = EDGE_RELATIONS.index(CONTAINS)
        codes = np.array([EDGE_RELATIONS.index(text) if text in RELATIONS else contains for text in edges.texts] or [0], np.int64)
        target, source, relation = self.place[edges.output[mine]], self.place[edges.input[mine]], codes[edges.relation[mine]]
        how = (kinds[source] * len(NODE_KINDS) + kinds[target]) * relations + relation
        silent = np.array([not step_of(number).symbol for number in range(len(NODE_KINDS) ** 2 * relations)], bool)
        kept = ~silent[how] & (source != target)
        many = len(self.numbers)
        keys = np.unique((target[kept] * many + source[kept]) * relations + relation[kept])
        ends, relation = np.divmod(keys, relations)
        target, source = np.divmod(ends, many)
        how = (kinds[source] * len(NODE_KINDS) + kinds[target]) * relations + relation
        return np.searchsorted(target, np.arange(many + 1)), source, how

    @cached_property
    def _flags(self) -> Mapping[int, Mapping[str, bool]]:
        """Place → what manifests say that licences may depend on."""
        said = self.payloads.saying(FLAGS)
        rows = table(self.reader, "names", self.size, ("idx", "artifact_no"), ("idx", said)) if said else None
        found: dict[int, list[Mapping[str, Any]]] = {}
        for row in rows.to_pylist() if rows is not None else ():
            if self.inside[row["artifact_no"]]:
                found.setdefault(int(self.place[row["artifact_no"]]), []).append(said[row["idx"]])
        return {place: flags for place, some in found.items() if (flags := flags_of(some))}

    @cached_property
    def _claims(self) -> tuple[Ints, list[Claims]]:
        """For each place the number of its claims, and the claims by number; of equal claims one stands for all."""
        import numpy as np

        columns = ("idx", "position", "artifact_no", "basis", "expression", "normalized", "source", "object")
        rows = table(self.reader, "licenses", self.size, columns)
        numbers = integers(rows, "artifact_no")
        rows = rows_at(rows, np.flatnonzero(self.inside[numbers]))
        numbers, idx = integers(rows, "artifact_no"), integers(rows, "idx")
        order = np.lexsort((integers(rows, "position"), idx, numbers))
        codes, range_ = np.zeros(len(order), np.int64), 1
        for column in columns[3:]:
            encoded = rows[column].combine_chunks().dictionary_encode(null_encoding="encode")
            many = max(len(encoded.dictionary), 1)
            if range_ * many > _MOST:
                codes = np.unique(codes, return_inverse=True)[1].reshape(-1)
                range_ = len(codes)
            codes, range_ = codes * many + array(encoded.indices), range_ * many
        where, codes, idx = self.place[numbers[order]], codes[order], idx[order]
        of = np.zeros(len(self.numbers), np.int64)
        listed = [Claims()]
        first = np.flatnonzero(np.diff(where, prepend=-1))
        counts = np.diff(first, append=len(where))
        single = first[counts == 1]
        # Most artifacts have one claim.
        _, found, inverse = np.unique(codes[single], return_index=True, return_inverse=True)
        of[where[single]] = 1 + inverse.reshape(-1)
        listed += [Claims((_claim(rows, row),)) for row in order[single[found]].tolist()]
        known: dict[tuple[tuple[int, int], ...], int] = {}
        for low, count in zip(first[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
            some = slice(low, low + count)
            # Which claims are of one statement matters, and not which statement it is.
            ranks = {at: rank for rank, at in enumerate(dict.fromkeys(idx[some].tolist()))}
            key = tuple((code, ranks[at]) for code, at in zip(codes[some].tolist(), idx[some].tolist(), strict=True))
            number = known.get(key)
            if number is None:
                number = known[key] = len(listed)
                listed.append(Claims(tuple(_claim(rows, row) for row in order[some].tolist())))
            of[where[low]] = number
        return of, listed

    @cached_property
    def _texts(self) -> dict[str, Identification | None]:
        objects = {item.object for claims in self._claims[1] for item in claims.texts if item.object}
        return {object: identified(self.reader, object) for object in sorted(objects)}

    def _node(self, place: int, claims: Claims, *, with_text: bool) -> Node:
        whole = self._forms[place] == "tree" and not with_text
        return flagged(node_of(NODE_KINDS[self.kinds[place]], claims, self._texts, whole=whole), self._flags.get(place, {}))

    def lineages(self, *, with_text: bool) -> Lineages:
        """All of it, as rules see it in a release that brings a licence text apart, or in one that does not."""
        import numpy as np

        of, listed = self._claims
        # What manifests say beside claims is rare: each such artifact is a class of its own.
        apart = np.zeros(len(of), np.int64)
        apart[list(self._flags)] = 1 + np.arange(len(self._flags))
        keys = np.array(self.kinds, np.int64) + len(NODE_KINDS) * (self._form + (1 + int(self._form.max(initial=0))) * of)
        _, first, inverse = np.unique(keys * (1 + len(self._flags)) + apart, return_index=True, return_inverse=True)
        nodes = [self._node(place, listed[int(of[place])], with_text=with_text) for place in first.tolist()]
        return Lineages(nodes, inverse.reshape(-1).tolist(), *self._steps, self.name)

    def concluded(self, expression: Mapping[str, str], *, with_text: bool) -> Node:
        """The artifact that was asked about, as rules would see it if a review had concluded another licence."""
        place = int(self.place[self.start])
        claim = Claim(self.size, "concluded", expression["expression"], expression["normalized"], "supposed", None)
        claims = Claims((*self._claims[1][self._claims[0][place]].all, claim))
        return self._node(place, claims, with_text=with_text)

    def whole(self, release: int, lineages: Lineages, other: Node | None) -> tuple[list[Node], list[Edge]]:
        """One release with all that it was made of, as `propagate` takes it.

        Args:
            lineages: of releases like it.
            other: what rules would see at the artifact that was asked about instead.
        """
        import numpy as np

        numbers = np.flatnonzero(reached(self.edges.first, self.edges.input, (release,), self.count)).tolist()
        places = [int(self.place[number]) for number in numbers]
        nodes, edges = [], []
        for number, place in zip(numbers, places, strict=True):
            seen = other if other is not None and number == self.start else lineages.classes[lineages.of[place]]
            nodes.append(replace(seen, id=self.id(place), name=self.name(place)))
            for given, relation, _ in self.edges.of(number):
                how = relation if relation in RELATIONS else CONTAINS
                edges.append(Edge(self.id(int(self.place[given])), self.id(place), how))
        return nodes, edges

    def parts(self, release: int) -> list[int]:
        """The places of what a release is made from directly."""
        return [int(self.place[given]) for given, _, _ in self.edges.of(release)]

    # --- ways -------------------------------------------------------------------------------------

    @cached_property
    def _distance(self) -> Ints:
        """How far each artifact of the releases is from the one that was asked about; -1 when it was not made from it."""
        import numpy as np

        found = np.full(self.count, -1, np.int64)
        found[self.start] = 0
        frontier = np.array([self.start], np.int64)
        far = 0
        while len(frontier):
            far += 1
            ends = self._down[ranges_between(self._first_down[frontier], self._first_down[frontier + 1])]
            frontier = np.unique(ends[(found[ends] < 0) & self.inside[ends]])
            found[frontier] = far
        return found

    def path(self, release: int) -> tuple[list[tuple[int, int, str, int]], bool]:
        """The shortest way from a release to the artifact: output, input, relation, log index; and whether another way branches off it."""
        here, found, branches = release, [], False
        while here != self.start:
            leading = [edge for edge in self.edges.of(here) if self._distance[edge[0]] >= 0]
            branches = branches or len({edge[:2] for edge in leading}) > 1
            given, relation, idx = next(edge for edge in leading if self._distance[edge[0]] == self._distance[here] - 1)
            found.append((here, given, relation, idx))
            here = given
        return found, branches

    @cached_property
    def forward(self) -> bool:
        """Whether everything between was made from what has a lower number, so that there are no circles."""
        mine = (self._distance[self.edges.output] >= 0) & (self._distance[self.edges.input] >= 0)
        return bool((self.edges.input[mine] < self.edges.output[mine]).all())


def _claim(rows: Any, row: int) -> Claim:
    said = {name: rows[name][row].as_py() for name in rows.column_names}
    text = None if said["object"] is None else f"sha256:{said['object'].hex()}"
    return Claim(said["idx"], said["basis"], said["expression"], said["normalized"], said["source"], text)
