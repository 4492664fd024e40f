"""Identification of licence texts: how long the index takes to load, what memory it takes, and how long one text takes.

    python bench/licenses.py [--out FILE]

Every text of the SPDX list that the index has, spelled from it, in four forms: as it is (exact), with its first ten words left out and
with one word changed in the middle (near, the longest way), and all of them one after another in pieces of 1 MiB (unknown).
Loading is wall time, texts are CPU time (one thread, so the same on an idle machine); memory is the peak of the process over what
it had before the index was loaded.
"""

import argparse
import json
import resource
import statistics
import time
from pathlib import Path

from _measure import gate, machine, report_gates


def peak_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    before = peak_bytes()
    start = time.perf_counter()
    from ledger.licenses.textid import identify_text
    from ledger.licenses.textindex import text_index

    index = text_index()
    load_seconds, loaded = time.perf_counter() - start, peak_bytes() - before
    texts = [[index.spelling[word] for word in text.words] for text in index.texts]
    whole = " ".join(word for text in texts for word in text)
    forms = {
        "as it is": [" ".join(text) for text in texts],
        "ten words left out": [" ".join(text[10:]) for text in texts],
        "one word changed": [" ".join([*text[: len(text) // 2], "not", "otherwise", *text[len(text) // 2 + 1 :]]) for text in texts],
        "1 MiB of many": [whole[at : at + (1 << 20) - 1] for at in range(0, len(whole), 1 << 20)],
    }
    print(f"loaded in {load_seconds:.3f} s, {loaded >> 20} MB; {len(texts)} texts, {sum(map(len, texts))} words")
    rows, slowest = {}, 0.0
    for name, form in forms.items():
        taken, methods = [], {}
        for text in form:
            start = time.process_time()
            method = identify_text(text).method
            taken.append(1000 * (time.process_time() - start))
            methods[method] = methods.get(method, 0) + 1
        rows[name] = {"median_ms": round(statistics.median(taken), 3), "p95_ms": round(sorted(taken)[len(taken) * 95 // 100], 3)}
        rows[name] |= {"max_ms": round(max(taken), 3), "methods": methods}
        if name != "1 MiB of many":
            slowest = max(slowest, rows[name]["max_ms"])
        print(f"  {name:<20}{rows[name]['median_ms']:>9.2f} ms{rows[name]['p95_ms']:>9.2f} p95{rows[name]['max_ms']:>9.2f} max  {methods}")
    used = peak_bytes() - before
    print(f"peak {used >> 20} MB over what the process had before")
    gates = [gate("loading, s", round(load_seconds, 3), 1.0), gate("memory after loading, MB", loaded >> 20, 200)]
    gates.append(gate("one text, the slowest, ms", round(slowest, 2), 20.0))
    if said.out:
        said.out.write_text(json.dumps({"machine": machine(), "rows": rows, "gates": gates}, indent=1) + "\n")
    return 0 if report_gates(gates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
