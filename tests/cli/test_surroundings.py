"""Disks that are full or read-only, folders that are gone, ledgers that could not be made: said, and nothing half done stays."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from commands import ask, contents
from conftest import fill

from ledger.api import Ledger, LedgerError, make_key
from ledger.signing import files
from ledger.store.fs import Fs


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A file system mounted for a while; where that is not allowed the test is skipped."""
    if shutil.which("mount") is None:
        pytest.skip("there is no `mount` here")
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_up(folder: Path) -> Path:
    """A file that takes all the space that is left."""
    path = folder / "fill"
    try:
        with path.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    return path


def test_no_space_left(tmp_path: Path, inputs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=2m", "tmpfs") as disk:
        ledger = fill(Ledger.init(disk / "ledger", "example.org/full", insecure_no_passphrase=True), inputs)
        monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(disk / "ledger"))
        monkeypatch.chdir(inputs)
        make_key(inputs / "k.pem", "ed25519", None)
        full = fill_up(disk)
        before = contents(disk / "ledger")
        for args in (
            ("record", "code", "code", "--name", "new"),
            ("release", "new", "--version", "1", "--component", "weights=weights/reader"),
            ("attest", "reader@1", "--out", str(tmp_path / "a.json")),
            ("key", "trust", "k.pem.pub"),
            ("key", "new", str(disk / "k.pem"), "--insecure-no-passphrase"),
            ("init", str(disk / "other"), "--origin", "example.org/other", "--insecure-no-passphrase"),
        ):
            said = ask(capsys, *args, "--json")
            assert (said.code, said.json()["error"]["code"]) == (5, "LG0605"), (args, said.err)
            assert "free space" in said.err
            # Folders and objects that nothing refers to may stay; nothing that was there has changed.
            after = contents(disk / "ledger")
            assert {name: after.get(name) for name in before} == before
        assert not (disk / "k.pem").exists() and not (disk / "other").exists()
        assert not (tmp_path / "a.json").exists()
        assert ask(capsys, "verify", "--deep").code == 0
        full.unlink()
        assert ask(capsys, "record", "code", "code", "--name", "new").code == 0
        assert ask(capsys, "init", str(disk / "other"), "--origin", "example.org/other", "--insecure-no-passphrase").code == 0
        assert ledger.size == 7
        assert ask(capsys, "verify", "--deep").code == 0


def test_a_bundle_that_does_not_fit(tmp_path: Path, filled: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    with mounted(tmp_path / "tiny", "-t", "tmpfs", "-o", "size=4k", "tmpfs") as disk:
        said = ask(capsys, "attest", "reader@1", "--out", str(disk / "a.json"))
        assert (said.code, said.err.split("]")[0]) == (5, "error[LG1103")
        assert "the attestation is logged" in said.err and "hint: " in said.err
        assert list(disk.iterdir()) == []
    # Saying it again writes the bundle and logs nothing.
    assert "already attested" in ask(capsys, "attest", "reader@1", "--out", str(tmp_path / "a.json")).out


def test_a_ledger_that_is_mounted_read_only_can_be_read(
    tmp_path: Path, filled: Ledger, inputs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inputs)
    root = tmp_path / "published"
    with mounted(root, "--bind", "-o", "ro", str(filled.layout.root)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(root)], check=True)
        monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(root))
        for args in (
            ("log",),
            ("show", "figures"),
            ("lineage", "release/reader"),
            ("sql", "select 1"),
            ("verify", "--deep"),
            ("verify", "artifact", "figures", "data"),
            ("record", "code", "code", "--name", "new", "--dry-run"),
            ("attest", "reader@1", "--dry-run"),
        ):
            assert ask(capsys, *args).code == 0, args
        for args in (("record", "code", "code", "--name", "new"), ("attest", "reader@1", "--out", str(tmp_path / "a.json"))):
            said = ask(capsys, *args)
            assert (said.code, said.err.split("]")[0]) == (5, "error[LG0606")
            assert "Read-only file system" in said.err and "mounted read-only" in said.err
        looked = ask(capsys, "doctor")
        assert looked.code == 0 and "can be read here, and not be written" in looked.out


