"""The naive reader's half for attestation bundles (docs/spec/format.md, section 8)."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from reference.naive_log import (
    canonical,
    check_consistency,
    collect,
    fits,
    hexid,
    leaf_hash,
    need,
    open_checkpoint,
    root_of_proof,
    schema_of,
    strict,
    unbase64,
)
from reference.naive_statements import Entry, Trust, check_evidence, check_release, check_statement, open_envelope, open_leaf


def open_proof(text: str) -> tuple[int, bytes, list[bytes], str]:
    """Index, leaf record, path and checkpoint of a tlog-proof."""
    head, checkpoint = text.split("\n\n", 1)
    lines = head.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra "), "not a proof with extra data")
    match = re.fullmatch("index (0|[1-9][0-9]*)", lines[2])
    need(match, "a proof without an index")
    path = [unbase64(line) for line in lines[3:]]
    need(all(len(one) == 32 for one in path), "a hash of another length")
    return int(match[1]) if match else -1, unbase64(lines[1][6:]), path, checkpoint


def _check_keys(attestation: Entry, entries: list[Entry], keys: list[dict[str, Any]]) -> None:
    trust = Trust()
    need(entries and entries[0].index == 0, "the first key statement is not entry 0")
    for entry in sorted([*entries, attestation], key=lambda entry: entry.index):
        trust.admit(entry)
    need(keys == [trust.added[keyid] for keyid in sorted(trust.added)], "other keys than the statements add")


def _check_complete(attestation: Entry, entries: dict[int, Entry]) -> None:
    reached = check_evidence(attestation, entries)
    beside = [entry for index, entry in entries.items() if index not in reached]
    need(all(e.leaf["kind"] == "key" and e.index < attestation.index for e in beside), "a statement that is no evidence")
    need(list(entries) == sorted(entries), "statements out of order")


def _check_timestamps(texts: list[str]) -> None:
    order = [hashlib.sha256(unbase64(text)).digest() for text in texts]
    need(order == sorted(set(order)), "timestamps out of order")


def verify_bundle(data: bytes, vkey: str) -> list[str]:
    """The problems of a bundle, each beginning with the number of its check; B10 (the verdicts) is not looked at."""
    problems: list[str] = []
    bundle = collect(problems, "B1", lambda: strict(data, 256 << 20))
    collect(problems, "B1", lambda: fits(bundle, schema_of("bundle")))
    if problems:
        return problems
    envelopes = [bundle["attestation"], *bundle["statements"]]
    collect(problems, "B1", lambda: need(len(bundle["proofs"]) == len(envelopes), "a proof for each envelope"))
    collect(problems, "B1", lambda: _check_timestamps(bundle.get("timestamps", [])))
    head = collect(problems, "B2", lambda: open_checkpoint(bundle["checkpoint"].encode(), vkey))
    if problems:
        return problems
    origin, size, root = head
    entries: list[Entry] = []
    for envelope, text in zip(envelopes, bundle["proofs"], strict=True):
        proof = collect(problems, "B3", lambda text=text: open_proof(text))
        if proof is None:
            return problems
        index, record, path, checkpoint = proof
        collect(problems, "B3", lambda checkpoint=checkpoint: need(checkpoint == bundle["checkpoint"], "another checkpoint"))
        found = collect(problems, "B3", lambda i=index, r=record, p=path: root_of_proof(i, size, leaf_hash(r), p))
        collect(problems, "B3", lambda found=found: need(found == root, "another root"))
        opened = collect(problems, "B4", lambda r=record, e=envelope: (open_leaf(r), *open_envelope(canonical(e))))
        if opened is None:
            return problems
        leaf, payload, signatures = opened
        collect(problems, "B4", lambda e=envelope, leaf=leaf: need(hexid(canonical(e)) == leaf["envelope"], "another envelope"))
        collect(problems, "B4", lambda p=payload, leaf=leaf: need(hexid(p) == leaf["payload"], "another payload"))
        entries.append(Entry(index, leaf, payload, signatures))
        collect(problems, f"B5 entry {index}", lambda: check_statement(entries[-1]))
    collect(problems, "B5", lambda: need(entries[0].leaf["kind"] == "attestation", "no attestation"))
    collect(problems, "B4", lambda: need(len({entry.index for entry in entries}) == len(entries), "an entry twice"))
    if not problems:
        first, others = entries[0], {entry.index: entry for entry in entries[1:]}
        collect(problems, "B6", lambda: _check_keys(first, entries[1:], bundle["keys"]))
        collect(problems, "B7", lambda: check_release(first, others))
        collect(problems, "B8", lambda: _check_complete(first, others))
        seen, path = first.said["checkpoint"], [unbase64(one) for one in bundle["consistency"]]
        collect(problems, "B9", lambda: need(seen["size"] <= first.index and seen["origin"] == origin, "evaluated elsewhere"))
        collect(problems, "B9", lambda: check_consistency(seen["size"], size, bytes.fromhex(seen["root"]), root, path))
    return problems
