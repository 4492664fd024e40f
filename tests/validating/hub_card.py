"""What huggingface_hub reads from a card: `hub_card.py FILE model|dataset` prints its metadata and text."""

from __future__ import annotations

import offline  # noqa: F401  isort: skip

import json
import sys

from huggingface_hub import DatasetCard, ModelCard

card = (ModelCard if sys.argv[2] == "model" else DatasetCard).load(sys.argv[1])
print(json.dumps({"data": card.data.to_dict(), "text": card.text}))
