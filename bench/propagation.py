"""Propagation: findings for one artifact at the end of 100,000 with 1,000 distinct licence expressions, in three shapes.

python bench/propagation.py [--artifacts N] [--expressions N] [--rounds N] [--out FILE]

The shapes: a chain; everything put into one; and layers in which each artifact has two inputs among the 2,000 before it. Four fifths
are datasets, the rest weights. Expressions are drawn from all licences that the table of facts knows, half of them alone, the
others in twos and threes with AND and OR. One process a shape; the time is that of `propagate` with all its checks (it uses one
processor, so CPU time is what an idle machine takes), the memory that of the process.
"""

import argparse
import random
import sys
import time
from pathlib import Path

from _measure import Subject, gate, measure, report_gates, table, write_results

SHAPES = ("chain", "flat", "layers")


def lineage(artifacts: int, expressions: int, shape: str):
    """Nodes and edges, the same for the same arguments."""
    from ledger.licenses.facts import all_facts
    from ledger.licenses.propagate import Edge, Node

    rng = random.Random(7)
    ids = [facts.id for facts in all_facts() if " " not in facts.id]
    drawn = dict.fromkeys(ids)
    while len(drawn) < expressions:
        parts = sorted(rng.sample(ids, rng.choice((2, 2, 3))))
        drawn.setdefault(rng.choice((" AND ", " AND ", " OR ")).join(parts))
    texts = list(drawn)[:expressions]
    data = artifacts * 4 // 5
    nodes = [
        Node(f"{n:07d}", "dataset" if n < data else "weights", f"artifact {n}", declared=texts[n % len(texts)], has_text=bool(n % 3))
        for n in range(artifacts)
    ]
    edges = []
    for n in range(1, artifacts):
        if shape == "flat":
            target, sources = nodes[-1], {n - 1}
        else:
            target = nodes[n]
            sources = {n - 1} if shape == "chain" else {n - 1, rng.randrange(max(0, n - 2000), n)}
        for source in sources:
            both = nodes[source].kind, target.kind
            if both == ("dataset", "dataset"):
                relation = rng.choice(("derived-from", "combined-from", "subset-of"))
            elif both[0] == "dataset":
                relation = "trained-on"
            else:
                relation = "fine-tuned-from" if rng.random() < 0.9 else rng.choice(("merged-from", "distilled-from", "quantized-from"))
            edges.append(Edge(nodes[source].id, target.id, relation))
    return nodes, edges


def once(artifacts: int, expressions: int, shape: str) -> None:
    """One propagation; prints its seconds and what it found."""
    from ledger.licenses.propagate import propagate

    nodes, edges = lineage(artifacts, expressions, shape)
    begin, cpu = time.perf_counter(), time.process_time()
    found = propagate(nodes, edges, target=nodes[-1].id)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(f"{cpu:.3f} seconds of CPU, {wall:.3f} by the clock, {len(edges)} edges, {len(found.findings)} findings, worst {found.worst}")


def main() -> int:
    """Measure, print, write; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=int, default=100_000)
    parser.add_argument("--expressions", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--shape", choices=SHAPES, help="measure nothing, propagate once")
    said = parser.parse_args()
    if said.shape:
        once(said.artifacts, said.expressions, said.shape)
        return 0
    options = ["--artifacts", str(said.artifacts), "--expressions", str(said.expressions)]
    figures = measure([Subject(shape, [sys.executable, __file__, *options, "--shape", shape]) for shape in SHAPES], said.rounds)
    print(table("propagation, whole processes with the making of the lineage", figures))
    gates = []
    for figure in figures:
        print(f"{figure.name}: {figure.output}")
        gates.append(gate(f"{figure.name}: CPU seconds of the last round's propagation", float(figure.output.split()[0]), 5.0))
        gates.append(gate(f"{figure.name}: peak memory in GB", figure.peak_bytes / 1e9, 1.0))
    if said.out:
        write_results(said.out, "propagation", {"propagation": figures}, gates)
    return 0 if report_gates(gates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
