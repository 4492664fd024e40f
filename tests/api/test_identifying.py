"""`ledger identify`: files, folders, what is read and what is not, and ScanCode beside it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from ledger_cli.app import app
from ledger_cli.failures import guarded
from refdata import refdata

from ledger.api import LedgerError, identify_files
from ledger.limits import LIMITS


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with licence files of several kinds and one that only looks like none."""
    chosen = refdata("choosealicense", "_licenses")
    folder = tmp_path / "tree"
    (folder / "vendor" / "LICENSES").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name, place in (
        ("mit", "LICENSE"),
        ("gpl-3.0", "vendor/COPYING"),
        ("isc", "vendor/LICENSES/ISC.txt"),
        ("mit", "README"),
        ("mit", ".git/LICENSE"),
    ):
        text = (chosen / f"{name}.txt").read_text("utf-8").split("\n---\n", 1)[1]
        (folder / place).write_text(text, "utf-8")
    return folder


def ask(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict]:
    code = guarded(app, ["identify", *args, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_folder(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = ask(capsys, str(texts))
    assert code == 0
    found = {os.path.relpath(item["path"], texts): (item["method"], item["ids"]) for item in answer["result"]["results"]}
    assert found == {
        "LICENSE": ("exact", ["MIT"]),
        "vendor/COPYING": ("exact", ["GPL-3.0-only", "GPL-3.0-or-later"]),
        "vendor/LICENSES/ISC.txt": ("exact", ["ISC"]),
    }
    assert list(found) == sorted(found)
    for item in answer["result"]["results"]:
        assert item["sha256"] == hashlib.sha256(Path(item["path"]).read_bytes()).hexdigest()


def test_what_is_named_is_read_whatever_its_name(texts: Path) -> None:
    (found,) = identify_files([texts / "README"])
    assert found.identified and found.found is not None and found.found.ids == ("MIT",)


def test_one_that_could_not_be_told_is_exit_3_and_says_what_differs(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (texts / "LICENSE").read_text("utf-8")
    (texts / "LICENSE").write_text(text.replace("free of charge", "free of charge, for non-commercial use"), "utf-8")
    code, answer = ask(capsys, str(texts))
    assert (code, answer["ok"], answer["error"]["code"]) == (3, False, "LG0804")
    near = answer["result"]["results"][0]
    assert (near["method"], near["ids"], near["candidates"][0]["ids"]) == ("near", [], ["MIT"])
    assert near["residual"][0]["added"] == ["for", "noncommercial", "use"]
    assert answer["result"]["results"][1]["method"] == "exact"
    assert guarded(app, ["identify", str(texts)]) == 3
    shown = capsys.readouterr().out
    assert "is near MIT, and is not it" in shown
    assert "+ for noncommercial use" in shown


def test_what_is_not_there(tmp_path: Path, texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = ask(capsys, str(texts), str(tmp_path / "nowhere"))
    assert (code, answer["error"]["code"]) == (2, "LG0201")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert ask(capsys, str(tmp_path / "link"))[0] == 2
    (tmp_path / "empty").mkdir()
    code, answer = ask(capsys, str(tmp_path / "empty"))
    assert (code, answer["error"]["code"]) == (3, "LG0803")


def test_files_that_are_no_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LICENSE").write_bytes(b"")
    (tmp_path / "LICENSE.bin").mkdir()
    (tmp_path / "COPYING").write_bytes(b"\x7fELF\0\0")
    with (tmp_path / "NOTICE").open("wb") as file:
        file.truncate(LIMITS.license_file_bytes + 1)
    os.mkfifo(tmp_path / "EULA")
    code, answer = ask(capsys, str(tmp_path))
    assert code == 3
    reasons = {Path(item["path"]).name: item["reason"] for item in answer["result"]["results"]}
    assert reasons == {
        "COPYING": "not a text: it has zero bytes",
        "LICENSE": "it has no words",
        "NOTICE": f"larger than {LIMITS.license_file_bytes} bytes",
    }
    # Of a file that was not read to its end there is no digest.
    assert {item["sha256"] is None for item in answer["result"]["results"] if item["path"].endswith("NOTICE")} == {True}


def test_names_in_any_bytes(tmp_path: Path, texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(folder)  # noqa: PTH102 - a path of bytes
    with open(folder + b"/LICENSE", "wb") as file:
        file.write((texts / "LICENSE").read_bytes())
    code, answer = ask(capsys, str(tmp_path))
    assert code == 0
    assert [item["path"] for item in answer["result"]["results"]][-1] == f"{tmp_path}/\\xff/LICENSE"
    assert guarded(app, ["identify", str(tmp_path)]) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(texts: Path) -> None:
    (texts / "LICENSE").chmod(0)
    found = identify_files([texts])
    assert (found[0].identified, found[0].to_json()["method"]) == (False, "unknown")
    (texts / "vendor").chmod(0)
    try:
        with pytest.raises(LedgerError) as caught:
            identify_files([texts])
        assert caught.value.code == "LG0202"
    finally:
        (texts / "vendor").chmod(0o700)


def _program(folder: Path, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "scancode").write_text("#!/bin/sh\n" + body, "utf-8")
    (folder / "scancode").chmod(stat.S_IRWXU)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('echo \'{"files": [{"detected_license_expression_spdx": "GPL-3.0-only"}]}\'', {"expression": "GPL-3.0-only", "problem": None}),
        ('echo \'{"files": [{"detected_license_expression_spdx": null}]}\'', {"expression": None, "problem": "scancode found no licence"}),
        ('echo \'{"files": [{"detected_license_expression_spdx": 7}]}\'', "no answer that can be read"),
        ("echo '{\"files\": []}'", "no answer that can be read"),
        ("echo nonsense", "no answer that can be read"),
        ("exit 9", "ended with 9"),
        ("exec sleep 60", "took more than"),
    ],
)
def test_scancode_stands_beside(
    body: str, wanted: object, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "bin", body)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr("ledger._api.identifying._SCANCODE_SECONDS", 1)
    code, answer = ask(capsys, str(texts / "LICENSE"), "--scancode")
    (item,) = answer["result"]["results"]
    # Whatever it says, ours is what it was.
    assert (code, item["method"], item["ids"]) == (0, "exact", ["MIT"])
    if isinstance(wanted, str):
        assert item["scancode"]["expression"] is None and wanted in item["scancode"]["problem"]
    else:
        assert item["scancode"] == wanted


def test_scancode_is_not_asked_unless_it_is_said(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(tmp_path / "bin", f"touch {tmp_path}/asked")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    code, answer = ask(capsys, str(texts))
    assert code == 0 and not (tmp_path / "asked").exists()
    assert {item["scancode"] for item in answer["result"]["results"]} == {None}
    (tmp_path / "bin" / "scancode").unlink()
    code, answer = ask(capsys, str(texts), "--scancode")
    assert (code, answer["error"]["code"]) == (5, "LG0805")
