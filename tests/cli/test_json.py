"""Every verb's `--json`: exactly one object on stdout, of the verb's schema, also when it fails."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import jsonschema_rs
import pytest
from ledger_cli.app import app
from ledger_cli.failures import guarded
from oms import making

from ledger import resources
from ledger.api import Ledger

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "schemas" / "cli"
seen: set[str] = set()
LINEAGES: list[tuple[str, ...]] = [
    ("lineage", "release/reader@1"),
    ("lineage", "figures@1", "--down", "--depth", "1"),
    ("lineage", "figures@1", "--format", "dot"),
    ("why", "figures@1", "weights/reader@1", "--all"),
    ("common", "weights/reader@1", "release/reader@1"),
    ("common", "figures@1", "trainer@1", "--down"),
]
BAD_LINEAGES: dict[tuple[str, ...], int] = {
    ("lineage", "x", "--up", "--down"): 2,
    ("lineage", "figures@1", "--format", "svg"): 2,
    ("why", "figures@1", "trainer@1"): 1,
    ("common", "figures@1", "figures@1"): 2,
}
# A record of `reader@1` with a licence that nobody can look up.
ODD = """\
release:
  name: x
  components:
    - {name: Model parameters (Final), license: Undisclosed}
    - {name: Datasets}
    - {name: Training code}
    - {name: Inference code}
    - {name: Model architecture}
    - {name: Model card}
"""


def ask(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict]:
    """Exit code and answer, checked against the schema that it names."""
    # What stands after two dashes belongs to somebody else's command.
    cut = args.index("--") if "--" in args else len(args)
    code = guarded(app, [*args[:cut], "--json", *args[cut:]])
    out = capsys.readouterr().out
    answer = json.loads(out)
    verb = answer["schema"].split("/")[1]
    schema = json.loads((SCHEMAS / verb / "v1.schema.json").read_text())
    jsonschema_rs.Draft202012Validator(schema).validate(answer)
    assert answer["ok"] is (code == 0)
    seen.add(verb)
    return code, answer


def prepare(inputs: Path, tmp_path: Path) -> None:
    """The files that the commands below name."""
    (tmp_path / "secret").write_text("secret\n")
    (tmp_path / "model.yml").write_text(
        "framework: {name: Model Openness Framework, version: '1.0', date: 2024-12-15}\n"
        "release: {name: x, license: {}, producer: p, components: [{name: Model card, license: MIT}]}\n"
    )
    making.write(tmp_path / "oms.pub", making.pem())
    making.private(tmp_path / "oms.pem")
    signed = {path.name: path.read_bytes() for path in (inputs / "model").iterdir()}
    making.write(tmp_path / "model.sig", making.bundle(making.statement(making.resources(signed))))
    (tmp_path / "odd.yml").write_text(ODD)
    (tmp_path / "card.yaml").write_text("license: mit\ndatasets: [c4]\n")
    profile = resources.data_bytes("frameworks", "redhat-minimum-2025.yaml")
    (tmp_path / "ours.yaml").write_bytes(profile.replace(b"profile: redhat-minimum-2025", b"profile: ours"))
    (tmp_path / "system.yaml").write_text("system: {name: x, endmodellicense: Apache 2.0}\ncode: {class: open, link: }\n")
    (tmp_path / "bom.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}')
    (tmp_path / "no-bom.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6", "dependencies": [{"ref": "x"}]}')
    (inputs / "p.yaml").write_text("ledger: 1\nartifacts: [{kind: code, name: p, path: code}]\n")


class Later:
    """An argument that is known once the commands before it have run."""

    def __init__(self, file: Path, cut: slice = slice(None)) -> None:
        self.file, self.cut = file, cut

    def __getitem__(self, cut: slice) -> Later:
        return Later(self.file, cut)

    def __str__(self) -> str:
        body = "".join(self.file.read_text().splitlines()[1:-1])
        return hashlib.sha256(base64.b64decode(body)).hexdigest()[self.cut]


def keyid_of(file: Path) -> Later:
    """The id of a public key, from its file's bytes."""
    return Later(file)


