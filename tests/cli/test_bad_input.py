"""What careless and hostile users give: each has its code, a hint and an exit code, and the ledger is exactly as it was."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import ask, contents
from conftest import ORIGIN, fill, make_inputs

from ledger.api import Ledger, LedgerError, make_key
from ledger.limits import Limits

Case = tuple[tuple[str, ...], str, int]
LONG = "A" * 300


def prepare(inputs: Path) -> Path:
    """The inputs' folder, and in it what nobody should record."""
    for name in ("void", "lf", "out", "socket"):
        (inputs / name).mkdir()
    (inputs / "lf/a\nb").write_text("x")
    (inputs / "out/link").symlink_to("/etc/hostname")
    before = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listening:
        # Its path must be short.
        os.chdir(inputs / "socket")
        listening.bind("s")
        os.chdir(before)
    (inputs / "garbage").write_bytes(bytes(range(256)) * 8)
    (inputs / "empty").write_bytes(b"")
    (inputs / "cycle.yaml").write_text(
        "ledger: 1\nartifacts:\n  - {kind: dataset, name: a, path: data, from: {derived-from: b}}\n"
        "  - {kind: dataset, name: b, path: data, from: {derived-from: a}}\n"
    )
    (inputs / "alias.yaml").write_text("ledger: 1\nartifacts: &a [*a]\n")
    (inputs / "unknown.yaml").write_text("ledger: 1\nartifacts: [{kind: dataset, name: a, path: data, licence: MIT}]\n")
    make_key(inputs / "stranger.pem", "ed25519", None)
    make_key(inputs / "open.pem", "ed25519", None)
    (inputs / "open.pem").chmod(0o644)
    make_key(inputs / "locked.pem", "ed25519", b"secret")
    (inputs / "wrong").write_text("wrong\n")
    return inputs


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ledger, Path]:
    """A ledger that no test here may change, and the folder beside it."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        ledger = fill(Ledger.init(folder / "ledger", ORIGIN, insecure_no_passphrase=True), make_inputs(folder / "inputs"))
    return ledger, prepare(folder / "inputs")


@pytest.fixture
def unchanged(place: tuple[Ledger, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder to run a command in; afterwards the ledger and the folder must be as they were."""
    ledger, here = place
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(ledger.layout.root))
    monkeypatch.chdir(here)
    before, kept = contents(ledger.layout.root), sorted(os.listdir(here))
    yield here
    monkeypatch.undo()
    assert contents(ledger.layout.root) == before
    assert sorted(os.listdir(here)) == kept


