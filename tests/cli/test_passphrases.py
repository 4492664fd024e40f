"""Passphrases: from a file, a descriptor that can be read once, or a terminal; asked for before long work, and not twice."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from commands import SCRIPT, ask, environment, run

from ledger.api import Ledger, LedgerError, make_key
from ledger.signing import files


@pytest.fixture
def locked(tmp_path: Path, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger whose keys have a passphrase."""
    made = Ledger.init(tmp_path / "locked", "example.org/locked", passphrase=b"right")
    monkeypatch.setenv("OPENNESS_LEDGER_DIR", str(tmp_path / "locked"))
    monkeypatch.chdir(inputs)
    return made


def test_from_a_descriptor_that_can_be_read_once(locked: Ledger) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"right\n")
    os.close(writing)
    said = run("record", "code", "code", "--name", "x", "--passphrase-file", f"/dev/fd/{reading}", pass_fds=(reading,))
    os.close(reading)
    assert (said.code, said.err) == (0, "")
    assert locked.size == 2


def test_of_the_log_key_when_it_differs(locked: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    make_key(tmp_path / "own.pem", "ed25519", b"own")
    (tmp_path / "right").write_text("right\n")
    (tmp_path / "own").write_text("own\r\nsecond line\n")
    trust = ("key", "trust", str(tmp_path / "own.pem.pub"), "--passphrase-file", str(tmp_path / "right"))
    assert ask(capsys, *trust).code == 0
    mine = ("record", "code", "code", "--name", "x", "--key", str(tmp_path / "own.pem"), "--passphrase-file", str(tmp_path / "own"))
    assert "error[LG0403]" in ask(capsys, *mine).err
    monkeypatch.setenv("OPENNESS_LEDGER_LOG_PASSPHRASE_FILE", str(tmp_path / "right"))
    assert ask(capsys, *mine).code == 0
    monkeypatch.setenv("OPENNESS_LEDGER_KEY", str(tmp_path / "own.pem"))
    monkeypatch.setenv("OPENNESS_LEDGER_PASSPHRASE_FILE", str(tmp_path / "own"))
    assert "already recorded" in ask(capsys, "record", "code", "code", "--name", "x").out


def typed(answers: list[str], *args: str) -> tuple[int, str]:
    """Exit code, and all that a terminal shows, when each prompt gets its answer."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", SCRIPT, *args]
    env = environment(TERM="dumb")
    process = subprocess.Popen(command, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = ""
    waiting = list(answers)
    while True:
        try:
            piece = os.read(ours, 65536).decode()
        except OSError:
            break
        shown += piece
        if waiting and (piece.endswith(": ") or shown.endswith(": ")):
            os.write(ours, (waiting.pop(0) + "\n").encode())
    os.close(ours)
    assert waiting == [], shown
    return process.wait(60), shown


def test_typed_once_and_taken_again_with_enter(locked: Ledger) -> None:
    code, shown = typed(["right", ""], "record", "code", "code", "--name", "x")
    assert code == 0, shown
    assert shown.count("passphrase of ") == 2
    assert shown.count("(Enter for the same)") == 1
    assert "right" not in shown
    code, shown = typed(["right", "other"], "record", "code", "code", "--name", "y")
    assert code == 2 and "error[LG0403]" in shown


def test_asked_for_before_anything_is_hashed(locked: Ledger, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr("ledger._api.recording.prepare", lambda *_args: pytest.fail("it was hashed first"))
    assert "error[LG0404]" in ask(capsys, "record", "code", "code", "--name", "x").err
    # And not at all for what is wrong anyway.
    assert "error[LG0301]" in ask(capsys, "record", "model", "code", "--name", "x").err


def test_of_new_keys_is_typed_twice(tmp_path: Path) -> None:
    assert typed(["a", "b"], "key", "new", str(tmp_path / "k.pem"))[0] == 2
    assert not (tmp_path / "k.pem").exists()
    assert typed(["", ""], "key", "new", str(tmp_path / "k.pem"))[0] == 2
    assert typed(["a", "a"], "key", "new", str(tmp_path / "k.pem"))[0] == 0
    assert (tmp_path / "k.pem").stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in (tmp_path / "k.pem").read_bytes()


def test_a_wrong_passphrase_that_decrypts_to_garbage_is_a_wrong_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_key(tmp_path / "k.pem", "ed25519", b"right")

    def garbage(*_args: object) -> None:
        # What the library says to about one wrong passphrase in 256: the padding happens to be right.
        raise ValueError("Could not deserialize key data. The data may be in an incorrect format")

    monkeypatch.setattr("cryptography.hazmat.primitives.serialization.load_pem_private_key", garbage)
    with pytest.raises(LedgerError) as caught:
        files.read_private(tmp_path / "k.pem", lambda _name: b"wrong")
    assert caught.value.code == "LG0403"
