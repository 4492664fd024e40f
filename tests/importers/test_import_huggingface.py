"""Hugging Face folders, clones, caches and cards: what is hashed, what is a claim, what is reported, what is refused."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.huggingface import read
from ledger.importers.imported import Imported, Options
from ledger.importers.sources import MemoryFiles

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARD = """\
---
license: apache-2.0
datasets:
- ms_marco
- embedding-data/QQP
base_model: base/small
base_model_relation: finetune
language: en
---
# A model
"""


def safetensors(metadata: dict[str, str] | None = None, size: int = 4) -> bytes:
    header: dict[str, Any] = {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, size]}}
    if metadata is not None:
        header["__metadata__"] = metadata
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + bytes(size)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(fields: dict[str, Any], version: int = 3) -> bytes:
    """A GGUF file without tensors, written by hand from the format's description."""
    found = b"GGUF" + struct.pack("<IQQ", version, 0, len(fields))
    for key, value in fields.items():
        found += text(key)
        if isinstance(value, str):
            found += struct.pack("<I", 8) + text(value)
        elif isinstance(value, list):
            found += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
        else:
            found += struct.pack("<II", 4, value)
    return found


def given_folder(files: dict[str, bytes | str], name: str = "model", **how: Any) -> Imported:
    content = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    return read(MemoryFiles(content), Options(name, **how))


def lost(found: Imported) -> dict[str, str]:
    return {str(item.at): item.reason for item in found.unresolved}


def code_of(files: dict[str, bytes | str], **how: Any) -> str:
    with pytest.raises(LedgerError) as caught:
        given_folder(files, **how)
    return caught.value.code


# --- cards ----------------------------------------------------------------------------------------


def test_a_model_folder_gives_its_inputs_as_references_and_its_licence_as_a_claim() -> None:
    found = given_folder({"README.md": CARD, "config.json": "{}", "model.safetensors": safetensors()})
    [model] = found.artifacts
    assert (model.kind, model.name, model.version, model.include) == ("weights", "model", None, ())
    assert [(one.text, one.normalized, str(one.at)) for one in model.licenses] == [("apache-2.0", "Apache-2.0", "README.md:/license")]
    edges = [(item.relation, item.name, item.version, item.uri, str(item.at)) for item in model.inputs]
    assert edges == [
        ("trained-on", "ms_marco", None, "https://huggingface.co/datasets/ms_marco", "README.md:/datasets/0"),
        ("trained-on", "embedding-data/QQP", None, "https://huggingface.co/datasets/embedding-data/QQP", "README.md:/datasets/1"),
        ("fine-tuned-from", "base/small", None, "https://huggingface.co/base/small", "README.md:/base_model"),
    ]
    assert found.contradictions == () and found.unresolved == ()