@pytest.fixture
def here(filled: Ledger, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder beside a ledger that may be changed."""
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    monkeypatch.chdir(inputs)
    return inputs


def data(*more: str, path: str = "data") -> tuple[str, ...]:
    """`record` with everything that is needed, and more."""
    return ("record", "dataset", path, "--name", "x", *more)


CASES: list[Case] = [
    (data(path="nowhere"), "LG0201", 2),
    (data(path="CARD.md/x"), "LG0201", 2),
    (data(path="x" * 5000), "LG0201", 2),
    (data(path=""), "LG1201", 2),
    (data(path="void"), "LG0203", 2),
    (data(path="lf"), "LG0204", 2),
    (data(path="out"), "LG0205", 2),
    (data("--symlinks", "inside", path="out"), "LG0206", 2),
    (data("--symlinks", "maybe"), "LG1201", 2),
    (data(path="socket"), "LG0207", 2),
    (data(path="/dev/zero"), "LG0207", 2),
    (data("--include", "../*"), "LG0209", 2),
    (data("--include", "nothing*"), "LG0209", 2),
    (("record", "model", "data", "--name", "x"), "LG0301", 2),
    (("record", "dataset", "data", "--name", "a\nb"), "LG0306", 2),
    (("record", "dataset", "data", "--name", LONG), "LG0306", 2),
    (("record", "dataset", "data", "--name", ""), "LG1201", 2),
    (("record", "dataset", "data", "--name", "x", "--name", "y"), "LG1201", 2),
    (("record", "dataset", "data"), "LG1201", 2),
    (data("--license", "MIT", "--license", "Apache-2.0"), "LG1201", 2),
    (data("--from", "made-of=figures"), "LG0302", 2),
    (data("--from", "trained-on"), "LG1201", 2),
    (data("--from", "trained-on=nobody"), "LG0901", 2),
    (data("--from", "trained-on=tree:1234"), "LG0901", 2),
    (data("--from", "trained-on=release/reader"), "LG0901", 2),
    (data("--set", "a=1", "--set", "a=2"), "LG1201", 2),
    (data("--supersedes", "why", "--version", "9"), "LG0901", 2),
    (data("--key", "nowhere"), "LG0401", 2),
    (data("--key", "data"), "LG0401", 2),
    (data("--key", "/dev/null"), "LG0401", 2),
    (data("--key", "open.pem"), "LG0402", 5),
    (data("--key", "locked.pem"), "LG0404", 2),
    (data("--key", "locked.pem", "--passphrase-file", "wrong"), "LG0403", 2),
    (data("--key", "locked.pem", "--passphrase-file", "empty"), "LG0404", 2),
    (data("--key", "locked.pem", "--passphrase-file", "nowhere"), "LG0404", 2),
    (data("--key", "locked.pem", "--passphrase-file", "data"), "LG0404", 2),
    (data("--key", "locked.pem", "--passphrase-file", "/dev/zero"), "LG0403", 2),
    (data("--key", "stranger.pem"), "LG0408", 2),
    (("record", "--file", "nowhere.yaml"), "LG0201", 2),
    (("record", "--file", "data"), "LG0201", 2),
    (("record", "--file", "/dev/zero"), "LG0103", 2),
    (("record", "--file", "garbage"), "LG1202", 2),
    (("record", "--file", "empty"), "LG1202", 2),
    (("record", "--file", "alias.yaml"), "LG1202", 2),
    (("record", "--file", "unknown.yaml"), "LG1202", 2),
    (("record", "--file", "cycle.yaml"), "LG1203", 2),
    (("record", "--file", "cycle.yaml", "--license", ""), "LG1201", 2),
    (("release", "r", "--version", "1", "--component", "brain=reader@1"), "LG0303", 2),
    (("release", "r", "--version", "1", "--component", "weights"), "LG1201", 2),
    (("release", "r", "--version", "1", "--component", "weights=nobody"), "LG0901", 2),
    (("release", "r", "--version", "1"), "LG1201", 2),
    (("release", "reader", "--version", "1", "--component", "weights=reader@1"), "LG0612", 2),
    (("attest", "nobody", "--out", "a.json"), "LG0901", 2),
    (("attest", "figures@1", "--out", "a.json"), "LG1102", 2),
    (("attest", "reader@1", "--profile", "../../etc/passwd", "--out", "a.json"), "LG1001", 2),
    (("attest", "reader@1", "--out", "/nowhere/a.json"), "LG1103", 5),
    (("attest", "reader@1", "--out", "data"), "LG1103", 5),
    (("attest", "reader@1", "--out", "x" * 5000), "LG1103", 5),
    (("attest", "reader@1", "--out", ""), "LG1201", 2),
    (("attest", "reader@1"), "LG1201", 2),
    (("attest", "reader@1", "--fail-on", "maybe", "--out", "a.json"), "LG1201", 2),
    (("key", "trust", "data"), "LG0401", 2),
    (("key", "trust", "garbage"), "LG0401", 2),
    (("key", "trust", "stranger.pem"), "LG0401", 2),
    (("key", "trust", "stranger.pem.pub", "--for", "models"), "LG0301", 2),
    (("key", "trust", "stranger.pem.pub", "--key", "stranger.pem"), "LG0415", 2),
    (("key", "new", "stranger.pem", "--insecure-no-passphrase"), "LG0409", 2),
    (("key", "new", "/nowhere/k", "--insecure-no-passphrase"), "LG0606", 5),
    (("key", "new", "k", "--scheme", "rsa", "--insecure-no-passphrase"), "LG0405", 2),
    (("show", "nobody"), "LG0901", 2),
    (("show", "reader@1"), "LG0902", 2),
    (("show", "@"), "LG0901", 2),
    (("show", "ref:nobody@1"), "LG0901", 2),
    (("log", "--at", "99"), "LG0704", 2),
    (("log", "--at", "9" * 30), "LG0704", 2),
    (("log", "--at", "-1"), "LG0704", 2),
    (("log", "--at", "yesterday"), "LG0106", 2),
    (("log", "--at", "2026-13-01T00:00:00Z"), "LG0106", 2),
    (("log", "--since", "-1"), "LG1201", 2),
    (("log", "--limit", "x"), "LG1201", 2),
    (("lineage", "figures", "--up", "--down"), "LG1201", 2),
    (("lineage", "figures", "--format", "png"), "LG1201", 2),
    (("lineage", "figures", "--depth", "-1"), "LG1201", 2),
    (("why", "figures", "figures"), "LG0903", 1),
    (("sql", ""), "LG1201", 2),
    (("sql", "select 1; select 2"), "LG0701", 2),
    (("sql", "selec 1"), "LG0702", 2),
    (("sql", "select 1", "--format", "xml"), "LG1201", 2),
    (("sql", "select * from range(9)", "--max-rows", "5"), "LG0703", 3),
    (("verify", "artifact", "figures@1", "nowhere"), "LG0201", 2),
    (("verify", "artifact", "figures@1", ""), "LG1201", 2),
    (("verify", "artifact", "release/reader", "data"), "LG0901", 2),
    (("verify", "artifact", "figures@1", "data", "--symlinks", "maybe"), "LG1201", 2),
    (("verify", "bundle", "garbage", "--log-key", "x"), "LG0501", 2),
    (("frameworks", "show", "nobody"), "LG1001", 2),
    (("frameworks", "evaluate", "mot-2026-05", "garbage"), "LG1003", 2),
    (("frameworks", "evaluate", "mot-2026-05", "nowhere"), "LG0201", 2),
    (("frameworks", "evaluate", "mot-2026-05", "/dev/zero"), "LG0103", 2),
    (("frameworks", "evaluate", "mot-2026-05", "data"), "LG0201", 2),
    (("frameworks", "evaluate", "mot-2026-05", "cycle.yaml"), "LG1003", 2),
    (("frameworks", "evaluate", "nowhere.yaml", "cycle.yaml"), "LG1001", 2),
    (("frameworks", "evaluate", "cycle.yaml", "cycle.yaml"), "LG1002", 2),
    (("disagreements", "nobody"), "LG0901", 2),
    (("disagreements", "figures@1"), "LG1102", 2),
    (("disagreements", "reader@1", "--record", "nowhere"), "LG0201", 2),
    (("disagreements", "reader@1", "--record", "garbage"), "LG1003", 2),
    (("disagreements", "reader@1", "--record", "cycle.yaml"), "LG1003", 2),
    (("disagreements", "reader@1", "--record", "/dev/zero"), "LG0103", 2),
    (("disagreements", "reader@1", "--record", ""), "LG1201", 2),
    (("disagreements", "reader@1", "--profile", "nobody"), "LG1001", 2),
    (("disagreements", "reader@1", "--at", "1"), "LG0901", 2),
    (("frameworks", "lint", "nowhere"), "LG0201", 2),
    (("frameworks", "lint", "data"), "LG0201", 2),
    (("frameworks", "lint", "/dev/zero"), "LG0103", 2),
    (("frameworks", "lint", ""), "LG1201", 2),
    (("explain", "LG0000"), "LG1204", 2),
    (("init", ".", "--origin", "two words", "--insecure-no-passphrase"), "LG0306", 2),
    (("init", "new"), "LG1201", 2),
    (("record", "dataset", "data", "--name", "x", "--ledger", "data"), "LG0601", 2),
    (("log", "--ledger", ""), "LG1201", 2),
    (("frobnicate",), "LG1201", 2),
    (("log", "--frobnicate"), "LG1201", 2),
    (("log", "one", "too", "many"), "LG1201", 2),
]


def name_of(value: object) -> str | None:
    return " ".join(value)[:60] if isinstance(value, tuple) else None


@pytest.mark.parametrize(("args", "code", "exit_code"), CASES, ids=name_of)
def test_refused_with_code_and_hint_and_nothing_changed(
    args: tuple[str, ...], code: str, exit_code: int, unchanged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ask(capsys, *args)
    assert (said.code, said.err.split("]")[0], said.out) == (exit_code, f"error[{code}", "")
    assert "\n\nhint: " in said.err and not said.err.rstrip().endswith("hint:")
    answer = ask(capsys, *args, "--json")
    error = answer.json()["error"]
    assert (answer.code, error["code"]) == (exit_code, code)
    assert error["hint"] and error["message"]


@pytest.mark.parametrize("file", ["garbage", "empty", "cycle.yaml", "alias.yaml"])
def test_a_profile_that_is_none_has_its_problems_on_stdout(file: str, unchanged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ask(capsys, "frameworks", "lint", file)
    assert (said.code, said.err.split("]")[0]) == (2, "error[LG1004")
    assert all(f"`{file}`" in line for line in said.out.splitlines()) and said.out
    answer = ask(capsys, "frameworks", "lint", file, "--json").json()
    assert answer["result"]["problems"] == answer["error"]["details"]["problems"] != []


def test_bundles_that_are_none(
    place: tuple[Ledger, Path], unchanged: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Something without an end must not be read to its end.
    monkeypatch.setattr("ledger._api.standalone.LIMITS", Limits(bundle_bytes=100_000))
    known = ("--log-key", place[0].log_key)
    for file, code, exit_code in (
        ("/dev/zero", "LG0103", 2),
        ("nowhere", "LG0201", 2),
        ("data", "LG0201", 2),
        ("garbage", "LG1104", 1),
        ("empty", "LG1104", 1),
        ("cycle.yaml", "LG1104", 1),
    ):
        said = ask(capsys, "verify", "bundle", file, *known, "--json")
        error = said.json()["error"]
        assert (said.code, error["code"]) == (exit_code, code), file
        assert error["hint"]


def test_an_ambiguous_reference_names_the_candidates(unchanged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = ask(capsys, "show", "reader@1", "--json").json()["error"]
    assert [item.split(" ")[0] for item in error["details"]["candidates"]] == ["release/reader@1", "weights/reader@1"]
    assert all(item.split(" ")[0] in error["hint"] for item in error["details"]["candidates"])


@pytest.mark.parametrize("license", ["", "MIT OR", "nonsense licence", "(", "A" * 100_000, "\N{SNOWMAN}", "MIT\nAND X"])
def test_a_licence_that_is_no_expression_is_kept_and_asserts_nothing(
    license: str, here: Path, filled: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ask(capsys, *data("--license", license, "--json"))
    declared = said.json()["result"]["licenses"][0]
    assert (said.code, declared["expression"], declared["normalized"]) == (0, license, "NOASSERTION")
    assert "LG0801" in said.err
    assert filled.query("select expression, normalized from licenses where idx = 6 and basis = 'declared'").rows == (
        (license, "NOASSERTION"),
    )


def growing(path: Path) -> Callable[..., bytes]:
    real = os.read

    def read(handle: int, size: int) -> bytes:
        found = real(handle, size)
        if os.fstat(handle).st_ino == path.stat().st_ino:
            with path.open("a") as file:
                file.write("more")
        return found

    return read


def test_a_file_that_grows_while_it_is_hashed(unchanged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "read", growing(unchanged / "data/train.csv"))
        said = ask(capsys, *data("--rehash"))
    assert (said.code, said.err.split("]")[0]) == (5, "error[LG0208")
    assert "hint: " in said.err


def test_a_file_that_may_not_be_read(unchanged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Whoever runs the tests may read everything, so the refusal is made up.
    real = os.open

    def refuse(path: object, *rest: object, **more: object) -> int:
        if os.fsencode(path).endswith(b"train.csv"):  # type: ignore[arg-type]
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", refuse)
        said = ask(capsys, *data("--rehash"))
    assert (said.code, said.err.split("]")[0]) == (5, "error[LG0202")
    assert "train.csv" in said.err and "Permission denied" in said.err and "hint: " in said.err


def test_what_is_wrong_with_the_key_is_said_before_anything_is_hashed(
    unchanged: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger._api.recording.prepare", lambda *_args: pytest.fail("it was hashed first"))
    for key, code in {"nowhere": "LG0401", "open.pem": "LG0402", "locked.pem": "LG0404"}.items():
        assert f"error[{code}]" in ask(capsys, *data("--key", key)).err


def test_a_version_may_hold_a_colon(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "record", "dataset", "data", "--name", "x", "--version", "1:2").code == 0
    assert ask(capsys, "show", "x@1:2", "--json").json()["result"]["artifact"]["version"] == "1:2"


def test_no_error_of_the_library_is_without_a_hint() -> None:
    assert LedgerError("LG0901", "x").hint
    assert LedgerError("LG0901", "x", hint="better").hint == "better"
