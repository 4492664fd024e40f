"""Where is this digest? A ledger with millions of file rows: appends, compaction, and `ledger find`, beside DuckDB and SQLite.

    python bench/files.py [--rows 1000000] [--keep] [--out FILE]
    python bench/files.py --tree 1000000 [--out FILE]

The rows are made up: digests at random, 3 % of them of a thousand files that many trees have; paths as data sets have them; sizes drawn
from the quantiles below, which are those of 54,044 files of Python packages as installed on a machine in November 2026 (sources, compiled
code, data, metadata); trees of log-normal size. They are appended through the product's own commit, tree ids are real, and the Merkle roots
in the manifests are not, because a hundred million of them take minutes: `ledger verify --deep` would say so.

"Cold" is after dropping the page cache (root is needed; otherwise it says that it could not): once of a whole process, and once of the
lookup alone in a process that has asked another, small ledger before, and so has imported what it needs. Work files stay in
`bench/.work/files-<rows>` with `--keep`: 12 GB for 10^8 rows, of which half are segments that compaction has replaced.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from _measure import WORK, Figures, Subject, environment, gate, machine, measure, report_gates, table, write_results

ROOT = Path(__file__).parent.parent
ENV = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")])}
LEDGER = [sys.executable, "-m", "ledger_cli"]
SIZES = (0, 4, 142, 245, 327, 513, 698, 923, 1177, 1503, 1961, 2584, 3343, 4394, 5824, 7825, 10758, 15509, 23852, 42843, 25409073)
SEED = 20261127
BATCH = 500_000


def tree_sizes(rows: int) -> list[int]:
    """Log-normal, median 30,000, at most a million, as many as come to the rows."""
    import numpy as np

    made, left, random = [], rows, np.random.default_rng(SEED)
    while left:
        size = min(int(np.clip(random.lognormal(np.log(30_000), 1.0), 10, 1_000_000)), left)
        made.append(size)
        left -= size
    return made


class Maker:
    """Makes the rows of one tree after another."""

    def __init__(self) -> None:
        import numpy as np

        self._np, self._random = np, np.random.default_rng(SEED + 1)
        self._common = np.frombuffer(b"".join(hashlib.sha256(b"common %d" % n).digest() for n in range(1000)), np.uint8).reshape(-1, 32)
        self._hex = np.array([list(b"%02x" % n) for n in range(256)], np.uint8)

    def tree(self, count: int):
        """Paths (ascending), digests as bytes, sizes, and the tree's id."""
        import pyarrow as pa
        import pyarrow.compute as pc

        np = self._np
        digests = np.frombuffer(self._random.bytes(32 * count), np.uint8).reshape(count, 32).copy()
        shared = np.flatnonzero(self._random.random(count) < 0.03)
        digests[shared] = self._common[np.minimum(self._random.zipf(1.3, len(shared)) - 1, 999)]
        sizes = np.interp(self._random.random(count) * (len(SIZES) - 1), range(len(SIZES)), SIZES).astype("<i8")
        numbers = pa.array(np.arange(count))
        padded = [pc.utf8_lpad(values.cast(pa.string()), width, "0") for values, width in ((pc.divide(numbers, 1000), 5), (numbers, 8))]
        paths = pc.binary_join_element_wise("data/part-", padded[0], "/sample-", padded[1], ".json", "")
        digits = pa.FixedSizeBinaryArray.from_buffers(pa.binary(64), count, [None, pa.py_buffer(self._hex[digests].reshape(-1))])
        lines = pc.binary_join_element_wise(digits.cast(pa.binary()), b"  ", paths.cast(pa.binary()), b"\n", b"")
        text = lines.buffers()[2]
        return paths, digests.tobytes(), sizes, hashlib.sha256(memoryview(text)[: pc.sum(pc.binary_length(lines)).as_py()]).hexdigest()


def rows_table(number: int, idx: int, paths, digests: bytes, sizes):
    """As `ledger.store.segments.file_table`, from Arrow paths."""
    import pyarrow as pa

    from ledger.store.segments import arrow_schema

    count = len(paths)
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), count, [None, pa.py_buffer(digests)]).cast(pa.binary())
    columns = [pa.repeat(pa.scalar(idx, pa.int64()), count), pa.repeat(pa.scalar(number, pa.int64()), count), paths, fixed, pa.array(sizes)]
    return pa.Table.from_arrays(columns, schema=arrow_schema("files"))


