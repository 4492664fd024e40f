"""Lineage queries on graphs of 10^6 edges: the product's index beside rustworkx, SQLite, PostgreSQL and Kuzu, on the same graph in one run.

python bench/lineage.py [--edges N] [--queries N] [--kuzu-queries N] [--out FILE]

Two shapes: layers (sources, data, models, releases) and chains 10,000 deep. Asked for all ancestors of young nodes and all descendants of
old ones, query by query in turn, every engine warm, each answer held against the others'. Times are medians in milliseconds of one process
on one core; building includes what an engine needs to answer in both directions. The peers are installed into bench/.work/graphs.
"""

import argparse
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

from _measure import WORK, gate, machine, report_gates, write_results

PEERS = ("rustworkx==0.18.1", "kuzu==0.11.3", "pgserver==0.1.4", "psycopg[binary]==3.3.9", "numpy", "pandas")


def interpreter() -> Path:
    """An environment with the peers, beside the product's own packages."""
    python = WORK / "graphs" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "graphs")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


class Ours:
    """The memory-mapped file, as a ledger has it."""

    name = "openness-ledger"

    def __init__(self, out, given, nodes, folder):
        import numpy as np

        from ledger.adjacency.arrays import read, write
        from ledger.adjacency.build import build
        from ledger.adjacency.walk import Side

        begin = time.perf_counter()
        arrays = build(out, given, np.zeros(len(out), np.uint8), out, np.arange(nodes, dtype=np.int32))
        write(folder / "adjacency", arrays)
        self.build_seconds = time.perf_counter() - begin
        del arrays
        arrays = read(folder / "adjacency")
        self.bytes = arrays.bytes
        self.sides = {"up": Side(arrays, down=False), "down": Side(arrays, down=True)}

    def ask(self, node, direction):
        from ledger.adjacency.walk import Walk

        side = self.sides[direction]
        walk = Walk(side)
        walk.go([side.position(node)])
        return walk.nodes()

    def ids(self, answer):
        return set(answer.tolist())


class Rustworkx:
    """In memory."""

    name = "rustworkx"

    def __init__(self, out, given, nodes, folder):
        import rustworkx

        begin = time.perf_counter()
        self.graph = rustworkx.PyDiGraph()
        self.graph.add_nodes_from(range(nodes))
        self.graph.extend_from_edge_list(list(zip(given.tolist(), out.tolist(), strict=True)))
        self.build_seconds = time.perf_counter() - begin
        self.walk = {"up": rustworkx.ancestors, "down": rustworkx.descendants}

    def ask(self, node, direction):
        return self.walk[direction](self.graph, node)

    def ids(self, answer):
        return set(answer)


RECURSIVE = "WITH RECURSIVE r(n) AS (SELECT {x} UNION SELECT {far} FROM edges JOIN r ON {near} = r.n) SELECT n FROM r"


class Sqlite:
    """A table clustered both ways, and a recursive query with UNION."""

    name = "SQLite"

    def __init__(self, out, given, nodes, folder):
        begin = time.perf_counter()
        self.db = sqlite3.connect(folder / "sqlite.db")
        self.db.execute("PRAGMA mmap_size = 1073741824")
        self.db.execute("CREATE TABLE up (output INTEGER, input INTEGER, PRIMARY KEY (output, input)) WITHOUT ROWID")
        self.db.execute("CREATE TABLE down (input INTEGER, output INTEGER, PRIMARY KEY (input, output)) WITHOUT ROWID")
        rows = list(zip(out.tolist(), given.tolist(), strict=True))
        self.db.executemany("INSERT INTO up VALUES (?,?)", rows)
        self.db.executemany("INSERT INTO down VALUES (?,?)", sorted((b, a) for a, b in rows))
        self.db.commit()
        self.db.execute("ANALYZE")
        self.build_seconds = time.perf_counter() - begin

    def ask(self, node, direction):
        near, far = ("output", "input") if direction == "up" else ("input", "output")
        sql = RECURSIVE.format(x="?", far=far, near=near).replace("edges", direction)
        return self.db.execute(sql, (node,)).fetchall()

    def ids(self, answer):
        return {row[0] for row in answer}


