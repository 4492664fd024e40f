"""Every export format: official validator, same bytes everywhere, any graph, any name, and a model folder of Hugging Face."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from exportable import release_everything
from exportchecks import CHECKS, MLDCAT, NOT_RECORDED, lib4sbom_schema, openlineage
from exporters.graphs import NASTY, graphs
from hypothesis import given, settings
from validators import validate

from ledger._api.importing import import_from
from ledger.api import Ledger, export_document
from ledger.errors import LedgerError
from ledger.exporters import hf_card
from ledger.exporters.formats import FORMATS
from ledger.exporters.graph import FileEntry, Graph, Item, Link, Said
from ledger.spec.names import check_name

FORMS = [(name, version) for name, chosen in FORMATS.items() for version in chosen.versions or ("",)]


def test_every_format_has_an_official_check() -> None:
    assert set(CHECKS) == set(FORMATS)


@pytest.mark.parametrize(("name", "version"), FORMS)
def test_a_release_with_everything_passes_the_official_validator(empty: Ledger, tmp_path: Path, name: str, version: str) -> None:
    out = tmp_path / FORMATS[name].example
    export_document(empty, name, release_everything(empty, tmp_path / "files"), out, version=version or None)
    CHECKS[name](out)


def test_another_process_with_another_hash_seed_writes_the_same_bytes(empty: Ledger, tmp_path: Path) -> None:
    ref = release_everything(empty, tmp_path / "files")
    first = [export_document(empty, name, ref, tmp_path / "a", version=version or None).sha256 for name, version in FORMS]
    code = "import sys, json; from ledger.api import *; ledger = Ledger.open(sys.argv[1])\n"
    code += "print([export_document(ledger, n, sys.argv[2], sys.argv[3], version=v or None).sha256 for n, v in json.loads(sys.argv[4])])"
    for seed in ("1", "77"):
        args = [sys.executable, "-c", code, str(empty.layout.root), ref, str(tmp_path / seed), json.dumps(FORMS)]
        done = subprocess.run(args, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed}, check=False, timeout=240)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == str(first)


def written(graph: Graph) -> dict[tuple[str, str], bytes]:
    """The documents of a graph; a format without a place for it is left out."""
    found = {}
    for name, version in FORMS:
        try:
            found[(name, version)] = FORMATS[name].write(graph, version)
        except LedgerError as error:
            assert error.code == "LG1602", (name, version, error)
    return found


@settings(max_examples=100)
@given(graphs())
def test_any_graph_is_written_or_has_no_place(graph: Graph) -> None:
    documents = written(graph)
    assert {name for name, _ in documents} >= {"cyclonedx", "spdx", "prov-json", "datacite"}
    again = replace(graph, items=graph.items)
    for (name, version), data in documents.items():
        assert data == FORMATS[name].write(again, version)
        assert data.decode("utf-8").endswith("\n")
    assert list(lib4sbom_schema("2.3").iter_errors(json.loads(documents["spdx", "2.3"]))) == []
    assert list(lib4sbom_schema("3.0").iter_errors(json.loads(documents["spdx", "3.0.1"]))) == []
    for line in documents.get(("openlineage", ""), b"").decode("utf-8").split("\n"):
        assert line == "" or [str(one) for one in openlineage().iter_errors(json.loads(line))] == []
    if ("hf-card", "") in documents:
        read = hf_card.parse_yaml(hf_card.front_matter(documents["hf-card", ""]) or b"", "card") or {}
        assert read == hf_card.fields(graph)
        assert hf_card.patched(documents["hf-card", ""], graph) == documents["hf-card", ""]


def test_the_official_validators_take_any_graph(tmp_path: Path) -> None:
    files: dict[str, list[Path]] = {}

    @settings(max_examples=25, database=None)
    @given(graphs())
    def draw(graph: Graph) -> None:
        for (name, version), data in written(graph).items():
            path = tmp_path / f"{name}-{version}-{len(files.get(name, ()))}.json"
            path.write_bytes(data)
            files.setdefault(name, []).append(path)

    draw()
    assert set(files) == set(FORMATS)
    assert set(validate("datacite_record", *files["datacite"]).values()) == {None}
    assert set(validate("cyclonedx_bom", *files["cyclonedx"]).values()) == {None}
    assert [told["problem"] for told in validate("croissant_dataset", *files["croissant"]).values() if told["problem"]] == []
    older = [path for path in files["spdx"] if "2.3" in path.name]
    assert [told["problems"] for told in validate("spdx2_document", *older).values() if told["problems"]] == []
    for path, told in validate("prov_document", *files["prov-json"]).items():
        assert told["same"] and told["again"] == json.loads(Path(path).read_text("utf-8"))
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(MLDCAT)
    for told in validate("rdf_shapes", shapes, *files["mldcat-ap"]).values():
        assert [one for one in told["results"] if one[1] not in NOT_RECORDED or not one[2].endswith("MinCountConstraintComponent")] == []


def strange(name: str) -> Graph:
    """A model with this name everywhere that a person chooses one."""
    said = Said(name, "NOASSERTION", name)
    files = (FileEntry(name, "ab" * 32), FileEntry(f"{name}.csv", "cd" * 32))
    data = {"owner": name, "issuer": name, "description": name, "collection": name, "languages": [name]}
    source = ({"uri": "https://huggingface.co/datasets/example/data"},)
    data_set = Item("tree:" + "1" * 64, "dataset", name, name, 1, "2026-11-20T12:00:00Z", None, ("datasets",), 2, 9, (said,))
    data_set = replace(data_set, sources=source, data=data, listing=files, fields={"columns": {f"{name}.csv": [name, "x"]}})
    model = Item("tree:" + "2" * 64, "weights", name, name, 2, "2026-11-20T12:00:00Z", None, ("weights",), 2, 9, (said,), said)
    model = replace(model, listing=files, sources=({"uri": f"https://example.org/{name}"},))
    other = Item("ref:" + "3" * 64, "code", name, name, uri=name)
    links = (Link(model.id, "built-by", other.id, None), Link(model.id, "trained-on", data_set.id, {"count": 3}))
    about = {"provider": {"name": name}, "description": name}
    items = (other, data_set, model)
    return Graph("sha256:" + "4" * 64, name, name, True, "2026-11-20T12:00:00Z", items, links, "example.org/t", 3, "ab" * 32, "k", about, 2)


@pytest.mark.parametrize(("name", "version"), FORMS)
def test_strange_names_survive_in_every_format(tmp_path: Path, name: str, version: str) -> None:
    several = tmp_path / "strange"
    several.mkdir()
    for number, text in enumerate(NASTY):
        path = several / f"{number}.json"
        path.write_bytes(FORMATS[name].write(strange(check_name(text)), version))
        told = path.read_text("utf-8")
        assert json.dumps(text, ensure_ascii=False)[1:-1] in told or text in told, text
        # One official run each for those that are most likely to break it; all of them are schema-checked by the property test.
        if number in (2, 3, 13):
            CHECKS[name](path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with a card that names 21 datasets."""
    root = tmp_path_factory.mktemp("models") / "all-mini"
    root.mkdir()
    names = [f"sentence-transformers/set-{number}" for number in range(18)] + ["s2orc", "ms_marco", "gooaq"]
    card = "---\nlanguage: en\nlicense: apache-2.0\nlibrary_name: sentence-transformers\ndatasets:\n"
    card += "".join(f"- {name}\n" for name in names) + "base_model: nreimers/MiniLM-L6-H384-uncased\n"
    (root / "README.md").write_text(card + "base_model_relation: finetune\n---\n# all-mini\n")
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (root / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    (root / "config.json").write_text('{"model_type": "bert", "architectures": ["BertModel"]}')
    return root


@pytest.mark.parametrize(("name", "version"), [form for form in FORMS if form[0] != "croissant"])
def test_a_model_folder_of_hugging_face_passes_every_validator(
    empty: Ledger, folder: Path, tmp_path: Path, name: str, version: str
) -> None:
    import_from(empty, "huggingface", folder)
    out = tmp_path / FORMATS[name].example
    done = export_document(empty, name, "all-mini", out, version=version or None)
    CHECKS[name](out)
    assert done.to_json()["references"] == 22
    text = out.read_text("utf-8")
    assert "sentence-transformers/set-17" in text and "gooaq" in text
    assert "apache-2.0" in text.lower()


def test_a_model_alone_has_no_place_in_croissant(empty: Ledger, folder: Path, tmp_path: Path) -> None:
    import_from(empty, "huggingface", folder)
    with pytest.raises(LedgerError) as caught:
        export_document(empty, "croissant", "all-mini", tmp_path / "x")
    assert caught.value.code == "LG1602" and not (tmp_path / "x").exists()


def test_a_dataset_folder_of_hugging_face_is_croissant_and_a_card_again(empty: Ledger, tmp_path: Path) -> None:
    root = tmp_path / "quiz"
    root.mkdir()
    card = "---\nlanguage: [en]\nlicense: cc-by-4.0\nsize_categories: [n<1K]\nsource_datasets: [squad]\n---\n# quiz\n"
    (root / "README.md").write_text(card)
    (root / "train.csv").write_text("a,b\n1,2\n")
    import_from(empty, "huggingface", root)
    for name in ("croissant", "datacite", "prov-json", "openlineage", "spdx", "cyclonedx"):
        out = root / FORMATS[name].example
        export_document(empty, name, "quiz", out)
        CHECKS[name](out)
    said = json.loads((root / "croissant.json").read_text())
    assert said["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert [one["prov:label"] for one in said["prov:wasDerivedFrom"]] == ["squad"]
    done = export_document(empty, "hf-card", "quiz", tmp_path / "again", patch=root / "README.md")
    assert (tmp_path / "again").read_text() == card and done.bytes == len(card)