def license_commands(inputs: Path) -> list[tuple[str, ...]]:
    """Those of them that are about licences."""
    return [
        ("review", "figures@1", "--concluded-license", "MIT", "--reason", "read", "--dry-run"),
        ("licenses", "show", "Apache-2.0"),
        ("licenses", "show", "LicenseRef-Llama-3.1"),
        ("impact", "figures@1", "--license", "CC-BY-NC-4.0", "--stance", "strict"),
        ("impact", "figures@1", "--withdrawn"),
        ("attest", "reader@1", "--explain", "redhat-minimum-2025/weights"),
        ("diff", "reader@1", "small@1"),
        ("review", "release/reader@1", "--waive", "H4:" + 64 * "a", "--reason", "settled"),
        ("review", "release/reader@1", "--statement", "sharing-impossible", "--reason", "personal data"),
        ("identify", str(SCHEMAS.parent.parent / "LICENSE")),
        *files_commands(inputs),
    ]


def document_commands(tmp_path: Path) -> list[tuple[str, ...]]:
    """Those of them that are about what is said in words, and about documents."""
    return [
        ("describe", "release/reader@1"),
        ("describe", "figures@1", "--template"),
        ("describe", "--fields"),
        ("export", "eu-summary", "release/reader@1", "--out", str(tmp_path / "summary.md")),
        ("export", "ab2013", "release/reader@1", "--out", str(tmp_path / "ab.json")),
        ("export", "openness-report", "release/reader@1", "--out", str(tmp_path / "report.html")),
        ("export", "cyclonedx", "release/reader@1", "--out", str(tmp_path / "reader.cdx.json")),
        ("export", "spdx", "release/reader@1", "--out", str(tmp_path / "reader.spdx3.json")),
        ("export", "spdx", "release/reader@1", "--out", str(tmp_path / "reader.spdx.json"), "--format-version", "2.3"),
        ("export", "croissant", "release/reader@1", "--out", str(tmp_path / "croissant.json")),
        ("export", "hf-card", "release/reader@1", "--out", str(tmp_path / "CARD.md")),
        ("export", "parquet", "--out", str(tmp_path / "snapshot")),
        ("export", "duckdb", "--out", str(tmp_path / "ledger.duckdb")),
        ("import", "huggingface", str(tmp_path / "card.yaml")),
        ("run", "--from", "trained-on=figures@1", "--output", f"weights:{tmp_path / 'made'}=made@1", "--", "touch", str(tmp_path / "made")),
    ]


def bad_document_commands(tmp_path: Path) -> dict[tuple[str, ...], int]:
    """Likewise, of those that fail."""
    return {
        ("export", "oms"): 2,
        ("check", str(tmp_path / "bom.json"), str(tmp_path / "no-bom.json")): 1,
        ("check", str(tmp_path / "secret")): 1,
        ("export", "cyclonedx", "release/reader@1", "--out", str(tmp_path / "x"), "--format-version", "9"): 2,
        ("export", "croissant", "trainer@1", "--out", str(tmp_path / "x")): 2,
        ("export", "hf-card", "release/reader@1", "--out", str(tmp_path / "x"), "--patch", str(tmp_path / "no")): 2,
        ("export", "parquet", "--out", str(tmp_path)): 2,
        ("export", "duckdb", "--out", str(tmp_path / "model.yml")): 2,
        ("import", "huggingface", str(tmp_path / "nothing")): 2,
        ("run", "--output", f"weights:{tmp_path / 'none'}=none", "--", "false"): 1,
        ("run", "--output", "weights", "--", "true"): 2,
        ("describe", "weights/reader"): 2,
        ("describe", "--fields", "weights"): 2,
        ("export", "eu-summary", "release/reader@1", "--out", str(tmp_path / "summary.txt")): 2,
        ("export", "oasis-prov", "release/reader@1", "--out", str(tmp_path / "provenance")): 3,
    }


