"""The ledger that the named questions are asked of: two releases, a correction, the same bytes under two names, and more."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from conftest import MOMENT, ORIGIN, fill, make_inputs
from reference.naive_ledger import Report
from reference.naive_statements import edges_of

from ledger.api import KeySources, Ledger, make_key
from ledger.clock import FixedClock

SIZE = 19
GOLDEN = Path(__file__).parent / "golden"


def asked_ledger(folder: Path) -> Ledger:
    """What is recorded; the number of each entry stands beside it."""
    inputs = make_inputs(folder / "in")
    clock = FixedClock(MOMENT)
    ledger = fill(Ledger.init(folder / "l", ORIGIN, insecure_no_passphrase=True, clock=clock), inputs)  # 0 the key, 1 to 5
    for name in ("second", "third"):
        make_key(folder / f"{name}.pem", "ed25519", None)
    ledger.trust_key(folder / "second.pem.pub", ["dataset"])  # 6
    ledger.attest("reader@1", ["redhat-minimum-2025"])  # 7
    (inputs / "data/test.csv").write_text("7,8\n")
    figures = {"license": "CC-BY-4.0", "sources": ["https://example.org/figures"]}
    ledger.record("dataset", inputs / "data", name="figures", version="1", supersedes="wrong rows", **figures)  # 8
    second = Ledger.open(folder / "l", keys=KeySources(folder / "second.pem"), clock=clock)
    second.record("dataset", inputs / "data", name="copy", license="CC0-1.0")  # 9
    (inputs / "model/weights.bin").write_text("more weights")
    parents = [("trained-on", "copy"), ("fine-tuned-from", "reader@1"), ("trained-on", "ref:base@3.0")]
    ledger.record("weights", inputs / "model", name="reader", version="2", inputs=parents)  # 10
    ledger.release("reader", "2", [("weights", "reader@2"), ("training-code", "trainer"), ("datasets", "ref:lost")])  # 11
    ledger.review("weights/reader@1", concluded_license="CC-BY-NC-4.0", reason="read")  # 12
    ledger.review("figures@1", concluded_license="CC-BY-4.0", reason="read")  # 13
    ledger.attest("reader@1", ["redhat-minimum-2025"])  # 14
    ledger.attest("release/reader@2", ["redhat-minimum-2025"])  # 15
    ledger.record("document", inputs / "code/train.py", name="listing")  # 16
    ledger.key_changes([folder / "second.pem"]).trust(folder / "third.pem.pub", ["code"])  # 17
    known = ledger.keys()
    ledger.key_changes().revoke(known[1]["keyid"], "lost")  # 18
    return ledger


def meant(naive: Report, inputs: Path, value: Any) -> Any:
    """A value of an answer that was written by hand: `id:N` is what entry N names, `key:N` its key, `ref:NAME` and `file:NAME` what is
    called so."""
    word, _, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if word == "id" and rest.isdigit():
        named = naive.entries[int(rest)].named
        assert named is not None
        return named[1]
    if word == "key" and rest:
        return naive.entries[int(rest)].said["key"]["keyid"]
    if word == "ref":
        edges = [item for entry in naive.entries for item in edges_of(entry)]
        return next(own for own, edge in edges if edge.get("reference", {}).get("name") == rest)
    if word == "file":
        return "file:" + hashlib.sha256(next(inputs.rglob(rest)).read_bytes()).hexdigest()
    return value


def golden() -> list[tuple[str, dict[str, Any]]]:
    return [(path.stem, case) for path in sorted(GOLDEN.glob("*.json")) for case in json.loads(path.read_text("utf-8"))]