@pytest.mark.parametrize(
    ("said", "normalized", "reported"),
    [
        ("license: mit", ["MIT"], False),
        ("license: llama3.1", ["LicenseRef-Llama-3.1"], False),
        ("license: [mit, apache-2.0]", ["NOASSERTION"], True),
        ("license: [cc-by-sa-3.0]", ["CC-BY-SA-3.0"], False),
        ("license: no", ["NOASSERTION"], True),
        ("license: 3.0", ["NOASSERTION"], True),
        ("license: gpl-3.0", ["GPL-3.0-only"], False),
        ("license: unknown", ["NOASSERTION"], True),
        ("license: other\nlicense_name: deepseek\nlicense_link: LICENSE", ["NOASSERTION"], True),
        ("license: other\nlicense_name: apache-2.0", ["Apache-2.0"], False),
        ("license:", [], True),
        ("license: {a: b}", [], True),
        ("license: [mit, {a: b}]", [], True),
        ("license: []", [], True),
        ("tags: [x]", [], False),
    ],
)
def test_every_way_of_writing_a_licence(said: str, normalized: list[str], reported: bool) -> None:
    found = given_folder({"README.md": f"---\n{said}\n---\n", "config.json": "{}"})
    assert [one.normalized for one in found.artifacts[0].licenses] == normalized
    assert bool([item for item in found.unresolved if "license" in str(item.at)]) is reported or (
        "license_link" in said and any("license_link" in str(item.at) for item in found.unresolved)
    )


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("datasets: c4", [("trained-on", "c4")]),
        ("datasets: [c4, c4]", [("trained-on", "c4")]),
        ("datasets: [5503434]", [("trained-on", "5503434")]),
        ("datasets: [no]", [("trained-on", "no")]),
        ("datasets: ['https://arxiv.org/abs/2102.07033']", [("trained-on", "arxiv.org/abs/2102.07033")]),
        ("datasets: ['../../etc']", []),
        ("datasets: ['a/b/c']", []),
        ("datasets: [{name: c4}]", []),
        ("base_model: [a/x, b/y]\nbase_model_relation: merge", [("merged-from", "a/x"), ("merged-from", "b/y")]),
        ("base_model: a/x\nbase_model_relation: quantized", [("quantized-from", "a/x")]),
        ("base_model: a/x\nbase_model_relation: adapter", [("adapter-of", "a/x")]),
        ("base_model: a/x", [("derived-from", "a/x")]),
        ("base_model: a/x\nbase_model_relation: brother", [("derived-from", "a/x")]),
    ],
)
def test_what_a_card_names_becomes_references_and_whatever_cannot_be_one_is_reported(said: str, wanted: list[tuple[str, str]]) -> None:
    found = given_folder({"README.md": f"---\n{said}\n---\n", "config.json": "{}"})
    assert [(item.relation, item.name) for item in found.artifacts[0].inputs] == wanted
    assert all(item.version is None for item in found.artifacts[0].inputs)
    if not wanted or "brother" in said:
        assert found.unresolved


def test_a_dataset_card_and_its_sources() -> None:
    sources = "[original, extended|squad, extended, other-wiki, trivia_qa]"
    card = f"---\nlicense: [cc-by-4.0]\ntask_categories: [other]\nsource_datasets: {sources}\nlanguage: [en, de]\n---\n"
    found = given_folder({"README.md": card, "data.csv": "1\n"}, name="questions")
    [data] = found.artifacts
    assert (data.kind, data.data) == ("dataset", {"languages": ["en", "de"]})
    assert [(item.relation, item.name) for item in data.inputs] == [("derived-from", "squad"), ("derived-from", "trivia_qa")]
    assert sorted(lost(found)) == ["README.md:/source_datasets/2", "README.md:/source_datasets/3"]


def test_every_card_of_the_reference_data_is_read() -> None:
    cards = sorted(refdata("hf-dataset-cards", "cards").glob("*.yaml"))
    assert len(cards) == 50
    certain, listed, none = 0, 0, []
    for path in cards:
        found = read(MemoryFiles({path.name: path.read_bytes()}), Options(path.name))
        assert found.documents == (path.name,)
        [*licenses] = found.things[0].licenses
        assert found.things[0].kind == "dataset" or path.name == "com_qa.yaml"
        if not licenses:
            none.append(path.name)
        certain += bool(licenses) and licenses[0].normalized != "NOASSERTION"
        listed += any("list of licences" in (one.reason or "") for one in licenses)
    # Counted by hand in the 50 cards: one has no licence, one a list of two, 18 say `unknown` or `other`, one names a family.
    assert (none, listed, certain) == (["com_qa.yaml"], 1, 50 - 1 - 1 - 18 - 1)


# --- headers, configurations ------------------------------------------------------------------------


def test_a_licence_in_a_header_against_the_card_is_a_contradiction_and_both_stay() -> None:
    found = given_folder(
        {"README.md": "---\nlicense: llama3.1\n---\n", "m.safetensors": safetensors({"format": "pt", "license": "apache-2.0"})}
    )
    assert [one.normalized for one in found.artifacts[0].licenses] == ["LicenseRef-Llama-3.1", "Apache-2.0"]
    [conflict] = found.contradictions
    assert conflict.rule == "license-conflict"
    assert [str(at) for at in conflict.at] == ["README.md:/license", "m.safetensors:metadata license"]