def files_commands(inputs: Path) -> list[tuple[str, ...]]:
    """Those of them that are about files, and about a ledger's own."""
    return [
        ("find", str(inputs / "data" / "test.csv")),
        ("find", "--named", "**/*.csv", "--limit", "1"),
        ("compact", "--dry-run"),
        ("compact",),
        ("stats",),
    ]


def good_commands(log_key: str, inputs: Path, tmp_path: Path) -> list[tuple[str, ...]]:
    """Commands that exit with 0."""
    bundle, secret, model = (str(tmp_path / name) for name in ("b.json", "secret", "model.yml"))
    pipeline, sig, oms = str(inputs / "p.yaml"), str(tmp_path / "model.sig"), str(tmp_path / "oms")
    return [
        ("init", str(tmp_path / "new"), "--origin", "example.org/new", "--insecure-no-passphrase"),
        ("key", "new", str(tmp_path / "k.pem"), "--passphrase-file", secret),
        ("key", "trust", str(tmp_path / "k.pem.pub"), "--for", "dataset"),
        ("key", "trust", str(tmp_path / "k.pem.pub"), "--name", "x*", "--out", str(tmp_path / "proposal")),
        ("sign", "--entry", "1"),
        ("sign", "--entry", "1", "--out", str(tmp_path / "entry")),
        ("submit", str(tmp_path / "proposal")),
        ("key", "revoke", keyid_of(tmp_path / "k.pem.pub"), "--reason", "stolen"),
        ("key", "list"),
        ("key", "trust", str(tmp_path / "k.pem.pub")),
        ("key", "retire", keyid_of(tmp_path / "k.pem.pub")[:8]),
        ("record", "dataset", str(inputs / "data"), "--name", "again", "--license", "nonsense licence"),
        ("record", "--file", pipeline),
        ("record", "--file", pipeline, "--dry-run"),
        ("release", "small", "--version", "1", "--component", "weights=weights/reader", "--component", "datasets=ref:x@1"),
        *license_commands(inputs),
        ("attest", "reader@1", "--dry-run"),
        ("attest", "reader@1", "--out", bundle),
        ("verify",),
        ("verify", "--deep"),
        ("verify", "bundle", bundle, "--log-key", log_key, "--artifact", str(inputs / "model")),
        ("verify", "artifact", "figures@1", str(inputs / "data")),
        ("verify", "oms", sig, "--model", str(inputs / "model"), "--public-key", oms + ".pub"),
        ("export", "oms", "reader@1", "--out", str(tmp_path / "out.sig"), "--key", oms + ".pem"),
        ("import", "oms", sig, "--model", str(inputs / "model"), "--name", "theirs", "--public-key", oms + ".pub"),
        ("show", "figures"),
        ("show", "release/reader@1"),
        *document_commands(tmp_path),
        ("log", "--limit", "3"),
        *LINEAGES,
        ("sql", "select idx, leaf, time, kind, 1.5::decimal(9,2) as d, [1, 2] as l, {'a': 1} as s, 2::hugeint ** 70 as h from entries"),
        *QUESTIONS,
        ("frameworks", "show", "mot-2026-05"),
        ("frameworks", "evaluate", "mot-2026-05", model),
        ("frameworks", "evaluate", str(tmp_path / "ours.yaml"), str(tmp_path / "system.yaml")),
        ("frameworks", "lint", str(tmp_path / "ours.yaml")),
        ("disagreements", "reader@1", "--profile", str(tmp_path / "ours.yaml")),
        ("doctor",),
        ("check", str(tmp_path / "bom.json")),
        ("explain", "LG0101"),
        ("explain",),
        ("witness", "init", str(tmp_path / "w"), "--name", "example.org/w", "--insecure-no-passphrase"),
        ("witness", "trust", str(tmp_path / "w"), log_key),
        ("cosign", "policy", "--none"),
        ("cosign", "status"),
        ("timestamp", "--request", str(tmp_path / "query")),
        ("cosign", "request", "--out", str(tmp_path / "request")),
        ("witness", "cosign", str(tmp_path / "w"), str(tmp_path / "request"), "--out", str(tmp_path / "answer")),
        ("witness", "list", str(tmp_path / "w")),
        ("follow", str(tmp_path.joinpath("ledger")), "--log-key", log_key),
        ("export", "tlog-proof", "4", "--out", str(tmp_path / "proof")),
        ("verify", "proof", str(tmp_path / "proof"), "--log-key", log_key),
    ]


