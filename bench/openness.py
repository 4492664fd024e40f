"""A release of 2,000 datasets: how long all profiles take, and how long its attestation takes to be verified offline.

    python bench/openness.py [--datasets N]

Once with datasets as references (one statement), once recorded with bytes (a statement each). Verifying is a process of its own,
as a downstream user starts it; the peer is Python's own start, which is in every figure. Seconds of the processor stand beside
those of the clock. Targets: evaluated in under 5 s, verified in under 2 s.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ledger._api.attesting import gather
from ledger.api import Ledger
from ledger.attest.evidence import release_facts
from ledger.frameworks import evaluate, load_profile, profile_ids

SAID = {
    "class": "public",
    "origin": "public",
    "modalities": ["text"],
    **{name: f"some words about the {name} of it" for name in ("provenance", "scope", "characteristics", "collection", "selection")},
}


def made(folder: Path, count: int, *, with_bytes: bool) -> Ledger:
    ledger = Ledger.init(folder / "ledger", "example.org/bench", insecure_no_passphrase=True)
    (folder / "model.bin").write_text("weights")
    artifacts = [{"kind": "weights", "name": "m", "version": "1", "path": "model.bin", "license": "Apache-2.0"}]
    datasets: list[object] = []
    for number in range(count):
        name = f"dataset-{number:04}"
        if with_bytes:
            (folder / f"{name}.csv").write_text(f"{number}\n")
            artifacts.append({"kind": "dataset", "name": name, "version": "1", "path": f"{name}.csv", "license": "CC-BY-4.0", "data": SAID})
            datasets.append(f"{name}@1")
        else:
            datasets.append({"name": name, "version": "1", "uri": f"https://example.org/{name}", "data": SAID})
    plan = {
        "ledger": 1,
        "artifacts": artifacts,
        "releases": [{"name": "m", "version": "1", "components": {"weights": "m@1", "datasets": datasets}}],
    }
    (folder / "p.yaml").write_text(json.dumps(plan))
    ledger.record_file(folder / "p.yaml")
    return ledger


def taken(work: Callable[[], object]) -> str:
    """Seconds by the clock, and of the processor."""
    before, cpu = time.perf_counter(), time.process_time()
    work()
    return f"{time.perf_counter() - before:.2f} s ({time.process_time() - cpu:.2f} s of CPU)"


def process(*args: str) -> str:
    """The same of a process of its own, and the MiB of the largest one so far."""
    before, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return f"{time.perf_counter() - before:.2f} s ({cpu:.2f} s of CPU), {after.ru_maxrss / 1024:.0f} MiB"


def measured(folder: Path, count: int, *, with_bytes: bool) -> None:
    ledger = made(folder, count, with_bytes=with_bytes)
    profiles = [load_profile(name) for name in profile_ids()]
    evidence = gather(ledger._store, ledger.resolve("release/m@1").index or 0, ledger.size)
    facts = release_facts(ledger.resolve("release/m@1").index or 0, evidence)
    print("with bytes" if with_bytes else "references")
    print(f"    {len(profiles)} profiles: {taken(lambda: [evaluate(profile, facts).to_json() for profile in profiles])}")
    print(f"    with gathering: {taken(lambda: ledger.evaluate('release/m@1'))}")
    print(f"    attested: {taken(lambda: ledger.attest('release/m@1', out=folder / 'a.json'))}")
    print(f"    the bundle: {(folder / 'a.json').stat().st_size / 2**20:.1f} MiB")
    for _ in range(3):
        print(f"    verified: {process('-m', 'ledger_cli', 'verify', 'bundle', str(folder / 'a.json'), '--log-key', ledger.log_key)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--datasets", type=int, default=2000)
    count = parser.parse_args().datasets
    print(f"{count} datasets; Python starts in {process('-c', 'pass')}")
    for with_bytes in (False, True):
        with tempfile.TemporaryDirectory() as name:
            measured(Path(name), count, with_bytes=with_bytes)


if __name__ == "__main__":
    main()
