"""Large ledgers for benches, with the lineage of a graph: one entry a node, signed and logged by the users' own store; kept for next time.

Artifacts are files that nobody has: only what the log holds of them matters here.
"""

import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np
from _measure import WORK

from ledger.api import Ledger
from ledger.ids import ArtifactId
from ledger.spec.manifest import DeclaredLicense, InputEdge, Manifest
from ledger.spec.release import Component, Release

BATCH = 5_000
LICENSES = ("MIT", "Apache-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "GPL-3.0-only", "CC0-1.0", "BSD-3-Clause", "CC-BY-NC-4.0")


def environment() -> dict[str, str]:
    """What a process that asks one of these ledgers needs."""
    return {"XDG_STATE_HOME": str(WORK / "xdg"), "XDG_CACHE_HOME": str(WORK / "xdg-cache")}


def digest(node: int) -> str:
    """The digest of a node's file that nobody has."""
    return hashlib.sha256(b"%d" % node).hexdigest()


def ledger(name: str, outputs: np.ndarray, inputs: np.ndarray, nodes: int, releases: int = 0) -> Path:
    """The folder of a ledger with `nodes` artifacts; the last ones are weights, and `releases` of those are released.

    Args:
        outputs, inputs: edges, sorted by output; an input is before its output.
    """
    folder = WORK / "ledgers" / name
    if (folder / "done").exists():
        return folder / "l"
    os.environ.update(environment())
    if folder.exists():
        raise SystemExit(f"{folder} was left half made: remove it")
    folder.mkdir(parents=True)
    made = Ledger.init(folder / "l", f"example.org/bench/{name}", insecure_no_passphrase=True)
    key, log_key = made._signing_key(), made._log_key()
    first = np.searchsorted(outputs, np.arange(nodes + 1)).tolist()
    given = inputs.tolist()
    weights = nodes - max(nodes // 10, releases)
    begin = time.perf_counter()

    def manifest(node: int) -> Manifest:
        kind = "weights" if node >= weights else "dataset"
        rows = []
        for far in given[first[node] : first[node + 1]]:
            relation = "trained-on" if kind == "weights" and far < weights else "derived-from"
            rows.append(InputEdge(relation, ArtifactId(f"file:{digest(far)}"), far + 1))
        license = LICENSES[node * 7 % len(LICENSES)]
        said = (DeclaredLicense(license, license, "argument"),)
        return Manifest(kind, f"{kind}-{node}", "1", ArtifactId(f"file:{digest(node)}"), 1, 10, digest(node), said, inputs=tuple(rows))

    for low in range(0, nodes, BATCH):

        def work(draft, low=low):
            for node in range(low, min(nodes, low + BATCH)):
                draft.add(manifest(node).to_statement(), [key])

        made._store.append(work, log_key)
        if sys.stderr.isatty() or low % (BATCH * 20) == 0:
            print(f"  {low} of {nodes} entries, {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    step = max((nodes - weights) // max(releases, 1), 1)
    chosen = range(nodes - 1, nodes - 1 - step * releases, -step)

    def release(draft):
        for number, node in enumerate(chosen):
            parts = (Component("weights", ArtifactId(f"file:{digest(node)}"), f"weights-{node}", "1", node + 1),)
            draft.add(Release(f"model-{number}", "1", parts).to_statement(), [key])

    if releases:
        made._store.append(release, log_key)
    (folder / "done").touch()
    return folder / "l"
