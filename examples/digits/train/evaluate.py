# SPDX-License-Identifier: Apache-2.0
"""Counts how many held-out figures the model reads right, and writes the results, the cards and the report."""

import json
import sys
from pathlib import Path

import numpy as np
from infer import read_digits


def main(data: Path, model: Path, out: Path) -> None:
    rows = np.loadtxt(data / "digits.csv", delimiter=",", dtype=np.int64)
    found, wanted = read_digits(model, rows[:, :64]), rows[:, 64]
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (wanted, found), 1)
    right = int((found == wanted).sum())
    share = right / len(rows)
    out.mkdir(parents=True, exist_ok=True)
    results = {"figures": len(rows), "right": right, "accuracy": f"{share:.4f}", "confusion": confusion.tolist()}
    (out / "results.json").write_text(json.dumps(results, sort_keys=True) + "\n")
    (out / "MODEL_CARD.md").write_text(
        "# digit-reader\n\nReads one handwritten digit from 8 × 8 pixel counts. "
        f"It reads {right} of {len(rows)} held-out figures right ({share:.1%}).\nNot for anything that matters: 13 people wrote all the figures,\n"
        "and the split does not keep writers apart, so strangers' digits may be read less well.\n"
    )
    (out / "DATA_CARD.md").write_text(
        "# digit-figures\n\n1,797 figures from 13 of 43 writers, E. Alpaydin and C. Kaynak, UCI, doi:10.24432/C50P49, CC-BY-4.0.\n"
        "Every fifth figure is held out, whoever wrote it. Nothing was removed or relabelled. No personal data: figures only.\n"
    )
    (out / "REPORT.md").write_text(
        "# How digit-reader was made\n\nOne hidden layer, stochastic gradient descent on the cross-entropy, 60 epochs, fixed seed: see the code.\n"
        f"Evaluation on {len(rows)} held-out figures: {share:.1%} right.\n"
        "The same data and libraries give the same weights, byte for byte, on the same kind of processor; others round differently.\n"
    )
    print(f"reads {right} of {len(rows)} held-out figures right ({share:.1%})")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