def test_a_published_copy_without_its_state_can_be_read(
    filled: Ledger, inputs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(filled.layout.state)
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    monkeypatch.chdir(inputs)
    for args in (("log",), ("show", "figures"), ("sql", "select 1")):
        assert ask(capsys, *args).code == 0, args
    before = contents(filled.layout.root)
    looked = ask(capsys, "doctor")
    assert looked.code == 0 and "can be read here, and not be written" in looked.out
    assert contents(filled.layout.root) == before
    assert "error[LG0401]" in ask(capsys, "record", "code", "code", "--name", "new").err


def test_who_only_reads_finds_an_older_copy(
    filled: Ledger, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    for copy in (older, newer):
        shutil.copytree(filled.layout.root, copy, ignore=shutil.ignore_patterns("state"))
        filled.record("code", inputs / "code", name=f"after-{copy.name}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "reader"))

    def third(root: Path) -> tuple[int, str]:
        said = ask(capsys, "verify", "--ledger", str(root), "--json")
        return said.code, next(check["result"] for check in said.json()["result"]["checks"] if check["id"] == "L3")

    # Nothing was seen yet: that is no pass.
    assert third(older) == (0, "not_checked")
    assert third(newer) == (0, "pass")
    assert third(older) == (4, "fail")
    assert third(newer) == (0, "pass")


def test_a_missing_log_key_is_said_before_anything_is_hashed(
    filled: Ledger, inputs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (filled.layout.keys / "log.pem").unlink()
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    monkeypatch.chdir(inputs)
    assert ask(capsys, "record", "code", "code", "--name", "new", "--dry-run").code == 0
    monkeypatch.setattr("ledger._api.recording.prepare", lambda *_args: pytest.fail("it was hashed first"))
    (inputs / "never-seen").write_text("x")
    said = ask(capsys, "record", "dataset", "never-seen", "--name", "new")
    assert (said.code, said.err.split("]")[0]) == (5, "error[LG0614")
    assert "hint: " in said.err


class Failing(Fs):
    """Fails at one of its operations, as a full disk would."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")

    def mkdir(self, folder: Path) -> None:
        self._count()
        super().mkdir(folder)

    def rename(self, source: Path, target: Path) -> None:
        self._count()
        super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        self._count()
        super().link(source, target)


@pytest.mark.parametrize("at", [0, 1, 3, 6, 9, 12, 20, 30])
def test_a_ledger_that_could_not_be_made_can_be_made_again(tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "ledger"
    with monkeypatch.context() as patch:
        patch.setattr("ledger._api.keyring.Fs", lambda: Failing(at))
        with pytest.raises(LedgerError) as caught:
            Ledger.init(root, "example.org/x", insecure_no_passphrase=True)
        assert caught.value.code == "LG0605"
    assert not root.exists()
    assert Ledger.init(root, "example.org/x", insecure_no_passphrase=True).size == 1


def test_what_was_in_the_folder_stays_when_a_ledger_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").write_text("mine")
    real: Callable[..., Any] = files.write_public

    def interrupted(*args: Any) -> None:
        real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_public", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Ledger.init(tmp_path, "example.org/x", insecure_no_passphrase=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert Ledger.init(tmp_path, "example.org/x", insecure_no_passphrase=True).size == 1
    with pytest.raises(LedgerError):
        Ledger.init(tmp_path, "example.org/x", insecure_no_passphrase=True)
    assert Ledger.open(tmp_path).size == 1


def test_doctor_says_what_is_wrong(filled: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(filled.layout.root))
    assert ask(capsys, "doctor").out.splitlines()[-2:] == [
        "the installation and the ledger's surroundings are well",
        "next: ledger verify --deep",
    ]
    (filled.layout.keys / "signing.pem").chmod(0o640)
    said = ask(capsys, "doctor", "--json")
    assert (said.code, said.json()["error"]["code"], said.json()["error"]["check"]) == (5, "LG1206", "D6")
    assert "chmod 600" in said.json()["error"]["message"]
    said = ask(capsys, "doctor", "--ledger", str(tmp_path), "--json")
    results = {check["id"]: check["result"] for check in said.json()["result"]["checks"]}
    assert (said.code, results["D5"], results["D6"]) == (5, "fail", "not_checked")