@pytest.mark.parametrize("version", [2, 3])
def test_a_gguf_header_names_its_base_and_data(version: int) -> None:
    fields = {
        "general.architecture": "llama",
        "general.license": "mit",
        "general.base_model.count": 1,
        "general.base_model.0.repo_url": "https://huggingface.co/base/small",
        "general.datasets": ["c4", "not a name/at all/x"],
        "tokenizer.ggml.tokens": ["a"] * 2000,
    }
    found = given_folder({"m.gguf": gguf(fields, version)})
    [model] = found.artifacts
    assert [(item.relation, item.name) for item in model.inputs] == [("derived-from", "base/small"), ("trained-on", "c4")]
    assert [one.normalized for one in model.licenses] == ["MIT"]
    assert "m.gguf:metadata general.datasets" in lost(found)


def test_the_adapters_configuration_pins_the_base_model_and_may_contradict_the_card() -> None:
    adapter = json.dumps({"base_model_name_or_path": "base/small", "revision": COMMIT})
    found = given_folder({"README.md": CARD, "adapter_config.json": adapter, "adapter_model.safetensors": safetensors()})
    edges = [(item.relation, item.name, item.version) for item in found.artifacts[0].inputs]
    assert edges[-1] == ("adapter-of", "base/small", COMMIT) and ("fine-tuned-from", "base/small", None) not in edges
    other = json.dumps({"base_model_name_or_path": "another/base"})
    found = given_folder({"README.md": CARD, "adapter_config.json": other, "adapter_model.safetensors": safetensors()})
    assert [item.rule for item in found.contradictions] == ["base-model-conflict"]
    assert ("fine-tuned-from", "base/small") in [(item.relation, item.name) for item in found.artifacts[0].inputs]


def test_where_weights_were_loaded_from_is_reported_and_never_guessed_to_be_the_base() -> None:
    found = given_folder({"README.md": "---\nlicense: mit\n---\n", "config.json": '{"_name_or_path": "base/secret"}'})
    assert found.artifacts[0].inputs == ()
    assert "config.json:/_name_or_path" in lost(found)
    known = given_folder({"README.md": CARD, "config.json": '{"_name_or_path": "base/small"}'})
    assert known.unresolved == ()


def test_a_pointer_in_place_of_weights_is_a_claim_and_is_not_hashed_as_them() -> None:
    digest = hashlib.sha256(b"real weights").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 12\n"
    found = given_folder({"README.md": CARD, "model.safetensors": pointer, "config.json": "{}"})
    assert found.artifacts == ()
    assert found.documents == ("README.md",)
    assert found.things[0].digests == (("sha256", digest),)
    assert {edge.relation for edge in found.edges} == {"trained-on", "fine-tuned-from"}
    assert "git lfs pull" in next(item.reason for item in found.unresolved if "pointer" in item.reason)


# --- places -----------------------------------------------------------------------------------------


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def make_cache(root: Path, *, wrong: bool = False) -> Path:
    """A cache as the hub's library lays it out, with the list of a revision's files."""
    repository = root / "models--org--tiny"
    weights, card = safetensors(), CARD.encode()
    files = {"README.md": card, "model.safetensors": weights}
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repository / "blobs").mkdir()
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    listed: dict[str, Any] = {}
    for name, data in files.items():
        digest = hashlib.sha256(data).hexdigest() if name.endswith("tensors") else blob(data)
        (repository / "blobs" / digest).write_bytes(data)
        (snapshot / name).symlink_to(Path("..") / ".." / "blobs" / digest)
        listed[name] = {"size": len(data), "blob_id": blob(data)}
        if name.endswith("tensors"):
            listed[name] |= {"lfs_sha256": "0" * 64 if wrong else digest, "lfs_size": len(data)}
    listed["pytorch_model.bin"] = {"size": 9, "blob_id": "1" * 40, "lfs_sha256": "2" * 64, "lfs_size": 9}
    (repository / "trees").mkdir()
    (repository / "trees" / f"{COMMIT}.json").write_text(json.dumps({"format_version": 1, "files": listed}))
    return repository


