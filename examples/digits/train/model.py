# SPDX-License-Identifier: Apache-2.0
"""The architecture: one hidden layer of rectified units between 64 inputs and 10 digits."""

import numpy as np

HIDDEN = 48
Weights = dict[str, np.ndarray]


def new_weights(seed: int) -> Weights:
    """Small random weights; the same for the same seed."""
    draw = np.random.default_rng(seed)
    return {
        "hidden.weight": (draw.standard_normal((64, HIDDEN)) * np.sqrt(2 / 64)).astype(np.float32),
        "hidden.bias": np.zeros(HIDDEN, np.float32),
        "output.weight": (draw.standard_normal((HIDDEN, 10)) * np.sqrt(1 / HIDDEN)).astype(np.float32),
        "output.bias": np.zeros(10, np.float32),
    }


def forward(weights: Weights, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hidden activations and a probability for each digit, for a batch of encoded images (n, 64)."""
    hidden = np.maximum(inputs @ weights["hidden.weight"] + weights["hidden.bias"], 0)
    scores = hidden @ weights["output.weight"] + weights["output.bias"]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, scores / scores.sum(axis=1, keepdims=True)
