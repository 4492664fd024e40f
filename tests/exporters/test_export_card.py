"""The metadata of Hugging Face cards: read by the hub's library and by our importer, and an existing card completed."""

from __future__ import annotations

from pathlib import Path

import pytest
from validators import validate

from ledger._api.graphing import graph_of
from ledger._api.importing import read_import
from ledger.api import InputSpec, Ledger, export_document
from ledger.errors import LedgerError
from ledger.exporters import hf_card
from ledger.exporters.graph import Graph
from ledger.licenses.names import hub_tag, named

HUB = "https://huggingface.co/"
DATASETS = [f"example/set-{number}" for number in range(3)] + ["squad"]


def hub(name: str, relation: str, data: bool = False) -> InputSpec:
    return InputSpec(relation, None, {"name": name, "uri": f"{HUB}{'datasets/' if data else ''}{name}"})


@pytest.fixture
def model(empty: Ledger, tmp_path: Path) -> Graph:
    """A model with inputs on the hub and elsewhere."""
    (tmp_path / "w").write_text("w")
    inputs = [hub(name, "trained-on", True) for name in DATASETS] + [hub("base/small", "adapter-of")]
    elsewhere = InputSpec("trained-on", None, {"name": "mine/own", "uri": "https://example.org/own"})
    empty.record("weights", tmp_path / "w", name="m", version="1", license="Apache-2.0", inputs=[*inputs, elsewhere])
    return graph(empty, "m")


def graph(ledger: Ledger, ref: str) -> Graph:
    return graph_of(ledger._store, ledger._index(), ledger.size, ref, ledger.log_key)


