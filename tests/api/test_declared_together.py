"""Several licences that one import declares: they hold together, in verdicts, in licence answers and in the lineage."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from ledger.api import Ledger, import_from


def model(folder: Path, card: str, header: str) -> Path:
    """A model whose card and whose weights state a licence."""
    folder.mkdir()
    raw = json.dumps({"__metadata__": {"license": header}}).encode()
    (folder / "m.safetensors").write_bytes(struct.pack("<Q", len(raw)) + raw)
    (folder / "README.md").write_text(f"---\nlicense: {card}\n---\n")
    return folder


@pytest.mark.parametrize(
    ("card", "header", "together", "verdict"),
    [
        ("mit", "apache-2.0", "Apache-2.0 AND MIT", "pass"),
        ("mit", "mit", "MIT", "pass"),
        ("mit", "my own terms", "NOASSERTION", "unknown"),
        ("my own terms", "mit", "NOASSERTION", "unknown"),
        ("cc-by-nc-4.0", "mit", "CC-BY-NC-4.0 AND MIT", "fail"),
        ("mit", "cc-by-nc-4.0", "CC-BY-NC-4.0 AND MIT", "fail"),
    ],
)
def test_every_declaration_counts_whichever_comes_first(
    empty: Ledger, tmp_path: Path, card: str, header: str, together: str, verdict: str
) -> None:
    import_from(empty, "huggingface", model(tmp_path / "m", card, header))
    assert empty.licenses("weights/m").to_json()["expression"] == together
    empty.release("r", "1", [("weights", "weights/m")])
    rules = empty.attest("release/r@1", ["redhat-minimum-2025"]).verdicts[0]["rules"]
    assert next(rule["result"] for rule in rules if rule["rule"] == "weights") == verdict