class Postgres:
    """The server of the `pgserver` wheel over a Unix socket, covering indexes both ways, and the same recursive query."""

    name = "PostgreSQL"

    def __init__(self, out, given, nodes, folder):
        import pgserver
        import psycopg

        # It refuses to run as root and then takes a user of its own, who must reach the folder.
        self.server = pgserver.get_server(str(folder / "pg"), cleanup_mode="stop")
        self.db = psycopg.connect(self.server.get_uri(), autocommit=True)
        begin = time.perf_counter()
        self.db.execute("CREATE TABLE edges (output integer NOT NULL, input integer NOT NULL)")
        with self.db.cursor().copy("COPY edges FROM STDIN") as copy:
            for row in zip(out.tolist(), given.tolist(), strict=True):
                copy.write_row(row)
        self.db.execute("CREATE INDEX up ON edges (output) INCLUDE (input)")
        self.db.execute("CREATE INDEX down ON edges (input) INCLUDE (output)")
        self.db.execute("VACUUM ANALYZE edges")
        self.db.execute("SET jit = off")
        self.db.execute("SET max_parallel_workers_per_gather = 0")
        self.build_seconds = time.perf_counter() - begin

    def ask(self, node, direction):
        near, far = ("output", "input") if direction == "up" else ("input", "output")
        return self.db.execute(RECURSIVE.format(x="%s::integer", far=far, near=near), (node,)).fetchall()

    def ids(self, answer):
        return {row[0] for row in answer}

    def close(self):
        self.db.close()
        self.server.cleanup()


class Kuzu:
    """Its own recursive match, as deep as the graph; without a depth it stops at 30 and says nothing."""

    name = "Kuzu"

    def __init__(self, out, given, nodes, folder):
        import kuzu
        import numpy as np

        begin = time.perf_counter()
        np.savetxt(folder / "nodes.csv", np.arange(nodes), fmt="%d")
        np.savetxt(folder / "edges.csv", np.column_stack([out, given]), fmt="%d", delimiter=",")
        self.database = kuzu.Database(str(folder / "kuzu"), max_num_threads=1)
        self.db = kuzu.Connection(self.database, num_threads=1)
        self.db.execute("CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))")
        self.db.execute("CREATE REL TABLE E(FROM N TO N)")
        self.db.execute(f"COPY N FROM '{folder}/nodes.csv'")
        self.db.execute(f"COPY E FROM '{folder}/edges.csv'")
        self.depth = 30
        self.build_seconds = time.perf_counter() - begin

    def deepen(self, depth):
        self.depth = depth
        self.db.execute(f"CALL var_length_extend_max_depth={depth}")

    def ask(self, node, direction):
        arrow = "-[:E* SHORTEST 1..{d}]->" if direction == "up" else "<-[:E* SHORTEST 1..{d}]-"
        found = self.db.execute(f"MATCH (a:N){arrow.format(d=self.depth)}(b:N) WHERE a.id = $x RETURN b.id", {"x": node})
        return [(node,), *found.get_all()]

    def ids(self, answer):
        return {row[0] for row in answer}


def ask_all(engines, starts, direction, limits):
    """Milliseconds by engine; every answer is that of the first engine."""
    taken = {engine.name: [] for engine in engines}
    sizes = []
    for number, node in enumerate(starts):
        expected = None
        for engine in engines:
            if number >= limits.get(engine.name, len(starts)):
                continue
            begin = time.perf_counter()
            answer = engine.ask(node, direction)
            taken[engine.name].append((time.perf_counter() - begin) * 1e3)
            found = engine.ids(answer) | {node}
            if expected is None:
                expected = found
                sizes.append(len(found))
            elif found != expected:
                raise SystemExit(f"{engine.name} gives {len(found)} nodes {direction} of {node}, not {len(expected)}")
    return taken, sizes


