"""A damaged ledger: every command says so with exit code 4, or gives the right answer; none shows a traceback, and none writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import ask, contents
from conftest import ORIGIN, fill, make_inputs

from ledger.api import Ledger

READING = (
    ("log",),
    ("log", "--at", "3"),
    ("show", "figures@1"),
    ("lineage", "weights/reader"),
    ("why", "figures@1", "weights/reader"),
    ("sql", "select count(*), max(leaf), max(time) from entries"),
    ("sql", "select count(*), max(names.name), max(id) from artifacts join names using (artifact_no)"),
    ("key", "list"),
    ("verify", "artifact", "figures@1", "data"),
)
WRITING = (
    ("record", "code", "code", "--name", "new"),
    ("release", "new", "--version", "1", "--component", "weights=weights/reader"),
    ("attest", "release/reader", "--out", "a.json"),
)
DAMAGED = {"LG0501", "LG0502", "LG0503", "LG0504", "LG0507", "LG0608", "LG0609", "LG0610", "LG0611", "LG0613"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A ledger's folder and the inputs, for copies."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        fill(Ledger.init(folder / "ledger", ORIGIN, insecure_no_passphrase=True), make_inputs(folder / "inputs"))
    return folder / "ledger", folder / "inputs"


@pytest.fixture
def copy(sound: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger to damage, with the inputs as the working folder."""
    shutil.copytree(sound[0], tmp_path / "ledger")
    monkeypatch.chdir(shutil.copytree(sound[1], tmp_path / "inputs"))
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(tmp_path / "ledger"))
    return tmp_path / "ledger"


def newest(folder: Path) -> Path:
    """The newest file below a folder, made writable."""
    found = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: (path.stat().st_mtime_ns, str(path)))[-1]
    found.chmod(0o600)
    return found


def truncate(folder: str) -> Callable[[Path], None]:
    def damage(root: Path) -> None:
        path = newest(root / folder)
        path.write_bytes(path.read_bytes()[:-7])

    return damage


def empty(folder: str) -> Callable[[Path], None]:
    return lambda root: newest(root / folder).write_bytes(b"") and None


def remove(name: str) -> Callable[[Path], None]:
    return lambda root: shutil.rmtree(root / name) if (root / name).is_dir() else (root / name).unlink()


def garbage(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).write_bytes(bytes(range(256))) and None


def flip(folder: str, at: int) -> Callable[[Path], None]:
    def damage(root: Path) -> None:
        path = newest(root / folder)
        held = bytearray(path.read_bytes())
        held[at] ^= 0x10
        path.write_bytes(held)

    return damage


CASES: dict[str, Callable[[Path], None]] = {
    "truncated tile": truncate("log/tile/0"),
    "truncated bundle": truncate("log/tile/entries"),
    "empty bundle": empty("log/tile/entries"),
    "truncated checkpoint": lambda root: (root / "log/checkpoint").write_bytes((root / "log/checkpoint").read_bytes()[:-7]) and None,
    "garbage checkpoint": garbage("log/checkpoint"),
    "no checkpoint": remove("log/checkpoint"),
    "no log": remove("log"),
    "no objects": remove("objects"),
    "no tables": remove("tables"),
    "no names": remove("tables/names"),
    "truncated entries": truncate("tables/entries"),
    "empty entries": empty("tables/entries"),
    "truncated names": truncate("tables/names"),
    "empty edges": empty("tables/edges"),
    "garbage configuration": garbage("ledger.toml"),
    "first byte of artifacts": flip("tables/artifacts", 0),
    "footer of artifacts": flip("tables/artifacts", -12),
    "footer length of entries": flip("tables/entries", -6),
    "magic of entries": flip("tables/entries", -1),
    "footer of names": flip("tables/names", -40),
}


@pytest.mark.parametrize("case", CASES)
def test_every_command_says_so_or_is_right(case: str, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right = {args: ask(capsys, *args, "--json").json() for args in READING}
    CASES[case](copy)
    verified = ask(capsys, "verify", "--json")
    assert verified.code == 4
    failed = [check for check in verified.json()["result"]["checks"] if check["result"] == "fail"]
    assert failed and all(check["detail"] for check in failed)
    before = contents(copy)
    for args in READING:
        said = ask(capsys, *args, "--json")
        answer = said.json()
        if said.code == 0:
            assert answer == right[args], (case, args)
            continue
        assert (said.code, answer["error"]["code"] in DAMAGED) == (4, True), (case, args, answer["error"])
        assert "restore" in answer["error"]["hint"]
    assert contents(copy) == before
    for args in WRITING:
        said = ask(capsys, *args, "--dry-run")
        assert said.code in (0, 4), (case, args, said.err)
        assert contents(copy) == before


@pytest.mark.parametrize("table", ["entries", "names"])
def test_a_changed_byte_anywhere_in_a_segment(table: str, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = newest(copy / "tables" / table)
    sound = path.read_bytes()
    # The footer, for it is what a reader parses first; the pages before it at some places.
    for at in [*range(4, len(sound) - 200, max(1, len(sound) // 10)), *range(len(sound) - 200, len(sound), 7)]:
        held = bytearray(sound)
        held[at] ^= 0x41
        path.write_bytes(held)
        for args in (("sql", f"select 1 from {table} limit 0"), ("lineage", "weights/reader")):
            said = ask(capsys, *args)
            assert (said.code, said.err.split("]")[0]) == (4, "error[LG0609"), (at, said.err)
            assert path.name in said.err and "hint: restore the named file" in said.err
    path.write_bytes(sound)
    assert ask(capsys, "verify", "--deep").code == 0


def test_a_newer_format_is_refused_by_every_verb(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (copy / "ledger.toml").read_text().replace("format = 1", "format = 2")
    (copy / "ledger.toml").write_text(text)
    before = contents(copy)
    for args in (*READING, *WRITING, ("verify",), ("verify", "--deep")):
        said = ask(capsys, *args)
        assert (said.code, said.err.split("]")[0]) == (5, "error[LG0603"), args
        assert "hint: install a newer openness-ledger" in said.err
    assert contents(copy) == before