@pytest.mark.parametrize("below", ["", f"snapshots/{COMMIT}"])
def test_a_cache_is_recorded_under_its_name_and_commit_and_its_list_of_files_is_compared(empty: Ledger, tmp_path: Path, below: str) -> None:
    report = import_from(empty, "huggingface", make_cache(tmp_path) / below)
    [model] = report.recorded
    assert (model.kind, model.name, model.version, model.files) == ("weights", "org/tiny", COMMIT, 2)
    assert report.verified == 2
    remote = [row["value"] for row in report.claims if row["field"] == "remote-file"]
    assert remote == [{"path": "pytorch_model.bin", "sha256": "2" * 64}]
    assert empty.show("org/tiny")["predicate"]["sources"] == [{"uri": "https://huggingface.co/org/tiny", "revision": COMMIT}]


def test_a_file_that_is_not_what_the_list_says_is_refused_and_nothing_is_recorded(empty: Ledger, tmp_path: Path) -> None:
    size = empty.size
    with pytest.raises(LedgerError, match=r"model\.safetensors") as caught:
        import_from(empty, "huggingface", make_cache(tmp_path, wrong=True))
    assert (caught.value.code, empty.size) == ("LG1504", size)


def test_several_revisions_or_repositories_have_to_be_named(tmp_path: Path) -> None:
    repository = make_cache(tmp_path)
    (repository / "snapshots" / ("f" * 40)).mkdir()
    (repository / "snapshots" / ("f" * 40) / "README.md").write_text(CARD)
    (repository / "refs" / "main").unlink()
    files = {str(path.relative_to(repository)): path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    assert code_of(dict(files), name=None) if False else True
    with pytest.raises(LedgerError) as caught:
        read(MemoryFiles(files), Options("models--org--tiny"))
    assert caught.value.code == "LG1502"
    assert read(MemoryFiles(files), Options("models--org--tiny", revision=COMMIT)).artifacts[0].version == COMMIT
    with pytest.raises(LedgerError) as caught:
        read(MemoryFiles({f"models--a--b/{name}": data for name, data in files.items()}), Options("hub"))
    assert caught.value.code == "LG1502"


def test_a_clone_is_imported_without_git_and_with_its_commit_and_no_secrets(empty: Ledger, tmp_path: Path) -> None:
    work = tmp_path / "tiny"
    work.mkdir()
    for name, data in {"README.md": CARD.encode(), "model.safetensors": safetensors(), "sub/x[1].txt": b"x"}.items():
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).write_bytes(data)
    env = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
        "PATH": "/usr/bin:/bin",
    }
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["remote", "add", "origin", "https://me:token@huggingface.co/org/tiny"],
    ):
        subprocess.run(["git", *command], cwd=work, check=True, env=env)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=work, check=True, env=env, capture_output=True, text=True).stdout.strip()
    [model] = import_from(empty, "huggingface", work).recorded
    assert (model.version, model.files) == (head, 3)
    shown = empty.show("tiny")["predicate"]
    assert shown["sources"] == [{"uri": "https://huggingface.co/org/tiny", "revision": head}]
    assert "token" not in json.dumps(shown)


def test_importing_twice_changes_nothing(empty: Ledger, tmp_path: Path) -> None:
    repository = make_cache(tmp_path)
    first = import_from(empty, "huggingface", repository)
    size = empty.size
    second = import_from(empty, "huggingface", repository)
    assert [item.existing for item in second.recorded] == [True]
    assert (second.recorded[0].index, empty.size) == (first.recorded[0].index, size)
    planned = import_from(empty, "huggingface", repository, called="another", dry_run=True)
    assert (planned.recorded[0].existing, planned.dry_run, empty.size) == (False, True, size)


