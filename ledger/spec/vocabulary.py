"""The closed word lists of the format: kinds, relations, roles, rungs (docs/spec/format.md, section 3).

The base of every predicate type stands here once.
"""

from __future__ import annotations

BASE = "https://openness-ledger.dev/"

STATEMENT_KINDS = ("manifest", "release", "review", "key", "attestation")
PREDICATE_TYPES = {
    "manifest": BASE + "manifest/v1",
    "release": BASE + "release/v1",
    "review": BASE + "review/v1",
    "key": BASE + "key/v1",
    "attestation": BASE + "openness/v1",
}

ARTIFACT_KINDS = ("dataset", "weights", "code", "document")

RELATIONS = (
    "trained-on",
    "fine-tuned-from",
    "adapter-of",
    "quantized-from",
    "merged-from",
    "distilled-from",
    "generated-by",
    "derived-from",
    "subset-of",
    "combined-from",
    "tokenized-with",
    "evaluated-on",
    "built-by",
    "describes",
)

# What a review can say. `license-concluded` has `concluded`, `finding-waived` has `finding`; profiles ask for the others.
REVIEW_STATEMENTS = ("license-concluded", "finding-waived", "data-information-sufficient", "sharing-impossible")

# The 17 components of the Model Openness Framework (the tool counts final and intermediate parameters apart), plus two.
ROLES = (
    "weights",
    "intermediate-weights",
    "architecture",
    "training-code",
    "inference-code",
    "evaluation-code",
    "preprocessing-code",
    "supporting-libraries",
    "datasets",
    "evaluation-data",
    "evaluation-results",
    "model-card",
    "data-card",
    "technical-report",
    "research-paper",
    "model-metadata",
    "sample-outputs",
    "tokenizer",
    "license-text",
)

# From what nobody has to what anybody can check; a profile states the lowest rung that it accepts.
AVAILABILITY = (
    "absent",
    "unknown",
    "claimed",
    "referenced",
    "verified",
    "gated",
    "partial",
    "obtainable",
    "unshareable",
)

# What a release may say of how others can have a component; `verified` and `referenced` are what the ledger itself shows.
STATED_AVAILABILITY = ("absent", "claimed", "gated", "partial", "obtainable", "unshareable")

RESULTS = ("pass", "fail", "unknown", "not_applicable")

NOASSERTION = "NOASSERTION"
