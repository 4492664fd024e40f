"""Documents of a recorded release, by the command line and the library."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from commands import ask
from documents import granite, oasis_oracle
from documents.making import FULL, PROVIDER
from refdata import refdata

from ledger._api.documents import _profile_text
from ledger.api import Ledger, LedgerError
from ledger.frameworks import load_profile

ROOT = Path(__file__).resolve().parent.parent.parent
FORMS = [
    ("eu-summary", "json"),
    ("eu-summary", "md"),
    ("ab2013", "json"),
    ("ab2013", "md"),
    ("openness-report", "html"),
    ("openness-report", "md"),
]


def record(ledger: Ledger, inputs: Path, **more: Any) -> Ledger:
    """A release with two recorded datasets and one that only the lineage names."""
    data = {**FULL, "origin": "public", "personal_data": "no"}
    plan = {
        "ledger": 1,
        "artifacts": [
            {
                "kind": "dataset",
                "name": "figures",
                "version": "1",
                "path": "data",
                "data": data,
                "sources": ["https://example.org/figures"],
            },
            {"kind": "dataset", "name": "cards", "version": "1", "path": "CARD.md", "data": {"origin": "synthetic"}},
            {"kind": "weights", "name": "reader", "version": "1", "path": "model", "from": {"trained-on": ["figures@1", "ref:web@2"]}},
        ],
        "releases": [
            {
                "name": "reader",
                "version": "1",
                "components": {
                    "weights": "weights/reader@1",
                    "datasets": ["figures@1", {"ref": "cards@1", "data": {"purpose": "Flavour."}}],
                },
                "about": PROVIDER,
            }
        ],
    }
    (inputs / "p.yaml").write_text(yaml.safe_dump({**plan, **more}))
    ledger.record_file(inputs / "p.yaml")
    return ledger


@pytest.fixture
def recorded(empty: Ledger, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(empty.layout.root))
    return record(empty, inputs)


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_document_is_written_and_the_same_again(recorded: Ledger, tmp_path: Path, capsys: Any, name: str, form: str) -> None:
    out = tmp_path / f"out.{form}"
    said = ask(capsys, "export", name, "release/reader@1", "--out", str(out), "--json")
    assert said.code == 0 and said.json()["result"]["release"]["name"] == "reader"
    data = out.read_bytes()
    # A later entry of the log about something else changes no document but the size that the report names.
    recorded.record("code", out, name="other")
    assert ask(capsys, "export", name, "reader@1", "--out", str(out)).code == 0
    again = out.read_bytes()
    assert again == data or (name == "openness-report" and again == data.replace(b"the first 5 entries", b"the first 6 entries"))
    assert ask(capsys, "export", name, "reader@1", "--out", str(out), "--at", "5").code == 0
    assert out.read_bytes() == data


def test_the_ledger_s_words_are_in_the_documents(recorded: Ledger, tmp_path: Path) -> None:
    recorded.export_eu_summary("reader@1", tmp_path / "s.json")
    said = json.loads((tmp_path / "s.json").read_text())
    (public,) = said["sections"]["2.1"]["large_public_datasets"]["value"]
    assert (public["name"], public["link"], public["availability"]) == ("figures@1", "https://example.org/figures", "verified")
    assert said["sections"]["2.5"]["synthetic_used"]["value"] == "yes"
    assert [item["name"] for item in said["unassigned"]] == ["web@2"]
    provider = said["sections"]["1.1"]["provider_name_and_contact"]
    release = recorded.show("release/reader@1")
    assert provider["evidence"] == [{"index": release["recorded"]["index"], "pointer": "/predicate/about/provider"}]
    # The evidence leads to the words.
    (proof,) = (item for item in public["evidence"] if item["pointer"] == "/predicate/data")
    assert recorded.show("figures@1")["recorded"]["index"] == proof["index"]
    recorded.export_ab2013("reader@1", tmp_path / "a.json")
    items = {item["name"]: item["items"] for item in json.loads((tmp_path / "a.json").read_text())["datasets"]}
    # What the release says of a dataset counts where its manifest is silent.
    assert (items["cards@1"]["2"], items["figures@1"]["2"], items["web@2"]["2"]) == (
        "Flavour.",
        "Teaches the model to add.",
        "not recorded",
    )


def test_provenance_documents_for_those_that_have_what_is_required(recorded: Ledger, tmp_path: Path, capsys: Any) -> None:
    said = ask(capsys, "export", "oasis-prov", "reader@1", "--out", str(tmp_path / "prov"), "--json")
    assert said.code == 3 and said.json()["error"]["code"] == "LG1112"
    result = said.json()["result"]
    (written,) = result["written"]
    assert written["name"] == "figures@1" and {item["name"] for item in result["lacking"]} == {"cards@1", "web@2"}
    assert [path.name for path in (tmp_path / "prov").iterdir()] == [Path(written["path"]).name]
    document = json.loads(Path(written["path"]).read_text())
    assert oasis_oracle.faults(document) == []
    value = document["source"]["id"]["hashes"][0]["tree-hashes"][0]["value"]
    assert recorded.show("figures@1")["id"] == f"tree:{value}"
    shown = ask(capsys, "export", "oasis-prov", "reader@1", "--out", str(tmp_path / "prov2"))
    assert shown.code == 3 and "?     web@2: no document" in shown.out and "data: issuer" in shown.out


def test_one_dataset_and_a_file(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    release = {"name": "one", "version": "1", "components": {"datasets": "figures@1"}, "about": PROVIDER}
    record(empty, inputs, releases=[release])
    out = tmp_path / "one.json"
    done = empty.export_oasis_prov("one@1", out)
    assert done.lacking == () and [item["path"] for item in done.written] == [str(out)]
    assert oasis_oracle.faults(json.loads(out.read_text())) == []


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("eu-summary", "reader@1", "--out", "x.txt"), "LG1111"),
        (("ab2013", "reader@1", "--out", "x"), "LG1111"),
        (("openness-report", "reader@1", "--out", "x.json"), "LG1111"),
        (("oasis-prov", "reader@1", "--out", "x.json"), "LG1111"),
        (("eu-summary", "figures@1", "--out", "x.md"), "LG1102"),
        (("oasis-prov", "nobody@1", "--out", "x"), "LG0901"),
        (("openness-report", "reader@1", "--out", "x.md", "--profile", "nothing"), "LG1001"),
        (("eu-summary", "reader@1", "--out", "nowhere/x.md"), "LG1103"),
    ],
)
def test_what_cannot_be_written_is_said(recorded: Ledger, tmp_path: Path, capsys: Any, monkeypatch: Any, args: Any, code: str) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    said = ask(capsys, "export", *args, "--json")
    assert said.json()["error"]["code"] == code
    assert sorted(tmp_path.iterdir()) == before


def test_a_release_without_datasets(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    empty.record("weights", inputs / "model", name="reader", version="1")
    empty.release("reader", "1", [("weights", "weights/reader@1")])
    for form in ("json", "md"):
        empty.export_eu_summary("reader@1", tmp_path / f"s.{form}")
        empty.export_ab2013("reader@1", tmp_path / f"a.{form}")
    empty.export_report("reader@1", tmp_path / "r.html")
    said = json.loads((tmp_path / "s.json").read_text())
    assert said["sections"]["2.1"]["used"]["value"] == "not answered"
    assert b"No dataset is recorded for this release." in (tmp_path / "r.html").read_bytes()
    with pytest.raises(LedgerError) as caught:
        empty.export_oasis_prov("reader@1", tmp_path / "prov")
    assert caught.value.code == "LG1113" and not (tmp_path / "prov").exists()


def test_the_report_says_what_an_attestation_says(recorded: Ledger, tmp_path: Path) -> None:
    done = recorded.export_report("reader@1", tmp_path / "r.md")
    attested = recorded.attest("reader@1", dry_run=True)
    assert [(item["profile"], item["result"], item["believed"]) for item in done.said["verdicts"]] == [
        (item["profile"], item["result"], item["believed"]) for item in attested.verdicts
    ]
    text = (tmp_path / "r.md").read_text("utf-8")
    for item in attested.verdicts:
        assert text.count(item["digest"]) == 1


def test_own_profiles_and_two_of_one_name(recorded: Ledger, tmp_path: Path) -> None:
    text = (ROOT / "ledger/frameworks/data/redhat-minimum-2025.yaml").read_text("utf-8")
    same, other = tmp_path / "same.yaml", tmp_path / "other.yaml"
    same.write_text(text, "utf-8")
    other.write_text(text + "# another\n", "utf-8")
    done = recorded.export_report("reader@1", tmp_path / "r.md", ["redhat-minimum-2025", str(same)])
    assert [item["profile"] for item in done.said["verdicts"]] == ["redhat-minimum-2025"]
    with pytest.raises(LedgerError) as caught:
        recorded.export_report("reader@1", tmp_path / "r.md", ["redhat-minimum-2025", str(other)])
    assert caught.value.code == "LG1002"


def test_a_ladder_is_what_asks_for_more_rung_by_rung() -> None:
    profile = load_profile("redhat-minimum-2025")
    rungs = ({"id": "low", "label": "Low", "requires": ("a",)}, {"id": "high", "label": "High", "requires": ("b",)})
    groups = ({"id": "low", "label": "Low", "rules": ("a",)},)
    for params, ladder, labels in (
        ({"tiers": rungs}, (("low", "Low"), ("high", "High")), {}),
        ({"clusters": groups, "method": "mean"}, (), {}),
        ({"labels": {"pass": "complete"}}, (), {"pass": "complete"}),
        ({"labels": {}}, (), {}),
    ):
        found = _profile_text(replace(profile, conclusion=replace(profile.conclusion, params=params)))
        assert (found.ladder, found.labels) == (ladder, labels)
    assert [id for id, _ in _profile_text(load_profile("mot-2026-05")).ladder] == ["3", "2", "1"]
    assert found.rules.keys() == {rule.id for rule in profile.rules}


def test_the_disclosure_of_granite(empty: Ledger, inputs: Path, tmp_path: Path) -> None:
    rows = granite.disclosed(refdata("lineage", "granite3_training_data.csv"))
    # 102 rows, of which 55 are public, 24 synthetic and 23 curated by IBM; a few stand twice in one section.
    origins = Counter(row["origin"] for row in rows)
    (inputs / "granite.yaml").write_text(granite.pipeline(rows, "model"), "utf-8")
    empty.record_file(inputs / "granite.yaml")
    empty.export_eu_summary("granite-3.0@3.0", tmp_path / "s.json")
    said = json.loads((tmp_path / "s.json").read_text("utf-8"))
    jsonschema_rs.Draft202012Validator(json.loads((ROOT / "schemas/eu-summary/v1.schema.json").read_text())).validate(said)
    public, synthetic = said["sections"]["2.1"], said["sections"]["2.5"]
    listed = public["large_public_datasets"]["value"]
    assert (public["used"]["value"], synthetic["synthetic_used"]["value"]) == ("yes", "yes")
    assert Counter(item["name"] for item in listed) == Counter(
        f"{row['dataset'].replace(':', ' ')}@{row['section'].partition(' ')[0]}" for row in rows if row["origin"] == "public"
    )
    assert sum(item["link"] != "not recorded" for item in listed) == sum(
        row["origin"] == "public" and bool(row["url_footnote"]) for row in rows
    )
    synthetic_entries = {item["artifact"] for item in synthetic["synthetic_used"]["evidence"]}
    assert (len(listed), len(synthetic_entries), len(said["unassigned"])) == (
        origins["public"],
        origins["synthetic"],
        origins["ibm-curated"],
    )
    # Nobody says anything about the rest.
    assert said["sections"]["2.3"]["crawlers_used_by_or_for_provider"]["value"] == "not answered"