def bad_framework_commands(tmp_path: Path) -> dict[tuple[str, ...], int]:
    """Those of them that are about frameworks and records."""
    model, system, odd, ours = (str(tmp_path / name) for name in ("model.yml", "system.yaml", "odd.yml", "ours.yaml"))
    return {
        ("frameworks", "show", "x"): 2,
        ("frameworks", "lint", model): 2,
        ("frameworks", "evaluate", "mot-2026-05", ours): 2,
        ("disagreements", "reader@1", "--record", model, "--record", system): 1,
        ("disagreements", "reader@1", "--profile", "redhat-minimum-2025", "--record", odd): 3,
        ("disagreements", "figures@1"): 2,
    }


QUESTIONS: list[tuple[str, ...]] = [
    ("frameworks",),
    ("query",),
    ("query", "tainted-by", "--describe"),
    ("query", "what-is-recorded", "--at", "3"),
    ("query", "releases-containing", "--set", "artifact=figures@1", "--set", "depth=1"),
]
BAD_ANSWERS: dict[tuple[str, ...], int] = {
    ("find", 64 * "0"): 1,
    ("find", "/"): 2,
    ("find", 64 * "0", "--limit", "0"): 2,
    ("find",): 2,
    ("query", "nothing"): 2,
    ("shell",): 2,
    ("query", "tainted-by", "--set", "artifact"): 2,
    ("query", "new-since", "--set", "since=x"): 2,
    ("attest", "reader@1", "--explain", "redhat-minimum-2025/nothing"): 2,
    ("diff", "reader@1", "nothing@1"): 2,
}


def bad_commands(log_key: str, inputs: Path, tmp_path: Path) -> dict[tuple[str, ...], int]:
    """Commands that fail, with their exit codes."""
    bundle, secret = str(tmp_path / "b.json"), str(tmp_path / "secret")
    return {
        ("show", "nobody"): 2,
        **bad_document_commands(tmp_path),
        ("frobnicate",): 2,
        ("key", "revoke"): 2,
        ("key", "public", "file.pem", "--out", secret): 2,
        ("key", "retire", "00000000"): 2,
        ("key", "retire", "short"): 2,
        ("review", "figures@1", "--concluded-license", "MIT", "--waive", "x", "--reason", "two"): 2,
        ("review", "figures@1", "--concluded-license", "nonsense", "--reason", "read"): 2,
        ("licenses", "release/reader@1"): 1,
        ("licenses", "nobody@1"): 2,
        ("licenses", "show", "LicenseRef-nobody"): 2,
        ("licenses", "figures@1", "MIT"): 2,
        ("licenses", "figures@1", "--stance", "relaxed"): 2,
        ("notices", "release/reader@1", "--out", str(tmp_path / "notices")): 1,
        ("notices", "release/reader@1", "--out", str(inputs)): 2,
        ("impact", "figures@1", "--license", "nonsense"): 2,
        ("attest", "reader@1", "--dry-run", "--stance", "strict"): 1,
        ("attest", "reader@1", "--dry-run", "--actor", "x"): 2,
        ("sign",): 2,
        ("sign", secret): 1,
        ("submit", secret): 1,
        ("submit", str(tmp_path / "nowhere")): 2,
        ("record", "--file", str(inputs / "p.yaml"), "--license", "MIT"): 2,
        ("record", "dataset", str(tmp_path / "nowhere"), "--name", "x"): 2,
        ("attest", "figures@1", "--out", bundle): 2,
        ("attest", "small@1", "--out", bundle, "--fail-on", "unknown"): 3,
        ("verify", "artifact", "figures@1", str(inputs / "code")): 1,
        ("verify", "bundle", secret, "--log-key", log_key): 1,
        ("verify", "oms", str(tmp_path / "model.sig"), "--model", str(inputs / "code"), "--public-key", str(tmp_path / "oms.pub")): 1,
        ("verify", "oms", str(tmp_path / "model.sig"), "--model", str(inputs / "model")): 3,
        ("import", "oms", secret, "--model", str(inputs / "model"), "--name", "x"): 1,
        **BAD_LINEAGES,
        ("sql", "drop table x"): 2,
        ("explain", "LG0000"): 2,
        **bad_framework_commands(tmp_path),
        ("log", "--limit", "0"): 2,
        ("key", "trust", secret): 2,
        ("cosign", "policy", secret): 2,
        ("cosign", "policy"): 2,
        ("timestamp",): 2,
        ("identity", "sign", secret, "--out", bundle): 1,
        ("verify", "identity", secret, "--identity", "a@example.org", "--issuer", "https://example.org"): 1,
        ("timestamp", "--add", secret): 1,
        ("cosign", "add", secret): 1,
        ("witness", "list", str(tmp_path)): 2,
        ("follow", str(tmp_path), "--log-key", log_key): 5,
        ("verify", "--require", "L12"): 3,
        ("verify", "proof", str(tmp_path / "proof"), "--log-key", log_key, "--require", "P5"): 3,
        ("verify", "proof", secret, "--log-key", log_key): 1,
        ("export", "tlog-proof", "999", "--out", secret): 2,
        ("verify", "--require", "X1"): 2,
        ("identify", secret): 3,
        ("identify", str(tmp_path / "nowhere")): 2,
    }


