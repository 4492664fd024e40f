"""Sizes, depths and counts that bound every input; in one place so that a test can try limit and limit + 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on foreign input. Sizes in bytes. Source: docs/spec/format.md, section "Limits"."""

    json_bytes: int = 16 << 20
    json_depth: int = 64
    path_bytes: int = 4096
    name_chars: int = 200
    leaf_bytes: int = 4096
    leaf_subjects: int = 16
    note_bytes: int = 1 << 20
    note_signatures: int = 64
    policy_bytes: int = 256 << 10
    proof_hashes: int = 64
    expression_chars: int = 4096
    expression_terms: int = 500
    license_file_bytes: int = 1 << 20
    license_text_words: int = 60_000
    inventory_object_bytes: int = 1 << 20
    bundle_bytes: int = 256 << 20
    model_bundle_bytes: int = 256 << 20
    pipeline_bytes: int = 4 << 20
    pipeline_nodes: int = 100_000
    envelope_signatures: int = 32
    timestamp_bytes: int = 64 << 10


LIMITS = Limits()
