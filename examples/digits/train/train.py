# SPDX-License-Identifier: Apache-2.0
"""Trains the model by stochastic gradient descent; the same data gives the same bytes on the same kind of processor."""

import json
import sys
from pathlib import Path

import numpy as np
from encode import encode
from model import HIDDEN, Weights, forward, new_weights
from safetensors.numpy import save_file

SEED, EPOCHS, BATCH, RATE = 7, 60, 32, 0.1


def step(weights: Weights, inputs: np.ndarray, labels: np.ndarray) -> None:
    """One step of gradient descent on the cross-entropy."""
    hidden, chances = forward(weights, inputs)
    error = chances
    error[np.arange(len(labels)), labels] -= 1
    error /= len(labels)
    back = (error @ weights["output.weight"].T) * (hidden > 0)
    weights["output.weight"] -= RATE * (hidden.T @ error)
    weights["output.bias"] -= RATE * error.sum(axis=0)
    weights["hidden.weight"] -= RATE * (inputs.T @ back)
    weights["hidden.bias"] -= RATE * back.sum(axis=0)


def main(data: Path, out: Path) -> None:
    rows = np.loadtxt(data / "digits.csv", delimiter=",", dtype=np.int64)
    inputs, labels = encode(rows[:, :64]), rows[:, 64]
    weights = new_weights(SEED)
    order = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        for batch in np.array_split(order.permutation(len(rows)), len(rows) // BATCH):
            step(weights, inputs[batch], labels[batch])
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "model.safetensors")
    config = {"inputs": 64, "hidden": HIDDEN, "outputs": 10, "seed": SEED, "epochs": EPOCHS, "batch": BATCH, "rate": RATE}
    (out / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    print(f"trained on {len(rows)} figures for {EPOCHS} epochs: {(out / 'model.safetensors').stat().st_size} bytes of weights")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