def test_every_verb_answers_by_its_schema(
    filled: Ledger, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    monkeypatch.chdir(tmp_path)
    prepare(inputs, tmp_path)
    for args in good_commands(filled.log_key, inputs, tmp_path):
        code, answer = ask(capsys, *map(str, args))
        assert code == 0, (args, answer)
    bad = {**bad_commands(filled.log_key, inputs, tmp_path), **BAD_ANSWERS}
    for args, wanted in bad.items():
        code, answer = ask(capsys, *args)
        assert code == wanted, (args, answer)
        assert answer["error"]["code"].startswith("LG") and answer["error"]["hint"]
    assert seen == {path.parent.name for path in SCHEMAS.rglob("v1.schema.json")}


@pytest.mark.parametrize(
    "args",
    [
        ("sql", "select 1"),
        ("lineage", "release/reader"),
        ("sql", "selec 1"),
        ("lineage", "nobody"),
        ("sql",),
        ("query", "releases"),
        ("query",),
    ],
)
def test_format_json_is_the_same_as_json(
    args: tuple[str, ...], filled: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    _, wanted = ask(capsys, *args)
    for more in (("--format", "json"), ("--format=json",)):
        guarded(app, [*args, *more])
        assert json.loads(capsys.readouterr().out) == wanted


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_interrupt_is_one_object_too(
    filled: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wrapped: bool
) -> None:
    def interrupted(*_args: object, **_more: object) -> None:
        if wrapped:
            # As Python does when it is interrupted while it makes a class.
            raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.api.Ledger.open", interrupted)
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    code, answer = ask(capsys, "log")
    assert (code, answer["error"]["code"]) == (130, "LG1205")


def test_a_damaged_ledger_is_exit_4(filled: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    path = next(path for path in filled.layout.objects.rglob("*") if path.is_file())
    path.chmod(0o600)
    path.write_bytes(b"changed")
    code, answer = ask(capsys, "verify")
    assert (code, answer["error"]["code"]) == (4, "LG0616")
    assert any(path.name in check["detail"] for check in answer["result"]["checks"])


def test_a_bug_is_exit_70_without_a_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.api.Ledger.open", lambda *_args, **_more: 1 / 0)
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", ".")
    code = guarded(app, ["log"])
    shown = capsys.readouterr()
    assert code == 70
    assert "error[LG9999]" in shown.err and "Traceback" not in shown.err + shown.out
