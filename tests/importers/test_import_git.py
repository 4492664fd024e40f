"""Git work trees: what git itself says of commit and tree, and REUSE's licences worked out by hand.

For the files of `importable.REUSE_FILES`, `reuse lint --json` of reuse 6.2.0 lists the same six files and licences as expected here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importable import REUSE_FILES, folder_files, git, repository, written

from ledger.api import Ledger, LedgerError, import_from
from ledger.importers.git import read
from ledger.importers.git_index import entries, tree_id
from ledger.importers.imported import Imported, Options
from ledger.importers.reuse import Reuse
from ledger.importers.sources import MemoryFiles


def taken(folder: Path, **how: str) -> Imported:
    return read(MemoryFiles(folder_files(folder)), Options("work", **how))


def facts(found: Imported, field: str) -> list[object]:
    return [fact.value for fact in found.artifacts[0].facts if fact.field == field]


def licensed(files: dict[str, bytes]) -> dict[str, list[str]]:
    reuse = Reuse(MemoryFiles(files), sorted(files), [])
    return {path: [text for text, _ in reuse.of(path).licenses] for path in reuse.asked()}


def test_a_repository_is_recorded_with_commit_and_remote(empty: Ledger, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    written({"untracked.txt": b"x", "data/untracked.txt": b"x"}, folder)
    commit = git(folder, "rev-parse", "HEAD")
    report = import_from(empty, "git", folder)
    [item] = report.recorded
    assert (item.kind, item.name, item.version) == ("code", "birds", commit)
    manifest = empty.show(item.id)["predicate"]
    assert manifest["artifact"]["files"] == len(REUSE_FILES)
    assert manifest["sources"] == [{"revision": commit, "uri": "https://example.org/birds.git"}]
    assert "secret" not in str(manifest)
    [claim] = [row for row in report.claims if row["field"] == "license"]
    assert claim["value"]["normalized"] == "Apache-2.0 AND CC-BY-4.0 AND MIT"
    [bare] = [row for row in report.unresolved if "no tag" in row["reason"]]
    assert bare["what"] == "`bare.txt`"
    [other] = [row for row in report.unresolved if "not tracked" in row["reason"]]
    assert other["what"] == "`data/untracked.txt`, `untracked.txt`"
    size = empty.size
    again = import_from(empty, "git", folder)
    assert all(one.existing for one in again.recorded) and empty.size == size


@pytest.mark.parametrize("version", ["2", "4"])
def test_the_swhids_are_git_s_own_ids(tmp_path: Path, version: str) -> None:
    folder = repository(tmp_path / "work")
    written({"deep/er/file with spaces": b"1", "deep.txt": b"2", "deep-er": b"3", "run.sh": b"#!/bin/sh\n", "é/ü": b"4"}, folder)
    (folder / "run.sh").chmod(0o755)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "second")
    git(folder, "update-index", "--index-version", version)
    found = taken(folder)
    assert facts(found, "swhid.revision") == ["swh:1:rev:" + git(folder, "rev-parse", "HEAD")]
    assert facts(found, "swhid.directory") == ["swh:1:dir:" + git(folder, "rev-parse", "HEAD^{tree}")]


def test_a_changed_file_has_no_directory_id(tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    written({"train.py": b"print(2)\n"}, folder)
    found = taken(folder)
    assert facts(found, "swhid.directory") == [] and len(facts(found, "swhid.revision")) == 1
    assert any("not as it was added" in item.reason for item in found.unresolved)
    (folder / "train.py").unlink()
    assert any("tracked, and not here" in item.reason for item in taken(folder).unresolved)


def test_a_link_and_a_missing_index(tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    (folder / "link").symlink_to("train.py")
    git(folder, "add", "link")
    assert any("is a link" in item.reason for item in taken(folder).unresolved)
    files = {path: data for path, data in folder_files(folder).items() if path != ".git/index"}
    found = read(MemoryFiles(files), Options("work"))
    assert facts(found, "swhid.directory") == []
    assert any("which files are tracked cannot be told" in item.reason for item in found.unresolved)


def test_another_revision_than_head_is_a_contradiction(tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    head = git(folder, "rev-parse", "HEAD")
    assert taken(folder, revision=head[:10]).contradictions == ()
    assert [item.rule for item in taken(folder, revision="0" * 40).contradictions] == ["revision-conflict"]


@pytest.mark.parametrize("files", [{"a.txt": b"x"}, {".git": b"gitdir: /elsewhere", "a.txt": b"x"}, {".git/HEAD": b"0" * 40}])
def test_what_is_no_work_tree(files: dict[str, bytes]) -> None:
    with pytest.raises(LedgerError) as caught:
        read(MemoryFiles(files), Options("work"))
    assert caught.value.code == "LG1502"


def test_licences_of_files_by_hand() -> None:
    assert licensed(REUSE_FILES) == {
        "bare.txt": [],
        "data/birds.csv": ["CC-BY-4.0"],
        "photo.jpg": ["CC-BY-4.0"],
        "style.css": ["MIT"],
        "train.py": ["MIT"],
        "weights.bin": ["Apache-2.0"],
    }


TAG = b"SPDX-License-Identifier: MIT\n"


@pytest.mark.parametrize(
    ("precedence", "own", "expected"),
    [
        ("closest", b"", []),
        ("closest", TAG, ["MIT"]),
        ("closest", b"x", ["Zlib"]),
        ("aggregate", TAG, ["MIT", "Zlib"]),
        ("aggregate", b"x", ["Zlib"]),
        ("override", TAG, ["Zlib"]),
    ],
)
def test_precedences(precedence: str, own: bytes, expected: list[str]) -> None:
    toml = f'version = 1\n[[annotations]]\npath = "*.py"\nprecedence = "{precedence}"\nSPDX-License-Identifier = "Zlib"\n'
    found = licensed({"REUSE.toml": toml.encode(), "a.py": own})
    assert found.get("a.py", []) == expected


def test_nested_files_the_last_annotation_and_patterns() -> None:
    def toml(*rows: tuple[str, str, str]) -> bytes:
        text = "".join(
            f"[[annotations]]\npath = '{path}'\nprecedence = '{how}'\nSPDX-License-Identifier = '{id}'\n" for path, how, id in rows
        )
        return f"version = 1\n{text}".encode()

    outer = toml(
        ("**", "closest", "MIT"), ("data/*", "closest", "Zlib"), ("data/over/**", "override", "0BSD"), (r"data/a\*b", "closest", "ISC")
    )
    inner = toml(("*.csv", "closest", "CC0-1.0"))
    files = {"REUSE.toml": outer, "data/REUSE.toml": inner, "x": b"1", "data/y": b"1", "data/z.csv": b"1", "data/d/e": b"1"}
    files |= {"data/over/REUSE.toml": toml(("**", "override", "BSL-1.0")), "data/over/f": b"1", "data/a*b": b"1", "data/axb": b"1"}
    assert licensed(files) == {
        "x": ["MIT"],
        "data/y": ["Zlib"],
        "data/z.csv": ["CC0-1.0"],
        "data/d/e": ["MIT"],
        "data/over/f": ["0BSD"],
        "data/a*b": ["ISC"],
        "data/axb": ["Zlib"],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!-- SPDX-License-Identifier: MIT -->", ["MIT"]),
        ("/* SPDX-License-Identifier: MIT */", ["MIT"]),
        ("// SPDX-License-Identifier: MIT OR Apache-2.0", ["MIT OR Apache-2.0"]),
        ("# SPDX-License-Identifier: MIT\r\n# SPDX-License-Identifier: Zlib\r\n", ["MIT", "Zlib"]),
        ('license = "SPDX-License-Identifier: MIT"', ["MIT"]),
        ("REUSE-IgnoreStart\nSPDX-License-Identifier: MIT\nREUSE-IgnoreEnd\nSPDX-License-Identifier: Zlib", ["Zlib"]),
        ("REUSE-IgnoreStart\nSPDX-License-Identifier: MIT\n", []),
        ("SPDX-License-Identifier:", []),
        ("\0SPDX-License-Identifier: MIT", []),
        (" " * 65536 + "SPDX-License-Identifier: MIT", []),
    ],
)
def test_tags_as_people_write_them(text: str, expected: list[str]) -> None:
    assert licensed({"a": text.encode()}) == {"a": expected}


@pytest.mark.parametrize("toml", [b"version = 2\n", b"version = true\n", b"= 1", b"\xff", b"version = 1\nannotations = 3\n", b"[" * 10_000])
def test_a_broken_reuse_toml_is_reported(toml: bytes, tmp_path: Path) -> None:
    folder = repository(tmp_path / "work")
    written({"REUSE.toml": toml}, folder)
    assert any(item.at.file == "REUSE.toml" for item in taken(folder).unresolved)


def test_a_licence_that_is_none_keeps_the_whole_from_asserting() -> None:
    index = {".git/HEAD": b"0" * 40, "a.py": TAG, "b.py": b"SPDX-License-Identifier: Made Up Licence\n"}
    found = read(MemoryFiles(index), Options("work"))
    [claim] = found.artifacts[0].licenses
    assert claim.normalized == "NOASSERTION" and claim.text == "MIT AND (Made Up Licence)"
    assert any(item.what == "Made Up Licence" for item in found.unresolved)


def test_a_damaged_index_has_its_code(tmp_path: Path) -> None:
    data = folder_files(repository(tmp_path / "work"))[".git/index"]
    for wrong in (data[:-1], data[:40], b"", b"DIRC", data[:4] + b"\0\0\0\x09" + data[8:], data[:8] + b"\xff" * 4 + data[12:]):
        with pytest.raises(LedgerError) as caught:
            entries(wrong)
        assert caught.value.code == "LG1501"


@given(st.binary(max_size=400), st.sampled_from([2, 3, 4]), st.integers(0, 5))
def test_any_bytes_in_an_index(body: bytes, version: int, count: int) -> None:
    data = b"DIRC" + version.to_bytes(4, "big") + count.to_bytes(4, "big") + body
    try:
        found = entries(data + hashlib.sha1(data).digest())
    except LedgerError as error:
        assert error.code == "LG1501"
    else:
        tree_id(found)