def build(root: Path, rows: int) -> dict:
    """Append the rows, in batches of about half a million; returns how long the appends took."""
    from ledger.api import Ledger
    from ledger.ids import artifact_id
    from ledger.spec.manifest import Manifest
    from ledger.store.commit import Store

    shutil.rmtree(root, ignore_errors=True)
    os.environ["XDG_STATE_HOME"] = str(root.parent / "state-home")
    ledger = Ledger.init(root, "example.org/bench", insecure_no_passphrase=True)
    store, key, log_key, maker = Store(root), ledger._signing_key(), ledger._log_key(), Maker()
    took: list[float] = []
    some: list[str] = []
    batch: list = []
    count = made = 0

    def flush() -> None:
        start = time.perf_counter()

        def add(draft) -> None:
            for name, (paths, digests, sizes, id) in batch:
                said = Manifest("dataset", name, "1", artifact_id(f"tree:{id}"), len(paths), int(sizes.sum()), id)
                draft.add(
                    said.to_statement(),
                    [key],
                    files=lambda number, idx, rows=(paths, digests, sizes): rows_table(number, idx, *rows),
                )

        store.append(add, log_key)
        took.append(time.perf_counter() - start)
        batch.clear()

    for size in tree_sizes(rows):
        tree = maker.tree(size)
        some += [tree[1][32 * at : 32 * at + 32].hex() for at in (size // 2,)]
        batch.append((f"set-{made}", tree))
        made, count = made + 1, count + size
        if count >= BATCH:
            flush()
            count = 0
            if made % 200 < 12:
                print(f"  {made} trees", file=sys.stderr, flush=True)
    if batch:
        flush()
    return {"trees": made, "appends": len(took), "median": sorted(took)[len(took) // 2], "longest": max(took), "digests": some}


INSIDE = """
import json, os, resource, sys, time
import numpy, pyarrow.parquet, pyarrow.compute, sqlite3
import ledger.store.finding, ledger._api.finding
from ledger.api import Ledger
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024
def drop():
    try:
        os.sync(); open("/proc/sys/vm/drop_caches", "w").write("3"); return True
    except OSError:
        return False
root, small, job, *digests = sys.argv[1:]
Ledger.open(small).find(64 * "0")
before = peak()
if job == "compact":
    start = time.perf_counter(); done = Ledger.open(root).compact(); took = [time.perf_counter() - start]
    found = sum(len(item.segments) for item in done.merges); cold = False
elif job == "index":
    from ledger.store.finding import prepare
    from ledger.store.reader import Reader
    reader = Reader(__import__("pathlib").Path(root))
    start = time.perf_counter(); found = prepare(reader, all=True); took = [time.perf_counter() - start]; cold = False
else:
    took, found, cold, used = [], 0, True, []
    for digest in digests:
        cold = (job == "warm") or (drop() and cold)
        start, spent = time.perf_counter(), time.process_time()
        found += len(Ledger.open(root).find(digest)["found"])
        took.append(time.perf_counter() - start)
        used.append(time.process_time() - spent)
used = used if job in ("cold", "warm") else []
print(json.dumps({"used": used, "took": took, "found": found, "cold": cold, "peak": peak(), "before": before}))
"""


def small_ledger(root: Path) -> Path:
    """A ledger with one file, for a process to find its imports with."""
    if not root.exists():
        from ledger.api import Ledger

        os.environ["XDG_STATE_HOME"] = str(root.parent / "state-home")
        (root.parent / "one").mkdir(exist_ok=True)
        (root.parent / "one/file").write_text("one")
        Ledger.init(root, "example.org/small", insecure_no_passphrase=True).record("dataset", root.parent / "one", name="one", version="1")
    return root


def inside(root: Path, job: str, *digests: str) -> dict:
    """One job in a process of its own; seconds, answers, peak memory and that before the job."""
    command = [sys.executable, "-c", INSIDE, str(root), str(small_ledger(root.parent / "small")), job, *digests]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment(ENV | {"XDG_STATE_HOME": str(root.parent / "state-home")})
    )
    return json.loads(done.stdout)


def dropped() -> bool:
    """Drop the page cache; whether that is allowed here."""
    try:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        return False
    return True


DUCKDB = """
import sys, time, duckdb
glob, sql = sys.argv[1], sys.argv[2]
print(len(duckdb.connect().execute(f"select artifact_no, path from read_parquet({glob}) where {sql}").fetchall()))
"""
SQLITE = """
import sqlite3, sys
print(len(sqlite3.connect(sys.argv[1]).execute("select a, p from f where d = ?", (bytes.fromhex(sys.argv[2]),)).fetchall()))
"""


def sqlite_file(folder: str) -> None:
    """The same rows with the digest as the key."""
    root = Path(folder)
    import sqlite3

    from ledger.store.reader import Reader

    path = root.parent / "files.sqlite"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.execute("create table f (d blob, a integer, p text, primary key (d, a, p)) without rowid")
    found = Reader(root).reloading(lambda size: Reader(root).segments.read("files", size, ("sha256", "artifact_no", "path")))
    for part in found.sort_by("sha256").to_batches(max_chunksize=100_000):
        db.executemany("insert into f values (?, ?, ?)", zip(*(column.to_pylist() for column in part.columns), strict=True))
    db.commit()
    db.close()


def processes(root: Path, digest: str, rows: int) -> list[Figures]:
    """Whole processes, first with the page cache dropped before each, then warm."""
    # As a reader has them: from 0 the one that reaches furthest, and so on.
    names = [[int(part) for part in path.name.split(".")[0].split("-")] + [str(path)] for path in (root / "tables/files").iterdir()]
    chain, at = [], 0
    while reach := max((name for name in names if name[0] == at), key=lambda name: name[1], default=None):
        chain.append(reach[2])
        at = reach[1]
    env = ENV | {"XDG_STATE_HOME": str(root.parent / "state-home")}
    ours = [*LEDGER, "find", digest, "--ledger", str(root)]
    sql = f"sha256 = from_hex('{digest}')"
    subjects = []
    for label, prepare in (("cold", dropped), ("warm", None)):
        subjects += [
            Subject(f"ledger find, {label}", ours, prepare=prepare, env=env),
            Subject(f"ledger log --limit 1, {label}", [*LEDGER, "log", "--limit", "1", "--ledger", str(root)], prepare=prepare, env=env),
            Subject(f"DuckDB over the segments, {label}", [sys.executable, "-c", DUCKDB, repr(chain), sql], prepare=prepare),
        ]
        if rows <= 10_000_000:
            path = root.parent / "files.sqlite"
            subjects.append(
                Subject(f"SQLite, digest as the key, {label}", [sys.executable, "-c", SQLITE, str(path), digest], prepare=prepare)
            )
    return measure(subjects, 5)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def make(work: str, rows: str) -> None:
    """Build the ledger, and note what that took."""
    start = time.perf_counter()
    said = build(Path(work) / "ledger", int(rows))
    said |= {"seconds": time.perf_counter() - start, "compact": None}
    (Path(work) / "made.json").write_text(json.dumps(said))


def elsewhere(function: str, *args: object) -> None:
    """Call a function of this file in a process of its own, so that its memory is not this one's, which the measured ones start from."""
    code = f"import sys; sys.path[:0] = sys.argv[1:4]; import files; files.{function}(*sys.argv[4:])"
    paths = [str(Path(__file__).parent), str(ROOT), str(ROOT / "cli")]
    subprocess.run([sys.executable, "-c", code, *paths, *map(str, args)], check=True)


def mb(one: dict) -> str:
    """Peak memory of a job, and what it was before."""
    return f"peak {one['peak'] >> 20} MB, {one['before'] >> 20} of it before"


def show(root: Path, rows: int, said: dict, index: dict, asked: dict) -> None:
    """The figures that are not of whole processes."""
    files = list((root / "tables/files").iterdir())
    print(f"{rows} rows in {said['trees']} trees; machine {machine()}")
    print(f"  {said['appends']} appends of half a million rows: median {said['median']:.2f} s, longest {said['longest']:.2f} s", end="; ")
    print(f"all {said['seconds']:.0f} s with making the rows")
    print(f"  compaction: {said['compact']['took'][0]:.1f} s, {said['compact']['found']} segments, {mb(said['compact'])}")
    print(f"  index: {index['took'][0]:.1f} s for {index['found']} segments, {size_of(root / 'state/digests') >> 20} MB, {mb(index)}")
    print(f"  tables/files {sum(path.stat().st_size for path in files) >> 20} MB in {len(files)} files, replaced ones included")
    for name, one in asked.items():
        took, used = sorted(one["took"]), sorted(one["used"])
        figures = f"median {1000 * took[len(took) // 2]:.1f} ms, longest {1000 * took[-1]:.1f} ms, CPU {1000 * used[len(used) // 2]:.1f} ms"
        print(f"  lookup, {name}: {figures}, {one['found']} found, {mb(one)}{'' if one['cold'] else '; NOT cold'}")


def lookups(rows: int, keep: bool, out: Path | None) -> bool:
    work = WORK / f"files-{rows}"
    root, made = work / "ledger", work / "made.json"
    if not made.exists():
        work.mkdir(parents=True, exist_ok=True)
        elsewhere("make", work, rows)
    said = json.loads(made.read_text())
    os.environ["XDG_STATE_HOME"] = str(work / "state-home")
    shutil.rmtree(work / "small", ignore_errors=True)
    if not said["compact"]:
        said["compact"] = inside(root, "compact")
        made.write_text(json.dumps(said))
    shutil.rmtree(root / "state/digests", ignore_errors=True)
    index = inside(root, "index")
    often = {hashlib.sha256(b"common %d" % n).hexdigest() for n in range(1000)}
    once = [digest for digest in said["digests"] if digest not in often]
    digests, nowhere = once[:: max(1, len(once) // 9)][:9], hashlib.sha256(b"nowhere").hexdigest()
    common = hashlib.sha256(b"common 700").hexdigest()
    questions = {"recorded": digests, "recorded nowhere": [nowhere] * 5, "in many trees": [common] * 3}
    asked = {f"{what}, {how}": inside(root, how, *texts) for how in ("cold", "warm") for what, texts in questions.items()}
    show(root, rows, said, index, asked)
    if rows <= 10_000_000 and not (work / "files.sqlite").exists():
        elsewhere("sqlite_file", root)
    figures = processes(root, digests[1], rows)
    print(table("whole processes", figures))
    cold = sorted(asked["recorded, cold"]["took"])
    memory = asked["recorded, cold"]["peak"] - asked["recorded, cold"]["before"]
    whole = round(asked["recorded, cold"]["peak"] / rows * 1000)
    gates = [
        gate(
            "a lookup with nothing in the page cache, median, ms",
            round(1000 * cold[len(cold) // 2], 1) if asked["recorded, cold"]["cold"] else None,
            100,
        ),
        gate("the longest of them, ms", round(1000 * cold[-1], 1) if asked["recorded, cold"]["cold"] else None, 100),
        gate("memory of asking, beyond that of a small ledger, bytes per thousand rows", round(memory / rows * 1000), 2000),
        # Of fewer rows it is the interpreter's and its libraries'.
        gate("memory of the whole process, bytes per thousand rows", whole if rows >= 100_000_000 else None, 2000),
    ]
    if out:
        write_results(out, "files", {"whole processes": figures}, gates)
    if not keep:
        shutil.rmtree(work)
    return report_gates(gates)


def tree(count: int, keep: bool, out: Path | None) -> bool:
    """A tree of so many files of 4 KiB: recording it against hashing it."""
    from hashing import LIBRARY, build_tree, xargs

    folder = build_tree(f"tree-{count}", lambda: {f"part-{n // 500:05d}/sample-{n:08d}.json": 4096 for n in range(count)})
    # The ledger is always on the disk of the checkout, wherever the files are: its fsyncs are part of recording.
    work = Path(__file__).parent.absolute() / ".work" / f"files-tree-{count}"
    ledger, cache = work / "ledger", work / "cache"
    env = ENV | {"XDG_STATE_HOME": str(work / "state-home")}

    def fresh() -> None:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        command = [*LEDGER, "init", str(ledger), "--origin", "example.org/bench", "--insecure-no-passphrase"]
        subprocess.run(command, check=True, capture_output=True, env=environment(env))

    record = [*LEDGER, "record", "dataset", str(folder), "--name", "big", "--version", "1", "--ledger", str(ledger)]
    subjects = [
        Subject("ledger record", record, prepare=fresh, env=env),
        Subject("hash_path alone", [sys.executable, "-c", LIBRARY, str(folder), str(cache)], prepare=fresh, env=env),
        Subject("sha256sum, parallel", xargs("sha256sum", 256), cwd=folder),
        Subject("openssl dgst, parallel", xargs("openssl dgst -sha256 -r", 256), cwd=folder),
    ]
    figures = measure(subjects, 3)
    print(table(f"{count} files of 4 KiB", figures))
    gates = [gate(f"record against {row.name}, wall", round(figures[0].wall_seconds / row.wall_seconds, 3), 1.5) for row in figures[1:]]
    # Where others work on the machine too, this says more: what recording needs beside hashing.
    gates += [gate(f"record against {row.name}, CPU", round(figures[0].cpu_seconds / row.cpu_seconds, 3), 1.5) for row in figures[1:2]]
    if out:
        write_results(out, "files-tree", {"tree": figures}, gates)
    shutil.rmtree(work, ignore_errors=True)
    if not keep:
        shutil.rmtree(folder)
        (WORK / "hashing" / f"tree-{count}.done").unlink()
    return report_gates(gates)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--tree", type=int, default=0)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    good = tree(given.tree, given.keep, given.out) if given.tree else lookups(given.rows, given.keep, given.out)
    sys.exit(0 if good else 1)
