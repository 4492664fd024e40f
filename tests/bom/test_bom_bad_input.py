"""Files that are no documents: each ends in an error with its code, in bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from bom.bom_making import cdx, checked, failing

from ledger.api import check_file
from ledger.bom import check_document
from ledger.bom.reading import MAX_VALUES
from ledger.errors import LedgerError

MINIMAL = b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":1}'
NOT_JSON: dict[str, bytes] = {
    "nothing": b"",
    "text": b"a bill of materials",
    "half of it": MINIMAL[:30],
    "two documents": MINIMAL + MINIMAL,
    "a byte order mark": b"\xef\xbb\xbf" + MINIMAL,
    "UTF-16": MINIMAL.decode().encode("utf-16"),
    "Latin-1": b'{"bomFormat":"CycloneDX","specVersion":"1.6","x":"\xe9"}',
    "a key twice": b'{"bomFormat":"CycloneDX","specVersion":"1.6","specVersion":"1.4"}',
    "a key twice below": b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"data","type":"library","name":"x"}]}',
    "a huge integer": b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":' + b"9" * 100_000 + b"}",
    "an integer beyond 2^53": b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":9007199254740993}',
    "an infinity": b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":1e999}',
    "NaN": b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":NaN}',
    "a lone surrogate": b'{"bomFormat":"CycloneDX","specVersion":"1.6","x":"\\ud800"}',
    "a lone surrogate as a key": b'{"bomFormat":"CycloneDX","specVersion":"1.6","\\udfff":1}',
    "random bytes": bytes(range(256)),
}


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_strict_json_is_refused(name: str) -> None:
    with pytest.raises(LedgerError, match=r"^a document ") as error:
        check_document(NOT_JSON[name], what="a document")
    assert error.value.code == "LG1702"
    assert len(error.value.message) < 300


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>', "seems to be XML"),
        (b"\nSPDXVersion: SPDX-2.3\n", "seems to be SPDX 2 as tag-value"),
        (b"SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\n", "seems to be SPDX 2 as YAML"),
    ],
)
def test_another_syntax_is_told_apart(data: bytes, words: str) -> None:
    with pytest.raises(LedgerError, match=words) as error:
        check_document(data, what="it")
    assert error.value.code == "LG1703"


@pytest.mark.parametrize("depth", [65, 1000, 100_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused(depth: int, pair: tuple[str, str]) -> None:
    deep = pair[0] * depth + "1" + pair[1] * depth
    data = '{"bomFormat":"CycloneDX","specVersion":"1.6","x":' + deep + "}"
    with pytest.raises(LedgerError) as error:
        check_document(data.encode(), what="it")
    assert error.value.code == "LG1701"
    # Cut in the middle it is still too deep, and nothing recurses.
    with pytest.raises(LedgerError) as error:
        check_document(data.encode()[: depth * len(pair[0])], what="it")
    assert error.value.code in ("LG1701", "LG1702")


def test_as_deep_as_is_allowed_is_checked() -> None:
    value: Any = "x"
    for _ in range(62):
        value = [value]
    assert failing(checked({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": value})) == {"S1"}


def test_more_values_than_memory_should_hold_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(LedgerError, match="values") as error:
        check_document(b"[" + b"{}," * MAX_VALUES + b"{}]", what="it")
    assert error.value.code == "LG1701"


def test_a_file_of_300_mib_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "sparse.json"
    with path.open("wb") as file:
        file.truncate(300 << 20)
    # Of an address space that such a file would not fit into twice.
    code = (
        "import resource, sys; from ledger.api import check_file, LedgerError\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2)\n"
        "try:\n    check_file(sys.argv[1])\nexcept LedgerError as error:\n    print(error.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "LG1701", done.stderr


def test_a_pipe_is_read_to_the_limit_and_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger._api.checking.MAX_BYTES", 1000)
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb") as file:
            file.write(MINIMAL if small else b" " * 2000)

    for small in (True, False):
        thread = threading.Thread(target=write)
        thread.start()
        if small:
            assert check_file(path).version == "1.6"
        else:
            with pytest.raises(LedgerError) as error:
                check_file(path)
            assert error.value.code == "LG1701"
        thread.join()


@pytest.mark.parametrize("name", ["nothing.json", "", "a\0b"])
def test_a_file_that_cannot_be_read_says_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as error:
        check_file(f"{tmp_path}/{name}")
    assert error.value.code == "LG1709"


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-20", "2026-11-20T12:00:00+01:00", "2026-13-20T12:00:00Z"])
def test_a_signing_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(LedgerError) as error:
        check_document(MINIMAL, what="it", at=at)
    assert error.value.code == "LG1707"


def test_reasons_repeat_little_of_a_document_and_nothing_that_moves_a_cursor() -> None:
    document = cdx()
    document["components"][0]["purl"] = "pkg:generic/\x1b[2J\u202e" + "x" * 100_000
    document["components"][0]["hashes"] = [{"alg": "\x1b]0;" + "y" * 100_000, "content": "z" * 100_000}]
    document["dependencies"].append({"ref": "\r\n" + "n" * 100_000, "k" * 100_000: 1})
    report = checked(document)
    assert failing(report) == {"S1", "C2", "C4", "C5"}
    for item in report.results:
        for text in (item.reason, *(place.why for place in item.places)):
            assert len(text) < 400
            assert text.isprintable(), text


def test_many_errors_are_counted_up_to_a_bound() -> None:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [{"name": "x"}] * 5000}
    found = checked(document).result("S1")
    assert (found.count, len(found.places)) == (1000, 20)
    assert "at least" in found.reason


@pytest.mark.parametrize(
    "components",
    [[{}] * 900_000, [{"type": "file", "name": "x", "components": [{}] * 900_000}], [[{}] * 900_000], {"a": [{}] * 900_000}],
    ids=["items", "below an item", "a list in the list", "no list"],
)
def test_millions_of_errors_are_not_held_in_memory(components: Any, tmp_path: Path) -> None:
    # An error of the schema takes two kilobytes, and all of a value's errors come at once.
    path = tmp_path / "bom.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}))
    code = (
        "import resource, sys; from ledger.api import check_file\n"
        "report = check_file(sys.argv[1])\n"
        "print(report.result('S1').result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=120, check=True)
    result, mebibytes = done.stdout.split()
    assert result == "does-not-hold"
    assert int(mebibytes) < 800


def test_errors_stand_where_they_are_in_a_long_list() -> None:
    components = [{"type": "file", "name": str(number)} for number in range(9000)]
    components[8765] = {"type": "file"}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    found = checked(document).result("S1")
    assert [(place.pointer, place.why) for place in found.places] == [("/components/8765", '"name" is a required property')]
    # The same twice is only wrong for the list as a whole.
    document["components"] = [{"type": "file", "name": "x"}] * 2
    assert [place.pointer for place in checked(document).result("S1").places] == ["/components"]


def test_shapes_that_no_schema_allows_never_hold() -> None:
    for key in ("components", "dependencies", "metadata", "compositions", "formulation", "declarations", "citations"):
        for value in (7, "x", [None], [[["x"]]], {"a": {"b": []}}):
            document = json.loads(MINIMAL) | {"specVersion": "1.7", key: value}
            assert "S1" in failing(checked(document)), (key, value)
