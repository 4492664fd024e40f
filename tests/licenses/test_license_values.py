"""What the licence rooms answer cannot be changed afterwards: answers are kept and shared."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ledger.licenses import (
    actor,
    assess,
    case,
    catalogue,
    effective,
    facts,
    facts_load,
    findings,
    names,
    rules,
    textid,
    textindex,
    ways,
    words,
)

VALUES = [
    (actor.Actor, "domicile"),
    (assess.Found, "severity"),
    (assess.Question, "far"),
    (case.Case, "facts"),
    (case.Child, "open"),
    (case.Hit, "cap"),
    (case.Pair, "keeps"),
    (catalogue.Catalogue, "licenses"),
    (catalogue.LicenseEntry, "osi"),
    (effective.Effective, "restricts"),
    (effective.View, "open"),
    (facts.Aup, "where"),
    (facts.Badge, "text"),
    (facts.Conditions, "notice"),
    (facts.Derivatives, "adapters"),
    (facts.Geography, "exclude"),
    (facts.LicenseFacts, "klass"),
    (facts.LicenseIds, "spdx"),
    (facts.Outputs, "training"),
    (facts.Source, "check"),
    (facts.Threshold, "value"),
    (facts_load.FactTable, "by_id"),
    (findings.Edge, "relation"),
    (findings.Finding, "severity"),
    (findings.Findings, "findings"),
    (findings.Fixed, "ids"),
    (findings.Node, "declared"),
    (names.Named, "expression"),
    (names._Tables, "hf"),
    (rules.Rule, "severity"),
    (textid.Candidate, "ids"),
    (textid.Change, "added"),
    (textid.Identification, "ids"),
    (textindex.HashedText, "bag"),
    (textindex.KnownText, "words"),
    (textindex.TextIndex, "exact"),
    (ways.Graph, "nodes"),
    (ways.Manner, "merged"),
    (words.Decoded, "text"),
]


@pytest.mark.parametrize(("made", "field"), VALUES)
def test_values_stay_as_they_were_made(made: type, field: str) -> None:
    value = object.__new__(made)
    assert field in made.__dataclass_fields__
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, None)