def measured(shape, edges, queries, kuzu_queries, peers, narrow):
    """One shape: figures by engine and direction."""
    import _graphs
    import numpy as np

    if narrow:
        _graphs.WINDOW = narrow
    out, given, nodes = getattr(_graphs, shape)(edges)
    folder = WORK / "lineage" / f"{shape}-{edges}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    engines, failed = [], {}
    for kind in (Ours, Rustworkx, Sqlite, Postgres, Kuzu):
        if kind is not Ours and kind.__name__ not in peers:
            continue
        try:
            engines.append(kind(out, given, nodes, folder))
        except Exception as error:  # whatever keeps a peer from running is told, and the others go on
            failed[kind.name] = f"{type(error).__name__}: {str(error)[:200]}"
            if kind is Ours:
                raise
    deep = shape == "chains"
    for engine in engines:
        if isinstance(engine, Kuzu):
            engine.deepen(12_000 if deep else 30)
    rng = random.Random(11)
    young = [rng.randrange(int(nodes * 0.9), nodes) for _ in range(queries)]
    old = [rng.randrange(nodes // 10) for _ in range(queries)]
    limits = {"Kuzu": kuzu_queries if deep else queries}
    found = {"shape": shape, "nodes": nodes, "edges": len(out), "not_run": failed, "engines": {}}
    print(f"{shape}: {len(out)} edges, {nodes} nodes", flush=True)
    for direction, starts in (("up", young), ("down", old)):
        ask_all(engines, starts[: max(2, queries // 10)], direction, {**limits, "Kuzu": 1})
        taken, sizes = ask_all(engines, starts, direction, limits)
        print(f"  {'ancestors' if direction == 'up' else 'descendants'}: median {statistics.median(sizes):.0f} nodes, most {max(sizes)}")
        for engine in engines:
            times = sorted(taken[engine.name])
            row = found["engines"].setdefault(engine.name, {"build_seconds": round(engine.build_seconds, 2)})
            row[direction] = {
                "median_ms": round(statistics.median(times), 3),
                "p95_ms": round(times[int(len(times) * 0.95)], 3),
                "queries": len(times),
            }
            middle, late = row[direction]["median_ms"], row[direction]["p95_ms"]
            print(f"    {engine.name:<18}{middle:>10.3f} ms, p95 {late:>10.3f}, built in {engine.build_seconds:.1f} s")
        found[f"sizes_{direction}"] = {"median": statistics.median(sizes), "max": max(sizes)}
    ours = engines[0]
    found["bytes_per_edge"] = round(ours.bytes / len(out), 2)
    print(f"    {found['bytes_per_edge']} bytes an edge; not run: {failed or 'nothing'}")
    for engine in engines:
        if isinstance(engine, Postgres):
            engine.close()
    del np
    return found


def main() -> int:
    """Run both shapes; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edges", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--kuzu-queries", type=int, default=3, help="on deep chains, where one takes seconds")
    parser.add_argument("--peers", default="Rustworkx,Sqlite,Postgres,Kuzu")
    parser.add_argument("--narrow", type=int, default=0, help="layers whose inputs are within so many places: smaller answers")
    parser.add_argument("--out", type=Path, default=WORK / "results" / "lineage.json")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.inside:
        os.execv(str(interpreter()), [str(interpreter()), __file__, *sys.argv[1:], "--inside"])
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    shapes = [
        measured(shape, given.edges, given.queries, given.kuzu_queries, set(given.peers.split(",")), given.narrow)
        for shape in ("layered", "chains")
    ]
    limit = 5.0 if given.edges <= 2_000_000 else 20.0
    gates = []
    for found in shapes:
        for direction, word in (("up", "ancestors"), ("down", "descendants")):
            mine = found["engines"]["openness-ledger"][direction]["median_ms"]
            others = [row[direction]["median_ms"] for name, row in found["engines"].items() if name != "openness-ledger"]
            gates.append(gate(f"{found['shape']}: {word}, median ms", mine, limit))
            if others:
                gates.append(gate(f"{found['shape']}: {word}, of the best peer's time", round(mine / min(others), 2), 1.0))
        gates.append(gate(f"{found['shape']}: bytes an edge", found["bytes_per_edge"], 20.0))
        gates.append(gate(f"{found['shape']}: built in seconds", found["engines"]["openness-ledger"]["build_seconds"], 60.0))
    print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB; {machine()['cpu']}")
    write_results(given.out, "lineage", {}, gates)
    return 0 if report_gates(gates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
