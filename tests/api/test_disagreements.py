"""Disagreements of a real ledger: from statements, licence files and reviews, with registries' records beside them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ledger.api import Ledger, LedgerError

ROOT = Path(__file__).resolve().parent.parent.parent
PIPELINE = """\
ledger: 1
artifacts:
  - {kind: dataset, name: hidden, version: "1", path: hidden, license: CC-BY-4.0}
  - {kind: code, name: runner, version: "1", path: runner, license: MIT}
  - {kind: weights, name: odd, version: "1", path: model, license: Apache-2.0, from: {trained-on: [figures@1, hidden@1]}}
releases:
  - name: odd
    version: "1"
    components:
      weights: weights/odd@1
      datasets: {ref: figures@1, availability: gated}
      inference-code: runner@1
      architecture: {name: trainer, version: "1", uri: "https://example.org/trainer", availability: absent}
"""
RECORD = """\
release:
  name: Odd
  components:
    - {name: Model parameters (Final), license: mit}
    - {name: Inference code, license: Undisclosed}
    - {name: Datasets, license: CC BY 4.0}
    - {name: Model architecture}
"""


@pytest.fixture
def odd(filled: Ledger, inputs: Path) -> Ledger:
    for name in ("hidden", "runner"):
        (inputs / name).mkdir()
        (inputs / name / "file").write_text(name)
    (inputs / "runner" / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    (inputs / "p.yaml").write_text(PIPELINE)
    (inputs / "model.yml").write_text(RECORD)
    filled.record_file(inputs / "p.yaml")
    return filled


def short(found) -> list[tuple[str, str]]:
    return [(item.kind, item.about) for item in found]


def test_everything_at_once(odd: Ledger, inputs: Path) -> None:
    found = odd.disagreements("odd@1", records=[inputs / "model.yml"], profiles=["redhat-minimum-2025", "mot-2026-05"])
    assert short(found.found) == [
        ("licence-text", "runner@1"),
        ("availability", "architecture"),
        ("availability", "datasets"),
        ("training-data", "hidden@1"),
        ("record-component", "architecture"),
        ("record-licence", "weights"),
    ]
    by_kind = {item.kind: item for item in found.found}
    text = by_kind["licence-text"]
    assert (text.one.says, text.other.says) == ("declared as `MIT`", "its licence file is `Apache-2.0`")
    # The file by the digest of its bytes, as the ledger keeps it.
    (proof,) = text.other.evidence
    assert (proof.object, proof.pointer) == (f"sha256:{sha256((ROOT / 'LICENSE').read_bytes()).hexdigest()}", "LICENSE")
    licence = by_kind["record-licence"]
    assert (licence.one.says, licence.other.says, licence.other.file) == ("Apache-2.0", "MIT", "model.yml")
    assert short(found.not_compared) == [("record-licence", "inference-code")]
    assert found.records == ({"file": "model.yml", "name": "Odd"},)


def test_bytes_are_found_by_id_and_by_name(odd: Ledger) -> None:
    stated = [item for item in odd.disagreements("odd@1").found if item.kind == "availability"]
    found = {item.about: item.other.evidence[0] for item in stated}
    assert set(found) == {"architecture", "datasets"}
    subjects = {item["index"]: item["subjects"][0] for item in odd.entries()}
    assert subjects[found["architecture"].index] == odd.resolve("trainer@1").id
    assert subjects[found["datasets"].index] == odd.resolve("figures@1").id


def test_a_review_stands_beside_what_was_declared(odd: Ledger) -> None:
    odd.review("runner@1", reason="read LICENSE", concluded_license="Apache-2.0")
    found = odd.disagreements("odd@1", profiles=["redhat-minimum-2025"]).found
    (concluded,) = [item for item in found if item.kind == "licence-concluded"]
    assert (concluded.about, concluded.one.says, concluded.other.says) == (
        "runner@1",
        "declared as `MIT`",
        "concluded as `Apache-2.0`",
    )
    assert concluded.other.evidence[0].index == odd.size - 1
    # What the file says is not taken back by the review.
    assert [item.about for item in found if item.kind == "licence-text"] == ["runner@1"]
    # And before the review there was none.
    assert "licence-concluded" not in {
        item.kind for item in Ledger.open(odd.layout.root, at=str(odd.size - 1)).disagreements("odd@1").found
    }


def test_nothing_to_find(filled: Ledger) -> None:
    found = filled.disagreements("reader@1", profiles=["redhat-minimum-2025"])
    assert (found.found, found.not_compared, found.profiles) == ((), (), ("redhat-minimum-2025",))
    assert found.to_json()["release"]["index"] == found.index


def test_two_definitions(filled: Ledger) -> None:
    found = filled.disagreements("reader@1", profiles=["redhat-minimum-2025", "mot-2026-05"])
    assert short(found.found) == [("definitions", "mot-2026-05"), ("definitions", "mot-2026-05")]


@pytest.mark.parametrize(
    ("ref", "records", "profiles", "code"),
    [
        ("nobody", [], None, "LG0901"),
        ("figures@1", [], None, "LG1102"),
        ("reader@1", ["nowhere"], None, "LG0201"),
        ("reader@1", ["CARD.md"], None, "LG1003"),
        ("reader@1", ["/dev/zero"], None, "LG0103"),
        ("reader@1", [], ["nobody"], "LG1001"),
        ("reader@1", [], ["CARD.yaml"], "LG1002"),
    ],
)
def test_what_is_refused(filled: Ledger, inputs: Path, ref: str, records: list[str], profiles: list[str] | None, code: str) -> None:
    (inputs / "CARD.yaml").write_text("a: 1\n")
    own = [str(inputs / name) if name.endswith(".yaml") else name for name in profiles or ()]
    with pytest.raises(LedgerError) as caught:
        filled.disagreements(ref, records=[inputs / name for name in records], profiles=own or None)
    assert caught.value.code == code
