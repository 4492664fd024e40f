# SPDX-License-Identifier: Apache-2.0
"""What a tokenizer is to text: turns an image's pixel counts into what the model takes."""

import numpy as np


def encode(pixels: np.ndarray) -> np.ndarray:
    """Pixel counts 0 to 16, (n, 64) → numbers 0 to 1."""
    return pixels.astype(np.float32) / 16
