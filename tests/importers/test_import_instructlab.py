"""InstructLab: the taxonomy's head leaf by leaf, attribution files as people write them, and generated data with their recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refdata import refdata

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.imported import Imported, Options, Unresolved
from ledger.importers.instructlab import read, read_attribution
from ledger.importers.sources import MemoryFiles
from ledger.licenses.names import named

QNA = """\
version: 3
created_by: somebody
domain: birds
document_outline: About birds.
seed_examples: [{context: a}, {context: b}, {context: c}, {context: d}, {context: e}]
document: {repo: 'https://example.org/birds.git', commit: 5f7158a5ce83c4ff493bfe341fe31ecad64ff697, patterns: [birds.md]}
"""
STAMP = "2025-11-10T12_00_00"


def taken(files: dict[str, str], **how: Any) -> Imported:
    return read(MemoryFiles({path: text.encode() for path, text in files.items()}), Options("taxonomy", **how))


def test_the_head_of_the_taxonomy(empty: Ledger) -> None:
    report = import_from(empty, "instructlab", refdata("instructlab-taxonomy", "head"), called="taxonomy", revision="head")
    leaves = [item for item in report.recorded if item.name != "taxonomy"]
    assert len(leaves) == 16
    assert len([row for row in report.unresolved if "attribution.txt" in row["reason"]]) == 16 - 5
    attributed = {row["subject"] for row in report.claims if row["field"] == "license"}
    assert attributed == {
        "compositional_skills/grounded/linguistics/inclusion",
        "compositional_skills/grounded/linguistics/writing/rewriting",
        "compositional_skills/linguistics/synonyms",
        "knowledge/arts/music/fandom/swifties",
        "knowledge/science/animals/birds/black_capped_chickadee",
    }
    [restricted] = report.contradictions
    assert restricted["rule"] == "restricted-leaf"
    assert "synonyms" in restricted["text"] and "CC-BY-NC-SA-4.0" in restricted["text"] and "commercial" in restricted["text"]
    assert restricted["at"] == ["compositional_skills/linguistics/synonyms/attribution.txt:line 3"]
    schema = [row for row in report.unresolved if row["reason"].startswith("the schema asks")]
    assert {row["at"].split("/")[0] for row in schema} == {"foundational_skills"}
    assert len({row["at"].rsplit("/qna.yaml", 1)[0] for row in schema}) == 11
    assert len([row for row in schema if "seed examples" in row["what"]]) == 9


def test_the_pinned_documents_and_works_are_inputs_of_their_leaves(empty: Ledger) -> None:
    import_from(empty, "instructlab", refdata("instructlab-taxonomy", "head"), called="taxonomy", revision="head")
    bird = empty.show("taxonomy/knowledge/science/animals/birds/black_capped_chickadee@head")["predicate"]
    inputs = [(edge["relation"], edge["reference"]) for edge in bird["from"]]
    assert inputs == [
        (
            "derived-from",
            {
                "name": "github.com/juliadenham/Summit_knowledge",
                "uri": "https://github.com/juliadenham/Summit_knowledge",
                "version": "5f7158a5ce83c4ff493bfe341fe31ecad64ff697",
            },
        ),
        (
            "derived-from",
            {
                "name": "Black-capped chickadee",
                "uri": "https://en.wikipedia.org/wiki/Black-capped_chickadee",
                "version": "https://en.wikipedia.org/w/index.php?title=Black-capped_chickadee&oldid=1219937468",
            },
        ),
    ]
    whole = empty.show("dataset/taxonomy@head")["predicate"]
    assert {edge["relation"] for edge in whole["from"]} == {"combined-from"} and len(whole["from"]) == 16
    findings = empty.licenses("dataset/taxonomy@head").to_json()["findings"]
    assert any("CC-BY-NC-SA-4.0" in str(item) for item in findings), "the restriction travels to the whole"


def test_importing_twice_changes_nothing(empty: Ledger) -> None:
    folder = refdata("instructlab-taxonomy", "head")
    import_from(empty, "instructlab", folder, revision="head")
    size = empty.size
    again = import_from(empty, "instructlab", folder, revision="head")
    assert all(item.existing for item in again.recorded)
    assert empty.size == size


@pytest.mark.parametrize(
    ("text", "licenses", "reported"),
    [
        ("Title of work: A\nLicense of the work: MIT\n", ["MIT"], 0),
        ("Title of work: A\r\nLicense of the work: CC BY-NC-SA 4.0", ["CC BY-NC-SA 4.0"], 0),
        ("Title of work: A\nLicense of the work: MIT\n\n\n\nTitle of work: B\nLicence of the work: Apache-2.0", ["MIT", "Apache-2.0"], 0),
        ("Title of work: A\nLicense of the work: MIT\nTitle of work: B\nLicense of the work: Zlib\n", ["MIT", "Zlib"], 0),
        ("title  OF work :A\nlicense of the work:MIT", ["MIT"], 0),
        ("Title of work: A\nsomething else\n", [None], 1),
        ("", [], 0),
        ("\n\n", [], 0),
        ("License of the work: -\n", [None], 0),
    ],
)
def test_attribution_files_as_people_write_them(text: str, licenses: list[str | None], reported: int) -> None:
    lost: list[Unresolved] = []
    works = read_attribution(text.encode(), "attribution.txt", lost)
    found = [work.get("license of the work", "licence of the work") for work in works]
    assert [None if item is None else item[0] for item in found] == licenses
    assert len(lost) == reported


def test_the_name_with_spaces_is_the_licence_that_it_says() -> None:
    assert named("CC BY-NC-SA 4.0", "words").expression == "CC-BY-NC-SA-4.0"


@given(st.text(max_size=300))
def test_any_attribution_is_read(text: str) -> None:
    lost: list[Unresolved] = []
    for work in read_attribution(text.encode("utf-8", "replace"), "a", lost):
        assert work.fields and set(work.fields) == set(work.lines)


def generated(**more: str) -> dict[str, str]:
    return {
        f"skills_recipe_{STAMP}.yaml": (
            "datasets:\n"
            f"- {{path: node_datasets_{STAMP}/compositional_skills_linguistics_synonyms_p10.jsonl, sampling_size: 0.5}}\n"
            f"- {{path: node_datasets_{STAMP}/knowledge_birds.jsonl, sampling_size: 200}}\n"
            "- {path: /usr/share/premixed/base.jsonl, sampling_size: 1.0}\n"
            "metadata: {sys_prompt: be good}\n"
        ),
        f"skills_train_msgs_{STAMP}.jsonl": '{"messages": []}\n',
        f"node_datasets_{STAMP}/compositional_skills_linguistics_synonyms_p10.jsonl": '{"a": 1}\n',
        f"node_datasets_{STAMP}/knowledge_birds.jsonl": '{"b": 1}\n',
        f"node_datasets_{STAMP}/left_over.jsonl": '{"c": 1}\n',
        **more,
    }


def test_generated_data_with_their_recipe_as_weighted_inputs(empty: Ledger, tmp_path: Path) -> None:
    for path, text in generated().items():
        (tmp_path / "out" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / path).write_text(text)
    (tmp_path / "teacher").write_text("weights")
    empty.record("weights", tmp_path / "teacher", name="teacher", version="1")
    report = import_from(empty, "instructlab", tmp_path / "out", generated_by="teacher@1", revision="abc1234", version="7")
    assert len(report.recorded) == 4
    mixed = empty.show(f"out/skills_train_msgs_{STAMP}@7")["predicate"]
    amounts = [(edge["relation"], edge.get("amount"), edge["input"][:4]) for edge in mixed["from"]]
    assert sorted(amounts, key=str) == [
        ("combined-from", {"count": 200}, "file"),
        ("combined-from", {"fraction": 0.5}, "file"),
        ("combined-from", {"fraction": 1}, "ref:"),
    ]
    leaf = empty.show(f"out/node_datasets_{STAMP}/compositional_skills_linguistics_synonyms_p10@7")["predicate"]
    assert leaf["data"] == {"origin": "synthetic"}
    assert [(edge["relation"], edge.get("reference", {}).get("version")) for edge in leaf["from"]] == [
        ("generated-by", None),
        ("derived-from", "abc1234"),
    ]
    assert leaf["from"][0]["input"] == empty.show("teacher@1")["id"]
    assert any("premixed" in row["what"] for row in report.unresolved)


def test_without_a_teacher_it_is_said_that_nobody_names_it() -> None:
    found = taken(generated())
    assert any("--generated-by" in item.reason for item in found.unresolved)
    assert all(item.relation != "generated-by" for part in found.artifacts for item in part.inputs)


@pytest.mark.parametrize("size", ["0", "-1", "much", "[1]", "1e400", "nan", "", "99999999999999999999"])
def test_an_amount_that_is_none_is_reported(size: str) -> None:
    files = {"mix_recipe_x.yaml": f"datasets: [{{path: a.jsonl, sampling_size: {size}}}]\n", "a.jsonl": "{}\n"}
    found = taken(files)
    assert all(given.amount is None for part in found.artifacts for given in part.inputs)
    if size:
        assert any("neither a fraction nor a count" in item.reason for item in found.unresolved)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"README.md": "x"}, "LG1502"),
        ({"knowledge/a/qna.yaml": "- a\n"}, "LG1501"),
        ({"knowledge/a/qna.yaml": "a: [\n"}, "LG1501"),
        ({"knowledge/a/qna.yaml": "a: &x 1\nb: *x\n"}, "LG1501"),
        ({"knowledge/a/qna.yaml": "a: !!python/name:os.system\n"}, "LG1501"),
        ({"knowledge/a@b/qna.yaml": QNA}, "LG0306"),
        ({"x_recipe.yaml": "datasets: [{path: gone.jsonl}]\n"}, "LG1505"),
        ({"x_recipe.yaml": "- 1\n"}, "LG1501"),
    ],
)
def test_bad_input_ends_with_its_code(files: dict[str, str], code: str) -> None:
    with pytest.raises(LedgerError) as caught:
        taken(files)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "document", ["x", "{repo: a}", "{repo: /home/me/x, commit: 5f7158a}", "{repo: 'https://example.org/x', commit: HEAD}", "[1]"]
)
def test_a_document_that_pins_nothing_is_reported_and_no_input(document: str) -> None:
    found = taken({"knowledge/a/qna.yaml": QNA[: QNA.index("document:")] + f"document: {document}\n"})
    assert found.artifacts[0].inputs == ()
    assert any("/document" in str(item.at) for item in found.unresolved)


def test_a_recipe_that_climbs_out_reads_nothing_there() -> None:
    found = taken({"x_recipe.yaml": "datasets: [{path: ../../etc/passwd}, {path: a.jsonl}]\n", "a.jsonl": "{}\n"})
    assert [part.path for part in found.artifacts] == ["a.jsonl"]
