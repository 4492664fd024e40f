# SPDX-License-Identifier: Apache-2.0
"""Reads digits with trained weights."""

from pathlib import Path

import numpy as np
from encode import encode
from model import forward
from safetensors.numpy import load_file


def read_digits(model: Path, pixels: np.ndarray) -> np.ndarray:
    """The digit that each image (n, 64 pixel counts) shows."""
    _, chances = forward(load_file(model / "model.safetensors"), encode(pixels))
    return chances.argmax(axis=1)