def test_the_hubs_library_reads_the_same_values(model: Graph, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(hf_card.write(model, ""))
    found = validate("hub_card", tmp_path / "README.md", "model")["data"]
    assert found == {
        "license": "apache-2.0",
        "base_model": "base/small",
        "base_model_relation": "adapter",
        "datasets": DATASETS,
    }
    assert "# not in the hub's words: trained-on mine/own, ref:" in (tmp_path / "README.md").read_text()


def test_our_importer_finds_the_same_inputs(model: Graph, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(hf_card.write(model, ""))
    (tmp_path / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    [item] = [one for one in read_import("huggingface", tmp_path, called="m").imported.artifacts if one.kind == "weights"]
    wanted = {(link.relation, model.item(link.input).name, model.item(link.input).uri) for link in model.links}
    wanted = {one for one in wanted if str(one[2]).startswith(HUB)}
    assert {(one.relation, one.name, one.uri) for one in item.inputs} == wanted
    assert [(one.text, one.normalized) for one in item.licenses] == [("apache-2.0", "Apache-2.0")]


def test_a_dataset(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "LICENSE").write_text("Terms of the Example Data Community.\n")
    (tmp_path / "d" / "d.csv").write_text("a\n1\n")
    said = {"languages": ["no", "en"], "size": {"value": 5000, "unit": "records"}}
    empty.record("dataset", tmp_path / "d", name="d", license="Example Terms 1", data=said, inputs=[hub("squad", "derived-from", True)])
    export_document(empty, "hf-card", "d", tmp_path / "README.md")
    found = validate("hub_card", tmp_path / "README.md", "dataset")["data"]
    assert found == {
        "license": "other",
        "license_name": "Example Terms 1",
        "license_link": "LICENSE",
        "language": ["no", "en"],
        "size_categories": ["1K<n<10K"],
        "source_datasets": ["squad"],
    }


@pytest.mark.parametrize(
    ("license", "wanted"),
    [
        ("MIT", ("mit", None)),
        ("LicenseRef-Llama-3.1", ("llama3.1", None)),
        ("AGPL-3.0-only", ("agpl-3.0", None)),
        ("AGPL-3.0-or-later", ("other", "AGPL-3.0-or-later")),
        ("MIT OR Apache-2.0", ("other", "Apache-2.0 OR MIT")),
        (None, (None, None)),
    ],
)
def test_licences_are_the_hubs_tags_where_it_has_one(
    empty: Ledger, tmp_path: Path, license: str | None, wanted: tuple[str | None, str | None]
) -> None:
    (tmp_path / "w").write_text("w")
    empty.record("weights", tmp_path / "w", name="m", license=license)
    found = hf_card.fields(graph(empty, "m"))
    assert (found.get("license"), found.get("license_name")) == wanted


def test_every_tag_that_names_a_licence_is_found_again() -> None:
    for tag in ("apache-2.0", "mit", "cc-by-4.0", "llama3.1", "gemma", "openmdw-1.1", "odbl", "gpl-3.0", "bigscience-openrail-m"):
        expression = named(tag, "hf").expression
        assert expression == "NOASSERTION" or hub_tag(expression) == tag
    assert hub_tag("NOASSERTION") is None and hub_tag("Apache-2.0 OR MIT") is None


def test_two_relations_have_no_word_together(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("w")
    empty.record("weights", tmp_path / "w", name="m", inputs=[hub("a/b", "merged-from"), hub("c/d", "fine-tuned-from")])
    assert sorted(hf_card.fields(graph(empty, "m"))["base_model"]) == ["a/b", "c/d"]
    assert "base_model_relation" not in hf_card.fields(graph(empty, "m"))


def test_a_name_of_a_dataset_is_no_model_and_the_other_way_round(empty: Ledger, tmp_path: Path) -> None:
    (tmp_path / "w").write_text("w")
    swapped = [hub("a/model", "trained-on"), hub("a/data", "fine-tuned-from", True)]
    place = InputSpec("fine-tuned-from", None, {"name": "an app", "uri": f"{HUB}spaces/example"})
    empty.record("weights", tmp_path / "w", name="m", inputs=[*swapped, place])
    assert hf_card.fields(graph(empty, "m")) == {}


# --- patching ----------------------------------------------------------------------------------

CARD = """---
# kept
language: [en]
license: apache-2.0
datasets:
- squad
- example/set-2
- example/set-1
- example/set-0
- something/else   # ours does not have it
---
# A model

Text with `---` in it, *unchanged*.
---
"""


def test_a_card_is_completed_and_stays_as_it_is(model: Graph, tmp_path: Path) -> None:
    made = hf_card.patched(CARD.encode(), model).decode()
    head, tail = CARD.split("---\n# A model")
    assert made == f"{head}base_model: base/small\nbase_model_relation: adapter\n---\n# A model{tail}"
    (tmp_path / "README.md").write_text(made)
    found = validate("hub_card", tmp_path / "README.md", "model")
    assert found["data"]["base_model"] == "base/small" and found["data"]["language"] == ["en"]
    assert "unchanged" in found["text"]
    assert hf_card.patched(made.encode(), model) == made.encode(), "twice changes nothing"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_marks_are_kept(model: Graph, newline: str, start: str) -> None:
    card = start + CARD.replace("\n", newline)
    made = hf_card.patched(card.encode(), model).decode()
    assert made.replace(f"base_model: base/small{newline}base_model_relation: adapter{newline}", "") == card


def test_a_card_without_metadata_gets_some(model: Graph) -> None:
    for text in (b"", b"# A model\n", b"---\n---\n# A model\n"):
        made = hf_card.patched(text, model)
        assert made.endswith(text.removeprefix(b"---\n---\n")) and b"license: apache-2.0\n" in made


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("license: apache-2.0", "license: mit", "`license` is `mit` there, `apache-2.0` here"),
        ("license: apache-2.0", "license: [apache-2.0, mit]", "`license`"),
        ("- squad\n", "", "`datasets`"),
        ("language: [en]", "base_model: other/model", "`base_model` is `other/model` there, `base/small` here"),
        ("language: [en]", "base_model_relation: merge\nbase_model: base/small", "`base_model_relation`"),
    ],
)
def test_what_contradicts_the_record_is_an_error(empty: Ledger, model: Graph, tmp_path: Path, old: str, new: str, field: str) -> None:
    card = tmp_path / "README.md"
    card.write_text(CARD.replace(old, new))
    before = card.read_bytes()
    with pytest.raises(LedgerError, match="contradicts") as caught:
        export_document(empty, "hf-card", "m", card, patch=card)
    assert caught.value.code == "LG1604" and field in caught.value.message
    assert card.read_bytes() == before


def test_a_relation_is_not_said_of_models_that_are_not_recorded(model: Graph) -> None:
    card = CARD.replace("language: [en]", "base_model: [base/small, base/other]")
    assert hf_card.patched(card.encode(), model) == card.encode()


def test_a_field_without_a_value_stays_so(model: Graph) -> None:
    made = hf_card.patched(CARD.replace("license: apache-2.0", "license:").encode(), model).decode()
    assert made.count("license") == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("---\n{language: en}\n---\n", "LG1604"),
        ("---\n- a list\n---\n", "LG1501"),
        ("---\nlicense: mit\nlicense: apache-2.0\n---\n", "LG1501"),
        ("---\na: &x [1]\nb: *x\n---\n", "LG1501"),
        ("---\nlicense: !!python/object:os.system x\n---\n", "LG1501"),
        ("---\n" + "[" * 5000 + "\n---\n", "LG1501"),
        ("---\nx: '" + "\n---\n", "LG1501"),
    ],
)
def test_metadata_that_cannot_be_completed(model: Graph, text: str, code: str) -> None:
    with pytest.raises(LedgerError) as caught:
        hf_card.patched(text.encode(), model)
    assert caught.value.code in (code, "LG0103", "LG0104")


def test_what_cannot_be_a_card(empty: Ledger, model: Graph, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes((4 << 20) + 1))
    for given in (tmp_path / "nothing", tmp_path, tmp_path / "big"):
        with pytest.raises(LedgerError) as caught:
            export_document(empty, "hf-card", "m", tmp_path / "out", patch=given)
        assert caught.value.code == "LG1605"
    with pytest.raises(LedgerError) as caught:
        export_document(empty, "cyclonedx", "m", tmp_path / "out", patch=tmp_path / "big")
    assert caught.value.code == "LG1605" and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text", ["no", "1e10", "5503434", "~", "", " x", "a: b", "- x", "# x", '"', "\\", "\x85", "\u2028", "🤖", "\x00", "Yes", "x y"]
)
def test_a_text_is_a_text_to_every_yaml(text: str) -> None:
    import yaml

    assert yaml.safe_load(f"x: {hf_card.scalar(text)}") == {"x": text}
    assert hf_card.parse_yaml(f"x: {hf_card.scalar(text)}".encode(), "x") == {"x": text}
