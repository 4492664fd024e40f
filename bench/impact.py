"""What would it change? Whole processes of `ledger impact` over 100,000 artifacts and 500 releases, in two shapes.

    python bench/impact.py [--rounds N] [--out FILE]

A maker of many models (`_products`): 500 releases with some 200 artifacts of their own, that all rest on one dataset and one model. And
layers (`_graphs.layered`): the lineage of each of 129 releases is some 8,000 artifacts, nearly all of them shared. The ledgers are made
when they are not there, which takes minutes.
"""

import argparse
import shlex
import sys
from pathlib import Path

import _graphs
import _ledgers
import _products
from _measure import WORK, Subject, gate, measure, report_gates, table, write_results

LICENSE = "CC-BY-NC-4.0"


def asked(name, ledger, what):
    """One question, whose answer is counted."""
    command = shlex.join([str(Path(sys.executable).with_name("ledger")), "impact", *what.split(), "--json", "--ledger", str(ledger)])
    return Subject(name, f"{command} | wc -c", env=_ledgers.environment())


def main() -> int:
    """Run; 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--releases", type=int, default=500)
    parser.add_argument("--out", type=Path, default=WORK / "results" / "impact.json")
    given = parser.parse_args()
    products = _products.products("products", given.releases)
    outputs, inputs, nodes = _graphs.layered(335_000)
    layers = _ledgers.ledger("impact", outputs, inputs, nodes, 500)
    subjects = [
        asked("the common data under another licence", products, f"common-data@1 --license {LICENSE}"),
        asked("the common data withdrawn", products, "common-data@1 --withdrawn"),
        asked("the common model under another licence", products, f"common-model@1 --license {LICENSE}"),
        asked("layers: a dataset under another licence", layers, f"dataset-100@1 --license {LICENSE}"),
        asked("layers: the same withdrawn", layers, "dataset-100@1 --withdrawn"),
    ]
    figures = measure(subjects, given.rounds)
    print(table("ledger impact", figures))
    gates = [gate("500 releases, licence change, whole process, seconds", figures[0].wall_seconds, 3.0)]
    gates += [gate(f"{row.name}, seconds", row.wall_seconds, 3.0) for row in figures[1:]]
    write_results(given.out, "impact", {"impact": figures}, gates)
    return 0 if report_gates(gates) else 1


if __name__ == "__main__":
    raise SystemExit(main())