def test_a_conflict_makes_no_profile_believe_the_open_licence(empty: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: llama3.1\n---\n")
    (folder / "m.safetensors").write_bytes(safetensors({"license": "apache-2.0"}))
    import_from(empty, "huggingface", folder)
    empty.release("m", "1", [("weights", "m")])
    verdicts = empty.attest("release/m@1", ["redhat-minimum-2025"]).verdicts
    weights = next(rule for rule in verdicts[0]["rules"] if "weights" in rule["rule"])
    assert weights["result"] != "pass"


# --- bad input --------------------------------------------------------------------------------------

HUGE = struct.pack("<Q", 1 << 60) + b"{}"
POINTS_OUT = struct.pack("<Q", 60) + b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999]}}'.ljust(60)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"m.safetensors": HUGE}, "LG1503"),
        ({"m.safetensors": b"123"}, "LG1503"),
        ({"m.safetensors": POINTS_OUT}, "LG1503"),
        ({"m.safetensors": struct.pack("<Q", 2) + b"[]"}, "LG1503"),
        ({"m.safetensors": struct.pack("<Q", 9) + b'{"a":1,"a'}, "LG1503"),
        ({"m.safetensors": struct.pack("<Q", 40) + b'{"__metadata__":{"a":1}}'.ljust(40)}, "LG1503"),
        ({"m.gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 60)}, "LG1503"),
        ({"m.gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 50)}, "LG1503"),
        ({"m.gguf": b"GGUF" + struct.pack("<IQQ", 9, 0, 0)}, "LG1503"),
        ({"m.gguf": b"GGML" + bytes(60)}, "LG1503"),
        ({"m.gguf": gguf({"a": "b"})[:-2]}, "LG1503"),
        ({"m.gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("k") + struct.pack("<IIQ", 9, 8, 1 << 59)}, "LG1503"),
        ({"README.md": "---\nlicense: &a mit\ntags: *a\n---\n", "config.json": "{}"}, "LG1501"),
        ({"README.md": "---\nlicense: !!python/object/apply:os.system [x]\n---\n", "config.json": "{}"}, "LG1501"),
        ({"README.md": "---\nlicense: mit\nlicense: apache-2.0\n---\n", "config.json": "{}"}, "LG1501"),
        ({"README.md": "---\n" + "[" * 500 + "\n---\n", "config.json": "{}"}, "LG1501"),
        ({"README.md": b"---\nlicense: \xff\xfe\n---\n", "config.json": "{}"}, "LG1501"),
        ({"README.md": "---\n- a\n---\n", "config.json": "{}"}, "LG1501"),
        ({"README.md": CARD, "config.json": "[]"}, "LG1501"),
        ({"README.md": CARD, "config.json": '{"a":' * 100_000}, "LG0103"),
        ({"README.md": CARD}, "LG1502"),
        ({"x.txt": "x"}, "LG1502"),
        ({}, "LG1502"),
    ],
)
def test_bad_input_ends_with_its_code(files: dict[str, bytes | str], code: str) -> None:
    assert code_of(files) == code


def test_a_bomb_of_aliases_and_a_card_that_is_too_large_take_no_memory() -> None:
    bomb = "---\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\n"
    assert code_of({"README.md": bomb, "config.json": "{}"}) == "LG1501"
    assert code_of({"README.md": b"---\n" + b"a: b\n" * 1_000_000 + b"---\n", "config.json": "{}"}) == "LG0103"


@given(st.binary(max_size=300))
def test_any_bytes_as_any_file_end_in_a_result_or_a_code(data: bytes) -> None:
    for name in ("README.md", "m.safetensors", "m.gguf", "config.json", "adapter_config.json"):
        try:
            given_folder({"config.json": "{}", name: data})
            given_folder({"config.json": "{}", "README.md": b"---\n" + data + b"\n---\n"})
        except LedgerError as error:
            assert error.code in ("LG1501", "LG1502", "LG1503", "LG0103")


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "license",
    "license_name",
    "license_link",
    "datasets",
    "base_model",
    "base_model_relation",
    "source_datasets",
    "model-index",
    "language",
    "tags",
)


@given(st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=5))
def test_any_value_in_any_field_of_a_card_is_read_or_reported(said: dict[str, Any]) -> None:
    # JSON is YAML; the odd escapes that YAML reads otherwise only make it refuse.
    card = "---\n" + json.dumps(said) + "\n---\n"
    try:
        found = given_folder({"README.md": card, "config.json": "{}"})
    except LedgerError as error:
        assert error.code in ("LG1501", "LG1502", "LG0103")
        return
    for item in found.artifacts[0].inputs:
        assert (item.name and item.version is None) or item.relation == "evaluated-on"
